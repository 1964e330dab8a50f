"""Who witnessed each line, and what was changed or taken back since."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment, json_column

revision = "0009_ledger"
down_revision = "0008_routing"


def upgrade() -> None:
    """Rename what orders the conversation, and add the columns."""
    op.drop_index("turns_channel_place", "turns")
    op.execute("ALTER TABLE turns RENAME COLUMN place TO rank")
    op.create_index("turns_channel_rank", "turns", ["channel_id", "rank"])
    for column in (
        sa.Column("place", sa.Text, nullable=False, server_default="channel"),
        sa.Column("present", json_column()),
        sa.Column("parent_id", sa.Text),
        sa.Column("message_id", sa.Text),
        sa.Column("follows", sa.Text),
        sa.Column("edited_at", Moment),
        sa.Column("outdated", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("knows_from", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("erased_at", sa.BigInteger),
    ):
        op.add_column("turns", column)
    op.create_index("turns_message_id", "turns", ["message_id"])
    op.create_index("turns_follows", "turns", ["follows"])
    op.create_index("turns_user", "turns", ["user_id", "position"])
    op.create_index("turns_channel_erased", "turns", ["channel_id", "erased_at"])


def downgrade() -> None:
    """Undo it."""
    for name in ("turns_channel_erased", "turns_user", "turns_follows", "turns_message_id", "turns_channel_rank"):
        op.drop_index(name, "turns")
    added = "erased_at knows_from outdated edited_at follows message_id parent_id present place"
    for name in added.split():
        op.drop_column("turns", name)
    op.execute("ALTER TABLE turns RENAME COLUMN rank TO place")
    op.create_index("turns_channel_place", "turns", ["channel_id", "place"])
