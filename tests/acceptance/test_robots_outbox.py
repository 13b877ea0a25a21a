"""Messages of the outbox to group robots: in parts, within the rate, on from where a failure or a restart left them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.alerts.digests import digest
from monitor.alerts.dispatch import Dispatcher
from monitor.corpus import Corpus, outbox
from monitor.corpus.writer import Writer
from monitor.demo.receivers import Mishap, Posted, Reply
from monitor.demo.robots import Kind
from monitor.model import Alert, AlertKind, ChannelOptions, DeliveryState, Destination, OnUnknown, Quiet
from tests.dispatching import START
from tests.groups import Found, Group


class Desk:
    """A corpus, and processes that deliver from it to one group, one after the other."""

    def __init__(self, folder: Path, group: Group, options: ChannelOptions | None = None) -> None:
        self.corpus = Corpus.open(f"sqlite:///{folder}/corpus.db")
        self.group = group
        self.options = options or ChannelOptions()
        self.clock = group.clock

    def put(self, *alerts: Alert, digest_at: datetime | None = None) -> None:
        with self.corpus.begin() as tx:
            for one in alerts:
                outbox.enqueue(tx, one, (Destination(channel="desk"),), self.clock.now(), digest_at)

    def process(self, scene: Callable[[Dispatcher], Awaitable[None]]) -> None:
        """The life of one process: its dispatcher runs while the scene is played, and then ends."""

        async def life() -> None:
            writer = Writer(self.corpus)
            channels = {"desk": self.group.channel(options=self.options)}
            dispatcher = Dispatcher(
                writer, channels, now=self.clock.now, clock=self.clock.monotonic, jitter=lambda: 0.0, alone=True
            )
            run = asyncio.create_task(dispatcher.run())
            try:
                await scene(dispatcher)
            finally:
                await dispatcher.stop()
                await run
                await writer.close()

        asyncio.run(life())

    async def arrive(self, count: int) -> list[Posted]:
        return await asyncio.to_thread(self.group.receiver.posted.wait_for, count)

    async def arrive_at(self, rate: int, dispatcher: Dispatcher, parts: int) -> None:
        """All parts at this rate, minute by minute. One that is marked in the next minute counts for that one."""
        for least in range(rate - 2, parts, rate - 2):
            await self.arrive(least)
            self.pass_by(dispatcher, timedelta(minutes=1))
        await self.arrive(parts)

    async def settle(self, *states: DeliveryState) -> None:
        """Until the rows are in these states: a mark follows its message."""
        async with asyncio.timeout(20):
            while {row.state for row in self.rows()} != set(states):
                await asyncio.sleep(0)

    def pass_by(self, dispatcher: Dispatcher, span: timedelta) -> None:
        self.clock.pass_by(span)
        dispatcher.wake()

    def rows(self) -> list[outbox.DeliveryRow]:
        with self.corpus.read() as connection:
            return outbox.list_deliveries(connection)

    def whole(self) -> str:
        """What the parts that reached the group say, in the order in which they did."""
        return "\n".join(text.split("\n", 1)[1] for text in self.group.robot.taken)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    with ExitStack() as stack:

        def make(group: Group, options: ChannelOptions | None = None) -> Desk:
            made = Desk(tmp_path, group, options)
            stack.callback(made.corpus.close)
            return made

        yield make


def alert(number: int, lines: int = 3) -> Alert:
    identity = f"a{number:011x}"
    said = [f"  正文【增】{'数' * 60}之{n}" for n in range(lines)]
    return Alert(
        id=identity,
        kind=AlertKind.CHANGED,
        title=f"【改】产业大脑：{'长' * 150}，第 {number} 条",
        text="\n".join([f"标题：第 {number} 条", *said, f"#{identity}"]),
        created_at=START,
        watch="产业大脑",
        url=f"https://news.example.org/{number}",
    )


def said_whole(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


Desks = Callable[..., Desk]


def test_a_digest_of_a_hundred_arrives_whole_in_order_and_within_the_rate(found: Found, desk: Desks) -> None:
    at_work = desk(found(Kind.WECOM, per_minute=20))
    alerts = [alert(number) for number in range(1, 101)]
    at_work.put(*alerts, digest_at=START)
    message = digest(alerts, "desk", "")
    parts = len(at_work.group.channel().parts(message))
    assert parts > 20

    async def scene(dispatcher: Dispatcher) -> None:
        await at_work.arrive_at(20, dispatcher, parts)
        await at_work.settle(DeliveryState.SENT)

    at_work.process(scene)
    assert len(at_work.group.receiver.posted.all()) == len(at_work.group.robot.taken) == parts
    assert said_whole(at_work.whole()) == said_whole(message.text)
    assert [line for line in at_work.whole().split("\n") if line.startswith("#a")] == [f"#{one.id}" for one in alerts]
    assert all(f"（{n}/{parts}）\n" in text for n, text in enumerate(at_work.group.robot.taken, start=1))


@pytest.mark.parametrize(
    ("mishap", "repeats"),
    [
        pytest.param(Reply(status=500, body="oops"), 0, id="not taken"),
        pytest.param(Reply(body='{"errcode": 45009, "errmsg": "api freq out of limit"}'), 0, id="too fast"),
        pytest.param(Mishap.DROP_AFTER_DATA, 1, id="nobody knows"),
    ],
)
def test_only_the_part_that_failed_is_sent_again(
    found: Found, desk: Desks, mishap: Reply | Mishap, repeats: int
) -> None:
    at_work = desk(found(Kind.WECOM))
    one = alert(1, lines=40)
    parts = at_work.group.channel().parts(digest([one], "desk", ""))
    assert len(parts) > 3
    take = Reply(body='{"errcode": 0, "errmsg": "ok"}')
    at_work.group.receiver.script(take, mishap)
    at_work.put(one)

    async def scene(dispatcher: Dispatcher) -> None:
        await at_work.arrive(2)
        await at_work.settle(DeliveryState.RETRYING)
        at_work.pass_by(dispatcher, timedelta(minutes=2))
        await at_work.arrive(len(parts) + 1)
        await at_work.settle(DeliveryState.SENT)

    at_work.process(scene)
    sent = [posted.json["text"]["content"].split("\n", 1)[0] for posted in at_work.group.receiver.posted.all()]
    titles = [part.title for part in parts]
    assert sent == [titles[0], titles[1], *titles[1:]]
    assert len(at_work.group.robot.taken) == len(parts) - 1 + repeats


def test_a_restart_goes_on_where_the_message_was(found: Found, desk: Desks) -> None:
    at_work = desk(found(Kind.WECOM, per_minute=5), ChannelOptions(rate_per_minute=5))
    alerts = [alert(number, lines=15) for number in (1, 2, 3)]
    at_work.put(*alerts, digest_at=START)
    message = digest(alerts, "desk", "")
    parts = len(at_work.group.channel().parts(message))
    assert 5 < parts <= 10

    async def begin(dispatcher: Dispatcher) -> None:
        await at_work.arrive(5)

    async def go_on(dispatcher: Dispatcher) -> None:
        await at_work.settle(DeliveryState.SENT)

    at_work.process(begin)
    assert {row.state for row in at_work.rows()} == {DeliveryState.PENDING}
    at_work.clock.pass_by(timedelta(minutes=1))
    at_work.process(go_on)
    assert len(at_work.group.receiver.posted.all()) == len(at_work.group.robot.taken) == parts
    assert said_whole(at_work.whole()) == said_whole(message.text)


def test_what_is_mended_by_a_person_goes_on_where_it_was(found: Found, desk: Desks) -> None:
    at_work = desk(found(Kind.WECOM), ChannelOptions(on_unknown=OnUnknown.HOLD))
    one = alert(1, lines=60)
    parts = len(at_work.group.channel().parts(digest([one], "desk", "")))
    take = Reply(body='{"errcode": 0, "errmsg": "ok"}')
    gone = Reply(body='{"errcode": 93000, "errmsg": "invalid webhook url"}')
    at_work.group.receiver.script(take, gone, Mishap.DROP_AFTER_DATA)
    at_work.put(one)

    async def refused(dispatcher: Dispatcher) -> None:
        await at_work.settle(DeliveryState.DEAD)

    async def held(dispatcher: Dispatcher) -> None:
        await at_work.settle(DeliveryState.HELD)

    async def mended(dispatcher: Dispatcher) -> None:
        await at_work.settle(DeliveryState.SENT)

    for scene in (refused, held, mended):
        at_work.process(scene)
        with at_work.corpus.begin() as tx:
            outbox.retry(tx, one.id, at_work.clock.now())
    said = [posted.json["text"]["content"].split("\n", 1)[0] for posted in at_work.group.receiver.posted.all()]
    assert [title.rsplit("（", 1)[1] for title in said] == [
        f"{n}/{parts}）" for n in (1, 2, 2, 2, *range(3, parts + 1))
    ]


def test_another_receiver_gets_the_message_from_its_beginning(found: Found, desk: Desks, tmp_path: Path) -> None:
    """The channel was given another robot in the middle of a message: its parts are others, and none is left out."""
    before = desk(found(Kind.WECOM))
    one = alert(1, lines=40)
    before.group.receiver.script(Reply(body='{"errcode": 0}'), Reply(status=500))
    before.put(one)

    async def begin(dispatcher: Dispatcher) -> None:
        await before.settle(DeliveryState.RETRYING)

    async def go_on(dispatcher: Dispatcher) -> None:
        await after.settle(DeliveryState.SENT)

    before.process(begin)
    after = desk(found(Kind.DINGTALK))
    after.clock.pass_by(timedelta(minutes=2))
    after.process(go_on)
    assert after.group.robot.taken == [f"{one.title}\n{one.text}"]


def test_what_was_begun_is_said_to_its_end_though_quiet_hours_begin(found: Found, desk: Desks) -> None:
    quiet = ChannelOptions(rate_per_minute=4, quiet=Quiet(start=10 * 60 + 1, end=11 * 60))
    at_work = desk(found(Kind.WECOM), quiet)
    one = alert(1, lines=40)
    parts = len(at_work.group.channel().parts(digest([one], "desk", "")))
    at_work.put(one)

    async def scene(dispatcher: Dispatcher) -> None:
        await at_work.arrive(1)
        at_work.put(alert(2))
        await at_work.arrive_at(4, dispatcher, parts)

    at_work.process(scene)
    assert len(at_work.group.robot.taken) == parts
    assert {row.state for row in at_work.rows() if row.id != one.id} == {DeliveryState.PENDING}
