"""What each change weighs, and the lines of a source that flip from fetch to fetch."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("revision", sa.Column("change", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "volatile",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("flipped_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("learned_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("source", "template", name="pk_volatile"),
        sa.ForeignKeyConstraint(["source"], ["source.slug"], name="fk_volatile_source"),
    )
