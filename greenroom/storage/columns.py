"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime

from sqlalchemy import JSON, DateTime, Dialect
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """A point in time: aware on its way in, UTC on its way out. SQLite keeps it as UTC text, which sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn any zone into UTC, the only zone that SQLite's text can be compared in."""
        if value is None:
            return None
        assert value.tzinfo is not None, f"a moment needs a time zone: {value!r}"
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back the zone that SQLite does not keep, and undo the one that PostgreSQL's session adds."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def json_column() -> JSON:
    """A JSON value; None is NULL.

    Not JSONB on PostgreSQL: it forgets the order of keys and refuses the character U+0000, which a model may write,
    and nothing searches inside these values.
    """
    return JSON(none_as_null=True)
