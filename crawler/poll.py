"""One visit to one source: its listing, then the articles that are new, still pending, or due for another look."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from crawler import listing
from crawler.article import look
from crawler.listpage import BLOCKED
from crawler.madeup import MadeUpPages
from crawler.means import Fetcher, Means
from crawler.records import (
    Answer,
    Capture,
    ChaoxunError,
    Entry,
    Ledger,
    LedgerError,
    NotModified,
    Outcome,
    Parser,
    PollJob,
    PollResult,
    PollStatus,
    Recheck,
    Trouble,
    Unreachable,
)

log = structlog.get_logger()

#: Articles of one poll under way at once. The per-host gate serialises them; this overlaps parsing with waiting.
AT_ONCE = 4
#: So many articles in a row without a usable answer end the visit: the host is down or has shut us out, and each
#: further one would cost two time-outs, or make the shield angrier.
PATIENCE = 5
#: Troubles of one page; the others are of the whole host.
_ONE_PAGE = {Trouble.ROBOTS, Trouble.GUARD, Trouble.TOO_LARGE, Trouble.REDIRECTS}


@dataclass(slots=True)
class _Tally:
    """Counts outcomes, and how many answers in a row said that the host gives nothing."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    in_a_row: int = 0
    gave_up: bool = False
    blocked: bool = False
    why: str = ""
    retry_after: timedelta | None = None

    def add(self, outcome: Outcome, answer: Answer) -> None:
        self.outcomes[outcome] += 1
        status = answer.status if isinstance(answer, Capture) else 0
        silent = isinstance(answer, Unreachable) and answer.trouble not in _ONE_PAGE
        if outcome is not Outcome.BLOCKED and not silent and status < 500 and status not in (*BLOCKED, 429):
            self.in_a_row = 0
            return
        self.in_a_row += 1
        self.gave_up = self.gave_up or self.in_a_row >= PATIENCE
        self.blocked = outcome is Outcome.BLOCKED or status in BLOCKED
        self.retry_after = None if isinstance(answer, NotModified) else answer.retry_after
        self.why = answer.detail if isinstance(answer, Unreachable) else f"{answer.url} answers {status}"


async def poll(
    job: PollJob,
    *,
    fetch: Fetcher,
    parser: Parser,
    ledger: Ledger,
    now: Callable[[], datetime],
    madeup: MadeUpPages | None = None,
) -> PollResult:
    """Visit a source once and say how it went; raises LedgerError, which is no fault of the source, and nothing else.

    Every entry of the listing is noted by the ledger before its article is fetched, so that a crash loses none. The
    result carries a checkpoint only when the listing was read and noted. madeup: what is kept from poll to poll of what
    hosts answer to addresses that cannot exist.
    """
    started = now()
    source = job.source
    result = PollResult(source=source.slug, status=PollStatus.OK, listing=job.listing, started_at=started)
    if source.disabled is not None:
        return replace(result, status=PollStatus.DISABLED, error=source.disabled)
    means, tally = Means(fetch, parser, ledger, now, madeup or MadeUpPages()), _Tally()
    try:
        reading = await listing.read(job, means) if job.listing else listing.Reading()
        if not reading.stop:
            await _articles(_wanted(job, reading), job, tally, means)
        result = _result(result, reading, tally)
    except LedgerError:
        raise  # what has been noted so far waits in the ledger; there is nowhere to write the rest
    except Exception as error:  # boundary: one source's crawl
        log.exception("poll broke off", source=source.slug)
        why = str(error) if isinstance(error, ChaoxunError) else f"{type(error).__name__}: {error}; see the log"
        why = f"{source.slug}: the poll broke off: {why}"
        result = replace(result, status=PollStatus.FAILED, error=why, outcomes=dict(tally.outcomes))
    return replace(result, seconds=(now() - started).total_seconds())


def _result(result: PollResult, reading: listing.Reading, tally: _Tally) -> PollResult:
    status, error = reading.status, reading.error
    gave_up = tally.gave_up and error is None
    if gave_up:
        status = PollStatus.BLOCKED if tally.blocked else PollStatus.FAILED
        error = f"{result.source}: {PATIENCE} articles in a row had no answer, the rest waits; the last: {tally.why}"
    return replace(
        result,
        status=status,
        listed=reading.listed,
        outcomes=dict(tally.outcomes),
        error=error,
        checkpoint=reading.checkpoint,
        retry_after=tally.retry_after if gave_up else reading.retry_after,
        gave_up=gave_up,
        known=reading.known,
        dated=reading.dated,
        garbled=reading.garbled,
        newest_url=reading.newest.url if reading.newest else None,
        newest_at=reading.newest.published_at if reading.newest else None,
        gap=reading.gap,
        missed=reading.missed,
        trouble=reading.trouble,
        outage=reading.outage,
    )


async def _articles(wanted: Iterable[Entry | Recheck], job: PollJob, tally: _Tally, means: Means) -> None:
    """Fetch, extract and hand over each article once; stops early when the host gives nothing any more."""
    waiting = iter(wanted)

    async def work() -> None:
        for each in waiting:
            visit = await look(job.source, each, means)
            tally.add(await means.ledger.take(visit), visit.answer)
            if tally.gave_up:
                return

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
    except ExceptionGroup as errors:
        # One says it all: they come from the ledger, which fails for all articles alike.
        raise errors.exceptions[0] from errors


def _wanted(job: PollJob, reading: listing.Reading) -> list[Entry | Recheck]:
    """Every article of this visit once: what waits longest first, each entry as the listing shows it now."""
    fresh = {entry.url: entry for entry in reading.entries}
    found: dict[str, Entry | Recheck] = {entry.url: fresh.get(entry.url, entry) for entry in job.pending}
    for entry in fresh.values():
        found.setdefault(entry.url, entry)
    for recheck in (*reading.prompted, *job.rechecks):
        found.setdefault(recheck.url, recheck)
    return list(found.values())
