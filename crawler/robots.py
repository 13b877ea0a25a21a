"""Obeys robots.txt for as long as the crawler lives: kept a day, and never taken for empty because it failed once."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from crawler.politeness import Politeness
from crawler.records import ChaoxunError
from crawler.trouble import ANSWERLESS

#: RFC 9309, 2.5: at least this much of the file is read; more is not rules.
_READ = 512 * 1024
#: A Crawl-delay above this is meant to keep us out, and would hold up every source of the host.
_LONGEST_DELAY = 60.0
#: What a page's request says about its host, and its robots.txt's must say as well.
_PASSED_ON = ("gap", "tls", "interval")


class RobotsForbid(ChaoxunError):
    """The site's robots.txt forbids this URL to us."""


class RobotsUnknown(ChaoxunError):
    """The site's robots.txt could not be read, and no older one is known. `__cause__` says why it had no answer."""


@dataclass(slots=True)
class _Site:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: Protego | None = None
    asked_again_at: float = 0.0


class RobotsRules:
    """Downloader middleware in place of Scrapy's, which keeps robots.txt for ever, also the one that did not come.

    As RFC 9309 has it: 2xx are the rules; other 4xx mean that there are none; 5xx and 429 mean that nothing may be
    fetched, unless rules are known from before. 521 counts as a 4xx: it is a shield's challenge, which the page itself
    will show as well.
    """

    def __init__(self, crawler: Crawler, *, keep: timedelta, clock: Callable[[], float] = time.monotonic) -> None:
        self._crawler = crawler
        self._keep = keep.total_seconds()
        self._clock = clock
        self._sites: dict[str, _Site] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        politeness = crawler.get_extension(Politeness)
        clock = time.monotonic if politeness is None else politeness.clocks.monotonic
        return cls(crawler, keep=timedelta(seconds=crawler.settings.getfloat("ROBOTSTXT_KEEP")), clock=clock)

    async def process_request(self, request: Request) -> None:
        """Raises RobotsForbid or RobotsUnknown."""
        if request.meta.get("dont_obey_robotstxt"):
            return
        parts = urlparse_cached(request)
        site = self._sites.setdefault(f"{parts.scheme}://{parts.netloc}", _Site())
        async with site.lock:
            if self._clock() >= site.asked_again_at:
                await self._ask(site, request)
        agent = self._agent(request)
        if site.rules is not None and not site.rules.can_fetch(request.url, agent):
            raise RobotsForbid(f"robots.txt of {parts.netloc} forbids {parts.path or '/'}; disable this source")

    async def _ask(self, site: _Site, page: Request) -> None:
        parts = urlparse_cached(page)
        request = Request(
            f"{parts.scheme}://{parts.netloc}/robots.txt",
            headers={"User-Agent": self._agent(page)},
            meta={"dont_obey_robotstxt": True, **{key: page.meta[key] for key in _PASSED_ON if key in page.meta}},
            callback=NO_CALLBACK,
            dont_filter=True,
        )
        try:
            response = await self._crawler.engine.download_async(request)
        except ANSWERLESS as error:
            if site.rules is None:
                raise RobotsUnknown(f"robots.txt of {parts.netloc} cannot be read") from error
            return
        self._note(site, response, page)

    def _note(self, site: _Site, response: Response, page: Request) -> None:
        if response.status == 429 or (response.status >= 500 and response.status != 521):
            if site.rules is None:
                raise RobotsUnknown(
                    f"robots.txt of {urlparse_cached(page).netloc} answers {response.status}, so nothing may be fetched"
                    " there; it is asked again at the next poll"
                )
            return
        found = response.body[:_READ] if response.status < 300 else b""
        site.rules = Protego.parse(found.decode("utf-8-sig", errors="ignore"))
        site.asked_again_at = self._clock() + self._keep
        delay = site.rules.crawl_delay(self._agent(page))
        politeness = self._crawler.get_extension(Politeness)
        if delay and politeness is not None:
            politeness.gate.slow_down(page.url, timedelta(seconds=min(delay, _LONGEST_DELAY)))

    def _agent(self, request: Request) -> str:
        agent = request.headers.get("User-Agent") or str(self._crawler.settings["USER_AGENT"]).encode()
        return agent.decode("utf-8", errors="replace")
