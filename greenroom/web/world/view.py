"""What is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from greenroom.model import Entity, WorldEvent


@dataclass(frozen=True)
class View:
    """A world, as of a place of the conversation, or now, where `place` is None.

    `entities` are those of that time by id, `now` those of today; `events` the last of its history, oldest first. Where
    it is not `enabled`, nothing that is said comes into it.
    """

    world_id: str
    place: int | None = None
    entities: Mapping[str, Entity] = field(default_factory=dict)
    now: Mapping[str, Entity] = field(default_factory=dict)
    events: tuple[WorldEvent, ...] = ()
    enabled: bool = True

    @property
    def as_of(self) -> str | None:
        """The time, as a port takes it."""
        return None if self.place is None else str(self.place)

    def name_of(self, entity_id: str) -> str:
        """What an entity is called; its id where it is known no more."""
        known = self.now.get(entity_id) or self.entities.get(entity_id)
        return known.name if known else entity_id
