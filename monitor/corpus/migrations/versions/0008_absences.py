"""Withdrawals with their evidence: what each look found, when an article was last there, and every such event."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("article", sa.Column("absence", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("article", sa.Column("good_at", sa.DateTime(timezone=True), nullable=True))
    # Until now only a look that found an article gone moved checked_at without its being there.
    op.execute("UPDATE article SET good_at = checked_at WHERE misses = 0 AND status = 'live'")
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_event_article_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index(op.f("ix_event_article_id"), "event", ["article_id"])
