"""The outbox: deliveries committed with the data that caused them, leased by a dispatcher, marked when settled.

Every function takes an open connection; a writing one (`tx`) must be inside a transaction of its own, since a network
call between claim and mark would otherwise hold the database. Refuses to send anything and to decide when to try again.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from crawler.records import iso
from monitor.corpus import tables
from monitor.model import Alert, AlertKind, Delivery, DeliveryState, Destination, Severity

_alert, _delivery = tables.alert, tables.delivery
_WAITING = (DeliveryState.PENDING, DeliveryState.RETRYING)
_OPEN = (*_WAITING, DeliveryState.SENDING)
#: What `retry` may send again; a message on its way is not among them, nor one that has arrived.
_STOPPED = (*_WAITING, DeliveryState.DEAD, DeliveryState.HELD)

#: Alerts that a row names of its digest. A storm of thousands would name all of them in each of its thousands of rows.
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One row of `chaoxun alert list`; `id` is the alert's, `delivery` the row's own.

    alerts: those of its digest, of a storm the first MOST_SHOWN; the rows of all of them bear the same `digest`.
    """

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
    digest: str | None = None

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
            "digest_at": not_before,
            "digest": digest_id(destination.channel, destination.recipient, digest_at) if digest_at else None,
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


def digest_id(channel: str, recipient: str, occasion: str) -> str:
    """The id of a digest: the same destination and occasion give the same one. Pure."""
    return "d" + hashlib.sha256("\0".join([channel, recipient, occasion]).encode()).hexdigest()[:11]


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


def postpone(tx: Connection, channel: str, now: datetime, until: datetime) -> None:
    """The channel's quiet hours: what is due waits until then, but what is critical or was begun.

    A digest that was tried and holds something critical is one message, and does not wait.
    """
    other = _delivery.alias()
    of_one = sa.and_(other.c.digest == _delivery.c.digest, _delivery.c.attempts > 0)
    critical = sa.exists().where(
        sa.or_(other.c.id == _delivery.c.id, of_one),
        _alert.c.id == other.c.alert_id,
        _alert.c.severity == Severity.CRITICAL,
    )
    waits = sa.and_(
        _delivery.c.channel == channel,
        _delivery.c.state.in_(_WAITING),
        _delivery.c.next_try_at <= now,
        _delivery.c.taken == "",
        ~critical,
    )
    tx.execute(sa.update(_delivery).where(waits).values(next_try_at=until))


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


def prune(tx: Connection, before: datetime) -> int:
    """Drop the words of alerts from before then that have arrived everywhere; answers how many.

    Ids and deliveries stay: what was said once is known for ever, and is not said again.
    """
    open_still = sa.exists().where(_delivery.c.alert_id == _alert.c.id, _delivery.c.state != DeliveryState.SENT)
    arrived = sa.and_(_alert.c.created_at < before, _alert.c.text != "", ~open_still)
    return tx.execute(sa.update(_alert).where(arrived).values(text="")).rowcount


def next_due(connection: Connection, channel: str | None = None) -> datetime | None:
    """When the next delivery (of the channel, if given) is due or the next lease ends; None: nothing waits."""
    moment = sa.func.min(sa.func.coalesce(_delivery.c.lease_until, _delivery.c.next_try_at))
    query = sa.select(sa.type_coerce(moment, tables.UtcDateTime())).where(_delivery.c.state.in_(_OPEN))
    if channel is not None:
        query = query.where(_delivery.c.channel == channel)
    found: datetime | None = connection.execute(query).scalar()
    return found


def last_sent(connection: Connection, channel: str, recipient: str) -> datetime | None:
    """When something last arrived at the destination; None: never."""
    moment = sa.type_coerce(sa.func.max(_delivery.c.sent_at), tables.UtcDateTime())
    here = (_delivery.c.channel == channel, _delivery.c.recipient == recipient, _delivery.c.state == DeliveryState.SENT)
    found: datetime | None = connection.execute(sa.select(moment).where(*here)).scalar()
    return found


def counts(connection: Connection) -> dict[DeliveryState, int]:
    """How many deliveries are in each state, every state named."""
    query = sa.select(_delivery.c.state, sa.func.count()).group_by(_delivery.c.state)
    found: dict[str, int] = {state: number for state, number in connection.execute(query)}
    return {state: found.get(state, 0) for state in DeliveryState}


def list_deliveries(
    connection: Connection,
    state: DeliveryState | None = None,
    limit: int | None = None,
    *,
    channel: str | None = None,
    since: datetime | None = None,
    before: int | None = None,
) -> list[DeliveryRow]:
    """The outbox, newest first; limit: at most so many rows. since: enqueued then or later.

    before: deliveries with a lower number, so that the last one of a page asks for the next, whatever has come since.
    """
    query = (
        sa.select(_delivery, _alert.c.watch, _alert.c.kind, _alert.c.article_id, _alert.c.url, _alert.c.title)
        .join_from(_delivery, _alert)
        .order_by(_delivery.c.id.desc())
    )
    if state is not None:
        query = query.where(_delivery.c.state == state)
    if channel is not None:
        query = query.where(_delivery.c.channel == channel)
    if since is not None:
        query = query.where(_delivery.c.created_at >= since)
    if before is not None:
        query = query.where(_delivery.c.id < before)
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
            digest=row["digest"],
        )
        for row in rows
    ]


def _settle(tx: Connection, deliveries: Sequence[Delivery], **values: Any) -> None:
    """Only what we still hold: a row whose lease has passed to another dispatcher is that one's to settle."""
    for lease in {delivery.lease_until for delivery in deliveries}:
        ours = sa.and_(
            _delivery.c.id.in_([delivery.id for delivery in deliveries if delivery.lease_until == lease]),
            _delivery.c.state == DeliveryState.SENDING,
            _delivery.c.lease_until == lease,
        )
        tx.execute(sa.update(_delivery).where(ours).values(lease_until=None, **values))


def _restart(tx: Connection, which: sa.ColumnElement[bool], now: datetime) -> int:
    values = {"state": DeliveryState.PENDING, "attempts": 0, "next_try_at": now, "lease_until": None}
    return tx.execute(sa.update(_delivery).where(which).values(values)).rowcount


def _members(connection: Connection, digests: Sequence[str]) -> dict[str, tuple[str, ...]]:
    query = (
        sa.select(_delivery.c.digest, _delivery.c.alert_id)
        .where(_delivery.c.digest.in_(digests))
        .order_by(_delivery.c.id)
    )
    found: dict[str, list[str]] = {}
    for digest, alert in connection.execute(query):
        found.setdefault(digest, []).append(alert)
    return {digest: tuple(members[:MOST_SHOWN]) for digest, members in found.items()}


def _insert(tx: Connection, table: sa.Table) -> Any:
    """`ON CONFLICT` is the one thing here that SQLAlchemy spells per dialect."""
    return postgresql.insert(table) if tx.dialect.name == "postgresql" else sqlite.insert(table)
