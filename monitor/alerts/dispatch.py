"""Delivers what stands in the outbox: claim, send, mark, each its own transaction; every channel at its own pace.

At least once, never lost: a repeat happens only for the message in flight when the process died or no answer came.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

import structlog

from crawler.records import ChaoxunError
from monitor.alerts.channels import Channel
from monitor.alerts.escalation import Operator
from monitor.alerts.lane import STOP_LIMIT, Lane, Means, Transactions, first_of
from monitor.alerts.pace import Pace
from monitor.alerts.retry import RetryPlan
from monitor.corpus import outbox
from monitor.model import Destination

log = structlog.get_logger()

#: How often the dispatcher looks whether its channels move.
BEAT = 1.0


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
        operator: Sequence[Destination] = (),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """clock: monotonic seconds, for rates, and sleep that of a drain. jitter: 0 to 1. alone: no other process
        delivers from this outbox, so what is found in flight at the start was left by a dead one and need not wait for
        its lease to end. operator: who hears that a delivery is dead.
        """
        self._writer = writer
        self._now = now
        self._means = Means(writer=writer, now=now, clock=clock, jitter=jitter, plan=plan or RetryPlan(), sleep=sleep)
        self._alone = alone
        self._stopping = False
        self._changed = asyncio.Event()
        self._lanes: dict[str, Lane] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        #: Moves while every channel moves; a watchdog that sees it at rest knows that delivery hangs.
        self.progress = 0
        self._paces: dict[str, Pace] = {}
        self._fill(channels, operator)

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
                await first_of(self._changed.wait(), BEAT)
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

    def use(self, channels: Mapping[str, Channel], operator: Sequence[Destination] = ()) -> None:
        """From the next message on, these channels, and this operator.

        What waits for a channel that is gone becomes `dead`, and says so.
        """
        for name in self._lanes.keys() - channels.keys():
            self._lanes.pop(name).stop()
        self._fill(channels, operator)
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

    def _fill(self, channels: Mapping[str, Channel], operator: Sequence[Destination]) -> None:
        own = {each.channel for each in operator}
        others = (Destination(channel=c.name, recipient=r) for c in channels.values() for r in c.recipients)
        around = Operator(own=tuple(operator), others=tuple(each for each in others if each.channel not in own))
        rates: dict[str, float] = {}
        for name, channel in channels.items():
            robot, rate = channel.options.robot or name, channel.options.rate_per_minute
            if rate is not None:
                rates[robot] = min(rate, rates.get(robot, rate))
        for name, channel in channels.items():
            robot = channel.options.robot or name
            pace = self._paces.setdefault(robot, Pace(None))
            pace.keep(rates.get(robot))
            if name in self._lanes:
                self._lanes[name].use(channel, pace, around)
            else:
                self._lanes[name] = Lane(channel, self._means, pace, around)

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
