"""Which documents the library has of an entity."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import json_column

revision = "0019_shelved"
down_revision = "0018_world"


def upgrade() -> None:
    """Add the column."""
    op.add_column("world_entities", sa.Column("shelved", json_column()))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("world_entities", "shelved")
