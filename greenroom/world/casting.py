"""The cast as entities of each world: their names mean them, and what their sheets say of them is canon."""

from sqlalchemy import Select, select

from greenroom.model import Character, NewEntity, Nothing, ProposedChange, Told
from greenroom.ports import Characters
from greenroom.world.book import Book
from greenroom.world.ledger import Ledger
from greenroom.world.names import id_of
from greenroom.world.tables import world_events

CAST = "cast"
"""The tag of entities that are characters of the cast."""
_CANON_CHARACTERS = 2000
_KEY_CHARACTERS = 160


class Casting:
    """Keeps the characters in the worlds, each version of a sheet once, before all that was ever said."""

    def __init__(self, characters: Characters, ledger: Ledger) -> None:
        self._characters, self._ledger = characters, ledger
        self._done: dict[tuple[str, str], str] = {}

    async def keep(self, world_id: str) -> None:
        """Put those into a world who are not in it as they are now."""
        for character in (await self._characters.cast(Nothing())).characters:
            if self._done.get((world_id, character.id)) != character.version:
                async with self._ledger.opened(world_id) as book:
                    await _enter(book, character)
                self._done[world_id, character.id] = character.version

    def forget(self, world_id: str) -> None:
        """Know nothing of a world any more: it was deleted, and another may get its name."""
        self._done = {key: version for key, version in self._done.items() if key[0] != world_id}


async def _enter(book: Book, character: Character) -> None:
    """Put in a character, unless its sheet is the one that was put in last; an older sheet may have come back."""
    key = f"cast:{book.world_id}:{character.id}:"[-_KEY_CHARACTERS:]
    last: str | None = await book.connection.scalar(_last(book.world_id, key))
    if last is None or not last.startswith(key + character.version):
        await book.propose(_entry(book.world_id, character, f"{key}{character.version}:{book.kept.sequence}"))


def _last(world_id: str, key: str) -> Select[str]:
    """The effect key of a character's last entry. Entries have no channel and no place, which is what the index has."""
    events = world_events.c
    entries = events.world_id == world_id, events.channel_id == "", events.place == 0
    its = select(events.effect_key).where(*entries, events.effect_key.startswith(key, autoescape=True))
    return its.order_by(events.number.desc()).limit(1)


def _entry(world_id: str, character: Character, key: str) -> ProposedChange:
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
    return ProposedChange(world_id=world_id, kind="made", cause="task", effect_key=key, told=told, place=0)
