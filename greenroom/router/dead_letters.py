"""Turns that failed, kept until somebody replays or drops them."""

from sqlalchemy import delete, func, select

from greenroom.errors import Interrupted, UnknownDeadLetter
from greenroom.model import DeadLetter, DeadLetters, Page, Turn
from greenroom.router.tables import dead_letters
from greenroom.storage.database import Database


class DeadLetterBox:
    """The table of dead letters. `log.py` fills it, in one transaction with the turn's own failure."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, page: Page) -> DeadLetters:
        """Newest first; the page's `after` counts letters to pass over."""
        query = select(dead_letters).order_by(dead_letters.c.failed_at.desc(), dead_letters.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query.offset(page.after).limit(page.limit))).mappings().all()
            total = await connection.scalar(select(func.count()).select_from(dead_letters))
        return DeadLetters(letters=tuple(DeadLetter.model_validate(dict(r)) for r in rows), total=total or 0)

    async def get(self, letter_id: str) -> DeadLetter:
        """One letter. Raises: UnknownDeadLetter."""
        async with self._database.read() as connection:
            query = select(dead_letters).where(dead_letters.c.id == letter_id)
            row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise UnknownDeadLetter(f"unknown dead letter {letter_id!r}; it may have been replayed or dropped")
        return DeadLetter.model_validate(dict(row))

    async def of_turn(self, turn_id: str) -> DeadLetter | None:
        """The letter that a failed turn has left, if it still waits."""
        async with self._database.read() as connection:
            query = select(dead_letters).where(dead_letters.c.turn_id == turn_id)
            row = (await connection.execute(query)).mappings().one_or_none()
        return DeadLetter.model_validate(dict(row)) if row else None

    async def of_cut_off(self, turn: Turn) -> DeadLetter | None:
        """The letter of a turn that was cut off before anybody could know whether it would have been answered."""
        letter = await self.of_turn(turn.id) if turn.state == "failed" else None
        return letter if letter and letter.error == Interrupted.__name__ else None

    async def drop(self, letter_id: str) -> None:
        """Forget a letter. Raises: UnknownDeadLetter."""
        await self.get(letter_id)
        async with self._database.write() as connection:
            await connection.execute(delete(dead_letters).where(dead_letters.c.id == letter_id))
