"""How much characters care for what is talked of, by embeddings, where a real embedding model is at hand.

Sheets are embedded in the background, once for each version; what is talked of is embedded when somebody asks, and
only for as long as one may be kept waiting. Without such a model, or until it is ready, words decide alone.
"""

from collections.abc import Mapping, Sequence
from operator import mul

import structlog
from cachetools import LRUCache

from greenroom.clock import Clock
from greenroom.errors import GreenroomError
from greenroom.following import for_ever
from greenroom.journey import due_in
from greenroom.model import STAND_IN, Character, Message, Texts
from greenroom.ports import Llm

_WITHIN_S = 0.5
"""For so long a choice waits for an embedding; MiniLM takes some 5 ms once it is loaded."""
_LEFT_ALONE_S = 60.0
_LOOK_EVERY_S = 1.0
_SHEETS = 300
_LINES, _CHARACTERS = 3, 1000
_KEYWORDS = 12
_FAR, _NEAR = 0.2, 0.4
"""Cosines up to which a line has nothing to do with a topic, and from which it is all about it. With MiniLM 90 % of the
pairs of a line and a topic in casts/family-guy are below 0.2; where a word of the topic is said, the median is 0.28 to
0.43, by character (measured 2026-11-21)."""

log = structlog.get_logger(__name__)

Rows = tuple[tuple[float, ...], ...]


class Interests:
    """Rates what is talked of for each character. `unread` are the sheets that wait to be embedded."""

    def __init__(self, llm: Llm, clock: Clock) -> None:
        self._llm = llm
        self._clock = clock
        self._read: LRUCache[tuple[str, str, str], Rows] = LRUCache(_SHEETS)
        self.unread: LRUCache[tuple[str, str], Character] = LRUCache(_SHEETS)
        self._model = ""
        self._leave_alone_until_s = 0.0

    async def of(self, history: Sequence[Message], cast: Mapping[str, Character]) -> dict[str, float]:
        """How much each cares, 0–1; nobody where embeddings cannot tell."""
        talk = " ".join(line.content for line in history[-_LINES:])[-_CHARACTERS:]
        if not talk.strip() or not cast or self._clock.monotonic_s() < self._leave_alone_until_s:
            return {}
        try:
            async with due_in(_WITHIN_S):
                rows = await self._embedded([talk])
        except GreenroomError as exc:
            self._leave_alone(exc.detail)
            return {}
        return {name: found for name, c in cast.items() if rows and (found := self._rated(rows[0], c)) is not None}

    async def keep_reading(self) -> None:
        """Embed the sheets that were asked for, one after another, for ever."""
        await for_ever(self._read_all, self._clock, "coordinator.interest")

    async def _read_all(self) -> float:
        while self.unread:
            await self.read_next()
        return _LOOK_EVERY_S

    async def read_next(self) -> None:
        """Embed the interests of one sheet that was asked for."""
        _, character = self.unread.popitem()
        topics = [f"{i.topic}: {', '.join(i.keywords[:_KEYWORDS])}" for i in character.sheet.interests]
        try:
            rows = await self._embedded(topics)
        except GreenroomError as exc:
            self._leave_alone(exc.detail)
        else:
            self._read[self._model, character.id, character.version] = rows

    async def _embedded(self, texts: Sequence[str]) -> Rows:
        found = await self._llm.embed(Texts(texts=tuple(texts), role="embedding"))
        self._model = found.model
        if found.model.startswith(f"{STAND_IN}/"):
            self._leave_alone("only the stand-in embeds")
            return ()
        return found.vectors

    def _rated(self, talk: tuple[float, ...], character: Character) -> float | None:
        rows = self._read.get((self._model, character.id, character.version))
        if rows is None and character.sheet.interests:
            self.unread[character.id, character.version] = character
        nearness = (sum(map(mul, talk, row)) for row in rows or ())
        rated = zip(character.sheet.interests, nearness, strict=False)
        return max((i.weight * _share(near) for i, near in rated), default=None)

    def _leave_alone(self, why: str) -> None:
        """Ask for no embeddings for a while."""
        log.debug("interest_by_words", why=why)
        self._leave_alone_until_s = self._clock.monotonic_s() + _LEFT_ALONE_S


def _share(nearness: float) -> float:
    return min(1.0, max(0.0, (nearness - _FAR) / (_NEAR - _FAR)))
