"""How many answers from the cache, and requests that took a cheaper way, saved what nobody knows. Older rows: none."""

import sqlalchemy as sa
from alembic import op

revision = "0025_unvalued"
down_revision = "0024_restricted"

_COLUMNS = ("unvalued", "uncompared")


def upgrade() -> None:
    """Add the columns."""
    for name in _COLUMNS:
        op.add_column("books", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))


def downgrade() -> None:
    """Drop them."""
    for name in _COLUMNS:
        op.drop_column("books", name)
