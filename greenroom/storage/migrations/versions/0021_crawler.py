"""Crawls, and the pages that each knows."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment, json_column

revision = "0021_crawler"
down_revision = "0020_quotes"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "crawls",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("collection", sa.Text, nullable=False),
        sa.Column("kind", sa.Text),
        sa.Column("base", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("listed", sa.Boolean, nullable=False),
        sa.Column("cursor", sa.Text, nullable=False),
        sa.Column("max_pages", sa.Integer, nullable=False),
        sa.Column("max_depth", sa.Integer, nullable=False),
        sa.Column("known_to", json_column(), nullable=False),
        sa.Column("every_hours", sa.Float),
        sa.Column("asked", sa.Integer, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("added", sa.Integer, nullable=False),
        sa.Column("changed", sa.Integer, nullable=False),
        sa.Column("unchanged", sa.Integer, nullable=False),
        sa.Column("removed", sa.Integer, nullable=False),
        sa.Column("ordered_at", Moment, nullable=False),
        sa.Column("begun_at", Moment),
        sa.Column("ended_at", Moment),
        sa.Column("next_at", Moment),
    )
    op.create_table(
        "crawl_pages",
        sa.Column("crawl", sa.Text, primary_key=True),
        sa.Column("url", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("was", sa.Text, nullable=False),
        sa.Column("kept", sa.Boolean, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("depth", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("shape", sa.Text, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("etag", sa.Text, nullable=False),
        sa.Column("last_modified", sa.Text, nullable=False),
        sa.Column("print", sa.Text, nullable=False),
        sa.Column("sketch", sa.Text, nullable=False),
        sa.Column("same_as", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("visited_at", Moment),
    )
    op.create_index("crawl_pages_frontier", "crawl_pages", ["crawl", "state", "attempts", "depth", "number"])
    op.create_index("crawl_pages_number", "crawl_pages", ["crawl", "number"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("crawl_pages")
    op.drop_table("crawls")
