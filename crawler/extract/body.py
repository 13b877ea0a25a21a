"""Where the text of a page is: containers known from real sites first, trafilatura (imported here only) else."""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from lxml import etree
from lxml.html import HtmlElement
from trafilatura import extract as trafilatura_extract

from crawler.extract.block import block, sentences
from crawler.extract.page import Line, Page, paragraphs
from crawler.extract.selection import select
from crawler.extract.trim import letters
from crawler.records import Reader

_ITEMPROP = "articlebody"
_ENOUGH = 80
#: A short notice in a container of the first tier is an article; in a page's second tier it may be a teaser.
_ENOUGH_SURE = 20
#: What the foot of a page says, line by line.
_FOOT = re.compile(
    r"(?:主办|承办|协办|主管|运维|技术支持|版权所有|地址|邮编|联系(?:电话|我们)|(?:网站)?(?:标识码|备案号)|网站地图)"
    r"|.{0,2}(?:ICP备|公网安备)"
)
#: Fewer letters may be a chorus that a text says twice.
_ENOUGH_TWICE = 60
_MOST_LINES = 5_000
#: What trafilatura must not see.
PRUNE = [
    # One expression, for each is a walk through the tree.
    "//*[contains(@class,'related') or contains(@id,'related') or contains(@class,'recommend')"
    " or contains(@id,'recommend') or contains(@class,'comment') or contains(@id,'comment')"
    " or contains(@class,'share') or contains(@id,'share') or contains(@class,'rank')"
    " or contains(@class,'hotnews') or contains(@class,'sidebar') or contains(@class,'footer')"
    " or contains(@id,'footer') or contains(@class,'copyright') or contains(@class,'breadcrumb')"
    " or contains(@class,'qrcode') or contains(@class,'appendQr')]",
]
#: 200,000 elements hold trafilatura for 10 s; the largest of 228 real pages has 6,000.
_MOST_ELEMENTS = 20_000
_MOST_CANDIDATES = 12
#: Lines that are all link. A long article has a few, with its attachments.
_MENUS = 20
#: It warns of every page that it finds empty; the draft's verdict says so.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True)
class Body:
    """The lines that hold the text, where they stand on the page (if that is known), and who found them."""

    lines: Sequence[Line]
    span: tuple[int, int] | None
    reader: Reader


def find_body(page: Page, *, selector: str | None, fragment: bool, title: str | None) -> Body:
    """The body of a page; no lines where nobody finds one. May change the tree (trafilatura does): call it last.

    fragment: the input is a piece of a page that is all article. title: the headline behind which the text follows,
    where the page shows it.
    """
    body = _found(page, selector=selector, fragment=fragment, title=title)
    return replace(body, lines=_once(body.lines))


def _once(lines: Sequence[Line]) -> Sequence[Line]:
    """The lines without a second copy of them all, which templates keep for phones in the same container."""
    if not 4 <= len(lines) <= _MOST_LINES:
        return lines
    said = [letters(line.text) for line in lines]
    # Between the copies there may be a line or two: the headline again, a pager.
    for length in range(len(said) // 2, max(1, int(0.4 * len(said)) - 1), -1):
        if said[0] == said[-length] and said[:length] == said[-length:]:
            return lines[:-length] if sum(map(len, said[:length])) >= _ENOUGH_TWICE else lines
    return lines


def _found(page: Page, *, selector: str | None, fragment: bool, title: str | None) -> Body:
    if selector and (chosen := [page.spans[e] for e in select(page.root, selector) if e in page.spans]):
        return _joined(page, chosen)
    if (known := _known(page)) is not None:
        return known
    return _of_fragment(page, title) if fragment else _guessed(page, title)


def _of_fragment(page: Page, title: str | None) -> Body:
    """All of a piece of a page, unless it has menus around the article like a page that lost its <html>."""
    whole = (0, len(page.lines))
    if title is not None and sum(line.linked >= 0.8 * len(line.text) for line in page.lines) >= _MENUS:
        span = block(page, title)
        if sentences(lines := page.within(span)) >= _ENOUGH:
            return Body(lines, span, Reader.BLOCK)
    return Body(page.within(whole), whole, Reader.WHOLE)


def _guessed(page: Page, title: str | None) -> Body:
    """The body of a page in which no container is known, or none with enough text."""
    span = block(page, title)
    dense = Body(page.within(span), span, Reader.BLOCK)
    if sentences(dense.lines) >= _ENOUGH and _linked(dense.lines) < 0.4:
        return dense
    text = _trafilatura(page, recall=False)
    if _said(text) < _ENOUGH:
        # A last page of several, a notice: one sentence in a container whose name may be a teaser's, too.
        if (short := _known(page, least=_ENOUGH_SURE)) is not None and sentences(short.lines) >= _ENOUGH_SURE:
            return short
        text = max(text, _trafilatura(page, recall=True), key=_said)
    if sentences(dense.lines) >= max(_ENOUGH_SURE, 0.6 * sentences(text)):
        return dense  # a flash: the other saw more around it, and no more in it
    if not sentences(text):
        text = []  # a disclaimer, a button: nothing that the page wants to say
    text = _without_menu(page, text)
    if not text:
        return dense if sentences(dense.lines) >= _ENOUGH_SURE else Body((), None, Reader.WHOLE)
    return Body(text, _place(page, text), Reader.TRAFILATURA)


def _joined(page: Page, spans: list[tuple[int, int]]) -> Body:
    lines: list[Line] = []
    last = -1
    for start, end in spans:
        if start >= last:  # not inside the one before
            lines += page.within((start, end))
            last = end
    return Body(lines, (spans[0][0], last), Reader.CONFIGURATION)


def _known(page: Page, *, least: int = _ENOUGH) -> Body | None:
    if page.marked is not None and _said(page.within(page.marked)) >= _ENOUGH_SURE:
        return Body(page.within(page.marked), page.marked, Reader.MARKED)
    named: dict[str, list[HtmlElement]] = {}
    for element in page.spans:
        if identity := element.get("id"):
            named.setdefault(f"#{identity.strip()}", []).append(element)
        for name in (element.get("class") or "").split():
            named.setdefault(f".{name}", []).append(element)
    for tier, containers in enumerate(_containers()):
        found = [element for name in containers for element in named.get(name, ())]
        if tier == 1:
            found += [e for e in page.spans if (e.get("itemprop") or "").lower() == _ITEMPROP]
        largest = sorted({page.spans[element] for element in found}, key=lambda span: span[0] - span[1])
        spans = [span for span in largest[:_MOST_CANDIDATES] if not _is_foot(page.within(span))]
        best = max(spans, key=lambda span: _said(page.within(span)), default=None)
        if best is not None:
            lines = page.within(best)
            if _said(lines) >= (least if tier else _ENOUGH_SURE) and _linked(lines) < 0.5:
                return Body(lines, best, Reader.CONTAINER)
    return None


def _is_foot(lines: Sequence[Line]) -> bool:
    """A second container of the article's software that holds the foot of the page, beside a body named otherwise."""
    return all(_FOOT.match(line.text) for line in lines)


@cache
def _containers() -> tuple[tuple[str, ...], ...]:
    """The tiers of containers.txt."""
    text = files(__package__).joinpath("containers.txt").read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    tiers: list[list[str]] = []
    for line in lines:
        if line.startswith("["):
            tiers.append([])
        elif line and not line.startswith("# "):
            tiers[-1].append(line)
    return tuple(tuple(tier) for tier in tiers)


def _trafilatura(page: Page, *, recall: bool) -> list[Line]:
    if sum(1 for _ in page.root.iter()) > _MOST_ELEMENTS:
        return []
    try:
        text = trafilatura_extract(
            page.root,
            url=page.url,
            include_comments=False,
            fast=True,  # its own second opinions cost as much again, and ours are better placed
            favor_precision=not recall,
            favor_recall=recall,
            with_metadata=False,
            prune_xpath=list(PRUNE),
        )
    except (
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
        IndexError,
        AssertionError,
        RecursionError,
        etree.LxmlError,
    ):
        return []
    return [Line(piece) for row in (text or "").split("\n") for piece in paragraphs(_cells(row))]


def _without_menu(page: Page, text: Sequence[Line]) -> list[Line]:
    """Without the lines before the text that are all links: trafilatura takes a menu made of a table for data."""
    linked = {line.text for line in page.lines if line.linked >= 0.8 * len(line.text.replace(" | ", ""))}
    start = 0
    while start < len(text) and text[start].text in linked:
        start += 1
    return list(text[start:])


def _cells(row: str) -> str:
    """trafilatura writes a table row as `| a | b |`, its headline's border as `|---|---|`."""
    if not row.startswith("|"):
        return row
    parts = [part.strip() for part in row.strip("| ").split("|")]
    return " | ".join(part for part in parts if part.strip("-"))


def _place(page: Page, text: Sequence[Line]) -> tuple[int, int] | None:
    """Where lines found by somebody else stand on the page."""
    places = {line: place for line in text[:5] if (place := next(_find(page, [line]), None)) is not None}
    if not places:
        return None
    # It may write what stands in the foot of a page first; no text begins behind its longest paragraph.
    start, longest = next(iter(places.values())), places[max(places, key=lambda line: len(line.text))]
    start = start if start <= longest else min(places.values())
    nearest = start + 2 * len(text) + 30  # the same words may stand in a list of links far below
    ends = [i for i in _find(page, text[-5:]) if i <= nearest]
    return (start, max(start, max(ends, default=start)) + 1)


def _find(page: Page, lines: Sequence[Line]) -> Iterator[int]:
    for line in lines:
        key = line.text[:20]
        if len(key) >= 6:
            yield from (i for i, there in enumerate(page.lines) if there.text.startswith(key))


def _said(lines: Sequence[Line]) -> int:
    return sum(len(line.text) for line in lines)


def _linked(lines: Sequence[Line]) -> float:
    return sum(line.linked for line in lines) / max(1, _said(lines))
