"""Scrapy alone, as a baseline: one long-running crawler with Scrapy's own defaults, and nothing of ours in it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Any

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.settings import Settings


class _Idle(Spider):
    name = "idle"

    async def start(self) -> AsyncIterator[Any]:
        await asyncio.Event().wait()
        yield None


class BareScrapy:
    """A context manager; needs the loop of `crawler.reactor.run`."""

    async def __aenter__(self) -> "BareScrapy":
        logging.getLogger("scrapy").setLevel(logging.WARNING)
        settings = Settings({
            "ROBOTSTXT_OBEY": False,
            "TELNETCONSOLE_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "LOGSTATS_INTERVAL": 0,
            "CONCURRENT_REQUESTS": 64,
            "DOWNLOAD_DELAY": 0,
            "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        })  # fmt: skip
        runner = AsyncCrawlerRunner(settings)
        self._crawler = runner.create_crawler(_Idle)
        started = asyncio.Event()
        self._crawler.signals.connect(started.set, signal=signals.engine_started, weak=False)
        self._done = runner.crawl(self._crawler)
        await started.wait()
        return self

    async def __aexit__(self, *trouble: object) -> None:
        await self._crawler.stop_async()
        await self._done

    async def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Response:
        engine = self._crawler.engine
        assert engine is not None, "it has been started"
        return await engine.download_async(
            Request(url, headers=dict(headers or {}), callback=NO_CALLBACK, meta={"handle_httpstatus_all": True})
        )
