"""What tests of delivery share: a corpus with its writer, channels and a dispatcher, on clocks that the test moves."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.alerts.channels import Channel, open_channels
from monitor.alerts.dispatch import Dispatcher
from monitor.corpus import Corpus, outbox
from monitor.corpus.writer import Writer
from monitor.demo.receivers import HookReceiver, MailReceiver
from monitor.model import Alert, AlertKind, ChannelConfig, ChannelOptions, DeliveryState, Destination, Severity

START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 10:00 in Beijing


class Clock:
    """The wall clock and the monotonic one, both ours."""

    def __init__(self) -> None:
        self.moment = START
        self.seconds = 1000.0

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.seconds

    def pass_by(self, span: timedelta) -> None:
        self.moment += span
        self.seconds += span.total_seconds()


class Desk:
    """A corpus with its writer, its channels and a dispatcher, as the daemon has them."""

    def __init__(
        self,
        corpus: Corpus,
        channels: Mapping[str, Channel],
        *,
        alone: bool = False,
        monotonic: Callable[[], float] | None = None,
        transactions: Callable[[Writer], Any] = lambda writer: writer,
        operator: Sequence[Destination] = (),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Clock | None = None,
    ) -> None:
        self.corpus = corpus
        self.clock = clock or Clock()
        self.writer = Writer(corpus)
        self.channels = channels
        self.dispatcher = Dispatcher(
            transactions(self.writer),
            channels,
            now=self.clock.now,
            clock=monotonic or self.clock.monotonic,
            jitter=lambda: 0.0,
            alone=alone,
            operator=operator,
            sleep=sleep,
        )

    def put(self, *numbers: int, not_before: datetime | None = None, severity: Severity = Severity.INFO) -> None:
        """Commit alerts for every recipient of every channel."""
        destinations = [
            Destination(channel=channel.name, recipient=recipient)
            for channel in self.channels.values()
            for recipient in channel.recipients
        ]
        with self.corpus.begin() as tx:
            for number in numbers:
                outbox.enqueue(tx, alert(number, severity), destinations, self.clock.now(), not_before)

    def rows(self, state: DeliveryState | None = None) -> list[outbox.DeliveryRow]:
        with self.corpus.read() as connection:
            return outbox.list_deliveries(connection, state)

    def states(self) -> dict[str, int]:
        return dict(Counter(row.state.value for row in self.rows()))


def alert(number: int, severity: Severity = Severity.INFO) -> Alert:
    return Alert(
        id=f"a{number:011x}",
        kind=AlertKind.NEW,
        title=f"【新】产业大脑：第 {number} 条",
        text=f"标题：第 {number} 条\n#a{number:011x}",
        created_at=START,
        watch="产业大脑",
        url=f"https://news.example.org/{number}",
        severity=severity,
    )


def channels(endpoint: HookReceiver | None = None, /, **urls: str | tuple[str, ChannelOptions]) -> dict[str, Channel]:
    configs = {}
    for name, given in urls.items():
        url, options = given if isinstance(given, tuple) else (given, ChannelOptions())
        configs[name] = ChannelConfig(name=name, url=url, options=options, where="channels.yaml:1")
    return open_channels(configs, endpoints={"slack": endpoint.address} if endpoint else None)


def play(scene: Callable[[Desk], Awaitable[None]], desk: Desk) -> None:
    """One scene on a loop of its own; the writer's thread ends with it."""

    async def whole() -> None:
        try:
            await scene(desk)
        finally:
            await desk.writer.close()

    asyncio.run(whole())


def drain(desk: Desk, *waits: timedelta) -> None:
    """Deliver what is due, and again after each wait."""

    async def scene(desk: Desk) -> None:
        await desk.dispatcher.drain()
        for wait in waits:
            desk.clock.pass_by(wait)
            await desk.dispatcher.drain()

    play(scene, desk)


@asynccontextmanager
async def running(desk: Desk) -> AsyncIterator[None]:
    task = asyncio.create_task(desk.dispatcher.run())
    try:
        yield
    finally:
        await desk.dispatcher.stop()
        await task


async def arrived(receiver: MailReceiver | HookReceiver, count: int) -> None:
    ledger: Any = receiver.accepted if isinstance(receiver, MailReceiver) else receiver.posted
    await asyncio.to_thread(ledger.wait_for, count, patience=30.0)
