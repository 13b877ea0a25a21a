"""The circuit breaker: a host that cannot be reached is tried by one request now and then, on behalf of all others.

In memory: a restart costs a dead host one attempt. Refuses to judge what a host answers; a 500 is an answer.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from crawler.records import BEIJING, ChaoxunError, Tls, iso

#: So many read time-outs in a row, whatever was asked for, are the host and not a slow page.
SILENCES = 3
#: Held for this share of the interval of the source that asked, so that its own next poll is the one that tries again.
SHARE = 0.9
LONGEST_HOLD = timedelta(days=1)
#: No server knows what it wants in a month.
_LONGEST_RETRY_AFTER = timedelta(days=7)
#: Hosts kept before those that are over are forgotten.
_HOSTS = 4096


@dataclass(frozen=True, slots=True)
class Host:
    """What fails or works as one: a server, and how we speak TLS with it, as one source may accept what others do not.

    name: host and port.
    """

    name: str
    tls: Tls

    @classmethod
    def of(cls, url: str, tls: Tls) -> "Host":
        """The host that a URL leads to; a scheme's own port is said as well, since http may stand where https fails."""
        parts = urlsplit(url)
        name = parts.hostname or ""
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        return cls(f"[{name}]:{port}" if ":" in name else f"{name}:{port}", tls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Why and until when a host is not asked. failures: attempts in a row. told: it is up, and told us to wait."""

    host: str
    since: datetime
    until: datetime
    why: str
    failures: int = 1
    told: bool = False

    @property
    def name(self) -> str:
        """The same from the first attempt to the last, and for everybody who is kept from the host."""
        return f"{self.host} {iso(self.since)}"

    def __str__(self) -> str:
        since, until = (f"{at.astimezone(BEIJING):%m-%d %H:%M:%S}" for at in (self.since, self.until))
        if self.told:
            return f"{self.why}; not asked before {until}"
        times = "once" if self.failures == 1 else f"{self.failures} times in a row"
        return f"{self.why} (not asked this time: tried {times} since {since}, again at {until})"


class NoConnection(ChaoxunError):
    """No connection to the host came about: its name, the way there, the port, or TLS. `__cause__` says which.

    seconds: the limit that it exceeded, where it was only too slow.
    """

    def __init__(self, message: str, *, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


class HostDown(ChaoxunError):
    """The host is held. With a `__cause__` this request was the one that failed; without, it was not made."""

    def __init__(self, outage: Outage) -> None:
        super().__init__(str(outage))
        self.outage = outage


@dataclass(slots=True)
class _Record:
    outage: Outage | None = None
    silences: int = 0


class Breaker:
    """Knows the hosts that are held. The gate lets one request at a time to a host, so one alone tries it again."""

    def __init__(self, *, now: Callable[[], datetime]) -> None:
        self._now = now
        self._records: dict[Host, _Record] = {}

    def check(self, host: Host) -> None:
        """Raises HostDown while the host is held; one request has to be let through once the time is over."""
        record = self._records.get(host)
        if record is not None and record.outage is not None and self._now() < record.outage.until:
            raise HostDown(record.outage)

    def failed(self, host: Host, why: str, *, interval: timedelta) -> Outage:
        """No connection: hold the host for about `interval`, twice as long each time, for a day at most."""
        return self._hold(self._record(host), host, why, interval)

    def timed_out(self, host: Host, why: str, *, interval: timedelta) -> Outage | None:
        """The connection stood, and no answer came. Holds the host where that has happened too often in a row."""
        record = self._record(host)
        record.silences += 1
        return self._hold(record, host, why, interval) if record.silences >= SILENCES else None

    def answered(self, host: Host) -> None:
        """An answer, or the beginning of one: whatever was held against the host is over."""
        self._records.pop(host, None)

    def told_to_wait(self, host: Host, why: str, *, wait: timedelta) -> Outage:
        """The host itself asks not to be asked for a while: hold it for `wait`, for a day at most."""
        record, now = self._record(host), self._now()
        before = record.outage if record.outage is not None and record.outage.told else None
        since, failures = (before.since, before.failures + 1) if before else (now, 1)
        until = now + min(wait, LONGEST_HOLD)
        record.silences = 0
        record.outage = Outage(host=host.name, since=since, until=until, why=why, failures=failures, told=True)
        return record.outage

    def _hold(self, record: _Record, host: Host, why: str, interval: timedelta) -> Outage:
        now = self._now()
        before = record.outage if record.outage is not None and not record.outage.told else None
        outage = before or Outage(host=host.name, since=now, until=now, why=why, failures=0)
        wait = min(interval * SHARE * (1 << min(outage.failures, 16)), LONGEST_HOLD)
        record.outage = replace(outage, until=now + wait, why=why, failures=outage.failures + 1)
        return record.outage

    def _record(self, host: Host) -> _Record:
        if host not in self._records and len(self._records) >= _HOSTS:
            self._forget()
        return self._records.setdefault(host, _Record())

    def _forget(self) -> None:
        """Drop hosts that nobody has tried again for a long time: their sources have left the configuration."""
        before = self._now() - 2 * LONGEST_HOLD
        for host, record in list(self._records.items()):
            if record.outage is None or record.outage.until < before:
                del self._records[host]


def retry_after(value: str | None, at: datetime) -> timedelta | None:
    """A Retry-After header in either form, seconds or date, as a wait from `at`; None where it says nothing. Pure.

    >>> retry_after("120", datetime(2026, 1, 1, tzinfo=UTC))
    datetime.timedelta(seconds=120)
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), _LONGEST_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(aware - at, timedelta(0)), _LONGEST_RETRY_AFTER)
