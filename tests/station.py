"""A whole chaoxun in the tests' own process, on the sample sites, with a clock that the test moves."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from crawler.hub import Hub
from crawler.madeup import MadeUpPages
from crawler.records import CrawlPolicy, PollResult
from crawler.workers import Pool
from monitor.alerts.channels import open_channels
from monitor.alerts.dispatch import Dispatcher
from monitor.corpus import Corpus, articles, outbox, sources, tables
from monitor.corpus.outbox import DeliveryRow
from monitor.corpus.writer import Writer
from monitor.ingest import claim, due_jobs, register_sources
from monitor.model import AlertKind, SourceState
from monitor.poller import Poller, log_poll
from monitor.settings import desk_of, load_settings
from tests.loop import HubLoop, the_loop

#: Longer than every wait of the sample sites' pace, so that all is due; far from what makes it give something up.
STEP = timedelta(seconds=40)
#: What the shared hub calls a hanging answer; few tests wait for it. On a busy machine a good one may take two seconds.
TIMEOUT = 5.0
#: Seconds after which a round hangs: ten thousand articles take minutes.
PATIENCE = 900.0


@dataclass
class Clock:
    """The time of everything that is ours: sites, hub, corpus. It moves when a test says so."""

    at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Crew:
    """What all stations of a session share, since it is slow to start: the crawler and a parse worker."""

    loop: HubLoop
    hub: Hub
    pool: Pool
    clock: Clock


@contextmanager
def running_crew() -> Iterator[Crew]:
    """A hub that asks loopback at once, and a parse worker, on the session's loop."""
    loop, clock = the_loop(), Clock()
    every = timedelta(seconds=1)  # the pace of the sample sites; a host that is down is tried again so often
    policy = CrawlPolicy(every=every, gap=timedelta(0), allow_private=("127.0.0.0/8",), host_groups={})
    hub = Hub(policy, settings={"DOWNLOAD_TIMEOUT": TIMEOUT, "HOST_GAP_JITTER": 0.0, "RETRY_TIMES": 0}, now=clock)
    pool = Pool()
    loop.run(hub.start())
    loop.run(pool.start())
    try:
        yield Crew(loop, hub, pool, clock)
    finally:
        loop.run(hub.stop())
        loop.run(pool.close())


@pytest.fixture(scope="session")
def crew() -> Iterator[Crew]:
    with running_crew() as crew:
        yield crew


class Station:
    """Polls what is due each time that `round` is called, as the daemon does at its ticks."""

    def __init__(self, crew: Crew, folder: Path) -> None:
        """folder: a configuration. Its database is not waited for: a locked one says so at once."""
        self.crew = crew
        self.folder = folder
        #: Everything that was logged, as structlog's event dictionaries.
        self.logs: list[Mapping[str, Any]] = []
        self.settings = load_settings(folder, {})
        self.corpus = Corpus.open(self.settings.database, busy_timeout=timedelta(seconds=0.1))
        self.channels = open_channels(self.settings.channels)
        self._writer = Writer(self.corpus, waits=())
        self._madeup = MadeUpPages()
        self._register()

    def _register(self) -> None:
        with self.corpus.begin() as tx:
            register_sources(tx, self.settings.sources, now=self.crew.clock())

    def reload(self) -> None:
        """Read the configuration anew, as SIGHUP does."""
        self.settings = load_settings(self.folder, {})
        self._register()

    def round(self, *, after: timedelta = STEP) -> dict[str, PollResult]:
        """Everything that is due `after` the last round, polled at once; how each poll went, by slug."""
        self.crew.clock.at += after
        with capture_logs() as logs:
            try:
                return self.crew.loop.run(self._round(), timeout=PATIENCE)
            finally:
                self.logs += logs

    async def _round(self) -> dict[str, PollResult]:
        clock, policy = self.crew.clock, self.settings.policy
        with self.corpus.read() as connection:
            jobs = due_jobs(connection, self.settings.sources, now=clock(), limit=100, policy=policy)
        with self.corpus.begin() as tx:
            for job in jobs:
                claim(tx, job, now=clock(), policy=policy)
        poller = Poller(
            corpus=self.corpus,
            writer=self._writer,
            hub=self.crew.hub,
            pool=self.crew.pool,
            desk=desk_of(self.settings, self.channels),
            policy=policy,
            now=clock,
            madeup=self._madeup,
        )
        # as in the daemon, none ends with another
        results = await asyncio.gather(*(poller.run(job) for job in jobs), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
            log_poll(result)
        return {result.source: result for result in results if not isinstance(result, BaseException)}

    def deliver(self) -> None:
        """Everything in the outbox that is due, sent."""
        dispatcher = Dispatcher(
            self._writer, self.channels, now=self.crew.clock, operator=desk_of(self.settings, self.channels).operator
        )
        with capture_logs() as logs:
            self.crew.loop.run(dispatcher.drain(), timeout=PATIENCE)
        self.logs += logs

    def health(self) -> dict[str, SourceState]:
        with self.corpus.read() as connection:
            return {state.slug: state for state in sources.states(connection)}

    def articles(self) -> dict[str, dict[str, Any]]:
        """The article JSON of everything stored, by URL."""
        with self.corpus.read() as connection:
            numbers = connection.execute(sa.select(tables.article.c.id)).scalars().all()
            views = (articles.view(connection, number) for number in numbers)
            return {view["url"]: view for view in views if view is not None}

    def pending(self) -> dict[str, Mapping[str, Any]]:
        """What waits to become an article, by URL."""
        with self.corpus.read() as connection:
            return {row["url"]: dict(row) for row in connection.execute(sa.select(tables.pending)).mappings()}

    def deliveries(self) -> list[DeliveryRow]:
        """The outbox, oldest first."""
        with self.corpus.read() as connection:
            return outbox.list_deliveries(connection, None, 1000)[::-1]

    def told(self, *kinds: AlertKind) -> list[str]:
        """The titles of what was said to anybody, oldest first; without `kinds`: to the operator."""
        wanted = kinds or (AlertKind.OPERATOR,)
        return [row.title for row in self.deliveries() if row.kind in wanted]

    def close(self) -> None:
        self.crew.loop.run(self._writer.close())
        for channel in self.channels.values():
            channel.close()
        self.corpus.close()


@pytest.fixture
def open_station(crew: Crew) -> Iterator[Callable[[Path], Station]]:
    """`open_station(folder)`: a Station that is closed with the test."""
    opened: list[Station] = []

    def opens(folder: Path) -> Station:
        opened.append(Station(crew, folder))
        return opened[-1]

    yield opens
    for station in opened:
        station.close()
