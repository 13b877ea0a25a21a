"""When a page was published: what it shows near its title comes first, what it says about itself second."""

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from htmldate import find_date

from crawler.extract.labels import Label, cells, fold_line, labelled
from crawler.extract.metas import LinkedData
from crawler.extract.page import Page
from crawler.extract.times import Stamp, find_stamps, read_stamp, url_day
from crawler.records import Precision

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
_NOT_PUBLISHED = re.compile(r"成文|生成|发文|印发|施行|实施|生效|失效|废止|截止|更新|修改|打印|今天|现在是|当前时间")
#: It warns of every page without a date; that is no news.
logging.getLogger("htmldate").setLevel(logging.CRITICAL)
_ORDER = {Precision.DAY: 0, Precision.HOUR: 1, Precision.MINUTE: 2, Precision.SECOND: 3}


@dataclass(frozen=True, slots=True)
class Shown:
    """The lines of a page that may show its time: around the title, and behind the text."""

    head: Sequence[str]
    tail: Sequence[str] = ()


def read_published(page: Page, linked: LinkedData, shown: Shown) -> Stamp | None:
    """The publication time of a page, as exactly as it is shown; None where the page itself does not say. Pure."""
    told = told_by_head(page, linked)
    visible = shown_time(shown.head)
    if visible is not None and told is not None and visible.at != told.at:
        if _is_within(told, visible):
            return told  # the page shows the day, its head the minute of that day
        if abs(visible.at - told.at) > timedelta(days=1, hours=12) and not shown_time(shown.head, labels_only=True):
            return told  # a date in a headline or of another box
    return visible or told or shown_time(shown.tail, labels_only=True)


def _is_within(told: Stamp, shown: Stamp) -> bool:
    """Whether `told` says the same time as `shown`, and more exactly. Pure."""
    if shown.precision is Precision.DAY:
        return told.day == shown.day
    minute = 0 if shown.precision is Precision.HOUR else told.at.minute
    return _ORDER[told.precision] > _ORDER[shown.precision] and told.at.replace(minute=minute, second=0) == shown.at


def told_by_head(page: Page, linked: LinkedData) -> Stamp | None:
    """The time in metas, JSON-LD or <time>. Pure."""
    values = [page.metas.get(name) for name in _METAS]
    values.append(linked.published)
    values += [element.get("datetime") for element in page.root.iter("time")][:1]
    return next((stamp for value in values if (stamp := read_stamp(value)) is not None), None)


def shown_time(lines: Iterable[str], *, labels_only: bool = False) -> Stamp | None:
    """The time that lines around a title show: a labelled one first, else the first in a short line. Pure."""
    lines = [line for line in lines if len(line) <= 200]
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


def _labelled_stamps(line: str, wanted: Label) -> Iterable[Stamp]:
    for found in labelled(line):
        if found.label is wanted and not _NOT_PUBLISHED.search(fold_line(line[found.start : found.start + 4])):
            stamp = read_stamp(found.value)
            if stamp is not None:
                yield stamp
    for label, value in cells(line):
        if label is wanted and (stamp := read_stamp(value)) is not None:
            yield stamp


def _bare_stamps(line: str) -> Iterable[Stamp]:
    folded = fold_line(line)
    for stamp, start, _ in find_stamps(line):
        if not _NOT_PUBLISHED.search(folded[max(0, start - 8) : start]):
            yield stamp


def from_url(page_url: str | None) -> Stamp | None:
    return url_day(page_url)


def guess(page: Page) -> Stamp | None:
    """htmldate's answer, for a page where nobody else has one; days only. The tree may be changed by it."""
    try:
        found = find_date(page.root, original_date=True, extensive_search=False, outputformat="%Y-%m-%d", url=page.url)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, OverflowError, RecursionError):
        return None
    # A year alone, in a copyright line, comes out as its first day.
    return None if found is None or found.endswith("-01-01") else read_stamp(found)
