"""Times as Chinese pages write them -> an instant and how exactly it was shown. Adds no hour that nobody wrote."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

from crawler.records import BEIJING, Precision, Reader

_STAMP = re.compile(
    r"(?<![\d.])(?P<year>(?:19|20)\d\d)\s{0,2}(?:年|[-/.‐–—－])\s{0,2}(?P<month>\d{1,2})\s{0,2}(?:月|[-/.‐–—－])\s{0,2}"
    r"(?P<day>[0-3]\d(?=[0-2]\d:[0-5]\d)|\d{1,2}(?!\d))\s{0,2}日?"  # spans without a blank: 2024-03-0509:05
    r"(?:\s{0,3}(?:T|t|[-,，]?\s?[(（]?(?:星期|周|礼拜)[一二三四五六日天][)）]?|[-,，]|HKT|(?:香港|北京|台北|澳門|澳门)[时時][间間])?\s{0,3}"
    r"(?P<half>上午|下午|中午|晚上|凌晨|早上)?\s{0,2}"
    r"(?P<hour>\d{1,2})\s?(?:(?:[:：]|时|點|点|時)\s?(?P<minute>\d{1,2})(?!\d)(?:分)?"
    r"(?:(?:\s?[:：]\s?|(?<=分)\s?)(?P<second>\d{2})(?!\d)秒?(?:[.,]\d+)?)?(?P<noon>\s?[AaPp]\.?[Mm]\b)?"
    r"|(?P<sharp>时|時|點|点)))?"
    r"(?P<zone>\s?(?:Z\b|[+-]\d{2}:?\d{2}\b))?"
)
_MONTH_NAME = re.compile(r"[A-Za-z]{3}")
_COMPACT = re.compile(r"(?<!\d)(20[0-3]\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
#: Since about 1990, in seconds (nine or ten digits) or thousandths, with or without a fraction.
_SINCE_1970 = re.compile(r"([6-9]\d{8}|[1-3]\d{9}|[6-9]\d{11}|[1-3]\d{12})(?:\.\d*)?")
_SECONDS = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)([01]\d|2[0-3])([0-5]\d)([0-5]\d)")
_URL_DAY = re.compile(
    r"/((?:19|20)\d\d)[-/_]?(0?[1-9]|1[0-2])[-/_](0?[1-9]|[12]\d|3[01])(?=[/_.]|-?[a-z])"
    r"|/((?:19|20)\d\d)/(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=[/_.])"
    r"|/t?((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=[_./])"
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """An instant (aware, UTC), its precision, and who read it."""

    at: datetime
    precision: Precision
    reader: Reader = field(default=Reader.LINES, compare=False)

    @property
    def day(self) -> str:
        """The day in Beijing, YYYY-MM-DD."""
        return self.at.astimezone(BEIJING).strftime("%Y-%m-%d")


def read_by(reader: Reader, stamp: Stamp | None) -> Stamp | None:
    """The same time, as that reader's answer. Pure."""
    return None if stamp is None else replace(stamp, reader=reader)


def find_stamps(text: str) -> Iterator[tuple[Stamp, int, int]]:
    """Every time written in a text, with its place. Times without an offset are Beijing's. Pure.

    >>> [stamp.precision.value for stamp, _, _ in find_stamps("2026年02月23日12时 和 2023/7/6 17:31")]
    ['hour', 'minute']
    """
    for match in _STAMP.finditer(text):
        if (stamp := _stamp(match)) is not None:
            yield stamp, match.start(), match.end()


def read_stamp(text: str | None) -> Stamp | None:
    """The one time that a field holds: as written in Chinese pages, ISO 8601, RFC 822 or YYYYMMDD; None if none.

    Midnight sharp is what programs write when they know the day only, so it is read as a day.

    >>> read_stamp("Wed, 05 Jul 2023 23:54:04 GMT").at.isoformat()
    '2023-07-05T23:54:04+00:00'
    >>> read_stamp("2022-01-28 00:00:00").precision.value
    'day'
    """
    if not text:
        return None
    text = text.strip()[:200]
    written = next((stamp for stamp, _, _ in find_stamps(text)), None)
    if written is not None:
        return written
    if (match := _COMPACT.search(text)) is not None:
        return _moment((int(match[1]), int(match[2]), int(match[3])), None, None)
    return _mail_date(text) if ":" in text and _MONTH_NAME.search(text) else None


def read_moment(value: object) -> Stamp | None:
    """The time in a field of a JSON answer: seconds, or thousandths, since 1970 (a number, or its digits in a string),
    YYYYMMDDHHMMSS, else whatever read_stamp() reads. Pure.

    Midnight sharp in Greenwich is a day too: programs that know no more count it so.

    >>> read_moment(1688636401000).at.isoformat(), read_moment("2023.07.06").precision.value
    ('2023-07-06T09:40:01+00:00', 'day')
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value).strip()
    digits = _SINCE_1970.fullmatch(text)
    if digits is None:
        match = _SECONDS.fullmatch(text)
        return read_stamp("{}-{}-{} {}:{}:{}".format(*match.groups()) if match else text)
    seconds = int(digits[1]) if len(digits[1]) < 11 else int(digits[1]) // 1000
    moment = datetime.fromtimestamp(seconds, UTC)
    if seconds % 86_400 == 0:
        return read_stamp(moment.strftime("%Y-%m-%d"))
    return _rounded(moment, Precision.SECOND)


def _mail_date(text: str) -> Stamp | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if not 1990 <= moment.year <= 2100:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)  # RFC 2822: "-0000" and unknown zones are UTC
    return _rounded(moment.astimezone(UTC), Precision.SECOND)


def url_day(url: str | None) -> Stamp | None:
    """The day that a URL carries (`/202307/t20230706_1.html`, `/2023-07-06/x.shtml`, `/2023/7/6/`, `/2023/0706/`)."""
    match = _URL_DAY.search(url or "")
    if match is None:
        return None
    year, month, day = (int(group) for group in match.groups() if group is not None)
    return read_by(Reader.URL, _moment((year, month, day), None, None))


def _stamp(match: re.Match[str]) -> Stamp | None:
    day = (int(match["year"]), int(match["month"]), int(match["day"]))
    if match["hour"] is None:
        return _moment(day, None, None)
    hour = _hour(int(match["hour"]), match["half"] or (match["noon"] or "").strip()[:1].lower())
    clock = (hour, int(match["minute"] or 0), int(match["second"] or 0))
    precision = Precision.HOUR if match["minute"] is None else Precision.MINUTE
    if match["second"] is not None:
        precision = Precision.SECOND
    return _moment(day, clock, match["zone"], precision) or _moment(day, None, None)


def _hour(hour: int, half: str | None) -> int:
    """The hour of the day of one that is counted from midnight or noon. half: as written, or the letter before m."""
    if half in ("下午", "晚上", "p") and hour < 12:
        return hour + 12
    return 0 if hour == 12 and half in ("凌晨", "a") else hour


def _moment(
    day: tuple[int, int, int],
    clock: tuple[int, int, int] | None,
    zone: str | None,
    precision: Precision = Precision.DAY,
) -> Stamp | None:
    try:
        moment = datetime(*day, *(clock or (0, 0, 0)), tzinfo=_zone(zone))
    except ValueError:
        return None
    if clock is None:
        return Stamp(moment.astimezone(UTC), Precision.DAY)
    return _rounded(moment.astimezone(UTC), precision)


def _rounded(moment: datetime, precision: Precision) -> Stamp:
    beijing = moment.astimezone(BEIJING)
    if (beijing.hour, beijing.minute, beijing.second) == (0, 0, 0):
        return Stamp(moment, Precision.DAY)
    return Stamp(moment, precision)


def _zone(text: str | None) -> tzinfo:
    if text is None:
        return BEIJING
    text = text.strip()
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    hours, minutes = int(text[1:3]), int(text[-2:])
    return timezone(sign * timedelta(hours=hours, minutes=minutes)) if hours < 24 and minutes < 60 else BEIJING
