"""The long-running process: wires hub, workers, corpus, dispatcher, schedule and page on one loop; decides nothing."""

import asyncio
import signal
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from crawler.hub import Hub
from crawler.records import ChaoxunError, PollJob, Source
from crawler.workers import Pool
from monitor.alerts.channels import open_channels
from monitor.alerts.dispatch import Dispatcher
from monitor.corpus import Corpus, undelivered
from monitor.corpus.clock import TOLERANCE, put_right
from monitor.corpus.lock import AnotherDaemonError, DaemonLock
from monitor.corpus.maintenance import prove_room
from monitor.corpus.rechecks import backlog
from monitor.corpus.writer import Writer
from monitor.ingest import claim, due_jobs, register_sources, spread_overdue
from monitor.notify import Notifier
from monitor.poller import Poller, log_poll
from monitor.recheck import lag
from monitor.reloading import offers
from monitor.schedule import Schedule
from monitor.settings import Settings, desk_of
from monitor.web import Page

log = structlog.get_logger()

#: Polls under way at once. The per-host gate serialises hosts; this bounds memory.
POLLS_AT_ONCE = 32
TICK = timedelta(seconds=1)
#: How often STATUS is said anew where the watchdog does not ask for more.
SAY_EVERY = timedelta(seconds=15)
#: A part that has not moved for this share of the watchdog's limit is taken to hang.
PATIENCE = 0.75


class DaemonError(ChaoxunError):
    """A part of the daemon has ended by itself."""


def now() -> datetime:
    return datetime.now(UTC)


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
        #: How far re-checks are behind; "" where they are not.
        self._lag = ""
        self._polls: dict[str, asyncio.Task[None]] = {}
        #: What the clock said at the last tick.
        self._ticked_at = now()
        #: What keeps the daemon as a whole from its work; a mistake in the configuration that was to be reloaded.
        self._trouble = ""
        #: Sources whose last poll could not be stored. A full disk may have room for a small write and none for an
        #: article, so the trouble lasts until these polls succeed.
        self._stuck: set[str] = set()
        self._mistake = ""
        self._outbox = ""
        self._broken = ""
        self._told_to_reload = asyncio.Event()
        self._pulses = {
            # the tick waits for the writer, and while that moves, so does the tick
            "tick": _Pulse(lambda: self._ticks + self._writer.progress),
            "writer": _Pulse(lambda: self._writer.progress),
            "dispatcher": _Pulse(lambda: self._dispatcher.progress),
        }

    def stop(self) -> None:
        """Ends `run` in good order; a second call changes nothing."""
        self._stop.set()

    async def run(self) -> None:
        """Poll, judge, deliver and serve until stopped. Raises ChaoxunError where it cannot start or a part breaks."""
        self._notifier.extend(timedelta(minutes=5))
        self._listen()
        async with AsyncExitStack() as opened:
            await self._open(opened)
            self._notifier.ready(self._status())
            self._ready(self._page.address)
            await self._stop.wait()
            self._notifier.stopping()
        log.info("daemon stopped")
        if self._broken:
            raise DaemonError(self._broken)

    async def _open(self, opened: AsyncExitStack) -> None:
        """Starts every part. `opened` ends them the other way round: first no new polls, then the running ones, then
        delivery, then what they stand on."""
        settings = self._settings
        self._corpus = Corpus.open(settings.database, upgrade=True)
        opened.callback(self._corpus.close)
        self._lock = DaemonLock(self._corpus)
        self._lock.take()
        opened.callback(self._lock.release)
        self._writer = Writer(self._corpus)
        opened.push_async_callback(self._writer.close)
        self._page = Page(self._corpus, settings, now=now, trouble=self._ails, mistake=lambda: self._mistake)
        opened.push_async_callback(self._page.stop)
        await self._page.start()
        self._channels = open_channels(settings.channels, endpoints=self._endpoints)
        opened.callback(self._close_channels)
        await self._writer.run(self._begin, settings)
        await self._open_crawler(opened)
        desk = desk_of(settings, self._channels)
        self._dispatcher = Dispatcher(self._writer, self._channels, now=now, alone=True, operator=desk.operator)
        self._poller = Poller(
            corpus=self._corpus,
            writer=self._writer,
            hub=self._hub,
            pool=self._pool,
            desk=desk,
            policy=settings.policy,
            now=now,
            spoke=self._dispatcher.wake,
        )
        self._sending = asyncio.create_task(self._dispatcher.run(), name="dispatcher")
        self._sending.add_done_callback(self._part_ended)
        opened.push_async_callback(self._stop_sending)
        opened.push_async_callback(self._stop_polls)
        self._schedule = Schedule()
        self._schedule.every(TICK, self._tick, "tick")
        self._schedule.every(self._beat_every(), self._beat, "signs of life")
        self._schedule.every(self._beat_every(), self._renew_lock, "lock")
        self._schedule.every(self._beat_every(), self._look_at_outbox, "outbox")
        self._schedule.start()
        opened.push_async_callback(self._schedule.stop)
        opened.callback(self._writer.hurry)
        reloading = asyncio.create_task(self._reload_when_told(), name="reload")
        reloading.add_done_callback(self._part_ended)
        opened.push_async_callback(_ended, reloading)
        _log_start(settings, self._page.address)

    async def _open_crawler(self, opened: AsyncExitStack) -> None:
        self._pool = Pool()
        opened.push_async_callback(self._pool.close)
        self._hub = Hub(self._settings.policy)
        opened.push_async_callback(self._stop_hub)
        await asyncio.gather(self._pool.start(), self._hub.start())  # the worker's imports take as long as the hub's

    async def _stop_polls(self) -> None:
        await asyncio.gather(*(_ended(poll) for poll in list(self._polls.values())))

    async def _stop_sending(self) -> None:
        await self._dispatcher.stop()
        await asyncio.gather(self._sending, return_exceptions=True)

    async def _stop_hub(self) -> None:
        await self._hub.stop()

    def _close_channels(self) -> None:
        for channel in self._channels.values():
            channel.close()

    def _begin(self, settings: Settings) -> None:
        at = now()
        with self._corpus.begin() as tx:
            register_sources(tx, settings.sources, now=at)
            put_right(tx, at)  # the last run may have had another one
            spread_overdue(tx, settings.sources, policy=settings.policy, now=at)

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
            if self._trouble and not self._stuck:
                await self._writer.run(prove_room, self._corpus)  # only a write shows that it is over
                self._complain("")
            await self._look_at_clock()
            jobs = await self._writer.run(self._claim_due, room)
        except ChaoxunError as error:
            self._complain(str(error))
            return
        for job in jobs:
            self._polls[job.source.slug] = asyncio.create_task(self._poll(job), name=f"poll {job.source.slug}")

    async def _look_at_clock(self) -> None:
        """What is due in the future of a clock that has just been set back would not be looked at for as long."""
        at = now()
        if self._ticked_at - at > TOLERANCE:
            log.warning("clock was set back", by=str(self._ticked_at - at))
            await self._writer.transaction(put_right, at)
        self._ticked_at = at

    def _claim_due(self, room: int) -> list[PollJob]:
        sources: tuple[Source, ...] = tuple(
            s for s in self._settings.sources if not s.disabled and s.slug not in self._polls
        )
        policy = self._settings.policy
        with self._corpus.read() as connection:  # most ticks find nothing, and need no writer
            if self._ticks % 60 == 1:
                self._look_back(lag(backlog(connection, now()), now()))
            jobs = due_jobs(connection, sources, now=now(), limit=room, policy=policy)
        if jobs:
            with self._corpus.begin() as tx:
                for job in jobs:
                    claim(tx, job, now=now(), policy=policy)
        return jobs

    def _look_back(self, behind: str) -> None:
        before, self._lag = self._lag, behind
        if behind and not before:
            log.warning("rechecks are behind, their hosts have no time for more", why=behind)

    async def _poll(self, job: PollJob) -> None:
        try:
            log_poll(await self._poller.run(job))
        except ChaoxunError as error:
            self._stuck.add(job.source.slug)
            self._complain(str(error))
        else:
            self._stuck.discard(job.source.slug)
        finally:
            del self._polls[job.source.slug]

    def _complain(self, trouble: str) -> None:
        """Says a trouble of the whole daemon once when it comes and once when it goes: log, page and STATUS.

        Page and STATUS follow its words. One disk may fail in two ways by turns, so the log does not.
        """
        if trouble == self._trouble:
            return
        before, self._trouble = self._trouble, trouble
        if not trouble:
            log.info("daemon works again")
        elif not before:
            log.error("daemon in trouble", why=trouble)
        self._notifier.status(self._status())

    # -- life signs

    def _beat_every(self) -> timedelta:
        limit = self._notifier.watchdog_limit
        return SAY_EVERY if limit is None else min(limit / 4, SAY_EVERY)

    async def _beat(self) -> None:
        """Says how we are, and feeds the watchdog, but only while tick, writer and dispatcher all move: a bare timer
        would hide a hang. To wait for a database that is locked, or a channel that is slow, is not to hang."""
        limit = self._notifier.watchdog_limit
        if limit is not None:
            clock = asyncio.get_running_loop().time()
            patience = limit.total_seconds() * PATIENCE
            stuck = [name for name, pulse in self._pulses.items() if pulse.age(clock) > patience]
            if stuck:
                log.error("part hangs, watchdog not fed", part=", ".join(stuck))
            else:
                self._notifier.alive()
        self._notifier.status(self._status())

    async def _look_at_outbox(self) -> None:
        """For STATUS: what waits, for how long, and what is dead."""

        def look() -> list[undelivered.Backlog]:
            with self._corpus.read() as connection:
                return undelivered.backlog(connection, now())

        try:
            self._outbox = undelivered.in_words(await self._writer.run(look), now())
        except ChaoxunError as error:
            self._complain(str(error))

    async def _renew_lock(self) -> None:
        try:
            await self._writer.run(self._lock.renew)
        except AnotherDaemonError as error:
            self._broken = str(error)
            self._stop.set()
        except ChaoxunError as error:
            self._complain(str(error))

    def _part_ended(self, task: asyncio.Task[None]) -> None:
        """These parts end only when we stop them; if one dies, so do we, and systemd starts us again."""
        if not self._stop.is_set() and not task.cancelled():
            self._broken = f"the {task.get_name()} has ended by a fault of chaoxun; the log says where"
            log.error("part ended", part=task.get_name(), exc_info=task.exception())
            self._stop.set()

    def _ails(self) -> str:
        """What the daemon as a whole suffers from now; "" where nothing."""
        return self._trouble or self._writer.trouble

    def _status(self) -> str:
        active = sum(1 for s in self._settings.sources if not s.disabled)
        work = f"{active} sources, {len(self._settings.watches)} watches, {len(self._polls)} polls now"
        work = f"{work}; outbox: {self._outbox}" if self._outbox else work
        work = f"{work}; {self._lag}" if self._lag else work
        return "; ".join(part for part in (self._ails(), self._mistake) if part) or work

    # -- signals

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.stop)
        loop.add_signal_handler(signal.SIGINT, self.stop)
        loop.add_signal_handler(signal.SIGHUP, self._told_to_reload.set)

    async def _reload_when_told(self) -> None:
        while True:
            await self._told_to_reload.wait()
            self._told_to_reload.clear()  # a signal that comes from now on asks for one more
            self._notifier.reloading()
            try:
                await self._reload()
            except ChaoxunError as error:
                log.error("configuration not reloaded, the old one stays", why=str(error))
                self._mistake = f"configuration not reloaded: {str(error).splitlines()[0]}"
            else:
                self._mistake = ""
            self._notifier.ready(self._status())

    async def _reload(self) -> None:
        """The new configuration as a whole; ChaoxunError where it has a mistake, and then the old one goes on."""
        settings = self._reread()
        channels = open_channels(settings.channels, endpoints=self._endpoints)
        desk = desk_of(settings, channels)
        await self._writer.run(self._register, settings)
        for what in ("database", "bind"):
            if getattr(settings, what) != getattr(self._settings, what):
                log.warning("a change that needs a restart", key=what)
        if settings.policy != self._settings.policy:
            old, self._hub = self._hub, Hub(settings.policy)
            await self._hub.start()
            self._poller.hub = self._hub
            await old.stop()
        for name, command in offers(self._settings.watches, settings.watches).items():
            log.info("watch is new, nothing stored is told; see what it would have found", watch=name, run=command)
        self._settings = settings
        self._stuck &= {source.slug for source in settings.sources if not source.disabled}
        self._poller.desk, self._poller.policy = desk, settings.policy
        old_channels, self._channels = self._channels, channels
        self._dispatcher.use(channels, desk.operator)
        for channel in old_channels.values():
            channel.close()
        log.info("configuration reloaded", sources=len(settings.sources), watches=len(settings.watches))


def _log_start(settings: Settings, page: str) -> None:
    active = sum(1 for source in settings.sources if not source.disabled)
    log.info("daemon started", sources=active, watches=len(settings.watches), page=page)
    for source in settings.sources:
        if source.disabled:
            log.info("source is disabled", source=source.slug, why=source.disabled)


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
