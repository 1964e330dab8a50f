"""The way into the world: people look at it and change it by hand, and it follows the conversation."""

import asyncio
from typing import Self

from greenroom.background import TaskQueue
from greenroom.clock import Clock
from greenroom.config import WorldSettings
from greenroom.errors import Conflict, NotFound, UnknownTurn
from greenroom.following import for_ever
from greenroom.lane import Lane
from greenroom.model import (
    AnalysisOrder,
    Entities,
    EntitiesRequest,
    Entity,
    EntityChange,
    EntityRef,
    EntityRemoval,
    EventRef,
    EventsRequest,
    NewEntity,
    NewNote,
    NewSession,
    NewWorld,
    Nothing,
    Panel,
    PanelRequest,
    RollBack,
    RollBackRef,
    RolledBack,
    Session,
    SessionChange,
    SessionRef,
    Sessions,
    SessionsRequest,
    Triggered,
    WorldChange,
    WorldEvents,
    WorldRef,
    Worlds,
    WorldSummary,
)
from greenroom.ports import Characters, Library, Llm, Turns
from greenroom.storage.database import Database
from greenroom.world.analyst import Analyst, task_of
from greenroom.world.by_hand import ByHand
from greenroom.world.casting import Casting
from greenroom.world.conversations import Conversations
from greenroom.world.finding import found
from greenroom.world.follower import Follower
from greenroom.world.forgetting import Forgetting
from greenroom.world.ledger import REWRITE, Ledger
from greenroom.world.note_writing import NoteWriting
from greenroom.world.panels import Panels
from greenroom.world.proposals import Proposals
from greenroom.world.shelving import Shelving
from greenroom.world.simulation import SIMULATE, Simulation
from greenroom.world.ticking import Ticking


class WorldService:
    """Worlds with their entities and their history. While it is entered (`async with`), it follows the log of turns.

    What follows from a turn is left to the `queue`, and so is never waited for by a person.
    """

    def __init__(
        self,
        database: Database,
        turns: Turns,
        characters: Characters,
        llm: Llm,
        library: Library,
        queue: TaskQueue,
        settings: WorldSettings,
        clock: Clock,
        lane: Lane | None = None,
    ) -> None:
        self._database, self._clock, self._queue, self._enabled = database, clock, queue, settings.enabled
        self._ledger = Ledger(database, clock, queue)
        self._conversations = Conversations(database, self._ledger, Casting(characters, self._ledger), clock)
        self._by_hand = ByHand(self._ledger, self._conversations)
        self._panels = Panels(database)
        self._proposals = Proposals(database, self._ledger, queue)
        self._analyst = Analyst(
            turns, characters, llm, self._conversations, self._ledger, self._proposals, database, queue
        )
        self._shelving = Shelving(database, library, self._ledger, queue)
        forgetting = Forgetting(database, self._ledger)
        self.follower = Follower(
            turns, self._conversations, forgetting, queue, clock, lane, only_forgets=not settings.enabled
        )
        self.ticking = Ticking(database, queue, settings, clock)
        simulation = Simulation(self._ledger, characters, turns, llm, database, self._proposals, settings)
        queue.handle(SIMULATE, simulation.simulate, per_minute=settings.simulate_per_minute)
        queue.handle(REWRITE, NoteWriting(self._ledger, llm, settings.slower_model).rewrite)

    async def __aenter__(self) -> Self:
        """Begin to follow; nobody waits for it."""
        self._going_on = [asyncio.create_task(self.follower.follow(), name="the world follows the log")]
        if self._enabled:
            clock = for_ever(self.ticking.look, self._clock, "the worlds' clock")
            self._going_on.append(asyncio.create_task(clock, name="worlds go on"))
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop. What was read stays read."""
        for task in self._going_on:
            task.cancel()
        await asyncio.wait(self._going_on)

    async def ping(self) -> None:
        """Ask the database for an answer. Raises: Unavailable, StorageFailed."""
        await self._database.ping()

    async def panel(self, request: PanelRequest, /) -> Panel:
        """Say how things stand in a channel."""
        return await self._panels.panel(request)

    async def trigger_analysis(self, order: AnalysisOrder, /) -> Triggered:
        """Have turns read again."""
        self._check_enabled()
        await self._conversations.session(order.session_id)
        turns = await self._conversations.last_turns(order.session_id, order.turns, order.turn_id)
        if order.turn_id is not None and not turns:
            raise NotFound(f"no turn {order.turn_id!r} stands in session {order.session_id!r}")
        again = self._clock.now().isoformat(timespec="microseconds")
        left = [await self._queue.enqueue(task_of(turn.model_copy(update={"again": again}))) for turn in turns]
        return Triggered(tasks=sum(left))

    async def trigger_simulation(self, which: WorldRef, /) -> Triggered:
        """Let characters off scene go on now."""
        self._check_enabled()
        await self._conversations.world(which.world_id)
        return Triggered(tasks=await self.ticking.tick(which.world_id))

    def _check_enabled(self) -> None:
        if not self._enabled:
            raise Conflict("the world is turned off; set `world.enabled` and start again")

    # Worlds and conversations -----------------------------------------------------------------------------------

    async def worlds(self, nothing: Nothing, /) -> Worlds:
        """List the worlds."""
        return Worlds(worlds=await self._conversations.worlds(), enabled=self._enabled)

    async def make_world(self, new: NewWorld, /) -> WorldSummary:
        """Make a world."""
        return await self._conversations.make_world(new)

    async def world(self, which: WorldRef, /) -> WorldSummary:
        """Return one world."""
        return await self._conversations.world(which.world_id)

    async def change_world(self, change: WorldChange, /) -> WorldSummary:
        """Change name or description."""
        return await self._conversations.change_world(change)

    async def delete_world(self, which: WorldRef, /) -> Nothing:
        """Delete a world."""
        await self._conversations.delete_world(which.world_id)
        return Nothing()

    async def sessions(self, request: SessionsRequest, /) -> Sessions:
        """List conversations."""
        return Sessions(sessions=await self._conversations.sessions(request))

    async def open_session(self, new: NewSession, /) -> Session:
        """Assign a channel to a world."""
        return await self._conversations.open_session(new)

    async def session(self, which: SessionRef, /) -> Session:
        """Return one conversation."""
        return await self._conversations.session(which.session_id)

    async def change_session(self, change: SessionChange, /) -> Session:
        """Give a conversation another name."""
        return await self._conversations.change_session(change)

    async def delete_session(self, which: SessionRef, /) -> Nothing:
        """Take out what the world has of a conversation."""
        await self._conversations.delete_session(which.session_id)
        return Nothing()

    # Entities ---------------------------------------------------------------------------------------------------

    async def entities(self, request: EntitiesRequest, /) -> Entities:
        """Search the entities of a world."""
        world = await self._conversations.world(request.world_id)
        state = await self._ledger.state(request.world_id, await self._place(request.world_id, request.as_of))
        kept = [one for one in state.entities.values() if request.type in {None, one.type}]
        listed = found(kept, request.query)
        return Entities(entities=tuple(listed[: request.limit]), total=len(listed), sequence=world.sequence)

    async def make_entity(self, new: NewEntity, /) -> Entity:
        """Make an entity."""
        await self._conversations.world(new.world_id)
        return await self._by_hand.make(new)

    async def entity(self, which: EntityRef, /) -> Entity:
        """Return one entity."""
        place = await self._place(which.world_id, which.as_of)
        return await self._by_hand.entity(which.world_id, which.entity_id, place)

    async def change_entity(self, change: EntityChange, /) -> Entity:
        """Change an entity by hand."""
        return await self._by_hand.change(change)

    async def delete_entity(self, which: EntityRemoval, /) -> Nothing:
        """Take an entity out."""
        await self._by_hand.remove(which)
        return Nothing()

    async def add_note(self, note: NewNote, /) -> Entity:
        """Add a remark to an entity by hand."""
        return await self._by_hand.note(note)

    # History ----------------------------------------------------------------------------------------------------

    async def events(self, request: EventsRequest, /) -> WorldEvents:
        """Tell the history."""
        await self._conversations.world(request.world_id)
        return await self._ledger.history(request)

    async def preview_rollback(self, request: RollBack, /) -> RolledBack:
        """Say what a roll-back would change."""
        return await self._by_hand.preview(request)

    async def roll_back(self, request: RollBack, /) -> RolledBack:
        """Take out what happened after a turn."""
        return await self._by_hand.roll_back(request)

    async def undo_rollback(self, which: RollBackRef, /) -> RolledBack:
        """Bring back what a roll-back took out."""
        return await self._by_hand.undo(which)

    async def take_back(self, which: EventRef, /) -> RolledBack:
        """Take back what was done by hand."""
        return await self._by_hand.take_back(which)

    async def _place(self, world_id: str, as_of: str | None) -> int | None:
        """The place that is meant: a number, or the place of a turn. Raises: UnknownTurn."""
        if as_of is None:
            return None
        try:
            return await self._conversations.rank_of(world_id, as_of)
        except UnknownTurn:
            if as_of.isascii() and as_of.isdigit():
                return int(as_of)
            raise
