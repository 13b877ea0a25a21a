"""The group robots of DingTalk, WeCom, Feishu and Lark, as apprise plugins of ours for apprise's own URL schemas.

apprise 2.2.0 takes any HTTP 200 for a success though a robot refuses in the answer's body, encodes DingTalk's signature
twice, knows none of Feishu's, and counts WeCom's bytes as characters. The URLs are apprise's, with all their options.
"""

import base64
import hashlib
import hmac
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

import requests
from apprise import NotificationManager
from apprise.exception import AppriseImproperlyConfigured
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.lark import NotifyLark
from apprise.plugins.wecombot import NotifyWeComBot

from monitor.alerts.channels.answers import took
from monitor.alerts.channels.exchange import post

#: `<at user_id="all">`, `<a href=…>` and `[word](address)`: what a robot's text may ping and link with. They become
#: full-width signs, which read the same and do nothing.
_LIVE = ((re.compile(r"<(?=[A-Za-z/!])"), "＜"), (re.compile(r"\](?=\()"), "］"))
#: apprise leaves these without annotations.
_PLUGINS: Any = NotificationManager
_REFUSED: Any = AppriseImproperlyConfigured
_FEISHU: Any = NotifyFeishu
_LARK: Any = NotifyLark
_SECRET = re.compile(r"[A-Za-z0-9_-]+")


def register() -> None:
    """Have apprise speak to the robots through the classes below; a second call changes nothing."""
    plugins = _PLUGINS()
    for robot in (DingTalkRobot, WeComRobot, FeishuRobot, LarkRobot):
        if plugins[robot.secure_protocol] is not robot:
            plugins.add(robot, force=True)


class JsonRobot(ABC):
    """What the robots share: one JSON text message, posted once, whose answer says in its body whether it was taken.

    It stands before apprise's own class of the service, which reads the URL.
    """

    #: Where the service stands; a test puts a receiver on loopback there.
    origin: str
    #: Bytes that a message may have, as `measure` counts them.
    size: int
    #: What the service's own web address looks like, as people copy it: `token`, and perhaps `options`.
    native: ClassVar[re.Pattern[str]]
    #: The title is the first line; apprise must not put it there, since it would end that line with CR LF.
    title_maxlen = 250
    secure_protocol: Any
    #: The clock that signatures are made by, aware; given by whoever opens the channel.
    now: Callable[[], datetime]

    @abstractmethod
    def address(self) -> tuple[str, dict[str, str]]:
        """Where to post, and what the query says."""

    @abstractmethod
    def payload(self, text: str) -> dict[str, Any]:
        """The message, without a signature."""

    def signature(self) -> dict[str, str]:
        """What a signed robot wants to see in the message."""
        return {}

    def measure(self, title: str, text: str) -> int:
        """Bytes of the message, as the service counts them for its limit; here those of the whole request."""
        return len(_encoded(self.payload(inert(f"{title}\n{text}"))))

    def send(self, body: str, title: str = "", *_: Any, **__: Any) -> bool:
        """Post it once; True where the service says that it took it. What it says else is in the noted exchange."""
        address, query = self.address()
        content = self.payload(inert(f"{title}\n{body}" if title else body))
        plugin: Any = self
        try:
            answer = post(
                address,
                params=query,
                data=_encoded({**self.signature(), **content}),
                headers={"User-Agent": plugin.app_id, "Content-Type": "application/json; charset=utf-8"},
                verify=plugin.verify_certificate,
                timeout=plugin.request_timeout,
                allow_redirects=False,
            )
        except requests.RequestException:
            return False
        return took(self.secure_protocol, answer.content)

    def __len__(self) -> int:
        """People whom a message mentions are no targets: it is one message."""
        return 1

    @classmethod
    def parse_native_url(cls, url: str) -> Any:
        """The service's own web address, with our options behind it; None where it is none."""
        found = cls.native.fullmatch(url)
        if found is None:
            return None
        plugin: Any = cls
        options = f"?{found['options']}" if found["options"] else ""
        return plugin.parse_url(f"{cls.secure_protocol}://{found['token']}/{options}")


class DingTalkRobot(JsonRobot, NotifyDingTalk):  # type: ignore[no-untyped-call]  # apprise leaves it so
    """dingtalk://TOKEN, or dingtalk://SECRET@TOKEN where the robot is signed (加签); telephone numbers behind are @."""

    origin = "https://oapi.dingtalk.com"
    size = 19_500  # "message too long, exceed 20000 bytes" is about the whole request
    native = re.compile(
        r"https://oapi\.dingtalk\.com/robot/send/?\?access_token=(?P<token>[a-z0-9]+)(?:&(?P<options>.+))?", re.I
    )

    def address(self) -> tuple[str, dict[str, str]]:
        query = {"access_token": str(self.token)}
        if self.secret:
            timestamp = str(int(self.now().timestamp() * 1000))
            mac = hmac.new(self.secret.encode(), f"{timestamp}\n{self.secret}".encode(), hashlib.sha256)
            # Not encoded here: the request does it, and doing it twice is what apprise gets wrong.
            query |= {"timestamp": timestamp, "sign": base64.b64encode(mac.digest()).decode()}
        return f"{self.origin}/robot/send", query

    def payload(self, text: str) -> dict[str, Any]:
        mentioned: dict[str, Any] = {"atMobiles": list(self.targets), "isAtAll": False}
        return {"msgtype": "text", "text": {"content": text}, "at": mentioned}


class WeComRobot(JsonRobot, NotifyWeComBot):  # type: ignore[no-untyped-call]  # apprise leaves it so
    """wecombot://KEY; WeCom's robots have no signature."""

    origin = "https://qyapi.weixin.qq.com"
    size = 2048  # bytes of `content` alone
    native = re.compile(
        r"https?://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send/?\?key=(?P<token>[a-z0-9_-]+)/?(?:&(?P<options>.+))?",
        re.I,
    )

    def address(self) -> tuple[str, dict[str, str]]:
        return f"{self.origin}/cgi-bin/webhook/send", {"key": str(self.key)}

    def payload(self, text: str) -> dict[str, Any]:
        return {"msgtype": "text", "text": {"content": text}}

    def measure(self, title: str, text: str) -> int:
        return len(inert(f"{title}\n{text}").encode())


class SignedInBody(JsonRobot):
    """What Feishu and its twin abroad share: the signature (签名校验) is of seconds, and stands in the message."""

    size = 19_500  # of 20 KB, with room for the signature
    token: str

    def __init__(self, token: str, secret: str | None = None, **kwargs: Any) -> None:
        super().__init__(token=token, **kwargs)  # type: ignore[call-arg]  # apprise's class comes next
        if secret and not _SECRET.fullmatch(secret):
            raise _REFUSED("the secret of a robot has characters that no secret has")
        self.secret = secret or None

    def address(self) -> tuple[str, dict[str, str]]:
        return f"{self.origin}/open-apis/bot/v2/hook/{self.token}", {}

    def payload(self, text: str) -> dict[str, Any]:
        return {"msg_type": "text", "content": {"text": text}}

    def signature(self) -> dict[str, str]:
        if not self.secret:
            return {}
        timestamp = str(int(self.now().timestamp()))
        mac = hmac.new(f"{timestamp}\n{self.secret}".encode(), b"", hashlib.sha256)
        return {"timestamp": timestamp, "sign": base64.b64encode(mac.digest()).decode()}


class FeishuRobot(SignedInBody, NotifyFeishu):  # type: ignore[no-untyped-call]  # apprise leaves it so
    """feishu://TOKEN, feishu://SECRET@TOKEN or feishu://TOKEN?secret=SECRET where the robot is signed."""

    origin = "https://open.feishu.cn"
    native = re.compile(
        r"https://open\.feishu\.cn/open-apis/bot/v2/hook/(?P<token>[a-z0-9_-]+)/?(?:\?(?P<options>.+))?", re.I
    )

    @staticmethod
    def parse_url(url: Any, *rest: Any, **options: Any) -> Any:
        return _with_secret(_FEISHU.parse_url(url, *rest, **options))


class LarkRobot(SignedInBody, NotifyLark):  # type: ignore[no-untyped-call]  # apprise leaves it so
    """lark://TOKEN and so on: Feishu outside China."""

    origin = "https://open.larksuite.com"
    native = re.compile(
        r"https://open\.larksuite\.com/open-apis/bot/v2/hook/(?P<token>[\w-]+)/?(?:\?(?P<options>.+))?", re.I
    )

    @staticmethod
    def parse_url(url: Any, *rest: Any, **options: Any) -> Any:
        return _with_secret(_LARK.parse_url(url, *rest, **options))


def inert(text: str) -> str:
    """The text with nothing in it that a robot's client would ping or link with. Pure.

    >>> inert('GDP<5%，<at user_id="all">所有人</at>，[银行](http://evil.example)')
    'GDP<5%，＜at user_id="all">所有人＜/at>，[银行］(http://evil.example)'
    """
    for live, dead in _LIVE:
        text = live.sub(dead, text)
    return text


def _with_secret(parts: dict[str, Any] | None) -> dict[str, Any] | None:
    """`secret` of the user's part or of the query, where apprise's own class knows none."""
    if parts:
        query: Mapping[str, str] = parts["qsd"]
        parts["secret"] = query.get("secret") or parts.get("user")
    return parts


def _encoded(content: Mapping[str, Any]) -> bytes:
    """UTF-8 as it is: escaped as ASCII a Chinese character would be six bytes of the limit instead of three."""
    return json.dumps(content, ensure_ascii=False).encode()
