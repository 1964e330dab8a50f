"""Answers that are given once: the same port, with a cache in front, and one call for all who ask the same at once."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, Self, TypeVar

import structlog
from cachetools import LRUCache

from greenroom.config import CacheSettings
from greenroom.errors import GreenroomError
from greenroom.llm.cache.call import SharedCall
from greenroom.llm.cache.entry import Unpackable, is_complete, packed
from greenroom.llm.cache.kept import KeptAnswers
from greenroom.llm.cache.key import ALL, answer_key, digest_of, prefix_of, prefix_of_name
from greenroom.llm.cache.tiers import Tiers
from greenroom.llm.fold import Fold
from greenroom.llm.similar.index import Indexed
from greenroom.llm.similar.prompts import SimilarPrompts
from greenroom.model import (
    AnswerSource,
    ChatRequest,
    Chunk,
    GenerateRequest,
    ModelCard,
    Options,
    SimilarStats,
    Stream,
)
from greenroom.ports import Llm
from greenroom.storage.recalls import Recalls

R = TypeVar("R", ChatRequest, GenerateRequest)
Request = ChatRequest | GenerateRequest

_CallKey = tuple[str, bool, bool]

_CALL_BYTES = 64_000_000
_MODELS = 1000

_log = structlog.get_logger()


class Answering(Llm, Protocol):
    """An `Llm` that can say beforehand what a request means."""

    async def meant(self, request: R, /) -> tuple[ModelCard, R]:
        """The model that will answer, and the request with that model's full name and complete options.

        Raises: UnknownModel; NoUpstream.
        """
        ...

    async def digest(self, model: str, /) -> str:
        """The digest that a model has now, by its full name; empty when it is not known."""
        ...


class CachedAnswers(Fold):
    """An `Llm` that asks its inner one only for what is not kept, and once for all who ask the same at the same time.

    What is kept: answers that come out the same each time (temperature 0, or a seed), and others on request or by the
    setting; if they are complete. Answers that are not kept are shared all the same while they are being given. Enter
    it before use; the calls under way are its own, and end with it.
    """

    _llm: Answering

    def __init__(
        self,
        llm: Answering,
        tiers: Tiers,
        settings: CacheSettings,
        forgotten: Callable[[], None] = lambda: None,
        similar: SimilarPrompts | None = None,
        recalls: Recalls | None = None,
    ) -> None:
        super().__init__(llm)
        self._tiers, self._settings = tiers, settings
        self._forgotten, self._similar = forgotten, similar
        self.kept = KeptAnswers(tiers, similar, recalls or Recalls(), forgotten)
        self._calls: dict[_CallKey, _Call] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._sharing: set[SharedCall] = set()
        self._digests: LRUCache[str, str] = LRUCache(_MODELS)
        self.misses = self.coalesced = self.stored = self.stored_bytes = 0

    async def __aenter__(self) -> Self:
        self.kept.begin()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """End the calls that are under way, and keep the answers that are complete."""
        for shared in self._sharing:
            shared.stop()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def chat(self, request: ChatRequest, /) -> Stream[Chunk]:
        """Continue a conversation."""
        return self._answer(request, self._llm.chat)

    def generate(self, request: GenerateRequest, /) -> Stream[Chunk]:
        """Complete a prompt."""
        return self._answer(request, self._llm.generate)

    async def clear(self, model: str = "") -> None:
        """Forget the answers of a model, or all; those that are being given now are not kept."""
        prefix = prefix_of_name(await self._full_name(model)) if model.strip() else ALL
        await self.kept.clear(prefix)

    def similar(self) -> tuple[SimilarStats, ...]:
        """How answers to similar prompts do."""
        return self._similar.stats() if self._similar else ()

    def forget_digests(self) -> None:
        """Look for answers of models that have changed since, as at the start: older ones may have come back."""
        self._digests.clear()
        self.kept.replaced()

    def figures(self) -> dict[str, float]:
        """How often an answer was found, and where; not found; shared; kept. For metrics."""
        found = {f"cache_hits_{tier.name}_total": float(tier.hits) for tier in self._tiers.all}
        return found | {
            "cache_misses_total": float(self.misses),
            "cache_coalesced_total": float(self.coalesced),
            "cache_stored_total": float(self.stored),
            "cache_stored_bytes_total": float(self.stored_bytes),
            "cache_damaged_total": float(sum(tier.damaged for tier in self._tiers.all)),
        }

    async def _answer(self, request: R, ask: Callable[[R], Stream[Chunk]]) -> Stream[Chunk]:
        if request.use_cache is False or _only_loads(request):
            async with aclosing(ask(request)) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        card, request = await self._llm.meant(request)
        self._notice(card)
        await self.kept.heed()
        key, reads = answer_key(request, card), self._wants(request) and request.cache_control != "no-cache"
        similar = reads and self._similar is not None and self._similar.wants(request)
        call = self._calls.get((key, reads, similar)) if request.cache_control != "no-cache" else None
        joins = call is not None
        if call is None:
            if reads and (found := await self._tiers.find(key, self._tiers.all[:1])):
                for chunk in _from(found[1], key, found[0]):
                    yield chunk
                return
            call = self._begin(_Call(key, card, request, reads, similar, self.kept.mark), ask)
        call.keeps = call.keeps or self._writes(request)
        self.coalesced += joins
        del request, card, key  # thousands may share the call, and its question is enough for all of them
        async with aclosing(call.shared.read()) as chunks:
            async for chunk in chunks:
                first = joins and chunk is call.shared.chunks[0]
                yield chunk.model_copy(update={"cache": "coalesced"}) if first else chunk

    def _begin(self, call: "_Call", ask: Callable[[Any], Stream[Chunk]]) -> "_Call":
        call.shared = SharedCall(lambda _: self._give(call, ask), _CALL_BYTES)
        call.shared.left = partial(self._end, call)
        if call.request.cache_control != "no-cache":
            self._calls[call.id] = call
        self._sharing.add(call.shared)
        self._own(call.shared.begin(), lambda: self._sharing.discard(call.shared))
        return call

    async def _give(self, call: "_Call", ask: Callable[[Any], Stream[Chunk]]) -> Stream[Chunk]:
        """The answer from a slower tier, to a similar prompt, or from the model; then keep it."""
        try:
            if call.reads and (kept := await self._kept(call)):
                for chunk in kept:
                    yield chunk
                return
            self.misses += call.reads
            first = {"cache": "miss", "key": call.key} if call.reads else None
            async with aclosing(ask(call.request)) as chunks:
                async for chunk in chunks:
                    yield chunk.model_copy(update=first) if first else chunk
                    first = None
            await self._keep(call)
        finally:
            self._end(call)

    async def _kept(self, call: "_Call") -> list[Chunk] | None:
        if found := await self.kept.find(call.key, self._tiers.all[1:]):
            return _from(found[1], call.key, found[0])
        if not call.similar or self._similar is None:
            return None
        call.asked = await self._similar.read(call.request, call.key, call.card)
        return await self._kept_for_another(call, self._similar) if call.asked else None

    async def _kept_for_another(self, call: "_Call", similar: SimilarPrompts) -> list[Chunk] | None:
        """The answer to a similar prompt. Where it is lost from the tiers, the next one is looked at."""
        assert call.asked is not None
        for match in similar.matches(call.asked, call.card.full_name):
            if found := await self.kept.find(match.key, self._tiers.all):
                similar.note_served(call.asked, match, call.card.full_name)
                return _from("similar", call.key, found[0], match.similarity)
            similar.forget(match.key)
        return None

    async def _keep(self, call: "_Call") -> None:
        chunks = call.shared.chunks
        is_anothers = chunks[0].instead_of if chunks else ()
        if not call.keeps or is_anothers or not is_complete(call.request, chunks) or await self._has_changed(call.card):
            return
        try:
            content = packed(call.key, chunks)
        except Unpackable as exc:
            _log.info("answer_not_kept", reason=str(exc))
            return
        if len(content) > self._settings.entry_bytes or call.mark != self.kept.mark or not call.keeps:
            return
        self.stored, self.stored_bytes = self.stored + 1, self.stored_bytes + len(content)
        await self._tiers.keep(call.key, content, self._tiers.all[:1])
        if call.asked and self._similar:
            self._similar.keep(call.asked)
        self._end(call)  # whoever comes from now on finds it in memory, and need not wait for the slower tiers
        await self._tiers.keep(call.key, content, self._tiers.all[1:])
        if call.mark != self.kept.mark:
            await self.kept.forget(call.key)

    async def _has_changed(self, card: ModelCard) -> bool:
        """Whether the model became another one while it answered; then nobody knows which of the two it was."""
        try:
            return bool(card.digest) and await self._llm.digest(card.full_name) != card.digest
        except GreenroomError:
            return True

    def _end(self, call: "_Call") -> None:
        if self._calls.get(call.id) is call:
            del self._calls[call.id]

    def _wants(self, request: Request) -> bool:
        return bool(request.use_cache) or self._settings.sampled or _comes_out_the_same(request.options)

    def _writes(self, request: Request) -> bool:
        return self._wants(request) and request.cache_control != "no-store"

    def _notice(self, card: ModelCard) -> None:
        """Forget what a model answered while it was another one."""
        digest = digest_of(card)
        if self._digests.get(card.full_name) == digest:
            return
        self._digests[card.full_name] = digest
        self._forgotten()
        for call in self._calls.values():
            call.keeps = call.keeps and (call.card.full_name != card.full_name or digest_of(call.card) == digest)
        self._own(asyncio.create_task(self.kept.drop(prefix_of_name(card.full_name), prefix_of(card)), name="forgets"))

    async def _full_name(self, model: str) -> str:
        """The full name of a model; as it is written where no server has it now."""
        try:
            card, _ = await self._llm.meant(GenerateRequest(model=model, prompt="", role=None))
        except GreenroomError:
            return model
        return card.full_name

    def _own(self, task: asyncio.Task[Any], ended: Callable[[], None] = lambda: None) -> None:
        def forget(task: asyncio.Task[Any]) -> None:
            self._tasks.discard(task)
            ended()

        self._tasks.add(task)
        task.add_done_callback(forget)


@dataclass(eq=False)
class _Call:
    """A call under way. `similar` says whether the answer to a similar prompt will do, `asked` by what this one is
    compared, `keeps` whether one of its readers wants its answer to be kept; not after a recall later than `mark`."""

    key: str
    card: ModelCard
    request: Request
    reads: bool
    similar: bool
    mark: int
    asked: Indexed | None = None
    keeps: bool = False
    shared: SharedCall = field(init=False)

    @property
    def id(self) -> _CallKey:
        """Who may share it: those who ask the same, and would take an answer from the same places."""
        return self.key, self.reads, self.similar


def _from(source: AnswerSource, key: str, chunks: list[Chunk], similarity: float | None = None) -> list[Chunk]:
    """A kept answer; its first chunk says where it was found, and by which key it can be told of."""
    return [chunks[0].model_copy(update={"cache": source, "key": key, "similarity": similarity}), *chunks[1:]]


def _comes_out_the_same(options: Options) -> bool:
    return options.temperature == 0 or options.seed is not None


def _only_loads(request: Request) -> bool:
    return isinstance(request, GenerateRequest) and not request.prompt
