"""Work that is done in the background, and who is at it."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment, json_column

revision = "0017_background"
down_revision = "0016_forgetting"


def upgrade() -> None:
    """Create the tables, and the view that has the columns of older programs."""
    op.create_table(
        "background_tasks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", json_column(), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("interruptions", sa.Integer, nullable=False),
        sa.Column("starts", sa.Integer, nullable=False),
        sa.Column("run", sa.Text, unique=True),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("started_at", Moment),
        sa.Column("finished_at", Moment),
        sqlite_autoincrement=True,
    )
    op.create_index("background_tasks_standing", "background_tasks", ["status", "kind", "priority", "id"])
    op.create_index("background_tasks_finished", "background_tasks", ["finished_at"])
    op.create_table(
        "background_workers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("beats", sa.Integer, nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
    )
    op.execute(
        "CREATE VIEW maintenance_queue AS SELECT id, kind AS task_type, payload AS task_data, priority, status, "
        "created_at, finished_at AS processed_at, error AS error_message FROM background_tasks"
    )


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP VIEW maintenance_queue")
    op.drop_table("background_workers")
    op.drop_table("background_tasks")
