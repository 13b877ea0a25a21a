"""What tests of visits share: a ledger in memory, a hub, and pages for the site to answer with."""

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest

from crawler.engines import read_listing
from crawler.hub import Hub
from crawler.poll import poll
from crawler.records import (
    Capture,
    CrawlPolicy,
    Draft,
    Entry,
    Hints,
    Listing,
    Outcome,
    PollJob,
    PollResult,
    Recheck,
    RowFields,
    Source,
    Verdict,
    Visit,
)
from crawler.workers import draft_of
from tests.loop import HubLoop
from tests.site import Site

LONG = "市政府今天说，产业大脑与未来工厂的建设已有成效，今后还要继续。" * 12


class Here:
    """The parser without its worker process."""

    async def read(self, source: Source, page: Capture) -> Listing:
        return read_listing(source, page)

    async def extract(self, capture: Capture, hints: Hints) -> Draft:
        return draft_of(capture, hints)


def article_of(visit: Visit) -> Draft | None:
    return visit.draft if visit.draft and visit.draft.quality.verdict is Verdict.ARTICLE else None


@dataclass
class Book:
    """A ledger in memory: knows what it took, and what a test tells it to know."""

    known_urls: set[str] = field(default_factory=set)
    visits: list[Visit] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    noted: list[list[str]] = field(default_factory=list)
    missed: set[str] = field(default_factory=set)
    prompted: set[str] = field(default_factory=set)
    judge: Callable[[Visit], Outcome] = lambda visit: Outcome.NEW if article_of(visit) else Outcome.FAILED

    async def known(self, source: Source, entries: Sequence[Entry]) -> frozenset[str]:
        self.shown += [entry.url for entry in entries]
        return frozenset(entry.url for entry in entries if entry.url in self.known_urls)

    async def unknown(
        self, source: Source, entries: Sequence[Entry], *, further_back: bool = False
    ) -> tuple[Entry, ...]:
        self.noted.append([entry.url for entry in entries])
        fresh = [entry for entry in entries if entry.url not in self.known_urls]
        return tuple(entry for entry in fresh if not further_back or entry.url in self.missed)

    async def listed(self, source: Source, entries: Sequence[Entry]) -> tuple[Recheck, ...]:
        return tuple(Recheck(url=entry.url) for entry in entries if entry.url in self.prompted)

    async def take(self, visit: Visit) -> Outcome:
        self.visits.append(visit)
        outcome = self.judge(visit)
        if outcome is Outcome.NEW:
            self.known_urls.add(visit.url)
        return outcome

    def urls(self) -> list[str]:
        return [visit.url for visit in self.visits]


@pytest.fixture
def site(hub_loop: HubLoop) -> Iterator[Site]:
    site = Site(hub_loop)
    yield site
    site.close()


@contextlib.contextmanager
def running(loop: HubLoop, **policy: Any) -> Iterator[Hub]:
    usual: dict[str, Any] = {"gap": timedelta(0), "allow_private": ("127.0.0.0/8",), "host_groups": {}}
    settings = {"DOWNLOAD_TIMEOUT": 20, "HOST_GAP_JITTER": 0.0, "RETRY_TIMES": 0}
    hub = Hub(CrawlPolicy(**{**usual, **policy}), settings=settings)
    loop.run(hub.start())
    try:
        yield hub
    finally:
        loop.run(hub.stop())


class Visiting(Protocol):
    """What the fixture `visit` gives."""

    def __call__(self, job: PollJob, book: Book, parser: Here | None = None) -> PollResult: ...


@pytest.fixture
def visit(hub_loop: HubLoop) -> Iterator[Visiting]:
    with running(hub_loop) as hub:

        def run(job: PollJob, book: Book, parser: Here | None = None) -> PollResult:
            return polled(hub_loop, hub, job, book, parser)

        yield run


def polled(loop: HubLoop, hub: Hub, job: PollJob, book: Book, parser: Here | None = None) -> PollResult:
    moments = (datetime(2026, 11, 20, tzinfo=UTC) + timedelta(seconds=n) for n in itertools.count())
    return loop.run(
        poll(job, fetch=hub.fetch, parser=parser or Here(), ledger=book, now=lambda: next(moments)), timeout=60
    )


def feed(site: Site, **more: Any) -> Source:
    return Source(slug="a-feed", name="示例", engine="feed", url=site.url("/rss.xml"), **more)


def rss(*links: str, description: str = "") -> str:
    items = "".join(
        f"<item><title>第{n}篇</title><link>{link}</link><description><![CDATA[{description}]]></description></item>"
        for n, link in enumerate(links)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'


def article(site: Site, *paths: str) -> None:
    for path in paths:
        body = f"<html><head><title>题 {path}</title></head><body><h1>题 {path}</h1><p>{LONG}</p></body></html>"
        site.answer(path, body, etag=f'"{path}"')


def paged(site: Site, **more: Any) -> Source:
    return Source(
        slug="paged",
        name="示例",
        engine="html_list",
        url=site.url("/list"),
        rows="li",
        fields=RowFields(url="a::attr(href)", title="a::text"),
        next="a.next::attr(href)",
        **more,
    )


def listing(*links: str, following: str | None = None) -> str:
    rows = "".join(f'<li><a href="{link}">文章 {link}</a></li>' for link in links)
    more = f'<a class="next" href="{following}">下一页</a>' if following else ""
    return f"<html><ul>{rows}</ul>{more}</html>"
