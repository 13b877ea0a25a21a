"""What one walk through a listing leaves in the corpus: news, baseline, what had been missed, and what may be."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.records import Entry, PollJob, PollResult, PollStatus, Precision, Source, Tls
from monitor.corpus import Corpus, pending, sources, tables
from monitor.ingest import due_jobs, finish_poll, ingest, known_entries, note_entries, register_sources
from monitor.model import Health, SourceState
from tests.contract.desk import NOW, OTHER, SOURCE, desk, draft, visit, watch
from tests.contract.test_polls import POLICY

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BOTH = (SOURCE, OTHER)


@pytest.fixture
def watched(corpus: Corpus) -> Corpus:
    """Two sources that are watched since NOW; of the first one /1 to /4 are known."""
    with corpus.begin() as tx:
        register_sources(tx, BOTH, now=NOW)
    note_entries(corpus, SOURCE, [entry(n) for n in range(1, 5)], now=NOW)
    with corpus.begin() as tx:
        tx.execute(sa.update(tables.source).values(baseline_at=NOW, state=Health.OK, last_ok_at=NOW))
        pending.postpone(tx, [entry(n).url for n in range(1, 5)], NOW + 90 * DAY)
    return corpus


def entry(number: int, at: datetime | None = None) -> Entry:
    return Entry(
        url=f"https://yw.example/{number}", published_at=at, published_precision=None if at is None else Precision.DAY
    )


def baselines(corpus: Corpus, *numbers: int) -> list[bool | None]:
    """Of each entry whether it waits as baseline; None where it does not wait at all."""
    with corpus.read() as connection:
        rows = [pending.waiting(connection, entry(number).url) for number in numbers]
    return [None if row is None else row.baseline for row in rows]


def state(corpus: Corpus) -> SourceState:
    with corpus.read() as connection:
        found = sources.state(connection, SOURCE.slug)
    assert found is not None
    return found


def finish(corpus: Corpus, *, at: datetime = NOW, status: PollStatus = PollStatus.OK, **more: Any) -> None:
    result = PollResult(source=SOURCE.slug, status=status, started_at=at, **{"listed": 4, "known": 4, **more})
    finish_poll(corpus, result, PollJob(source=SOURCE), desk=desk(watch()), policy=POLICY, now=at)


# -- entries


def test_what_is_known_is_known_from_whichever_source(watched: Corpus) -> None:
    ingest(watched, visit(draft(), url="https://yw.example/9?utm_source=x", source=OTHER), desk=desk(), now=NOW)
    shown = [entry(1), entry(5), Entry(url="HTTPS://yw.example/9#top")]
    assert known_entries(watched, shown) == {shown[0].url, shown[2].url}
    assert known_entries(watched, []) == frozenset()
    assert baselines(watched, 5) == [None], "asking notes nothing"


def test_news_are_noted_as_such_and_the_archive_below_them_as_baseline(watched: Corpus) -> None:
    walk = [entry(5), entry(1), entry(6), *(entry(n) for n in (2, 3, 4)), entry(7, NOW - 9 * DAY), entry(8)]
    assert note_entries(watched, SOURCE, walk, now=NOW + HOUR) == (walk[0], walk[2], walk[6], walk[7])
    assert baselines(watched, 5, 6, 7, 8) == [False, False, True, True]


def test_what_another_source_found_says_nothing_about_this_list(watched: Corpus) -> None:
    note_entries(watched, OTHER, [entry(20)], now=NOW)
    walk = [entry(1), entry(2), entry(9, NOW - 9 * DAY), entry(20)]
    note_entries(watched, SOURCE, walk, now=NOW + HOUR)
    assert baselines(watched, 9) == [True]


def test_the_daily_walk_notes_what_polls_should_have_seen_and_nothing_else(watched: Corpus) -> None:
    walk = [entry(2), entry(5, NOW - 9 * DAY), entry(3), entry(6, NOW + 2 * DAY), entry(7, NOW - 9 * DAY), entry(8)]
    found = note_entries(watched, SOURCE, walk, now=NOW + 3 * DAY, further_back=True)
    assert found == (walk[1], walk[3])
    assert baselines(watched, 5, 6, 7, 8) == [False, False, None, None]
    assert note_entries(watched, SOURCE, walk, now=NOW + 4 * DAY, further_back=True) == (), "counted once"


def test_an_entry_whose_text_the_listing_brings_waits_with_it(watched: Corpus) -> None:
    flash = Entry(url="https://yw.example/flash/1", body="<p>央行今天开展逆回购操作。</p>", whole=True)
    note_entries(watched, SOURCE, [flash], now=NOW + HOUR)
    with watched.read() as connection:
        (job,) = due_jobs(connection, [SOURCE], now=NOW + HOUR, limit=9, policy=POLICY)
    assert job.pending == (flash,)


def test_an_entry_that_an_older_version_noted_is_read(watched: Corpus) -> None:
    with watched.begin() as tx:
        held = dict(tx.execute(sa.select(tables.pending.c.entry).limit(1)).scalar_one())
        del held["whole"]
        tx.execute(sa.update(tables.pending).values(entry=held, next_try_at=NOW))
        (job,) = due_jobs(tx, [SOURCE], now=NOW, limit=9, policy=POLICY)
    assert not any(each.whole for each in job.pending)


# -- how the walk went


def test_a_gap_is_told_by_health_for_some_days_and_looked_into_at_once(watched: Corpus) -> None:
    finish(watched, at=NOW + HOUR, known=0, gap=True)
    known = state(watched)
    assert (known.state, known.gap_at) == (Health.OK, NOW + HOUR)
    assert "entries may have been missed before 2026-03-02T11:00:00+08:00" in known.why
    with watched.read() as connection:
        (job,) = due_jobs(connection, [SOURCE], now=NOW + DAY, limit=9, policy=POLICY)
        (row,) = [sources.health_json(each) for each in sources.states(connection, SOURCE.slug)]
    assert (job.reconcile, job.watched_since) == (True, NOW)
    assert row["gap_at"] == "2026-03-02T11:00:00+08:00"
    finish(watched, at=NOW + 2 * HOUR, status=PollStatus.UNCHANGED)
    assert "may have been missed" in state(watched).why
    finish(watched, at=NOW + 4 * DAY)
    assert (state(watched).why, state(watched).gap_at) == ("", NOW + HOUR)


def test_what_was_missed_is_summed_up(watched: Corpus) -> None:
    for day, missed in enumerate((2, None, 0, 3), 1):
        finish(watched, at=NOW + day * DAY, missed=missed)
    known = state(watched)
    assert (known.missed, known.reconciled_at) == (5, NOW + 4 * DAY)
    with watched.read() as connection:
        row = sources.health_json(known)
        jobs = due_jobs(connection, [SOURCE], now=NOW + 4 * DAY + 2 * HOUR, limit=9, policy=POLICY)
    assert (row["missed"], row["reconciled_at"]) == (5, "2026-03-06T10:00:00+08:00")
    assert [job.reconcile for job in jobs if job.listing] == [False]


def test_a_visit_that_only_rechecks_is_no_daily_walk(watched: Corpus) -> None:
    with watched.begin() as tx:
        sources.postpone(tx, SOURCE.slug, NOW + 9 * DAY)
        pending.postpone(tx, [entry(1).url], NOW + 2 * DAY)
        jobs = due_jobs(tx, [SOURCE], now=NOW + 2 * DAY, limit=9, policy=POLICY)
    assert [(job.listing, job.reconcile) for job in jobs] == [(False, False)]


# -- what the configuration allows


@pytest.mark.parametrize(
    ("tls", "said"),
    [
        (Tls(), ""),
        (Tls(verify=False), "certificate not verified"),
        (Tls(legacy=True), "legacy TLS"),
        (Tls(verify=False, legacy=True), "certificate not verified, legacy TLS"),
    ],
    ids=["nothing", "certificate", "legacy", "both"],
)
def test_health_says_which_tls_a_source_is_allowed(watched: Corpus, tls: Tls, said: str) -> None:
    allowed: Source = replace(SOURCE, tls=tls)
    with watched.begin() as tx:
        register_sources(tx, [allowed], now=NOW)
    finish(watched)
    assert (state(watched).tls, sources.health_json(state(watched))["tls"]) == (said, said)
