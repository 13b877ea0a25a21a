"""What the sample sites did and served, and when; a checker holds the corpus and the outbox against it."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from monitor.demo.sites.articles import SampleArticle, Site


class EventKind(StrEnum):
    PUBLISHED = "published"
    EDITED = "edited"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"
    REPOSTED = "reposted"
    TOUCHED = "touched"  # new bytes, new validators, the same article


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that a newsroom did. `version` is the article's version after it; `article` its content then."""

    kind: EventKind
    at: datetime
    monotonic: float
    url: str
    version: int
    article: SampleArticle


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One answer. `size` counts the body's bytes; `version` is that of the article served; 0 as a status: no answer."""

    at: datetime
    monotonic: float
    site: Site
    method: str
    url: str
    status: int
    size: int
    conditional: bool
    article: str | None = None
    version: int | None = None
    listed: tuple[str, ...] = ()
    misbehaviour: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRecord:
    """One article's whole story. Times are monotonic seconds; None: not yet.

    first_listed: the first listing answer that held it. first_served: its page, with status 200.
    """

    id: str
    url: str
    versions: tuple[SampleArticle, ...]
    live: bool
    published_at_run: float
    events: tuple[Event, ...] = field(repr=False)
    first_listed: float | None
    first_served: float | None

    @property
    def article(self) -> SampleArticle:
        """Its content now."""
        return self.versions[-1]

    @property
    def version(self) -> int:
        return len(self.versions)


class SiteLedger:
    """An append-only record, safe to write and read from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._events: list[Event] = []
        self._served: list[Served] = []
        self._first_listed: dict[str, float] = {}
        self._first_served: dict[str, float] = {}

    def note_event(self, event: Event) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()

    def note_served(self, served: Served) -> None:
        with self._changed:
            self._served.append(served)
            for article in served.listed:
                self._first_listed.setdefault(article, served.monotonic)
            if served.article is not None and served.status == 200:
                self._first_served.setdefault(served.article, served.monotonic)
            self._changed.notify_all()

    @property
    def events(self) -> tuple[Event, ...]:
        with self._changed:
            return tuple(self._events)

    @property
    def requests(self) -> tuple[Served, ...]:
        """Every answer in the order given."""
        with self._changed:
            return tuple(self._served)

    def served(self, url: str) -> tuple[Served, ...]:
        """The answers to one URL, with its query where it has one."""
        return tuple(row for row in self.requests if row.url == url)

    def first_listed(self, article_id: str) -> float | None:
        """When a listing first showed the article: monotonic seconds."""
        with self._changed:
            return self._first_listed.get(article_id)

    def first_served(self, article_id: str) -> float | None:
        """When the article's page was first given out: monotonic seconds."""
        with self._changed:
            return self._first_served.get(article_id)

    def articles(self) -> Mapping[str, ArticleRecord]:
        """Every article ever published, by id, in the order of publication."""
        with self._changed:
            by_id: dict[str, list[Event]] = {}
            for event in self._events:
                by_id.setdefault(event.article.id, []).append(event)
            return {key: self._record(key, events) for key, events in by_id.items()}

    def wait_until(self, met: Callable[["SiteLedger"], bool], timeout: float) -> bool:
        """Blocks until `met` holds, looking again after each new row; False when `timeout` seconds passed first."""
        with self._changed:
            return self._changed.wait_for(lambda: met(self), timeout)

    def _record(self, article_id: str, events: list[Event]) -> ArticleRecord:
        versions = {event.version: event.article for event in events}
        return ArticleRecord(
            id=article_id,
            url=events[-1].url,
            versions=tuple(versions[number] for number in sorted(versions)),
            live=not _gone(events),
            published_at_run=events[0].monotonic,
            events=tuple(events),
            first_listed=self._first_listed.get(article_id),
            first_served=self._first_served.get(article_id),
        )


def _gone(events: list[Event]) -> bool:
    """Whether the last withdrawal or return among the events was a withdrawal."""
    for event in reversed(events):
        if event.kind is EventKind.WITHDRAWN:
            return True
        if event.kind is EventKind.RESTORED:
            return False
    return False
