"""The group robots against receivers that check what the real ones check and refuse inside a 200 as they do."""

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from monitor.demo.receivers import HookReceiver, Mishap, Reply
from monitor.demo.robots import Kind, sign_of
from monitor.model import AlertKind, Message, Rejected, Retryable, SendResult, Sent, Unknown
from tests.dispatching import START
from tests.groups import MESSAGE, TOKENS, Found

#: Its signature has +, / and = in it, which a query must encode, and only once.
SECRET = "SECcanarycanary0123"
ROBOTS = [Kind.DINGTALK, Kind.WECOM, Kind.FEISHU]
SIGNED = [Kind.DINGTALK, Kind.FEISHU]


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
