"""The source table: what is configured, how its visits went, when it is due."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crawler.records import Precision, Source, iso
from monitor.corpus.tables import MANY, article, source
from monitor.model import Health, SourceState
from monitor.rhythm import Arrival, Rhythm, arrival

_STATE_COLUMNS = [source.c[field.name] for field in fields(SourceState)]
_STATE = sa.select(*_STATE_COLUMNS).where(source.c.slug == sa.bindparam("wanted"))
_UPDATE = sa.update(source).where(source.c.slug == sa.bindparam("of"))
#: So many of the latest articles tell a source's rhythm: ten days of the busiest live feed, years of most columns.
_RECENT = 5_000


def register(tx: Connection, sources: Sequence[Source], now: datetime) -> None:
    """Make the table say what the configuration says; a source that left it stays, for the sake of its articles.

    A source whose address changed is asked without validators, and nothing is expected of its rows; its articles and
    its baseline stay.
    """
    held = {row.slug: row for row in tx.execute(sa.select(source))}
    for item in sources:
        row = held.get(item.slug)
        values = {**_configured(item), **_state_by_configuration(item, row, now)}
        if row is None:
            tx.execute(sa.insert(source), {"slug": item.slug, "next_poll_at": now, **values})
        else:
            if row.url != item.url or row.engine != item.engine:
                values |= {"asked": None, "etag": None, "last_modified": None, "body_hash": None, "next_poll_at": now}
                values |= _UNLEARNED
            tx.execute(sa.update(source).where(source.c.slug == item.slug).values(values))
    gone = held.keys() - {item.slug for item in sources}
    if gone:
        tx.execute(sa.update(source).where(source.c.slug.in_(gone)).values(configured=False))


def ensure(tx: Connection, item: Source, now: datetime) -> datetime | None:
    """Make sure that articles may name the source, and answer since when it is past its baseline."""
    row = tx.execute(_BASELINE, {"slug": item.slug}).first()
    if row is not None:
        baseline_at: datetime | None = row.baseline_at
        return baseline_at
    values = {**_configured(item), "configured": False, "state": Health.NEW, "since": now}
    tx.execute(sa.insert(source), {"slug": item.slug, **values})
    return None


_BASELINE = sa.select(source.c.baseline_at).where(source.c.slug == sa.bindparam("slug"))


def end_baseline(tx: Connection, slug: str, now: datetime) -> None:
    """What is listed from now on is news."""
    tx.execute(_UPDATE, {"of": slug, "baseline_at": now})


def _configured(item: Source) -> dict[str, Any]:
    return {
        "name": item.name,
        "engine": item.engine,
        "group": item.group,
        "region": item.region,
        "column": item.column,
        "url": item.url,
        "disabled": item.disabled,
        "configured": True,
        "tls": item.tls.accepted,
    }


def _state_by_configuration(item: Source, row: sa.Row[Any] | None, now: datetime) -> dict[str, Any]:
    """What the configuration alone decides of a source's state: disabled or not."""
    if item.disabled is not None:
        since = row.since if row is not None and row.state == Health.DISABLED else now
        return {"state": Health.DISABLED, "why": item.disabled, "since": since}
    if row is None:
        return {"state": Health.NEW, "why": "", "since": now}
    if row.state == Health.DISABLED:
        return {"state": Health.NEW, "why": "", "since": now, "next_poll_at": now, "failures": 0, **_UNLEARNED}
    return {}


#: Another listing is like itself, not like the one before; and whoever disables a source and enables it again says
#: that what it lists now is how it should be.
_UNLEARNED: Mapping[str, Any] = {
    "empty_polls": 0,
    "usual_listed": 0,
    "dated": 0,
    "newest_url": None,
    "newest_at": None,
    "bad_polls": 0,
    "good_polls": 0,
    "relapses": 0,
    "suspected": None,
    "outage": "",
}


def state(connection: Connection, slug: str) -> SourceState | None:
    """What is known of one source; None where the table has none of that slug."""
    row = connection.execute(_STATE, {"wanted": slug}).mappings().first()
    return None if row is None else _state(row)


def states(connection: Connection, slug: str | None = None) -> list[SourceState]:
    """The configured sources (or the one of that slug) by slug."""
    query = sa.select(*_STATE_COLUMNS).where(source.c.configured).order_by(source.c.slug)
    if slug is not None:
        query = query.where(source.c.slug == slug)
    return [_state(row) for row in connection.execute(query).mappings()]


def health_json(known: SourceState) -> dict[str, Any]:
    """One source's row of `chaoxun health --json`. Pure."""
    return {
        "source": known.slug,
        "state": known.state,
        "since": iso(known.since),
        "why": known.why,
        "last_ok_at": iso(known.last_ok_at),
        "last_new_at": iso(known.last_new_at),
        "next_poll_at": iso(known.next_poll_at),
        "listed": known.listed,
        "failures": known.failures,
        "usual": Rhythm.from_json(known.rhythm).words() if known.rhythm else None,
        "quiet_at": iso(known.quiet_at),
        "usual_listed": known.usual_listed,
        "dated": known.dated,
        "newest_at": iso(known.newest_at),
        "moved_at": iso(known.moved_at),
        "bad_polls": known.bad_polls,
        "good_polls": known.good_polls,
        "missed": known.missed,
        "gap_at": iso(known.gap_at),
        "reconciled_at": iso(known.reconciled_at),
        "tls": known.tls,
    }


def _state(row: sa.RowMapping) -> SourceState:
    values = dict(row)
    suspected = Health(values["suspected"]) if values["suspected"] else None
    return SourceState(**{**values, "state": Health(values["state"]), "suspected": suspected})


def is_well(connection: Connection, slug: str) -> bool:
    """Whether the last poll of the source could read its listing; True for one that was never polled."""
    troubles = sa.select(source.c.failures + source.c.bad_polls).where(source.c.slug == slug)
    return not connection.execute(troubles).scalar()


def save(tx: Connection, known: SourceState) -> None:
    """Write everything that is known of a source back."""
    values = {field.name: getattr(known, field.name) for field in fields(SourceState) if field.name != "slug"}
    tx.execute(_UPDATE, {"of": known.slug, **values})


def due(connection: Connection, slugs: Collection[str], now: datetime) -> list[str]:
    """Those of the sources whose listing is due, the longest waiting first."""
    values: dict[str, Any] = {"now": now}
    rows = connection.execute(*((_DUE, values) if len(slugs) > MANY else (_DUE_OF, {**values, "slugs": list(slugs)})))
    return [row.slug for row in rows if row.slug in slugs]


def overdue(connection: Connection, slugs: Collection[str], now: datetime) -> list[str]:
    """Those of the sources that were polled before and are due again."""
    polled = set(connection.execute(_POLLED).scalars())
    return [slug for slug in due(connection, slugs, now) if slug in polled]


_POLLED = sa.select(source.c.slug).where(source.c.last_poll_at.is_not(None))


_LONG_AGO = sa.bindparam("long_ago", datetime.fromisoformat("1970-01-01T00:00:00+00:00"), type_=source.c.since.type)
_DUE = (
    sa.select(source.c.slug)
    .where(sa.or_(source.c.next_poll_at.is_(None), source.c.next_poll_at <= sa.bindparam("now")))
    .order_by(sa.func.coalesce(source.c.next_poll_at, _LONG_AGO), source.c.slug)
)
_DUE_OF = _DUE.where(source.c.slug.in_(sa.bindparam("slugs", expanding=True)))


def postpone(tx: Connection, slug: str, until: datetime) -> None:
    """The listing is not due before `until`."""
    tx.execute(_UPDATE, {"of": slug, "next_poll_at": until})


def on_host(connection: Connection, host: str) -> dict[str, str]:
    """The sources that an outage of `host` (`www.example.gov.cn:443`) concerns, slug to name; by slug.

    Those that it has kept from us already, and those whose address is there.
    """
    rows = connection.execute(_ENABLED)
    return {row.slug: row.name for row in rows if row.outage.startswith(f"{host} ") or _host(row.url) == host}


def kept_by(connection: Connection, host: str) -> dict[str, str]:
    """The sources that an outage of `host` has kept from us and that are not well yet, slug to name; by slug."""
    return {row.slug: row.name for row in connection.execute(_ENABLED) if row.outage.startswith(f"{host} ")}


_ENABLED = (
    sa.select(source.c.slug, source.c.name, source.c.url, source.c.outage)
    .where(source.c.configured, source.c.disabled.is_(None))
    .order_by(source.c.slug)
)


def _host(url: str | None) -> str:
    """As outages name it; no more than a guess at who else is concerned."""
    try:
        parts = urlsplit(url or "")
        return f"{parts.hostname}:{parts.port or {'http': 80, 'https': 443}.get(parts.scheme)}"
    except ValueError:
        return ""


def host_is_back(tx: Connection, host: str, now: datetime) -> None:
    """Those that `host` kept from us at their last poll are due now: what they had to wait for is over."""
    tx.execute(_HOST_IS_BACK, {"of": f"{host} %", "now": now, "next_poll_at": now})


_HOST_IS_BACK = sa.update(source).where(
    source.c.outage.like(sa.bindparam("of")),
    source.c.failures > 0,
    source.c.next_poll_at > sa.bindparam("now", type_=source.c.next_poll_at.type),
)


def names(connection: Connection) -> Mapping[str, str]:
    """Every slug with the name that the configuration gives it."""
    rows = connection.execute(sa.select(source.c.slug, source.c.name))
    return {row.slug: row.name for row in rows}


def arrivals(connection: Connection, slug: str) -> Iterator[Arrival]:
    """When the source's latest articles came, the latest first; their backlog's times as they say themselves."""
    for row in connection.execute(_ARRIVALS, {"wanted": slug}):
        precision = Precision(row.published_precision) if row.published_precision else None
        came = arrival(row.published_at, precision, first_seen_at=row.first_seen_at, baseline=row.baseline)
        if came is not None:
            yield came


_ARRIVALS = (
    sa.select(article.c.published_at, article.c.published_precision, article.c.first_seen_at, article.c.baseline)
    .where(article.c.source == sa.bindparam("wanted"))
    .order_by(article.c.id.desc())
    .limit(_RECENT)
)
