"""The long-running process: wires hub, workers, corpus, dispatcher, schedule and page on one loop; decides nothing."""

import asyncio
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from crawler.hub import Hub
from crawler.records import ChaoxunError, PollJob, Source
from crawler.workers import Pool
from monitor.alerts.channels import Channel, open_channels
from monitor.alerts.dispatch import Dispatcher
from monitor.corpus import Corpus
from monitor.corpus.lock import DaemonLock
from monitor.corpus.writer import Writer
from monitor.ingest import Desk, claim, due_jobs, register_sources
from monitor.model import Destination
from monitor.notify import Notifier
from monitor.poller import Poller, log_poll
from monitor.rules import RuleSet, parse
from monitor.schedule import Schedule
from monitor.settings import Settings
from monitor.web import Page

log = structlog.get_logger()

#: Polls under way at once. The per-host gate serialises hosts; this bounds memory.
POLLS_AT_ONCE = 32
TICK = timedelta(seconds=1)
#: A part that has not moved for this share of the watchdog's limit is taken to hang.
PATIENCE = 0.75


def now() -> datetime:
    return datetime.now(UTC)


def desk_of(settings: Settings, channels: Mapping[str, Channel]) -> Desk:
    """What ingest needs of the configuration: rules ready to run, and where each channel's alerts go."""
    rules = RuleSet({watch.name: (parse(watch.rule), watch.scope) for watch in settings.watches})
    destinations = {
        name: tuple(Destination(channel=name, recipient=recipient) for recipient in channel.recipients)
        for name, channel in channels.items()
    }
    return Desk(
        rules=rules,
        watches={watch.name: watch for watch in settings.watches},
        destinations=destinations,
        plan=settings.recheck,
        operator=tuple(d for name in settings.operator for d in destinations[name]),
    )


@dataclass
class _Pulse:
    """Watches one part's progress counter: when did it last move?"""

    read: Callable[[], int]
    value: int = -1
    moved_at: float = 0.0

    def age(self, clock: float) -> float:
        value = self.read()
        if value != self.value:
            self.value, self.moved_at = value, clock
        return clock - self.moved_at


class Daemon:
    """One run of the daemon, from `run` to the signal that ends it."""

    def __init__(
        self,
        settings: Settings,
        *,
        reread: Callable[[], Settings],
        notifier: Notifier,
        endpoints: Mapping[str, str] | None = None,
        ready: Callable[[str], None] = lambda address: None,
    ) -> None:
        """reread: loads the configuration anew, for SIGHUP. endpoints: see open_channels, for the demo.

        ready: called once everything runs, with the page's address.
        """
        self._settings = settings
        self._reread = reread
        self._notifier = notifier
        self._endpoints = endpoints or {}
        self._ready = ready
        self._stop = asyncio.Event()
        self._ticks = 0
        self._polls: dict[str, asyncio.Task[None]] = {}
        self._trouble = ""

    def stop(self) -> None:
        """Ends `run` in good order; a second call changes nothing."""
        self._stop.set()

    async def run(self) -> None:
        """Poll, judge, deliver and serve until stopped. Raises ChaoxunError when it cannot start."""
        self._notifier.extend(timedelta(minutes=5))
        self._corpus = Corpus.open(self._settings.database, upgrade=True)
        lock = DaemonLock(self._corpus)
        lock.take()
        self._writer = Writer(self._corpus)
        try:
            await self._open()
            self._listen()
            self._notifier.ready(self._status())
            self._ready(self._page.address)
            await self._stop.wait()
        finally:
            self._notifier.stopping()
            await self._close()
            await self._writer.close()
            lock.release()
            self._corpus.close()
            log.info("daemon stopped")

    async def _open(self) -> None:
        settings = self._settings
        self._channels = open_channels(settings.channels, endpoints=self._endpoints)
        await self._writer.run(self._register, settings)
        self._pool = Pool()
        self._hub = Hub(settings.policy)
        self._dispatcher = Dispatcher(self._writer, self._channels, now=now, alone=True)
        self._poller = Poller(
            corpus=self._corpus,
            writer=self._writer,
            hub=self._hub,
            pool=self._pool,
            desk=desk_of(settings, self._channels),
            policy=settings.policy,
            now=now,
            spoke=self._dispatcher.wake,
        )
        self._schedule = Schedule()
        self._page = Page(self._corpus, settings, now=now, trouble=lambda: self._trouble)
        await asyncio.gather(self._pool.start(), self._hub.start())  # the worker's imports take as long as the hub's
        await self._page.start()
        self._sending = asyncio.create_task(self._dispatcher.run(), name="dispatcher")
        self._sending.add_done_callback(self._part_ended)
        self._schedule.every(TICK, self._tick, "tick")
        self._watch_parts()
        self._schedule.start()
        log.info(
            "daemon started",
            sources=sum(1 for s in settings.sources if not s.disabled),
            watches=len(settings.watches),
            page=self._page.address,
        )
        for source in settings.sources:
            if source.disabled:
                log.info("source is disabled", source=source.slug, why=source.disabled)

    async def _close(self) -> None:
        """Stops what started, in order: no new polls, then the running ones, then delivery, then the page."""
        if not hasattr(self, "_schedule"):
            return
        self._schedule.stop()
        polls = list(self._polls.values())
        for task in polls:
            task.cancel()
        await asyncio.gather(*polls, return_exceptions=True)
        await self._hub.stop()
        await self._pool.close()
        await self._dispatcher.stop()
        await asyncio.gather(self._sending, return_exceptions=True)
        for channel in self._channels.values():
            channel.close()
        await self._page.stop()

    def _register(self, settings: Settings) -> None:
        with self._corpus.begin() as tx:
            register_sources(tx, settings.sources, now=now())

    # -- polls

    async def _tick(self) -> None:
        """Hands out what is due. Its failure (a locked or full database) is said, and the next tick tries again."""
        self._ticks += 1
        room = POLLS_AT_ONCE - len(self._polls)
        if room <= 0:
            return
        try:
            jobs = await self._writer.run(self._claim_due, room)
        except ChaoxunError as error:
            self._complain(str(error))
            return
        self._complain("")
        for job in jobs:
            self._polls[job.source.slug] = asyncio.create_task(self._poll(job), name=f"poll {job.source.slug}")

    def _claim_due(self, room: int) -> list[PollJob]:
        sources: tuple[Source, ...] = tuple(
            s for s in self._settings.sources if not s.disabled and s.slug not in self._polls
        )
        policy = self._settings.policy
        with self._corpus.read() as connection:  # most ticks find nothing, and need no writer
            jobs = due_jobs(connection, sources, now=now(), limit=room, policy=policy)
        if jobs:
            with self._corpus.begin() as tx:
                for job in jobs:
                    claim(tx, job, now=now(), policy=policy)
        return jobs

    async def _poll(self, job: PollJob) -> None:
        try:
            log_poll(await self._poller.run(job))
        except ChaoxunError as error:
            self._complain(f"{job.source.slug}: {error}")
        finally:
            del self._polls[job.source.slug]

    def _complain(self, trouble: str) -> None:
        """Says a trouble of the whole daemon once when it comes and once when it goes: log, page and STATUS."""
        if trouble == self._trouble:
            return
        self._trouble = trouble
        if trouble:
            log.error("daemon in trouble", why=trouble)
        else:
            log.info("daemon works again")
        self._notifier.status(self._status())

    # -- life signs

    def _watch_parts(self) -> None:
        limit = self._notifier.watchdog_limit
        if limit is None:
            return
        self._pulses = {
            "tick": _Pulse(lambda: self._ticks),
            "writer": _Pulse(lambda: self._writer.progress),
            "dispatcher": _Pulse(lambda: self._dispatcher.progress),
        }
        self._schedule.every(limit / 4, self._beat, "watchdog")

    async def _beat(self) -> None:
        """Feeds the watchdog only while tick, writer and dispatcher all move: a bare timer would hide a hang."""
        limit = self._notifier.watchdog_limit
        assert limit is not None, "scheduled only with a limit"
        clock = asyncio.get_running_loop().time()
        stuck = [name for name, pulse in self._pulses.items() if pulse.age(clock) > limit.total_seconds() * PATIENCE]
        if stuck:
            log.error("part hangs, watchdog not fed", part=", ".join(stuck))
        else:
            self._notifier.alive()
        self._notifier.status(self._status())

    def _part_ended(self, task: asyncio.Task[None]) -> None:
        """The dispatcher ends only when we stop it; if it dies, so do we, and systemd starts us again."""
        if not self._stop.is_set() and not task.cancelled():
            log.error("dispatcher ended", exc_info=task.exception())
            self._stop.set()

    def _status(self) -> str:
        active = sum(1 for s in self._settings.sources if not s.disabled)
        return self._trouble or f"{active} sources, {len(self._settings.watches)} watches, {len(self._polls)} polls now"

    # -- signals

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.stop)
        loop.add_signal_handler(signal.SIGINT, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self._on_hangup)

    def _on_hangup(self) -> None:
        self._reloading = asyncio.create_task(self._reload(), name="reload")

    async def _reload(self) -> None:
        """SIGHUP: the new configuration as a whole, or the old one goes on and the mistake is said."""
        self._notifier.reloading()
        try:
            settings = self._reread()
            channels = open_channels(settings.channels, endpoints=self._endpoints)
            desk = desk_of(settings, channels)
            await self._writer.run(self._register, settings)
        except ChaoxunError as error:
            log.error("configuration not reloaded, the old one stays", why=str(error))
            self._notifier.ready(f"bad configuration not taken: {str(error).splitlines()[0]}")
            return
        for what in ("database", "bind"):
            if getattr(settings, what) != getattr(self._settings, what):
                log.warning("a change that needs a restart", key=what)
        if settings.policy != self._settings.policy:
            old, self._hub = self._hub, Hub(settings.policy)
            await self._hub.start()
            self._poller.hub = self._hub
            await old.stop()
        self._settings = settings
        self._poller.desk, self._poller.policy = desk, settings.policy
        old_channels, self._channels = self._channels, channels
        self._dispatcher.use(channels)
        for channel in old_channels.values():
            channel.close()
        log.info("configuration reloaded", sources=len(settings.sources), watches=len(settings.watches))
        self._notifier.ready(self._status())
