"""Answers for prompts that ask in other words what was asked before: which ones, and what is learnt from them."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

import numpy as np
import structlog
from cachetools import LRUCache

from greenroom.clock import Clock
from greenroom.config import CacheSettings
from greenroom.errors import GreenroomError
from greenroom.llm.similar.chance import chance_of_wrong
from greenroom.llm.similar.check import same_answer
from greenroom.llm.similar.experience import Experience
from greenroom.llm.similar.guards import compared
from greenroom.llm.similar.index import Indexed, PromptIndex, prepare
from greenroom.llm.similar.ledger import Ledger, Pair
from greenroom.llm.similar.prompt import Request, last_words, partition_of
from greenroom.llm.similar.reading import Reading
from greenroom.model import ModelCard, SimilarStats, Texts
from greenroom.ports import Llm

_EMBEDDING_S = 2.0
"""Who waits longer than this for a vector is answered by the model instead."""
_PAIRS = 20_000
_CLOCKS_APART = timedelta(minutes=1)
"""By how much the clocks of two machines with one database may differ."""
_CHECKS = 16
"""Checks that may wait or run. There is one at a time, so that they do not get in people's way."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Match:
    """A kept answer that will do: by its key, how similar the prompts are, and the chance of its being wrong."""

    key: str
    text: str
    similarity: float
    chance: float


class SimilarPrompts:
    """An index of prompts, guards, and experience. It finds keys; the answers themselves are the caller's.

    `llm` embeds, and is asked where the settings want checks; `draw` gives random numbers from 0 to 1. Enter it before
    use, with the database open.
    """

    def __init__(
        self,
        llm: Llm,
        settings: CacheSettings,
        ledger: Ledger,
        clock: Clock,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._llm, self._settings, self._ledger, self._clock, self._draw = llm, settings, ledger, clock, draw
        self._index = PromptIndex(settings.similar_entries)
        self._experience: dict[str, Experience] = {}
        self._pairs: LRUCache[tuple[str, str], Pair] = LRUCache(_PAIRS)
        self._served: LRUCache[str, Pair] = LRUCache(_PAIRS)
        self._checks: set[asyncio.Task[None]] = set()
        self._checking = asyncio.Semaphore(1)
        self._objections: Counter[str] = Counter()
        self._looked = 0
        self._ready = False
        self._known_until = clock.now()
        self._is_behind = False

    async def __aenter__(self) -> Self:
        """Read what is known, and be ready before the first who asks, where it is likely that somebody will."""
        await self._ledger.__aenter__()
        self._known_until = self._clock.now()
        for pair in await self._ledger.pairs():
            self._count(pair)
        since = self._clock.now() - timedelta(seconds=self._settings.sqlite_s)
        prompts = await self._ledger.prompts(self._settings.similar_entries, since)
        if prompts or self._settings.similar:
            await self._prepare()
        for prompt in prompts:
            self._index.add(prompt)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Give up the checks, and write down what is known."""
        for check in self._checks:
            check.cancel()
        await self.checked()
        await self._ledger.__aexit__(*exc_info)

    def wants(self, request: Request) -> bool:
        """Whether the answer to a similar prompt will do: as the request says, or the settings, not for a character."""
        if request.similar is not None:
            return request.similar
        return self._settings.similar and request.character is None

    async def read(self, request: Request, key: str, card: ModelCard) -> Indexed | None:
        """What a prompt is compared by; None where it is not of that kind, or cannot be embedded in time."""
        text = last_words(request)
        if text is None:
            return None
        await self._prepare()
        try:
            await self._catch_up()
            async with asyncio.timeout(_EMBEDDING_S):
                found = await self._llm.embed(Texts(texts=(text,), model=self._settings.similar_model))
        except (GreenroomError, TimeoutError) as exc:
            _log.info("prompt_not_embedded", reason=str(exc) or "it took too long")
            return None
        vector = np.array(found.vectors[0], dtype=np.float32)
        return Indexed(key, partition_of(request, card), found.model, text, vector)

    def matches(self, asked: Indexed, model: str) -> Iterator[Match]:
        """The kept answers that will do, the most similar first. The first that is still there is to be served."""
        self._looked += 1
        reading = Reading(asked.text)
        most = self._settings.similar_candidates
        for similarity, kept in self._index.nearest(asked.embedder, asked.partition, asked.vector, most):
            if kept.key == asked.key or self._is_known_to_be_wrong(asked.key, kept.key):
                continue
            comparison = compared(reading, Reading(kept.text))
            if comparison.objects:
                self._objections[comparison.guard] += 1
                continue
            chance = chance_of_wrong(comparison.likeness, similarity, asked.embedder)
            match = Match(kept.key, kept.text, similarity, chance)
            if self._of(asked.embedder).estimate(chance) <= self._settings.similar_wrong_hits:
                yield match
            else:
                self._check_some(asked, match, model)

    def note_served(self, asked: Indexed, match: Match, model: str) -> None:
        """Learn that an answer was served."""
        self._index.used(match.key)
        self._note(replace(self._pair(asked, match), served=self._pair(asked, match).served + 1))
        self._check_some(asked, match, model)

    def keep(self, asked: Indexed) -> None:
        """Compare others with this prompt from now on: its answer is kept."""
        gone = self._index.add(asked)
        self._ledger.keep(asked)
        if gone:
            self._ledger.forget(gone)

    def forget(self, key: str) -> None:
        """Compare no others with a prompt: its answer is lost."""
        if self._index.remove(key):
            self._ledger.forget([key])

    def forget_all(self, prefix: str, but: str | None = None) -> None:
        """The same for all keys that begin with `prefix`, and not with `but`."""
        spared = (but,) if but is not None else ()
        keys = [p.key for p in self._index if p.key.startswith(prefix) and not p.key.startswith(spared)]
        for key in keys:
            self._index.remove(key)
        if keys:
            self._ledger.forget(keys)

    async def origin(self, key: str) -> str | None:
        """The key of the answer that was served for a prompt, by that prompt's own key. Raises: as `report`."""
        pair = await self._served_for(key)
        return pair.kept if pair else None

    def text(self, key: str) -> str | None:
        """The prompt that an answer was given for, where it is in the index."""
        prompt = self._index.get(key)
        return prompt.text if prompt else None

    async def report(self, key: str) -> bool:
        """Learn that the answer served for a prompt was wrong; whether one was. It is not served for it again.

        Raises: Unavailable, StorageFailed, where this process served none and cannot look whether another one did.
        """
        pair = await self._served_for(key)
        if pair is None:
            return False
        if pair.right is not False:
            self._note(replace(pair, right=False, reported=True))
        return True

    def doubt(self) -> None:
        """Look, before the next answer, what other processes have learnt of wrong ones."""
        self._is_behind = True

    async def written(self) -> None:
        """Wait until other processes can read what was learnt; not for long."""
        await self._ledger.written()

    async def checked(self) -> None:
        """Wait for the checks that are under way."""
        if self._checks:
            await asyncio.wait(self._checks)

    def stats(self) -> tuple[SimilarStats, ...]:
        """How it does, for each embedder that there is experience or an index of."""
        entries = Counter(prompt.embedder for prompt in self._index)
        return tuple(
            self._of(embedder).stats(embedder, entries[embedder], self._settings.similar_wrong_hits)
            for embedder in sorted({*entries, *self._experience})
        )

    def figures(self) -> dict[str, float]:
        """For metrics: how many prompts there are, how often they were looked through, and which guard objected."""
        objections = {f"similar_objections_{guard}_total": float(n) for guard, n in self._objections.items()}
        served = sum(experience.served for experience in self._experience.values())
        return {
            "similar_prompts": float(len(self._index)),
            "similar_looked_total": float(self._looked),
            "similar_served_total": float(served),
            **objections,
        }

    async def _served_for(self, key: str) -> Pair | None:
        """The answer that was served for a prompt, by this process or another."""
        return self._served.get(key) or await self._ledger.served(key)

    async def _catch_up(self) -> None:
        """Learn of other processes' wrong answers. Raises: GreenroomError; then there is still something to learn."""
        if not self._is_behind:
            return
        until = self._clock.now()
        for pair in await self._ledger.wrong(self._known_until - _CLOCKS_APART):
            known = self._pairs.get((pair.asked, pair.kept))
            if known is None or known.right is not False:
                self._count(replace(pair, served=max(pair.served, known.served if known else 0)), known)
        self._known_until, self._is_behind = until, False

    async def _prepare(self) -> None:
        if not self._ready:
            await asyncio.to_thread(prepare)
            self._ready = True

    def _of(self, embedder: str) -> Experience:
        return self._experience.setdefault(embedder, Experience())

    def _pair(self, asked: Indexed, match: Match) -> Pair:
        known = self._pairs.get((asked.key, match.key))
        return known or Pair(asked.key, match.key, asked.embedder, match.chance)

    def _is_known_to_be_wrong(self, asked: str, kept: str) -> bool:
        """A pair that is wrong one way round is wrong the other way round."""
        pairs = (self._pairs.get((asked, kept)), self._pairs.get((kept, asked)))
        return any(pair is not None and pair.right is False for pair in pairs)

    def _note(self, pair: Pair) -> None:
        before = self._pairs.get((pair.asked, pair.kept))
        self._count(pair, before)
        self._ledger.note(pair)

    def _count(self, pair: Pair, before: Pair | None = None) -> None:
        self._pairs[pair.asked, pair.kept] = pair
        if pair.served:
            self._served[pair.asked] = pair
        self._of(pair.embedder).count(pair, before)

    def _check_some(self, asked: Indexed, match: Match, model: str) -> None:
        known = self._pairs.get((asked.key, match.key))
        if (known and known.right is not None) or len(self._checks) >= _CHECKS:
            return
        if self._draw() < self._settings.similar_checks:
            check = asyncio.create_task(self._check(asked, match, model), name="a similar answer is checked")
            self._checks.add(check)
            check.add_done_callback(self._checks.discard)

    async def _check(self, asked: Indexed, match: Match, model: str) -> None:
        async with self._checking:
            try:
                right = await same_answer(self._llm, model, asked.text, match.text)
            except GreenroomError as exc:
                _log.info("similar_answer_not_checked", reason=exc.detail)
                return
        if right is not None:
            self._note(replace(self._pair(asked, match), right=right))
