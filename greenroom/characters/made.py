"""Characters made over the API: their rows, and a copy of them in memory that follows the database."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.characters.sheets import character_of
from greenroom.characters.tables import characters, characters_revision
from greenroom.clock import Clock
from greenroom.errors import Conflict
from greenroom.model import Character, CharacterId, Sheet

MAX_CHARACTERS = 2_000
"""Most characters made over the API; all of them are held in memory."""


@dataclass(frozen=True, slots=True)
class Made:
    """A character with what is kept beside its sheet: the card as it came, and its picture (PNG)."""

    character: Character
    card: dict[str, Any] | None = None
    picture: bytes | None = None


class MadeCharacters:
    """The rows of `characters`. Every change takes the next revision, so that others see with one read if they lag."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen = -1
        self._known: dict[str, Character] = {}

    @property
    def all(self) -> tuple[Character, ...]:
        """The characters as of the last `catch_up`, by id."""
        return tuple(self._known[id_] for id_ in sorted(self._known))

    async def catch_up(self, connection: AsyncConnection, revision: int | None = None) -> bool:
        """Read what changed since the last time; tell whether anything did.

        A transaction that has taken a revision hands over the one before: its own may yet be rolled back.
        """
        if revision is None:
            revision = (await connection.execute(select(characters_revision.c.revision))).scalar_one()
        if revision == self._seen:
            return False
        columns = (characters.c.id, characters.c.sheet, characters.c.source)
        # Ids after rows: a row that is committed in between is read again next time, its revision being newer.
        rows = (await connection.execute(select(*columns).where(characters.c.revision > self._seen))).all()
        ids = set((await connection.execute(select(characters.c.id))).scalars())
        changed = {row.id: _character(row.id, row.sheet, row.source) for row in rows}
        self._known = {id_: c for id_, c in {**self._known, **changed}.items() if id_ in ids}
        self._seen = revision
        return True

    async def next_revision(self, connection: AsyncConnection) -> int:
        """Take the next revision. Until the transaction ends no other can: names are checked and given one by one."""
        taken = update(characters_revision).values(revision=characters_revision.c.revision + 1)
        return int((await connection.execute(taken.returning(characters_revision.c.revision))).scalar_one())

    async def add(self, connection: AsyncConnection, revision: int, made: Made) -> None:
        """Insert a character. Raises: Conflict, when there are too many."""
        count = (await connection.execute(select(func.count()).select_from(characters))).scalar_one()
        if count >= MAX_CHARACTERS:
            raise Conflict(f"there are {count:,} characters already, which is the most; delete some first")
        values = self._values(revision, made)
        await connection.execute(insert(characters).values(values | {"created_at": self._clock.now()}))

    async def replace(self, connection: AsyncConnection, revision: int, made: Made) -> None:
        """Put a character in place of the one with the same id."""
        changed = update(characters).where(characters.c.id == made.character.id)
        await connection.execute(changed.values(self._values(revision, made)))

    async def remove(self, connection: AsyncConnection, id_: CharacterId) -> None:
        """Delete a character."""
        await connection.execute(delete(characters).where(characters.c.id == id_))

    async def read(self, connection: AsyncConnection, character: Character) -> Made:
        """Read what is kept beside the sheet; nothing, when the row is gone."""
        beside = select(characters.c.card, characters.c.picture).where(characters.c.id == character.id)
        row = (await connection.execute(beside)).one_or_none()
        if row is None:
            return Made(character)
        return Made(character, json.loads(row.card) if row.card else None, row.picture)

    def _values(self, revision: int, made: Made) -> dict[str, Any]:
        return {
            "id": made.character.id,
            "revision": revision,
            "sheet": made.character.sheet.model_dump_json(),
            "source": made.character.source,
            "card": None if made.card is None else json.dumps(made.card, allow_nan=False),
            "picture": made.picture,
            "updated_at": self._clock.now(),
        }


def _character(id_: str, sheet: str, source: str) -> Character:
    return character_of(CharacterId(id_), Sheet.model_validate_json(sheet), "database", source)
