"""Walks one source's listing: page by page while there is news, and once a day further back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import pairwise

import structlog

from crawler.engines import ENGINES
from crawler.listpage import NoPage, get
from crawler.means import Means
from crawler.records import Checkpoint, Entry, Fetch, PollJob, PollStatus, Recheck, Trouble
from crawler.text.mojibake import is_damaged, is_garbled

log = structlog.get_logger()

#: Pages of a first poll. A later one that finds k new entries reads the page after them at most, so what it sees of
#: the backlog lies within two pages: the first poll takes these, or later ones would take archive for news.
BASELINE_PAGES = 2
#: Pages that are read while nothing on them is known, whatever `max_pages` says. At 15 rows a page that is 300 entries,
#: a long weekend of the busiest government column; at one request in 4 s it is the gate's for 80 s.
DEEPEST = 20
#: Pages of the daily walk, counted from the top of the list. What is put into an older place than this stays unseen.
RECONCILE_PAGES = 10
#: Beyond `max_pages` the daily walk goes on only while a page has entries that are younger than this.
RECONCILE_SPAN = timedelta(days=30)


@dataclass(slots=True)
class Reading:
    """What became of the listing. `stop`: articles would fare no better, so they are left for the next poll.

    entries: those to be fetched; the ledger has noted them. prompted: articles that what is listed gives cause to look
    at. The rest is as in PollResult.
    """

    status: PollStatus = PollStatus.OK
    entries: tuple[Entry, ...] = ()
    prompted: tuple[Recheck, ...] = ()
    listed: int = 0
    known: int = 0
    dated: int = 0
    garbled: int = 0
    newest: Entry | None = None
    gap: bool = False
    missed: int | None = None
    checkpoint: Checkpoint | None = None
    error: str | None = None
    retry_after: timedelta | None = None
    trouble: Trouble | None = None
    outage: str = ""
    stop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One page of a walk: its entries that no earlier page had, those of them that the corpus knew, and how many
    rows it showed in all."""

    entries: tuple[Entry, ...]
    known: frozenset[str] = frozenset()
    rows: int

    @property
    def has_news(self) -> bool:
        return len(self.known) < len(self.entries)

    @property
    def is_reached(self) -> bool:
        """Whether the page reaches down to what earlier polls saw.

        Some known rows at its top do not say so, they may be pinned (置顶); most of its rows being known does.
        """
        held = [entry.url in self.known for entry in self.entries]
        mostly = 0 < len(held) <= held.count(True) * 2
        return mostly or any(not above and below for above, below in pairwise(held))


class Step(Enum):
    """What comes after a page."""

    ON = auto()
    DONE = auto()  # there is no more news
    GAP = auto()  # there may be, and it is not read


def after(pages: Sequence[Seen], *, first: bool, max_pages: int) -> Step:
    """Whether the walk goes on after these pages, the last of which has just been read. Pure.

    A whole page of known entries ends it, and never a known one alone: pinned and back-dated entries break the order
    of most lists. At most `max_pages`; while no page reaches down to what is known, up to DEEPEST. A page that only
    repeats earlier ones says that the site does not understand our page numbers.
    """
    last, number = pages[-1], len(pages)
    if last.rows == 0:
        return Step.DONE
    if first:
        return Step.ON if last.entries and number < min(BASELINE_PAGES, max_pages) else Step.DONE
    reached = _is_reached(pages)
    if not last.entries:
        return Step.DONE if reached else Step.GAP
    if not last.has_news or (number >= max_pages and reached):
        return Step.DONE
    return Step.ON if number < max(DEEPEST, max_pages) else Step.GAP


def _is_reached(pages: Sequence[Seen]) -> bool:
    return any(page.is_reached for page in pages)


@dataclass(slots=True)
class _Walk:
    """How far a walk has come: its pages, and the request for the one after them."""

    job: PollJob
    means: Means
    pages: list[Seen]
    urls: set[str]
    next: Fetch | None

    async def read(self) -> tuple[NoPage | None, bool, Checkpoint | None]:
        """Read the next page. Answers what came instead of it or of its rest, whether it is whole, its checkpoint."""
        assert self.next is not None
        checkpoint = Checkpoint() if self.pages or self.job.reconcile else self.job.checkpoint
        page = await get(self.job.source, self.next, checkpoint, self.means)
        if isinstance(page, NoPage):
            return page, True, None
        fresh = tuple({e.url: e for e in page.entries if e.url not in self.urls}.values())
        self.urls.update(entry.url for entry in fresh)
        known = await self.means.ledger.known(self.job.source, fresh) if fresh else frozenset[str]()
        self.pages.append(Seen(entries=fresh, known=known, rows=len(page.entries)))
        self.next = page.next
        return page.ends, page.whole, page.checkpoint


async def read(job: PollJob, means: Means) -> Reading:
    """Read the listing as far as there is news, have that noted, and say how it went. Raises LedgerError.

    All that one walk found is noted at once, at its end: noted page by page, what lies behind the page at which a
    process died would be taken for known at the next poll, which ends at the first whole page of it.
    """
    source, reading = job.source, Reading()
    walk = _Walk(job, means, [], set(), ENGINES[source.engine].start(source))
    step = Step.ON
    while step is Step.ON and walk.next is not None:
        number = len(walk.pages) + 1
        ends, whole, checkpoint = await walk.read()
        if not walk.pages:
            assert ends is not None, "a page, or why there is none"
            return _nothing(ends, job)
        if checkpoint is not None and len(walk.pages) == 1:
            reading.checkpoint = checkpoint
        if not whole:
            reading.checkpoint = None
        if ends is not None:
            _broke_off(reading, ends, walk, number=number)
            break
        if _is_no_text(walk.pages[-1]):
            break
        step = after(walk.pages, first=job.first, max_pages=source.max_pages)
    else:
        reading.gap = step is Step.GAP
    await _note(reading, walk)
    _count(reading, walk.pages)
    if reading.gap:
        _warn(job, reading, walk)
    elif job.reconcile and reading.status is PollStatus.OK and not job.first and walk.pages[-1].entries:
        await _further_back(reading, walk)
    return reading


async def _note(reading: Reading, walk: _Walk) -> None:
    shown = [entry for page in walk.pages for entry in page.entries]
    entries = [entry for entry in shown if not _is_spoiled(entry)]
    spoiled = len(shown) - len(entries)
    if spoiled:
        log.warning("items are no text, left for a later poll", source=walk.job.source.slug, items=spoiled)
    # An item that its feed carries whole may be known and yet say something else than it did.
    if any(page.has_news for page in walk.pages) or any(entry.body for entry in entries):
        reading.entries = await walk.means.ledger.unknown(walk.job.source, entries)
    if reading.error is None:
        # Of a list that broke off nobody knows what is listed no more.
        reading.prompted = await walk.means.ledger.listed(walk.job.source, entries)


def _is_spoiled(entry: Entry) -> bool:
    """Whether an item that comes whole with its list is no text.

    There is no page to ask for it again: noted, it would wait for ever, and be taken for known when the list is well.
    """
    return entry.body is not None and is_garbled(entry.body)


def _is_no_text(page: Seen) -> bool:
    return 2 * sum(map(_is_spoiled, page.entries)) > len(page.entries)


def _count(reading: Reading, pages: Sequence[Seen]) -> None:
    shown = pages[:-1] if len(pages) > 1 and not pages[-1].has_news else pages
    entries = [entry for page in shown for entry in page.entries]
    reading.listed, reading.known = len(entries), sum(len(page.known) for page in shown)
    reading.dated = sum(entry.published_at is not None for entry in entries)
    reading.garbled = sum(is_damaged(entry.title) for entry in entries)
    reading.newest = newest(entries)
    if reading.checkpoint is not None:
        made = reading.checkpoint
        reading.checkpoint = Checkpoint(
            asked=made.asked,
            etag=made.etag,
            last_modified=made.last_modified,
            body_hash=made.body_hash,
            listed=reading.listed,
        )


def newest(entries: Sequence[Entry]) -> Entry | None:
    """The entry with the latest time, the first of several; of a list without times the first. Pure."""
    latest = max((entry.published_at for entry in entries if entry.published_at is not None), default=None)
    return next((entry for entry in entries if entry.published_at == latest), None)


def _nothing(page: NoPage, job: PollJob) -> Reading:
    checkpoint = page.checkpoint
    return Reading(
        status=page.status,
        listed=checkpoint.listed if checkpoint is not None else 0,
        checkpoint=checkpoint,
        error=page.error,
        retry_after=page.retry_after,
        trouble=page.trouble,
        outage=page.outage,
        garbled=int(page.garbled),
        stop=page.stop,
    )


def _broke_off(reading: Reading, page: NoPage, walk: _Walk, *, number: int) -> None:
    """A page, or a part of one, gave nothing. What came before it is noted.

    Deep pages that are stubs, missing or slow are how many sites end their lists: where what is known had been reached
    before, a page that fails is no trouble of the source. Where it had not, there may still have been news.
    """
    is_later = number > len(walk.pages)
    reached = walk.job.first or _is_reached(walk.pages)
    reading.gap = is_later and not reached
    if page.stop:
        reading.checkpoint = None
    if page.status is PollStatus.FAILED and is_later and (reached or not page.stop):
        log.info("list ends", source=walk.job.source.slug, page=number, why=page.error)
        return
    reading.status, reading.retry_after = page.status, page.retry_after
    reading.error = f"{page.error} (page {number} of the list)"
    reading.stop = page.status is PollStatus.BLOCKED


def _warn(job: PollJob, reading: Reading, walk: _Walk) -> None:
    last = walk.pages[-1]
    if reading.error is not None:
        why = reading.error
    elif not last.entries:
        why = "the site sends pages again that it sent before: its paging is not understood"
    elif len(walk.pages) >= DEEPEST:
        why = "more pages are not read in one poll"
    else:
        why = "the list could not be read further"
    log.warning(
        "entries may have been missed",
        source=job.source.slug,
        pages=len(walk.pages),
        listed=reading.listed,
        known=reading.known,
        why=why,
    )


async def _further_back(reading: Reading, walk: _Walk) -> None:
    """The daily walk: on from where the news ended, to find what came into the list below it.

    Deep pages that fail end it, and are no trouble of the source; only a shield is.
    """
    job, start = walk.job, len(walk.pages)
    while walk.next is not None and len(walk.pages) < RECONCILE_PAGES:
        number = len(walk.pages) + 1
        ends, _, _ = await walk.read()
        if ends is not None and ends.status is PollStatus.BLOCKED:
            _broke_off(reading, ends, walk, number=number)
        if ends is not None:
            log.info("daily walk ends", source=job.source.slug, page=number, why=ends.error)
            break
        last = walk.pages[-1]
        deep = len(walk.pages) >= job.source.max_pages
        if not last.entries or (deep and is_past(last, since=job.watched_since, now=walk.means.now())):
            break
    found: tuple[Entry, ...] = ()
    if any(page.has_news for page in walk.pages[start:]):
        entries = [entry for page in walk.pages[start:] for entry in page.entries]
        found = await walk.means.ledger.unknown(job.source, entries, further_back=True)
    reading.missed = len(found)
    reading.entries += found
    if found:
        log.warning("entries had been missed", source=job.source.slug, missed=len(found), newest=found[0].url)


def is_past(page: Seen, *, since: datetime | None, now: datetime) -> bool:
    """Whether the daily walk has come to where nothing is to be found any more. Pure.

    By the list's own times: older than our watching, or than RECONCILE_SPAN. A list without times: nothing on the page
    is known, so no poll has been here.
    """
    times = [entry.published_at for entry in page.entries if entry.published_at is not None]
    if not times:
        return not page.known
    oldest = now - RECONCILE_SPAN
    # A time may be no more than a day.
    return max(times) + timedelta(days=1) <= max(oldest, since or oldest)
