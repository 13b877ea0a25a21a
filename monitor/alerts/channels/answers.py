"""Judges what a webhook answered: taken, not now, never, or nobody knows; pure.

apprise calls any HTTP 200 a success; several Chinese robots answer 200 and refuse in the body.
"""

import json
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests
import urllib3

from monitor.alerts.channels.exchange import Answered, Exchange, Failed
from monitor.alerts.channels.refusals import refusal
from monitor.alerts.compose import one_line
from monitor.model import Rejected, Retryable, SendResult, Sent, Unknown

#: Statuses that ask for another try: request time-out, too early, too many requests; and all from 500 on.
_PASSING = frozenset({408, 425, 429})
#: Where a refusal's code stands. Elsewhere `code` may mean anything: many a hook answers {"code": 200}.
_CODE_KEYS = {"feishu": ("code", "StatusCode"), "lark": ("code", "StatusCode")}
_EVERYWHERE = ("errcode",)
#: Slack's Web API (bot tokens) names its passing refusals in words.
_PASSING_WORDS = frozenset({"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable"})


def judge(schema: str, accepted: bool, exchanges: Sequence[Exchange], now: datetime) -> SendResult:
    """What became of a message. Pure.

    schema: of the channel's URL. accepted: what apprise's plugin said. exchanges: the HTTP it did, in order; the first
    that went wrong counts. now: for a Retry-After that is a date.
    """
    for exchange in exchanges:
        match exchange:
            case Failed(error=error):
                return _failure(error)
            case Answered():
                refused = _refusal(schema, exchange, now)
                if refused is not None:
                    return refused
    if accepted:
        return Sent()
    if exchanges:
        answer = exchanges[-1]
        shown = _excerpt(answer.body) if isinstance(answer, Answered) else ""
        return Retryable(why=f"the answer is not the one that a taken message gets: {shown or 'empty'}")
    return Retryable(why="the message was not sent; the service could not be used")


def took(schema: str, body: bytes) -> bool:
    """Whether a robot's answer says that it took the message: its code is there, and 0. Pure."""
    content = _content(body)
    found = [content[key] for key in (*_EVERYWHERE, *_CODE_KEYS.get(schema, ())) if key in content]
    return bool(found) and all(str(value) == "0" for value in found)


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Retry-After as seconds or as a date (RFC 9110); None where it is neither or lies in the past."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=min(int(text), 7 * 86400))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment - now if moment > now else None


def _refusal(schema: str, answer: Answered, now: datetime) -> SendResult | None:
    asked = parse_retry_after(answer.retry_after, now)
    shown = _excerpt(answer.body)
    if answer.status in _PASSING or answer.status >= 500:
        return Retryable(why=f"HTTP {answer.status} {shown}".strip(), retry_after=asked)
    if 300 <= answer.status < 400:
        return Rejected(
            why=f"HTTP {answer.status}: the address redirects, which is not followed; put the final address into"
            " channels.yaml"
        )
    in_body = _refusal_in_body(schema, answer, asked)
    if in_body is None and answer.status >= 400:
        return Rejected(why=f"HTTP {answer.status} {shown}".strip())
    return in_body


def _refusal_in_body(schema: str, answer: Answered, asked: timedelta | None) -> SendResult | None:
    content = _content(answer.body)
    codes = [_number(content.get(key)) for key in (*_EVERYWHERE, *_CODE_KEYS.get(schema, ()))]
    code = next((code for code in codes if code), 0)
    if not code and content.get("ok") is not False:
        return None
    why = f"HTTP {answer.status}, refused: {_excerpt(answer.body)}"
    known = refusal(schema, code, str(content.get("errmsg") or content.get("msg") or ""))
    if known is not None:
        why = f"{why}: {known.means}"
        if known.rest is not None:
            return Retryable(why=why, retry_after=asked or known.rest)
    if content.get("error") in _PASSING_WORDS:
        return Retryable(why=why, retry_after=asked)
    return Rejected(why=why)


def _content(body: bytes) -> dict[str, Any]:
    """The JSON object of an answer; empty where it is none."""
    try:
        content: Any = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _failure(error: requests.RequestException) -> SendResult:
    """The error's own text is not shown: it holds the URL with its token."""
    if isinstance(error, requests.exceptions.SSLError):
        return Retryable(why=f"TLS failed: the server's certificate or protocol was not accepted{_blame(error)}")
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Retryable(why="the server could not be reached in time")
    if isinstance(error, requests.exceptions.ProxyError):
        return Retryable(why="the proxy did not let us through")
    if isinstance(error, requests.ConnectionError) and _never_connected(error):
        return Retryable(why="the server could not be reached: connection refused or name unknown")
    if isinstance(error, requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError):
        return Unknown(why="the connection ended before the answer; it may have arrived")
    return Retryable(why=f"the request could not be made ({type(error).__name__}); look at the channel's address")


def _blame(error: requests.exceptions.SSLError) -> str:
    """What OpenSSL holds against the certificate; it names the host at most."""
    found: Any = error
    for _ in range(4):  # requests wraps urllib3, which wraps its own, which wraps OpenSSL's
        if isinstance(found, ssl.SSLCertVerificationError):
            return f" ({one_line(found.verify_message, 200)})"
        found = getattr(found, "reason", None) or (found.args[0] if getattr(found, "args", None) else None)
    return ""


def _never_connected(error: requests.ConnectionError) -> bool:
    cause: Any = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError)


def _number(value: object) -> int:
    """A refusal's code; 0 where it is none. Robots send it as a number or as its digits."""
    if isinstance(value, bool):
        return 0
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    return 0


def _excerpt(body: bytes) -> str:
    return one_line(body.decode("utf-8", "replace"), 200)
