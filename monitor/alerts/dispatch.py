"""Delivers what stands in the outbox: claim, send, mark, each its own transaction; every channel at its own pace.

At least once, never lost: a repeat happens only for the message in flight when the process died or no answer came.
"""

import asyncio
import random
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, assert_never

import structlog

from crawler.records import ChaoxunError
from monitor.alerts.channels import Channel
from monitor.alerts.compose import digest
from monitor.alerts.pace import Pace, quiet_until
from monitor.alerts.parts import name_of
from monitor.alerts.retry import RetryPlan, next_attempt
from monitor.corpus import Connection, outbox
from monitor.model import (
    Delivery,
    Message,
    OnUnknown,
    Rejected,
    Retryable,
    SendResult,
    Sent,
    Severity,
    Unknown,
)

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

#: A send that takes longer counts as unknown. Above every time-out of the channels themselves.
SEND_LIMIT = timedelta(seconds=75)
#: Longer than any send, so that a row in flight is not taken for one that a dead process left.
LEASE = timedelta(seconds=120)
#: How long a channel sleeps at most without looking: another process (`crawl --alert`, `alert retry`) wakes nobody.
LOOK_EVERY = 10.0
#: How often the dispatcher looks whether its channels move.
BEAT = 1.0
#: What a channel waits when the database does not answer.
TROUBLE_REST = 5.0
#: What is left to a message in flight when the dispatcher is stopped.
STOP_LIMIT = timedelta(seconds=4)
#: No step of a channel (claim, send, mark) takes longer unless something hangs.
STEP_LIMIT = SEND_LIMIT.total_seconds() + 30


class Transactions(Protocol):
    """The writer thread: runs a function in one transaction of its own."""

    def transaction(
        self, function: Callable[Concatenate[Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Awaitable[T]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Delivered:
    """A message was settled; there may be more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Idle:
    """Nothing can be done before `seconds` have passed, or something new comes."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paced:
    """Something is due, and the channel's rate allows it in `seconds`."""

    seconds: float


_Step = _Delivered | _Idle | _Paced


class Dispatcher:
    """Takes what is due from the outbox to the channels, until stopped."""

    def __init__(
        self,
        writer: Transactions,
        channels: Mapping[str, Channel],
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        plan: RetryPlan | None = None,
        alone: bool = False,
    ) -> None:
        """clock: monotonic seconds, for rates. jitter: 0 to 1. alone: no other process delivers from this outbox, so
        what is found in flight at the start was left by a dead one and need not wait for its lease to end.
        """
        self._writer = writer
        self._now = now
        self._clock = clock
        self._jitter = jitter
        self._plan = plan or RetryPlan()
        self._alone = alone
        self._stopping = False
        self._changed = asyncio.Event()
        self._lanes: dict[str, _Lane] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        #: Moves while every channel moves; a watchdog that sees it at rest knows that delivery hangs.
        self.progress = 0
        self._fill(channels)

    async def run(self) -> None:
        """Deliver until stopped. Raises nothing for what a channel or the database does."""
        await self._recover()
        try:
            while not self._stopping:
                for name, lane in self._lanes.items():
                    if name not in self._tasks:
                        self._tasks[name] = asyncio.create_task(lane.run(), name=f"channel {name}")
                if all(lane.moves() for lane in self._lanes.values()):
                    self.progress += 1
                for name, task in list(self._tasks.items()):
                    if task.done():
                        del self._tasks[name]
                        task.result()  # a lane ends by itself only through a fault of ours: the daemon must end too
                self._changed.clear()
                await _first(self._changed.wait(), BEAT)
            await asyncio.gather(*self._tasks.values())
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            self._tasks.clear()

    async def drain(self) -> None:
        """Deliver everything that is due now, then return. What fails waits in the outbox for its next try.

        A channel's rate is kept (this takes as long as it says); its quiet hours and rests are not waited for.
        """
        await asyncio.gather(*(lane.drain() for lane in self._lanes.values()))

    def wake(self) -> None:
        """Something was put into the outbox: look now. Safe to call often; from the loop's thread only."""
        for lane in self._lanes.values():
            lane.wake()

    def use(self, channels: Mapping[str, Channel]) -> None:
        """From the next message on, these channels. What waits for one that is gone becomes `dead`, and says so."""
        for name in self._lanes.keys() - channels.keys():
            self._lanes.pop(name).stop()
        self._fill(channels)
        self._bury = asyncio.ensure_future(self._bury_orphans())
        self._changed.set()
        self.wake()

    async def stop(self) -> None:
        """End `run` within 5 seconds. A message in flight is waited for; past that it counts as unknown."""
        self._stopping = True
        for lane in self._lanes.values():
            lane.stop()
        self._changed.set()
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=STOP_LIMIT.total_seconds() + 1)

    def _fill(self, channels: Mapping[str, Channel]) -> None:
        for name, channel in channels.items():
            if name in self._lanes:
                self._lanes[name].use(channel)
            else:
                self._lanes[name] = _Lane(
                    self._writer, channel, now=self._now, clock=self._clock, jitter=self._jitter, plan=self._plan
                )

    async def _recover(self) -> None:
        if self._alone:
            try:
                left = await self._writer.transaction(outbox.release_leases, self._now())
            except ChaoxunError as error:
                log.warning("messages left in flight wait for their lease", why=str(error))
            else:
                if left:
                    log.warning("messages were in flight when the last run ended", deliveries=left)
        await self._bury_orphans()

    async def _bury_orphans(self) -> None:
        try:
            gone = await self._writer.transaction(outbox.bury_orphans, frozenset(self._lanes))
        except ChaoxunError as error:
            log.warning("deliveries of removed channels not marked", why=str(error))
            return
        if gone:
            log.error("deliveries wait for channels that are gone", deliveries=gone, remedy="alert list --state dead")


class _Lane:
    """One channel's own queue, so that a slow channel delays no other."""

    def __init__(
        self,
        writer: Transactions,
        channel: Channel,
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        jitter: Callable[[], float],
        plan: RetryPlan,
    ) -> None:
        self._writer = writer
        self._channel = channel
        self._now = now
        self._clock = clock
        self._jitter = jitter
        self._plan = plan
        self._pace = Pace(channel.options.rate_per_minute)
        self._woken = asyncio.Event()
        self._stopping = False
        self._in_flight: asyncio.Timeout | None = None
        self._step_began = float("inf")

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        self._stopping = True
        self._woken.set()
        if self._in_flight is not None:
            loop = asyncio.get_running_loop()
            self._in_flight.reschedule(loop.time() + STOP_LIMIT.total_seconds())

    def use(self, channel: Channel) -> None:
        if channel.options.rate_per_minute != self._channel.options.rate_per_minute:
            self._pace = Pace(channel.options.rate_per_minute)
        self._channel = channel

    def moves(self) -> bool:
        """False while one step takes longer than any step may."""
        return self._clock() - self._step_began < STEP_LIMIT

    async def run(self) -> None:
        while not self._stopping:
            self._woken.clear()  # before looking, so that what is committed while we look wakes us
            step = await self._guarded_step()
            match step:
                case _Delivered():
                    continue
                case _Idle(seconds=seconds) | _Paced(seconds=seconds):
                    if not self._stopping:
                        await _first(self._woken.wait(), seconds)
                case _:
                    assert_never(step)

    async def drain(self) -> None:
        while not self._stopping:
            step = await self._guarded_step()
            if isinstance(step, _Idle):
                return
            if isinstance(step, _Paced):
                await asyncio.sleep(step.seconds)

    async def _guarded_step(self) -> _Step:
        self._step_began = self._clock()
        try:
            return await self._step()
        except ChaoxunError as error:  # the database: locked, full, gone; nothing was claimed
            log.warning("outbox not reached", channel=self._channel.name, why=str(error))
            return _Idle(seconds=TROUBLE_REST)
        finally:
            self._step_began = float("inf")

    async def _step(self) -> _Step:
        """Settle the next message, or say why not."""
        clock = self._clock()
        rest = self._pace.rest(clock)
        if rest > 0:
            return _Idle(seconds=min(rest, LOOK_EVERY))
        paced = self._pace.wait(clock)
        channel, now = self._channel, self._now()
        if paced > 0:
            due = await self._writer.transaction(outbox.next_due, channel.name)
            return _Paced(seconds=paced) if due is not None and due <= now else _Idle(seconds=min(paced, LOOK_EVERY))
        deliveries = await self._writer.transaction(
            outbox.claim,
            now,
            LEASE,
            channel=channel.name,
            on_unknown=channel.options.on_unknown,
            storm=channel.options.storm,
        )
        if not deliveries:
            due = await self._writer.transaction(outbox.next_due, channel.name)
            seconds = LOOK_EVERY if due is None else (due - self._now()).total_seconds()
            return _Idle(seconds=min(max(seconds, 0.01), LOOK_EVERY))
        quiet = quiet_until(channel.options.quiet, now)
        waits = all(delivery.alert.severity is not Severity.CRITICAL for delivery in deliveries)
        if quiet is not None and waits and not deliveries[0].taken:  # what was begun is said to its end
            await self._settle(outbox.postpone, deliveries, quiet)
            return _Delivered()
        await self._deliver(channel, deliveries)
        return _Delivered()

    async def _deliver(self, channel: Channel, deliveries: Sequence[Delivery]) -> None:
        """Say the message, or of a long one the first part that is still to be said; the next is the next step's."""
        first = deliveries[0]
        left: list[Message] = []
        self._pace.tried(self._clock())
        try:
            message = digest([delivery.alert for delivery in deliveries], channel.name, first.recipient)
            left = [part for part in channel.parts(message) if name_of(part) not in first.taken]
            result = await self._send(channel, left[0], first.recipient) if left else Sent()
        except Exception as error:  # noqa: BLE001  # boundary: one delivery
            # The text of the error may hold the channel's URL with its secrets; where it happened does not.
            where, kind = "".join(traceback.format_tb(error.__traceback__)), type(error).__name__
            log.error("delivery failed", channel=channel.name, alert=first.alert.id, error=kind, at=where)
            result = Retryable(why=f"a fault in chaoxun or in the channel's library ({kind}); see the log")
        if isinstance(result, Sent) and len(left) > 1:
            self._pace.worked()
            await self._settle(outbox.mark_part, deliveries, name_of(left[0]), self._now())
            return
        await self._mark(channel, deliveries, result)

    async def _send(self, channel: Channel, message: Message, recipient: str) -> SendResult:
        limit = STOP_LIMIT if self._stopping else SEND_LIMIT
        try:
            async with asyncio.timeout(limit.total_seconds()) as self._in_flight:
                return await channel.send(message, recipient)
        except TimeoutError:
            return Unknown(why="no answer in time; it may have arrived")
        finally:
            self._in_flight = None

    async def _mark(self, channel: Channel, deliveries: Sequence[Delivery], result: SendResult) -> None:
        first, now = deliveries[0], self._now()
        event = log.bind(
            channel=channel.name,
            recipient=first.recipient,
            alerts=[d.alert.id for d in deliveries],
            attempt=first.attempts,
        )
        match result:
            case Sent():
                self._pace.worked()
                await self._settle(outbox.mark_sent, deliveries, now)
                event.info("alert sent")
            case Rejected(why=why):
                self._pace.worked()
                await self._settle(outbox.mark_dead, deliveries, why)
                event.error("alert refused", why=why, remedy="mend the channel, then: chaoxun alert retry --dead")
            case Unknown(why=why) if channel.options.on_unknown is OnUnknown.HOLD:
                self._pace.failed(self._clock(), None)
                await self._settle(outbox.mark_held, deliveries, why)
                event.error("alert held", why=why, remedy="look whether it arrived, then: chaoxun alert retry ID")
            case Retryable() | Unknown():
                self._pace.failed(self._clock(), result.retry_after if isinstance(result, Retryable) else None)
                await self._try_again(event, deliveries, result)
            case _:
                assert_never(result)

    async def _try_again(self, event: Any, deliveries: Sequence[Delivery], failure: Retryable | Unknown) -> None:
        moment = next_attempt(deliveries[0].attempts, failure, self._now(), jitter=self._jitter(), plan=self._plan)
        if moment is None:
            await self._settle(outbox.mark_dead, deliveries, f"given up: {failure.why}")
            event.error("alert given up", why=failure.why, remedy="mend the channel, then: chaoxun alert retry --dead")
            return
        await self._settle(outbox.mark_retry, deliveries, moment, failure.why)
        event.warning("alert not sent, tried again", why=failure.why, next_try_at=moment.isoformat())

    async def _settle(
        self,
        mark: Callable[Concatenate[Connection, Sequence[Delivery], P], None],
        deliveries: Sequence[Delivery],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Write down what became of a message; waits out a database in trouble, else the message would be repeated."""
        while True:
            try:
                await self._writer.transaction(mark, deliveries, *args, **kwargs)
                return
            except ChaoxunError as error:
                log.warning("result of a delivery not stored yet", channel=self._channel.name, why=str(error))
                if self._stopping:
                    return  # the lease ends, and the message is sent again with the same id
                self._step_began = self._clock()  # waiting for the database is not hanging
                await _first(self._woken.wait(), TROUBLE_REST)
                self._woken.clear()


async def _first(event: Awaitable[Any], seconds: float) -> None:
    """Wait for the event, or for so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event
    except TimeoutError:
        return
