"""Scrapy's download handler behind our gate, breaker and guard; whatever is asked - pages, robots.txt, retries - passes
here."""

import asyncio
import copy
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    DownloadCancelledError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Response

from crawler.breaker import Host, HostDown, NoConnection, retry_after
from crawler.connecting import ConnectingHandler
from crawler.guard import Guard, GuardedResolver, refusal
from crawler.politeness import Politeness
from crawler.records import Tls
from crawler.trouble import explain

#: What a turn may take beyond the request's own time-out before it is taken away: a turn that never ended would
#: stop the host for good.
_GRACE = 15.0
#: With these a host may say when to come again, and means it for everything that it serves.
_BUSY = {429, 503}


class PoliteHandler(BaseDownloadHandler):
    """Fetches one request at a time for each host group, from hosts that can be reached, and only from addresses that
    the guard permits.

    A gate in a downloader middleware would leak its turn when a request is cancelled, since no middleware method is
    called then. Request meta: `gap` and `interval` (seconds), `tls` (records.Tls).
    """

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        politeness = crawler.get_extension(Politeness)
        if politeness is None:
            raise RuntimeError("the extension crawler.politeness.Politeness is not enabled; add it to EXTENSIONS")
        self._politeness = politeness
        self._breaker = politeness.breaker
        self._guard = Guard(crawler.settings.getlist("ALLOW_PRIVATE"))
        self._every = crawler.settings.getfloat("POLL_EVERY")
        self._handlers: dict[Tls, ConnectingHandler] = {}

    async def download_request(self, request: Request) -> Response:
        """Raises AddressRefused, HostDown, Stopped, or what Scrapy's own handler raises."""
        self._guard.check(request.url)
        host = Host.of(request.url, request.meta.get("tls", Tls()))
        self._breaker.check(host)  # before it waits for a turn that it would not use
        return await self._politeness.run(self._in_turn(request, host))

    async def close(self) -> None:
        for handler in self._handlers.values():
            await handler.close()

    async def _in_turn(self, request: Request, host: Host) -> Response:
        seconds = request.meta.get("gap")
        gap = None if seconds is None else timedelta(seconds=seconds)
        allowed = float(request.meta.get("download_timeout") or 0) + _GRACE
        async with self._politeness.gate.turn(request.url, gap, ask=partial(self._breaker.check, host)):
            with self._noting(request, host):
                try:
                    async with asyncio.timeout(allowed):
                        response = await self._handler(host.tls).download_request(request)
                except TimeoutError as error:
                    raise DownloadTimeoutError(f"Getting {request.url} took longer than {allowed} seconds.") from error
            self._note(response, host)
            return response

    @contextmanager
    def _noting(self, request: Request, host: Host) -> Iterator[None]:
        """Tells the breaker why there was no answer. Raises HostDown where the host is held for it from now on: such a
        request is not tried once more."""
        interval = timedelta(seconds=request.meta.get("interval") or self._every)
        try:
            yield
        except NoConnection as error:
            self._explain(request.url)
            raise HostDown(self._breaker.failed(host, self._why(error, request), interval=interval)) from error
        except DownloadTimeoutError as error:
            outage = self._breaker.timed_out(host, self._why(error, request), interval=interval)
            if outage is None:
                raise
            raise HostDown(outage) from error
        except (DownloadFailedError, DownloadCancelledError, ResponseDataLossError):
            self._breaker.answered(host)  # badly, but it is there
            raise

    def _note(self, response: Response, host: Host) -> None:
        header = response.headers.get("Retry-After") if response.status in _BUSY else None
        text = None if header is None else header.decode("utf-8", errors="replace")
        wait = retry_after(text, self._politeness.clocks.now())
        if wait:
            why = f"{host.name}: answers {response.status} and asks to be left alone for a while"
            self._breaker.told_to_wait(host, why, wait=wait)
        else:
            self._breaker.answered(host)

    def _why(self, error: Exception, request: Request) -> str:
        timeout = float(request.meta.get("download_timeout") or 0)
        return explain(error, request.url, timeout=timeout, maxsize=0)[1]

    def _explain(self, url: str) -> None:
        """Raises AddressRefused where the look-up failed because the guard let nothing through."""
        # At the top it would fix the reactor before ours is installed.
        from twisted.internet import reactor  # noqa: PLC0415

        resolver: Any = getattr(reactor, "nameResolver", None)
        host = url.split("://", 1)[1].split("/", 1)[0].rsplit("@", 1)[-1].rsplit(":", 1)[0]
        address = resolver.refused(host) if isinstance(resolver, GuardedResolver) else None
        if address is not None:
            raise refusal(f"{address} ({host})")

    def _handler(self, tls: Tls) -> ConnectingHandler:
        if tls not in self._handlers:
            self._handlers[tls] = ConnectingHandler.from_crawler(_with_tls(self.crawler, tls))
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
