"""What quality has learnt from, as it is kept: bars, judged turns, and how far the log of turns was read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.config import QualitySettings
from greenroom.errors import Conflict
from greenroom.model import Bar, TurnId
from greenroom.quality.tables import bars, judged_turns, quality_cursors
from greenroom.quality.thresholds import Judged, moved, starting
from greenroom.storage.database import Database
from greenroom.storage.upsert import put

FOLLOWER = "quality"
_POSITION = select(quality_cursors.c.position).where(quality_cursors.c.follower == FOLLOWER)
KEPT_TURNS = 20_000


@dataclass(frozen=True)
class JudgedTurn:
    """A turn that ended: its first draft without a broken hard rule, if any, and the log odds of what was said."""

    turn_id: TurnId
    character: str
    first: Judged | None
    log_odds: float | None
    ended_at: datetime


class Ledger:
    """The tables by which quality learns. One page of the log is taken in whole, or not at all."""

    def __init__(self, database: Database, settings: QualitySettings) -> None:
        self._database = database
        self._settings = settings

    async def cursor(self) -> int:
        """How far the log was read; 0 before the first page."""
        return await self._database.value(_POSITION) or 0

    async def bars(self) -> tuple[Bar, ...]:
        """The bars as they are kept."""
        async with self._database.read() as connection:
            return tuple(await self._bars(connection))

    async def log_odds(self, turns: Collection[str]) -> dict[str, float]:
        """What was thought of the lines of these turns, as far as that is kept."""
        wanted = select(judged_turns.c.turn_id, judged_turns.c.log_odds).where(judged_turns.c.turn_id.in_(set(turns)))
        found = await self._database.rows(wanted)
        return {row.turn_id: row.log_odds for row in found if row.log_odds is not None}

    async def advance(self, turns: Sequence[JudgedTurn], withdrawn: Collection[str], before: int, cursor: int) -> None:
        """Take in a part of the log. Raises: Conflict, when another instance has done so already."""
        async with self._database.write() as connection:
            await self._step(connection, before, cursor)
            known = {(bar.character, bar.state): bar for bar in await self._bars(connection)}
            for turn in turns:
                if await self._keep(connection, turn) and turn.first:
                    key = (turn.first.character, turn.first.state)
                    bar = known.get(key) or self._new_bar(turn.first)
                    known[key] = moved(bar, turn.first.score, self._settings)
                    row = known[key].model_dump(include={"character", "state", "threshold", "drafts"})
                    await put(connection, bars, row)
            if withdrawn:
                await connection.execute(delete(judged_turns).where(judged_turns.c.turn_id.in_(set(withdrawn))))

    async def trim(self) -> None:
        """Let go of the oldest turns."""
        newest = select(judged_turns.c.turn_id).order_by(judged_turns.c.ended_at.desc()).limit(KEPT_TURNS)
        async with self._database.write() as connection:
            await connection.execute(delete(judged_turns).where(judged_turns.c.turn_id.not_in(newest)))

    async def _step(self, connection: AsyncConnection, before: int, cursor: int) -> None:
        """Move the cursor, if it still stands where we read it: two instances must not count a turn twice."""
        here = quality_cursors.c.follower == FOLLOWER
        if await connection.scalar(_POSITION) is None:
            await connection.execute(insert(quality_cursors).values(follower=FOLLOWER, position=0))
        step = update(quality_cursors).where(here, quality_cursors.c.position == before).values(position=cursor)
        if (await connection.execute(step)).rowcount != 1:
            raise Conflict("another instance has read this part of the log")

    async def _keep(self, connection: AsyncConnection, turn: JudgedTurn) -> bool:
        """Keep a turn; return whether it is new."""
        this = judged_turns.c.turn_id == turn.turn_id
        new = await connection.scalar(select(judged_turns.c.turn_id).where(this)) is None
        row = {
            "turn_id": turn.turn_id,
            "character": turn.character,
            "log_odds": turn.log_odds,
            "ended_at": turn.ended_at,
        }
        await put(connection, judged_turns, row)
        return new

    async def _bars(self, connection: AsyncConnection) -> list[Bar]:
        rows = (await connection.execute(select(bars))).mappings().all()
        return [self._bar(dict(row)) for row in rows]

    def _bar(self, row: dict[str, object]) -> Bar:
        bar = Bar.model_validate(row | {"starting": 0.0})
        bar = bar.model_copy(update={"starting": starting(self._settings, bar.state)})
        reach = abs(bar.threshold - bar.starting) >= self._settings.bar_reach > 0
        return bar.model_copy(update={"clamped": reach})

    def _new_bar(self, judged: Judged) -> Bar:
        start = starting(self._settings, judged.state)
        return Bar(character=judged.character, state=judged.state, threshold=start, starting=start)
