"""What changes a world: what analysis proposes, what becomes an event, and the tasks between."""

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from greenroom.model.value import Key, Moment, Value
from greenroom.model.world import EntityType

EventKind = Literal[
    "told", "scene", "acted", "made", "changed", "removed", "noted", "rewritten", "dropped", "revoked", "restored"
]
"""`told` and `scene` come from a turn, `acted` from simulation; `made`, `changed`, `removed` and `noted` are done by
hand; `rewritten` is a note in a model's words. `dropped` was proposed and refused; it says why. `revoked` takes other
events out of the world, `restored` brings them back."""

EventCause = Literal["turn", "task", "person"]


class Told(Value):
    """What one event says of one entity: of what type and how it is called, and what is new.

    Without a type it is said of an entity that was there before; where there was none, it says nothing.
    `slot` is what `information` is about where only one thing can be true at a time; one that `ends` it is a fact no
    more (somebody gave away what they had). Of a `scene`: `name` is where it is, if that is told, and `mood` how. What
    was done by hand names the entity by its id, and has in `changes` what is otherwise, by the names of `EntityChange`.
    A note in other words is for the `basis`; what was refused has a `reason`. What a character does off scene has as
    `sources` the turns that it was thought up from, each with the wording that it had.
    """

    name: str = ""
    type: EntityType | None = None
    information: str = ""
    slot: str = ""
    ends: bool = False
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    connections: tuple[str, ...] = ()
    mood: str = ""
    reason: str = ""
    entity_id: str = ""
    basis: str = ""
    changes: dict[str, JsonValue] = {}
    sources: dict[str, str] = {}


class ProposedChange(Value):
    """An event that is not yet one. Done twice it has one effect: that is what `effect_key` is for.

    One that comes from a turn has the `wording` of it that was read, and counts only while the turn has it. `place` is
    that of the turn, None for now; `ordinal` orders what comes from one turn. `user_id` is who did it by
    hand.
    """

    world_id: Key
    kind: EventKind
    cause: EventCause
    effect_key: Annotated[str, Field(max_length=200)]
    told: Told
    turn_id: str = ""
    wording: str = ""
    place: int | None = None
    ordinal: int = 0
    channel_id: str = ""
    evidence: str = ""
    said_by: str = ""
    invented: bool = False
    known_to: tuple[str, ...] | None = None
    private: bool = False
    user_id: str = ""


class WorldEvent(ProposedChange):
    """Something that happened to a world. `number` grows by one; `revoked_by` is the event that took it out again."""

    number: int
    place: int
    made_at: Moment
    revoked_by: int | None = None


class EventsRequest(Value):
    """The events of a world after the number `after`, oldest first: of one entity, or by one person, or all.

    Also what was revoked or dropped is listed, unless no words are left that tell of which entity it was.
    """

    world_id: Key
    entity_id: Key | None = None
    user_id: Key | None = None
    after: int = Field(0, ge=0)
    limit: int = Field(100, ge=1, le=1000)


class WorldEvents(Value):
    """A part of the history. `cursor` goes into the next request."""

    events: tuple[WorldEvent, ...] = ()
    cursor: int = 0


class Update(Value):
    """News of an entity that is known. `evidence` is a quote from the turn."""

    entity_id: str = Field(max_length=200)
    update_type: str = Field("note_update", max_length=100)
    new_information: str = Field(max_length=2000)
    reasoning: str = Field("", max_length=2000)
    evidence: str = Field("", max_length=2000)


class Creation(Value):
    """An entity that was not known. `evidence` is a quote from the turn."""

    entity_type: EntityType
    name: str = Field(min_length=1, max_length=200)
    initial_data: str = Field("", max_length=2000)
    reasoning: str = Field("", max_length=2000)
    evidence: str = Field("", max_length=2000)


class Intentions(Value):
    """What a turn changes in the world, as whoever read it proposes."""

    updates: tuple[Update, ...] = Field((), max_length=50)
    creations: tuple[Creation, ...] = Field((), max_length=50)


class TurnToAnalyze(Value):
    """The task of reading a turn. `again` makes it another task than the first."""

    turn_id: Key
    wording: str
    again: str = ""


class EntityToWrite(Value):
    """The task of embedding an entity, or of writing its note, as long as its `basis` is this one."""

    world_id: Key
    entity_id: Key
    basis: str


class WorldToSimulate(Value):
    """The task of letting the characters of a world go on that are off scene, for the so many-th time."""

    world_id: Key
    tick: int = Field(ge=1)
