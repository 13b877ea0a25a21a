"""Decides which articles tell one story, and which of them was first; pure, and in doubt it keeps them apart."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import urlsplit

from crawler.records import BEIJING, Precision
from monitor.text.fold import fold_text

#: Two headlines over one text: below this length the text may be a form whose facts stand in the headline.
LONG_TEXT = 300
#: A headline that stands within another one says little below this length (公示, 通知).
TELLING_TITLE = 8

_NOT_KEY = re.compile(r"[^0-9a-z\u3400-\u9fff\U00020000-\U000323af]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One article as its story sees it; `length` is that of its text."""

    article_id: int
    url: str
    title: str
    length: int
    published_at: datetime | None
    published_precision: str | None
    first_seen_at: datetime


def retells(new: Telling, old: Telling) -> bool:
    """Whether `new` is a repost of `old`, given that their texts are the same to the last letter. Pure.

    Offices fill one form for many firms and put the firm into the headline alone, so the same text under another
    headline counts only where another site carries a long one.
    """
    one, other = _key(new.title), _key(old.title)
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= TELLING_TITLE and shorter in longer and _digits(one) == _digits(other):
        return True
    if urlsplit(new.url).hostname == urlsplit(old.url).hostname:
        return False
    return min(new.length, old.length) >= LONG_TEXT and _digits(one) == _digits(other)


def story_of(new: Telling, candidates: Iterable[tuple[int, Telling]]) -> int | None:
    """The story that `new` belongs to; candidates: (story id, one of its articles), oldest first. None: its own."""
    return next((story for story, old in candidates if retells(new, old)), None)


def origin(tellings: Sequence[Telling]) -> Telling:
    """The article that told the story first. tellings: at least one.

    A time known only to the day is taken as the end of that day, since an outlet that copies shows less, not more.
    """
    return min(tellings, key=_order)


def _order(telling: Telling) -> tuple[date, time, datetime, int]:
    moment = (telling.published_at or telling.first_seen_at).astimezone(BEIJING)
    vague = telling.published_at is not None and telling.published_precision == Precision.DAY
    return (moment.date(), time.max if vague else moment.time(), telling.first_seen_at, telling.article_id)


def _key(title: str) -> str:
    return _NOT_KEY.sub("", fold_text(title))


def _digits(key: str) -> list[str]:
    return re.findall(r"\d+", key)
