"""Re-checks: which articles go first, each host's budget, what listings showed, and an article's other addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CLOSELY = """
UPDATE article SET closely = true WHERE misses > 0
OR EXISTS (SELECT 1 FROM "match" WHERE "match".article_id = article.id)
OR EXISTS (SELECT 1 FROM revision WHERE revision.article_id = article.id AND kind NOT IN ('first', 'reextracted'))
"""


def upgrade() -> None:
    # Not as a batch, which would copy the table for the sake of a default that is no string.
    op.add_column("article", sa.Column("closely", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("article", sa.Column("hints", sa.Integer(), nullable=False, server_default="0"))
    op.execute(_CLOSELY)
    op.drop_index(op.f("ix_article_next_check_at"), table_name="article")
    op.create_index("ix_article_due", "article", ["next_check_at", "source"])
    op.create_index("ix_article_source_due", "article", ["source", "closely", "next_check_at"])
    op.create_index("ix_article_fingerprint", "article", ["fingerprint"])
    op.create_table(
        "alias",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("article_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_alias_article_id")),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_alias")),
    )
    op.create_index(op.f("ix_alias_article_id"), "alias", ["article_id"])
    op.create_table(
        "listed",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["source.slug"], name=op.f("fk_listed_source")),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_listed")),
    )
    op.create_table(
        "host",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rechecks_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_host")),
    )
