"""How often a healthy source is called quiet, and how soon a silent one is: `python -m tests.bench.silences`.

Invented sources publish for a year (the busy ones, of which a week tells as much, for some months), each with fixed
seeds. The rhythm is learned as the daemon learns it, from a backlog of twenty articles on. No network, no database.
"""

import random
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.rhythm import Arrival, Rhythm, is_outdated, learn, span
from tests.bench.figures import ROW, say, table
from tests.publishing import KINDS, START, office, until

SEEDS = range(3)
BACKLOG = 20
#: What the corpus hands to `learn`.
RECENT = 5_000
#: So often in the second half of a run the source is imagined to fall silent.
PROBES = 50
_YEAR = timedelta(days=365)


def days_of(a_day: float) -> int:
    return 60 if a_day > 100 else 365 if a_day >= 1 else 730


def replay(came: Sequence[datetime]) -> tuple[int, list[timedelta], Rhythm | None]:
    """False alarms, how long until a silence that begins after some of the articles is told, and the last rhythm."""
    alarms, told = 0, list[timedelta]()
    rhythm: Rhythm | None = None
    quiet_at: datetime | None = None
    for number, at in enumerate(came):
        alarms += quiet_at is not None and at > quiet_at
        if number < BACKLOG:
            continue
        if is_outdated(rhythm, at):
            rhythm = learn((Arrival(at=each) for each in came[max(0, number + 1 - RECENT) : number + 1]), now=at)
        quiet_at = rhythm.usual_until(at) if rhythm else None
        if quiet_at is not None and number > len(came) / 2 and number % max(1, len(came) // 2 // PROBES) == 0:
            told.append(quiet_at - at)
    return alarms, told, rhythm


def row(name: str) -> ROW:
    alarms, years, told = 0, 0.0, list[timedelta]()
    for seed in SEEDS:
        made = KINDS[name]
        came = until(office(random.Random(seed), **made), START + timedelta(days=days_of(made["a_day"])))
        more, noticed, _ = replay(came)
        alarms, years = alarms + more, years + (came[-1] - came[BACKLOG]) / _YEAR
        told += noticed
    told.sort()
    return (name, f"{years:.1f}", str(alarms), f"{alarms / years:.2f}", span(told[len(told) // 2]), span(told[-1]))


def main() -> None:
    began = time.monotonic()
    table(
        "Healthy sources that are called quiet, and silent ones that are noticed",
        ("source", "years", "false alarms", "a year", "noticed after (median)", "at the latest"),
        [row(name) for name in KINDS],
    )
    say(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
