"""What is learned of a source: its pace, its newest entry, gaps and what was missed; and its TLS exceptions."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("source") as source:
        source.add_column(sa.Column("pace", sa.Float(), nullable=False, server_default="1.0"))
        source.add_column(sa.Column("newest_url", sa.Text(), nullable=True))
        source.add_column(sa.Column("newest_at", sa.DateTime(timezone=True), nullable=True))
        source.add_column(sa.Column("dated", sa.Integer(), nullable=False, server_default="0"))
        source.add_column(sa.Column("gap_at", sa.DateTime(timezone=True), nullable=True))
        source.add_column(sa.Column("reconciled_at", sa.DateTime(timezone=True), nullable=True))
        source.add_column(sa.Column("missed", sa.Integer(), nullable=False, server_default="0"))
        source.add_column(sa.Column("tls", sa.Text(), nullable=False, server_default=""))
        source.add_column(sa.Column("outage", sa.Text(), nullable=False, server_default=""))
        source.add_column(sa.Column("asked", sa.Text(), nullable=True))
        source.add_column(sa.Column("usual_listed", sa.Integer(), nullable=False, server_default="0"))
        source.add_column(sa.Column("suspected", sa.Text(), nullable=True))
        source.add_column(sa.Column("bad_polls", sa.Integer(), nullable=False, server_default="0"))
        source.add_column(sa.Column("good_polls", sa.Integer(), nullable=False, server_default="0"))
        source.add_column(sa.Column("relapses", sa.Integer(), nullable=False, server_default="0"))
        source.add_column(sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))
        source.add_column(sa.Column("rhythm", sa.JSON(none_as_null=True), nullable=True))
        source.add_column(sa.Column("quiet_at", sa.DateTime(timezone=True), nullable=True))
