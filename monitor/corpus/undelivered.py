"""What the outbox has not delivered, channel by channel, in numbers and in words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.corpus import tables
from monitor.model import DeliveryState

_delivery = tables.delivery
_OPEN = (DeliveryState.PENDING, DeliveryState.RETRYING, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How one channel stands. waiting: due and not sent, the oldest since `oldest`; later: for a digest to come."""

    channel: str
    waiting: int = 0
    oldest: datetime | None = None
    later: int = 0
    held: int = 0
    dead: int = 0

    def in_words(self, now: datetime) -> str:
        """One line, without the channel's name."""
        since = f" since {_age(now - self.oldest)}" if self.oldest else ""
        told = (
            (self.waiting, f"waiting{since}"),
            (self.later, "for a digest"),
            (self.held, "held"),
            (self.dead, "dead"),
        )
        return ", ".join(f"{count} {what}" for count, what in told if count) or "all is delivered"


def in_words(backlogs: Sequence[Backlog], now: datetime) -> str:
    """All channels in one line: the sums, and those with something dead or held by name; "" where nothing is left."""
    if not backlogs:
        return ""
    oldest = min((each.oldest for each in backlogs if each.oldest), default=None)
    whole = Backlog(
        channel="",
        waiting=sum(each.waiting for each in backlogs),
        oldest=oldest,
        later=sum(each.later for each in backlogs),
        held=sum(each.held for each in backlogs),
        dead=sum(each.dead for each in backlogs),
    )
    stopped = [each.channel for each in backlogs if each.dead or each.held]
    return whole.in_words(now) + (f" ({', '.join(stopped)})" if stopped else "")


def backlog(connection: Connection, now: datetime) -> list[Backlog]:
    """Every channel for which something waits, is held or is dead, by name. Reads no row that was sent."""
    later = sa.and_(_delivery.c.digest_at > now, _delivery.c.state == DeliveryState.PENDING)
    kind = sa.case((later, "later"), else_=_delivery.c.state).label("kind")
    oldest = sa.type_coerce(sa.func.min(_delivery.c.created_at), tables.UtcDateTime()).label("oldest")
    query = (
        sa.select(_delivery.c.channel, kind, sa.func.count().label("number"), oldest)
        .where(_delivery.c.state.in_((*_OPEN, DeliveryState.HELD, DeliveryState.DEAD)))
        .group_by(_delivery.c.channel, kind)
        .order_by(_delivery.c.channel)
    )
    found: dict[str, Backlog] = {}
    for row in connection.execute(query):
        before = found.get(row.channel, Backlog(channel=row.channel))
        found[row.channel] = _counted(before, row.kind, row.number, row.oldest)
    return list(found.values())


def _counted(before: Backlog, kind: str, count: int, oldest: datetime) -> Backlog:
    match kind:
        case "later":
            return replace(before, later=count)
        case DeliveryState.HELD:
            return replace(before, held=count)
        case DeliveryState.DEAD:
            return replace(before, dead=count)
        case _:
            since = oldest if before.oldest is None else min(before.oldest, oldest)
            return replace(before, waiting=before.waiting + count, oldest=since)


def _age(span: timedelta) -> str:
    """How long something waits, as coarse as a person says it."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
