"""The daemon's parts on the simulated clock: what is due is claimed, polled and stored until the two days are over."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psutil

from crawler.hub import Hub
from crawler.records import CrawlPolicy, PollJob, PollResult, PollStatus, Source
from crawler.workers import Pool
from monitor.corpus import Corpus, sources
from monitor.corpus.writer import Writer
from monitor.daemon import POLLS_AT_ONCE
from monitor.desk import Desk
from monitor.ingest import claim, due_jobs, register_sources
from monitor.model import Destination, Health, RecheckPlan, SourceState, Watch
from monitor.poller import Poller
from monitor.rules import RuleSet, parse
from tests.bench.figures import say
from tests.bench.two_days.clock import ScaledClock
from tests.bench.two_days.gate import GateWatch, watched

#: Between two requests to one group of hosts, and the share of it that varies, as configured by default.
GAP = timedelta(seconds=3)
JITTER = 0.5
#: A request that has no answer after so many real seconds has none.
TIMEOUT = 2.0
#: Real seconds between two looks for what is due.
TICK = 0.05
#: A request may take so many simulated seconds on average; above that the clock is slowed down, since it is the machine
#: that is slow and not the site.
SLOWEST_REQUEST = 8.0
#: The same for the time between two ticks, in real seconds.
LONGEST_TICK = 0.15
_REPORT_EVERY = 20.0
#: After the end, so much simulated time for what is under way.
_REST = timedelta(minutes=10)
#: Fewer looks at old articles than by default: they would be most of the work, and are not what is measured.
RECHECK = RecheckPlan(first=timedelta(hours=3), factor=3.0)


@dataclass(frozen=True, slots=True)
class PollRecord:
    """One poll: what it came to, and what is known of its source since."""

    result: PollResult
    ended_at: datetime
    known: SourceState

    @property
    def state(self) -> Health:
        return self.known.state


@dataclass(slots=True)
class Course:
    """How the run went. Times are simulated; `memory` is the largest sum of all our processes, in bytes."""

    polls: list[PollRecord] = field(default_factory=list)
    baseline_at: datetime | None = None
    memory: int = 0
    slowest: float = float("inf")
    late: float = 0.0


class Days:
    """One run. `folder` and what is in it belong to it."""

    def __init__(
        self,
        *,
        clock: ScaledClock,
        speed: float,
        end: datetime,
        configured: Sequence[Source],
        groups: Mapping[str, tuple[str, ...]],
        corpus: Corpus,
    ) -> None:
        self._clock = clock
        self._speed = speed
        self._end = end
        self._sources = configured
        self._corpus = corpus
        self._policy = CrawlPolicy(gap=GAP, allow_private=("127.0.0.0/8",), host_groups=groups)
        self._writer = Writer(corpus)
        self.watch = GateWatch(clock, GAP)
        settings = {
            "DOWNLOAD_TIMEOUT": TIMEOUT,
            "HOST_GAP_JITTER": JITTER,
            "EXTENSIONS": {"crawler.politeness.Politeness": None, watched(self.watch): 0},
        }
        self._hub = Hub(self._policy, settings=settings, now=clock, clock=clock.seconds, sleep=clock.sleep)
        self._pool = Pool()
        self._poller = Poller(
            corpus=corpus,
            writer=self._writer,
            hub=self._hub,
            pool=self._pool,
            desk=desk(),
            policy=self._policy,
            now=clock,
        )
        self._polls: dict[str, asyncio.Task[None]] = {}
        self.course = Course()

    async def run(self) -> int:
        """Until the end of the plan, and then as long as polls are under way."""
        await asyncio.gather(self._pool.start(), self._hub.start())
        with self._corpus.begin() as tx:
            register_sources(tx, self._sources, now=self._clock())
        said = ticked = time.monotonic()
        self._clock.run_at(self._speed)
        while self._clock() < self._end:
            await self._tick()
            if time.monotonic() - said > _REPORT_EVERY:
                said = time.monotonic()
                self._report()
            await asyncio.sleep(TICK)
            self._steer(time.monotonic() - ticked)
            ticked = time.monotonic()
        self._clock.run_at(min(self._speed, 60))
        await asyncio.wait([asyncio.create_task(self._drain())], timeout=60)
        await self._hub.stop()
        await self._pool.close()
        await self._writer.close()
        return 0

    async def _drain(self) -> None:
        """What is under way, and the articles that those polls left for the next."""
        until = self._clock() + _REST
        while self._polls or self._clock() < until:
            await asyncio.sleep(TICK)

    async def _tick(self) -> None:
        """As the daemon's."""
        room = POLLS_AT_ONCE - len(self._polls)
        jobs = await self._writer.run(self._claim_due, room) if room > 0 else []
        for job in jobs:
            self._polls[job.source.slug] = asyncio.create_task(self._poll(job))

    def _claim_due(self, room: int) -> list[PollJob]:
        idle = [source for source in self._sources if source.slug not in self._polls]
        now = self._clock()
        with self._corpus.read() as connection:
            jobs = due_jobs(connection, idle, now=now, limit=room, policy=self._policy)
        if jobs:
            with self._corpus.begin() as tx:
                for job in jobs:
                    claim(tx, job, now=now, policy=self._policy)
        return jobs

    async def _poll(self, job: PollJob) -> None:
        try:
            result = await self._poller.run(job)
            known = await self._writer.run(self._known, job.source.slug)
            self.course.polls.append(PollRecord(result, self._clock(), known))
        finally:
            del self._polls[job.source.slug]

    def _known(self, slug: str) -> SourceState:
        with self._corpus.read() as connection:
            known = sources.state(connection, slug)
        assert known is not None, "it has just been polled"
        return known

    def _steer(self, tick: float) -> None:
        """As fast as asked, unless the machine is too slow for it: then its slowness would be taken for the sites'."""
        bearable = SLOWEST_REQUEST / max(self.watch.length, 1e-3)
        wanted = min(self._speed / max(tick / LONGEST_TICK, 1.0), bearable, self._speed)
        speed = max(self._clock.speed + 0.1 * (wanted - self._clock.speed), 5.0)
        self.course.slowest = min(self.course.slowest, speed)
        if abs(speed - self._clock.speed) > 0.001 * speed:
            self._clock.run_at(speed)

    def _report(self) -> None:
        course = self.course
        course.memory = max(course.memory, _memory())
        failed = sum(record.result.status in (PollStatus.FAILED, PollStatus.BLOCKED) for record in course.polls)
        say(
            f"  {self._clock():%a %H:%M} UTC: {len(course.polls)} polls, {failed} failed, {self.watch.turns} requests, "
            f"{len(self._polls)} under way, {self._clock.speed:.0f} times as fast as real, "
            f"{1000 * self.watch.length:.0f} ms a request"
        )


def desk() -> Desk:
    """A watch that meets some articles, and an operator; nothing is sent, the outbox is what counts."""
    watch = Watch(name="话题", rule="产业大脑 OR 未来工厂 OR 数字经济 OR 一号发展工程", channels=("desk",))
    return Desk(
        rules=RuleSet({watch.name: (parse(watch.rule), watch.scope)}),
        watches={watch.name: watch},
        destinations={"desk": (Destination(channel="desk"),)},
        plan=RECHECK,
        operator=(Destination(channel="operator"),),
    )


def _memory() -> int:
    """Of us and our parse workers, resident; without the fleet."""
    own = psutil.Process()
    total = int(own.memory_info().rss)
    for child in own.children(recursive=True):
        try:
            if "two_days.site" not in " ".join(child.cmdline()):
                total += int(child.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
    return total
