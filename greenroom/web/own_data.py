"""What a person can do about all that is kept of them: take it along, or have it forgotten."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from nicegui import ui

from greenroom.errors import TooLarge
from greenroom.model import EventsRequest, Nothing, PersonRef, Rating, RatingsRequest, SaidRequest
from greenroom.web.backstage import Backstage
from greenroom.web.look import box, button, text
from greenroom.web.notices import Notices
from greenroom.web.person import Person

_PAGE_TURNS = _PAGE_RATINGS = 1000
_MAX_TURNS = 20_000
"""More than one download should hold in memory; the API gives all, page by page."""


class OwnData:
    """Two buttons, and the question before the one that cannot be undone. `forgotten` is called when it was done."""

    def __init__(self, backstage: Backstage, person: Person, notices: Notices, forgotten: Callable[[], None]) -> None:
        self._backstage = backstage
        self._person = person
        self._notices = notices
        self._forgotten = forgotten
        button("Save all I said", notices.guarded(self._save), "g-quiet", "save-mine")
        button("Forget me", lambda: sure.open(), "g-quiet", "forget-me")
        with ui.dialog() as sure, box("g-sheet g-narrow", testid="forget-sure"), box("g-sheet-body"):
            text("Forget all that you said?", "g-strong")
            text(
                "Your lines, the answers to them, your thumbs, your name and what you wrote into a world by hand are "
                "deleted, in all rooms. This cannot be undone.",
                "g-dim",
            )
            with box("g-row"):
                button("Forget me", notices.guarded(self._forget), testid="forget-yes")
                button("Keep it all", sure.close, "g-quiet")
        self._sure = sure

    async def _save(self) -> None:
        """Send a file with all that this person said, what was answered, and what they thought of it."""
        said = {
            "person": {"id": self._person.id, "name": self._person.name},
            "turns": await self._turns(),
            "ratings": [rating.model_dump(mode="json") for rating in await self._ratings()],
            "done_to_worlds_by_hand": [one async for one in self._by_hand()],
        }
        content = json.dumps(said, ensure_ascii=False, indent=1).encode()
        ui.download.content(content, "what-i-said.json", "application/json")

    async def _turns(self) -> list[Any]:
        found: list[Any] = []
        cursor = 0
        while True:
            request = SaidRequest(user_id=self._person.id, after=cursor, limit=_PAGE_TURNS)
            page = await self._backstage.turns.export(request)
            found += [turn.model_dump(mode="json") for turn in page.turns]
            if len(page.turns) < _PAGE_TURNS:
                return found
            if len(found) >= _MAX_TURNS:
                raise TooLarge(f"you said more than {_MAX_TURNS:,} lines; GET /router/people/…/lines gives all of them")
            cursor = page.cursor

    async def _by_hand(self) -> AsyncIterator[Any]:
        world = self._backstage.world
        for one in (await world.worlds(Nothing())).worlds:
            asked = EventsRequest(world_id=one.id, user_id=self._person.id, limit=_PAGE_TURNS)
            while (page := await world.events(asked)).events:
                asked = asked.model_copy(update={"after": page.cursor})
                for event in page.events:
                    yield event.model_dump(mode="json", exclude_defaults=True)

    async def _ratings(self) -> list[Rating]:
        found: list[Rating] = []
        while len(found) < _MAX_TURNS:
            request = RatingsRequest(user_id=self._person.id, limit=_PAGE_RATINGS, skip=len(found))
            page = (await self._backstage.tuning.ratings(request)).ratings
            found += page
            if len(page) < _PAGE_RATINGS:
                return found
        raise TooLarge(f"you rated more than {_MAX_TURNS:,} lines; GET /tuning/ratings?user_id=… gives all")

    async def _forget(self) -> None:
        forgotten = await self._backstage.turns.forget(PersonRef(user_id=self._person.id))
        self._person.name = ""
        self._sure.close()
        self._forgotten()
        lines = f"{forgotten.turns} of your lines are" if forgotten.turns != 1 else "One line of yours is"
        self._notices.tell(f"{lines} gone, and your name with them.")
