"""Times in forms that are too rare, or too like other numbers, to be looked for in lists and texts.

Pages made by software with other settings (`9/17/2004 5:54:13 AM`), boards (`Wed May 18 10:22:11 2005`), and templates
that set year, day and clock apart. Asked only about lines of credits, and only where no time in a usual form is.
"""

import re

from crawler.extract.times import Stamp, read_stamp

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?!\d)(?:\s?(?P<half>[ap])\.?m\b\.?)?"
_DAY = r"(?<![\d/.-])(?P<{}>\d{{1,2}})"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # 9/17/2004 5:54:13 AM
        rf"{_DAY.format('one')}[/.-](?P<two>\d{{1,2}})[/.-](?P<year>(?:19|20)\d\d)(?!\d)(?:,?\s{{1,3}}{_CLOCK})?",
        # Wed May 18 10:22:11 2005
        rf"\b{_MONTH}\s{{1,3}}(?P<day>\d{{1,2}})\s{{1,3}}{_CLOCK}\s{{1,3}}(?:[A-Z]{{3}}\s)?(?P<year>(?:19|20)\d\d)(?!\d)",
        # Sep 11, 2005 9:23 PM
        rf"\b{_MONTH}\s{{1,3}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,3}}(?:[a-z]{{3}},?\s{{1,3}})?(?P<year>(?:19|20)\d\d)(?!\d)"
        rf"(?:(?:,|\s+at|\s+-)?\s{{1,3}}{_CLOCK})?",
        # 11 Sep 2005 21:23
        rf"{_DAY.format('day')}(?:st|nd|rd|th)?[\s-]{{1,3}}{_MONTH},?[\s-]{{1,3}}(?P<year>(?:19|20)\d\d)(?!\d)"
        rf"(?:(?:,|\s+at|\s+-)?\s{{1,3}}{_CLOCK})?",
        # 21:23:57 2005-05-07
        rf"(?<![\d:]){_CLOCK}\s{{1,3}}(?P<year>(?:19|20)\d\d)[-/.年](?P<month>\d{{1,2}})[-/.月](?P<day>\d{{1,2}})(?!\d)",
        # 2022 01/28 10:12:33, the year above the day
        rf"(?<!\d)(?P<year>20\d\d)年?\s{{0,3}}(?P<month>\d\d)\s?[-/月]\s?(?P<day>[0-3]\d)日?\s{{0,3}}{_CLOCK}",
        # 民國113年3月5日, 113-03-05: the years of the Republic of China, on Taiwan
        r"(?<![\d/.:-])(?:民[國国]\s?)?(?P<roc>1[0-3]\d)\s?[-/.年]\s?(?P<month>[01]?\d)\s?[-/.月]\s?(?P<day>[0-3]?\d)日?(?![\d.-])"
        rf"(?:\s{{1,3}}{_CLOCK})?",
        # 05-09-11 18:04
        rf"(?<![\d/.:-])(?P<short>[0-3]\d)[-/.年](?P<month>[01]?\d)[-/.月](?P<day>[0-3]\d(?=\d?\d:)|[0-3]?\d(?=[日\s]))日?"
        rf"\s{{0,3}}{_CLOCK}",
    )
)
_UNDATED = re.compile(
    r"(?<![\d/.-])(\d{1,2})\s?[-/.月]\s?(\d\d(?=\d?\d:)|\d{1,2}(?=[日\s]))日?\s{0,3}(\d{1,2}:\d\d(?::\d\d)?)(?![\d:])"
)
_CLOCK_THERE = re.compile(r"(?:香港|北京|台北|澳門|澳门)[时時][间間]\s?(\d{1,2})\s?[:：时時點点]\s?(\d{1,2})分?")
_CLOCK_ALONE = re.compile(r"(?<![\d:])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?![\d:])")


def find_rare(line: str) -> tuple[Stamp, int] | None:
    """The first time in a rare form that a line holds, and where; None where it may be read in two ways. Pure.

    >>> find_rare("发信站: 某站 (Wed May 18 10:22:11 2005)")[0].at.isoformat()
    '2005-05-18T02:22:11+00:00'
    >>> find_rare("04/12/2005") is None
    True
    """
    found = [(stamp, match.start()) for form in _FORMS for match in form.finditer(line) if (stamp := _read(match))]
    return min(found, key=lambda pair: pair[1], default=None)


def rare_stamp(line: str) -> Stamp | None:
    found = find_rare(line)
    return None if found is None else found[0]


def completed(line: str, day: str) -> Stamp | None:
    """The time in a line that leaves out the year (`03-04 09:12`), or the day too (`09:12`), if it may be of `day`.

    >>> completed("03-04 09:12 来源：示例日报", "2023-03-04").at.isoformat()
    '2023-03-04T01:12:00+00:00'
    """
    for match in _UNDATED.finditer(line):
        if (int(match[1]), int(match[2])) == (int(day[5:7]), int(day[8:10])):
            return read_stamp(f"{day} {match[3]}")
        return None
    if (there := _CLOCK_THERE.match(line.strip())) is not None:
        return read_stamp(f"{day} {there[1]}:{there[2]}")
    clock = _CLOCK_ALONE.match(line.strip())
    return read_stamp(f"{day} {clock[0]}") if clock is not None and len(line) <= 40 else None


def is_clock(line: str) -> bool:
    """Whether a line is a time of day and the place whose time it is (香港時間17時31分). Pure."""
    return _CLOCK_THERE.fullmatch(line.strip()) is not None


def _read(match: re.Match[str]) -> Stamp | None:
    parts = match.groupdict()
    year = parts.get("year") or (str(1911 + int(parts["roc"])) if parts.get("roc") else f"20{parts['short']}")
    if parts.get("one"):
        one, two = int(parts["one"]), int(parts["two"])
        # Only software set to American English adds AM and PM to such a day.
        if one > 12 or (two <= 12 and one != two and not parts["half"]):
            month, day = (two, one) if one > 12 else (0, 0)
        else:
            month, day = one, two
    else:
        month = int(parts["month"]) if parts.get("month") else 1 + _MONTHS.index(parts["name"].lower()[:3])
        day = int(parts["day"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    clock = f" {parts['hour']}:{parts['minute']}" if parts["hour"] else ""
    clock += f":{parts['second']}" if parts["hour"] and parts["second"] else ""
    clock += f" {parts['half']}m" if parts["hour"] and parts["half"] else ""
    return read_stamp(f"{year}-{month:02d}-{day:02d}{clock}")
