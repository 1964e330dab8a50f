"""Those of the cast who take part in a conversation: a line is compared with theirs."""

import asyncio

from cachetools import TTLCache

from greenroom.clock import Clock
from greenroom.errors import GreenroomError
from greenroom.model import Character, CharacterRef, Traits
from greenroom.ports import Characters
from greenroom.quality.draft import Draft
from greenroom.quality.profile import Profile, Profiles

KEPT_S = 30.0
KEPT, MOST = 64, 6


class Company:
    """Sheets of the others, asked for once in half a minute."""

    def __init__(self, characters: Characters, profiles: Profiles, clock: Clock) -> None:
        self._characters = characters
        self._profiles = profiles
        self._kept: TTLCache[str, Character | None] = TTLCache(KEPT, KEPT_S, timer=clock.monotonic_s)

    async def present(self, draft: Draft, traits: Traits) -> tuple[Profile, ...]:
        """The profiles of those others of the cast who have spoken lately, six at the most."""
        cast = {name.casefold() for name in traits.others}
        spoke = dict.fromkeys(line.author for line in reversed(draft.other_lines) if line.author.casefold() in cast)
        found = await asyncio.gather(*(self._sheet(name) for name in list(spoke)[:MOST]))
        others = {sheet.id: sheet for sheet in found if sheet and sheet.id != draft.character.id}
        return tuple(self._profiles.of(sheet) for sheet in others.values())

    async def _sheet(self, name: str) -> Character | None:
        """A sheet; None when there is none any more, or it cannot be had: a verdict does without."""
        if name not in self._kept:
            try:
                self._kept[name] = await self._characters.get(CharacterRef(character=name))
            except GreenroomError:
                self._kept[name] = None
        return self._kept.get(name)
