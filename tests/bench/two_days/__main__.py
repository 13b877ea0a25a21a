"""Two days of mixed sources with everything that goes wrong, on a clock that runs fast; prints what came of it.

    python -m tests.bench.two_days [--sources 500 --hosts 60 --days 2 --seed 1 --minutes 12]

It is no part of `python -m tests.bench`, which should not take a quarter of an hour.
"""

import argparse
import logging
import os
import re
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from crawler import reactor
from crawler.records import CrawlPolicy, Source
from monitor import logs, pacing
from monitor.corpus import Corpus, tables
from monitor.model import AlertKind
from tests.bench.figures import Spent, percentile, say, spent, table
from tests.bench.two_days import verdict
from tests.bench.two_days.clock import ScaledClock
from tests.bench.two_days.plan import HOUR, Plan, plan
from tests.bench.two_days.run import GAP, Days
from tests.bench.two_days.site import FleetProcess, Played
from tests.bench.two_days.verdict import Fixed, Items, Recall, Stored, Told

#: How often a poller that learns nothing asks.
FIXED = timedelta(minutes=30)
_TWO_HOPS = {"hanweb_unit", "epaper"}
POLICY = CrawlPolicy()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run that has ended, with all that is needed to judge it."""

    plan: Plan
    days: Days
    played: Played
    slugs: tuple[str, ...]
    stored: list[Stored]
    waiting: Counter[str]
    recall: Recall
    told: list[Told]
    took: Spent
    #: Requests that it takes to see the list of each source.
    hops: Mapping[str, int]

    def names(self, keys: Iterable[str]) -> tuple[str, ...]:
        """For a person who looks into the database: the column of each item, and the number in its title."""
        items = Items(self.played)
        return tuple(f"{items.columns[key]} {items.serials[key]} of {items.dates[key]:%m-%d %H:%M}" for key in keys)


def options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.two_days", description=__doc__)
    parser.add_argument("--sources", type=int, default=500)
    parser.add_argument("--hosts", type=int, default=60)
    parser.add_argument("--days", type=float, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=12, help="at least so long; a slow machine takes longer")
    parser.add_argument("--keep", type=Path, help="a folder for the database and the ledger, to look into")
    return parser.parse_args(arguments)


def run(chosen: argparse.Namespace, folder: Path) -> Outcome:
    sizes = {"sources": chosen.sources, "hosts": chosen.hosts, "days": chosen.days, "seed": chosen.seed}
    what = plan(**sizes)
    speed = (what.end - what.start).total_seconds() / (chosen.minutes * 60)
    clock = ScaledClock.create(folder / "clock", what.start)
    corpus = Corpus.open(f"sqlite:///{folder / 'two-days.db'}")
    with FleetProcess(folder, folder / "clock", sizes) as fleet:
        days = Days(
            clock=clock,
            speed=speed,
            end=what.end,
            configured=fleet.sources,
            groups=what.groups,
            corpus=corpus,
        )
        with spent(but=[fleet.pid]) as took:
            reactor.run(days.run)
        played = fleet.end()
    try:
        stored, waiting = _stored(corpus), _waiting(corpus)
        noted = verdict.serials_of(played, {url: title for url, (title, _) in waiting.items()})
        return Outcome(
            plan=what,
            days=days,
            played=played,
            slugs=tuple(source.slug for source in fleet.sources),
            stored=stored,
            waiting=Counter(re.sub(r"[\d.]+", "N", why)[:90] for _, why in waiting.values()),
            recall=verdict.recall(
                what,
                played,
                {verdict.serial(article.title) or "" for article in stored},
                set(noted.values()),
                verdict.good_polls(what, days.course.polls, [source.slug for source in fleet.sources]),
            ),
            told=_told(corpus),
            took=took,
            hops={source.slug: 2 if source.engine in _TWO_HOPS else 1 for source in fleet.sources},
        )
    finally:
        corpus.close()


def _stored(corpus: Corpus) -> list[Stored]:
    article = tables.article
    columns = (article.c.source, article.c.title, article.c.first_seen_at, article.c.withdrawn_at, article.c.status)
    with corpus.read() as connection:
        return [
            Stored(row.source, row.title, row.first_seen_at, row.withdrawn_at if row.status == "withdrawn" else None)
            for row in connection.execute(sa.select(*columns))
        ]


def _waiting(corpus: Corpus) -> dict[str, tuple[str, str]]:
    """What is noted and not stored yet: its title and why, by URL."""
    pending = tables.pending.c
    with corpus.read() as connection:
        rows = connection.execute(sa.select(pending.url, pending.entry, pending.error))
        return {row.url: (row.entry.get("title") or "", row.error or "") for row in rows}


def _told(corpus: Corpus) -> list[Told]:
    alert = tables.alert
    query = sa.select(alert.c.source, alert.c.title, alert.c.created_at).where(alert.c.kind == AlertKind.OPERATOR)
    with corpus.read() as connection:
        return [Told(row.source or "", row.title, row.created_at) for row in connection.execute(query)]


# --- what it prints ---


def show(outcome: Outcome) -> None:
    _show_recall(outcome)
    _show_noticed(outcome)
    _show_requests(outcome)
    _show_costs(outcome)


def _show_recall(outcome: Outcome) -> None:
    recall = outcome.recall
    columns, well = Items(outcome.played).columns, verdict.well(outcome.plan, outcome.slugs)
    of_well = frozenset(key for key in recall.published if columns[key] in well)
    gone = verdict.withdrawals(outcome.played, outcome.stored)
    table(
        "What was published, shown and stored",
        ("items", "count", "share"),
        [
            ("published in these days", *_of(recall.published, None)),
            ("not shown: their column gave no good answer since", *_of(recall.unasked, recall.published)),
            ("not shown: deeper than anybody looked", *_of(recall.buried, recall.published)),
            (f"  of the {len(well)} sources that nothing befell", *_of(recall.buried & of_well, of_well)),
            ("shown by an answer", *_of(recall.shown, recall.published)),
            (f"  of the {len(well)} sources that nothing befell", *_of(recall.shown & of_well, of_well)),
            ("  of all shown: stored", *_of(recall.stored, recall.shown)),
            ("  noted, their page not yet had", *_of(recall.waiting, recall.shown)),
            ("  withdrawn before they could be asked for", *_of(recall.fleeting, recall.shown)),
            ("  back-dated into the archive", *_of(recall.archived, recall.shown)),
            ("  LOST", *_of(recall.lost, recall.shown)),
            ("of the backlog shown", *_of(recall.backlog, None)),
            ("  archive: older than the first poll read", *_of(recall.backlog_archived, recall.backlog)),
            ("  LOST", *_of(recall.backlog_lost, recall.backlog)),
            (f"withdrawals, where {verdict.CHECKS} answers said so", str(gone.real), ""),
            ("  of them found", str(gone.found), _share(gone.found, gone.real)),
            ("FALSE withdrawals", str(len(gone.false)), ""),
        ],
        *_some("lost", outcome.names(recall.lost | recall.backlog_lost)),
        *_some("buried", outcome.names(recall.buried)),
        *_some("false withdrawals", gone.false),
        *_some("entries wait", tuple(f"{n} x {why}" for why, n in outcome.waiting.most_common())),
    )


def _show_noticed(outcome: Outcome) -> None:
    records = outcome.days.course.polls
    rows = verdict.noticed(outcome.plan, records, outcome.slugs)
    alarms = verdict.false_alarms(outcome.plan, records, outcome.slugs)
    doubled = verdict.doubled(outcome.plan, outcome.told)
    judged, in_time = sum(row.judged for row in rows), sum(row.in_time for row in rows)
    table(
        f"Sources that failed, and whether health said so (within {verdict.POLLS} polls; silence: within its rhythm)",
        ("trouble", "sources", "in time", "share", "polls", "hours", "not judged"),
        [
            (
                row.how.value,
                str(row.judged),
                str(row.in_time),
                _share(row.in_time, row.judged),
                f"{statistics.mean(row.polls):.1f}" if row.polls else "",
                f"{statistics.median(row.hours):.1f}" if row.hours else "",
                str(row.unjudged),
            )
            for row in rows
        ]
        + [("all", str(judged), str(in_time), _share(in_time, judged), "", "", "")],
        f"false alarms on healthy sources: {len(alarms)}",
        f"operator alerts: {len(outcome.told)}, doubled: {len(doubled)}",
        f"sources at the end: {', '.join(f'{n} {s}' for s, n in verdict.states(records).most_common())}",
        *_some("late", tuple(f"{row.how}: {slug}" for row in rows for slug in row.late)),
        *_some("false alarms", tuple(f"{a.result.source} {a.state}: {a.known.why}" for a in alarms)),
        *_some("doubled", tuple(doubled)),
    )


def _show_requests(outcome: Outcome) -> None:
    """Of the sources that nothing befell: in an outage no poller finds anything."""
    well = verdict.well(outcome.plan, outcome.slugs)
    items = Items(outcome.played)
    new = [key for key in outcome.recall.stored if items.columns[key] in well]
    delays = [(items.shown[key] - items.published[key]) / HOUR for key in new]
    asked = verdict.asked(outcome.plan, outcome.played, well)
    round_of = sum(count for slug, count in outcome.hops.items() if slug in well)

    def as_configured(now: datetime) -> timedelta:
        return pacing.interval(Source(slug="", name="", engine=""), policy=POLICY, now=now)

    def fixed(schedule: Callable[[datetime], timedelta]) -> Fixed:
        return verdict.fixed(outcome.plan, [items.published[key] for key in new], round_of, schedule)

    budget = (outcome.plan.end - outcome.plan.start) * round_of / max(1, asked.lists)
    others = {
        "fixed, every 30 minutes": fixed(lambda _: FIXED),
        "fixed, 30 minutes by day and 4 hours by night": fixed(as_configured),
        "fixed, with as many requests as ours": fixed(lambda _: budget),
    }

    def row(name: str, lists: int, delay: float) -> tuple[str, ...]:
        per_item = (lists / max(1, len(new)), (lists + asked.pages) / max(1, len(new)))
        return (name, str(lists), *(f"{figure:.2f}" for figure in per_item), f"{60 * delay:.0f}")

    table(
        f"Requests for each new item: {len(new)} items of the {len(well)} sources that nothing befell",
        ("", "lists", "lists/item", "with pages", "mean delay, min"),
        [
            row("ours", asked.lists, statistics.mean(delays or [0.0])),
            *(row(name, other.lists, other.delay) for name, other in others.items()),
        ],
        *(f"our lists to {name}: {asked.lists / other.lists:.2f} x" for name, other in others.items()),
        *([_delay_words(delays)] if len(delays) > 1 else []),
        f"beside them {asked.rechecks} looks at old articles and {asked.robots} robots.txt",
    )


def _delay_words(delays: Sequence[float]) -> str:
    return f"our delay: p50 {60 * percentile(delays, 0.5):.0f}, p95 {60 * percentile(delays, 0.95):.0f} minutes"


def _show_costs(outcome: Outcome) -> None:
    days, took, watch = outcome.days, outcome.took, outcome.days.watch
    simulated = (outcome.plan.end - outcome.plan.start).total_seconds()
    worst = max(watch.violations.values(), default=0.0)
    table(
        "Politeness and costs",
        ("", "figure"),
        [
            (
                f"largest violation of the gap of {GAP.total_seconds():.0f} s, {watch.groups} host groups",
                f"{worst:.3f} s",
            ),
            ("  groups with one", str(len(watch.violations))),
            ("  shortest rest between two requests", f"{watch.shortest:.3f} s"),
            ("requests", str(watch.turns)),
            ("polls", str(len(days.course.polls))),
            ("CPU, of us", f"{took.own:.0f} s"),
            ("CPU, of the parse workers", f"{took.children:.0f} s"),
            ("  share of one core, had it run in real time", f"{100 * took.cpu / simulated:.2f} %"),
            ("  each request", f"{1000 * took.cpu / max(1, watch.turns):.1f} ms"),
            ("largest memory, all our processes", f"{days.course.memory / 2**20:.0f} MiB"),
            ("CPU of the fleet", f"{outcome.played.cpu:.0f} s"),
            ("real time", f"{took.wall:.0f} s"),
        ],
        f"the clock ran {simulated / took.wall:.0f} times as fast as the real one, at least {days.course.slowest:.0f}",
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else ""


def _of(part: Collection[str], whole: Collection[str] | None) -> tuple[str, str]:
    return str(len(part)), "" if whole is None else _share(len(part), len(whole))


def _some(name: str, what: tuple[str, ...], most: int = 8) -> list[str]:
    return [f"{name}: {line}" for line in what[:most]] + ([f"{name}: … {len(what)} in all"] if len(what) > most else [])


def main(arguments: list[str]) -> int:
    chosen = options(arguments)
    logs.configure(level=logging.ERROR, environ=os.environ)
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        outcome = run(chosen, folder)
        say(f"\n{chosen.sources} sources on {chosen.hosts} hosts, {chosen.days:g} days, seed {chosen.seed}")
        show(outcome)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
