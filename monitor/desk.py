"""What ingest needs of the configuration: rules ready to run, where alerts go, how patient we are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from crawler.records import BEIJING
from monitor.model import Destination, RecheckPlan, Watch
from monitor.notation import digest_times
from monitor.rules import RuleSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """rules and watches have the same names; destinations are those of each channel; operator: of health alerts."""

    rules: RuleSet
    watches: Mapping[str, Watch]
    destinations: Mapping[str, tuple[Destination, ...]]
    plan: RecheckPlan
    operator: tuple[Destination, ...] = ()

    def routes(self, watch: Watch, now: datetime) -> dict[datetime | None, tuple[Destination, ...]]:
        """Where the watch speaks, by when: the time of the next digest, or None where it speaks at once.

        A channel that it names twice counts once; a watch without channels has the one empty route None.
        """
        found: dict[datetime | None, tuple[Destination, ...]] = {}
        for channel in dict.fromkeys(watch.channels):
            due = digest_due(watch, channel, now)
            found[due] = (*found.get(due, ()), *self.destinations.get(channel, ()))
        return found or {None: ()}


def digest_due(watch: Watch, channel: str, now: datetime) -> datetime | None:
    """When the watch's next digest to the channel leaves; None: it speaks there at once. Pure."""
    times = digest_times(dict(watch.delivers).get(channel, watch.deliver))
    return _next(times, now) if times else None


def _next(times: tuple[time, ...], now: datetime) -> datetime:
    today = now.astimezone(BEIJING).date()
    days = (today, today + timedelta(days=1))
    moments = (datetime.combine(day, clock, tzinfo=BEIJING) for day in days for clock in sorted(times))
    return next(moment for moment in moments if moment > now).astimezone(now.tzinfo)
