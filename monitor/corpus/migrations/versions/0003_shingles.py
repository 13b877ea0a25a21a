"""By which the near-duplicates of a text are found; filled as articles come in, and for older ones by `db reindex`."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "band",
        sa.Column("hash", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("article_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("hash", "article_id", name=op.f("pk_band")),
        sqlite_with_rowid=False,
    )
