"""The group robots against receivers that check what the real ones check and refuse inside a 200 as they do."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from monitor.alerts.channels import Channel, open_channels
from monitor.alerts.digests import digest
from monitor.alerts.dispatch import Dispatcher
from monitor.corpus import Corpus, outbox
from monitor.corpus.writer import Writer
from monitor.demo.receivers import HookReceiver, Mishap, Posted, Reply
from monitor.demo.robots import Kind, Robot, sign_of
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
    Retryable,
    SendResult,
    Sent,
    Unknown,
)

START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
TOKENS = {
    Kind.DINGTALK: "0123456789abcdefcanary",
    Kind.WECOM: "01234567-canary-89ab",
    Kind.FEISHU: "89abcdef-canary-0123",
    Kind.SLACK: "T0CANARYA/B0CANARYB/canarycanarycanarycanary",
}
#: Its signature has +, / and = in it, which a query must encode, and only once.
SECRET = "SECcanarycanary0123"
MESSAGE = Message(
    alert_ids=("a0123456789a",),
    kind=AlertKind.NEW,
    title="【新】产业大脑：宁波发布产业大脑建设指南",
    text="标题：宁波发布产业大脑建设指南\n网址：https://news.example.org/1?a=1&b=2\n#a0123456789a",
    message_id="<0123456789abcdef0123456789abcdef@chaoxun.invalid>",
    url="https://news.example.org/1?a=1&b=2",
)
ROBOTS = [Kind.DINGTALK, Kind.WECOM, Kind.FEISHU]
SIGNED = [Kind.DINGTALK, Kind.FEISHU]


class Clock:
    """The wall clock and the monotonic one, both ours."""

    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return (self.moment - START).total_seconds() + 1000

    def pass_by(self, span: timedelta) -> None:
        self.moment += span


class Group:
    """A group with its robot, the receiver that it stands behind, and a channel to it."""

    def __init__(self, robot: Robot, receiver: HookReceiver, clock: Clock) -> None:
        self.robot = robot
        self.receiver = receiver
        self.clock = clock

    def channel(self, url: str | None = None, options: ChannelOptions | None = None) -> Channel:
        schema = self.robot.kind.value
        login = f"{self.robot.secret}@" if self.robot.secret else ""
        config = ChannelConfig(
            name="desk",
            url=url or f"{schema}://{login}{self.robot.token}",
            options=options or ChannelOptions(),
            where="channels.yaml:3",
        )
        address = self.receiver.address + ("/services" if self.robot.kind is Kind.SLACK else "")
        return open_channels({"desk": config}, endpoints={schema: address}, now=self.clock.now)["desk"]

    def say(self, message: Message = MESSAGE, url: str | None = None) -> SendResult:
        channel = self.channel(url)
        results = [asyncio.run(channel.send(part, "")) for part in channel.parts(message)]
        return next((result for result in results if result != Sent()), Sent())


Found = Callable[..., Group]


@pytest.fixture
def found() -> Iterator[Found]:
    """Makes a group with a robot of this kind."""
    with ExitStack() as stack:

        def make(kind: Kind, **checks: object) -> Group:
            clock = Clock()
            robot = Robot(kind=kind, token=TOKENS[kind], now=clock.now, **checks)  # type: ignore[arg-type]  # its own
            return Group(robot, stack.enter_context(HookReceiver(answer=robot.answer)), clock)

        yield make


def long_message(lines: int) -> Message:
    text = "\n".join(
        ["标题：很长", *[f'  正文【增】第 {n} 句，"引号"与反斜\\杠' for n in range(lines)], "#a0123456789a"]
    )
    return Message(
        alert_ids=("a0123456789a",),
        kind=AlertKind.CHANGED,
        title="【改】甲",
        text=text,
        message_id="<4@chaoxun.invalid>",
    )


# -- what arrives


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_robot_takes_what_the_alert_says(found: Found, kind: Kind) -> None:
    group = found(kind)
    assert group.say() == Sent()
    assert group.robot.taken == [f"{MESSAGE.title}\n{MESSAGE.text}"]


@pytest.mark.parametrize("kind", SIGNED)
@pytest.mark.parametrize("minutes", range(0, 600, 60))
def test_a_signed_robot_takes_a_message_at_any_time(found: Found, kind: Kind, minutes: int) -> None:
    """The signature has other letters each time, and those that a query encodes among them."""
    group = found(kind, secret=SECRET)
    group.clock.pass_by(timedelta(minutes=minutes))
    assert group.say() == Sent()
    assert len(group.robot.taken) == 1


def test_dingtalks_signature_is_encoded_once_and_of_milliseconds(found: Found) -> None:
    group = found(Kind.DINGTALK, secret=SECRET)
    while not {"+", "/"} <= set(sign_of(Kind.DINGTALK, SECRET, str(int(group.clock.moment.timestamp() * 1000)))):
        group.clock.pass_by(timedelta(milliseconds=1))
    assert group.say() == Sent()
    [posted] = group.receiver.posted.all()
    query = parse_qs(urlsplit(posted.path).query)
    assert query["timestamp"] == [str(int(group.clock.moment.timestamp() * 1000))]
    assert query["sign"] == [sign_of(Kind.DINGTALK, SECRET, query["timestamp"][0])]


def test_feishus_signature_is_of_seconds_and_in_the_message(found: Found) -> None:
    group = found(Kind.FEISHU, secret=SECRET)
    assert group.say(url=f"feishu://{group.robot.token}?secret={SECRET}") == Sent()
    [posted] = group.receiver.posted.all()
    assert posted.json["timestamp"] == str(int(START.timestamp()))
    assert posted.json["sign"] == sign_of(Kind.FEISHU, SECRET, posted.json["timestamp"])


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        pytest.param(Kind.DINGTALK, "dingtalk://{token}/", id="dingtalk"),
        pytest.param(
            Kind.DINGTALK, "dingtalk://{token}/13800138000/13800138001?cto=3&rto=9", id="dingtalk: telephones"
        ),
        pytest.param(Kind.DINGTALK, "dingtalk://{secret}@{token}", id="dingtalk: signed"),
        pytest.param(Kind.DINGTALK, "dingtalk://?token={token}&secret={secret}", id="dingtalk: in the query"),
        pytest.param(
            Kind.DINGTALK, "https://oapi.dingtalk.com/robot/send?access_token={token}", id="dingtalk: its own"
        ),
        pytest.param(
            Kind.DINGTALK,
            "https://oapi.dingtalk.com/robot/send?access_token={token}&secret={secret}",
            id="dingtalk: its own, signed",
        ),
        pytest.param(Kind.WECOM, "wecombot://{token}", id="wecom"),
        pytest.param(Kind.WECOM, "wecombot://?key={token}", id="wecom: in the query"),
        pytest.param(Kind.WECOM, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={token}", id="wecom: its own"),
        pytest.param(Kind.FEISHU, "feishu://{token}", id="feishu"),
        pytest.param(Kind.FEISHU, "feishu://?token={token}", id="feishu: in the query"),
        pytest.param(Kind.FEISHU, "feishu://{secret}@{token}/", id="feishu: signed"),
        pytest.param(Kind.FEISHU, "https://open.feishu.cn/open-apis/bot/v2/hook/{token}", id="feishu: its own"),
        pytest.param(
            Kind.FEISHU,
            "https://open.feishu.cn/open-apis/bot/v2/hook/{token}?secret={secret}",
            id="feishu: its own, signed",
        ),
    ],
)
def test_every_way_to_write_a_robots_address(found: Found, kind: Kind, url: str) -> None:
    group = found(kind, secret=SECRET if "secret" in url else None)
    assert group.say(url=url.format(token=group.robot.token, secret=SECRET)) == Sent()
    assert len(group.robot.taken) == 1


def test_dingtalk_mentions_the_telephones_of_the_url_and_nobody_else(found: Found) -> None:
    group = found(Kind.DINGTALK)
    assert group.say(url=f"dingtalk://{group.robot.token}/13800138000/13800138001") == Sent()
    [posted] = group.receiver.posted.all()
    assert posted.json["at"] == {"atMobiles": ["13800138000", "13800138001"], "isAtAll": False}


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_page_can_neither_ping_a_group_nor_plant_a_link_in_it(found: Found, kind: Kind) -> None:
    evil = '<at user_id="all">所有人</at> <@all> [银行](https://evil.example.org) <a href="https://evil.example.org">点</a>'
    message = Message(
        alert_ids=("a0123456789a",),
        kind=AlertKind.NEW,
        title=f"【新】GDP<5%\r\n{evil}",
        text=f"标题：{evil}\u202e\x07\n#a0123456789a",
        message_id="<5@chaoxun.invalid>",
    )
    group = found(kind)
    assert group.say(message) == Sent()
    [said] = group.robot.taken
    assert "GDP<5%" in said
    assert not {"<at", "</at", "<a ", "](", "\u202e", "\x07", "\r"} & {
        said[i : i + n] for i in range(len(said)) for n in (1, 2, 3, 4)
    }
    assert said.count("\n") == 2
    mentions = {key for posted in group.receiver.posted.all() for key in posted.json.get("text", {})}
    assert mentions <= {"content"}


# -- what is refused


@pytest.mark.parametrize(
    ("kind", "checks", "says"),
    [
        pytest.param(Kind.DINGTALK, {"keyword": "潮汐表"}, "keyword (自定义关键词)", id="dingtalk: keyword"),
        pytest.param(Kind.DINGTALK, {"listed": frozenset({"10.0.0.1"})}, "IP 白名单", id="dingtalk: address"),
        pytest.param(Kind.DINGTALK, {"secret": "SECother"}, "dingtalk://SECRET@TOKEN", id="dingtalk: signature"),
        pytest.param(Kind.DINGTALK, {"token": "other"}, "copy its webhook address", id="dingtalk: token"),
        pytest.param(Kind.WECOM, {"token": "other"}, "copy its webhook address", id="wecom: key"),
        pytest.param(Kind.WECOM, {"listed": frozenset({"10.0.0.1"})}, "IP 白名单", id="wecom: address"),
        pytest.param(Kind.FEISHU, {"keyword": "潮汐表"}, "keyword (自定义关键词)", id="feishu: keyword"),
        pytest.param(Kind.FEISHU, {"listed": frozenset({"10.0.0.1"})}, "IP 白名单", id="feishu: address"),
        pytest.param(Kind.FEISHU, {"secret": "other"}, "feishu://SECRET@TOKEN", id="feishu: signature"),
        pytest.param(Kind.FEISHU, {"token": "other"}, "copy its webhook address", id="feishu: token"),
    ],
)
def test_a_refusal_inside_a_200_says_what_to_do(found: Found, kind: Kind, checks: dict[str, object], says: str) -> None:
    group = found(kind)
    url = f"{kind.value}://{'' if kind is Kind.WECOM else f'{SECRET}@'}{group.robot.token}"
    for name, value in checks.items():
        setattr(group.robot, name, value)
    result = group.say(url=url)
    assert isinstance(result, Rejected)
    assert says in result.why
    assert "canary" not in result.why
    assert [posted.status for posted in group.receiver.posted.all()] == [200]
    assert group.robot.taken == []


@pytest.mark.parametrize("keyword", ["【", "新", "#"])
@pytest.mark.parametrize("kind", SIGNED)
def test_each_part_holds_the_keyword_that_we_advise(found: Found, kind: Kind, keyword: str) -> None:
    group = found(kind, keyword="【")
    assert group.say(long_message(2000)) == Sent()
    assert len(group.robot.taken) > 2


def test_a_clock_that_is_hours_off_is_said(found: Found) -> None:
    group = found(Kind.DINGTALK, secret=SECRET)
    group.robot.now = lambda: START + timedelta(hours=2)
    result = group.say()
    assert isinstance(result, Rejected)
    assert "clock is more than an hour off" in result.why


@pytest.mark.parametrize(
    ("kind", "most", "wait"),
    [
        pytest.param(Kind.DINGTALK, 20, timedelta(minutes=10), id="dingtalk shuts the robot out for ten minutes"),
        pytest.param(Kind.WECOM, 20, timedelta(minutes=1), id="wecom"),
        pytest.param(Kind.FEISHU, 100, timedelta(minutes=1), id="feishu"),
        pytest.param(Kind.SLACK, 60, timedelta(seconds=1), id="slack, by Retry-After"),
    ],
)
def test_too_many_a_minute_is_for_later(found: Found, kind: Kind, most: int, wait: timedelta) -> None:
    group = found(kind, per_minute=most)
    channel = group.channel()

    async def all_at_once() -> list[SendResult]:
        return [await channel.send(MESSAGE, "") for _ in range(most + 1)]

    *taken, last = asyncio.run(all_at_once())
    assert taken == [Sent()] * most
    assert isinstance(last, Retryable)
    assert last.retry_after == wait


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<html>请登录</html>", id="a page"),
        pytest.param("", id="nothing"),
        pytest.param("[]", id="a list"),
        pytest.param('{"status": "up"}', id="no code"),
        pytest.param('{"errcode": null, "code": null}', id="an empty code"),
    ],
)
@pytest.mark.parametrize("kind", ROBOTS)
def test_a_200_that_says_nothing_of_the_message_is_no_success(found: Found, kind: Kind, body: str) -> None:
    """A proxy's or a portal's page answers 200, too."""
    group = found(kind)
    group.receiver.script(Reply(body=body))
    result = group.say()
    assert isinstance(result, Retryable)
    assert group.say() == Sent()


@pytest.mark.parametrize("kind", [*ROBOTS, Kind.SLACK])
def test_a_redirect_is_not_followed_with_the_message(found: Found, kind: Kind) -> None:
    group = found(kind)
    with HookReceiver() as elsewhere:
        for status in (301, 302, 307, 308):
            group.receiver.script(Reply(status=status, body="", headers={"Location": f"{elsewhere.address}/trap"}))
            result = group.say()
            assert isinstance(result, Rejected)
            assert "redirect" in result.why
        assert elsewhere.posted.all() == []


@pytest.mark.parametrize("kind", [*ROBOTS, Kind.SLACK])
@pytest.mark.parametrize("mishap", [Mishap.DROP_AFTER_DATA, Mishap.HOLD])
def test_no_answer_leaves_us_in_doubt(found: Found, kind: Kind, mishap: Mishap) -> None:
    group = found(kind)
    group.receiver.script(mishap)
    assert isinstance(group.say(url=f"{kind.value}://{group.robot.token}?rto=0.2"), Unknown)


@pytest.mark.parametrize("kind", [*ROBOTS, Kind.SLACK])
def test_a_refusal_that_repeats_our_secrets_does_not_tell_them(found: Found, kind: Kind) -> None:
    group = found(kind)
    echo = Reply(status=404, body=f"no such page: {TOKENS[kind]} {SECRET}")
    group.receiver.script(echo)
    login = f"{SECRET}@" if kind in SIGNED else ""
    result = group.say(url=f"{kind.value}://{login}{TOKENS[kind]}")
    assert isinstance(result, Rejected)
    assert result.why.startswith("HTTP 404 no such page: ***")
    assert TOKENS[kind].rsplit("/", 1)[-1] not in result.why
    assert not login or SECRET not in result.why


# -- long messages


@pytest.mark.parametrize("kind", [*ROBOTS, Kind.SLACK])
def test_a_long_message_arrives_whole_in_parts_that_each_fit(found: Found, kind: Kind) -> None:
    group = found(kind)
    message = long_message(3000 if kind is not Kind.WECOM else 100)
    assert group.say(message) == Sent()
    said = [text.split("\n", 1) for text in group.robot.taken]
    assert [title for title, _ in said] == [f"【改】甲（{n}/{len(said)}）" for n in range(1, len(said) + 1)]
    assert len(said) > 2
    assert "\n".join(text for _, text in said) == message.text


@pytest.mark.parametrize("kind", [Kind.DINGTALK, Kind.FEISHU])
def test_six_thousand_chinese_characters_are_one_message_of_twenty_thousand_bytes(found: Found, kind: Kind) -> None:
    """Escaped as ASCII they would be 36,000."""
    message = Message(alert_ids=("a1",), kind=AlertKind.NEW, title="【新】甲", text="数" * 6000, message_id="<8>")
    group = found(kind)
    assert group.say(message) == Sent()
    assert len(group.robot.taken) == 1


def test_wecoms_limit_is_of_bytes(found: Found) -> None:
    """683 Chinese characters are 2,049 bytes."""
    group = found(Kind.WECOM)
    room = 2048 - len(f"{MESSAGE.title}\n".encode())
    exact = Message(
        alert_ids=("a1",), kind=AlertKind.NEW, title=MESSAGE.title, text="数" * (room // 3), message_id="<6>"
    )
    assert len(group.channel().parts(exact)) == 1
    over = Message(
        alert_ids=("a1",), kind=AlertKind.NEW, title=MESSAGE.title, text="数" * (room // 3 + 1), message_id="<7>"
    )
    assert len(group.channel().parts(over)) == 2
    assert (group.say(exact), group.say(over)) == (Sent(), Sent())
    assert sum(text.count("数") for text in group.robot.taken) == 2 * (room // 3) + 1


# -- with the outbox


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
