"""The cast as entities of each world: their names mean them, and what their sheets say of them is canon."""

from greenroom.model import Character, NewEntity, Nothing, ProposedChange, Told
from greenroom.ports import Characters
from greenroom.world.ledger import Ledger
from greenroom.world.names import id_of

CAST = "cast"
"""The tag of entities that are characters of the cast."""
_CANON_CHARACTERS = 2000


class Casting:
    """Keeps the characters in the worlds, each version of a sheet once, before all that was ever said."""

    def __init__(self, characters: Characters, ledger: Ledger) -> None:
        self._characters, self._ledger = characters, ledger
        self._done: set[tuple[str, str]] = set()

    async def keep(self, world_id: str) -> None:
        """Put those into a world who are not in it as they are now."""
        for character in (await self._characters.cast(Nothing())).characters:
            if (world_id, character.version) not in self._done:
                async with self._ledger.opened(world_id) as book:
                    await book.propose(_entry(world_id, character))
                self._done.add((world_id, character.version))

    def forget(self, world_id: str) -> None:
        """Know nothing of a world any more: it was deleted, and another may get its name."""
        self._done = {(world, version) for world, version in self._done if world != world_id}


def _entry(world_id: str, character: Character) -> ProposedChange:
    entity = NewEntity(
        world_id=world_id,
        type="character",
        name=character.name,
        aliases=character.names[1:],
        note=" ".join(character.sheet.description.split())[:_CANON_CHARACTERS],
        tags=(CAST,),
        locked=True,
    )
    told = Told(
        entity_id=id_of(character.name) or character.id,
        name=character.name,
        type="character",
        changes=entity.model_dump(mode="json", exclude={"world_id", "connections", "user_id"}),
    )
    key = f"cast:{world_id}:{character.id}:{character.version}"[:200]
    return ProposedChange(world_id=world_id, kind="made", cause="task", effect_key=key, told=told, place=0)
