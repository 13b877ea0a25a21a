"""What a clock that was a year ahead has left behind is due when it is set right, and nothing else is."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from crawler.records import CrawlPolicy, Entry, PollJob
from monitor.corpus import Corpus, tables
from monitor.corpus.clock import put_right
from monitor.ingest import claim, due_jobs, ingest, note_entries, register_sources
from tests.contract.desk import NOW, OTHER, SOURCE, URL, desk, draft, visit

YEAR, HOUR = timedelta(days=365), timedelta(hours=1)
WAITING = Entry(url="https://yw.example/a/2.html", title="等着的一篇")
POLICY = CrawlPolicy()


def filled(corpus: Corpus, at: datetime) -> None:
    """Of one source an article, an entry that waits, and a listing that is due an hour later; another source."""
    with corpus.begin() as tx:
        register_sources(tx, [SOURCE, OTHER], now=at)
        tx.execute(sa.update(tables.source).values(baseline_at=at, last_poll_at=at, next_poll_at=at + HOUR))
    ingest(corpus, visit(draft()), desk=desk(), now=at)
    note_entries(corpus, SOURCE, [WAITING], now=at)
    with corpus.begin() as tx:
        tx.execute(sa.insert(tables.host), {"name": "yw.example", "rechecks_until": at})


def due(corpus: Corpus, at: datetime) -> dict[str, PollJob]:
    with corpus.read() as connection:
        jobs = due_jobs(connection, [SOURCE, OTHER], now=at, limit=99, policy=POLICY)
    return {job.source.slug: job for job in jobs}


def test_what_a_clock_ahead_has_put_off_is_due_once_it_is_right(corpus: Corpus) -> None:
    filled(corpus, NOW + YEAR)
    assert due(corpus, NOW) == {}
    with corpus.begin() as tx:
        put_right(tx, NOW)
    jobs = due(corpus, NOW)
    assert {slug: job.listing for slug, job in jobs.items()} == {SOURCE.slug: True, OTHER.slug: True}
    assert [entry.url for entry in jobs[SOURCE.slug].pending] == [WAITING.url]
    assert [recheck.url for recheck in jobs[SOURCE.slug].rechecks] == [URL]


def test_what_a_right_clock_has_put_off_waits(corpus: Corpus) -> None:
    filled(corpus, NOW)
    with corpus.begin() as tx:
        for job in due(corpus, NOW).values():
            claim(tx, job, now=NOW, policy=POLICY)
    with corpus.begin() as tx:
        put_right(tx, NOW)
    assert due(corpus, NOW) == {}
