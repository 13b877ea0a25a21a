"""When a page was published: what it shows near its title comes first, what it says about itself second."""

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from htmldate import find_date

from crawler.extract.labels import Label, cells, fold_line, labelled
from crawler.extract.metas import LinkedData
from crawler.extract.page import Page
from crawler.extract.rare import completed, find_rare, is_clock, rare_stamp
from crawler.extract.times import Stamp, find_stamps, read_by, read_moment, read_stamp, url_day
from crawler.extract.told import reader_of_meta
from crawler.records import Precision, Reader

#: Metas that hold the publication, best first. The national standard's PubDate is minute-exact and honest; the two Sina
#: ones are minutes to hours later than what the page shows.
_METAS = (
    "pubdate",
    "firstpublishedtime",
    "publishdate",
    "publish_date",
    "publishtime",
    "article:published_time",
    "og:published_time",
    "datepublished",
    "weibo: article:create_at",
    "weibo:article:create_at",
    "og:release_date",
    "dc.date.issued",
    "date",
    "bytedance:published_time",
)
#: A label that is no publication although it holds a time.
_NOT_PUBLISHED = re.compile(
    r"成文|生成|发文|印发|施行|实施|生效|失效|废止|截止|更新|修改|来信|来件|写信|提交|咨询|提问|留言|受理|打印|今天|现在是|当前时间"
)
#: It warns of every page without a date; that is no news.
logging.getLogger("htmldate").setLevel(logging.CRITICAL)
_ORDER = {Precision.DAY: 0, Precision.HOUR: 1, Precision.MINUTE: 2, Precision.SECOND: 3}


#: What a board or a journal says before the time of a post, and behind it.
_POSTED = re.compile(
    r"(?:(?:发表|发布|张贴|刊登|刊发|发帖|发贴|posted|published)(?:时间|日期)?(?:于|在|on|at|by|[\s:@(]){0,6}"
    r"|发信站:.{1,30}\(\s?(?:[a-z]{3}\s)?)$"
)
_POSTED_ANY = re.compile(r"发|posted|published")
_RENEWED = re.compile(r"\W{0,3}(?:最[后後])?更新(?:时间|時間|日期|于|於)")
_ANSWERED = re.compile(r"[回答][复復覆](?:时间|時間|日期)")
_POSTED_BY = re.compile(r"本(?:贴|帖|文).{1,30}于$")
#: Sina's publishing system signs its pages in a comment.
_SIGNED = re.compile(r"<!--[^<>]{0,80}?published at ([\d: -]{10,19})")
_FIELDS = re.compile(
    r"""\b(?:pub_?(?:time|date)|publish(?:ed)?_?(?:time|date|at)|first_?publish_?time|createtime|ptime|ct)["']?\s{0,3}[:=]\s{0,3}"""
    r"""["']?(\d{4}[-/年]\d{1,2}[-/月]\d{1,2}[^"'<;,]{0,16}|1\d{9}(?:\d{3})?(?!\d))""",
    re.IGNORECASE,
)
_FIELD_NAMES = frozenset({"pubtime", "pubdate", "pub_time", "pub_date", "publishtime", "publishdate", "publish_time"})
_CLOCK = re.compile(r"[(（]?\d{1,2}:\d\d(?::\d\d)?(?!\d)")


@dataclass(frozen=True, slots=True)
class Shown:
    """The lines of a page that may show its time: around the title, behind the text, and all of them."""

    head: Sequence[str]
    tail: Sequence[str] = ()
    page: Sequence[str] = ()


def read_published(page: Page, linked: LinkedData, shown: Shown) -> Stamp | None:
    """The publication time of a page, as exactly as it is shown; None where the page itself does not say. Pure."""
    told = told_by_head(page, linked)
    visible = shown_time(shown.head)
    if visible is not None and told is not None and visible.at != told.at:
        if _is_within(told, visible):
            return told  # the page shows the day, its head the minute of that day
        if abs(visible.at - told.at) > timedelta(days=1, hours=12) and not shown_time(shown.head, labels_only=True):
            return told  # a date in a headline or of another box
    found = visible or told or shown_time(shown.tail, labels_only=True)
    if found is not None and found.precision is Precision.DAY:
        return _with_clock(found, page, shown) or found
    return found


def supposed(page: Page, shown: Shown) -> Stamp | None:
    """The time of a page that shows none where pages do, nor was listed with one: what it says anywhere. Pure.

    The day of its URL comes before the fields of its scripts, which may be of anything.
    """
    said = _posted(shown) or _answered(shown.page) or _rare(shown.head) or _renewed(shown.head)
    day = said or url_day(page.url)
    if day is None:
        return next(iter(hidden_times(page)), None)
    return day if day.precision is not Precision.DAY else _with_clock(day, page, shown) or day


def _posted(shown: Shown) -> Stamp | None:
    """What a board says of a post, wherever on the page: the first is the post, the others are replies to it."""
    for line in (*shown.tail[:6], *shown.page):
        if len(line) > 200:
            continue
        folded = fold_line(line)
        for stamp, start, end in find_stamps(line) if "发" in folded or "po" in folded else ():
            before = folded[max(0, start - 40) : start]
            if _POSTED.search(before) or (_POSTED_BY.search(before) and "发表" in folded[end : end + 30]):
                return stamp
        rare = find_rare(line) if _POSTED_ANY.search(folded) else None
        if rare is not None and _POSTED.search(folded[max(0, rare[1] - 40) : rare[1]]):
            return rare[0]
    return None


def _answered(lines: Iterable[str]) -> Stamp | None:
    """When an office answered a letter, wherever the two stand in their table."""
    return shown_time((line for line in lines if len(line) <= 120 and _ANSWERED.search(line)), labels_only=True)


def _renewed(lines: Iterable[str]) -> Stamp | None:
    """更新时间, where a template has no other time."""
    found = (stamp for line in lines if len(line) <= 80 and _RENEWED.match(line) for stamp, _, _ in find_stamps(line))
    return next(found, None)


def _rare(lines: Iterable[str]) -> Stamp | None:
    return next((stamp for line in lines if len(line) <= 80 and (stamp := rare_stamp(line)) is not None), None)


def _with_clock(day: Stamp, page: Page, shown: Shown) -> Stamp | None:
    """A day with the time of day that stands apart from it: in a line of its own, without its year, in a script."""
    lines = [line for line in shown.head if len(line) <= 80]
    lines += [line for line in shown.tail if is_clock(line)]
    split = (stamp for line in lines if (stamp := completed(line, day.day)) is not None)
    return next(split, None) or next((stamp for stamp in hidden_times(page) if stamp.day == day.day), None)


def hidden_times(page: Page) -> list[Stamp]:
    """The times in a publishing system's signature, in form fields, and in the fields of scripts. Pure."""
    values: list[str] = [match[1] for match in _SIGNED.finditer(page.html[:20_000])][:1]
    for field in page.root.iter("input"):
        if (field.get("name") or field.get("id") or "").lower() in _FIELD_NAMES:
            values.append(field.get("value") or "")
    values += [match[1] for match in islice(_FIELDS.finditer(page.html), 5)]
    found = (read_by(Reader.SCRIPT, read_moment(value.strip())) for value in values)
    return [stamp for stamp in found if stamp is not None]


def _is_within(told: Stamp, shown: Stamp) -> bool:
    """Whether `told` says the same time as `shown`, and more exactly. Pure."""
    if shown.precision is Precision.DAY:
        return told.day == shown.day
    minute = 0 if shown.precision is Precision.HOUR else told.at.minute
    return _ORDER[told.precision] > _ORDER[shown.precision] and told.at.replace(minute=minute, second=0) == shown.at


def told_by_head(page: Page, linked: LinkedData) -> Stamp | None:
    """The time in metas, JSON-LD or <time>. Pure."""
    values = [(page.metas.get(name), reader_of_meta(name)) for name in _METAS]
    values.append((linked.published, Reader.JSON_LD))
    values += [(element.get("datetime"), Reader.LINES) for element in page.root.iter("time")][:1]
    return next((read_by(reader, stamp) for value, reader in values if (stamp := read_stamp(value)) is not None), None)


def shown_time(lines: Iterable[str], *, labels_only: bool = False) -> Stamp | None:
    """The time that lines around a title show: a labelled one first, else the first in a short line. Pure."""
    lines = _joined([line for line in lines if len(line) <= 200])
    for wanted in (Label.PUBLISHED, Label.PUBLISHED_ON):
        found = [stamp for line in lines for stamp in _labelled_stamps(line, wanted)]
        if found:
            first = found[0]
            # The same day shown twice, once with its minute: 发布日期 in the table, 发布时间 under the title.
            return max((s for s in found if s.day == first.day), key=lambda s: _ORDER[s.precision])
    if labels_only:
        return None
    candidates = [stamp for line in lines if len(line) <= 120 for stamp in _bare_stamps(line)]
    timed = [stamp for stamp in candidates if stamp.precision is not Precision.DAY]
    return next(iter(timed), None) or next(iter(candidates), None)


def _joined(lines: Sequence[str]) -> Sequence[str]:
    """The lines, and a day with the clock that the template sets in the next line behind it."""
    found: list[str] = []
    for line in lines:
        split = bool(found) and len(found[-1]) <= 40 and found[-1][-1:] in "0123456789日" and _CLOCK.match(line)
        found.append(f"{found.pop()} {line}" if split else line)
    return found


def _labelled_stamps(line: str, wanted: Label) -> Iterable[Stamp]:
    for found in labelled(line):
        if found.label is wanted and not _NOT_PUBLISHED.search(fold_line(line[found.start : found.start + 4])):
            stamp = read_stamp(found.value) or rare_stamp(found.value)
            if stamp is not None:
                yield stamp
    for label, value in cells(line):
        if label is wanted and (stamp := read_stamp(value) or rare_stamp(value)) is not None:
            yield stamp


def _bare_stamps(line: str) -> Iterable[Stamp]:
    folded = fold_line(line)
    for stamp, start, _ in find_stamps(line):
        if not _NOT_PUBLISHED.search(folded[max(0, start - 8) : start]):
            yield stamp


def guess(page: Page, shown: Shown) -> Stamp | None:
    """htmldate's answer, a day, for a page where nobody else has one. The tree may be changed by it."""
    try:
        found = find_date(page.root, original_date=True, extensive_search=False, outputformat="%Y-%m-%d", url=page.url)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, OverflowError, RecursionError):
        return None
    # A year alone, in a copyright line, comes out as its first day.
    if found is None or found.endswith("-01-01") or found in _other_days(page):
        return None
    day = read_stamp(found)
    return None if day is None else _with_clock(day, page, shown) or read_by(Reader.HTMLDATE, day)


def _other_days(page: Page) -> set[str]:
    """The days that the page calls something else than its publication, above all 成文日期."""
    return {
        stamp.day
        for line in page.lines
        if len(line.text) <= 200 and _NOT_PUBLISHED.search(folded := fold_line(line.text))
        for stamp, start, _ in find_stamps(line.text)
        if _NOT_PUBLISHED.search(folded[max(0, start - 8) : start])
    }
