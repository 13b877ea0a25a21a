"""What our spiders share: visit some sources once and yield the articles. Nothing is stored, and nothing is known."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from scrapy import Spider
from scrapy.settings import BaseSettings

from crawler.clocks import utc_now
from crawler.guard import GuardedResolver
from crawler.hub import fetch_through, settings_of
from crawler.policy import load_policy
from crawler.poll import poll
from crawler.records import Entry, Outcome, PollJob, PollResult, PollStatus, Recheck, Source, Verdict, Visit
from crawler.sources import load_sources
from crawler.workers import Pool
from crawler.yamlfile import ConfigError

#: Visits under way at once; the per-host gate serialises those of one host.
_AT_ONCE = 8

Item = dict[str, Any]


class Shelf:
    """A ledger that knows nothing and keeps what comes, for one run."""

    def __init__(self) -> None:
        self.items: list[Item] = []

    async def known(self, source: Source, entries: Sequence[Entry]) -> frozenset[str]:
        return frozenset()

    async def unknown(
        self, source: Source, entries: Sequence[Entry], *, further_back: bool = False
    ) -> tuple[Entry, ...]:
        return tuple(entries)

    async def listed(self, source: Source, entries: Sequence[Entry]) -> tuple[Recheck, ...]:
        return ()

    async def take(self, visit: Visit) -> Outcome:
        draft = visit.draft
        if draft is None:
            return Outcome.FAILED
        if draft.quality.verdict is not Verdict.ARTICLE:
            return Outcome.BLOCKED if draft.quality.verdict is Verdict.CHALLENGE else Outcome.REJECTED
        source = visit.source
        self.items.append(
            {
                **draft.as_json(),
                "url": draft.url or visit.url,
                "source": source.slug,
                "source_name": draft.source_name or source.name,
                "region": source.region,
                "column": draft.column or source.column,
            }
        )
        return Outcome.NEW


class VisitSpider(Spider):
    """Polls `sources()` once each, first page only. The configuration is $CHAOXUN_CONFIG, else ./config."""

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """As the daemon asks, by `crawl` of chaoxun.yaml; what `-s` says counts more."""
        super().update_settings(settings)
        try:
            policy = load_policy(_folder())
        except ConfigError:
            return  # `start` says it, and visits nothing
        settings.update(settings_of(policy), priority="spider")

    def sources(self) -> tuple[Source, ...]:
        """What to visit; raises ConfigError."""
        raise NotImplementedError

    async def start(self) -> AsyncIterator[Any]:
        if not structlog.is_configured():
            # The default is stdout, which belongs to `-O -`.
            structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
        try:
            sources = self.sources()
        except ConfigError as error:
            self.logger.error("%s", error)
            return
        self._guard()
        pool, turns = Pool(), asyncio.Semaphore(_AT_ONCE)
        visits = [asyncio.ensure_future(self._visit(source, pool, turns)) for source in sources]
        try:
            for visit in asyncio.as_completed(visits):
                for item in await visit:
                    yield item
        finally:
            for left in visits:
                left.cancel()
            await pool.close()

    def _guard(self) -> None:
        """Scrapy has made its resolver of the project's settings alone, before it knew which spider runs."""
        # At the top it would fix the reactor before ours is installed.
        from twisted.internet import reactor  # noqa: PLC0415

        GuardedResolver.from_crawler(self.crawler, reactor).install_on_reactor()

    async def _visit(self, source: Source, pool: Pool, turns: asyncio.Semaphore) -> list[Item]:
        shelf = Shelf()
        job = PollJob(source=replace(source, max_pages=1), first=True)
        async with turns:
            fetch = partial(fetch_through, self.crawler)
            result = await poll(job, fetch=fetch, parser=pool, ledger=shelf, now=utc_now)
        self._report(result, len(shelf.items))
        return shelf.items

    def _report(self, result: PollResult, articles: int) -> None:
        if result.status is PollStatus.OK:
            self.logger.info("%s: %d listed, %d articles", result.source, result.listed, articles)
        else:
            self.logger.error("%s: %s", result.status, result.error)


def configured_sources() -> tuple[Source, ...]:
    """The sources of the configuration that the environment names. Raises ConfigError."""
    load_policy(_folder())  # its mistakes end the crawl: without it we would not know how gently to ask
    return load_sources(_folder() / "sources")


def _folder() -> Path:
    return Path(os.environ.get("CHAOXUN_CONFIG", "config"))
