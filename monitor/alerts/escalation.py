"""Tells the operator that a delivery is dead, by another way than the one that failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.alerts.compose import delivery_alert
from monitor.corpus import Connection, outbox
from monitor.model import AlertKind, Delivery, Destination


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Whom to tell. own: the operator's destinations; others: those of all other channels."""

    own: tuple[Destination, ...] = ()
    others: tuple[Destination, ...] = ()

    def around(self, channel: str) -> tuple[Destination, ...]:
        """Where to tell of trouble with the channel: the operator's others, else the first channel that is not it."""
        own = tuple(each for each in self.own if each.channel != channel)
        if own or not self.own:
            return own
        others = [each for each in self.others if each.channel != channel]
        return tuple(each for each in others if each.channel == others[0].channel)


def bury(tx: Connection, deliveries: Sequence[Delivery], why: str, operator: Operator, now: datetime) -> None:
    """Mark the deliveries, all of one destination, dead, and put one alert for the operator into the outbox.

    One for each time that the destination ceases to take messages: until one arrives there again, the next dead one
    says nothing new. A dead alert about a dead delivery is not told of: two channels that are both shut would tell of
    each other for ever. Who has named no operator is told nothing.
    """
    outbox.mark_dead(tx, deliveries, why)
    told = [delivery for delivery in deliveries if not _is_about_a_channel(delivery)]
    ways = operator.around(deliveries[0].channel)
    if told and ways:
        last = outbox.last_sent(tx, deliveries[0].channel, deliveries[0].recipient)
        outbox.enqueue(tx, delivery_alert(told, why, at=now, occasion=last.isoformat() if last else ""), ways, now)


def _is_about_a_channel(delivery: Delivery) -> bool:
    return delivery.alert.kind is AlertKind.OPERATOR and delivery.alert.source is None
