"""Plain text that was a page once: headline, credits and text are lines like any other, known by what they say."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extract.disclosure import index_number, looks_like_an_office, openness
from crawler.extract.labels import Label, cell_label, fold_line, values
from crawler.extract.page import Line, paragraphs
from crawler.extract.times import find_stamps
from crawler.extract.trim import is_credit_line, is_crumbs, is_table_line

_LONGEST_TITLE = 120
_IMAGE = re.compile(r"\.(?:jpe?g|png|gif|bmp|webp)$", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+")
#: A site's menu, and a label that introduces the text below it.
_MENU = re.compile(r"(?:网站|網站)?首[页頁](?:\s|[|｜·]).*|(?:正文|内容|內容|全文)[:：]?")
#: Marks of Markdown that its readers do not see: of headings, of weight, of pictures, and the address of a link.
_MARKS = re.compile(
    r"^#{1,6}[ \t]+(?=\S)|\*\*([^*\s](?:[^*\n]{0,300}[^*\s])?)\*\*|!\[[^\]\n]{0,200}\]\([^()\s]{1,2000}\)"
    r"|\[([^\]\n]{1,200})\]\((?:https?://|/)[^()\s]{0,2000}\)",
    re.MULTILINE,
)
_CRUMB = re.compile(r"\s*[>»›＞]\s*")
_LAST_CRUMB = re.compile(r"详细内容|正文|文章|内容|详情|浏览|查看")


@dataclass(frozen=True, slots=True)
class FlatText:
    """The parts of a flattened page. rest: everything behind the headline, untrimmed."""

    title: str | None
    column: str | None
    head: tuple[str, ...]
    rest: tuple[Line, ...]


def read_flat(text: str) -> FlatText:
    """Find headline, section and the rest in plain text. Pure."""
    lines = [piece for row in text.splitlines() for piece in paragraphs(row)]
    at, column = _headline(lines)
    title = lines[at] if at is not None else next(values(lines[:10], Label.TITLE), None)
    head = lines[: at or 0]
    column = next((c for line in head if (c := section_of(line))), column)
    rest = [line for line in (lines if at is None else lines[at + 1 :]) if not _MENU.fullmatch(line)]
    return FlatText(title, column, tuple(head), tuple(Line(line) for line in rest))


def without_marks(text: str) -> str:
    """The text without the marks of Markdown; as it is where it has none. Pure.

    >>> without_marks("# 通知\\n产业**大脑**见[方案](https://x.example/1)，2*3**4")
    '通知\\n产业大脑见方案，2*3**4'
    """
    return _MARKS.sub(lambda match: match[1] or match[2] or "", text)


def section_of(crumbs: str) -> str | None:
    """The section that a breadcrumb names: what stands before the page itself. Pure.

    >>> section_of("首页 > 企业 > 详细内容")
    '企业'
    """
    if not is_crumbs(crumbs):
        return None
    steps = [step.strip() for step in _CRUMB.split(crumbs) if step.strip()]
    while len(steps) > 1 and _LAST_CRUMB.match(fold_line(steps[-1])):
        steps.pop()
    return steps[-1] if len(steps) > 1 and len(steps[-1]) <= 16 else None


def _headline(lines: Sequence[str]) -> tuple[int | None, str | None]:
    """The place of the headline in the first lines, and the section word above it."""
    column: str | None = None
    for i, line in enumerate(lines[:15]):
        if _is_no_headline(line):
            continue
        following = next((later for later in lines[i + 1 : i + 4] if not _is_no_headline(later)), "")
        if len(line) <= 6 and column is None and 8 <= len(following) <= _LONGEST_TITLE and not _is_sentence(following):
            column = line
            continue
        if len(line) > _LONGEST_TITLE or _is_sentence(line):
            return None, column
        return i, column
    return None, column


def _is_no_headline(line: str) -> bool:
    return bool(
        is_credit_line(line)
        or is_crumbs(line)
        or index_number(line)
        or openness(line)
        or _IMAGE.search(line)
        or _ADDRESS.fullmatch(line)
        or _MENU.fullmatch(line)
        or cell_label(line)
        or (is_table_line(line) and len(line) < 60)
        or (looks_like_an_office(line) and len(line) <= 12)
        or (len(line) <= 20 and any(True for _ in find_stamps(line)))
    )


def _is_sentence(line: str) -> bool:
    return line.endswith(("。", "；", "，", ";", "…")) or line.count("。") >= 1
