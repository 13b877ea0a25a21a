"""Withdrawn and returned articles in the corpus: their events, the signs so far, and who can vouch for a host."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crawler.records import iso
from monitor.corpus.tables import article, event
from monitor.corpus.tables import source as source_table
from monitor.model import AlertKind, ArticleStatus

#: Of a source's articles, so many that were seen last are asked whether they are on the same host.
_LATEST = 200
#: The ETag of an item that its feed carries whole: there is no page that could be asked.
_CARRIED = "body:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """The signs of an absence that is not confirmed; since: the first. good_at: when it last was as it should be."""

    good_at: datetime
    since: datetime | None
    doubts: int
    checks: tuple[Mapping[str, Any], ...]


def signs_of(connection: Connection, article_id: int) -> Signs:
    """The signs so far of an article that the corpus holds."""
    row = connection.execute(_SIGNS, {"wanted": article_id}).one()
    held = row.absence or {}
    return Signs(
        good_at=row.good_at or row.first_seen_at,
        since=row.missing_since,
        doubts=held.get("doubts", 0),
        checks=tuple(held.get("checks", ())),
    )


_SIGNS = sa.select(article.c.good_at, article.c.first_seen_at, article.c.missing_since, article.c.absence).where(
    article.c.id == sa.bindparam("wanted")
)


def add_event(tx: Connection, article_id: int, kind: AlertKind, detail: Mapping[str, Any], *, at: datetime) -> None:
    """Note that the article was withdrawn, or returned."""
    tx.execute(_INSERT, {"article_id": article_id, "kind": kind, "at": at, "detail": dict(detail)})


_INSERT = sa.insert(event)


def events_of(connection: Connection, article_id: int) -> list[dict[str, Any]]:
    """All of the article's events, oldest first: `kind`, `at` and what is known of each."""
    rows = connection.execute(_EVENTS, {"wanted": article_id})
    return [{"kind": row.kind, "at": iso(row.at), **row.detail} for row in rows]


_EVENTS = (
    sa.select(event.c.kind, event.c.at, event.c.detail)
    .where(event.c.article_id == sa.bindparam("wanted"))
    .order_by(event.c.id)
)


def missing_of(connection: Connection, article_id: int) -> dict[str, Any] | None:
    """What speaks for a withdrawal that is not confirmed; None where the article was there at the last look."""
    found = signs_of(connection, article_id)
    if found.since is None:
        return None
    return {"since": iso(found.since), "last_good_at": iso(found.good_at), "checks": list(found.checks)}


def returns_since(connection: Connection, article_id: int, moment: datetime) -> int:
    """How often the article returned after that moment."""
    return connection.execute(_RETURNS, {"wanted": article_id, "moment": moment}).scalar_one()


_RETURNS = (
    sa.select(sa.func.count())
    .select_from(event)
    .where(
        event.c.article_id == sa.bindparam("wanted"),
        event.c.kind == AlertKind.RETURNED,
        event.c.at >= sa.bindparam("moment", type_=event.c.at.type),
    )
)


# -- who can vouch for a host


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """What the source's other articles on the host of one article say.

    answered_at: when the last of them was as it should be; None: there is none. ask: one that could be asked now.
    on_list: whether the source's listing is on the host, too.
    """

    answered_at: datetime | None = None
    ask: int | None = None
    on_list: bool = False


def others_on_host(connection: Connection, article_id: int, url: str, slug: str) -> Others:
    """Who can vouch for the host of the article; those that are missing themselves cannot be asked."""
    host = _host(url)
    rows = connection.execute(_OTHERS, {"wanted": article_id, "slug": slug})
    same = [row for row in rows if _host(row.url) == host]
    can = [row for row in same if not row.misses]
    # The one that is due next anyway; one that is looked at no more only where there is no other.
    soonest = min(can, key=lambda row: (row.next_check_at is None, row.next_check_at or row.seen_at), default=None)
    listing = connection.execute(sa.select(source_table.c.url).where(source_table.c.slug == slug)).scalar()
    return Others(
        answered_at=max((row.seen_at for row in same), default=None),
        ask=soonest.id if soonest else None,
        on_list=_host(listing or "") == host,
    )


_SEEN = sa.func.coalesce(article.c.good_at, article.c.first_seen_at, type_=article.c.first_seen_at.type)
_OTHERS = (
    sa.select(article.c.id, article.c.url, article.c.misses, article.c.next_check_at, _SEEN.label("seen_at"))
    .where(
        article.c.source == sa.bindparam("slug"),
        article.c.id != sa.bindparam("wanted"),
        article.c.status == ArticleStatus.LIVE,
        sa.or_(article.c.etag.is_(None), sa.not_(article.c.etag.startswith(_CARRIED))),
    )
    .order_by(_SEEN.desc())
    .limit(_LATEST)
)


def ask_soon(tx: Connection, article_id: int, now: datetime) -> None:
    """The article is due for a look now, if it is not already."""
    tx.execute(_ASK, {"of": article_id, "now": now, "next_check_at": now})


_ASK = sa.update(article).where(
    article.c.id == sa.bindparam("of"),
    sa.or_(
        article.c.next_check_at.is_(None),
        article.c.next_check_at > sa.bindparam("now", type_=article.c.next_check_at.type),
    ),
)


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
