"""A web of a few pages in memory, and the parser without its worker process: for polls and probes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from crawler.engines import read_listing
from crawler.records import Answer, Capture, Draft, Fetch, Hints, Listing, Source, Trouble, Unreachable
from crawler.workers import draft_of

P = ParamSpec("P")
T = TypeVar("T")

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


class Here:
    """The parser, in this process."""

    async def read(self, source: Source, page: Capture) -> Listing:
        return read_listing(source, page)

    async def extract(self, capture: Capture, hints: Hints) -> Draft:
        return draft_of(capture, hints)

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return function(*args, **kwargs)


@dataclass(frozen=True)
class Page:
    body: str | bytes
    status: int = 200
    content_type: str | None = "text/html"
    final_url: str | None = None


@dataclass
class Web:
    """Pages by URL; what it does not hold is 404. `asked` holds every request."""

    pages: Mapping[str, Page | Trouble | Callable[[Fetch, Source], Page]]
    asked: list[Fetch] = field(default_factory=list)

    async def fetch(self, fetch: Fetch, source: Source) -> Answer:
        self.asked.append(fetch)
        page = self.pages.get(fetch.url, Page("<h1>404</h1>", status=404))
        if isinstance(page, Trouble):
            return Unreachable(url=fetch.url, trouble=page, detail=f"{fetch.url}: {page}", fetched_at=NOW)
        if callable(page):
            page = page(fetch, source)
        return Capture(
            url=fetch.url,
            final_url=page.final_url or fetch.url,
            status=page.status,
            body=page.body.encode() if isinstance(page.body, str) else page.body,
            content_type=page.content_type,
            fetched_at=NOW,
            asked=fetch,
        )
