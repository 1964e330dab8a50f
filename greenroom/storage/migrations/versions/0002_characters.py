"""Characters made over the API, and the revision that grows with each change of them."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment

revision = "0002_characters"
down_revision = "0001_router"


def upgrade() -> None:
    """Create the tables; the revision begins at 0."""
    op.create_table(
        "characters",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("sheet", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("card", sa.Text),
        sa.Column("picture", sa.LargeBinary),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("updated_at", Moment, nullable=False),
    )
    revisions = op.create_table(
        "characters_revision",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(revisions, [{"id": 1, "revision": 0}])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("characters_revision")
    op.drop_table("characters")
