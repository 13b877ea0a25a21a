"""The dispatcher on a real corpus and real receivers: at least once, no needless repeat, each channel for itself."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pytest
import structlog
from structlog.testing import capture_logs

from monitor.alerts.channels import Channel, open_channels
from monitor.alerts.compose import message
from monitor.alerts.dispatch import Dispatcher
from monitor.alerts.lane import LEASE
from monitor.corpus import Corpus, CorpusError, CorpusTrouble, claiming, outbox
from monitor.corpus.writer import Writer
from monitor.demo.receivers import HookReceiver, MailReceiver, Mishap, Reply
from monitor.model import (
    Alert,
    AlertKind,
    ChannelConfig,
    ChannelOptions,
    DeliveryState,
    Destination,
    Message,
    OnUnknown,
    Quiet,
    Rejected,
    SendResult,
    Severity,
)

SLACK = "slack://T0CANARYA/B0CANARYB/canarycanarycanarycanary"
START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 10:00 in Beijing

pytestmark = pytest.mark.usefixtures("plain_logs")


@pytest.fixture
def plain_logs() -> Iterator[None]:
    yield
    structlog.reset_defaults()


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    opened = Corpus.open(f"sqlite:///{tmp_path}/corpus.db")
    yield opened
    opened.close()


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


def test_a_committed_alert_is_delivered_at_once_to_every_channel(
    corpus: Corpus, mail: MailReceiver, hook: HookReceiver
) -> None:
    desk = Desk(corpus, channels(hook, mail=mail.url("a@example.org", "b@example.org"), slack=SLACK, hook=hook.url()))

    async def scene(desk: Desk) -> None:
        async with running(desk):
            desk.put(1)
            desk.dispatcher.wake()
            await arrived(mail, 2)
            await arrived(hook, 2)

    play(scene, desk)
    assert desk.states() == {"sent": 4}
    assert {got.recipient for got in mail.accepted.all()} == {"a@example.org", "b@example.org"}
    assert all(got.alert_ids == (alert(1).id,) for got in mail.accepted.all())
    assert all(row.sent_at == START and row.attempts == 1 for row in desk.rows())


def test_nothing_is_doubled_and_nothing_lost_in_normal_running(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url()))

    async def scene(desk: Desk) -> None:
        async with running(desk):
            for number in range(1, 41):
                desk.put(number)
                desk.dispatcher.wake()
            await arrived(mail, 40)

    play(scene, desk)
    assert sorted(got.alert_ids for got in mail.accepted.all()) == [(alert(n).id,) for n in range(1, 41)]
    assert desk.states() == {"sent": 40}


def test_a_crash_between_send_and_mark_repeats_that_message_with_the_same_id(
    corpus: Corpus, mail: MailReceiver
) -> None:
    opened = channels(mail=mail.url())
    desk = Desk(corpus, opened, alone=True)
    desk.put(1, 2)
    with corpus.begin() as tx:
        [claimed] = claiming.claim(tx, START, LEASE)
    sending = opened["mail"].send(message(claimed.alert, "mail", claimed.recipient), claimed.recipient)
    asyncio.run(asyncio.wait_for(sending, 10))  # and here the process dies, unmarked

    async def scene(desk: Desk) -> None:
        async with running(desk):
            await arrived(mail, 3)

    play(scene, desk)
    counted = Counter(got.message_id for got in mail.accepted.all())
    assert counted == {
        message(alert(1), "mail", "desk@example.org").message_id: 2,
        message(alert(2), "mail", "desk@example.org").message_id: 1,
    }
    assert desk.states() == {"sent": 2}


def test_a_slow_channel_delays_no_other(corpus: Corpus, mail: MailReceiver, hook: HookReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url(), hook=hook.url()))
    hook.script(Mishap.HOLD)

    async def scene(desk: Desk) -> None:
        async with running(desk):
            desk.put(*range(1, 11))
            desk.dispatcher.wake()
            await arrived(mail, 10)
            assert len(hook.posted.all()) == 1
            hook.release()
            await arrived(hook, 10)

    play(scene, desk)
    assert desk.states() == {"sent": 20}


def test_what_the_server_refuses_for_now_is_tried_again_with_the_same_id(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url()))
    mail.script("451 try later", "451 still busy")
    desk.put(1)
    drain(desk, timedelta(seconds=29), timedelta(seconds=1), timedelta(seconds=60))
    [row] = desk.rows()
    assert (row.state, row.attempts, row.error) == (DeliveryState.SENT, 3, None)
    assert [got.message_id for got in mail.accepted.all()] == [message(alert(1), "mail", "desk@example.org").message_id]


def test_one_refused_recipient_costs_the_others_nothing(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url("gone@example.org", "desk@example.org")))
    mail.refuse("gone@example.org", "550 no such user")
    desk.put(1)
    drain(desk, timedelta(days=4))
    assert desk.states() == {"dead": 1, "sent": 1}
    [dead] = desk.rows(DeliveryState.DEAD)
    assert (dead.recipient, dead.error) == ("gone@example.org", "refused: 550 no such user")
    assert [got.recipient for got in mail.accepted.all()] == ["desk@example.org"]


def test_a_person_who_has_mended_a_channel_can_send_again(corpus: Corpus, mail: MailReceiver) -> None:
    mail.refuse("desk@example.org", "550 no such user")
    desk = Desk(corpus, channels(mail=mail.url()))
    desk.put(1)

    async def scene(desk: Desk) -> None:
        await desk.dispatcher.drain()
        mail.refuse("desk@example.org", "")
        with corpus.begin() as tx:
            assert outbox.retry_dead(tx, desk.clock.now()) == 1
        await desk.dispatcher.drain()

    play(scene, desk)
    assert desk.states() == {"sent": 1}
    assert len(mail.accepted.all()) == 1


def test_a_receiver_that_is_down_for_days_gets_all_when_it_is_back_or_a_person_is_told(corpus: Corpus) -> None:
    with MailReceiver() as receiver:
        url = receiver.url()
    desk = Desk(corpus, channels(mail=url))
    desk.put(1)
    drain(desk, *[timedelta(hours=6)] * 25)
    [row] = desk.rows()
    assert row.state is DeliveryState.DEAD
    assert (row.error or "").startswith("given up: no connection to the mail server")


def test_a_receiver_that_asks_for_a_pause_gets_it_and_others_do_not(
    corpus: Corpus, mail: MailReceiver, hook: HookReceiver
) -> None:
    desk = Desk(corpus, channels(mail=mail.url(), hook=hook.url()))
    hook.script(Reply(status=429, body="slow down", headers={"Retry-After": "300"}))
    desk.put(1, 2, 3)
    drain(desk, timedelta(seconds=299))
    assert len(hook.posted.all()) == 1
    assert len(mail.accepted.all()) == 3
    [told] = desk.rows(DeliveryState.RETRYING)
    assert told.next_try_at == START + timedelta(seconds=300)

    again = Desk(corpus, channels(hook=hook.url()))
    again.clock.pass_by(timedelta(seconds=300))
    drain(again)
    assert [posted.status for posted in hook.posted.all()] == [429, 200, 200, 200]
    assert again.states() == {"sent": 6}


def test_a_missing_answer_is_a_repeat_with_the_same_id(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url()))
    mail.script(Mishap.DROP_AFTER_DATA)
    desk.put(1)
    drain(desk, timedelta(minutes=1))
    assert [got.answered for got in mail.accepted.all()] == [False, True]
    assert len({got.message_id for got in mail.accepted.all()}) == 1
    assert desk.states() == {"sent": 1}


def test_a_channel_that_wants_no_repeat_holds_what_may_have_arrived(corpus: Corpus, mail: MailReceiver) -> None:
    options = ChannelOptions(on_unknown=OnUnknown.HOLD)
    desk = Desk(corpus, channels(mail=(mail.url(), options)))
    mail.script(Mishap.DROP_AFTER_DATA)
    desk.put(1, 2)
    drain(desk, timedelta(days=2))
    assert desk.states() == {"held": 1, "sent": 1}
    assert len(mail.accepted.all()) == 2


def test_in_quiet_hours_only_what_is_critical_speaks(corpus: Corpus, mail: MailReceiver) -> None:
    quiet = ChannelOptions(quiet=Quiet(start=9 * 60, end=11 * 60))
    desk = Desk(corpus, channels(mail=(mail.url(), quiet)))
    desk.put(1, 2)
    desk.put(3, severity=Severity.CRITICAL)
    drain(desk)
    assert [got.alert_ids for got in mail.accepted.all()] == [(alert(3).id,)]
    assert {row.next_try_at for row in desk.rows(DeliveryState.PENDING)} == {START + timedelta(hours=1)}

    later = Desk(corpus, channels(mail=(mail.url(), quiet)))
    later.clock.pass_by(timedelta(hours=1))
    drain(later)
    assert later.states() == {"sent": 3}


def test_a_rate_is_kept_and_nothing_is_lost_over_it(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=(mail.url(), ChannelOptions(rate_per_minute=2))))

    async def scene(desk: Desk) -> None:
        async with running(desk):
            desk.put(1, 2, 3)
            desk.dispatcher.wake()
            await arrived(mail, 2)
            desk.clock.pass_by(timedelta(seconds=59))
            desk.dispatcher.wake()
            assert len(mail.accepted.all()) == 2
            desk.clock.pass_by(timedelta(seconds=1))
            desk.dispatcher.wake()
            await arrived(mail, 3)

    play(scene, desk)
    assert desk.states() == {"sent": 3}


def test_a_digest_is_one_message_at_its_time(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url("a@example.org", "b@example.org")))
    evening = START + timedelta(hours=7, minutes=30)
    desk.put(1, 2, 3, not_before=evening)
    drain(desk, timedelta(hours=7, minutes=29))
    assert mail.accepted.all() == []

    later = Desk(corpus, desk.channels)
    later.clock.moment = evening
    drain(later)
    assert [got.alert_ids for got in mail.accepted.all()] == [tuple(alert(n).id for n in (1, 2, 3))] * 2
    text = mail.accepted.all()[0].text
    assert [line for line in text.splitlines() if line.startswith("#")] == [f"#{alert(n).id}" for n in (1, 2, 3)]
    assert later.states() == {"sent": 6}


def test_a_storm_is_one_message(corpus: Corpus, hook: HookReceiver) -> None:
    desk = Desk(corpus, channels(hook=(hook.url(), ChannelOptions(storm=20))))
    desk.put(*range(1, 251))
    drain(desk)
    [posted] = hook.posted.all()
    lines = posted.json["message"].splitlines()
    assert [line[1:] for line in lines if line[0:1] == "#"] == [alert(n).id for n in range(250, 150, -1)]
    assert lines[:2] == [
        "合计：250 条提醒，这里列出 100 条",
        "其余：150 条见网页的“提醒”，或 chaoxun alert list --channel hook",
    ]
    assert desk.states() == {"sent": 250}
    assert sorted(row.id for row in desk.rows() if row.digest == desk.rows()[0].digest) == [
        alert(n).id for n in range(1, 251)
    ]


def test_what_is_in_flight_at_a_stop_is_finished(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url()))
    mail.script(Mishap.HOLD)
    desk.put(1, 2)

    async def scene(desk: Desk) -> None:
        task = asyncio.create_task(desk.dispatcher.run())
        await arrived(mail, 1)
        stopping = asyncio.create_task(desk.dispatcher.stop())
        await asyncio.sleep(0)
        mail.release()
        await stopping
        await task

    play(scene, desk)
    assert desk.states() == {"sent": 1, "pending": 1}


def test_a_stop_does_not_wait_for_a_receiver_that_hangs(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url()))
    mail.script(Mishap.HOLD)
    desk.put(1)

    async def scene(desk: Desk) -> None:
        task = asyncio.create_task(desk.dispatcher.run())
        await arrived(mail, 1)
        await asyncio.wait_for(desk.dispatcher.stop(), 8)
        await asyncio.wait_for(task, 8)

    play(scene, desk)
    [row] = desk.rows()
    assert row.state is DeliveryState.RETRYING
    assert "may have arrived" in (row.error or "")


class Broken:
    """A channel with a fault of its own."""

    name = "broken"
    recipients = ("",)
    options = ChannelOptions()

    def __init__(self, url: str) -> None:
        self.url = url

    def parts(self, message: Message) -> tuple[Message, ...]:
        return (message,)

    async def send(self, message: Message, recipient: str) -> SendResult:
        raise RuntimeError(self.url)

    def close(self) -> None:
        """Nothing."""


def test_a_fault_in_a_channel_stops_neither_it_nor_the_others_and_tells_no_secret(
    corpus: Corpus, mail: MailReceiver
) -> None:
    desk = Desk(corpus, {"broken": Broken("https://hooks.example.org/canary"), **channels(mail=mail.url())})
    desk.put(1, 2)
    with capture_logs() as logs:
        drain(desk)
    assert desk.states() == {"retrying": 2, "sent": 2}
    assert all("RuntimeError" in (row.error or "") for row in desk.rows(DeliveryState.RETRYING))
    faults = [entry for entry in logs if entry["event"] == "delivery failed"]
    assert len(faults) == 2
    assert "test_dispatcher.py" in faults[0]["at"]
    assert "canary" not in repr(logs) + repr(desk.rows())


class Refusing:
    """A channel that refuses all, and remembers what it was asked."""

    name = "mail"
    recipients = ("",)
    options = ChannelOptions()

    def parts(self, message: Message) -> tuple[Message, ...]:
        return (message,)

    async def send(self, message: Message, recipient: str) -> SendResult:
        return Rejected(why="no")

    def close(self) -> None:
        """Nothing."""


class FullDisk:
    """A writer on which the first calls of one function fail, as on a full disk.

    `wake` spares the test the dispatcher's rest after each.
    """

    def __init__(self, function: Callable[..., Any], failures: int) -> None:
        self._function = function
        self._failures = failures
        self.writer: Writer
        self.wake: Callable[[], None]

    def over(self, writer: Writer) -> Self:
        self.writer = writer
        return self

    async def transaction(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if function is self._function and self._failures:
            self._failures -= 1
            self.wake()
            raise CorpusError("the disk is full; free some space", trouble=CorpusTrouble.FULL)
        return await self.writer.transaction(function, *args, **kwargs)


def test_a_full_disk_after_a_send_does_not_double_it(corpus: Corpus, mail: MailReceiver) -> None:
    disk = FullDisk(outbox.mark_sent, failures=3)
    desk = Desk(corpus, channels(mail=mail.url()), transactions=disk.over)
    disk.wake = desk.dispatcher.wake
    desk.put(1)
    drain(desk)
    assert desk.states() == {"sent": 1}
    assert len(mail.accepted.all()) == 1


@pytest.mark.parametrize("function", [claiming.take, outbox.release_leases, outbox.bury_orphans])
def test_a_database_in_trouble_delays_delivery_and_ends_nothing(
    corpus: Corpus, mail: MailReceiver, function: Callable[..., Any]
) -> None:
    disk = FullDisk(function, failures=1)
    desk = Desk(corpus, channels(mail=mail.url()), transactions=disk.over, alone=True)
    disk.wake = desk.dispatcher.wake
    desk.put(1)

    async def scene(desk: Desk) -> None:
        async with running(desk):
            await arrived(mail, 1)

    play(scene, desk)
    assert desk.states() == {"sent": 1}


def test_a_drain_keeps_the_rate_and_still_delivers_all(corpus: Corpus, mail: MailReceiver) -> None:
    fast = ChannelOptions(rate_per_minute=1200)
    desk = Desk(corpus, channels(mail=(mail.url(), fast)), monotonic=time.monotonic)
    desk.put(*range(1, 26))
    drain(desk)
    assert desk.states() == {"sent": 25}
    times = [got.at for got in mail.accepted.all()]
    assert all(later - earlier > 0.9 for earlier, later in zip(times, times[20:], strict=False))


def test_what_waits_for_a_removed_channel_is_dead_and_a_new_one_is_served(
    corpus: Corpus, mail: MailReceiver, hook: HookReceiver
) -> None:
    desk = Desk(corpus, channels(former=hook.url()))
    desk.put(1)

    async def scene(desk: Desk) -> None:
        hook.script(Mishap.HOLD)
        async with running(desk):
            await arrived(hook, 1)
            desk.put(2)
            desk.channels = channels(mail=mail.url())
            desk.dispatcher.use(desk.channels)
            hook.release()
            desk.put(3)
            desk.dispatcher.wake()
            await arrived(mail, 1)

    play(scene, desk)
    by_state = {row.id: (row.channel, row.state) for row in desk.rows()}
    assert by_state[alert(2).id] == ("former", DeliveryState.DEAD)
    assert by_state[alert(3).id] == ("mail", DeliveryState.SENT)
    assert len(hook.posted.all()) == 1


def test_its_progress_moves_while_it_waits(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url()))

    async def scene(desk: Desk) -> None:
        async with running(desk):
            desk.put(1)
            desk.dispatcher.wake()
            await arrived(mail, 1)

    play(scene, desk)
    assert desk.dispatcher.progress > 0


def test_a_drain_with_nothing_to_do_returns(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, {"mail": Refusing()})
    drain(desk)
    assert desk.states() == {}
