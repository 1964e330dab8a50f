"""A world: what there is in it, who may know what of it, and the conversations that belong to it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from greenroom.model.line import Place, Witnesses
from greenroom.model.value import Key, Moment, Name, NonBlank, Storable, Value

EntityType = Literal["character", "location", "item", "concept"]

Words = Annotated[str, Storable, Field(max_length=2000)]
"""A remark about something in a world, in at most 2,000 characters."""
_Names = Annotated[tuple[Name, ...], Field(max_length=50)]


class WorldSummary(Value):
    """A world. `place` is the turn that it has come to: turns are ordered by their place in the conversation.

    `sequence` is the number of its newest event, and so changes with every change.
    """

    id: Key
    name: Name
    description: str = ""
    place: int = 0
    sequence: int = 0
    made_at: Moment


class NewWorld(Value):
    """A world to make. Its id stands in the names of much else, and so is short."""

    id: Annotated[Key, Field(max_length=64)]
    name: Name
    description: Words = ""


class WorldRef(Value):
    """One world."""

    world_id: Key


class WorldChange(WorldRef):
    """Another name or description; what is None stays."""

    name: Name | None = None
    description: Words | None = None


class Worlds(Value):
    """All worlds, by id. Where they are not `enabled`, nothing that is said comes into them."""

    worlds: tuple[WorldSummary, ...] = ()
    enabled: bool = True


class Panel(Value):
    """How things stand in a conversation, for those who are there: where it is, who is there, the mood, what they have.

    `notes` is what has happened there of late, newest last. Nothing is in it that one of those present does not know.
    """

    world_id: str = ""
    scene: str = ""
    present: tuple[str, ...] = ()
    mood: str = ""
    items: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class PanelRequest(Value):
    """The panel of a channel as `present` (None is the whole cast) may see it, when `place` is where they talk."""

    channel_id: Key
    place: Place = "channel"
    present: Witnesses | None = None


class Session(Value):
    """A conversation that belongs to a world: a channel, or a room on the page. Its `id` is the channel's."""

    id: Key
    world_id: Key
    name: str = ""
    made_at: Moment
    turns: int = 0


class NewSession(Value):
    """A conversation that shall belong to a world; one that nobody assigned belongs to the world `main`."""

    id: Key
    world_id: Key
    name: Annotated[str, Storable] = Field("", max_length=200)


class SessionRef(Value):
    """One conversation."""

    session_id: Key


class SessionChange(SessionRef):
    """Another name for a conversation."""

    name: Annotated[str, Storable] = Field(max_length=200)


class SessionsRequest(Value):
    """Which conversations are wanted: those of a world, or all."""

    world_id: Key | None = None


class Sessions(Value):
    """Conversations, by id."""

    sessions: tuple[Session, ...] = ()


class Fact(Value):
    """Something that was said of an entity, with where it comes from.

    `evidence` is the quote; `event` the event that it stands in. One that is `invented` was said by a character, not by
    a person. Only `known_to` know it (None is everybody); what is `private` is spoken of only among them. It holds from
    the place `valid_from` on, and to `valid_to`, when something took its place; `slot` says what it is about where only
    one thing can be true (home, age).
    """

    text: str
    slot: str = ""
    evidence: str = ""
    event: int = 0
    turn_id: str = ""
    said_by: str = ""
    invented: bool = False
    known_to: tuple[str, ...] | None = None
    private: bool = False
    valid_from: int = 0
    valid_to: int | None = None
    told_at: Moment | None = None

    @property
    def is_public(self) -> bool:
        """Whether everybody may know it."""
        return self.known_to is None and not self.private


class Entity(Value):
    """Somebody or something in a world.

    `note` is what everybody may know of it, in words; `facts` is all that was said, also what few know. `connections`
    are ids of others. What is `locked` takes nothing that contradicts its note. `basis` changes with anything that can
    be known of it, `note_basis` with what its note is made of.
    """

    id: str
    world_id: str
    type: EntityType
    name: str
    aliases: tuple[str, ...] = ()
    note: str = ""
    tags: tuple[str, ...] = ()
    connections: tuple[str, ...] = ()
    locked: bool = False
    facts: tuple[Fact, ...] = ()
    canon: str = ""
    since: int = 0
    basis: str = ""
    note_basis: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All that it is called."""
        return self.name, *self.aliases


class ByHand(Value):
    """Something done to a world by hand. `user_id` is who did it; what they wrote is undone when they are forgotten."""

    user_id: Annotated[str, Storable] = Field("", max_length=200)


class NewEntity(ByHand):
    """An entity made by hand. Its id comes from its name."""

    world_id: Key = "main"
    type: EntityType
    name: Name
    aliases: _Names = ()
    note: Words = ""
    tags: _Names = ()
    connections: _Names = ()
    locked: bool = False


class EntityRef(Value):
    """One entity of a world, now or as of a turn, given by its id or its place."""

    entity_id: Key
    world_id: Key = "main"
    as_of: Key | None = None


class EntityRemoval(ByHand):
    """An entity that shall be in its world no more."""

    entity_id: Key
    world_id: Key = "main"


class EntityChange(ByHand):
    """What shall be otherwise with an entity; what is None stays. `note` replaces what was written by hand."""

    entity_id: Key
    world_id: Key = "main"
    type: EntityType | None = None
    name: Name | None = None
    aliases: _Names | None = None
    note: Words | None = None
    tags: _Names | None = None
    connections: _Names | None = None
    locked: bool | None = None


class NewNote(ByHand):
    """A remark about an entity, written by hand. `known_to` are the characters that may know it; None is all."""

    entity_id: Key
    world_id: Key = "main"
    text: Annotated[Words, NonBlank]
    known_to: Witnesses | None = None


class EntitiesRequest(Value):
    """Which entities are wanted: those whose names, tags and notes have the words of `query`, best first; all without.

    `as_of` is a turn or its place: the world as it was then, by all that is known now.
    """

    query: Annotated[str, Storable] = Field("", max_length=500)
    world_id: Key = "main"
    type: EntityType | None = None
    as_of: Key | None = None
    limit: int = Field(100, ge=1, le=1000)


class Entities(Value):
    """Entities, and how many there are in all."""

    entities: tuple[Entity, ...] = ()
    total: int = 0
    sequence: int = 0


class RollBack(WorldRef, ByHand):
    """To where a world shall be taken back: a turn, or a place. What happened at it stays."""

    turn_id: Key | None = None
    place: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.turn_id is None) == (self.place is None):
            raise ValueError("say to where: turn_id or place, and only one of them")
        return self


class RolledBack(Value):
    """What a roll-back changes, or would change. `event` is the roll-back itself; None for a preview."""

    world_id: str
    place: int
    events: int
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    event: int | None = None


class RollBackRef(WorldRef, ByHand):
    """A roll-back, by its event."""

    event: int = Field(ge=1)


class EventRef(WorldRef, ByHand):
    """One event of a world, which shall be taken back."""

    event: int = Field(ge=1)


class AnalysisOrder(Value):
    """What shall be read again: a turn, or the last `turns` of a conversation."""

    session_id: Key
    turn_id: Key | None = None
    turns: int = Field(1, ge=1, le=1000)


class Triggered(Value):
    """How many tasks were begun."""

    tasks: int
