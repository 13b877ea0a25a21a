"""Leases the next message of the outbox: which deliveries leave together, under which digest, in which order.

Every function takes a connection inside a transaction of its own. Refuses to settle what became of the message.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.corpus import reposts, tables
from monitor.corpus.outbox import digest_id
from monitor.model import Alert, AlertKind, Delivery, DeliveryState, Mention, OnUnknown, Severity

#: A waiting time longer than this was written by a clock that was wrong: no retry, quiet hour or digest waits so long.
FARTHEST = timedelta(days=2)
#: Alerts that one message lists. More of them make several messages; in a storm, one that lists so many.
DIGEST_SIZE = 100
#: Alerts that one storm holds at most; what is more is another message.
STORM_SIZE = 10_000
#: Messages whose time is kept: more than any rate counts that is longer than a restart takes.
REMEMBERED = 60

_alert, _delivery, meta = tables.alert, tables.delivery, tables.meta
_INTERRUPTED = (
    "the process ended while this message was on its way, so it may have arrived;"
    " `chaoxun alert retry` with this id sends it again"
)


def claim(
    tx: Connection,
    now: datetime,
    lease: timedelta,
    limit: int = DIGEST_SIZE,
    *,
    channel: str | None = None,
    on_unknown: OnUnknown = OnUnknown.RESEND,
    storm: int | None = None,
    critical: bool = False,
) -> list[Delivery]:
    """Lease the next message that is due: one delivery, or those of one digest; [] when none is.

    One message at a time, so that a crash leaves no more than that one in doubt. A row that another process left in
    `sending` past its lease is taken again, or goes to `held` where `on_unknown` says so. storm: where more than so
    many wait for one destination, they leave as one message, the critical and the newest first; of it the first `limit`
    carry their text. critical: these alone may leave now, and what was begun. A message of which parts have arrived
    goes before all others; one that was tried keeps its members. Two dispatchers never get the same row.
    """
    if on_unknown is OnUnknown.HOLD:
        _hold_interrupted(tx, now, channel)
    first = _first_due(tx, now, channel, critical=critical)
    if first is None:
        return []
    fresh = first.attempts == 0 and not first.taken
    ids = _fresh(tx, first, now, limit, storm, critical=critical) if fresh else _as_it_was(tx, first, now)
    digest = first.digest
    if fresh and (len(ids) > 1 or digest is not None):
        # Named by its members: what is enqueued for the same time later, as by a clock set back, is another message.
        digest = digest_id(first.channel, first.recipient, ",".join(map(str, ids)))
        reposts.attach(tx, digest, ids, late=first.digest_at is not None, now=now)
    leased = {
        "state": DeliveryState.SENDING,
        "lease_until": now + lease,
        "attempts": _delivery.c.attempts + 1,
        "next_try_at": None,
        "digest": digest,
    }
    if fresh:
        leased["begun_at"] = now
    tx.execute(sa.update(_delivery).where(_delivery.c.id.in_(ids)).values(leased))
    return _deliveries(tx, ids, limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What leaves as one message: its deliveries, all leased, and what it says of copies."""

    deliveries: list[Delivery]
    mentions: list[Mention]


def take(
    tx: Connection,
    now: datetime,
    lease: timedelta,
    *,
    channel: str,
    on_unknown: OnUnknown = OnUnknown.RESEND,
    storm: int | None = None,
    critical: bool = False,
    paced: bool = False,
) -> Claimed | None:
    """`claim`, with what the message says of copies; None when nothing is due.

    paced: the channel has a rate, so that the next process must know when this one has spoken.
    """
    found = claim(tx, now, lease, channel=channel, on_unknown=on_unknown, storm=storm, critical=critical)
    if not found:
        return None
    if paced:
        times = [*_times(tx, channel), now][-REMEMBERED:]
        tx.execute(sa.delete(meta).where(meta.c.key == _spoken_key(channel)))
        tx.execute(sa.insert(meta), {"key": _spoken_key(channel), "value": " ".join(map(datetime.isoformat, times))})
    return Claimed(deliveries=found, mentions=reposts.mentioned(tx, found[0].digest) if found[0].digest else [])


def spoken(connection: Connection, channel: str, now: datetime) -> list[datetime]:
    """When the channel's last messages left, oldest first, none later than now; for a channel with a rate.

    One that was in flight when its process died may have arrived at any time until now.
    """
    times = [min(moment, now) for moment in _times(connection, channel)]
    in_flight = sa.exists().where(_delivery.c.channel == channel, _delivery.c.state == DeliveryState.SENDING)
    if times and connection.execute(sa.select(in_flight)).scalar():
        times[-1] = now
    return times


def _times(connection: Connection, channel: str) -> list[datetime]:
    value = connection.execute(sa.select(meta.c.value).where(meta.c.key == _spoken_key(channel))).scalar()
    return [datetime.fromisoformat(moment) for moment in (value or "").split()]


def _spoken_key(channel: str) -> str:
    return f"spoken {channel}"


# -- which message


def _first_due(tx: Connection, now: datetime, channel: str | None, *, critical: bool) -> sa.Row[Any] | None:
    """One that was begun, else the delivery that has waited longest.

    What waits in the thousands, deliveries never tried, is read in the order of its index.
    """
    here = sa.true() if channel is None else _delivery.c.channel == channel
    wanted = _is_critical() if critical else sa.true()
    waiting = sa.and_(_delivery.c.state == DeliveryState.PENDING, _delivery.c.next_try_at <= now)
    far = sa.and_(_delivery.c.state == DeliveryState.PENDING, _delivery.c.next_try_at > now + FARTHEST)
    due = sa.or_(_moment <= now, _moment > now + FARTHEST)
    # no word of states: the planner would take their index, and read all that waits to find the few that were begun
    begun = _first(tx, sa.and_(here, _BEGUN, due), _moment)
    if begun is not None:
        return begun
    found = (
        _first(tx, sa.and_(here, waiting, wanted), _delivery.c.next_try_at),
        _first(tx, sa.and_(here, _delivery.c.state.in_(_TRIED), due, wanted), _moment),
        _first(tx, sa.and_(here, far, wanted), _delivery.c.next_try_at),
    )
    return min((row for row in found if row is not None), key=lambda row: (row.moment, row.id), default=None)


def _first(tx: Connection, which: sa.ColumnElement[bool], moment: sa.ColumnElement[Any]) -> sa.Row[Any] | None:
    query = sa.select(*_OF_FIRST, moment.label("moment")).where(which).order_by(moment, _delivery.c.id).limit(1)
    return tx.execute(_locked(query)).first()


def _as_it_was(tx: Connection, first: sa.Row[Any], now: datetime) -> list[int]:
    """A message that may have arrived, or parts of it: those of it that were tried equally often, and no late ones."""
    if first.digest is None:
        return [first.id]
    return list(tx.execute(_locked(_alike(first, now))).scalars())


def _fresh(
    tx: Connection, first: sa.Row[Any], now: datetime, limit: int, storm: int | None, *, critical: bool
) -> list[int]:
    """A message that nobody has seen: the first with those of its digest, or with all that wait in a storm."""
    if first.digest is None and storm is None:
        return [first.id]
    query = _alike(first, now)
    if critical:
        query = query.where(_is_critical())
    ids = list(tx.execute(_locked(query.limit(limit if storm is None else STORM_SIZE))).scalars())
    return [first.id] if first.digest is None and storm is not None and len(ids) <= storm else ids


def _alike(first: sa.Row[Any], now: datetime) -> sa.Select[tuple[int]]:
    """Due deliveries to the same destination, of the same digest or of none, tried equally often."""
    return (
        sa.select(_delivery.c.id)
        .where(
            _delivery.c.channel == first.channel,
            _delivery.c.recipient == first.recipient,
            _delivery.c.attempts == first.attempts,
            _delivery.c.taken == first.taken,
            # an index that leads to all rows without a digest leads to most of those that were sent
            sa.func.coalesce(_delivery.c.digest, "") == ""
            if first.digest is None
            else _delivery.c.digest == first.digest,
            _delivery.c.state.in_(_MOMENTS),  # for the planner: most rows were sent long ago
            sa.or_(*(_due(state, now) for state in _MOMENTS)),
        )
        .order_by(_delivery.c.id)
    )


#: As the index of what was begun says it: a bound value would not be seen to be the same.
_BEGUN = sa.text("delivery.taken <> ''")
_TRIED = (DeliveryState.RETRYING, DeliveryState.SENDING)
#: When a delivery is due, whatever its state: the end of its lease or of its wait.
_moment: sa.ColumnElement[Any] = sa.func.coalesce(_delivery.c.lease_until, _delivery.c.next_try_at)
_OF_FIRST = [_delivery.c[name] for name in ("id", "channel", "recipient", "digest", "digest_at", "attempts", "taken")]
_MOMENTS = {
    DeliveryState.PENDING: _delivery.c.next_try_at,
    DeliveryState.RETRYING: _delivery.c.next_try_at,
    DeliveryState.SENDING: _delivery.c.lease_until,
}


def _due(state: DeliveryState, now: datetime) -> sa.ColumnElement[bool]:
    moment = _MOMENTS[state]
    return sa.and_(_delivery.c.state == state, sa.or_(moment <= now, moment > now + FARTHEST))


def _is_critical() -> sa.ColumnElement[bool]:
    return sa.exists().where(_alert.c.id == _delivery.c.alert_id, _alert.c.severity == Severity.CRITICAL)


def _locked(query: sa.Select[Any]) -> sa.Select[Any]:
    return query.with_for_update(skip_locked=True, of=_delivery)


def _hold_interrupted(tx: Connection, now: datetime, channel: str | None) -> None:
    lapsed = sa.update(_delivery).where(_due(DeliveryState.SENDING, now))
    if channel is not None:
        lapsed = lapsed.where(_delivery.c.channel == channel)
    tx.execute(lapsed.values(state=DeliveryState.HELD, lease_until=None, error=_INTERRUPTED))


# -- the message


def _deliveries(tx: Connection, ids: Sequence[int], limit: int) -> list[Delivery]:
    """The deliveries in the order in which the message lists them; the first `limit` with their text."""
    query = (
        sa.select(
            _delivery, *(column.label(f"alert_{column.name}") for column in _alert.c if column.name not in _APART)
        )
        .join_from(_delivery, _alert)
        .where(_delivery.c.id.in_(ids))
        .order_by(_delivery.c.id)
    )
    rows = list(tx.execute(query).mappings())
    if len(rows) > 1 and (rows[0]["digest_at"] is None or len(rows) > limit):
        rows.sort(key=lambda row: (row["alert_severity"] != Severity.CRITICAL, -row["id"]))
    listed = [row["alert_id"] for row in rows[:limit]]
    texts: dict[str, str] = dict(tx.execute(sa.select(_alert.c.id, _alert.c.text).where(_alert.c.id.in_(listed))).all())
    return [_delivery_of(row, texts.get(row["alert_id"], "")) for row in rows]


_APART = frozenset({"id", "text"})


def _delivery_of(row: sa.RowMapping, text: str) -> Delivery:
    return Delivery(
        id=row["id"],
        alert=Alert(
            id=row["alert_id"],
            kind=AlertKind(row["alert_kind"]),
            title=row["alert_title"],
            text=text,
            created_at=row["alert_created_at"],
            watch=row["alert_watch"],
            source=row["alert_source"],
            article_id=row["alert_article_id"],
            revision=row["alert_revision"],
            url=row["alert_url"],
            severity=Severity(row["alert_severity"]),
        ),
        channel=row["channel"],
        recipient=row["recipient"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        created_at=row["created_at"],
        next_try_at=row["next_try_at"],
        lease_until=row["lease_until"],
        sent_at=row["sent_at"],
        error=row["error"],
        taken=frozenset(row["taken"].split()),
        digest=row["digest"],
        digest_at=row["digest_at"],
        begun_at=row["begun_at"],
    )
