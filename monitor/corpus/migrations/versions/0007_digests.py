"""What digests need: the time that a delivery was meant for, when it went out, and the copies that they mention."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_BEGUN = sa.text("taken <> ''")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    big_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    with op.batch_alter_table("delivery") as delivery:
        delivery.add_column(sa.Column("digest_at", moment))
        delivery.add_column(sa.Column("begun_at", moment))
        delivery.create_index("ix_delivery_digest", ["digest"])
        delivery.create_index("ix_delivery_channel_state_next_try_at", ["channel", "state", "next_try_at", "id"])
        delivery.create_index("ix_delivery_begun", ["channel"], sqlite_where=_BEGUN, postgresql_where=_BEGUN)
    op.create_table(
        "repost",
        sa.Column("id", big_id, nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("article_id", big_id, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("digest_at", moment),
        sa.Column("digest", sa.Text()),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_repost_alert_id")),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], name=op.f("fk_repost_article_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repost")),
        sa.UniqueConstraint(
            "alert_id",
            "article_id",
            "channel",
            "recipient",
            name=op.f("uq_repost_alert_id_article_id_channel_recipient"),
        ),
    )
    op.create_index(op.f("ix_repost_article_id"), "repost", ["article_id"])
    op.create_index(op.f("ix_repost_digest"), "repost", ["digest"])
