"""Decides which articles that we hold a listing gives cause to look at now; pure.

A hint is never news by itself: it only makes an early re-check. A listing that shows another time at each visit ("5
minutes ago"), or cuts its headlines now here and now there, must not have every article fetched at each poll.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crawler.records import BEIJING, Entry, Precision, iso
from monitor.text.fingerprint import key_of
from monitor.text.fold import fold_text

#: So many articles of one listing are looked at in one poll; the others' hints are the next poll's.
MOST = 5
#: Where so many of its times are others than before, and half of all, the listing's times move by themselves.
_MOVING = 3
#: An entry is missed where so many stand that stood below it; where more than _MOST_GONE are, the list was made anew.
_BELOW, _MOST_GONE = 2, 3
#: After a hint that was none, the next one of that article counts so much later, and twice as late each further time.
AGAIN, LATEST = timedelta(hours=1), timedelta(days=1)
#: So much of a listing is remembered.
MOST_SHOWN = 200

_CUT = re.compile(r"(?:…|\.{2,}|⋯|·{3})+\s*$")
#: What an editor sticks on a headline for some days.
_MARK = re.compile(
    r"^\s*[\[【〖(（]\s*(?:置顶|头条|推荐|热点?|最新|新|图文?|组图|视频|专题|原创|独家|转载|new|hot|top)\s*[\]】〗)）]\s*|"
    r"\s*(?:[\[【(（]\s*(?:图|组图|视频|new|hot|新)\s*[\]】)）]|new!?|hot!?)\s*$",
    re.IGNORECASE,
)
#: The parts of a time that are meant, the coarsest first.
_EXACTNESS = (Precision.DAY, Precision.HOUR, Precision.MINUTE, Precision.SECOND)
_SHAPES = {Precision.DAY: "%Y%m%d", Precision.HOUR: "%Y%m%d%H", Precision.MINUTE: "%Y%m%d%H%M"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a listing says of one entry."""

    title: str | None = None
    at: datetime | None = None
    precision: Precision | None = None

    @classmethod
    def of(cls, entry: Entry) -> "Shown":
        return cls(title=entry.title, at=entry.published_at, precision=entry.published_precision)

    def as_json(self) -> list[str | None]:
        return [self.title, iso(self.at), self.precision]

    @classmethod
    def from_json(cls, value: Sequence[Any]) -> "Shown":
        title, at, precision = value
        moment = None if at is None else datetime.fromisoformat(at)
        return cls(title=title, at=moment, precision=None if precision is None else Precision(precision))


def hints(before: Mapping[str, Shown], shown: Mapping[str, Shown]) -> list[str]:
    """The URLs of those that the listing shows otherwise than before, or no longer; the surest first. Pure.

    Both in the order of the list, as it was at the last poll and as it is now.
    """
    both = [url for url in shown if url in before]
    titled = [url for url in both if is_other_title(before[url].title, shown[url].title)]
    timed = [url for url in both if is_other_time(before[url], shown[url])]
    with_time = sum(before[url].at is not None and shown[url].at is not None for url in both)
    if len(timed) >= _MOVING and len(timed) * 2 >= with_time:
        timed = []
    return list(dict.fromkeys((*titled, *_vanished(before, shown), *timed)))


def is_other_title(one: str | None, other: str | None) -> bool:
    """Whether a listing names an article otherwise; a headline that is cut elsewhere, or marked, is the same. Pure.

    >>> is_other_title("关于印发示例办法的…", "[置顶] 关于印发示例办法的通知")
    False
    >>> is_other_title("大桥今日通车", "大桥推迟通车")
    True
    """
    if not one or not other:
        return False
    a, b = _key(one), _key(other)
    if not a or not b or a == b:
        return False
    cut, uncut = (a, b) if len(a) < len(b) else (b, a)
    return not (uncut.startswith(cut) and any(map(_CUT.search, (one, other))))


def _key(title: str) -> str:
    return key_of([fold_text(_CUT.sub("", _MARK.sub("", title)))])


def is_other_time(one: Shown, other: Shown) -> bool:
    """Whether a listing shows another time, as far as both are exact. Pure."""
    if one.at is None or other.at is None:
        return False
    exactness = min(_EXACTNESS.index(each.precision or Precision.SECOND) for each in (one, other))
    shape = _SHAPES.get(_EXACTNESS[exactness], "%Y%m%d%H%M%S")
    return one.at.astimezone(BEIJING).strftime(shape) != other.at.astimezone(BEIJING).strftime(shape)


def _vanished(before: Mapping[str, Shown], shown: Mapping[str, Shown]) -> list[str]:
    """Those that are not listed any more though what stood below them is."""
    gone = list(_passed_over(list(before), shown))
    return gone if len(gone) <= _MOST_GONE else []


def _passed_over(order: Sequence[str], shown: Mapping[str, Shown]) -> Iterator[str]:
    below = sum(url in shown for url in order)
    for url in order:
        if url in shown:
            below -= 1
        elif below >= _BELOW:
            yield url


def is_heard(*, hints: int, checked_at: datetime, now: datetime) -> bool:
    """Whether a hint is followed. hints: those that were followed since the article last changed. Pure."""
    if not hints:
        return True
    wait: timedelta = min(AGAIN * 2 ** min(hints - 1, 10), LATEST)
    return now - checked_at >= wait
