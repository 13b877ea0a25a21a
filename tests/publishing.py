"""When invented sources publish: at random, in their hours, on their days, with a fixed seed."""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from crawler.records import BEIJING
from monitor.holidays import is_day_off

#: A Monday. Spring Festival 2025 began on 28 January, the next one on 16 February 2026.
START = datetime(2025, 2, 10, tzinfo=BEIJING)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
#: By name: how `office` makes them.
KINDS: Mapping[str, Mapping[str, Any]] = {
    "flashes": {"a_day": 480, "weekend": 0.3, "hours": [*range(24), *range(7, 24), *range(7, 24)]},
    "roll": {"a_day": 150, "weekend": 0.5, "hours": [*range(24), *range(7, 24), *range(7, 24)]},
    "ten a day, round the clock": {"a_day": 10, "weekend": 1.0, "hours": range(24)},
    "ten a workday": {"a_day": 10},
    "ten a workday, busy days and idle ones": {"a_day": 10, "uneven": 0.5},
    "two a workday": {"a_day": 2},
    "two a workday, five at once": {"a_day": 2, "batch": 5},
    "one every other workday": {"a_day": 0.5},
    "one a week": {"a_day": 0.2},
}


def office(
    rng: random.Random,
    *,
    a_day: float,
    weekend: float = 0.0,
    hours: Sequence[int] = range(8, 18),
    batch: int = 1,
    uneven: float = 0.0,
) -> Iterator[datetime]:
    """Moments of publication from START on, without end.

    weekend: how much of a day's articles come on a day off. hours: in which they come, evenly. batch: so many at once.
    uneven: the variance of how busy one day is against the others, 1 on average.
    """
    day = START
    while True:
        expected = a_day * (weekend if is_day_off(day.date()) else 1.0) / batch
        if uneven:
            expected *= rng.gammavariate(1 / uneven, uneven)
        visits = [day + rng.choice(hours) * HOUR + rng.random() * HOUR for _ in range(_poisson(rng, expected))]
        yield from sorted(visit + timedelta(seconds=20 * n) for visit in visits for n in range(batch))
        day += DAY


def until(moments: Iterator[datetime], end: datetime) -> list[datetime]:
    """Those before `end`."""
    found: list[datetime] = []
    for moment in moments:
        if moment >= end:
            break
        found.append(moment)
    return found


def _poisson(rng: random.Random, expected: float) -> int:
    if expected > 100:
        return max(0, round(rng.gauss(expected, math.sqrt(expected))))
    product, count = rng.random(), 0
    while product > math.exp(-expected):
        product, count = product * rng.random(), count + 1
    return count
