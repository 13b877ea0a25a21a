"""Writes articles: what a visit found goes into article, revision and capture; refuses to decide anything."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Connection

from crawler.records import Capture
from monitor.corpus.tables import article, capture, match, revision
from monitor.judge import Known
from monitor.model import ArticleStatus, RevisionKind

#: Fast enough for the writer thread (0.1 ms for a page of 30 KB); higher levels gain a few per cent.
ZSTD_LEVEL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An article as ingest needs it: what judge wants to know, and where it stands.

    matched: it met a watch, in any revision. edited: its site changed it before. change: of its latest revision, what
    add_revision() was given.
    """

    id: int
    url: str
    known: Known
    story_id: int
    source: str
    region: str | None
    revision: int
    baseline: bool
    checks: int
    first_seen_at: datetime
    changed_at: datetime | None
    withdrawn_at: datetime | None
    missing_since: datetime | None
    matched: bool = False
    edited: bool = False
    change: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What one revision says. facts: the article JSON without url, title and text."""

    title: str
    text: str
    facts: Mapping[str, Any]
    fingerprint: str
    extractor: str
    published_at: datetime | None


def sources_of(connection: Connection, urls: Collection[str]) -> dict[str, str]:
    """Those of the canonical URLs that are articles, with the source of each."""
    return {row.url: row.source for row in connection.execute(_SOURCES_OF, {"urls": list(urls)})}


_SOURCES_OF = sa.select(article.c.url, article.c.source).where(article.c.url.in_(sa.bindparam("urls", expanding=True)))


def stored(connection: Connection, url: str) -> Stored | None:
    """The article that is asked for at that canonical URL, with its latest revision."""
    row = connection.execute(_STORED, {"wanted": url}).mappings().first()
    if row is None:
        return None
    known = Known(
        title=row["title"],
        text=row["text"],
        facts=row["fields"],
        fingerprint=row["fingerprint"],
        extractor=row["extractor"],
        earlier=frozenset(connection.execute(_FINGERPRINTS, {"wanted": row["id"]}).scalars()),
        status=ArticleStatus(row["status"]),
        misses=row["misses"],
        checked_at=row["checked_at"],
    )
    return Stored(
        id=row["id"],
        url=url,
        known=known,
        story_id=row["story_id"],
        source=row["source"],
        region=row["region"],
        revision=row["revision"],
        baseline=row["baseline"],
        checks=row["checks"],
        first_seen_at=row["first_seen_at"],
        changed_at=row["changed_at"],
        withdrawn_at=row["withdrawn_at"],
        missing_since=row["missing_since"],
        matched=row["matched"],
        edited=row["edited"],
        change=row["change"],
    )


_earlier = revision.alias("earlier")
_MATCHED = sa.exists().where(match.c.article_id == article.c.id).correlate(article)
_EDITED = (
    sa.exists()
    .where(
        _earlier.c.article_id == article.c.id,
        _earlier.c.n > 1,
        _earlier.c.kind != RevisionKind.REEXTRACTED,
    )
    .correlate(article)
)
_STORED = (
    sa.select(
        article.c.id,
        article.c.story_id,
        article.c.source,
        article.c.region,
        article.c.revision,
        article.c.baseline,
        article.c.status,
        article.c.misses,
        article.c.checks,
        article.c.checked_at,
        article.c.first_seen_at,
        article.c.changed_at,
        article.c.withdrawn_at,
        article.c.missing_since,
        _MATCHED.label("matched"),
        _EDITED.label("edited"),
        revision.c.title,
        revision.c.text,
        revision.c.fields,
        revision.c.fingerprint,
        revision.c.extractor,
        revision.c.change,
    )
    .join_from(article, revision, sa.and_(revision.c.article_id == article.c.id, revision.c.n == article.c.revision))
    .where(article.c.url == sa.bindparam("wanted"))
)
_FINGERPRINTS = sa.select(revision.c.fingerprint).where(revision.c.article_id == sa.bindparam("wanted"))


def insert(
    tx: Connection,
    *,
    url: str,
    source: str,
    region: str | None,
    story_id: int,
    content: Content,
    baseline: bool,
    validators: tuple[str | None, str | None],
    next_check_at: datetime | None,
    closely: bool,
    now: datetime,
) -> int:
    """A new article, without its first revision; answers its id. validators: ETag and Last-Modified."""
    values = {
        "url": url,
        "source": source,
        "region": region,
        "story_id": story_id,
        "status": ArticleStatus.LIVE,
        "baseline": baseline,
        "revision": 1,
        "first_seen_at": now,
        "sorted_at": content.published_at or now,
        "checked_at": now,
        "changed_at": None,
        "etag": validators[0],
        "last_modified": validators[1],
        "next_check_at": next_check_at,
        "closely": closely,
        "checks": 0,
        "misses": 0,
        **_columns(content),
    }
    return _id(tx.execute(_INSERT_ARTICLE, values))


_INSERT_ARTICLE = sa.insert(article)
_UPDATE_ARTICLE = sa.update(article).where(article.c.id == sa.bindparam("of"))
_INSERT_REVISION = sa.insert(revision)
_INSERT_CAPTURE = sa.insert(capture)


def add_revision(
    tx: Connection,
    article_id: int,
    *,
    n: int,
    kind: RevisionKind,
    summary: str,
    content: Content,
    page: Capture | int | None,
    now: datetime,
    change: Mapping[str, Any] | None,
) -> None:
    """One more revision of an article, with the capture that it was read from (or the id of one that is stored).

    change: what its importance consists of, and whether it only brings an earlier one back (monitor.comeback).
    """
    values = {
        "article_id": article_id,
        "n": n,
        "at": now,
        "kind": kind,
        "summary": summary,
        "title": content.title,
        "text": content.text,
        "fields": dict(content.facts),
        "fingerprint": content.fingerprint,
        "extractor": content.extractor,
        "change": change,
        "capture_id": _add_capture(tx, article_id, page) if isinstance(page, Capture) else page,
    }
    tx.execute(_INSERT_REVISION, values)


def _add_capture(tx: Connection, article_id: int, page: Capture) -> int:
    values = {
        "article_id": article_id,
        "url": page.url,
        "final_url": page.final_url,
        "status": page.status,
        "content_type": page.content_type,
        "fetched_at": page.fetched_at,
        "size": len(page.body),
        "body": zstandard.compress(page.body, ZSTD_LEVEL),
    }
    return _id(tx.execute(_INSERT_CAPTURE, values))


def set_content(tx: Connection, item: Stored, content: Content, *, n: int, now: datetime) -> None:
    """The article's latest revision is now `n`, which says `content`."""
    values = {
        **_columns(content),
        "revision": n,
        "changed_at": now,
        "sorted_at": content.published_at or item.first_seen_at,
    }
    tx.execute(_UPDATE_ARTICLE, {"of": item.id, **values})


def confirm(tx: Connection, item: Stored, *, extractor: str, quality: Mapping[str, Any]) -> None:
    """The article's latest revision is what that extractor, too, makes of its page; quality: what it says of it."""
    facts = {**item.known.facts, "quality": quality}
    tx.execute(_CONFIRM, {"of": item.id, "latest": item.revision, "extractor": extractor, "fields": facts})
    tx.execute(_UPDATE_ARTICLE, {"of": item.id, "quality": quality})


_CONFIRM = sa.update(revision).where(
    revision.c.article_id == sa.bindparam("of"), revision.c.n == sa.bindparam("latest")
)


def _columns(content: Content) -> dict[str, Any]:
    facts = content.facts
    government = facts["government"]
    return {
        "title": content.title,
        "published_at": content.published_at,
        "published_precision": facts["published_precision"],
        "source_name": facts["source_name"],
        "column": facts["column"],
        "origin": facts["origin"],
        "author": facts["author"],
        "editor": facts["editor"],
        "language": facts["language"],
        "kind": facts["kind"],
        "keywords": facts["keywords"],
        "text_length": len(content.text),
        "stocks": facts["stocks"],
        "attachments": facts["attachments"],
        "government": government,
        "issuer": government.get("issuer"),
        "doc_number": government.get("doc_number"),
        "quality": facts["quality"],
        "fingerprint": content.fingerprint,
    }


def set_visit(tx: Connection, article_id: int, values: Mapping[str, Any]) -> None:
    """Note how a visit went: any of the columns status, checked_at, checks, misses, etag, next_check_at and so on."""
    tx.execute(_UPDATE_ARTICLE, {"of": article_id, **values})


# -- matches


def add_matches(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note which watches met a revision, with the evidence."""
    if rows:
        tx.execute(_INSERT_MATCH, rows)


_INSERT_MATCH = sa.insert(match)


def other_tags(connection: Connection, tags: Mapping[str, str], prefix: str) -> set[str]:
    """Those of the articles (by URL) whose stored ETag has the prefix and is another one than given."""
    query = sa.select(article.c.url, article.c.etag).where(
        article.c.url.in_(list(tags)), article.c.etag.startswith(prefix, autoescape=True)
    )
    return {row.url for row in connection.execute(query) if row.etag != tags[row.url]}


def _id(result: sa.CursorResult[Any]) -> int:
    key = result.inserted_primary_key
    assert key is not None, "a single row was inserted"
    number: int = key[0]
    return number
