"""When a row of a list says that its article was published: the ways in which lists write a day, and no sentence."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from crawler.extract.times import Stamp, find_stamps
from crawler.records import BEIJING, Precision

#: A cell that holds a date holds little else: `[2023-07-06]`, `发布时间：2023-07-06`, `来源：某报 2023-07-06`.
_LITTLE_ELSE = 16
_PUBLISHED = re.compile(r"发布|公布|公开|日期")
_WRITTEN = re.compile(r"成文|生成|截止|实施|施行|生效")
_TODAY = re.compile(r"今天|今日|当前时间|星期")
#: Cards set the day larger than the rest: `06` over `2023-07`, `07-06` over `2023`.
_SPLIT = (
    re.compile(r"(?<![\d:.-])(?P<day>\d{1,2})日?\s+(?P<year>20\d\d)\s?[-./年]\s?(?P<month>\d{1,2})月?(?![\d.:-])"),
    re.compile(r"(?<!\d)(?P<year>20\d\d)\s?[-./年]\s?(?P<month>\d{1,2})月?\s+(?P<day>\d{1,2})日?(?![\d:.-])"),
    re.compile(r"(?<![\d.-])(?P<month>\d{1,2})[-./月](?P<day>\d{1,2})日?\s+(?P<year>20\d\d)年?(?![\d-])"),
    re.compile(r"(?<!\d)(?P<year>20\d\d)年?\s+(?P<month>\d{1,2})[-./月](?P<day>\d{1,2})日?(?![\d.-])"),
)
_NO_YEAR = re.compile(
    r"(?<![\d.:/-])(?P<month>0?[1-9]|1[0-2])(?:-|/|\.|月)(?P<day>0?[1-9]|[12]\d|3[01])日?"
    r"(?:\s+(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d))?(?![\d.:/%-])"
)
_BRACKETS = " \t[]()（）【】〔〕|｜-—·:："


def row_stamp(pieces: Sequence[str], *, now: datetime | None = None) -> Stamp | None:
    """The time that stands in a row beside its headline, or None. Pure.

    pieces: the row's texts apart from the headline, in order. now: when the page was fetched, of which a date without
    a year is the nearest past one; without it such a date says nothing.

    >>> row_stamp(["[", "2023-07-06", "]"]).day
    '2023-07-06'
    >>> row_stamp(["06", "2023-07", "一句 2019年5月1日 的话不是日期，是这条新闻的摘要。"]).day
    '2023-07-06'
    """
    texts = [piece.strip() for piece in pieces if piece.strip() and not _TODAY.search(piece)]
    found = [(stamp, text) for stamp, text in _written(texts) if not _WRITTEN.search(text)]
    for stamp, text in found:
        if _PUBLISHED.search(text):
            return stamp
    if found:
        return found[0][0]
    return _split(texts) or (_without_year(texts, now) if now is not None else None)


def shows_a_date(pieces: Sequence[str]) -> bool:
    """Whether a row shows a date in any way, even one that does not say its year. Pure."""
    return row_stamp(pieces, now=datetime(2000, 12, 31, 12, tzinfo=UTC)) is not None


def edge_stamp(text: str) -> tuple[Stamp, int, int] | None:
    """A time that begins or ends a link's words and is no part of the headline between, with its place. Pure.

    >>> edge_stamp("[2023-07-06] 关于示例的通知")[1:]
    (1, 11)
    >>> edge_stamp("2023年7月6日起施行的办法") is None
    True
    """
    for stamp, begin, end in find_stamps(text):
        before, behind = text[:begin].strip(_BRACKETS), text[end:].strip(_BRACKETS)
        # In figures it comes from an element of its own; sentences write 年, 月 and 日.
        apart = "年" not in text[begin:end] or (text[end] if behind else text[begin - 1 : begin]) in _BRACKETS
        if bool(before) != bool(behind) and apart:
            return stamp, begin, end
    return None


def in_words(pieces: Sequence[str]) -> Stamp | None:
    """The first time in any sentence of a row: better than none where the URL has no day. Pure."""
    return next((stamp for piece in pieces for stamp, _, _ in find_stamps(piece)), None)


def _written(texts: Sequence[str]) -> Iterator[tuple[Stamp, str]]:
    """Whole dates; of two neighbouring pieces the second may be the time of day."""
    joined = " ".join(texts)
    place, spans = 0, []
    for text in texts:
        spans.append((place, place + len(text), text))
        place += len(text) + 1
    for stamp, begin, end in find_stamps(joined):
        covering = [span for span in spans if span[0] < end and begin < span[1]]
        beside = covering[0][1] - covering[0][0] + covering[-1][1] - covering[-1][0] if len(covering) > 1 else 0
        rest = (beside or covering[0][1] - covering[0][0]) - (end - begin)
        if rest <= _LITTLE_ELSE:
            yield stamp, " ".join(span[2] for span in covering)


def _split(texts: Sequence[str]) -> Stamp | None:
    joined = " ".join(text for text in texts if len(text) <= _LITTLE_ELSE)
    for pattern in _SPLIT:
        for match in pattern.finditer(joined):
            day = f"{match['year']}-{match['month']}-{match['day']}"
            stamp = next((stamp for stamp, _, _ in find_stamps(day)), None)
            if stamp is not None:
                return stamp
    return None


def _without_year(texts: Sequence[str], now: datetime) -> Stamp | None:
    for text in texts:
        match = _NO_YEAR.search(text)
        if match is None or (text[: match.start()] + text[match.end() :]).strip(_BRACKETS):
            continue
        for year in (now.astimezone(BEIJING).year, now.astimezone(BEIJING).year - 1):
            try:
                moment = datetime(year, int(match["month"]), int(match["day"]), tzinfo=BEIJING)
            except ValueError:  # 29 February of another year
                continue
            if moment <= now + timedelta(days=1):
                hour, minute = match["hour"], match["minute"]
                if hour is None:
                    return Stamp(moment.astimezone(UTC), Precision.DAY)
                at = moment.replace(hour=int(hour), minute=int(minute))
                return Stamp(at.astimezone(UTC), Precision.MINUTE)
    return None
