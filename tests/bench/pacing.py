"""What a pace costs in listings and gains in time: `python -m tests.bench.pacing`. No network, no database.

Invented columns of 20 rows publish for a week, from one item in ten days to forty a day; each is asked as the schedule
says. The delay is the time from an item's publication until a listing shows it.
"""

import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from crawler.records import CrawlPolicy, PollResult, PollStatus, Source
from monitor.model import Health, SourceState
from monitor.pacing import LENGTHEN, bounds, interval, next_poll, pace
from tests.bench.figures import ROW, say, table
from tests.publishing import START, office, until

COLUMNS = 300
WEEK = timedelta(days=7)
ROWS = 20
POLICY = CrawlPolicy()
SOURCE = Source(slug="column", name="column", engine="html_list", url="https://news.example/")

#: The pace that a poll leaves, from the one before it, the poll's result and its time.
Rule = Callable[[SourceState, PollResult, datetime], float]


def ours(state: SourceState, result: PollResult, at: datetime) -> float:
    return pace(SOURCE, state, result, policy=POLICY, now=at)


def fixed(state: SourceState, result: PollResult, at: datetime) -> float:
    return 1.0


def thirds(state: SourceState, result: PollResult, at: datetime) -> float:
    """Longer where two thirds are known, shorter where fewer than one third are."""
    least, most = (bound / interval(SOURCE, policy=POLICY, now=at) for bound in bounds(SOURCE, policy=POLICY, now=at))
    if 3 * result.known >= 2 * result.listed:
        return min(state.pace * LENGTHEN, most)
    return max(state.pace / 2, least) if 3 * result.known < result.listed else state.pace


def play(came: Sequence[datetime], rule: Rule) -> tuple[int, list[timedelta]]:
    """How many listings a column takes in the week, and how long each of its items waited for one."""
    state = SourceState(slug=SOURCE.slug, state=Health.OK, last_ok_at=START)
    at, seen, lists, waited = START, 0, 0, list[timedelta]()
    while at < START + WEEK:
        now_seen = bisect_right(came, at)
        waited += [at - each for each in came[seen:now_seen]]
        known = max(0, ROWS - (now_seen - seen))
        result = PollResult(source=SOURCE.slug, status=PollStatus.OK, listed=ROWS, known=known, started_at=at)
        seen, lists = now_seen, lists + 1
        state = replace(state, pace=rule(state, result, at))
        at = next_poll(SOURCE, state, result, policy=POLICY, jitter=0, now=at)
    return lists, waited


def row(name: str, rule: Rule, columns: Sequence[Sequence[datetime]], baseline: int) -> tuple[int, ROW]:
    lists, waited = 0, list[timedelta]()
    for came in columns:
        more, delays = play(came, rule)
        lists, waited = lists + more, waited + delays
    mean = sum(waited, timedelta()) / len(waited)
    ratio = f"{lists / baseline:.2f} x" if baseline else "1.00 x"
    return lists, (name, str(lists), ratio, str(len(waited)), f"{mean / timedelta(minutes=1):.0f} min")


def main() -> None:
    draw = random.Random(1)
    columns = [
        list(until(office(random.Random(number), a_day=10 ** draw.uniform(-1, 1.6)), START + WEEK))
        for number in range(COLUMNS)
    ]
    baseline, first = row("fixed: 30 min by day, 4 h by night", fixed, columns, 0)
    rows = [first]
    for name, rule in (("monitor.pacing", ours), ("longer at two thirds known, shorter under one", thirds)):
        rows.append(row(name, rule, columns, baseline)[1])
    table("A week of columns", ("pace", "listings", "of the fixed", "items", "mean delay"), rows)
    say(f"{COLUMNS} columns of {ROWS} rows, {WEEK.days} days")


if __name__ == "__main__":
    main()
