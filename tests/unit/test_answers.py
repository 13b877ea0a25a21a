"""What a webhook's answer, or the lack of one, means for a delivery."""

import json
import ssl
from datetime import UTC, datetime, timedelta

import pytest
import requests
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
)

from monitor.alerts.channels.answers import judge, parse_retry_after, took
from monitor.alerts.channels.exchange import Answered, Failed
from monitor.alerts.channels.refusals import refusal
from monitor.model import Rejected, Retryable, Sent, Unknown

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
POOL = HTTPConnectionPool("hooks.example.org")
CONNECTION = HTTPConnection("hooks.example.org")
SECRET = "/services/canary"


def refused(reason: Exception) -> requests.ConnectionError:
    return requests.ConnectionError(MaxRetryError(POOL, SECRET, reason))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param(refused(NewConnectionError(CONNECTION, "refused")), Retryable, id="connection refused"),
        pytest.param(
            refused(NameResolutionError("hooks.example.org", CONNECTION, OSError("name"))),  # type: ignore[arg-type]  # a gaierror
            Retryable,
            id="name unknown",
        ),
        pytest.param(refused(ConnectTimeoutError(CONNECTION, "slow")), Retryable, id="no connection in time"),
        pytest.param(requests.ConnectTimeout(SECRET), Retryable, id="connect time-out"),
        pytest.param(requests.exceptions.SSLError(ssl.SSLError(SECRET)), Retryable, id="TLS"),
        pytest.param(requests.exceptions.ProxyError(SECRET), Retryable, id="proxy"),
        pytest.param(requests.exceptions.InvalidURL(SECRET), Retryable, id="an address that is none"),
        pytest.param(requests.ReadTimeout(SECRET), Unknown, id="no answer in time"),
        pytest.param(requests.ConnectionError(ProtocolError("aborted", OSError(SECRET))), Unknown, id="reset"),
        pytest.param(requests.ConnectionError(), Unknown, id="a connection error without a reason"),
        pytest.param(requests.exceptions.ChunkedEncodingError(SECRET), Unknown, id="half an answer"),
    ],
)
def test_no_answer(error: requests.RequestException, kind: type) -> None:
    result = judge("json", False, [Failed(error=error)], NOW)
    assert isinstance(result, kind)
    assert "canary" not in repr(result)


def answered(status: int = 200, content: object = "", retry_after: str | None = None) -> Answered:
    body = content if isinstance(content, str) else json.dumps(content)
    return Answered(status=status, retry_after=retry_after, body=body.encode())


@pytest.mark.parametrize(
    ("schema", "content", "kind"),
    [
        pytest.param("wecombot", {"errcode": 0}, Sent, id="wecom takes it"),
        pytest.param("dingtalk", {"errcode": 130101}, Retryable, id="dingtalk: too fast"),
        pytest.param("dingtalk", {"errcode": 999999}, Rejected, id="a code that nobody documents"),
        pytest.param("lark", {"code": 19021}, Rejected, id="lark: signature"),
        pytest.param("wecombot", {"errcode": 40058}, Rejected, id="wecom: too long"),
        pytest.param("wecombot", {"errcode": 45009}, Retryable, id="wecom: too fast"),
        pytest.param("wecombot", {"errcode": -1}, Retryable, id="wecom: busy"),
        pytest.param("dingtalk", {"errcode": "310000"}, Rejected, id="dingtalk: the code as text"),
        pytest.param("feishu", {"code": 11232}, Retryable, id="feishu: too fast"),
        pytest.param("feishu", {"StatusCode": 19001}, Rejected, id="feishu: the older answer"),
        pytest.param("lark", {"code": 0, "StatusCode": 0}, Sent, id="lark takes it"),
        pytest.param("json", {"code": 500}, Sent, id="a hook's own code means nothing to us"),
        pytest.param("json", {"errcode": 7}, Rejected, id="errcode is a refusal everywhere"),
        pytest.param("json", {"errcode": True}, Sent, id="no code"),
        pytest.param("json", {"errcode": None}, Sent, id="no code either"),
        pytest.param("json", {"errcode": "E7"}, Sent, id="nor this"),
        pytest.param("json", [1, 2], Sent, id="a list"),
        pytest.param("slack", {"ok": False, "error": "channel_not_found"}, Rejected, id="slack: no such channel"),
        pytest.param("slack", {"ok": False, "error": "ratelimited"}, Retryable, id="slack: too fast"),
        pytest.param("slack", {"ok": True}, Sent, id="slack takes it"),
    ],
)
def test_a_refusal_inside_a_success(schema: str, content: object, kind: type) -> None:
    assert isinstance(judge(schema, True, [answered(content=content)], NOW), kind)


def test_the_first_exchange_that_goes_wrong_counts() -> None:
    result = judge("json", True, [answered(), answered(404), answered(500)], NOW)
    assert isinstance(result, Rejected)


def test_a_service_without_http_is_believed() -> None:
    assert judge("syslog", True, [], NOW) == Sent()
    assert isinstance(judge("syslog", False, [], NOW), Retryable)


def test_an_answer_that_the_plugin_did_not_expect_is_no_success() -> None:
    result = judge("slack", False, [answered(content="<html>login</html>")], NOW)
    assert isinstance(result, Retryable)
    assert "<html>login</html>" in result.why


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(None, None, id="none"),
        pytest.param("17", timedelta(seconds=17), id="seconds"),
        pytest.param(" 0 ", timedelta(), id="at once"),
        pytest.param("Fri, 20 Nov 2026 02:10:00 GMT", timedelta(minutes=10), id="a date"),
        pytest.param("Fri, 20 Nov 2026 02:10:00 -0000", timedelta(minutes=10), id="a date without a zone"),
        pytest.param("Fri, 20 Nov 2026 01:10:00 GMT", None, id="a date in the past"),
        pytest.param("soon", None, id="a word"),
        pytest.param("9" * 30, timedelta(days=7), id="beyond reason"),
    ],
)
def test_retry_after(value: str | None, expected: timedelta | None) -> None:
    assert parse_retry_after(value, NOW) == expected


@pytest.mark.parametrize(
    ("schema", "code", "said", "means"),
    [
        pytest.param("dingtalk", 310000, "keywords not in content, more: []", "自定义关键词", id="keyword"),
        pytest.param(
            "dingtalk", 310000, "description:关键词不匹配;solution:…", "自定义关键词", id="keyword, in Chinese"
        ),
        pytest.param("dingtalk", 310000, "sign not match, more: []", "加签", id="signature"),
        pytest.param(
            "dingtalk", 310000, "description:机器人发送签名不匹配;solution:…", "加签", id="signature, in Chinese"
        ),
        pytest.param("dingtalk", 310000, "invalid timestamp", "clock", id="clock"),
        pytest.param("dingtalk", 310000, "ip 203.0.113.9 not in whitelist", "白名单", id="address"),
        pytest.param("dingtalk", 310000, "something else", None, id="another check"),
        pytest.param("wecombot", 93000, "invalid webhook url", "copy its webhook address", id="wecom: gone"),
        pytest.param("feishu", 19022, "Ip Not Allowed", "白名单", id="feishu: address"),
        pytest.param("lark", 19024, "Key Words Not Found", "自定义关键词", id="lark: keyword"),
        pytest.param("json", 310000, "keywords not in content", None, id="a hook of anybody's"),
    ],
)
def test_a_refusal_names_its_remedy(schema: str, code: int, said: str, means: str | None) -> None:
    known = refusal(schema, code, said)
    assert (known is None) == (means is None)
    assert known is None or means is None or means in known.means
    result = judge(schema, False, [answered(content={"errcode": code, "errmsg": said})], NOW)
    assert isinstance(result, Rejected)
    assert code_and_words_are_told(result.why, code, said)


def code_and_words_are_told(why: str, code: int, said: str) -> bool:
    return str(code) in why and json.dumps(said)[1:-1][:40] in why


def test_a_rate_refusal_in_an_error_status_is_for_later() -> None:
    content = {"code": 99991400, "msg": "request trigger frequency limit"}
    result = judge("feishu", False, [answered(400, content)], NOW)
    assert isinstance(result, Retryable)
    assert result.retry_after == timedelta(minutes=1)
    assert isinstance(judge("json", False, [answered(400, content)], NOW), Rejected)


def test_what_the_receiver_asks_for_goes_before_what_its_document_says() -> None:
    result = judge("dingtalk", False, [answered(content={"errcode": 130101}, retry_after="17")], NOW)
    assert isinstance(result, Retryable)
    assert result.retry_after == timedelta(seconds=17)
    assert "ten minutes" in result.why


@pytest.mark.parametrize(
    ("schema", "content", "taken"),
    [
        pytest.param("dingtalk", {"errcode": 0}, True, id="dingtalk"),
        pytest.param("feishu", {"code": 0}, True, id="feishu"),
        pytest.param("feishu", {"StatusCode": 0}, True, id="feishu of old"),
        pytest.param("lark", {"code": 0, "StatusCode": 0}, True, id="lark"),
        pytest.param("dingtalk", {"code": 0}, False, id="another's word"),
        pytest.param("wecombot", {}, False, id="no word"),
        pytest.param("wecombot", {"errcode": None}, False, id="an empty word"),
        pytest.param("feishu", {"code": 0, "StatusCode": 7}, False, id="two words"),
        pytest.param("wecombot", "<html>", False, id="a page"),
    ],
)
def test_a_robot_has_taken_what_it_says_it_took(schema: str, content: object, taken: bool) -> None:
    assert took(schema, answered(content=content).body) is taken
