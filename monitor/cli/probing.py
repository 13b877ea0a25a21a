"""`source try`, `source probe` and `source record`: looks at a site, and stores nothing in the corpus."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import typer

from crawler.hub import Hub
from crawler.poll import poll
from crawler.records import (
    BEIJING,
    CrawlPolicy,
    Draft,
    Entry,
    Outcome,
    PollJob,
    PollResult,
    PollStatus,
    Precision,
    Source,
    Visit,
    iso,
)
from crawler.sources import load_source_file
from crawler.workers import Pool
from monitor.cli.crawling import chosen, on_loop
from monitor.cli.exits import FAILED
from monitor.cli.output import complain, print_json_line, print_table, say
from monitor.cli.setting import now, settings_of

#: So many articles show whether extraction copes with a site; each costs the site a request.
_ARTICLES = 5
_SHOWN: dict[Precision, str] = {
    Precision.DAY: "%Y-%m-%d",
    Precision.HOUR: "%Y-%m-%d %H时",
    Precision.MINUTE: "%Y-%m-%d %H:%M",
    Precision.SECOND: "%Y-%m-%d %H:%M:%S",
}


@asynccontextmanager
async def means(policy: CrawlPolicy) -> AsyncIterator[tuple[Hub, Pool]]:
    """A hub and its parse workers, ended with the block."""
    hub, pool = Hub(policy), Pool()
    try:
        await pool.start()
        await hub.start()
        yield hub, pool
    finally:
        await hub.stop()
        await pool.close()


class Preview:
    """A ledger that knows nothing and stores nothing: it keeps what a poll would have stored of the first articles."""

    def __init__(self, most: int) -> None:
        self.visits: list[Visit] = []
        self.entries: list[Entry] = []
        self._most = most

    async def unknown(self, source: Source, entries: Sequence[Entry]) -> tuple[Entry, ...]:
        self.entries.extend(entries)
        return tuple(entries)[: self._most]

    async def take(self, visit: Visit) -> Outcome:
        self.visits.append(visit)
        return Outcome.NEW if visit.draft is not None and visit.draft.text else Outcome.REJECTED

    def drafts(self) -> list[Draft]:
        return [visit.draft for visit in self.visits if visit.draft is not None]


def try_source(context: typer.Context, name: str, *, json: bool) -> None:
    settings = settings_of(context)
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        sources: tuple[Source, ...] = load_source_file(path)
    else:
        sources = chosen(settings, [name], everything=False)
    on_loop(_try(settings.policy, sources, json=json))


async def _try(policy: CrawlPolicy, sources: Sequence[Source], *, json: bool) -> int:
    failed = 0
    async with means(policy) as (hub, pool):
        for source in sources:
            ledger = Preview(most=_ARTICLES)
            job = PollJob(source=source, first=True)
            result = await poll(job, fetch=hub.fetch, parser=pool, ledger=ledger, now=now)
            failed += result.status is not PollStatus.OK
            _print_preview(source, result, ledger, json=json)
    return FAILED if failed else 0


def _print_preview(source: Source, result: PollResult, ledger: Preview, *, json: bool) -> None:
    if json:
        print_json_line(
            {
                "source": source.slug,
                "status": result.status.value,
                "error": result.error,
                "entries": [entry_json(entry) for entry in ledger.entries],
                "articles": [draft.as_json() for draft in ledger.drafts()],
            }
        )
        return
    say(f"{source.slug} ({source.engine}): {result.status}, {len(ledger.entries)} entries")
    if result.error:
        complain(result.error)
    print_entries(ledger.entries)
    print_table(
        ("title", "published", "credited to", "characters", "verdict"),
        ((d.title, shown(d), d.origin, d.text_length, d.quality.verdict) for d in ledger.drafts()),
        empty="No article was opened.",
    )


def entry_json(entry: Entry) -> dict[str, str | None]:
    """One row of a listing in the JSON of `source try` and `source probe`."""
    return {
        "url": entry.url,
        "title": entry.title,
        "published": iso(entry.published_at),
        "precision": entry.published_precision,
    }


def print_entries(entries: Sequence[Entry]) -> None:
    """The rows of a listing as a table, with the listing's own times."""
    print_table(
        ("title", "published", "url"),
        ((entry.title, shown(entry), entry.url) for entry in entries),
        empty="The listing shows no entries.",
    )


def shown(dated: Entry | Draft) -> str | None:
    """When it was published, in Beijing, as exactly as the page says."""
    if dated.published_at is None:
        return None
    return dated.published_at.astimezone(BEIJING).strftime(_SHOWN[dated.published_precision or Precision.MINUTE])
