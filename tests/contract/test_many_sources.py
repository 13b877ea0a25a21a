"""What is due among more sources than a query is told by name."""

from dataclasses import replace
from datetime import timedelta

from crawler.records import CrawlPolicy, Entry, Source
from monitor.corpus import Corpus
from monitor.corpus.tables import MANY
from monitor.ingest import due_jobs, ingest, note_entries, register_sources
from tests.contract.desk import NOW, SOURCE, desk, draft, visit

HOUR = timedelta(hours=1)
SOURCES = tuple(replace(SOURCE, slug=f"source-{n:03}") for n in range(MANY + 10))
POLICY = CrawlPolicy()


def test_among_many_sources_only_those_asked_for_are_due(corpus: Corpus) -> None:
    with corpus.begin() as tx:
        register_sources(tx, SOURCES, now=NOW)
    for source in SOURCES:
        fill(corpus, source)
    asked = SOURCES[: MANY + 5]
    with corpus.read() as connection:
        jobs = due_jobs(connection, asked, now=NOW + 24 * HOUR, limit=1000, policy=POLICY)
        few = due_jobs(connection, SOURCES[:3], now=NOW + 24 * HOUR, limit=1000, policy=POLICY)
    assert [job.source for job in jobs] == list(asked)
    assert few == jobs[:3]
    for job in jobs:
        assert [entry.url for entry in job.pending] == [f"https://{job.source.slug}.example/waits"]
        assert [recheck.url for recheck in job.rechecks] == [f"https://{job.source.slug}.example/stored"]


def fill(corpus: Corpus, source: Source) -> None:
    """One article that will be due for a re-check, and one entry that waits."""
    stored, waits = (f"https://{source.slug}.example/{name}" for name in ("stored", "waits"))
    ingest(corpus, visit(draft(source.slug), url=stored, source=source), desk=desk(), now=NOW)
    note_entries(corpus, source, [Entry(url=waits, title="待")], now=NOW)
