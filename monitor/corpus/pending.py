"""Entries that a listing showed and that are not articles yet; a crash, or a listing that moves on, loses none."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crawler.records import Entry, Precision
from monitor.corpus.tables import MANY, pending


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One entry that waits: how often it was tried, and whether it belongs to its source's baseline."""

    baseline: bool
    seen_at: datetime
    attempts: int


def sources_of(connection: Connection, urls: Collection[str]) -> dict[str, str]:
    """Those of the URLs that wait here, the given-up ones included, with the source that listed each."""
    rows = connection.execute(sa.select(pending.c.url, pending.c.source).where(pending.c.url.in_(urls)))
    return {row.url: row.source for row in rows}


def note(tx: Connection, source: str, entries: Mapping[str, Entry], *, baseline: bool, now: datetime) -> None:
    """Note entries under their canonical URLs, due at once. They must not be known yet."""
    rows = [
        {
            "url": url,
            "source": source,
            "entry": _as_json(entry),
            "baseline": baseline,
            "seen_at": now,
            "attempts": 0,
            "next_try_at": now,
        }
        for url, entry in entries.items()
    ]
    if rows:
        tx.execute(sa.insert(pending), rows)


def waiting(connection: Connection, url: str) -> Waiting | None:
    """The entry of that canonical URL."""
    row = connection.execute(_WAITING, {"url": url}).first()
    return None if row is None else Waiting(baseline=row.baseline, seen_at=row.seen_at, attempts=row.attempts)


_WAITING = sa.select(pending.c.baseline, pending.c.seen_at, pending.c.attempts).where(
    pending.c.url == sa.bindparam("url")
)


def due(connection: Connection, slugs: Collection[str], now: datetime, per_source: int) -> dict[str, tuple[Entry, ...]]:
    """The entries that are due, by source, the longest waiting first; at most `per_source` of each."""
    values: dict[str, Any] = {"now": now, "most": per_source}
    rows = connection.execute(*((_DUE, values) if len(slugs) > MANY else (_DUE_OF, {**values, "slugs": list(slugs)})))
    found: dict[str, tuple[Entry, ...]] = {}
    for row in rows:
        if row.source in slugs:
            found[row.source] = (*found.get(row.source, ()), _entry(row.entry))
    return found


#: Without an index, which SQLite would rather walk than the one of dates: through every entry, at each tick.
_SOURCE = pending.c.source.concat("")


def _due(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    rank = sa.func.row_number().over(partition_by=_SOURCE, order_by=(pending.c.next_try_at, pending.c.seen_at))
    ranked = (
        sa.select(pending.c.source, pending.c.entry, rank.label("rank"))
        .where(pending.c.next_try_at <= sa.bindparam("now"), *conditions)
        .subquery()
    )
    return sa.select(ranked).where(ranked.c.rank <= sa.bindparam("most")).order_by(ranked.c.source, ranked.c.rank)


_DUE = _due()
_DUE_OF = _due(_SOURCE.in_(sa.bindparam("slugs", expanding=True)))


def postpone(tx: Connection, urls: Collection[str], until: datetime) -> None:
    """The entries are not due before `until`; it does not count as a try."""
    if urls:
        tx.execute(_POSTPONE, {"urls": list(urls), "next_try_at": until})


_POSTPONE = sa.update(pending).where(
    pending.c.url.in_(sa.bindparam("urls", expanding=True)), pending.c.next_try_at.is_not(None)
)


def tried(tx: Connection, url: str, *, attempts: int, next_try_at: datetime | None, error: str) -> None:
    """The entry gave no article. next_try_at: None gives it up, and `error` says why."""
    values = {"attempts": attempts, "next_try_at": next_try_at, "error": error}
    tx.execute(sa.update(pending).where(pending.c.url == url).values(values))


def try_now(tx: Connection, source: str, now: datetime) -> None:
    """Those of the source's entries that were tried and gave no article are due; given-up ones stay so."""
    tx.execute(_TRY_NOW, {"of": source, "next_try_at": now})


_TRY_NOW = sa.update(pending).where(
    pending.c.source == sa.bindparam("of"), pending.c.attempts > 0, pending.c.next_try_at.is_not(None)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """Entries that were tried, gave no article and are tried again: how many, and the newest of them."""

    count: int
    url: str
    error: str


def late(connection: Connection, source: str) -> Late | None:
    """The source's entries that are late; None where there is none."""
    row = connection.execute(_LATE, {"of": source}).first()
    return None if row is None else Late(count=row.entries, url=row.url, error=row.error or "")


_LATE = (
    sa.select(pending.c.url, pending.c.error, sa.func.count().over().label("entries"))
    .where(pending.c.source == sa.bindparam("of"), pending.c.attempts > 0, pending.c.next_try_at.is_not(None))
    .order_by(pending.c.seen_at.desc(), pending.c.url)
    .limit(1)
)


def drop(tx: Connection, url: str) -> None:
    """The entry is an article now."""
    tx.execute(_DROP, {"gone": url})


_DROP = sa.delete(pending).where(pending.c.url == sa.bindparam("gone"))


def _as_json(entry: Entry) -> dict[str, Any]:
    return {
        "url": entry.url,
        "title": entry.title,
        "published_at": None if entry.published_at is None else entry.published_at.isoformat(),
        "published_precision": entry.published_precision,
        "origin": entry.origin,
        "author": entry.author,
        "keywords": list(entry.keywords),
        "site": entry.site,
        "body": entry.body,
        "whole": entry.whole,
    }


def _entry(value: Mapping[str, Any]) -> Entry:
    published, precision = value["published_at"], value["published_precision"]
    return Entry(
        url=value["url"],
        title=value["title"],
        published_at=None if published is None else datetime.fromisoformat(published),
        published_precision=None if precision is None else Precision(precision),
        origin=value["origin"],
        author=value["author"],
        keywords=tuple(value["keywords"]),
        site=value.get("site"),
        body=value["body"],
        whole=value.get("whole", False),
    )
