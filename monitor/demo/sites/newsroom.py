"""What the sample sites hold at this moment: articles with their versions, and the columns that list them."""

import bisect
import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from crawler.records import ChaoxunError
from monitor.demo.sites.articles import SITE_NAMES, Column, SampleArticle, Site, UnknownArticleError, dated
from monitor.demo.sites.ledger import Event, EventKind, SiteLedger

_PATHS: Mapping[Column, str] = {
    Column.SINA_CHINA: "/china/dfjj/{day:%Y-%m-%d}/doc-imz{alnum}.shtml",
    Column.SINA_LOCAL: "/roll/{day:%Y-%m-%d}/doc-imz{alnum}.shtml",
    Column.CITY_NEWS: "/col/col1229187001/art/{year}/art_{hex}.html",
    Column.CITY_POLICY: "/art/{year}/{month}/{date}/art_1229000001_{number}.html",
    Column.CITY_NOTICES: "/art/{year}/{month}/{date}/art_1229000009_{number}.html",
    Column.PORTAL_NEWS: "/zjnews/jjnews/{day:%Y%m}/t{day:%Y%m%d}_{number}.shtml",
    Column.OUTLET_NEWS: "/a/{day:%Y%m}/{number}.html",
}


class NewsroomError(ChaoxunError):
    """An order to the newsroom that makes no sense: an id published twice, an edit of what is not in the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One article as its site serves it now. `gone` is the status that answers instead while it is withdrawn.

    rendition: raised by a touch, which gives other bytes for the same version. at: when it last changed.
    """

    article: SampleArticle
    path: str
    version: int
    rendition: int
    at: datetime
    gone: int | None = None

    @property
    def etag(self) -> str:
        digest = hashlib.sha256(f"{self.article.id}/{self.version}/{self.rendition}".encode()).hexdigest()
        return f'"{digest[:16]}"'


class Shelf(Protocol):
    """What a page may show: the editions of a column, newest first, and the edition behind a path."""

    def count(self, column: Column) -> int: ...

    def newest(self, column: Column, start: int, count: int) -> Sequence[Edition]: ...

    def find(self, site: Site, path: str) -> Edition | None: ...


class BareShelf:
    """A shelf whose columns are empty while the articles stay where they are: what a broken listing shows."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def count(self, column: Column) -> int:
        return 0

    def newest(self, column: Column, start: int, count: int) -> Sequence[Edition]:
        return ()

    def find(self, site: Site, path: str) -> Edition | None:
        return self._shelf.find(site, path)


class Newsroom:
    """Publishes, edits, withdraws and reposts; every call is atomic and may come from any thread."""

    def __init__(
        self,
        *,
        ledger: SiteLedger,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        address: Callable[[Site], str],
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._monotonic = monotonic
        self._address = address
        self._lock = threading.RLock()
        self._editions: dict[str, Edition] = {}
        self._paths: dict[tuple[Site, str], str] = {}
        #: ids per column, oldest first, pinned ones last: a listing reads it backwards
        self._columns: dict[Column, list[str]] = {column: [] for column in Column}
        self._order: dict[str, tuple[bool, int]] = {}

    # --- orders ---

    def publish(self, article: SampleArticle, kind: EventKind = EventKind.PUBLISHED) -> str:
        """Puts the article on top of its column and returns its URL; raises NewsroomError for an id in use."""
        with self._lock:
            if article.id in self._editions:
                raise NewsroomError(f"article {article.id!r} is published already; edit it or take another id")
            now = self._clock()
            whole = dated(article, now)
            edition = Edition(article=whole, path=article_path(whole), version=1, rendition=1, at=now)
            if (article.column.site, edition.path) in self._paths:
                raise NewsroomError(f"article {article.id!r} falls on the path of another one; take another id")
            self._editions[article.id] = edition
            self._paths[article.column.site, edition.path] = article.id
            self._order[article.id] = (article.pinned, len(self._order))
            self._list(edition)
            return self._note(kind, edition)

    def edit(
        self,
        article_id: str,
        *,
        title: str | None = None,
        paragraphs: Sequence[str] | None = None,
        swap: tuple[str, str] | None = None,
    ) -> int:
        """Changes the title, the paragraphs, or one wording in them; returns the new version's number.

        Raises UnknownArticleError, and NewsroomError when the wording to swap is not in the text.
        """
        with self._lock:
            edition = self._edition(article_id)
            article = edition.article
            if title is not None:
                article = replace(article, title=title)
            if paragraphs is not None:
                article = replace(article, paragraphs=tuple(paragraphs))
            if swap is not None:
                before, after = swap
                if before not in article.text:
                    raise NewsroomError(f"article {article_id!r} does not say {before!r}; nothing to swap")
                article = replace(article, paragraphs=tuple(p.replace(before, after) for p in article.paragraphs))
            self._put(replace(edition, article=article, version=edition.version + 1), EventKind.EDITED)
            return edition.version + 1

    def withdraw(self, article_id: str, *, status: int = 404) -> None:
        """Takes the article from its column; its URL answers `status` (404 or 410) from now on."""
        with self._lock:
            edition = self._edition(article_id)
            if edition.gone is None:
                self._columns[edition.article.column].remove(article_id)
            self._put(replace(edition, gone=status), EventKind.WITHDRAWN)

    def restore(self, article_id: str) -> None:
        """Puts a withdrawn article back where it stood, unchanged."""
        with self._lock:
            edition = self._edition(article_id)
            if edition.gone is not None:
                self._list(edition)
            self._put(replace(edition, gone=None), EventKind.RESTORED)

    def touch(self, article_id: str) -> None:
        """Renders the page anew: other bytes and validators, another rendering time, the same article."""
        with self._lock:
            edition = self._edition(article_id)
            self._put(replace(edition, rendition=edition.rendition + 1), EventKind.TOUCHED)

    def repost(
        self,
        article_id: str,
        *,
        on: Column,
        title: str | None = None,
        published_at: datetime | None = None,
    ) -> str:
        """Publishes the same text in another column, credited to the first site; returns the copy's id."""
        with self._lock:
            article = self._edition(article_id).article
            copy = SampleArticle(
                id=f"{article_id}@{on}",
                column=on,
                title=title or article.title,
                paragraphs=article.paragraphs,
                caption=article.caption,
                published_at=published_at,
                origin=SITE_NAMES[article.column.site],
                editor="赵六",
                region=article.region,
                keywords=article.keywords,
                topics=article.topics,
                repost_of=article_id,
            )
            self.publish(copy, EventKind.REPOSTED)
            return copy.id

    # --- questions ---

    def edition(self, article_id: str) -> Edition:
        """The article as it stands; raises UnknownArticleError."""
        with self._lock:
            return self._edition(article_id)

    def url(self, article_id: str) -> str:
        edition = self.edition(article_id)
        return self._address(edition.article.column.site) + edition.path

    def count(self, column: Column) -> int:
        with self._lock:
            return len(self._columns[column])

    def newest(self, column: Column, start: int, count: int) -> Sequence[Edition]:
        """`count` editions from the `start`-th on, newest first, pinned ones before all."""
        with self._lock:
            ids = self._columns[column]
            end = len(ids) - start
            return [self._editions[key] for key in reversed(ids[max(0, end - count) : max(0, end)])]

    def find(self, site: Site, path: str) -> Edition | None:
        """The edition at a path, also where it is gone now; None where there never was one."""
        with self._lock:
            key = self._paths.get((site, path))
            return None if key is None else self._editions[key]

    # --- inside ---

    def _edition(self, article_id: str) -> Edition:
        try:
            return self._editions[article_id]
        except KeyError:
            raise UnknownArticleError(f"no article {article_id!r} is published on the sample sites") from None

    def _list(self, edition: Edition) -> None:
        bisect.insort(self._columns[edition.article.column], edition.article.id, key=self._order.__getitem__)

    def _put(self, edition: Edition, kind: EventKind) -> None:
        edition = replace(edition, at=self._clock())
        self._editions[edition.article.id] = edition
        self._note(kind, edition)

    def _note(self, kind: EventKind, edition: Edition) -> str:
        url = self._address(edition.article.column.site) + edition.path
        self._ledger.note_event(
            Event(
                kind=kind,
                at=self._clock(),
                monotonic=self._monotonic(),
                url=url,
                version=edition.version,
                article=edition.article,
            )
        )
        return url


def article_path(article: SampleArticle) -> str:
    """Where the site keeps the article: made of its id and day, in the form of that kind of site. Pure."""
    digest = hashlib.sha256(article.id.encode()).hexdigest()
    number = 10**10 + int(digest[:12], 16) % 10**10  # wide enough that ten thousand articles of one day do not collide
    day = article.published.date()
    return _PATHS[article.column].format(
        day=day, year=day.year, month=day.month, date=day.day, hex=digest[:32], alnum=digest[:13], number=number
    )
