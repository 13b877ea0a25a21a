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

from monitor.alerts.channels.answers import judge, parse_retry_after
from monitor.alerts.channels.exchange import Answered, Failed
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
