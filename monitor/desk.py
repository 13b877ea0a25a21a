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

    def destinations_of(self, watch: Watch) -> tuple[Destination, ...]:
        """Where the watch speaks; a channel that it names twice counts once."""
        found = [d for channel in watch.channels for d in self.destinations.get(channel, ())]
        return tuple(dict.fromkeys(found))


def digest_due(watch: Watch, now: datetime) -> datetime | None:
    """When the watch's next digest leaves; None: it speaks at once. Pure."""
    times = digest_times(watch.deliver)
    return _next(times, now) if times else None


def _next(times: tuple[time, ...], now: datetime) -> datetime:
    today = now.astimezone(BEIJING).date()
    days = (today, today + timedelta(days=1))
    moments = (datetime.combine(day, clock, tzinfo=BEIJING) for day in days for clock in sorted(times))
    return next(moment for moment in moments if moment > now).astimezone(now.tzinfo)
