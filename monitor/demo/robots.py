"""Stand-ins for the group robots of DingTalk, WeCom and Feishu and for Slack's hook, which answer as the real ones do.

They check what the real ones check (token, signature, clock, keyword, bytes, messages a minute) and refuse in the same
words, most of them inside a 200. After the services' public documents of 2026; nobody here has asked the real ones.
"""

import base64
import hashlib
import hmac
import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, urlsplit

from monitor.demo.receivers import Posted, Reply

MINUTE = timedelta(minutes=1)


class Kind(StrEnum):
    """A service, named by the schema of its channel URLs."""

    DINGTALK = "dingtalk"
    WECOM = "wecombot"
    FEISHU = "feishu"
    SLACK = "slack"


@dataclass(slots=True, kw_only=True)
class Robot:
    """One robot in one group. Give its `answer` to a HookReceiver; `taken` are the texts that reached the group.

    secret: it wants a signature. keyword: it wants that word. listed: the addresses that it takes messages from, if not
    any. per_minute, per_second: messages that it takes.
    """

    kind: Kind
    token: str
    secret: str | None = None
    keyword: str | None = None
    listed: frozenset[str] | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    per_minute: int | None = None
    per_second: int | None = None
    taken: list[str] = field(default_factory=list)
    _times: deque[datetime] = field(default_factory=deque)
    _shut_until: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, posted: Posted) -> Reply:
        """What the service says to this request; a message that it takes is in `taken`."""
        try:
            content = json.loads(posted.body)
        except ValueError:
            content = None
        if posted.method != "POST" or not isinstance(content, dict):
            return _SPEECH[self.kind].garbled
        speech = _SPEECH[self.kind]
        with self._lock:
            refused = next(self._refusals(posted, content), None)
            if refused is not None:
                return refused
            self.taken.append(speech.text(content))
            return speech.taken

    def _refusals(self, posted: Posted, content: dict[str, Any]) -> Iterator[Reply]:
        """In the order in which the services look."""
        speech = _SPEECH[self.kind]
        parts = urlsplit(posted.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if not speech.knows(self, parts.path, query):
            yield speech.unknown
        if self._is_too_fast():
            yield speech.too_fast
        text = speech.text(content)
        if not text:
            yield speech.garbled
        if not speech.fits(posted.body, text):
            yield speech.too_long
        if self.secret is not None:
            refused = speech.signature(self, query, content)
            if refused is not None:
                yield refused
        if self.listed is not None and "127.0.0.1" not in self.listed:
            yield speech.unlisted
        if self.keyword is not None and self.keyword not in text:
            yield speech.no_keyword

    def _is_too_fast(self) -> bool:
        """Counts this message. DingTalk's robot is then shut for ten minutes, whatever comes."""
        now = self.now()
        if self._shut_until is not None and now < self._shut_until:
            return True
        while self._times and now - self._times[0] >= MINUTE:
            self._times.popleft()
        just_now = sum(now - time < timedelta(seconds=1) for time in self._times)
        full = self.per_minute is not None and len(self._times) >= self.per_minute
        fast = full or (self.per_second is not None and just_now >= self.per_second)
        if fast and self.kind is Kind.DINGTALK:
            self._shut_until = now + 10 * MINUTE
        if not fast:
            self._times.append(now)
        return fast


@dataclass(frozen=True, slots=True, kw_only=True)
class _Speech:
    """How one service reads a message, and what it answers."""

    knows: Callable[[Robot, str, Mapping[str, str]], bool]
    text: Callable[[dict[str, Any]], str]
    fits: Callable[[bytes, str], bool]
    signature: Callable[[Robot, Mapping[str, str], dict[str, Any]], Reply | None]
    taken: Reply
    garbled: Reply
    unknown: Reply
    too_fast: Reply
    too_long: Reply
    no_keyword: Reply
    unlisted: Reply


def sign_of(kind: Kind, secret: str, timestamp: str) -> str:
    """The signature that the service works out for itself, by its document: Feishu's key is what DingTalk signs."""
    line = f"{timestamp}\n{secret}".encode()
    key, signed = (secret.encode(), line) if kind is Kind.DINGTALK else (line, b"")
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _dingtalk_signature(robot: Robot, query: Mapping[str, str], content: dict[str, Any]) -> Reply | None:
    timestamp = query.get("timestamp", "")
    if not timestamp.isdecimal() or abs(int(timestamp) - robot.now().timestamp() * 1000) > 3_600_000:
        return _code(310000, "invalid timestamp")
    right = sign_of(Kind.DINGTALK, robot.secret or "", timestamp)
    return None if hmac.compare_digest(query.get("sign", ""), right) else _code(310000, "sign not match")


def _feishu_signature(robot: Robot, query: Mapping[str, str], content: dict[str, Any]) -> Reply | None:
    timestamp, sign = str(content.get("timestamp", "")), str(content.get("sign", ""))
    near = timestamp.isdecimal() and abs(int(timestamp) - robot.now().timestamp()) <= 3600
    if near and hmac.compare_digest(sign, sign_of(Kind.FEISHU, robot.secret or "", timestamp)):
        return None
    return _feishu(19021, "sign match fail or timestamp is not within one hour from current time")


def _chat_text(content: dict[str, Any]) -> str:
    """Of DingTalk and WeCom; "" where there is none."""
    kind = content.get("msgtype")
    said = content.get(kind, {}) if kind in {"text", "markdown"} else {}
    text = said.get("content", said.get("text")) if isinstance(said, dict) else None
    return text if isinstance(text, str) else ""


def _feishu_text(content: dict[str, Any]) -> str:
    said = content.get("content")
    text = said.get("text") if content.get("msg_type") == "text" and isinstance(said, dict) else None
    return text if isinstance(text, str) else ""


def _slack_text(content: dict[str, Any]) -> str:
    attachments = content.get("attachments") or [{}]
    said = [content.get("text"), *(part.get(key) for part in attachments for key in ("title", "text"))]
    return "\n".join(str(text) for text in said if text)


def _code(code: int, words: str) -> Reply:
    return Reply(body=json.dumps({"errcode": code, "errmsg": words}), headers={"Content-Type": "application/json"})


def _feishu(code: int, words: str) -> Reply:
    body = {"code": code, "data": {}, "msg": words}
    if code == 0:
        body |= {"StatusCode": 0, "StatusMessage": words}
    return Reply(body=json.dumps(body), headers={"Content-Type": "application/json"})


_SPEECH: Mapping[Kind, _Speech] = {
    Kind.DINGTALK: _Speech(
        knows=lambda robot, path, query: path == "/robot/send" and query.get("access_token") == robot.token,
        text=_chat_text,
        fits=lambda body, text: len(body) <= 20_000,
        signature=_dingtalk_signature,
        taken=_code(0, "ok"),
        garbled=_code(40035, "缺少参数 json"),
        unknown=_code(300001, "token is not exist"),
        too_fast=_code(130101, "send too fast, exceed 20 times per minute"),
        too_long=_code(460101, "message too long, exceed 20000 bytes"),
        no_keyword=_code(310000, "keywords not in content"),
        unlisted=_code(310000, "ip 127.0.0.1 not in whitelist"),
    ),
    Kind.WECOM: _Speech(
        knows=lambda robot, path, query: path == "/cgi-bin/webhook/send" and query.get("key") == robot.token,
        text=_chat_text,
        fits=lambda body, text: len(text.encode()) <= (4096 if b'"markdown"' in body else 2048),
        signature=lambda robot, query, content: None,
        taken=_code(0, "ok"),
        garbled=_code(40008, "invalid message type"),
        unknown=_code(93000, "invalid webhook url"),
        too_fast=_code(45009, "api freq out of limit"),
        too_long=_code(40058, "text.content exceed max length 2048"),
        no_keyword=_code(0, "ok"),
        unlisted=_code(60020, "not allow to access from your ip"),
    ),
    Kind.FEISHU: _Speech(
        knows=lambda robot, path, query: path == f"/open-apis/bot/v2/hook/{robot.token}",
        text=_feishu_text,
        fits=lambda body, text: len(body) <= 20 * 1024,
        signature=_feishu_signature,
        taken=_feishu(0, "success"),
        garbled=_feishu(9499, "Bad Request"),
        unknown=_feishu(19001, "param invalid: incoming webhook access token invalid"),
        too_fast=_feishu(11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"),
        too_long=_feishu(9499, "Bad Request"),
        no_keyword=_feishu(19024, "Key Words Not Found"),
        unlisted=_feishu(19022, "Ip Not Allowed"),
    ),
    Kind.SLACK: _Speech(
        knows=lambda robot, path, query: path == f"/services/{robot.token}",
        text=_slack_text,
        fits=lambda body, text: len(text) <= 40_000,
        signature=lambda robot, query, content: None,
        taken=Reply(body="ok"),
        garbled=Reply(status=400, body="invalid_payload"),
        unknown=Reply(status=404, body="no_service"),
        too_fast=Reply(status=429, body="rate_limited", headers={"Retry-After": "1"}),
        too_long=Reply(status=400, body="msg_too_long"),
        no_keyword=Reply(body="ok"),
        unlisted=Reply(status=403, body="action_prohibited"),
    ),
}
