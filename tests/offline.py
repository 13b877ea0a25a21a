"""A web of a few pages in memory, and the parser without its worker process: for polls and probes."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from crawler.engines import read_listing
from crawler.probing.entryfile import entries_yaml
from crawler.probing.probe import Probed, probe
from crawler.records import Answer, Capture, Draft, Fetch, Hints, Listing, Source, Trouble, Unreachable
from crawler.sources import load_source_file
from crawler.workers import draft_of

P = ParamSpec("P")
T = TypeVar("T")

COLUMN = "https://www.example-county.gov.cn/xw/index.html"
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


def probed(pages: Any, url: str = COLUMN, **more: Any) -> Probed:
    """What probe makes of an address in a web of these pages."""
    web = pages if isinstance(pages, Web) else Web(pages)
    return asyncio.run(probe(url, fetch=web.fetch, reader=Here(), now=lambda: NOW, **more))


def read_back(found: Probed, folder: Path) -> Source:
    """The printed entry, as a person would use it."""
    assert found.best is not None
    file = folder / "probed.yaml"
    file.write_text(entries_yaml([found.best.entry]), encoding="utf-8")
    (source,) = load_source_file(file, environ={})
    return source
