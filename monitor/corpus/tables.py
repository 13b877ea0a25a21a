"""The tables of the corpus: one definition for SQLite and PostgreSQL; refuses queries, which stand beside it."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Aware UTC inside; SQLite keeps naive UTC text (readable in any SQL shell), PostgreSQL a timestamptz."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time reached the corpus: {value!r}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _big_id() -> sa.types.TypeEngine[Any]:
    """SQLite numbers rows by itself only in a column of the very type INTEGER."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


#: More names than this are cheaper picked out here than handed to the database with every query: the tick of 3,000
#: sources took 23 ms of CPU, most of it for the parameters.
MANY = 50

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: One row: the version of the fold table, the running daemon's heartbeat; whatever is known once.
meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

source = sa.Table(
    "source",
    metadata,
    sa.Column("slug", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("engine", sa.Text, nullable=False),
    sa.Column("group", sa.Text, nullable=False),
    sa.Column("region", sa.Text),
    sa.Column("column", sa.Text),
    sa.Column("url", sa.Text),
    sa.Column("disabled", sa.Text),  # the reason, or NULL
    sa.Column("configured", sa.Boolean, nullable=False, default=True),  # False: gone from config, kept for its articles
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("since", UtcDateTime),
    sa.Column("why", sa.Text, nullable=False, default=""),
    sa.Column("last_poll_at", UtcDateTime),
    sa.Column("last_ok_at", UtcDateTime),
    sa.Column("last_new_at", UtcDateTime),
    sa.Column("next_poll_at", UtcDateTime, index=True),
    sa.Column("listed", sa.Integer, nullable=False, default=0),
    sa.Column("failures", sa.Integer, nullable=False, default=0),
    sa.Column("empty_polls", sa.Integer, nullable=False, default=0),
    sa.Column("baseline_at", UtcDateTime),  # when the first poll was complete; NULL: everything found is baseline
    sa.Column("etag", sa.Text),
    sa.Column("last_modified", sa.Text),
    sa.Column("body_hash", sa.Text),
    sa.Column("pace", sa.Float, nullable=False, default=1.0, server_default="1.0"),
    sa.Column("newest_url", sa.Text),
    sa.Column("newest_at", UtcDateTime),
    sa.Column("dated", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("gap_at", UtcDateTime),
    sa.Column("reconciled_at", UtcDateTime),
    sa.Column("missed", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("tls", sa.Text, nullable=False, default="", server_default=""),
    sa.Column("outage", sa.Text, nullable=False, default="", server_default=""),
    sa.Column("asked", sa.Text),  # the request that etag, last_modified and body_hash belong to
    sa.Column("usual_listed", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("suspected", sa.Text),
    sa.Column("bad_polls", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("good_polls", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("relapses", sa.Integer, nullable=False, default=0, server_default="0"),
    sa.Column("moved_at", UtcDateTime),
    sa.Column("rhythm", sa.JSON(none_as_null=True)),
    sa.Column("quiet_at", UtcDateTime),
)

story = sa.Table(
    "story",
    metadata,
    sa.Column("id", _big_id(), primary_key=True),
    sa.Column("key", sa.Text, index=True),  # of the exact folded text; NULL where the text is too short to compare
    sa.Column("created_at", UtcDateTime, nullable=False),
)

article = sa.Table(
    "article",
    metadata,
    sa.Column("id", _big_id(), primary_key=True),
    sa.Column("url", sa.Text, nullable=False, unique=True),
    sa.Column("source", sa.Text, sa.ForeignKey("source.slug"), nullable=False, index=True),
    sa.Column("story_id", _big_id(), sa.ForeignKey("story.id"), nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("published_at", UtcDateTime, index=True),
    sa.Column("published_precision", sa.Text),
    sa.Column("source_name", sa.Text),
    sa.Column("column", sa.Text),
    sa.Column("origin", sa.Text),
    sa.Column("author", sa.Text),
    sa.Column("editor", sa.Text),
    sa.Column("region", sa.Text, index=True),
    sa.Column("language", sa.Text),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("keywords", sa.JSON, nullable=False),
    sa.Column("text_length", sa.Integer, nullable=False),
    sa.Column("stocks", sa.JSON, nullable=False),
    sa.Column("attachments", sa.JSON, nullable=False),
    sa.Column("government", sa.JSON, nullable=False),
    sa.Column("issuer", sa.Text),  # government.issuer, for people who query the table
    sa.Column("doc_number", sa.Text),
    sa.Column("quality", sa.JSON, nullable=False),
    sa.Column("status", sa.Text, nullable=False),  # live | withdrawn
    sa.Column("baseline", sa.Boolean, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),  # the number of the latest one
    sa.Column("fingerprint", sa.Text, nullable=False),  # of the latest revision
    sa.Column("first_seen_at", UtcDateTime, nullable=False, index=True),
    sa.Column("sorted_at", UtcDateTime, nullable=False),  # published_at, else first_seen_at: newest first goes by it
    sa.Column("checked_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime),
    sa.Column("withdrawn_at", UtcDateTime),
    sa.Column("etag", sa.Text),
    sa.Column("last_modified", sa.Text),
    sa.Column("next_check_at", UtcDateTime),
    # it met a watch, was edited before, or is missing: such articles are looked at first
    sa.Column("closely", sa.Boolean, nullable=False, default=False, server_default=sa.false()),
    sa.Column("hints", sa.Integer, nullable=False, default=0, server_default="0"),  # of listings, since it last changed
    sa.Column("checks", sa.Integer, nullable=False, default=0),
    sa.Column("misses", sa.Integer, nullable=False, default=0),  # signs of a withdrawal in a row
    sa.Column("missing_since", UtcDateTime),
    sa.Column("absence", sa.JSON(none_as_null=True)),  # those signs, and how many of them are doubtful
    sa.Column("good_at", UtcDateTime),  # when it last answered as it should; NULL: never since first_seen_at
    sa.Index("ix_article_due", "next_check_at", "source"),
    sa.Index("ix_article_source_due", "source", "closely", "next_check_at"),
    sa.Index("ix_article_fingerprint", "fingerprint"),
    sa.Index("ix_article_sorted_at", "sorted_at", "id"),
)

#: Other addresses at which an article stood, or stands; `article.url` is the one that is looked at.
alias = sa.Table(
    "alias",
    metadata,
    sa.Column("url", sa.Text, primary_key=True),
    sa.Column("article_id", _big_id(), sa.ForeignKey("article.id"), nullable=False, index=True),
    sa.Column("since", UtcDateTime, nullable=False),
)

#: What the listing of a source showed last: title and time by canonical URL, in its order.
listed = sa.Table(
    "listed",
    metadata,
    sa.Column("source", sa.Text, sa.ForeignKey("source.slug"), primary_key=True),
    sa.Column("entries", sa.JSON, nullable=False),
)

#: Hosts, or groups of them, that are asked in turn.
host = sa.Table(
    "host",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("rechecks_until", UtcDateTime, nullable=False),  # till then re-checks have used their share of its time
)

capture = sa.Table(
    "capture",
    metadata,
    sa.Column("id", _big_id(), primary_key=True),
    sa.Column("article_id", _big_id(), sa.ForeignKey("article.id"), nullable=False, index=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("final_url", sa.Text, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("content_type", sa.Text),
    sa.Column("fetched_at", UtcDateTime, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),  # bytes before compression
    sa.Column("body", sa.LargeBinary, nullable=False),  # zstd
)

revision = sa.Table(
    "revision",
    metadata,
    sa.Column("id", _big_id(), primary_key=True),
    sa.Column("article_id", _big_id(), sa.ForeignKey("article.id"), nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("fields", sa.JSON, nullable=False),  # the article JSON of this revision, without title and text
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("extractor", sa.Text, nullable=False),
    sa.Column("change", sa.JSON(none_as_null=True)),  # its importance and what that consists of; see monitor.comeback
    sa.Column("capture_id", _big_id(), sa.ForeignKey("capture.id"), index=True),
    sa.UniqueConstraint("article_id", "n"),
    sa.Index("ix_revision_article_id_fingerprint", "article_id", "fingerprint"),
)

#: Withdrawals and returns, each with its evidence: the checks that led to it, or how long the article was away.
event = sa.Table(
    "event",
    metadata,
    sa.Column("id", _big_id(), primary_key=True),
    sa.Column("article_id", _big_id(), sa.ForeignKey("article.id"), nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),  # withdrawn | returned
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
)

#: What search reads: the folded title and text of each article's latest revision. Its n-grams stand in `gram`,
#: which is an FTS5 table on SQLite and an int[] with a GIN index on PostgreSQL, made by the migrations.
folded = sa.Table(
    "folded",
    metadata,
    sa.Column("article_id", _big_id(), sa.ForeignKey("article.id"), primary_key=True),
    # origin, issuer, doc_number … one a line: what field terms look into; before the text, to be read without it
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)

#: By which near-duplicates are found: 32 numbers of each text (monitor.text.similarity.bands). The key is the table:
#: it needs no other index, and nothing of it is loaded when a process starts.
band = sa.Table(
    "band",
    metadata,
    sa.Column("hash", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("article_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

match = sa.Table(
    "match",
    metadata,
    sa.Column("id", _big_id(), primary_key=True),
    sa.Column("watch", sa.Text, nullable=False),
    sa.Column("article_id", _big_id(), sa.ForeignKey("article.id"), nullable=False, index=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("rule", sa.Text, nullable=False),
    sa.Column("hits", sa.JSON, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("alerted", sa.Boolean, nullable=False),  # False: baseline, a repost, or a kind that the watch leaves out
    sa.UniqueConstraint("watch", "article_id", "revision"),
)

alert = sa.Table(
    "alert",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("watch", sa.Text),
    sa.Column("source", sa.Text),
    sa.Column("article_id", _big_id(), sa.ForeignKey("article.id"), index=True),
    sa.Column("revision", sa.Integer),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("url", sa.Text),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
)

_BEGUN = sa.text("taken <> ''")

#: The outbox: one row per alert, channel and recipient.
delivery = sa.Table(
    "delivery",
    metadata,
    sa.Column("id", _big_id(), primary_key=True),
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alert.id"), nullable=False, index=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("next_try_at", UtcDateTime),
    sa.Column("lease_until", UtcDateTime),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("error", sa.Text),
    # the digest that it waits for, one per destination and time; once it has left, the id of the message it was part of
    sa.Column("digest", sa.Text, index=True),
    sa.Column("digest_at", UtcDateTime),  # the time of the digest that it was meant for, or NULL
    sa.Column("begun_at", UtcDateTime),  # when its message first went out
    # the names of those parts of its message that were taken, one blank between them
    sa.Column("taken", sa.Text, nullable=False, default="", server_default=""),
    sa.UniqueConstraint("alert_id", "channel", "recipient"),
    sa.Index("ix_delivery_state_next_try_at", "state", "next_try_at"),
    sa.Index("ix_delivery_channel_state_next_try_at", "channel", "state", "next_try_at", "id"),
    sa.Index("ix_delivery_begun", "channel", sqlite_where=_BEGUN, postgresql_where=_BEGUN),
)

#: Copies of a story that a watch was told of: what its digests mention. They are no alerts, and have no delivery.
repost = sa.Table(
    "repost",
    metadata,
    sa.Column("id", _big_id(), primary_key=True),
    sa.Column("alert_id", sa.Text, sa.ForeignKey("alert.id"), nullable=False),  # which told the story
    sa.Column("article_id", _big_id(), sa.ForeignKey("article.id"), nullable=False, index=True),  # the copy
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("digest_at", UtcDateTime),  # the next digest when it came; NULL where the watch speaks at once
    sa.Column("digest", sa.Text, index=True),  # the message that mentions it, or NULL
    sa.UniqueConstraint("alert_id", "article_id", "channel", "recipient"),
)

#: Entries that a listing showed and that are not articles yet. Written before the article is asked for, deleted by the
#: transaction that stores it: a crash, or a listing that moves on, loses none of them.
pending = sa.Table(
    "pending",
    metadata,
    sa.Column("url", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, sa.ForeignKey("source.slug"), nullable=False, index=True),
    sa.Column("entry", sa.JSON, nullable=False),
    sa.Column("baseline", sa.Boolean, nullable=False),  # seen in a first poll: stored without an alert
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("next_try_at", UtcDateTime, index=True),  # NULL: given up, `error` says why
    sa.Column("error", sa.Text),
)

#: Lines that flip from fetch to fetch: suspected, or learned and then left out of comparisons (monitor.volatile).
volatile = sa.Table(
    "volatile",
    metadata,
    sa.Column("source", sa.Text, sa.ForeignKey("source.slug"), primary_key=True),
    sa.Column("template", sa.Text, primary_key=True),
    sa.Column("score", sa.Integer, nullable=False),
    sa.Column("evidence", sa.JSON, nullable=False),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("flipped_at", UtcDateTime, nullable=False),
    sa.Column("learned_at", UtcDateTime),
)
