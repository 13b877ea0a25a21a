"""Two days of mixed sources with everything that goes wrong, on a clock that runs fast; prints what came of it.

    python -m tests.bench.two_days [--sources 500 --hosts 60 --days 2 --seed 1 --minutes 12]

It is no part of `python -m tests.bench`, which should not take a quarter of an hour.
"""

import argparse
import logging
import os
import statistics
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from crawler import reactor
from crawler.engines import ENGINES
from monitor import logs
from monitor.corpus import Corpus, tables
from monitor.model import AlertKind
from tests.bench.figures import Spent, percentile, say, spent, table
from tests.bench.two_days import verdict
from tests.bench.two_days.clock import ScaledClock
from tests.bench.two_days.plan import Plan, plan
from tests.bench.two_days.run import GAP, Days
from tests.bench.two_days.site import FleetProcess, Played
from tests.bench.two_days.verdict import Stored, Told

#: What the sources were asked at by a poller that learns nothing.
FIXED = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run that has ended, with all that is needed to judge it."""

    plan: Plan
    days: Days
    played: Played
    slugs: tuple[str, ...]
    stored: list[Stored]
    waiting: dict[str, str]
    told: list[Told]
    took: Spent
    #: Requests that one round of polls of all sources takes.
    round: int


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
        return Outcome(
            plan=what,
            days=days,
            played=played,
            slugs=tuple(source.slug for source in fleet.sources),
            stored=_stored(corpus),
            waiting=_waiting(corpus),
            told=_told(corpus),
            took=took,
            round=sum(2 if ENGINES[source.engine].two_hops else 1 for source in fleet.sources),
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


def _waiting(corpus: Corpus) -> dict[str, str]:
    """What is noted and not stored yet: why, by the number in its title."""
    with corpus.read() as connection:
        rows = connection.execute(sa.select(tables.pending.c.entry, tables.pending.c.error))
        return {verdict.serial(row.entry.get("title") or "") or "": row.error or "" for row in rows}


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
    recall = verdict.recall(outcome.plan, outcome.played, outcome.stored, outcome.waiting)
    gone = verdict.withdrawals(outcome.plan, outcome.played, outcome.stored)
    table(
        "What was published, shown and stored",
        ("items", "count", "share"),
        [
            ("published in these days", str(recall.published), ""),
            ("shown by any answer", str(recall.shown), _share(recall.shown, recall.published)),
            ("  of them stored", str(recall.stored), _share(recall.stored, recall.shown)),
            ("  noted, their page not yet had", str(recall.waiting), _share(recall.waiting, recall.shown)),
            ("  withdrawn before they could be asked for", str(recall.fleeting), _share(recall.fleeting, recall.shown)),
            ("  LOST", str(len(recall.lost)), _share(len(recall.lost), recall.shown)),
            ("of the backlog shown", str(recall.backlog), ""),
            ("  LOST", str(len(recall.backlog_lost)), _share(len(recall.backlog_lost), recall.backlog)),
            ("withdrawals, twelve hours before the end", str(gone.real), ""),
            ("  of them found", str(gone.found), _share(gone.found, gone.real)),
            ("FALSE withdrawals", str(len(gone.false)), ""),
        ],
        *_some("lost", (*recall.lost, *recall.backlog_lost)),
        *_some("false withdrawals", gone.false),
        *_some("why entries wait", tuple(Counter(why[:90] for why in outcome.waiting.values()))),
    )


def _show_noticed(outcome: Outcome) -> None:
    records = outcome.days.course.polls
    rows = verdict.noticed(outcome.plan, records, outcome.slugs)
    alarms = verdict.false_alarms(outcome.plan, records, outcome.slugs)
    doubled = verdict.doubled(outcome.plan, outcome.told)
    judged, in_time = sum(row.judged for row in rows), sum(row.in_time for row in rows)
    table(
        f"Sources that failed, and whether health said so (within {verdict.POLLS} polls; silence: within its rhythm)",
        ("trouble", "sources", "in time", "share", "polls", "hours", "too few polls"),
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
    recall = verdict.recall(outcome.plan, outcome.played, outcome.stored, outcome.waiting)
    new = max(1, recall.stored)
    asked = verdict.asked(outcome.plan, outcome.played)
    delay = statistics.mean(recall.delays) if recall.delays else 0.0
    same = timedelta(hours=2 * delay)

    def row(name: str, lists: int, articles: int, wait: float) -> tuple[str, ...]:
        return (name, str(lists), f"{lists / new:.2f}", f"{(lists + articles) / new:.2f}", f"{60 * wait:.0f}")

    by_30 = verdict.fixed(outcome.plan, outcome.round, FIXED)
    by_same = verdict.fixed(outcome.plan, outcome.round, same)
    table(
        "Requests for each new item",
        ("", "lists", "lists/item", "lists and pages/item", "mean delay, minutes"),
        [
            row("ours", asked.lists, asked.pages, delay),
            row("fixed interval of 30 minutes", by_30, asked.pages, FIXED / timedelta(hours=2)),
            row("fixed interval with our mean delay", by_same, asked.pages, delay),
        ],
        f"our lists: {asked.lists / by_30:.2f} x those of 30 minutes, {asked.lists / by_same:.2f} x those of our delay",
        f"beside them: {asked.rechecks} looks at old articles, {asked.robots} robots.txt; "
        f"delay p50 {60 * percentile(recall.delays, 0.5):.0f}, p95 {60 * percentile(recall.delays, 0.95):.0f} minutes",
    )


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
