"""What a turn is read with: who said it before whom, who is known there, and what the answer was made with."""

from collections.abc import Sequence
from dataclasses import dataclass

from greenroom.model import Character, Entity, Fact, Passage, Turn
from greenroom.text import plain, words
from greenroom.world.wording import line_of, wording_of


@dataclass(frozen=True)
class Occasion:
    """A turn, with the entities that all who were there may know, and the passages that the answer was made with."""

    world_id: str
    turn: Turn
    cast: Sequence[Character]
    entities: Sequence[Entity]
    recalled: Sequence[Passage] = ()

    @property
    def line(self) -> str:
        """What the person said; empty where nobody did."""
        return line_of(self.turn)

    @property
    def reply(self) -> str:
        """What the character said; empty where none did."""
        return self.turn.reply or ""

    @property
    def speaker(self) -> str:
        """What the person is called."""
        return self.turn.user_name or self.turn.user_id or "Somebody"

    @property
    def wording(self) -> str:
        """Stands for the words."""
        return wording_of(self.turn)

    @property
    def known_to(self) -> tuple[str, ...] | None:
        """The characters that heard it; None is everybody."""
        return self.turn.present

    @property
    def private(self) -> bool:
        """Whether it was said in private."""
        return self.turn.place == "private"

    def is_recalled(self, information: str) -> bool:
        """Whether a passage that the answer was made with says this already: to repeat it is not to tell it."""
        said = set(words(plain(information)))
        return bool(said) and any(said <= set(words(plain(passage.content))) for passage in self.recalled)


def may_know(fact: Fact, present: Sequence[str] | None) -> bool:
    """Whether all who are present know a fact; `present` None is the whole cast."""
    if fact.known_to is None:
        return not fact.private
    return present is not None and bool(present) and set(present) <= set(fact.known_to)


def known_by(entity: Entity, present: Sequence[str] | None) -> Entity | None:
    """An entity with what all who are present know of it; None where they know of none."""
    facts = tuple(fact for fact in entity.facts if fact.valid_to is None and may_know(fact, present))
    if not facts and not entity.canon and entity.facts:
        return None
    return entity.model_copy(update={"facts": facts})
