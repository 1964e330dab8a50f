"""An index of the documents that are not for everybody, which each turn asks for."""

import sqlalchemy as sa
from alembic import op

revision = "0024_restricted"
down_revision = "0023_by_whom"

_RESTRICTED = sa.text("restricted")


def upgrade() -> None:
    """Add it."""
    op.create_index(
        "documents_restricted", "documents", ["number"], sqlite_where=_RESTRICTED, postgresql_where=_RESTRICTED
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("documents_restricted", "documents")
