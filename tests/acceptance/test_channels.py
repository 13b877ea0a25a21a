"""Channels against real SMTP and HTTP servers on loopback: what the receiver gets, and what each answer means."""

import asyncio
import logging
import re
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from lxml import etree

from crawler.yamlfile import ConfigError
from monitor.alerts.channels import Channel, open_channels
from monitor.alerts.compose import channel_test
from monitor.demo.receivers import HookReceiver, MailReceiver, Mishap, Reply
from monitor.model import (
    AlertKind,
    ChannelConfig,
    Message,
    Rejected,
    Retryable,
    SendResult,
    Sent,
    Unknown,
)
from tests.hub import closed_port, self_signed

SLACK = "slack://T0CANARYA/B0CANARYB/canarycanarycanarycanary"
MESSAGE = Message(
    alert_ids=("a0123456789a",),
    kind=AlertKind.NEW,
    title="【新】产业大脑：宁波发布产业大脑建设指南",
    text="标题：宁波发布产业大脑建设指南\n.点开头的一行\n网址：https://news.example.org/1?a=1&b=2\n#a0123456789a",
    message_id="<0123456789abcdef0123456789abcdef@chaoxun.invalid>",
    url="https://news.example.org/1?a=1&b=2",
)


def opened(url: str, **endpoints: str) -> Channel:
    return open_channels({"desk": ChannelConfig(name="desk", url=url, where="channels.yaml:3")}, endpoints=endpoints)[
        "desk"
    ]


def say(channel: Channel, message: Message = MESSAGE, recipient: str | None = None) -> SendResult:
    """Say all its parts; the first result that is not `Sent`, else that."""
    for part in channel.parts(message):
        result = asyncio.run(channel.send(part, channel.recipients[0] if recipient is None else recipient))
        if result != Sent():
            return result
    return Sent()


# -- mail


def test_a_mail_says_what_the_alert_says(mail: MailReceiver) -> None:
    assert say(opened(mail.url("desk@example.org"))) == Sent()
    [got] = mail.accepted.all()
    parsed = got.parsed
    assert parsed["Subject"] == MESSAGE.title
    assert parsed["To"] == "desk@example.org"
    assert "chaoxun@example.org" in parsed["From"]
    assert parsed.get_content_type() == "multipart/alternative"
    assert [(part.get_content_type(), part.get_content_charset()) for part in parsed.iter_parts()] == [
        ("text/plain", "utf-8"),
        ("text/html", "utf-8"),
    ]
    assert got.text == MESSAGE.text + "\n"
    assert parsed["Date"].datetime.tzinfo is not None
    assert got.kind == "new"
    assert got.alert_ids == ("a0123456789a",)


def test_a_repeat_carries_the_same_single_message_id(mail: MailReceiver) -> None:
    channel = opened(mail.url(options="mode=insecure&+Message-ID=<forged@example.org>"))
    say(channel)
    say(channel)
    for got in mail.accepted.all():
        assert got.raw.lower().count(b"message-id:") == 1
        assert got.message_id == MESSAGE.message_id


def test_a_title_cannot_break_out_of_its_header(mail: MailReceiver) -> None:
    message = Message(
        alert_ids=("a0123456789a",),
        kind=AlertKind.NEW,
        title="要闻\r\nBcc: victim@example.org\r\n\r\n正文",
        text="正文\r\n.\r\nMAIL FROM:<x@example.org>\r\n#a0123456789a",
        message_id="<1@chaoxun.invalid>",
    )
    assert say(opened(mail.url()), message) == Sent()
    [got] = mail.accepted.all()
    assert got.parsed["Bcc"] is None
    assert got.parsed["Subject"] == "要闻 Bcc: victim@example.org 正文"
    assert got.text.splitlines()[-1] == "#a0123456789a"
    assert got.recipient == "desk@example.org"


def test_a_digest_names_all_its_alerts(mail: MailReceiver) -> None:
    ids = tuple(f"a{number:011x}" for number in range(100))
    message = Message(
        alert_ids=ids, kind=AlertKind.NEW, title="【汇总】100 条提醒", text="…", message_id="<2@chaoxun.invalid>"
    )
    assert say(opened(mail.url()), message) == Sent()
    assert mail.accepted.all()[0].alert_ids == ids


def test_each_recipient_has_his_own_answer(mail: MailReceiver) -> None:
    mail.refuse("gone@example.org", "550 no such user here")
    mail.refuse("full@example.org", "451 mailbox busy")
    channel = opened(mail.url("gone@example.org", "full@example.org", "desk@example.org"))
    assert channel.recipients == ("gone@example.org", "full@example.org", "desk@example.org")
    assert say(channel, recipient="gone@example.org") == Rejected(why="refused: 550 no such user here")
    assert say(channel, recipient="full@example.org") == Retryable(why="not taken now: 451 mailbox busy")
    assert say(channel, recipient="desk@example.org") == Sent()
    assert [got.recipient for got in mail.accepted.all()] == ["desk@example.org"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param("451 try later", Retryable(why="not taken now: 451 try later"), id="4xx after DATA"),
        pytest.param("554 spam", Rejected(why="refused: 554 spam"), id="5xx after DATA"),
    ],
)
def test_what_the_server_says_after_data_decides(mail: MailReceiver, answer: str, expected: SendResult) -> None:
    mail.script(answer)
    channel = opened(mail.url())
    assert say(channel) == expected
    assert say(channel) == Sent()


def test_a_server_that_falls_silent_after_data_leaves_us_in_doubt(mail: MailReceiver) -> None:
    mail.script(Mishap.DROP_AFTER_DATA)
    assert isinstance(say(opened(mail.url())), Unknown)
    assert [got.answered for got in mail.accepted.all()] == [False]


def test_a_mail_server_that_is_down_is_asked_again() -> None:
    with MailReceiver() as receiver:
        url = receiver.url()
    result = say(opened(url))
    assert isinstance(result, Retryable)
    assert "no connection to the mail server 127.0.0.1" in result.why


def test_a_session_that_ends_before_the_mail_is_asked_again(mail: MailReceiver) -> None:
    mail.refuse("desk@example.org", Mishap.CLOSE)
    result = say(opened(mail.url()))
    assert isinstance(result, Retryable)
    assert "ended the session" in result.why


def test_a_refused_sender_is_for_a_person_to_mend_and_loses_no_mail(mail: MailReceiver) -> None:
    mail.refuse("chaoxun@example.org", "550 we do not know you")
    result = say(opened(mail.url()))
    assert isinstance(result, Retryable)
    assert "refuses the sender: 550 we do not know you" in result.why


def test_reply_to_and_headers_of_the_url_are_kept_but_ours_stay_ours(mail: MailReceiver) -> None:
    options = "mode=insecure&reply=back@example.org&+X-Desk=news&+X-Chaoxun-Alert=forged&name=潮讯"
    assert say(opened(mail.url(options=options))) == Sent()
    [got] = mail.accepted.all()
    assert got.parsed["Reply-To"] == "back@example.org"
    assert got.parsed["X-Desk"] == "news"
    assert got.alert_ids == MESSAGE.alert_ids
    assert got.parsed["From"].addresses[0].display_name == "潮讯"


def test_a_recipient_who_was_taken_out_gets_no_mail(mail: MailReceiver) -> None:
    assert isinstance(say(opened(mail.url()), recipient="former@example.org"), Rejected)
    assert mail.tried.all() == []


def test_starttls_and_login_are_used(tmp_path: Path) -> None:
    with MailReceiver(tls=self_signed(tmp_path), password="canary-password") as receiver:
        channel = opened(receiver.url(user="watcher:canary-password", options="mode=starttls&verify=no"))
        assert say(channel) == Sent()
        [got] = receiver.accepted.all()
        assert got.user is not None
        assert got.user.startswith("watcher")


def test_tls_from_the_first_byte(tmp_path: Path) -> None:
    with MailReceiver(tls=self_signed(tmp_path), implicit=True) as receiver:
        assert say(opened(receiver.url(options="mode=ssl&verify=no"))) == Sent()
        assert len(receiver.accepted.all()) == 1


def test_an_unknown_certificate_is_refused(tmp_path: Path) -> None:
    with MailReceiver(tls=self_signed(tmp_path)) as receiver:
        result = say(opened(receiver.url(options="mode=starttls")))
        assert isinstance(result, Retryable)
        assert "TLS failed" in result.why
        assert receiver.accepted.all() == []


def test_a_wrong_password_keeps_the_mail_for_later(tmp_path: Path) -> None:
    with MailReceiver(tls=self_signed(tmp_path), password="right") as receiver:
        channel = opened(receiver.url(user="watcher:canary-password", options="mode=starttls&verify=no"))
        result = say(channel)
        assert isinstance(result, Retryable)
        assert "535" in result.why
        assert "canary" not in result.why


# -- webhooks


def test_slack_gets_inert_text(hook: HookReceiver) -> None:
    message = Message(
        alert_ids=("a0123456789a",),
        kind=AlertKind.NEW,
        title="【新】<!channel> *粗*",
        text="标题：<!here> <https://evil.example.org|银行> & <@U1>\n网址：https://news.example.org/1?a=1&b=2\n#a0123456789a",
        message_id="<3@chaoxun.invalid>",
    )
    assert say(opened(SLACK, slack=f"{hook.address}/services"), message) == Sent()
    [posted] = hook.posted.all()
    assert posted.path == "/services/T0CANARYA/B0CANARYB/canarycanarycanarycanary"
    [attachment] = posted.json["attachments"]
    assert posted.json["mrkdwn"] is False
    assert attachment["title"] == "【新】&lt;!channel&gt; *粗*"
    assert attachment["text"] == (
        "标题：&lt;!here&gt; &lt;https://evil.example.org|银行&gt; &amp; &lt;@U1&gt;\n"
        "网址：https://news.example.org/1?a=1&amp;b=2\n#a0123456789a"
    )


@pytest.mark.parametrize("schema", ["form", "xml"])
def test_other_hooks_get_title_and_text_as_they_are(hook: HookReceiver, schema: str) -> None:
    message = replace(MESSAGE, title="【新】<b> & 甲", text=MESSAGE.text.replace("宁波", "<i>宁波</i>"))
    assert say(opened(hook.url().replace("json://", f"{schema}://")), message) == Sent()
    [posted] = hook.posted.all()
    said = posted.body.decode()
    if schema == "form":
        fields = parse_qs(said)
        assert (fields["title"], fields["message"]) == ([message.title], [message.text])
    else:
        parsed = etree.fromstring(posted.body)
        texts = {str(etree.QName(element).localname): element.text for element in parsed.iter()}
        assert (texts["Subject"], texts["Message"]) == (message.title, message.text)


@pytest.mark.parametrize("schema", ["json", "form"])
def test_a_hook_of_the_operators_own_gets_the_longest_digest_whole(hook: HookReceiver, schema: str) -> None:
    message = replace(MESSAGE, text="\n".join(f"  第 {n} 句" * 20 for n in range(2000)) + "\n#a0123456789a")
    assert say(opened(hook.url().replace("json://", f"{schema}://")), message) == Sent()
    [posted] = hook.posted.all()
    got = posted.json["message"] if schema == "json" else parse_qs(posted.body.decode())["message"][0]
    assert got == message.text


def test_a_json_hook_gets_title_and_text_as_they_are(hook: HookReceiver) -> None:
    assert say(opened(hook.url())) == Sent()
    [posted] = hook.posted.all()
    assert (posted.method, posted.path) == ("POST", "/hook")
    assert posted.json["title"] == MESSAGE.title
    assert posted.json["message"] == MESSAGE.text


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(Reply(status=204, body=""), Sent(), id="no content is taken"),
        pytest.param(Reply(body='{"code": 200, "msg": "ok"}'), Sent(), id="a code of its own is no refusal"),
        pytest.param(Reply(status=404, body="gone"), Rejected(why="HTTP 404 gone"), id="not found"),
        pytest.param(Reply(status=410, body=""), Rejected(why="HTTP 410"), id="gone"),
        pytest.param(Reply(status=403, body="no"), Rejected(why="HTTP 403 no"), id="forbidden"),
        pytest.param(Reply(status=500, body="oops"), Retryable(why="HTTP 500 oops"), id="server error"),
        pytest.param(
            Reply(status=429, body="slow down", headers={"Retry-After": "17"}),
            Retryable(why="HTTP 429 slow down", retry_after=timedelta(seconds=17)),
            id="too many, with seconds",
        ),
        pytest.param(Reply(status=408, body=""), Retryable(why="HTTP 408"), id="request time-out"),
    ],
)
def test_what_a_hook_answers_decides(hook: HookReceiver, reply: Reply, expected: SendResult) -> None:
    hook.script(reply)
    assert say(opened(hook.url())) == expected


def test_retry_after_may_be_a_date(hook: HookReceiver) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=30)
    hook.script(Reply(status=503, body="", headers={"Retry-After": f"{soon:%a, %d %b %Y %H:%M:%S} GMT"}))
    result = say(opened(hook.url()))
    assert isinstance(result, Retryable)
    assert result.retry_after is not None
    assert timedelta(minutes=25) < result.retry_after <= timedelta(minutes=30)


def test_a_redirect_is_not_followed(hook: HookReceiver) -> None:
    with HookReceiver() as elsewhere:
        hook.script(Reply(status=302, body="", headers={"Location": f"{elsewhere.address}/trap"}))
        result = say(opened(hook.url()))
        assert isinstance(result, Rejected)
        assert "redirect" in result.why
        assert elsewhere.posted.all() == []


def test_an_answer_that_breaks_off_leaves_us_in_doubt(hook: HookReceiver) -> None:
    hook.script(Mishap.DROP_AFTER_DATA)
    assert isinstance(say(opened(hook.url())), Unknown)


def test_a_hook_that_does_not_answer_in_time_leaves_us_in_doubt(hook: HookReceiver) -> None:
    hook.script(Mishap.HOLD)
    assert isinstance(say(opened(f"{hook.url()}?rto=0.2")), Unknown)


def test_a_hook_that_is_down_is_asked_again() -> None:
    with HookReceiver() as receiver:
        url = receiver.url()
    result = say(opened(url))
    assert isinstance(result, Retryable)
    assert "could not be reached" in result.why


def test_a_long_alert_is_split_between_lines_and_arrives_whole(hook: HookReceiver) -> None:
    text = "\n".join(["标题：很长", *["  正文【增】" + "数" * 200] * 200, "#a0123456789a"])
    message = Message(
        alert_ids=("a0123456789a",), kind=AlertKind.CHANGED, title="【改】", text=text, message_id="<4@chaoxun.invalid>"
    )
    assert say(opened(SLACK, slack=hook.address), message) == Sent()
    said = [posted.json["attachments"][0] for posted in hook.posted.all()]
    assert [part["title"] for part in said] == [f"【改】（{number}/5）" for number in range(1, 6)]
    assert "\n".join(part["text"] for part in said) == text
    assert all(len(part["text"].encode()) <= 30_000 for part in said)


def test_a_service_of_short_messages_gets_one_with_the_ids() -> None:
    """Each part would be a text message of its own, with its own price."""
    text = "\n".join(["标题：很长", *["  正文【增】" + "数" * 20] * 20, "#a0123456789a"])
    channel = opened("voipms://password:user@example.org/18005551234/18005554321")
    message = Message(
        alert_ids=("a0123456789a",), kind=AlertKind.CHANGED, title="【改】", text=text, message_id="<4@chaoxun.invalid>"
    )
    [part] = channel.parts(message)
    assert part.text == "标题：很长\n  正文【增】" + "数" * 20 + "\n……\n#a0123456789a"


def test_a_channel_test_says_that_it_is_one(hook: HookReceiver) -> None:
    message = channel_test("desk", "", at=datetime(2026, 11, 20, 2, 0, tzinfo=UTC))
    assert say(opened(hook.url()), message) == Sent()
    assert hook.posted.all()[0].json["title"].startswith("【测试】")


# -- opening


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("nosuch://canary", "cannot be used", id="unknown service"),
        pytest.param("slack://canary", "cannot be used", id="missing tokens"),
        pytest.param("dingtalk://canary!", "dingtalk://{token}/", id="a token that is none"),
        pytest.param("dingtak://canary", "did you mean dingtalk://?", id="nearly a service"),
        pytest.param("https://canary.example.org/canary", "jsons://HOST/PATH", id="a web address"),
        pytest.param("https://oapi.dingtalk.com/robot/send?token=canary", "jsons://HOST/PATH", id="half a web address"),
        pytest.param("canary", "no channel URL", id="no URL"),
        pytest.param("json://127.0.0.1/canary?optional=yes", "'optional'", id="optional"),
        pytest.param("json://127.0.0.1/canary?retry=3", "'retry'", id="retries behind our back"),
        pytest.param("json://127.0.0.1/canary?redirect=yes", "'redirect'", id="redirects"),
        pytest.param("slack://T0CANARYA/B0CANARYB/canarycanarycanarycanary/#a/#b", "2 targets", id="two targets"),
        pytest.param("mailto://u:canary@example.org?to=nobody", "no address", id="bad recipient"),
        pytest.param("mailto://u:canary@example.org?to=a@example.org&mode=tls", "mode", id="unknown mode"),
        pytest.param("mailto://u:canary@example.org?to=a@example.org&bcc=b@example.org", "'bcc'", id="bcc"),
        pytest.param("feishu://canary%20secret@canarytoken", "cannot be used", id="a secret that is none"),
        pytest.param(
            "slack://T0CANARYA/B0CANARYB/canarycanarycanarycanary?optional=no", "'optional'", id="optional: no"
        ),
        pytest.param("wecombot://canary?overflow=split", "'overflow'", id="split behind our back"),
    ],
)
def test_a_channel_that_cannot_work_is_refused_at_the_start(url: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        opened(url)
    assert str(caught.value).startswith("channels.yaml:3: channel desk: ")
    assert said in str(caught.value)
    shown = "".join(traceback.format_exception(caught.value))
    assert "canary" not in shown.lower().replace("test_channels", "")


def written_addresses() -> list[str]:
    """The addresses that docs/channels.md has in its table, with tokens of the length that Slack's have."""
    page = (Path(__file__).parents[2] / "docs" / "channels.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    found = [address for line in rows for address in re.findall(r"`([a-z]+://[^`…]{3,})`", line)]
    return [address.replace("TOKEN-A/TOKEN-B/TOKEN-C", "T0123ABCD/B0123ABCD/" + "a" * 24) for address in found]


def test_the_addresses_of_the_documentation_open() -> None:
    found = written_addresses()
    assert {address.partition("://")[0] for address in found} >= {
        *("mailtos", "dingtalk", "wecombot", "feishu", "lark", "slack", "json")
    }
    for address in found:
        assert opened(address).recipients, address


def test_all_mistakes_are_told_at_once() -> None:
    configs = {
        name: ChannelConfig(name=name, url="nosuch://x", where=f"channels.yaml:{line}")
        for line, name in enumerate(["one", "two"], start=2)
    }
    with pytest.raises(ConfigError, match=r"(?s)channels.yaml:2: .*\nchannels.yaml:3: "):
        open_channels(configs)


def test_no_secret_reaches_a_log_at_any_level(
    mail: MailReceiver, hook: HookReceiver, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(1)
    results = [
        say(opened(SLACK, slack=hook.address)),
        say(opened(f"json://user:canary@{hook.host}:{hook.port}/canary?+X-Token=canary")),
        say(opened(f"json://user:canary@127.0.0.1:{closed_port()}/canary")),
        say(opened(mail.url(user="u:canary"))),
        say(opened("dingtalk://canarysecret@canarytoken", dingtalk=f"http://127.0.0.1:{closed_port()}/canary")),
        say(opened("dingtalk://canarysecret@canarytoken", dingtalk=hook.address)),
        say(opened("wecombot://canary-key-0123", wecombot=hook.address)),
        say(opened("feishu://canarysecret@canary-token", feishu=hook.address)),
    ]
    with pytest.raises(ConfigError):
        opened("nosuch://canary:canary@canary/canary")
    shown = caplog.text + "".join(capsys.readouterr()) + repr(results)
    assert "canary" not in shown.lower()
    assert logging.getLogger().level == 1
