"""What lies on the desk: the conversation that is looked at, its time, what there is, and what happened."""

import asyncio

from nicegui import ui
from nicegui.element import Element

from greenroom.errors import GreenroomError, NotFound
from greenroom.model import (
    Entities,
    EntitiesRequest,
    Entity,
    EventsRequest,
    Nothing,
    Session,
    SessionsRequest,
    WorldRef,
    WorldSummary,
)
from greenroom.web.backstage import Backstage
from greenroom.web.look import box, text
from greenroom.web.notices import Notices
from greenroom.web.person import Person
from greenroom.web.room import CHANNEL
from greenroom.web.world.entities import EntitiesCard
from greenroom.web.world.happening import Happenings
from greenroom.web.world.history import HistoryCard
from greenroom.web.world.queue import QueueCard
from greenroom.web.world.sheet import EntitySheet
from greenroom.web.world.time import TimeCard
from greenroom.web.world.view import View

_FOLLOW_S = 1.0
_LAST_EVENTS = 200
_MOST_ENTITIES = 500

_Choice = tuple[str, str]
"""A world, and one of its conversations; empty for none."""


class Desk:
    """One browser's look at one world. It is drawn anew whenever the world has changed."""

    def __init__(self, backstage: Backstage, person: Person, notices: Notices) -> None:
        self._world, self._notices = backstage.world, notices
        self._choices: dict[str, _Choice] = {}
        self._choice: _Choice = ("main", "")
        self._seen: tuple[object, ...] = ()
        self._enabled = True
        self._looking = asyncio.Lock()
        happenings = Happenings(backstage, person, notices, self.look)
        with box("g-world-main"):
            self._trouble = text("", "g-problem g-card-trouble", testid="world-trouble")
            self._trouble.props["role"] = "alert"
            self._off = _switched_off()
            self._off.set_visibility(False)
            self._which = ui.select({}, on_change=self._chosen).props("dense outlined options-dense")
            self._which.props["aria-label"] = "Which conversation"
            self._which.props["data-testid"] = "which"
            self._sheet = EntitySheet(backstage.world, person, notices, happenings, self.look)
            self._time = TimeCard(backstage, person, notices, self.look)
            self._entities = EntitiesCard(backstage.world, person, notices, self._sheet.open, self.look)
        with box("g-world-side"):
            self._history = HistoryCard(happenings)
            QueueCard(backstage, notices, lambda: self._choice[0])
        ui.timer(_FOLLOW_S, self._follow)

    async def look(self) -> None:
        """Draw what has changed since the last time; once only, for who clicks on what is drawn anew misses it.

        Raises: GreenroomError.
        """
        async with self._looking:
            await self._catch_up()

    async def _follow(self) -> None:
        try:
            await self.look()
        except GreenroomError as exc:
            self._trouble.set_text(f"The world cannot be looked at right now: {exc.detail} Trying again …")
        else:
            self._trouble.set_text("")

    async def _catch_up(self) -> None:
        try:
            summary = await self._world.world(WorldRef(world_id=self._choice[0]))
        except NotFound:  # somebody has deleted it
            self._choice, self._time.place = ("main", ""), None
            return
        now = (summary.sequence, summary.place)
        if (self._choice, self._time.place, self._entities.query, *now) == self._seen:
            return
        await self._offer()
        choice, place, query = self._choice, self._time.place, self._entities.query
        await self._time.look(choice[1])
        await self._draw(summary, place, query)
        self._seen = (choice, place, query, *now)

    async def _draw(self, summary: WorldSummary, place: int | None, query: str) -> None:
        view = View(summary.id, place)
        today = await self._asked(View(summary.id), "")
        then = today if place is None else await self._asked(view, "")
        found = await self._asked(view, query) if query else then
        newest = EventsRequest(world_id=summary.id, after=max(0, summary.sequence - _LAST_EVENTS), limit=_LAST_EVENTS)
        events = (await self._world.events(newest)).events
        view = View(summary.id, place, _by_id(then), _by_id(today), events, self._enabled)
        self._time.stand(view)
        self._entities.show(found, view)
        self._history.show(view)
        await self._sheet.look(view)

    async def _asked(self, view: View, query: str) -> Entities:
        return await self._world.entities(
            EntitiesRequest(world_id=view.world_id, as_of=view.as_of, query=query, limit=_MOST_ENTITIES)
        )

    # Which conversation -------------------------------------------------------------------------------------------

    async def _offer(self) -> None:
        """Offer the conversations that there are, and worlds in which there are none."""
        found = await self._world.worlds(Nothing())
        self._enabled, worlds = found.enabled, found.worlds
        self._off.set_visibility(not found.enabled)
        sessions = (await self._world.sessions(SessionsRequest())).sessions
        offered: dict[_Choice, str] = {}
        for world in worlds:
            mine = [session for session in sessions if session.world_id == world.id]
            offered |= {(world.id, one.id): _label(world, one) for one in mine} or {(world.id, ""): world.name}
        if self._choice not in offered:
            near = [choice for choice in offered if choice[0] == self._choice[0]]
            self._choice = next((choice for choice in near if choice[1] == CHANNEL), near[0])
        self._choices = {_key(choice): choice for choice in offered}
        labels = {_key(choice): label for choice, label in offered.items()}
        self._which.set_options(labels, value=_key(self._choice))
        self._which.set_visibility(len(offered) > 1)

    async def _chosen(self) -> None:
        choice = self._choices.get(str(self._which.value), self._choice)
        if choice != self._choice:
            self._choice = choice
            self._time.place = None
            await self._notices.guarded(self.look)()


def _switched_off() -> Element:
    with box("g-card", "section", "world-off") as made:
        text("The world is switched off", tag="h2")
        text(
            "Nothing that is said comes into it, and nobody off scene goes on. What is here stays, follows lines that "
            "are changed or taken back, and can be changed by hand. To switch it on, write “enabled = true” below "
            "“[world]” in greenroom.toml, or set GREENROOM_WORLD__ENABLED=true, and start again."
        )
    return made


def _key(choice: _Choice) -> str:
    return "\n".join(choice)


def _label(world: WorldSummary, session: Session) -> str:
    where = session.name or ("the room on this page" if session.id == CHANNEL else session.id)
    return f"{world.name}: {where} ({session.turns} lines)"


def _by_id(found: Entities) -> dict[str, Entity]:
    return {entity.id: entity for entity in found.entities}
