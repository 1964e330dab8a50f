"""How the background work goes, in figures."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from greenroom.background.tables import background_tasks as table
from greenroom.clock import Clock
from greenroom.model import QueueStatus, TaskCount
from greenroom.storage.database import Database

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


async def queue_status(database: Database, clock: Clock, most_waiting: int) -> QueueStatus:
    """Count the tasks. More than `most_waiting` are an alert."""
    now = clock.now()
    async with database.read() as connection:
        counts = await _counts(connection)
        oldest = await connection.scalar(select(func.min(table.c.created_at)).where(table.c.status == "pending"))
        minute = await _ended(connection, "completed", now - _MINUTE)
        hour = await _ended(connection, "completed", now - _HOUR)
        failed = await _ended(connection, "failed", now - _HOUR)
    pending = sum(count.tasks for count in counts if count.status == "pending")
    return QueueStatus(
        counts=counts,
        pending=pending,
        failed=sum(count.tasks for count in counts if count.status == "failed"),
        oldest_pending_s=max(0.0, (now - oldest).total_seconds()) if oldest else 0.0,
        completed_last_minute=minute,
        completed_last_hour=hour,
        failed_last_hour=failed,
        alert=f"{pending} tasks wait, more than {most_waiting}" if pending > most_waiting else "",
    )


async def _counts(connection: AsyncConnection) -> tuple[TaskCount, ...]:
    query = select(table.c.kind, table.c.status, func.count()).group_by(table.c.kind, table.c.status)
    rows = await connection.execute(query.order_by(table.c.kind, table.c.status))
    return tuple(TaskCount(kind=kind, status=status, tasks=tasks) for kind, status, tasks in rows)


async def _ended(connection: AsyncConnection, status: str, since: datetime) -> int:
    ended: ColumnElement[bool] = (table.c.finished_at >= since) & (table.c.status == status)
    return await connection.scalar(select(func.count()).select_from(table).where(ended)) or 0
