"""What a poll asks, what a site answers, and how it went; and what a poll asks of the corpus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from crawler.records.article import ArticleKind, ChaoxunError, Draft, Precision, Verdict
from crawler.records.source import Detail, Selectors, Source


class PollStatus(StrEnum):
    """How a poll ended (`status` of `chaoxun crawl`)."""

    OK = "ok"
    UNCHANGED = "unchanged"  # the listing is the one of last time
    FAILED = "failed"
    BLOCKED = "blocked"
    DISABLED = "disabled"


class Outcome(StrEnum):
    """What one visit to one article came to, after its transaction committed."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    MISSING = "missing"  # gone, but not yet confirmed
    REJECTED = "rejected"  # the quality gate: not an article; never stored as one
    GARBLED = "garbled"  # the same, because its bytes make no text
    BLOCKED = "blocked"  # a challenge page
    FAILED = "failed"  # no usable answer; it is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of a listing, before the article is opened: its absolute URL, and the listing's own time."""

    url: str
    title: str | None = None
    published_at: datetime | None = None
    published_precision: Precision | None = None
    origin: str | None = None
    author: str | None = None
    keywords: tuple[str, ...] = ()
    #: What the feed calls itself; a page that names its own site knows better.
    site: str | None = None
    #: HTML of the item where the listing carries the whole text (a full-text feed); the article is then not fetched.
    body: str | None = None
    #: `body` is the article, however short it is (a live feed's flash): there is no page to ask for.
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One HTTP request that an engine or a poll wants made."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One HTTP answer, any status but 304. `url` is what was asked, `final_url` what answered after redirects.

    asked: the request itself, for engines whose next page is another form and not another URL.
    """

    url: str
    final_url: str
    status: int
    body: bytes
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    retry_after: timedelta | None = None
    asked: Fetch | None = None
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """304: our validators still hold."""

    url: str
    fetched_at: datetime


class Trouble(StrEnum):
    DNS = "dns"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    TLS = "tls"
    TRUNCATED = "truncated"
    TOO_LARGE = "too large"
    ROBOTS = "robots.txt"
    GUARD = "address not allowed"
    REDIRECTS = "too many redirects"
    DOWN = "host down"  # not asked: the host gave no answer a short while ago
    WAIT = "told to wait"  # not asked: the host has asked us to wait (429 or 503 with Retry-After)
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """No answer. `detail` is one line for a person: what happened and what to do.

    retry_after: the host is not asked again before then. outage: names the outage of the host that this is part of
    (`www.example.gov.cn:443 2026-03-02T10:00:00+08:00`, its beginning), the same for everything that it kept from us.
    """

    url: str
    trouble: Trouble
    detail: str
    fetched_at: datetime
    retry_after: timedelta | None = None
    outage: str = ""


Answer = Capture | NotModified | Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What an engine read from one page: its entries and, where there is one, the request that leads on.

    hop: the entries are behind this request (hanweb_unit's second hop); `entries` is then empty.
    next: the following page of the same list.
    also: requests whose entries belong to this very page (an e-paper's other pages): all of them are read.
    partial: the page broke off, so its validators must not be kept: the rest would never be asked for.
    cut: the page has more links than are looked at.
    """

    entries: tuple[Entry, ...] = ()
    hop: Fetch | None = None
    next: Fetch | None = None
    also: tuple[Fetch, ...] = ()
    partial: bool = False
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What the source knows about its articles, handed to extraction."""

    charset: str | None = None
    kind: ArticleKind | None = None
    selectors: Selectors = Selectors()
    detail: Detail | None = None
    entry: Entry | None = None

    @classmethod
    def of(cls, source: Source, entry: Entry | None = None) -> "Hints":
        return cls(
            charset=source.charset, kind=source.kind, selectors=source.article, detail=source.detail, entry=entry
        )


class Oddity(StrEnum):
    """How a page that answers well is not the article that we know."""

    FRONT_PAGE = "front page"  # redirected to it
    ELSEWHERE = "elsewhere"  # redirected to something of another title
    SOFT_404 = "soft 404"  # it says that there is nothing
    OTHER_PAGE = "other page"  # of another title, under the same address; it may be edited


class MadeUp(StrEnum):
    """What the host gives for an address of the same form that cannot exist."""

    SAME = "same"  # the same as for the article: so it has no such article
    OTHER = "other"
    UNCLEAR = "unclear"  # a challenge, an outage, a login: nothing may be concluded


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """A known article answers oddly, and what its host says of an address that cannot exist; `said` is for a person."""

    how: Oddity
    said: str
    made_up: MadeUp
    made_up_url: str = ""
    made_up_said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One article looked at: what the site answered and, where it was a page, what extraction made of it.

    odd: of an article that is known, where the page is not the one that we know.
    """

    source: Source
    url: str
    entry: Entry | None
    answer: Answer
    draft: Draft | None = None
    odd: Odd | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """An article that is due for another look, with the validators of its last capture and its title."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a source's listing looked like at the last completed poll; stored last of all.

    asked: the request that the rest belongs to. They are sent with that request again, and with no other.
    """

    asked: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    listed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PollJob:
    """What one poll has to do. `listing` is False for a visit that only re-checks articles."""

    source: Source
    checkpoint: Checkpoint = Checkpoint()
    listing: bool = True
    first: bool = False
    #: Since when what the listing shows is news; None before its baseline is complete.
    watched_since: datetime | None = None
    #: Once a day: walk further back than news goes, and count what was missed.
    reconcile: bool = False
    pending: tuple[Entry, ...] = ()
    rechecks: tuple[Recheck, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """How a poll went. `checkpoint` is None where the listing gave nothing that may be kept."""

    source: str
    status: PollStatus
    listed: int = 0
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    error: str | None = None
    checkpoint: Checkpoint | None = None
    retry_after: timedelta | None = None
    started_at: datetime
    seconds: float = 0.0
    #: False where the listing was not asked for: only re-checks ran.
    listing: bool = True
    #: The listing was read; it is its articles that had no answer, one after the other.
    gave_up: bool = False
    #: Of the listing: entries that the corpus held already, entries with a time, and the newest one (by its time, else
    #: the first); 0 and None where it was not read. Like `listed`, they leave out a following page that only confirmed
    #: that there is no more news.
    known: int = 0
    dated: int = 0
    newest_url: str | None = None
    newest_at: datetime | None = None
    #: Every page that may be read was unknown to its end: older entries may have been missed.
    gap: bool = False
    #: What the daily walk found that no poll had seen; None where there was no walk.
    missed: int | None = None
    #: Why the listing had no answer at all, and which outage of its host that was part of (see Unreachable).
    trouble: Trouble | None = None
    outage: str = ""
    #: Entries of the listing whose title is no text: lost or misread characters; 1 for a listing that is none at all.
    garbled: int = 0


class ListingError(ChaoxunError):
    """A listing that cannot be read. `verdict` says what came instead of it; garbled: its bytes make no text."""

    def __init__(self, message: str, *, verdict: Verdict = Verdict.ERROR, garbled: bool = False) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.garbled = garbled

    def __reduce__(self) -> tuple[Any, ...]:
        return (_listing_error, (str(self), self.verdict, self.garbled))


def _listing_error(message: str, verdict: Verdict, garbled: bool) -> ListingError:
    return ListingError(message, verdict=verdict, garbled=garbled)


class Parser(Protocol):
    """Reads bytes in a process of its own; neither call raises for what a page contains, but for ListingError."""

    async def read(self, source: Source, page: Capture) -> Listing: ...

    async def extract(self, capture: Capture, hints: Hints) -> Draft: ...


class LedgerError(ChaoxunError):
    """The ledger takes nothing now, whatever the source: its disk is full, it is locked, it is gone."""


class Ledger(Protocol):
    """What a poll asks of the corpus. Every call is its own committed transaction. Raises LedgerError."""

    async def known(self, source: Source, entries: Sequence[Entry]) -> frozenset[str]:
        """The URLs of those entries that the corpus holds or has noted already. Stores nothing."""
        ...

    async def unknown(
        self, source: Source, entries: Sequence[Entry], *, further_back: bool = False
    ) -> tuple[Entry, ...]:
        """Those of the entries that the corpus does not hold yet, and notes them as pending: from now on a crash,
        or a listing that moves on, cannot lose them. They come in the order of the list, all that one poll read.

        further_back: they stand below what polls read. Of them only those that polls should have seen are noted, and
        answered; the archive is left alone.
        """
        ...

    async def listed(self, source: Source, entries: Sequence[Entry]) -> tuple[Recheck, ...]:
        """Notes what the listing shows, in its order, and answers the articles that this gives cause to look at now:
        another title or time than it showed before."""
        ...

    async def take(self, visit: Visit) -> Outcome:
        """Judge one visit and store everything it causes, or nothing at all."""
        ...
