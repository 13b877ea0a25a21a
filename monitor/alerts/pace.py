"""When a channel may speak: its messages per minute, its quiet hours, and a rest when it keeps failing.

Rates run on the monotonic clock, since a clock that is set back must not silence a channel. Refuses to wait itself.
"""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from crawler.records import BEIJING
from monitor.model import Quiet

#: Failures in a row that do not slow a channel: one bad recipient, one lost connection.
TOLERATED = 3
LONGEST_REST = 60.0
#: Messages that are counted at most; no rate has more in its window.
_HISTORY = 10_000


class Pace:
    """When a destination may be spoken to next. `clock` arguments are monotonic seconds.

    One destination has one pace, for as long as the process lives: channels of a reloaded configuration, and two that
    lead to the same robot, share it. A message counts from its end, since it arrives before that, and as just now
    while it is on its way.
    """

    def __init__(self, rate_per_minute: float | None) -> None:
        self._sent: deque[float] = deque(maxlen=_HISTORY)
        self._under_way = 0
        self._known: set[str] = set()
        self._failures = 0
        self._rest_until = 0.0
        self.keep(rate_per_minute)

    def keep(self, rate_per_minute: float | None) -> None:
        """From now on so many in any minute; from 60 on they are spread over its seconds, below 1 over longer."""
        rate = rate_per_minute or 0.0
        self._size = max(1, int(rate / 60 if rate >= 60 else rate)) if rate else 0
        self._window = 60.0 * self._size / rate if rate else 0.0

    def knows(self, channel: str) -> bool:
        """Whether it was told what the channel said before this process began."""
        return channel in self._known

    def remember(self, channel: str, clock: float, ages: Sequence[timedelta]) -> None:
        """What the channel said before this process began, and how long ago."""
        self._known.add(channel)
        past = sorted([*self._sent, *(clock - max(age.total_seconds(), 0.0) for age in ages)])
        self._sent = deque(past, maxlen=_HISTORY)

    def wait(self, clock: float) -> float:
        """Seconds until the rate allows a message; 0: now."""
        free = self._size - self._under_way
        if not self._size or len(self._sent) < free:
            return 0.0
        return self._window if free <= 0 else max(0.0, self._sent[-free] + self._window - clock)

    def rest(self, clock: float) -> float:
        """Seconds until the channel, having failed or been told to wait, is tried again; 0: now."""
        return max(0.0, self._rest_until - clock)

    def take(self) -> None:
        """A message is about to go out; `spoke` or `give_back` must follow."""
        self._under_way += 1

    def give_back(self) -> None:
        """There was no message."""
        self._under_way -= 1

    def spoke(self, clock: float) -> None:
        """The message that was taken has gone out, and no answer can come any more."""
        self._under_way -= 1
        self._sent.append(clock)

    def worked(self) -> None:
        """The channel answered, whatever it said."""
        self._failures, self._rest_until = 0, 0.0

    def failed(self, clock: float, asked: timedelta | None) -> None:
        """It did not take a message. asked: how long the receiver wants to be left alone."""
        self._failures += 1
        rest = min(2.0 ** (self._failures - TOLERATED), LONGEST_REST) if self._failures > TOLERATED else 0.0
        self._rest_until = clock + max(rest, asked.total_seconds() if asked else 0.0)


def quiet_until(quiet: Quiet | None, now: datetime) -> datetime | None:
    """When the quiet hours that `now` lies in end; None: it lies in none. Pure. now: aware."""
    if quiet is None or quiet.start == quiet.end:
        return None
    moment = now.astimezone(BEIJING)
    minute = moment.hour * 60 + moment.minute
    over_midnight = quiet.start > quiet.end
    inside = minute >= quiet.start or minute < quiet.end if over_midnight else quiet.start <= minute < quiet.end
    if not inside:
        return None
    day = moment.date() + timedelta(days=1 if over_midnight and minute >= quiet.start else 0)
    end = datetime.combine(day, time(quiet.end // 60 % 24, quiet.end % 60), tzinfo=BEIJING)
    if quiet.end == 24 * 60:
        end += timedelta(days=1)
    return end.astimezone(now.tzinfo)
