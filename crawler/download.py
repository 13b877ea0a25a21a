"""Scrapy's download handler behind our gate and guard; whatever is asked - pages, robots.txt, retries - passes here."""

import asyncio
import copy
from datetime import timedelta
from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadTimeoutError
from scrapy.http import Response

from crawler.guard import Guard, GuardedResolver, refusal
from crawler.politeness import Politeness
from crawler.records import Tls

#: What a turn may take beyond the request's own time-out before it is taken away: a turn that never ended would
#: stop the host for good.
_GRACE = 15.0


class PoliteHandler(BaseDownloadHandler):
    """Fetches one request at a time for each host group, and only from addresses that the guard permits.

    A gate in a downloader middleware would leak its turn when a request is cancelled, since no middleware method is
    called then. Request meta: `gap` (seconds), `tls` (records.Tls).
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        politeness = crawler.get_extension(Politeness)
        if politeness is None:
            raise RuntimeError("the extension crawler.politeness.Politeness is not enabled; add it to EXTENSIONS")
        self._politeness = politeness
        self._guard = Guard(crawler.settings.getlist("ALLOW_PRIVATE"))
        self._handlers: dict[Tls, HTTP11DownloadHandler] = {}

    async def download_request(self, request: Request) -> Response:
        """Raises AddressRefused, Stopped, or what Scrapy's own handler raises."""
        self._guard.check(request.url)
        gap = request.meta.get("gap")
        return await self._politeness.run(self._in_turn(request, None if gap is None else timedelta(seconds=gap)))

    async def close(self) -> None:
        for handler in self._handlers.values():
            await handler.close()

    async def _in_turn(self, request: Request, gap: timedelta | None) -> Response:
        allowed = float(request.meta.get("download_timeout") or 0) + _GRACE
        async with self._politeness.gate.turn(request.url, gap):
            try:
                async with asyncio.timeout(allowed):
                    return await self._handler(request.meta.get("tls", Tls())).download_request(request)
            except TimeoutError as error:
                raise DownloadTimeoutError(f"Getting {request.url} took longer than {allowed} seconds.") from error
            except CannotResolveHostError:
                self._explain(request.url)
                raise

    def _explain(self, url: str) -> None:
        """Raises AddressRefused where the look-up failed because the guard let nothing through."""
        # At the top it would fix the reactor before ours is installed.
        from twisted.internet import reactor  # noqa: PLC0415

        resolver: Any = getattr(reactor, "nameResolver", None)
        host = url.split("://", 1)[1].split("/", 1)[0].rsplit("@", 1)[-1].rsplit(":", 1)[0]
        address = resolver.refused(host) if isinstance(resolver, GuardedResolver) else None
        if address is not None:
            raise refusal(f"{address} ({host})")

    def _handler(self, tls: Tls) -> HTTP11DownloadHandler:
        if tls not in self._handlers:
            self._handlers[tls] = HTTP11DownloadHandler.from_crawler(_with_tls(self.crawler, tls))
        return self._handlers[tls]


def _with_tls(crawler: Crawler, tls: Tls) -> Crawler:
    """The same crawler, seen with other TLS settings: the handler reads them once, when it is made."""
    if tls == Tls():
        return crawler
    settings = crawler.settings.copy()
    settings.frozen = False
    settings.set("DOWNLOAD_VERIFY_CERTIFICATES", tls.verify, priority="cmdline")
    if tls.legacy:
        # Servers of before 2010: TLS 1.0, short keys. OpenSSL refuses them above security level 0.
        settings.set("DOWNLOADER_CLIENT_TLS_CIPHERS", "DEFAULT:@SECLEVEL=0", priority="cmdline")
        settings.set("DOWNLOAD_TLS_MIN_VERSION", "TLSv1.0", priority="cmdline")
    seen = copy.copy(crawler)
    seen.settings = settings
    return seen
