"""Mails as a mail program reads them: two parts that say the same, nothing live in them, headers that fold; and TLS."""

import asyncio
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from monitor.alerts.channels import Channel, open_channels
from monitor.alerts.channels.markup import as_html
from monitor.demo.receivers import MailReceiver
from monitor.model import AlertKind, ChannelConfig, Message, Rejected, Retryable, SendResult, Sent
from tests.certificates import Authority, make_authority

URL = "https://news.example.org/1?a=1&b=2"
MESSAGE = Message(
    alert_ids=("a0123456789a",),
    kind=AlertKind.CHANGED,
    title="【改】产业大脑：宁波发布产业大脑建设指南",
    text="标题：宁波发布产业大脑建设指南\n信源：宁波要闻（ningbo-news）\n网址：" + URL + "\n变更：\n"
    "  正文【删】营收 2674.3 亿元。\n  正文【增】营收 2764.3 亿元。\n  正文【移】会议今天召开。\n#a0123456789a",
    message_id="<0123456789abcdef0123456789abcdef@chaoxun.invalid>",
    url=URL,
)
EVIL = (
    "<script>alert(1)</script><img src=https://evil.example.org/x.png onerror=alert(1)>"
    "<a href='javascript:alert(1)'>点</a>&lt;b&gt;\"'<!--<style>@import url(https://evil.example.org)</style>"
)
#: What a mail program fetches, runs or submits.
LIVE = "script|img|style|link|iframe|object|embed|svg|form|base|video|audio|input|meta[@http-equiv]"


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The one authority that this machine trusts."""
    made = make_authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
    return made


def opened(url: str) -> Channel:
    return open_channels({"desk": ChannelConfig(name="desk", url=url, where="channels.yaml:3")})["desk"]


def say(channel: Channel, message: Message = MESSAGE) -> SendResult:
    [mail] = channel.parts(message)
    return asyncio.run(channel.send(mail, channel.recipients[0]))


def page_of(text: str) -> html.HtmlElement:
    return html.document_fromstring(text)


def lines_of(page: html.HtmlElement) -> list[str]:
    """What a reader sees, line by line, without the headline."""
    return [element.text_content() for element in page.xpath("//body/*[not(self::h2)]")]


# -- two parts


def test_both_parts_say_the_same(mail: MailReceiver) -> None:
    assert say(opened(mail.url())) == Sent()
    [got] = mail.accepted.all()
    assert got.text == MESSAGE.text + "\n"
    page = page_of(got.html)
    assert page.findtext(".//h2") == MESSAGE.title
    assert lines_of(page) == [line.strip() for line in MESSAGE.text.split("\n")]


def test_changes_are_marked_and_the_articles_address_is_the_only_link(mail: MailReceiver) -> None:
    say(opened(mail.url()))
    page = page_of(mail.accepted.all()[0].html)
    assert page.xpath("//del/text()") == ["营收 2674.3 亿元。"]
    assert page.xpath("//ins/text()") == ["营收 2764.3 亿元。"]
    assert page.xpath("//a/@href") == [URL]
    assert page.xpath("//a/@rel") == ["noopener noreferrer"]


def test_a_digests_page_has_each_alert_with_its_id_and_link() -> None:
    entries = [f"【新】产业大脑：第 {n} 条\n网址：https://news.example.org/{n}\n#a{n:011x}" for n in range(3)]
    page = page_of(as_html(replace(MESSAGE, text="\n\n".join(entries), url=None)))
    assert page.xpath("//h3/text()") == [f"【新】产业大脑：第 {n} 条" for n in range(3)]
    assert page.xpath("//a/@href") == [f"https://news.example.org/{n}" for n in range(3)]
    assert [line for line in lines_of(page) if line.startswith("#a")] == [f"#a{n:011x}" for n in range(3)]
    assert len(page.xpath("//hr")) == 2


def test_nothing_of_a_page_is_live_in_either_part(mail: MailReceiver) -> None:
    text = "\n".join(
        [
            f"标题：{EVIL}\u202e\u200b\x07\x1b[31m",
            f"信源：{EVIL}",
            "网址：javascript:alert(1)",
            f"  产业大脑（正文）：{EVIL}",
            f"  正文【增】{EVIL}",
            f"  {EVIL}【增】{EVIL}",
            "  网址：https://evil.example.org/",
            "#a0123456789a",
        ]
    )
    assert say(opened(mail.url()), replace(MESSAGE, title=f"【新】{EVIL}\r\nBcc: x@example.org", text=text)) == Sent()
    [got] = mail.accepted.all()
    page = page_of(got.html)
    assert page.xpath("|".join(f"//{name}" for name in LIVE.split("|"))) == []
    assert page.xpath("//@href|//@src|//@background|//@*[starts-with(name(), 'on')]") == []
    assert page.findtext(".//h2") == f"【新】{EVIL} Bcc: x@example.org"
    assert lines_of(page)[0] == f"标题：{EVIL}[31m"
    for part in (got.text, got.html):
        assert not {"\u202e", "\u200b", "\x07", "\x1b", "\r"} & set(part)
    assert got.parsed["Bcc"] is None


@given(
    st.text(st.one_of(st.sampled_from("<>&\"'\n 【删增】：#a网址https://"), st.characters(codec="utf-8")), max_size=200)
)
def test_no_text_at_all_makes_an_element_of_its_own(text: str) -> None:
    page = page_of(as_html(replace(MESSAGE, text=text)))
    names = {element.tag for element in page.iter() if isinstance(element.tag, str)}
    assert names <= {"html", "head", "meta", "title", "body", "h2", "h3", "hr", "div", "b", "a", "del", "ins", "span"}
    assert all(href.startswith(("http://", "https://")) for href in page.xpath("//a/@href"))
    assert page.xpath("//@src|//@*[starts-with(name(), 'on')]") == []


def test_a_repeat_is_the_same_mail(mail: MailReceiver) -> None:
    channel = opened(mail.url())
    assert (say(channel), say(channel)) == (Sent(), Sent())
    one, two = (
        b"\r\n".join(line for line in got.raw.split(b"\r\n") if not line.startswith(b"Date:"))
        for got in mail.accepted.all()
    )
    assert one == two


# -- headers


def test_no_out_of_office_note_answers_an_alert(mail: MailReceiver) -> None:
    assert say(opened(mail.url()), MESSAGE) == Sent()
    [got] = mail.accepted.all()
    assert message_from_bytes(got.raw)["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("【新】产业大脑：" + "宁波发布产业大脑建设指南" * 20, id="long and Chinese"),
        pytest.param("【新】" + "x" * 300, id="one long word"),
        pytest.param("【新】𠮷野家🇨🇳" * 30, id="beyond the first plane"),
    ],
)
def test_a_long_subject_folds_and_reads_as_it_was(mail: MailReceiver, title: str) -> None:
    assert say(opened(mail.url()), replace(MESSAGE, title=title)) == Sent()
    [got] = mail.accepted.all()
    head = got.raw.split(b"\r\n\r\n", 1)[0]
    assert all(len(line) <= 78 for line in head.split(b"\r\n") if b"x" * 60 not in line)
    assert all(len(line) <= 998 for line in got.raw.split(b"\r\n"))
    parsed = message_from_bytes(got.raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    assert parsed["Subject"] == title.strip()


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("=?utf-8?q?a=0D=0ABcc=3A_x=40example.org?=", id="a line break"),
        pytest.param("=?utf-8?b?DQpCY2M6IHhAZXhhbXBsZS5vcmc=?=", id="a line break in base64"),
        pytest.param("=?utf-8?q?=E2=80=AE?=", id="a bidi mark"),
    ],
)
def test_a_headline_that_looks_encoded_is_not_decoded(mail: MailReceiver, word: str) -> None:
    assert say(opened(mail.url()), replace(MESSAGE, title=f"【新】要闻 {word}")) == Sent()
    [got] = mail.accepted.all()
    assert got.parsed["Subject"] == f"【新】要闻 {word}".replace("=?", "＝?")
    assert got.parsed["Bcc"] is None


def test_the_ids_of_a_hundred_alerts_fold(mail: MailReceiver) -> None:
    ids = tuple(f"a{number:011x}" for number in range(100))
    assert say(opened(mail.url()), replace(MESSAGE, alert_ids=ids)) == Sent()
    [got] = mail.accepted.all()
    head = got.raw.split(b"\r\n\r\n", 1)[0]
    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    assert got.alert_ids == ids


def test_a_server_that_repeats_the_password_does_not_get_it_told(authority: Authority) -> None:
    with MailReceiver(tls=authority.server("127.0.0.1"), password="canary-password") as receiver:
        receiver.refuse("desk@example.org", "550 no access for watcher with canary-password")
        result = say(opened(receiver.url(user="watcher:canary-password", options="mode=starttls")))
    assert result == Rejected(why="refused: 550 no access for watcher with ***")


# -- TLS


@pytest.mark.parametrize("mode", ["starttls", "ssl"])
def test_a_server_that_our_authority_signed_is_trusted(authority: Authority, mode: str) -> None:
    with MailReceiver(tls=authority.server("127.0.0.1"), implicit=mode == "ssl") as receiver:
        assert say(opened(receiver.url(options=f"mode={mode}"))) == Sent()
        assert len(receiver.accepted.all()) == 1


@pytest.mark.parametrize("mode", ["starttls", "ssl"])
@pytest.mark.parametrize(
    ("name", "expired", "why"),
    [
        pytest.param("mail.example.org", False, "IP address mismatch", id="another's certificate"),
        pytest.param("127.0.0.1", True, "certificate has expired", id="expired"),
    ],
)
def test_a_wrong_certificate_is_refused_and_says_why(
    authority: Authority, mode: str, name: str, expired: bool, why: str
) -> None:
    with MailReceiver(tls=authority.server(name, expired=expired), implicit=mode == "ssl") as receiver:
        result = say(opened(receiver.url(options=f"mode={mode}")))
        assert isinstance(result, Retryable)
        assert "TLS failed" in result.why
        assert why in result.why
        assert (receiver.accepted.all(), receiver.tried.all()) == ([], [])


def test_a_server_without_tls_gets_no_mail_where_tls_is_wanted(mail: MailReceiver) -> None:
    result = say(opened(mail.url(user="watcher:canary-password", options="mode=starttls")))
    assert isinstance(result, Retryable)
    assert (mail.accepted.all(), mail.tried.all()) == ([], [])
