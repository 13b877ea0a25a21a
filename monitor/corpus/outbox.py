"""The outbox: deliveries committed with the data that caused them, leased by a dispatcher, marked when settled.

Every function takes an open connection; a writing one (`tx`) must be inside a transaction of its own, since a network
call between claim and mark would otherwise hold the database. Refuses to send anything and to decide when to try again.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from crawler.records import iso
from monitor.corpus import tables
from monitor.model import (
    Alert,
    AlertKind,
    Delivery,
    DeliveryState,
    Destination,
    OnUnknown,
    Severity,
)

#: A waiting time longer than this was written by a clock that was wrong: no retry, quiet hour or digest waits so long.
FARTHEST = timedelta(days=2)
#: Alerts in one digest message; more of them make several messages.
DIGEST_SIZE = 100

_alert, _delivery = tables.alert, tables.delivery
_WAITING = (DeliveryState.PENDING, DeliveryState.RETRYING)
_OPEN = (*_WAITING, DeliveryState.SENDING)
#: What `retry` may send again; a message on its way is not among them, nor one that has arrived.
_STOPPED = (*_WAITING, DeliveryState.DEAD, DeliveryState.HELD)
_INTERRUPTED = (
    "the process ended while this message was on its way, so it may have arrived;"
    " `chaoxun alert retry` with this id sends it again"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One row of `chaoxun alert list`; `id` is the alert's, `delivery` the row's own; `alerts` those of its digest."""

    id: str
    delivery: int
    watch: str | None
    channel: str
    recipient: str
    kind: AlertKind
    article_id: int | None
    url: str | None
    title: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    next_try_at: datetime | None
    error: str | None
    alerts: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The row with the keys and times of the CLI's contract."""
        times = {"created_at": iso(self.created_at), "sent_at": iso(self.sent_at), "next_try_at": iso(self.next_try_at)}
        return {**asdict(self), **times, "alerts": list(self.alerts)}


def enqueue(
    tx: Connection,
    alert: Alert,
    destinations: Sequence[Destination],
    now: datetime,
    not_before: datetime | None = None,
) -> int:
    """Put the alert and one delivery per destination into the outbox; what is there already stays as it is.

    not_before: the time of the digest that the alert waits for, later than now; all that wait for the same time on the
    same destination leave as one message. Answers how many deliveries are new.
    """
    tx.execute(_insert(tx, _alert).on_conflict_do_nothing(index_elements=["id"]), [asdict(alert)])
    digest_at = not_before.astimezone(UTC).isoformat() if not_before else None
    rows = [
        {
            "alert_id": alert.id,
            "channel": destination.channel,
            "recipient": destination.recipient,
            "state": DeliveryState.PENDING,
            "attempts": 0,
            "created_at": now,
            "next_try_at": not_before or now,
            "digest": _digest_id(destination.channel, destination.recipient, digest_at) if digest_at else None,
        }
        for destination in destinations
    ]
    if not rows:
        return 0
    statement = (
        _insert(tx, _delivery)
        .on_conflict_do_nothing(index_elements=["alert_id", "channel", "recipient"])
        .returning(_delivery.c.id)
    )
    return len(tx.execute(statement, rows).all())


def claim(
    tx: Connection,
    now: datetime,
    lease: timedelta,
    limit: int = DIGEST_SIZE,
    *,
    channel: str | None = None,
    on_unknown: OnUnknown = OnUnknown.RESEND,
    storm: int | None = None,
) -> list[Delivery]:
    """Lease the next message that is due: one delivery, or those of one digest (at most `limit`); [] when none is.

    One message at a time, so that a crash leaves no more than that one in doubt. A row that another process left in
    `sending` past its lease is taken again, or goes to `held` where `on_unknown` says so. storm: where more than so
    many wait for one destination, they leave as a digest. A message of which parts have arrived goes before all others.
    Two dispatchers never get the same row.
    """
    if on_unknown is OnUnknown.HOLD:
        _hold_interrupted(tx, now, channel)
    due = (
        sa.select(
            _delivery.c.id,
            _delivery.c.digest,
            _delivery.c.channel,
            _delivery.c.recipient,
            _delivery.c.attempts,
            _delivery.c.taken,
        )
        .where(_due(now, channel))
        .order_by(_delivery.c.taken == "", _delivery.c.next_try_at, _delivery.c.id)
    )
    first = tx.execute(due.limit(1).with_for_update(skip_locked=True)).first()
    if first is None:
        return []
    ids, digest = [first.id], first.digest
    same_place = sa.and_(_delivery.c.channel == first.channel, _delivery.c.recipient == first.recipient)
    if digest is not None:
        # Rows of one digest that were tried equally often: a late one must not change a message that may have arrived.
        tried = sa.and_(_delivery.c.attempts == first.attempts, _delivery.c.taken == first.taken)
        together = sa.and_(same_place, _delivery.c.digest == digest, tried)
        ids = list(tx.execute(due.where(together).limit(limit).with_for_update(skip_locked=True)).scalars())
    elif storm is not None and first.attempts == 0 and not first.taken:
        fresh = sa.and_(_delivery.c.attempts == 0, _delivery.c.taken == "")
        loose = sa.and_(same_place, _delivery.c.digest.is_(None), fresh)
        waiting = list(tx.execute(due.where(loose).limit(limit).with_for_update(skip_locked=True)).scalars())
        if len(waiting) > storm:
            ids, digest = waiting, _digest_id(first.channel, first.recipient, f"storm {first.id}")
    if digest is not None and len(ids) == limit:
        # The rest of a full digest is another message; it must keep its own members when it is tried again.
        digest = _digest_id(first.channel, first.recipient, f"part {ids[0]}")
    leased = (
        sa.update(_delivery)
        .where(_delivery.c.id.in_(ids))
        .values(
            state=DeliveryState.SENDING,
            lease_until=now + lease,
            attempts=_delivery.c.attempts + 1,
            next_try_at=None,
            digest=digest,
        )
    )
    tx.execute(leased)
    return _deliveries(tx, ids)


def mark_sent(tx: Connection, deliveries: Sequence[Delivery], now: datetime) -> None:
    """The receiver took it. Holds even where the lease has passed on: what has arrived has arrived."""
    tx.execute(
        sa.update(_delivery)
        .where(_delivery.c.id.in_([delivery.id for delivery in deliveries]))
        .values(state=DeliveryState.SENT, sent_at=now, lease_until=None, next_try_at=None, error=None, taken="")
    )


def mark_part(tx: Connection, deliveries: Sequence[Delivery], part: str, now: datetime) -> None:
    """The receiver took this part of a long message; the next one is due at once, with all its tries.

    part: its name. What has arrived is remembered also where the lease has passed on.
    """
    taken = " ".join(sorted(deliveries[0].taken | {part}))
    open_still = sa.and_(_delivery.c.id.in_([d.id for d in deliveries]), _delivery.c.state != DeliveryState.SENT)
    tx.execute(sa.update(_delivery).where(open_still).values(taken=taken))
    _settle(tx, deliveries, state=DeliveryState.PENDING, next_try_at=now, attempts=0, error=None)


def mark_retry(tx: Connection, deliveries: Sequence[Delivery], next_try_at: datetime, error: str) -> None:
    """It was not taken, or nobody knows; it is due again at `next_try_at`."""
    _settle(tx, deliveries, state=DeliveryState.RETRYING, next_try_at=next_try_at, error=error)


def mark_dead(tx: Connection, deliveries: Sequence[Delivery], error: str) -> None:
    """Refused for good, or given up; a person must act."""
    _settle(tx, deliveries, state=DeliveryState.DEAD, next_try_at=None, error=error)


def mark_held(tx: Connection, deliveries: Sequence[Delivery], error: str) -> None:
    """It may have arrived, and the channel wants no repeat without a person's word."""
    _settle(tx, deliveries, state=DeliveryState.HELD, next_try_at=None, error=error)


def postpone(tx: Connection, deliveries: Sequence[Delivery], until: datetime) -> None:
    """Give back what was claimed and not tried: it waits until then, and the claim does not count as an attempt."""
    _settle(tx, deliveries, state=DeliveryState.PENDING, next_try_at=until, attempts=_delivery.c.attempts - 1)


def release_leases(tx: Connection, now: datetime) -> int:
    """End every lease at once, for a process that knows itself alone (a daemon at its start); answers how many.

    The messages concerned were on their way when the process before it died: `claim` takes or holds them.
    """
    held = _delivery.c.state == DeliveryState.SENDING
    return tx.execute(sa.update(_delivery).where(held).values(lease_until=now)).rowcount


def bury_orphans(tx: Connection, channels: Collection[str]) -> int:
    """Mark as dead what waits for a channel that no configuration knows any more; answers how many."""
    gone = sa.and_(_delivery.c.state.in_(_OPEN), _delivery.c.channel.not_in(sorted(channels)))
    error = "its channel is not in channels.yaml; add the channel again, then `chaoxun alert retry` with this id"
    changed = sa.update(_delivery).where(gone).values(state=DeliveryState.DEAD, next_try_at=None, error=error)
    return tx.execute(changed).rowcount


def retry(tx: Connection, reference: str, now: datetime) -> int:
    """Make due now what `reference` names: a delivery's number, or an alert's id with all its deliveries.

    Answers how many; 0 where there is none, or where it has arrived or is on its way.
    """
    number = reference.isascii() and reference.isdecimal() and len(reference) < 19  # more is no 64-bit integer
    named = _delivery.c.id == int(reference) if number else _delivery.c.alert_id == reference
    return _restart(tx, sa.and_(named, _delivery.c.state.in_(_STOPPED)), now)


def retry_dead(tx: Connection, now: datetime) -> int:
    """Make due now everything that was refused or given up; answers how many."""
    return _restart(tx, _delivery.c.state == DeliveryState.DEAD, now)


def next_due(connection: Connection, channel: str | None = None) -> datetime | None:
    """When the next delivery (of the channel, if given) is due or the next lease ends; None: nothing waits."""
    moment = sa.func.min(sa.func.coalesce(_delivery.c.lease_until, _delivery.c.next_try_at))
    query = sa.select(sa.type_coerce(moment, tables.UtcDateTime())).where(_delivery.c.state.in_(_OPEN))
    if channel is not None:
        query = query.where(_delivery.c.channel == channel)
    found: datetime | None = connection.execute(query).scalar()
    return found


def counts(connection: Connection) -> dict[DeliveryState, int]:
    """How many deliveries are in each state, every state named."""
    query = sa.select(_delivery.c.state, sa.func.count()).group_by(_delivery.c.state)
    found: dict[str, int] = {state: number for state, number in connection.execute(query)}
    return {state: found.get(state, 0) for state in DeliveryState}


def list_deliveries(
    connection: Connection, state: DeliveryState | None = None, limit: int | None = None
) -> list[DeliveryRow]:
    """The outbox, newest first; limit: at most so many rows."""
    query = (
        sa.select(_delivery, _alert.c.watch, _alert.c.kind, _alert.c.article_id, _alert.c.url, _alert.c.title)
        .join_from(_delivery, _alert)
        .order_by(_delivery.c.id.desc())
    )
    if state is not None:
        query = query.where(_delivery.c.state == state)
    rows = connection.execute(query.limit(limit)).mappings().all()
    digests = _members(connection, sorted({row["digest"] for row in rows if row["digest"]}))
    return [
        DeliveryRow(
            id=row["alert_id"],
            delivery=row["id"],
            watch=row["watch"],
            channel=row["channel"],
            recipient=row["recipient"],
            kind=AlertKind(row["kind"]),
            article_id=row["article_id"],
            url=row["url"],
            title=row["title"],
            state=DeliveryState(row["state"]),
            attempts=row["attempts"],
            created_at=row["created_at"],
            sent_at=row["sent_at"],
            next_try_at=row["next_try_at"],
            error=row["error"],
            alerts=digests.get(row["digest"], (row["alert_id"],)),
        )
        for row in rows
    ]


def _due(now: datetime, channel: str | None) -> sa.ColumnElement[bool]:
    waiting = sa.and_(
        _delivery.c.state.in_(_WAITING),
        sa.or_(_delivery.c.next_try_at <= now, _delivery.c.next_try_at > now + FARTHEST),
    )
    due = sa.or_(waiting, _lapsed(now))
    return due if channel is None else sa.and_(_delivery.c.channel == channel, due)


def _lapsed(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        _delivery.c.state == DeliveryState.SENDING,
        sa.or_(_delivery.c.lease_until <= now, _delivery.c.lease_until > now + FARTHEST),
    )


def _hold_interrupted(tx: Connection, now: datetime, channel: str | None) -> None:
    lapsed = sa.update(_delivery).where(_lapsed(now))
    if channel is not None:
        lapsed = lapsed.where(_delivery.c.channel == channel)
    tx.execute(lapsed.values(state=DeliveryState.HELD, lease_until=None, error=_INTERRUPTED))


def _settle(tx: Connection, deliveries: Sequence[Delivery], **values: Any) -> None:
    """Only what we still hold: a row whose lease has passed to another dispatcher is that one's to settle."""
    for delivery in deliveries:
        ours = sa.and_(
            _delivery.c.id == delivery.id,
            _delivery.c.state == DeliveryState.SENDING,
            _delivery.c.lease_until == delivery.lease_until,
        )
        tx.execute(sa.update(_delivery).where(ours).values(lease_until=None, **values))


def _restart(tx: Connection, which: sa.ColumnElement[bool], now: datetime) -> int:
    values = {"state": DeliveryState.PENDING, "attempts": 0, "next_try_at": now, "lease_until": None}
    return tx.execute(sa.update(_delivery).where(which).values(values)).rowcount


def _deliveries(tx: Connection, ids: Sequence[int]) -> list[Delivery]:
    query = (
        sa.select(_delivery, *(column.label(f"alert_{column.name}") for column in _alert.c if column.name != "id"))
        .join_from(_delivery, _alert)
        .where(_delivery.c.id.in_(ids))
        .order_by(_delivery.c.id)
    )
    return [
        Delivery(
            id=row["id"],
            alert=Alert(
                id=row["alert_id"],
                kind=AlertKind(row["alert_kind"]),
                title=row["alert_title"],
                text=row["alert_text"],
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
        )
        for row in tx.execute(query).mappings()
    ]


def _members(connection: Connection, digests: Sequence[str]) -> dict[str, tuple[str, ...]]:
    query = (
        sa.select(_delivery.c.digest, _delivery.c.alert_id)
        .where(_delivery.c.digest.in_(digests))
        .order_by(_delivery.c.id)
    )
    found: dict[str, tuple[str, ...]] = {}
    for digest, alert in connection.execute(query):
        found[digest] = (*found.get(digest, ()), alert)
    return found


def _digest_id(channel: str, recipient: str, occasion: str) -> str:
    return "d" + hashlib.sha256("\0".join([channel, recipient, occasion]).encode()).hexdigest()[:11]


def _insert(tx: Connection, table: sa.Table) -> Any:
    """`ON CONFLICT` is the one thing here that SQLAlchemy spells per dialect."""
    return postgresql.insert(table) if tx.dialect.name == "postgresql" else sqlite.insert(table)
