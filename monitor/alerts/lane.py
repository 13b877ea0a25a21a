"""One channel's own queue, so that a slow channel delays no other: claim, send, mark, at the channel's own pace."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, assert_never

import structlog

from crawler.records import ChaoxunError
from monitor.alerts.channels import Channel
from monitor.alerts.digests import digest
from monitor.alerts.escalation import Operator, bury
from monitor.alerts.pace import Pace, quiet_until
from monitor.alerts.parts import name_of
from monitor.alerts.retry import RetryPlan, next_attempt
from monitor.corpus import Connection, claiming, outbox
from monitor.corpus.claiming import Claimed
from monitor.model import Delivery, Message, OnUnknown, Rejected, Retryable, SendResult, Sent, Unknown

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

#: A send that takes longer counts as unknown. Above every time-out of the channels themselves.
SEND_LIMIT = timedelta(seconds=75)
#: Longer than any send, so that a row in flight is not taken for one that a dead process left.
LEASE = timedelta(seconds=120)
#: How long a channel sleeps at most without looking: another process (`crawl --alert`, `alert retry`) wakes nobody.
LOOK_EVERY = 10.0
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
class Means:
    """What every lane works with. clock: monotonic seconds. jitter: 0 to 1. sleep: waits for the rate in a drain."""

    writer: Transactions
    now: Callable[[], datetime]
    clock: Callable[[], float]
    jitter: Callable[[], float]
    plan: RetryPlan
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A message was settled; there may be more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """Nothing can be done before `seconds` have passed, or something new comes."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Paced:
    """Something is due, and the channel's rate allows it in `seconds`."""

    seconds: float


Step = Delivered | Idle | Paced


class Lane:
    """Takes what is due for one channel to it, message by message."""

    def __init__(self, channel: Channel, means: Means, pace: Pace, operator: Operator) -> None:
        """pace: of the destination, which several channels may share. operator: who hears of a dead delivery."""
        self._means = means
        self._woken = asyncio.Event()
        self._stopping = False
        self._in_flight: asyncio.Timeout | None = None
        self._step_began = float("inf")
        self.use(channel, pace, operator)

    def use(self, channel: Channel, pace: Pace, operator: Operator) -> None:
        """From the next message on."""
        self._channel, self._pace, self._operator = channel, pace, operator

    def wake(self) -> None:
        self._woken.set()

    def stop(self) -> None:
        """A message in flight has STOP_LIMIT left."""
        self._stopping = True
        self._woken.set()
        if self._in_flight is not None:
            loop = asyncio.get_running_loop()
            self._in_flight.reschedule(loop.time() + STOP_LIMIT.total_seconds())

    def moves(self) -> bool:
        """False while one step takes longer than any step may."""
        return self._means.clock() - self._step_began < STEP_LIMIT

    async def run(self) -> None:
        """Deliver until stopped."""
        while not self._stopping:
            self._woken.clear()  # before looking, so that what is committed while we look wakes us
            step = await self._guarded_step()
            match step:
                case Delivered():
                    continue
                case Idle(seconds=seconds) | Paced(seconds=seconds):
                    if not self._stopping:
                        await first_of(self._woken.wait(), seconds)
                case _:
                    assert_never(step)

    async def drain(self) -> None:
        """Deliver what is due now, at the channel's rate."""
        while not self._stopping:
            step = await self._guarded_step()
            if isinstance(step, Idle):
                return
            if isinstance(step, Paced):
                await self._means.sleep(step.seconds)

    async def _guarded_step(self) -> Step:
        self._step_began = self._means.clock()
        try:
            return await self._step()
        except ChaoxunError as error:  # the database: locked, full, gone; nothing was claimed
            log.warning("outbox not reached", channel=self._channel.name, why=str(error))
            return Idle(seconds=TROUBLE_REST)
        finally:
            self._step_began = float("inf")

    async def _step(self) -> Step:
        """Settle the next message, or say why not."""
        channel, now = self._channel, self._means.now()
        if not self._pace.knows(channel.name):
            spoken = await self._means.writer.transaction(claiming.spoken, channel.name, now)
            self._pace.remember(channel.name, self._means.clock(), [now - moment for moment in spoken])
        clock = self._means.clock()
        rest = self._pace.rest(clock)
        if rest > 0:
            return Idle(seconds=min(rest, LOOK_EVERY))
        quiet = quiet_until(channel.options.quiet, now)
        if quiet is not None:
            await self._means.writer.transaction(outbox.postpone, channel.name, now, quiet)
        paced = self._pace.wait(clock)
        if paced > 0:
            due = await self._means.writer.transaction(outbox.next_due, channel.name)
            return Paced(seconds=paced) if due is not None and due <= now else Idle(seconds=min(paced, LOOK_EVERY))
        self._pace.take()  # before the claim, since another channel may speak to the same destination
        claimed = await self._claim(channel, now, critical=quiet is not None)
        if claimed is None:
            due = await self._means.writer.transaction(outbox.next_due, channel.name)
            if due is not None and due <= now:  # it waits for the end of the quiet hours, or has just come
                return Idle(seconds=LOOK_EVERY if quiet else 0.01)
            seconds = LOOK_EVERY if due is None else (due - self._means.now()).total_seconds()
            return Idle(seconds=min(max(seconds, 0.01), LOOK_EVERY))
        try:
            await self._deliver(channel, claimed)
        finally:
            self._pace.spoke(self._means.clock())
        return Delivered()

    async def _claim(self, channel: Channel, now: datetime, *, critical: bool) -> Claimed | None:
        claimed = None
        try:
            claimed = await self._means.writer.transaction(
                claiming.take,
                now,
                LEASE,
                channel=channel.name,
                on_unknown=channel.options.on_unknown,
                storm=channel.options.storm,
                critical=critical,
                paced=channel.options.rate_per_minute is not None,
            )
        finally:
            if claimed is None:
                self._pace.give_back()
        return claimed

    async def _deliver(self, channel: Channel, claimed: Claimed) -> None:
        """Say the message, or of a long one the first part that is still to be said; the next is the next step's."""
        deliveries, first = claimed.deliveries, claimed.deliveries[0]
        left: list[Message] = []
        try:
            message = digest(
                [delivery.alert for delivery in deliveries],
                channel.name,
                first.recipient,
                mentions=claimed.mentions,
                due=first.digest_at,
                begun=first.begun_at,
            )
            left = [part for part in channel.parts(message) if name_of(part) not in first.taken]
            result = await self._send(channel, left[0], first.recipient) if left else Sent()
        except Exception as error:  # noqa: BLE001  # boundary: one delivery
            # The text of the error may hold the channel's URL with its secrets; where it happened does not.
            where, kind = "".join(traceback.format_tb(error.__traceback__)), type(error).__name__
            log.error("delivery failed", channel=channel.name, alert=first.alert.id, error=kind, at=where)
            result = Retryable(why=f"a fault in chaoxun or in the channel's library ({kind}); see the log")
        if isinstance(result, Sent) and len(left) > 1:
            self._pace.worked()
            await self._settle(outbox.mark_part, deliveries, name_of(left[0]), self._means.now())
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
        first, now = deliveries[0], self._means.now()
        event = log.bind(
            channel=channel.name,
            recipient=first.recipient,
            alerts=[d.alert.id for d in deliveries[: claiming.DIGEST_SIZE]],
            attempt=first.attempts,
        )
        match result:
            case Sent():
                self._pace.worked()
                await self._settle(outbox.mark_sent, deliveries, now)
                event.info("alert sent")
            case Rejected(why=why):
                self._pace.worked()
                await self._settle(bury, deliveries, why, self._operator, now)
                event.error("alert refused", why=why, remedy="mend the channel, then: chaoxun alert retry --dead")
            case Unknown(why=why) if channel.options.on_unknown is OnUnknown.HOLD:
                self._pace.failed(self._means.clock(), None)
                await self._settle(outbox.mark_held, deliveries, why)
                event.error("alert held", why=why, remedy="look whether it arrived, then: chaoxun alert retry ID")
            case Retryable() | Unknown():
                asked = result.retry_after if isinstance(result, Retryable) else None
                self._pace.failed(self._means.clock(), asked and min(asked, self._means.plan.asked_at_most))
                await self._try_again(event, deliveries, result)
            case _:
                assert_never(result)

    async def _try_again(self, event: Any, deliveries: Sequence[Delivery], failure: Retryable | Unknown) -> None:
        means, now = self._means, self._means.now()
        moment = next_attempt(deliveries[0].attempts, failure, now, jitter=means.jitter(), plan=means.plan)
        if moment is None:
            await self._settle(bury, deliveries, f"given up: {failure.why}", self._operator, now)
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
                await self._means.writer.transaction(mark, deliveries, *args, **kwargs)
                return
            except ChaoxunError as error:
                log.warning("result of a delivery not stored yet", channel=self._channel.name, why=str(error))
                if self._stopping:
                    return  # the lease ends, and the message is sent again with the same id
                self._step_began = self._means.clock()  # waiting for the database is not hanging
                await first_of(self._woken.wait(), TROUBLE_REST)
                self._woken.clear()


async def first_of(event: Awaitable[Any], seconds: float) -> None:
    """Wait for the event, or for so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event
    except TimeoutError:
        return
