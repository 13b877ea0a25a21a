"""Puts a column to `probe` as a person would, and compares what the printed entry reads with what the column lists."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from crawler.engines import ENGINES
from crawler.poll import poll
from crawler.probing.entryfile import entries_yaml
from crawler.probing.probe import Probed, probe
from crawler.records import Entry, Fetch, Outcome, PollJob, PollResult, Recheck, Source, Visit
from crawler.sources import load_source_file
from monitor.demo.sites.fleet import Fleet
from monitor.demo.sites.fleet_columns import FleetColumn
from tests.station import Crew


@dataclass
class Page:
    """A ledger that opens no article: what the first page of a listing shows."""

    entries: list[Entry] = field(default_factory=list)

    async def known(self, source: Source, entries: Sequence[Entry]) -> frozenset[str]:
        return frozenset()

    async def unknown(
        self, source: Source, entries: Sequence[Entry], *, further_back: bool = False
    ) -> tuple[Entry, ...]:
        self.entries += entries
        return ()

    async def listed(self, source: Source, entries: Sequence[Entry]) -> tuple[Recheck, ...]:
        return ()

    async def take(self, visit: Visit) -> Outcome:
        return Outcome.NEW


def first_page(crew: Crew, source: Source) -> tuple[PollResult, list[Entry]]:
    """How a poll of a source's first page went, and what it listed."""
    page = Page()
    job = PollJob(source=replace(source, max_pages=1), first=True)
    result = crew.loop.run(poll(job, fetch=crew.hub.fetch, parser=crew.pool, ledger=page, now=crew.clock))
    return result, page.entries


def question(source: Source) -> Fetch:
    """What a person has of a column: its address; of an interface the form and the Referer that a browser shows."""
    asked = ENGINES[source.engine].start(source)
    headers = {**source.headers, **asked.headers} if source.engine == "json_list" or asked.method == "POST" else {}
    kept = {name: value for name, value in headers.items() if name in ("Content-Type", "Referer")}
    return Fetch(url=asked.url, method=asked.method, headers=kept, body=asked.body)


def probed(crew: Crew, ask: Fetch, **more: Any) -> Probed:
    return crew.loop.run(probe(ask.url, fetch=crew.hub.fetch, reader=crew.pool, now=crew.clock, ask=ask, **more))


def loaded(entry: Mapping[str, Any], folder: Path) -> Source:
    """The entry as a person would use it: printed, written to a file, read."""
    file = folder / "probed.yaml"
    file.write_text(entries_yaml([entry]), encoding="utf-8")
    (source,) = load_source_file(file, environ={})
    return source


def faults(crew: Crew, fleet: Fleet, column: FleetColumn, folder: Path) -> list[str]:
    """What is wrong with the entry that probe prints for a column; nothing where it is configured right.

    Right: it lists what the column's own entry lists, address by address, with the same titles and times; and as many
    articles, under the same titles, as the column put on the pages that were asked for.
    """
    told = fleet.source(column)
    _, expected = first_page(crew, told)
    found = probed(crew, question(told))
    if not expected or found.best is None:
        return [found.trouble or "the column's own entry lists nothing"]
    before = len(fleet.ledger.requests_of(column.slug))
    result, entries = first_page(crew, loaded(found.best.entry, folder))
    if result.error:
        return [result.error]
    listed = {key for request in fleet.ledger.requests_of(column.slug)[before:] for key in request.listed}
    titles = Counter(item.title for item in column.items() if item.key in listed)
    wrong = _differences(expected, entries)
    if titles != Counter(entry.title for entry in entries):
        wrong.append(f"{len(entries)} entries for {len(listed)} items, or under other titles")
    return wrong


def _differences(expected: Sequence[Entry], entries: Sequence[Entry]) -> list[str]:
    wanted, got = ({entry.url: entry for entry in each} for each in (expected, entries))
    wrong = [f"{len(wanted.keys() - got.keys())} entries missing"] if wanted.keys() - got.keys() else []
    wrong += [f"not of the column: {url}" for url in sorted(got.keys() - wanted.keys())]
    for url in sorted(wanted.keys() & got.keys()):
        if wanted[url].title != got[url].title:
            wrong.append(f"title {got[url].title!r} instead of {wanted[url].title!r}")
        if wanted[url].published_at != got[url].published_at:
            wrong.append(f"time {got[url].published_at} instead of {wanted[url].published_at}")
    return wrong
