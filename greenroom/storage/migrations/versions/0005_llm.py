"""The gateway's books, its keys, and what each key has spent."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment

revision = "0005_llm"
down_revision = "0004_tuning"

_SUMS = (
    "requests",
    "failed",
    "left_early",
    "calls",
    "unpriced",
    "prompt_tokens",
    "completion_tokens",
    "cost",
    "saved",
    "avoided",
)


def upgrade() -> None:
    """Create the tables."""
    op.create_table("books", *_account(), *(sa.Column(name, sa.BigInteger, nullable=False) for name in _SUMS))
    op.create_table(
        "waits",
        *_account(),
        sa.Column("bucket", sa.Integer, primary_key=True),
        sa.Column("requests", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("revoked_at", Moment),
        sa.Column("budget", sa.BigInteger),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("requests_per_minute", sa.Integer),
        sa.Column("tokens_per_minute", sa.Integer),
        sa.Column("models", sa.JSON, nullable=False),
        sa.Column("shares_cache", sa.Boolean, nullable=False),
    )
    op.create_table(
        "spending",
        sa.Column("key_id", sa.Text, primary_key=True),
        sa.Column("period", sa.Text, primary_key=True),
        sa.Column("spent", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("spending", "keys", "waits", "books"):
        op.drop_table(table)


def _account() -> list[sa.Column[object]]:
    return [
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("caller", sa.Text, primary_key=True),
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
    ]
