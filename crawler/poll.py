"""One visit to one source: its listing, then the articles that are new, still pending, or due for another look."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import assert_never

import structlog

from crawler.engines import ENGINES
from crawler.records import (
    Answer,
    Capture,
    ChaoxunError,
    Checkpoint,
    Entry,
    Fetch,
    Hints,
    Ledger,
    LedgerError,
    Listing,
    ListingError,
    NotModified,
    Outcome,
    Parser,
    PollJob,
    PollResult,
    PollStatus,
    Recheck,
    Source,
    Trouble,
    Unreachable,
    Verdict,
    Visit,
)

log = structlog.get_logger()

Fetcher = Callable[[Fetch, Source], Awaitable[Answer]]

#: Articles of one poll under way at once. The per-host gate serialises them; this overlaps parsing with waiting.
AT_ONCE = 4
#: So many articles in a row without a usable answer end the visit: the host is down or has shut us out, and each
#: further one would cost two time-outs, or make the shield angrier.
PATIENCE = 5
#: A feed's item with at least this much HTML is the article itself, and needs no fetch.
FULL_TEXT = 200
#: What shields answer with: plain refusal, River Security, Knownsec.
_BLOCKED = {403, 412, 521}
#: Troubles of one page; the others are of the whole host.
_ONE_PAGE = {Trouble.ROBOTS, Trouble.GUARD, Trouble.TOO_LARGE, Trouble.REDIRECTS}
_HOPS = 2


@dataclass(frozen=True, slots=True)
class _Means:
    """What a poll works with; all of it comes from outside."""

    fetch: Fetcher
    parser: Parser
    ledger: Ledger
    now: Callable[[], datetime]


@dataclass(slots=True)
class _Reading:
    """What became of the listing. `stop`: articles would fare no better, so they are left for the next poll."""

    status: PollStatus = PollStatus.OK
    entries: tuple[Entry, ...] = ()
    listed: int = 0
    checkpoint: Checkpoint | None = None
    error: str | None = None
    retry_after: timedelta | None = None
    stop: bool = False


@dataclass(slots=True)
class _Tally:
    """Counts outcomes, and how many answers in a row said that the host gives nothing."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    in_a_row: int = 0
    gave_up: bool = False
    blocked: bool = False
    why: str = ""

    def add(self, outcome: Outcome, answer: Answer) -> None:
        self.outcomes[outcome] += 1
        status = answer.status if isinstance(answer, Capture) else 0
        silent = isinstance(answer, Unreachable) and answer.trouble not in _ONE_PAGE
        if outcome is not Outcome.BLOCKED and not silent and status < 500 and status not in (*_BLOCKED, 429):
            self.in_a_row = 0
            return
        self.in_a_row += 1
        self.gave_up = self.gave_up or self.in_a_row >= PATIENCE
        self.blocked = outcome is Outcome.BLOCKED or status in _BLOCKED
        self.why = answer.detail if isinstance(answer, Unreachable) else f"{answer.url} answers {status}"


async def poll(
    job: PollJob, *, fetch: Fetcher, parser: Parser, ledger: Ledger, now: Callable[[], datetime]
) -> PollResult:
    """Visit a source once and say how it went; raises LedgerError, which is no fault of the source, and nothing else.

    Every entry of the listing is noted by the ledger before its article is fetched, so that a crash loses none. The
    result carries a checkpoint only when the listing was read and noted.
    """
    started = now()
    source = job.source
    result = PollResult(source=source.slug, status=PollStatus.OK, listing=job.listing, started_at=started)
    if source.disabled is not None:
        return replace(result, status=PollStatus.DISABLED, error=source.disabled)
    means, tally = _Means(fetch, parser, ledger, now), _Tally()
    try:
        reading = await _listing(job, means) if job.listing else _Reading()
        if not reading.stop:
            await _articles(job, reading.entries, tally, means)
        result = _result(result, reading, tally)
    except LedgerError:
        raise  # what has been noted so far waits in the ledger; there is nowhere to write the rest
    except Exception as error:  # boundary: one source's crawl
        log.exception("poll broke off", source=source.slug)
        why = str(error) if isinstance(error, ChaoxunError) else f"{type(error).__name__}: {error}; see the log"
        why = f"{source.slug}: the poll broke off: {why}"
        result = replace(result, status=PollStatus.FAILED, error=why, outcomes=dict(tally.outcomes))
    return replace(result, seconds=(now() - started).total_seconds())


def _result(result: PollResult, reading: _Reading, tally: _Tally) -> PollResult:
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
        retry_after=reading.retry_after,
        gave_up=gave_up,
    )


async def _listing(job: PollJob, means: _Means) -> _Reading:
    """Read the listing page by page, while whole pages are unknown."""
    source = job.source
    reading, known, new = _Reading(), dict[str, Entry](), list[Entry]()
    request: Fetch | None = ENGINES[source.engine].start(source)
    for number in range(1, source.max_pages + 1):
        if request is None:
            break
        page = await _page(source, request, job.checkpoint if number == 1 else None, means)
        if isinstance(page, _Reading) and number == 1:
            return page
        if isinstance(page, _Reading):
            _broke_off(reading, page, number)
            break
        listing, capture = page
        fresh = tuple({entry.url: entry for entry in listing.entries if entry.url not in known}.values())
        known.update((entry.url, entry) for entry in fresh)
        unknown = await means.ledger.unknown(source, fresh)
        new += unknown
        if number == 1 and not listing.partial:
            reading.checkpoint = _checkpoint(capture)
        # A list may begin with pinned items, so one known row does not end it; a page without news does. A page
        # that only repeats an earlier one (a site that ignores the page number) is such a page too.
        if not fresh or len(unknown) < len(fresh) or job.first:
            break
        request = listing.next
    reading.entries, reading.listed = tuple(new), len(known)
    if reading.checkpoint is not None:
        reading.checkpoint = replace(reading.checkpoint, listed=len(known))
    return reading


def _broke_off(reading: _Reading, page: _Reading, number: int) -> None:
    """A later page gave nothing. What the earlier ones showed is noted; the visit was whole only if the list ends here.

    Deep pages that are stubs, or missing, are how many sites end their lists.
    """
    if page.status is PollStatus.FAILED and not page.stop:
        log.info("list ends", page=number, why=page.error)
        return
    reading.status, reading.retry_after = page.status, page.retry_after
    reading.error = f"{page.error} (page {number} of the list)"
    reading.stop = page.status is PollStatus.BLOCKED
    reading.checkpoint = None


async def _page(
    source: Source, request: Fetch, checkpoint: Checkpoint | None, means: _Means
) -> tuple[Listing, Capture] | _Reading:
    """One page of the list with its capture; or, where there is none to read, how the visit ends."""
    # Where the first page only leads to the list, its validators say nothing about news: the second one's do.
    listing_hop = 1 if ENGINES[source.engine].two_hops else 0
    for hop in range(_HOPS):
        known = checkpoint if hop == listing_hop else None
        if known is not None:
            request = replace(request, etag=known.etag, last_modified=known.last_modified)
        answer = await means.fetch(request, source)
        if not isinstance(answer, Capture) or answer.status >= 400:
            return _no_page(source, answer, known or Checkpoint())
        if known is not None and known.body_hash == _checkpoint(answer).body_hash:
            return _unchanged(replace(_checkpoint(answer), listed=known.listed))
        listing = await _read(source, answer, means.parser)
        if isinstance(listing, _Reading):
            return listing
        if listing.hop is None:
            return listing, answer
        request = listing.hop
    return _Reading(status=PollStatus.FAILED, error=f"{source.slug}: {request.url} leads on and on; correct the url")


async def _read(source: Source, page: Capture, parser: Parser) -> Listing | _Reading:
    try:
        return await parser.read(source, page)
    except ListingError as error:
        blocked = error.verdict is Verdict.CHALLENGE
        return _Reading(status=PollStatus.BLOCKED if blocked else PollStatus.FAILED, error=str(error), stop=blocked)
    except ChaoxunError as error:
        return _Reading(status=PollStatus.FAILED, error=f"{source.slug}: the listing cannot be read: {error}")


def _no_page(source: Source, answer: Answer, known: Checkpoint) -> _Reading:
    match answer:
        case NotModified():
            return _unchanged(known)
        case Unreachable(detail=detail):
            return _Reading(status=PollStatus.FAILED, error=f"{source.slug}: {detail}", stop=True)
        case Capture():
            return _refused(source, answer)
        case _:
            assert_never(answer)


def _unchanged(checkpoint: Checkpoint) -> _Reading:
    return _Reading(status=PollStatus.UNCHANGED, listed=checkpoint.listed, checkpoint=checkpoint)


def _checkpoint(page: Capture) -> Checkpoint:
    body_hash = hashlib.sha256(page.body).hexdigest()
    return Checkpoint(etag=page.etag, last_modified=page.last_modified, body_hash=body_hash)


def _refused(source: Source, answer: Capture) -> _Reading:
    remedy = {
        403: "the site refuses us: wait some hours, or set headers",
        404: "the column has moved: correct the url",
        410: "the column is gone: disable the source",
        412: "a shield stands before it: wait some hours",
        521: "a shield stands before it: wait some hours",
    }.get(answer.status, "it is tried again at the next poll")
    return _Reading(
        status=PollStatus.BLOCKED if answer.status in _BLOCKED else PollStatus.FAILED,
        error=f"{source.slug}: {answer.final_url} answers {answer.status}; {remedy}",
        retry_after=answer.retry_after,
        # A column that has moved says nothing about its articles; a host in trouble does.
        stop=answer.status not in (404, 410),
    )


async def _articles(job: PollJob, unknown: Iterable[Entry], tally: _Tally, means: _Means) -> None:
    """Fetch, extract and hand over each article once; stops early when the host gives nothing any more."""
    waiting = iter(_wanted(job, unknown))

    async def work() -> None:
        for wanted in waiting:
            visit = await _visit(job.source, wanted, means)
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


def _wanted(job: PollJob, unknown: Iterable[Entry]) -> list[Entry | Recheck]:
    """Every article of this visit once: what waits longest first, each entry as the listing shows it now."""
    fresh = {entry.url: entry for entry in unknown}
    found: dict[str, Entry | Recheck] = {entry.url: fresh.get(entry.url, entry) for entry in job.pending}
    for entry in fresh.values():
        found.setdefault(entry.url, entry)
    for recheck in job.rechecks:
        found.setdefault(recheck.url, recheck)
    return list(found.values())


async def _visit(source: Source, wanted: Entry | Recheck, means: _Means) -> Visit:
    entry = wanted if isinstance(wanted, Entry) else None
    answer = await _answer(source, wanted, means)
    draft = None
    if isinstance(answer, Capture):
        # Error pages too: a challenge may come with any status, and is no withdrawal.
        hints = Hints.of(source, entry)
        try:
            draft = await means.parser.extract(answer, hints)
        except ChaoxunError as error:
            # The worker gave this page up; the next one is none the worse for it.
            detail = f"{wanted.url}: cannot be read: {error}"
            answer = Unreachable(url=wanted.url, trouble=Trouble.OTHER, detail=detail, fetched_at=answer.fetched_at)
    return Visit(source=source, url=wanted.url, entry=entry, answer=answer, draft=draft)


async def _answer(source: Source, wanted: Entry | Recheck, means: _Means) -> Answer:
    headers = {"Referer": source.url} if source.url else {}
    match wanted:
        case Recheck(url=url, etag=etag, last_modified=last_modified):
            return await means.fetch(Fetch(url=url, headers=headers, etag=etag, last_modified=last_modified), source)
        case Entry(url=url, body=str() as body) if len(body) >= FULL_TEXT:
            # The feed has brought the article along.
            return Capture(
                url=url,
                final_url=url,
                status=200,
                body=body.encode("utf-8", errors="replace"),
                content_type="text/html; charset=utf-8",
                fetched_at=means.now(),
            )
        case Entry(url=url):
            return await means.fetch(Fetch(url=url, headers=headers), source)
        case _:
            assert_never(wanted)
