"""Ratings as they are kept: one for each person and turn."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, delete, func, select, true

from greenroom.model import CharacterId, Outcome, Rating, Ratings, RatingsRequest, TurnId
from greenroom.storage.database import Database
from greenroom.storage.upsert import put
from greenroom.tuning import outcomes
from greenroom.tuning.tables import ratings

_GOOD = case((ratings.c.thumb != 0, (ratings.c.thumb + 1) / 2.0), else_=(ratings.c.stars - 1) / 4.0)
"""How good a rating says that a line is, 0–1: by its thumb, or else by its stars."""


class Opinions:
    """The table of ratings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, rating: Rating, character: CharacterId, rated_at: datetime, decision: str = "") -> None:
        """Put a rating in the place of this person's earlier one; without thumb and stars, only take that away.

        `decision` is what led to the line; the routing will be told what all think of it, or that nobody does any more.
        """
        async with self._database.write() as connection:
            if rating.thumb or rating.stars:
                kept = rating.model_copy(update={"character": character, "rated_at": rated_at})
                await put(connection, ratings, kept.model_dump())
            else:
                this_one = (ratings.c.turn_id == rating.turn_id) & (ratings.c.user_id == rating.user_id)
                await connection.execute(delete(ratings).where(this_one))
            if decision:
                good = await connection.scalar(select(func.avg(_GOOD)).where(ratings.c.turn_id == rating.turn_id))
                await outcomes.keep(connection, Outcome(decision=decision, good=good, source="rating"), rated_at)

    async def matching(self, request: RatingsRequest) -> Ratings:
        """The newest ratings that match, and the thumbs among all that do."""
        wanted = _wanted(request)
        newest = select(ratings).where(wanted).order_by(ratings.c.rated_at.desc(), ratings.c.turn_id, ratings.c.user_id)
        async with self._database.read() as connection:
            rows = (await connection.execute(newest.limit(request.limit).offset(request.skip))).mappings().all()
            up, down = (await connection.execute(_thumbs(wanted))).one()
        return Ratings(ratings=tuple(Rating.model_validate(dict(row)) for row in rows), up=up, down=down)

    async def disliked(self, character: CharacterId, limit: int) -> Sequence[tuple[TurnId, int]]:
        """The character's turns with more thumbs down than up, newest opinion first, with the thumbs down."""
        down = func.count().filter(ratings.c.thumb == -1)
        turns = (
            select(ratings.c.turn_id, down)
            .where(ratings.c.character == character)
            .group_by(ratings.c.turn_id)
            .having(func.sum(ratings.c.thumb) < 0)
            .order_by(func.max(ratings.c.rated_at).desc(), ratings.c.turn_id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return [(TurnId(turn), count) for turn, count in await connection.execute(turns)]


def _wanted(request: RatingsRequest) -> ColumnElement[bool]:
    wanted: ColumnElement[bool] = true()
    if request.turn_id is not None:
        wanted &= ratings.c.turn_id == request.turn_id
    if request.character is not None:
        wanted &= ratings.c.character == request.character.casefold()
    if request.user_id is not None:
        wanted &= ratings.c.user_id == request.user_id
    return wanted


def _thumbs(wanted: ColumnElement[bool]) -> Select[int, int]:
    up, down = (func.count().filter(ratings.c.thumb == thumb) for thumb in (1, -1))
    return select(up, down).where(wanted)
