"""The per-host gate: one request in flight for each group of hosts, and a rest between two of them."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self, TypeVar

from crawler.breaker import Breaker
from crawler.clocks import Clocks
from crawler.records import ChaoxunError
from crawler.text.hosts import group_of

T = TypeVar("T")

#: Hosts kept before those at rest are forgotten; more than the hosts of a few thousand sources.
_HOSTS = 4096


@dataclass(slots=True)
class _Host:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    ended_at: float | None = None
    #: What the host's robots.txt asks for, in seconds.
    crawl_delay: float = 0.0


class HostGate:
    """Gives out turns: `async with gate.turn(url): ...` waits for the host's last request to end, and for its gap."""

    def __init__(
        self,
        *,
        gap: timedelta,
        groups: Mapping[str, tuple[str, ...]],
        jitter: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """gap: least rest between the end of one request and the start of the next; jitter: up to this share of it is
        added, 0 to 1.

        groups: hosts that share one gap, as name -> patterns (`*.zj.gov.cn`). clock and sleep: seconds.
        """
        self._gap = gap
        self._groups = groups
        self._jitter = jitter
        self._clock = clock
        self._sleep = sleep
        self._uniform = uniform
        self._hosts: dict[str, _Host] = {}

    def key(self, url: str) -> str:
        """The name under which a URL's host queues: its group's, else its own host (with a port that is not the
        scheme's, since two servers on one machine are two hosts). Pure."""
        return group_of(url, self._groups)

    def slow_down(self, url: str, delay: timedelta) -> None:
        """Keep at least `delay` between requests to this URL's host from now on: its robots.txt asks for it."""
        self._host(url).crawl_delay = delay.total_seconds()

    @asynccontextmanager
    async def turn(
        self, url: str, gap: timedelta | None = None, *, ask: Callable[[], None] = lambda: None
    ) -> AsyncIterator[None]:
        """Hold the host's only turn; first come, first served. It ends with the block, however the block ends.

        gap: a source's own instead of the common one; a Crawl-delay that is longer counts. ask: called when the turn
        has come and before the rest; what it raises gives the turn back unused, and the next has not to rest for it.
        """
        host = self._host(url)
        async with host.lock:
            ask()
            await self._rest(host, self._gap if gap is None else gap)
            try:
                yield
            finally:
                host.ended_at = self._clock()

    async def _rest(self, host: _Host, gap: timedelta) -> None:
        if host.ended_at is None:
            return
        seconds = max(gap.total_seconds(), host.crawl_delay)
        due = host.ended_at + seconds * (1 + self._uniform(0.0, self._jitter))
        # A timer may fire a little early; the loop then sleeps the rest.
        while (left := due - self._clock()) > 0:
            await self._sleep(left)

    def _host(self, url: str) -> _Host:
        key = self.key(url)
        if key not in self._hosts and len(self._hosts) >= _HOSTS:
            self._forget()
        return self._hosts.setdefault(key, _Host())

    def _forget(self) -> None:
        """Drop hosts that nobody waits for and whose rest is long over."""
        before = self._clock() - 600
        for key, host in list(self._hosts.items()):
            if not host.lock.locked() and (host.ended_at is None or host.ended_at < before):
                del self._hosts[key]


class Stopped(ChaoxunError):
    """The crawler is being stopped; the request was not made, or not to its end."""


class Politeness:
    """Scrapy extension that holds the gate and the breaker of one crawler, for its download handlers and robots rules.

    Settings: HOST_GAP (seconds), HOST_GAP_JITTER (0 to 1), HOST_GROUPS (name -> patterns). Other clocks than the real
    ones come as the attribute `clocks` of the spider, since Scrapy copies its settings.
    """

    def __init__(self, gate: HostGate, breaker: Breaker, clocks: Clocks) -> None:
        self.gate = gate
        self.breaker = breaker
        self.clocks = clocks
        self._running: set[asyncio.Task[Any]] = set()
        self._ended = False

    @classmethod
    def from_crawler(cls, crawler: Any) -> Self:
        settings = crawler.settings
        clocks = getattr(crawler.spider, "clocks", Clocks())
        gate = HostGate(
            gap=timedelta(seconds=settings.getfloat("HOST_GAP")),
            groups={name: tuple(patterns) for name, patterns in settings.getdict("HOST_GROUPS").items()},
            jitter=settings.getfloat("HOST_GAP_JITTER"),
            clock=clocks.monotonic,
            sleep=clocks.sleep,
        )
        return cls(gate, Breaker(now=clocks.now), clocks)

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of one request, waiting for its turn included. Raises Stopped once `end` was called."""
        if self._ended:
            work.close()
            raise Stopped("the crawler is being stopped")
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            return await task
        except asyncio.CancelledError:
            if self._ended:
                raise Stopped("the crawler is being stopped") from None
            raise

    def end(self) -> None:
        """Break off every request, running or waiting, and refuse new ones: Scrapy itself would wait for them."""
        self._ended = True
        for task in self._running:
            task.cancel()
