"""What there is beside the conversation."""

from typing import Protocol

from greenroom.at import at
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


class World(Protocol):
    """What there is beside the conversation, and how the conversation changes it. Follows the log of turns."""

    @at("GET /panel")
    async def panel(self, request: PanelRequest, /) -> Panel:
        """Say how things stand in a channel, as those present may know it; empty where nobody has talked."""
        ...

    @at("POST /maintenance/trigger-analysis", repeatable=True)
    async def trigger_analysis(self, order: AnalysisOrder, /) -> Triggered:
        """Have turns read again; what they were found to say already is not said twice. Raises: NotFound."""
        ...

    @at("GET /worlds")
    async def worlds(self, nothing: Nothing, /) -> Worlds:
        """List the worlds."""
        ...

    @at("POST /worlds", status=201)
    async def make_world(self, new: NewWorld, /) -> WorldSummary:
        """Make a world. Raises: Conflict, when there is one of this id."""
        ...

    @at("GET /worlds/{world_id}")
    async def world(self, which: WorldRef, /) -> WorldSummary:
        """Return one world. Raises: NotFound."""
        ...

    @at("PUT /worlds/{world_id}")
    async def change_world(self, change: WorldChange, /) -> WorldSummary:
        """Change name or description. Raises: NotFound."""
        ...

    @at("DELETE /worlds/{world_id}")
    async def delete_world(self, which: WorldRef, /) -> Nothing:
        """Delete a world with its history; its conversations go over to `main`.

        Raises: NotFound; Conflict, for `main`, which is where conversations belong that nobody assigned.
        """
        ...

    @at("GET /worlds/{world_id}/events")
    async def events(self, request: EventsRequest, /) -> WorldEvents:
        """Tell the history of a world, or of one entity in it. Raises: NotFound."""
        ...

    @at("POST /worlds/{world_id}/rollback/preview", repeatable=True)
    async def preview_rollback(self, request: RollBack, /) -> RolledBack:
        """Say what a roll-back would change; nothing is changed. Raises: NotFound; UnknownTurn."""
        ...

    @at("POST /worlds/{world_id}/rollback", repeatable=True)
    async def roll_back(self, request: RollBack, /) -> RolledBack:
        """Take out what happened after a turn. The conversation stays; words that are changed later are read again.

        Raises: NotFound; UnknownTurn.
        """
        ...

    @at("POST /worlds/{world_id}/rollback/{event}/undo", repeatable=True)
    async def undo_rollback(self, which: RollBackRef, /) -> RolledBack:
        """Bring back what a roll-back took out and the conversation still holds. Raises: NotFound."""
        ...

    @at("POST /worlds/{world_id}/events/{event}/undo", repeatable=True)
    async def take_back(self, which: EventRef, /) -> RolledBack:
        """Take back what was done to one entity by hand. Raises: NotFound."""
        ...

    @at("GET /sessions")
    async def sessions(self, request: SessionsRequest, /) -> Sessions:
        """List the conversations of a world, or of all."""
        ...

    @at("POST /sessions", status=201)
    async def open_session(self, new: NewSession, /) -> Session:
        """Assign a channel to a world before anybody talks in it. Raises: NotFound; Conflict, when it is assigned."""
        ...

    @at("GET /sessions/{session_id}")
    async def session(self, which: SessionRef, /) -> Session:
        """Return one conversation. Raises: NotFound."""
        ...

    @at("PUT /sessions/{session_id}")
    async def change_session(self, change: SessionChange, /) -> Session:
        """Give a conversation another name. Raises: NotFound."""
        ...

    @at("DELETE /sessions/{session_id}")
    async def delete_session(self, which: SessionRef, /) -> Nothing:
        """Take out what the world has of a conversation. The log keeps it, and what is said later counts again.

        Raises: NotFound.
        """
        ...

    @at("GET /entities")
    async def entities(self, request: EntitiesRequest, /) -> Entities:
        """Search the entities of a world, now or as of a turn. Raises: NotFound; UnknownTurn."""
        ...

    @at("POST /entities", status=201)
    async def make_entity(self, new: NewEntity, /) -> Entity:
        """Make an entity. Raises: NotFound, for the world; Conflict, when one is called so."""
        ...

    @at("GET /entities/{entity_id}")
    async def entity(self, which: EntityRef, /) -> Entity:
        """Return one entity with all its facts. Raises: NotFound; UnknownTurn."""
        ...

    @at("PUT /entities/{entity_id}")
    async def change_entity(self, change: EntityChange, /) -> Entity:
        """Change an entity by hand. Raises: NotFound; Conflict, when another is called so."""
        ...

    @at("DELETE /entities/{entity_id}")
    async def delete_entity(self, which: EntityRemoval, /) -> Nothing:
        """Take an entity out of the world. What is said of it later makes it anew. Raises: NotFound."""
        ...

    @at("POST /entities/{entity_id}/notes", repeatable=False)
    async def add_note(self, note: NewNote, /) -> Entity:
        """Add a remark to an entity by hand. Raises: NotFound."""
        ...

    @at("POST /maintenance/trigger-simulation", repeatable=False)
    async def trigger_simulation(self, which: WorldRef, /) -> Triggered:
        """Let characters go on that are off scene, those whose turn it is. Raises: NotFound."""
        ...
