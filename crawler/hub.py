"""The long-running Scrapy crawler that every poll fetches through; owns nothing that must survive the process."""

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.settings import Settings

from crawler.breaker import Outage, retry_after
from crawler.clocks import Clocks, utc_now
from crawler.guard import Guard, GuardedResolver
from crawler.politeness import Politeness
from crawler.records import Answer, Capture, CrawlPolicy, Fetch, NotModified, Source, Trouble, Unreachable
from crawler.trouble import ANSWERLESS, explain, outage_of

log = structlog.get_logger()

#: Links to these get ATTACHMENT_MAXSIZE instead of DOWNLOAD_MAXSIZE.
_ATTACHMENTS = (".pdf", ".doc", ".docx", ".wps", ".xls", ".xlsx", ".ofd", ".zip", ".rar")
_RESOLVERS = 32
_PAGES = re.compile(r";\s*pages\s*=[^;]*", re.IGNORECASE)


class HubSpider(Spider):
    """Keeps its crawler open; asks for nothing itself. clocks: what politeness goes by."""

    name = "hub"

    def __init__(self, clocks: Clocks) -> None:
        super().__init__()
        self.clocks = clocks

    async def start(self) -> AsyncIterator[Any]:
        await asyncio.Event().wait()  # ended by the engine, which cancels it
        yield None


class Hub:
    """One crawler for all sources, so that gaps, connections and robots.txt are kept from poll to poll."""

    def __init__(
        self,
        policy: CrawlPolicy,
        *,
        settings: Mapping[str, object] | None = None,
        now: Callable[[], datetime] = utc_now,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """settings: Scrapy settings that replace those of crawler.settings and the policy (shorter time-outs, say).

        now, clock and sleep: for a benchmark on a time of its own. `now` stamps answers and ends the holds of hosts;
        `clock` and `sleep`, in seconds, keep the gaps and the age of robots.txt. They must run at one speed.
        """
        self._settings = Settings()
        self._settings.setmodule("crawler.settings")
        # The hub runs no spider of the project, and must not load them all to say so.
        self._settings.set("SPIDER_MODULES", [])
        self._settings.update({**settings_of(policy), **(settings or {})}, priority="cmdline")
        self._now = now
        self._clocks = Clocks(now=now, monotonic=clock, sleep=sleep)
        self._crawler: Crawler | None = None
        self._done: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Ready to fetch when this returns. Needs the loop of `crawler.reactor.run`."""
        # At the top it would fix the reactor before ours is installed.
        from twisted.internet import reactor  # noqa: PLC0415

        # Scrapy says three lines a request at DEBUG; whoever wants them sets the logger's level.
        scrapy_log = logging.getLogger("scrapy")
        if scrapy_log.level == logging.NOTSET:
            scrapy_log.setLevel(logging.WARNING)
        # Names are resolved in these threads; Twisted's ten would be full of the dead hosts of one round of polls.
        reactor.suggestThreadPoolSize(_RESOLVERS)
        GuardedResolver(reactor, Guard(self._settings.getlist("ALLOW_PRIVATE"))).install_on_reactor()
        runner = AsyncCrawlerRunner(self._settings)
        crawler = runner.create_crawler(HubSpider)
        started = asyncio.Event()
        crawler.signals.connect(started.set, signal=signals.engine_started, weak=False)
        self._done = runner.crawl(crawler, clocks=self._clocks)
        waiting = asyncio.ensure_future(started.wait())
        await asyncio.wait((waiting, self._done), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._done.done():
            await self._done
            raise RuntimeError("the Scrapy engine ended before it began")
        self._crawler = crawler

    async def fetch(self, fetch: Fetch, source: Source) -> Answer:
        """The answer to one request, or why there was none: never raises for what the network or the site does."""
        if self._crawler is None:
            raise RuntimeError("fetch() before start() or after stop()")
        return await fetch_through(self._crawler, fetch, source, now=self._now)

    async def stop(self) -> None:
        """Ends within a few seconds, whatever is in flight: those requests come back as Unreachable."""
        crawler, self._crawler = self._crawler, None
        if crawler is not None and self._done is not None:
            politeness = crawler.get_extension(Politeness)
            if politeness is not None:
                politeness.end()
            await crawler.stop_async()
            await asyncio.wait((self._done,))


def settings_of(policy: CrawlPolicy) -> dict[str, object]:
    """The policy in Scrapy's names. Pure."""
    return {
        "USER_AGENT": policy.user_agent,
        "HOST_GAP": policy.gap.total_seconds(),
        "HOST_GROUPS": {name: list(patterns) for name, patterns in policy.host_groups.items()},
        "POLL_EVERY": policy.every.total_seconds(),
        "ALLOW_PRIVATE": list(policy.allow_private),
    }


async def fetch_through(
    crawler: Crawler, fetch: Fetch, source: Source, *, now: Callable[[], datetime] = utc_now
) -> Answer:
    """What `Hub.fetch` does, for any running crawler: all its downloader middlewares apply."""
    settings = crawler.settings
    attachment = _path_of(fetch.url).endswith(_ATTACHMENTS)
    maxsize = settings.getint("ATTACHMENT_MAXSIZE" if attachment else "DOWNLOAD_MAXSIZE")
    try:
        Guard(settings.getlist("ALLOW_PRIVATE")).check(fetch.url)
        response = await crawler.engine.download_async(request_of(fetch, source, maxsize))
    except ANSWERLESS as error:
        trouble, detail = explain(error, fetch.url, timeout=settings.getfloat("DOWNLOAD_TIMEOUT"), maxsize=maxsize)
        log.debug("no answer", url=fetch.url, source=source.slug, trouble=trouble, error=repr(error))
        return _unreachable(fetch, trouble, detail, outage_of(error), now())
    return answer_of(fetch, response, now())


def request_of(fetch: Fetch, source: Source, maxsize: int) -> Request:
    """The Scrapy request for one Fetch, with what the source says about headers, gap, cookies and TLS. Pure."""
    headers = {**source.headers, **fetch.headers}
    if fetch.etag:
        headers["If-None-Match"] = fetch.etag
    if fetch.last_modified:
        headers["If-Modified-Since"] = fetch.last_modified
    meta: dict[str, Any] = {"download_maxsize": maxsize, "tls": source.tls}
    if source.gap is not None:
        meta["gap"] = source.gap.total_seconds()
    if source.every is not None:
        meta["interval"] = source.every.total_seconds()
    if source.cookies:
        meta["cookiejar"] = source.slug
    return Request(
        fetch.url,
        method=fetch.method,
        headers=headers,
        body=fetch.body,
        meta=meta,
        callback=NO_CALLBACK,
        dont_filter=True,
    )


def answer_of(fetch: Fetch, response: Response, at: datetime) -> Answer:
    """A Scrapy response as the rest of us knows it. Pure."""
    if response.status == 304:
        if fetch.etag or fetch.last_modified:
            return NotModified(url=fetch.url, fetched_at=at)
        detail = f"{urlsplit(fetch.url).netloc}: answers 304 to a request without validators; the server is at fault"
        return Unreachable(url=fetch.url, trouble=Trouble.OTHER, detail=detail, fetched_at=at)
    return Capture(
        url=fetch.url,
        final_url=response.url,
        status=response.status,
        body=response.body,
        content_type=_content_type(response),
        etag=_header(response, "ETag"),
        last_modified=_header(response, "Last-Modified"),
        retry_after=retry_after(_header(response, "Retry-After"), at),
        asked=fetch,
        fetched_at=at,
    )


def _unreachable(fetch: Fetch, trouble: Trouble, detail: str, outage: Outage | None, at: datetime) -> Unreachable:
    wait = max(outage.until - at, timedelta(0)) if outage else None
    name = outage.name if outage else ""
    return Unreachable(url=fetch.url, trouble=trouble, detail=detail, fetched_at=at, retry_after=wait, outage=name)


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path.lower()
    except ValueError:
        return ""


def _content_type(response: Response) -> str | None:
    """Without `pages=`, by which we mark captures of several pages (see crawler.article): a server may not."""
    value = _header(response, "Content-Type")
    return None if value is None else _PAGES.sub("", value).strip() or None


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return None if value is None else value.decode("utf-8", errors="replace").strip() or None
