"""What the robots' refusals mean and what to do about them, by service and code; pure.

The codes are those of the services' public documents, 2026. One that is not here is told as the service words it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """means: what went wrong, and the remedy. rest: it passes, and for so long the service wants to be left alone."""

    means: str
    rest: timedelta | None = None


_MINUTE = timedelta(minutes=1)
_BUSY = Refusal(means="the service is busy", rest=_MINUTE)
_KEYWORD = Refusal(
    means="the robot wants a keyword (自定义关键词) that the message has not; every title begins with 【, so make 【 a"
    " keyword, or secure the robot by a signature (加签) instead"
)
_ADDRESS = Refusal(
    means="the robot takes messages from listed addresses only (IP 白名单); add this machine's public address"
)
_CLOCK_OR_SECRET = (
    "put the robot's secret into the channel's URL (chaoxun doctor checks the clock; an hour off is too much)"
)
_GONE = "the token is not that of a robot in the group any more; copy its webhook address (Webhook 地址) again"

_DINGTALK = {
    -1: _BUSY,
    130101: Refusal(
        means="more than 20 messages in a minute; DingTalk shuts the robot out for ten minutes",
        rest=timedelta(minutes=10),
    ),
    410100: Refusal(means="too many messages", rest=timedelta(minutes=10)),
    300001: Refusal(means=_GONE),
    300005: Refusal(means=_GONE),
    400013: Refusal(means="the group was dissolved; give the channel the robot of another group"),
    400101: Refusal(means=_GONE),
    400102: Refusal(means="the robot was switched off; switch it on in the group's settings (群设置 → 机器人)"),
    400106: Refusal(means=_GONE),
    430101: Refusal(means="DingTalk holds a link in the message for unsafe"),
    430102: Refusal(means="DingTalk holds words of the message for unfit"),
    430104: Refusal(means="DingTalk holds the message for unfit"),
    460101: Refusal(means="the message is longer than 20,000 bytes; please report this"),
}
#: DingTalk's 310000 is any failed check (安全设置); which one, only its words say.
_DINGTALK_CHECKS = (
    ("keyword", _KEYWORD),
    ("关键词", _KEYWORD),
    ("sign", Refusal(means=f"the signature (加签) does not match: {_CLOCK_OR_SECRET}, as dingtalk://SECRET@TOKEN")),
    ("签名", Refusal(means=f"the signature (加签) does not match: {_CLOCK_OR_SECRET}, as dingtalk://SECRET@TOKEN")),
    ("timestamp", Refusal(means="this machine's clock is more than an hour off; set it (timedatectl)")),
    ("whitelist", _ADDRESS),
    ("白名单", _ADDRESS),
)
_WECOM = {
    -1: _BUSY,
    45009: Refusal(means="more than 20 messages in a minute", rest=_MINUTE),
    45033: Refusal(means="too many messages at once", rest=_MINUTE),
    40008: Refusal(means="WeCom does not know this kind of message; please report this"),
    40058: Refusal(means="the message is longer than 2,048 bytes; please report this"),
    60020: _ADDRESS,
    93000: Refusal(means=_GONE),
    93017: Refusal(means="the robot was taken out of the group; add one again and copy its key"),
}
_FEISHU = {
    9499: Refusal(means="the service could not read the message, or too many came", rest=_MINUTE),
    11232: Refusal(means="more than 100 messages in a minute or five in a second", rest=_MINUTE),
    11246: Refusal(means="Feishu holds the message for unfit"),
    19001: Refusal(means=_GONE),
    19002: Refusal(means="Feishu does not know this kind of message; please report this"),
    19021: Refusal(means=f"the signature (签名校验) does not match: {_CLOCK_OR_SECRET}, as feishu://SECRET@TOKEN"),
    19022: _ADDRESS,
    19024: _KEYWORD,
    99991400: Refusal(means="too many messages", rest=_MINUTE),
}
_CODES: Mapping[str, Mapping[int, Refusal]] = {
    "dingtalk": _DINGTALK,
    "wecombot": _WECOM,
    "feishu": _FEISHU,
    "lark": _FEISHU,
}


def refusal(schema: str, code: int, said: str) -> Refusal | None:
    """What the code of a robot's answer means; None where it is unknown. said: the service's own words. Pure."""
    if (schema, code) == ("dingtalk", 310000):
        words = said.lower()
        return next((known for word, known in _DINGTALK_CHECKS if word in words), None)
    return _CODES.get(schema, {}).get(code)
