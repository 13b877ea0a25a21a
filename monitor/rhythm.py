"""Learns when a source brings news, and says how long a silence is still usual; pure.

Silence is measured by the source's own clock, which stands still while it never publishes (at night, on days off) and
runs when it is busy: one unit of it is one article expected. A notice board that is silent from Friday evening to
Monday morning has been silent for next to nothing.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

from crawler.records import BEIJING, Precision
from monitor.holidays import is_day_off

#: Fewer silences than this between articles tell no rhythm.
FEWEST = 6
#: How often in a year a healthy source may be called quiet; the figures of the benchmark are below it.
FALSE_A_YEAR = 0.2
#: What is known after a day of learning is good for a day; a short history is learned anew with each article.
LASTS = timedelta(days=1)
SHORT_HISTORY = 50
#: No source is called quiet sooner: two or three polls are no silence.
SHORTEST = timedelta(hours=1)
#: A listing that shows an article so long after its publication has shown it late; then it came when it was shown.
LATE = timedelta(hours=36)
#: The history that counts: this long, and longer only where there is little.
RECENT = timedelta(days=180)
ENOUGH = 100
#: A silence so many times as long as the longest of late was none: what stands before it is kept on top of the list.
_PINNED = 10
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_YEAR = timedelta(days=365)
_FOREVER = 3 * 365
#: On a day off as long as none was seen, against a workday. Low, since too much would raise false alarms.
_OFF_AT_FIRST = 0.2
#: When articles whose hour nobody knows come: in office hours.
_OFFICE = tuple(0.1 if 8 <= hour < 18 else 0.0 for hour in range(24))


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """When one article came. day_only: on that day (Beijing), nobody knows when."""

    at: datetime
    day_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What is learned: articles on a workday and on a day off, the hours in which they come, and how long is long.

    hours: the share of a day's articles in each hour, Beijing; 1 in all. limit: a silence in which so many articles
    were expected is no longer usual. longest: the longest silence that was seen. counted: articles learned from.
    """

    workday: float
    day_off: float
    hours: tuple[float, ...]
    limit: float
    longest: timedelta
    counted: int
    learned_at: datetime

    def expected(self, start: datetime, end: datetime) -> float:
        """How many articles usually come between the two moments."""
        clock = _Clock(self.hours, workday=self.workday, day_off=self.day_off)
        return clock.between(start, end)

    def usual_until(self, since: datetime) -> datetime | None:
        """Until when a silence that began at `since` is usual; None: for years."""
        clock = _Clock(self.hours, workday=self.workday, day_off=self.day_off)
        left, at = self.limit, since.astimezone(BEIJING)
        for _ in range(_FOREVER):
            end = _midnight(at.date() + _DAY)
            today = clock.between(at, end)
            if today >= left:
                return max(since + SHORTEST, clock.reaches(at, left).astimezone(since.tzinfo))
            left, at = left - today, end
        return None

    def words(self) -> str:
        """For a person: how often news comes, and how long the longest silence was.

        >>> Rhythm(workday=0.25, day_off=0, hours=_OFFICE, limit=9, longest=timedelta(days=12), counted=30,
        ...     learned_at=datetime(2026, 3, 2, tzinfo=BEIJING)).words()
        'one in 4 workdays is usual, and the longest silence was 12 days'
        >>> Rhythm(workday=0.8, day_off=0, hours=_OFFICE, limit=9, longest=timedelta(days=3), counted=30,
        ...     learned_at=datetime(2026, 3, 2, tzinfo=BEIJING)).words()
        'one a workday is usual, and the longest silence was 3 days'
        """
        days = round(1 / max(self.workday, 1e-3))
        if days >= 2:
            often = f"one in {days} workdays is"
        else:
            often = f"{self.workday:.0f} a workday are" if self.workday >= 1.5 else "one a workday is"
        return f"{often} usual, and the longest silence was {span(self.longest)}"

    def as_json(self) -> dict[str, Any]:
        return {
            "workday": round(self.workday, 4),
            "day_off": round(self.day_off, 4),
            "hours": [round(share, 5) for share in self.hours],
            "limit": round(self.limit, 3),
            "longest": self.longest.total_seconds(),
            "counted": self.counted,
            "learned_at": self.learned_at.isoformat(),
        }

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> "Rhythm":
        return cls(
            workday=known["workday"],
            day_off=known["day_off"],
            hours=tuple(known["hours"]),
            limit=known["limit"],
            longest=timedelta(seconds=known["longest"]),
            counted=known["counted"],
            learned_at=datetime.fromisoformat(known["learned_at"]),
        )


def is_outdated(known: Rhythm | None, now: datetime) -> bool:
    """Whether an article that came now is worth learning from at once. Pure."""
    return known is None or known.counted < SHORT_HISTORY or now - known.learned_at >= LASTS


def arrival(
    published_at: datetime | None, precision: Precision | None, *, first_seen_at: datetime, baseline: bool
) -> Arrival | None:
    """When an article came, by what it says and by when we saw it; None where neither tells. Pure.

    baseline: it stood there already when we first looked, so that the time of our look tells nothing.
    """
    if published_at is None or published_at > first_seen_at + _HOUR:
        return None if baseline else Arrival(at=first_seen_at)
    if not baseline and first_seen_at - published_at > LATE:
        return Arrival(at=first_seen_at)
    if precision is not Precision.DAY:
        return Arrival(at=published_at)
    if not baseline and _day(first_seen_at) == _day(published_at):
        return Arrival(at=first_seen_at)
    return Arrival(at=published_at, day_only=True)


def learn(arrivals: Iterable[Arrival], *, now: datetime) -> Rhythm | None:
    """The rhythm of these articles, in whatever order; None where they are too few. Pure.

    Too few: they came in no more than FEWEST different hours.
    """
    timed, days = _recent(arrivals)
    events = sorted([*timed, *(_midnight(day) + 13 * _HOUR for day in days)])
    visits = (
        [events[0], *(after for before, after in pairwise(events) if _hour(after) != _hour(before))] if events else []
    )
    if len(visits) <= FEWEST:  # one batch, however large, is no rhythm
        return None
    hours = _hours(timed, events[0], events[-1]) if len(timed) > FEWEST else _OFFICE
    clock = _rates(events, hours)
    covered = max(events[-1] - events[0], _HOUR)
    # Many sources publish a day's articles at once, and one silence follows: of the two ways to look at them, the
    # better one says sooner what is too long.
    limits = [_limit(clock.gaps(moments), covered) for moments in (events, visits)]
    return Rhythm(
        workday=clock.workday,
        day_off=clock.day_off,
        hours=tuple(clock.hours),
        limit=min(limits),
        longest=max(after - before for before, after in pairwise(events)),
        counted=len(events),
        learned_at=now,
    )


def span(length: timedelta) -> str:
    """A length for a person. Pure.

    >>> span(timedelta(minutes=50)), span(timedelta(hours=30)), span(timedelta(days=12))
    ('50 minutes', '30 hours', '12 days')
    """
    hours = length / _HOUR
    if hours < 2:
        return f"{hours * 60:.0f} minutes"
    return f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.0f} hours"


def _recent(arrivals: Iterable[Arrival]) -> tuple[list[datetime], list[date]]:
    """What counts of the history: moments, and days of which only the day is known, each once."""
    known = sorted(arrivals, key=lambda each: each.at)
    if not known:
        return [], []
    # Pinned items of years ago say nothing of how often news comes.
    later = known[len(known) // 2 :]
    usual = max((after.at - before.at for before, after in pairwise(later)), default=_DAY)
    while len(known) > FEWEST and known[1].at - known[0].at > _PINNED * max(usual, _DAY):
        del known[0]
    since = known[-1].at - RECENT
    known = [each for place, each in enumerate(known) if each.at >= since or len(known) - place <= ENOUGH]
    timed = [each.at.astimezone(BEIJING) for each in known if not each.day_only]
    days = {_day(each.at) for each in known if each.day_only} - {moment.date() for moment in timed}
    return timed, sorted(days)


def _hours(moments: Sequence[datetime], start: datetime, end: datetime) -> tuple[float, ...]:
    """The share of a day's articles in each hour, by how often the history has been through that hour."""
    first, last = int(start.timestamp() // 3600), int(end.timestamp() // 3600)
    whole, rest = divmod(last - first + 1, 24)
    seen = [whole + (1 if (hour - start.hour) % 24 < rest else 0) for hour in range(24)]
    counts = [0.0] * 24
    for moment in moments:
        # An hour is no sharp border: the neighbours get a quarter each.
        counts[moment.hour] += 0.5
        counts[(moment.hour + 1) % 24] += 0.25
        counts[(moment.hour - 1) % 24] += 0.25
    rates = [count / times if times else 0.0 for count, times in zip(counts, seen, strict=True)]
    return tuple(rate / sum(rates) for rate in rates)


class _Clock:
    """The clock of a source: a unit of it is an article expected."""

    def __init__(self, hours: Sequence[float], *, workday: float, day_off: float) -> None:
        self.hours = hours
        self.workday = workday
        self.day_off = day_off
        self._until = [0.0]
        for share in hours:
            self._until.append(self._until[-1] + share)

    def between(self, start: datetime, end: datetime) -> float:
        """Articles expected between the two moments, both of Beijing or converted."""
        start, end = start.astimezone(BEIJING), end.astimezone(BEIJING)
        if start.date() == end.date():
            return self.a_day(start.date()) * (self._share(end) - self._share(start))
        total = self.a_day(start.date()) * (self._until[24] - self._share(start))
        for ordinal in range(start.date().toordinal() + 1, end.date().toordinal()):
            total += self.a_day(date.fromordinal(ordinal)) * self._until[24]
        return total + self.a_day(end.date()) * self._share(end)

    def reaches(self, start: datetime, amount: float) -> datetime:
        """When so many articles were expected after `start`, later on the same day."""
        at = start
        for _ in range(24):
            end = min(at.replace(minute=0, second=0, microsecond=0) + _HOUR, _midnight(start.date() + _DAY))
            hour = self.between(at, end)
            if hour >= amount > 0:
                return at + (end - at) * (amount / hour)
            amount, at = amount - hour, end
            if amount <= 0:
                break
        return at

    def gaps(self, events: Sequence[datetime]) -> list[float]:
        """The silences between these moments, the longest first."""
        return sorted((self.between(before, after) for before, after in pairwise(events)), reverse=True)

    def a_day(self, day: date) -> float:
        return self.day_off if _is_off(day) else self.workday

    def _share(self, moment: datetime) -> float:
        part = (moment.minute * 60 + moment.second) / 3600
        return self._until[moment.hour] + self.hours[moment.hour] * part


def _rates(events: Sequence[datetime], hours: Sequence[float]) -> _Clock:
    """Articles a workday and a day off, by how much of such days the history covers."""
    start, end = events[0], events[-1]
    work_days = _Clock(hours, workday=1, day_off=0).between(start, end)
    off_days = _Clock(hours, workday=0, day_off=1).between(start, end)
    off = sum(1 for event in events[1:] if _is_off(event.date()))
    work = len(events) - 1 - off
    if work_days < 0.5:
        rate = off / max(off_days, 0.5)
        return _Clock(hours, workday=rate, day_off=rate)
    workday = work / work_days
    # One more day off than was seen, with little on it: the first weekend is no proof.
    day_off = (off + _OFF_AT_FIRST * workday) / (off_days + 1)
    return _Clock(hours, workday=workday, day_off=min(day_off, max(workday, off / max(off_days, 1))))


def _limit(gaps: Sequence[float], covered: timedelta) -> float:
    """How long a silence may last so that a longer one is seen FALSE_A_YEAR times a year; `gaps` longest first.

    The tail of the silences falls off like that of their longest few (peaks over threshold, exponential), whatever
    the shorter ones are made of; it is taken to be fatter by two standard errors. No distribution is assumed for
    the rest: batches, office hours and holidays that no calendar knows are in the longest ones.
    """
    many = len(gaps)
    top = min(many, max(5, math.isqrt(many)))
    from_here = gaps[top] if top < many else 0.0
    years = max(covered / _YEAR, 1e-4)
    beyond = sum(gaps[:top]) / top - from_here
    fat = 1 + 2 / math.sqrt(top)
    limit = from_here + beyond * fat * math.log(max(math.e, top / years / FALSE_A_YEAR))
    if many < 30:
        mean = sum(gaps) / many
        limit = max(limit, mean * (1 + 2 / math.sqrt(many)) * math.log(max(math.e, many / years / FALSE_A_YEAR)))
    return max(limit, 1.25 * gaps[0], 2 * from_here)


@lru_cache(maxsize=4096)
def _is_off(day: date) -> bool:
    return is_day_off(day)


def _hour(moment: datetime) -> tuple[date, int]:
    here = moment.astimezone(BEIJING)
    return here.date(), here.hour


def _day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=BEIJING)
