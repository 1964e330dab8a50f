"""How close a line comes in meaning to the character's lines, to those of the others, and to its sheet."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any

import structlog
from cachetools import LRUCache

from greenroom.clock import Clock
from greenroom.config import QualitySettings
from greenroom.errors import GreenroomError
from greenroom.following import for_ever
from greenroom.journey import due_in
from greenroom.model import STAND_IN, Texts
from greenroom.ports import Llm
from greenroom.quality.component import Features
from greenroom.quality.draft import Draft
from greenroom.quality.profile import Profile
from greenroom.text import sentences

SHEET_LINES, SHEET_SENTENCES, HISTORY_LINES = 40, 20, 4
MOST_CHARS = 300
"""Of a text; somebody waits for each of its tokens. Source: measured 2026-11-21; twelve lines in full told own lines
from others no better (AUC 0.751, with these limits 0.749).
"""
KEPT_VECTORS = 8_000
CLOSEST = 3
WHILE_AWAY_S = 60.0
"""For how long nobody is asked again where no model embeds."""
_SHEETS_AT_ONCE = 4

log = structlog.get_logger(__name__)


class Closeness:
    """Features of meaning, from the embedding model. A sheet is embedded once, off the path of those who wait.

    Nothing is said where there is no such model: the stand-in counts words, which other features do better.
    """

    def __init__(self, llm: Llm, settings: QualitySettings, clock: Clock) -> None:
        self._llm = llm
        self._settings = settings
        self._clock = clock
        self._vectors: LRUCache[bytes, Any] = LRUCache(KEPT_VECTORS)
        self._sheets: asyncio.Queue[tuple[str, ...]] = asyncio.Queue(_SHEETS_AT_ONCE)
        self._away_until_s = 0.0

    async def read_sheets_for_ever(self) -> None:
        """Embed the sheets that were asked for, one after the other."""
        await for_ever(self._read_a_sheet, self._clock, "quality.closeness")

    async def _read_a_sheet(self) -> None:
        texts = await self._sheets.get()
        try:
            await self._embed(texts)
        except Exception:
            self._away_until_s = self._clock.monotonic_s() + WHILE_AWAY_S
            raise

    async def features(self, draft: Draft, profile: Profile) -> Features:
        """The three features; none without a model, in haste, or while the sheet is not embedded yet."""
        if not self._settings.embeddings or not draft.text.strip() or not draft.lines:
            return {}
        if self._clock.monotonic_s() < self._away_until_s:
            return {}
        sheet = (*_lines(profile), *_about(profile))
        if self._unknown(sheet):
            if not self._sheets.full():
                self._sheets.put_nowait(sheet)
            return {}
        heard = draft.lines[-HISTORY_LINES:]
        try:
            async with due_in(self._settings.embed_within_s):
                await self._embed([draft.text, *(line.text for line in heard)])
        except GreenroomError as exc:
            log.debug("quality.not_embedded", error=type(exc).__name__)
            return {}
        if self._unknown([draft.text, *sheet]):
            return {}
        return self._compare(draft, profile)

    async def _embed(self, texts: Sequence[str]) -> None:
        missing = tuple(dict.fromkeys(text for text in texts if text.strip() and _key(text) not in self._vectors))
        if not missing:
            return
        found = await self._llm.embed(Texts(texts=tuple(text[:MOST_CHARS] for text in missing), role="embedding"))
        if found.model.startswith(f"{STAND_IN}/"):
            self._away_until_s = self._clock.monotonic_s() + WHILE_AWAY_S
            return
        import numpy as np  # not at the top: a tenth of a second to import, and only with a model

        for text, vector in zip(missing, found.vectors, strict=True):
            self._vectors[_key(text)] = np.asarray(vector, np.float32)

    def _unknown(self, texts: Sequence[str]) -> bool:
        return any(text.strip() and _key(text) not in self._vectors for text in texts)

    def _compare(self, draft: Draft, profile: Profile) -> Features:
        heard = draft.lines[-HISTORY_LINES:]
        near = [self._near(draft.text, line.text) for line in heard]
        mine = [self._near(draft.text, text) for text in _lines(profile)]
        mine += [close for close, line in zip(near, heard, strict=True) if line.own]
        theirs = [close for close, line in zip(near, heard, strict=True) if not line.own]
        return {
            "like_my_lines": _closest(mine) - _closest(theirs) if mine and theirs else 0.0,
            "like_my_sheet": max((self._near(draft.text, text) for text in _about(profile)), default=0.0),
            "near_the_last_line": near[-1] - sum(near) / len(near),
        }

    def _near(self, one: str, other: str) -> float:
        """Cosine; 0 for a text without words."""
        a, b = self._vectors.get(_key(one)), self._vectors.get(_key(other))
        return 0.0 if a is None or b is None else float(a @ b)


def _lines(profile: Profile) -> tuple[str, ...]:
    return profile.lines[:SHEET_LINES]


def _about(profile: Profile) -> tuple[str, ...]:
    return tuple(sentences(profile.secret)[:SHEET_SENTENCES])


def _closest(values: list[float]) -> float:
    best = sorted(values)[-CLOSEST:]
    return sum(best) / len(best)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
