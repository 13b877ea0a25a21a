"""The short notations of the configuration, read into values: rates, digests, quiet hours, addresses; pure.

Every function raises ValueError whose message says what is wrong and how to write it; the caller adds file and line.
"""

import re
from datetime import time

from crawler.policy import minutes_of, parse_span
from monitor.model import Quiet

_CLOCK = re.compile(r"(\d{1,2})[:：](\d{2})")
_DIGEST = re.compile(r"digest\s*[\"“]?([^\"“”]*)[\"”]?")
_RATE = re.compile(r"(\d+(?:\.\d+)?)\s*/\s*(s|sec|second|m|min|minute|h|hour)")
_PER_MINUTE = {"s": 60.0, "m": 1.0, "h": 1 / 60}
_CHANNEL_URL = re.compile(r"([a-z][a-z0-9+.-]*)://(?:[^/@:]*:(?P<password>[^/@]*)@)?", re.IGNORECASE)


def digest_times(deliver: str) -> tuple[time, ...]:
    """The times of day, Beijing, of a watch's digest; () for `at once`. Raises ValueError with the accepted form.

    >>> digest_times('digest "08:30, 17:30"')
    (datetime.time(8, 30), datetime.time(17, 30))
    """
    text = deliver.strip()
    if text == "at once":
        return ()
    found = _DIGEST.fullmatch(text)
    clocks = [_CLOCK.fullmatch(part.strip()) for part in re.split(r"[,，、]", found[1])] if found else []
    if not clocks or None in clocks:
        raise ValueError(f'{text!r} says no time of delivery; write: at once, or: digest "08:30, 17:30"')
    minutes = sorted({minutes_of(clock[1], clock[2], last=23 * 60 + 59) for clock in clocks if clock is not None})
    return tuple(time(minute // 60, minute % 60) for minute in minutes)


def parse_quiet(value: object) -> Quiet:
    """`22:00-07:00`, which may pass midnight. Raises ValueError.

    >>> parse_quiet("22:00-07:00")
    Quiet(start=1320, end=420)
    """
    start, end = parse_span(value, "22:00-07:00")
    if start == end:
        raise ValueError(f"{value!r} has no length; write two different hours, such as 22:00-07:00")
    return Quiet(start=start, end=end)


def parse_rate(value: object) -> float:
    """Messages a minute from `20/min`, `1/s` or `100/hour`. Raises ValueError.

    >>> parse_rate("20/min")
    20.0
    """
    found = _RATE.fullmatch(str(value).strip())
    if found is None or float(found[1]) <= 0:
        raise ValueError(f"{value!r} is not a rate; write how many messages in which time: 20/min, 1/s or 100/hour")
    return float(found[1]) * _PER_MINUTE[found[2][0]]


def parse_bind(value: object) -> tuple[str, int]:
    """Host and port of `127.0.0.1:8787` or `[::1]:8787`. Raises ValueError."""
    host, colon, port = str(value).strip().rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not colon or not bare or (":" in bare and bare == host) or not port.isascii() or not port.isdigit():
        raise ValueError(f"{value!r} is not an address and a port; write 127.0.0.1:8787 or [::1]:8787")
    if int(port) > 65535:
        raise ValueError(f"{port} is not a port; write a number up to 65535")
    return bare, int(port)


def parse_database(value: object) -> str:
    """A database URL that the corpus can open; the message never repeats it, as it may hold a password."""
    text = str(value).strip()
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite":
        if not rest.startswith("/") or rest == "/":
            raise ValueError("has no path; write sqlite:///var/chaoxun.db, or sqlite:////var/lib/… with four slashes")
        return text
    if scheme == "postgresql+psycopg" and rest:
        return text
    if scheme in ("postgresql", "postgres"):
        raise ValueError(f"begins with {scheme}://; write postgresql+psycopg:// in its place")
    raise ValueError("is no database that we know; write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME")


def parse_channel_url(value: object) -> str:
    """A URL that apprise may know; the message never repeats it, as it holds the channel's secrets."""
    if not isinstance(value, str) or _CHANNEL_URL.match(value.strip()) is None:
        raise ValueError("is no channel; begin with the service, as in mailto://, slack://, dingtalk:// or json://")
    return value.strip()
