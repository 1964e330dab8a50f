"""Similar prompts, and what became of pairs of them."""

import sqlalchemy as sa
from alembic import op

from greenroom.storage.columns import Moment

revision = "0006_similar"
down_revision = "0005_llm"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "similar_prompts",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("partition", sa.Text, nullable=False),
        sa.Column("embedder", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", Moment, nullable=False),
    )
    op.create_index("similar_prompts_kept", "similar_prompts", ["kept_at"])
    op.create_table(
        "similar_pairs",
        sa.Column("asked", sa.Text, primary_key=True),
        sa.Column("kept", sa.Text, primary_key=True),
        sa.Column("embedder", sa.Text, nullable=False),
        sa.Column("chance", sa.Float, nullable=False),
        sa.Column("served", sa.Integer, nullable=False),
        sa.Column("right", sa.Boolean),
        sa.Column("reported", sa.Boolean, nullable=False),
        sa.Column("happened_at", Moment, nullable=False),
    )
    op.create_index("similar_pairs_happened", "similar_pairs", ["happened_at"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("similar_pairs")
    op.drop_table("similar_prompts")
