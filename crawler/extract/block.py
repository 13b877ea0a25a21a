"""Where the text of a page is, told by nothing but its lines: the block that holds the prose behind the headline.

Knows no site and no name of a container; `body` asks it where those say nothing. Pure.
"""

from collections.abc import Sequence
from itertools import accumulate

from lxml.html import HtmlElement

from crawler.extract.disclosure import doc_number
from crawler.extract.page import Line, Page
from crawler.extract.trim import ends_at, is_prose, letters

#: What stands before the headline, behind a break, or in a list of teasers counts as much less.
_BEFORE = 0.05
_BEHIND = 0.1
_BEHIND_END = 0.01
_TEASED = 0.05
#: So many lines in a row without prose are a break, once the text has begun.
_BREAK = 8
_BEGUN = 60
#: A headline further above the text is another one: of a box, of a menu.
_NEAR = 60
#: A block is gone into while one part of it has so much of its prose.
_MOST = 0.75
#: And while what it leaves out is less prose than this: else that is the text's own (a lead above the rest, or markup
#: that never closes its blocks, each of which has nearly all of the one around it).
_OWN = 0.6
_FEWEST_TEASERS = 3
_LONGEST_TEASER = 12
_PARAGRAPHS = frozenset({"p", "span", "font", "b", "strong", "h1", "h2", "h3", "h4", "li"})


def block(page: Page, title: str | None) -> tuple[int, int]:
    """The lines [start, end) of the smallest block with nearly all prose that follows the headline. Pure."""
    quiet = page.quiet((0, len(page.lines)))
    prose = [0 if i in quiet else _sentence(line) for i, line in enumerate(page.lines)]
    headline = _headline(page, title, prose)
    weight = [0.0, *accumulate(_weights(page, headline, prose))]

    said = [0, *accumulate(len(line.text) for line in page.lines)]

    def weighs(span: tuple[int, int]) -> float:
        return weight[span[1]] - weight[span[0]]

    element: HtmlElement = page.root
    span = page.spans.get(element, (0, len(page.lines)))
    above: list[tuple[int, int]] = []
    while True:
        below = [(page.spans[child], child) for child in element if child in page.spans]
        best = max(below, key=lambda pair: weighs(pair[0]), default=None)
        if best is None or weighs(span) == 0 or weighs(best[0]) < _MOST * weighs(span):
            break
        beside = said[span[1]] - said[span[0]] - said[best[0][1]] + said[best[0][0]]
        if beside and weighs(span) - weighs(best[0]) >= _OWN * beside:
            break
        if best[0] != span:
            above.append(span)
        span, element = best
    if element.tag in _PARAGRAPHS or span[1] - span[0] == 1:
        span = _with_its_like(page, span, above, prose)
    printed = headline is not None and any(
        doc_number(line.text) for line in page.lines[max(span[0], headline - 2) : headline]
    )
    if headline is not None and span[0] < headline < span[1] and not any(prose[span[0] : headline]) and not printed:
        return headline, span[1]  # a page without blocks of its own: above the headline is its menu
    return span


def sentences(lines: Sequence[Line]) -> int:
    """Characters in lines that read like sentences."""
    return sum(_sentence(line) for line in lines)


def _sentence(line: Line) -> int:
    said = len(line.text)
    return said if said >= 12 and line.linked < 0.3 * said and is_prose(line.text) else 0


def _weights(page: Page, headline: int | None, prose: Sequence[int]) -> list[float]:
    """What each line counts: its characters where it is prose, less where the text is not to be expected."""
    teased = teasers(page)
    weights: list[float] = []
    share, said, gap = 1.0, 0, 0
    for i, counts in enumerate(prose):
        if headline is not None and i <= headline:
            weights.append(counts * _BEFORE)
            continue
        gap = 0 if counts else gap + 1
        said += counts
        if headline is not None and said >= _BEGUN and (gap == _BREAK or ends_at(page.lines, i)):
            share, said = share * (_BEHIND if gap == _BREAK else _BEHIND_END), 0
        weights.append(counts * share * (_TEASED if i in teased else 1))
    return weights


def _headline(page: Page, title: str | None, prose: Sequence[int]) -> int | None:
    """The line that repeats the headline and has prose soonest behind it; a link only where no other line does."""
    wanted = letters(title or "")
    if len(wanted) < 4:
        return None
    longest = 2 * len(title or "") + 8
    places = [
        i for i, line in enumerate(page.lines) if len(line.text) <= longest and _is_headline(letters(line.text), wanted)
    ]
    for linked in (False, True):
        near = [
            (prose_at - i, i)
            for i in places
            if (page.lines[i].linked > 0.5 * len(page.lines[i].text)) is linked
            if (prose_at := _begun(prose, i)) is not None
        ]
        if near:
            return min(near)[1]
    return None


def _is_headline(said: str, wanted: str) -> bool:
    return said == wanted or (len(said) >= 8 and len(said) >= 0.6 * len(wanted) and wanted.startswith(said))


def _begun(prose: Sequence[int], headline: int) -> int | None:
    """The line at which a text under this headline has begun, or None if there is none near."""
    said = 0
    for i in range(headline + 1, min(len(prose), headline + _NEAR)):
        said += prose[i]
        if said >= _BEGUN:
            return i
    return None


def teasers(page: Page) -> set[int]:
    """The lines of lists of which each part is a linked headline with some words about another article. Pure."""
    found: set[int] = set()
    parts: dict[HtmlElement, list[tuple[int, int]]] = {}
    for element, span in page.spans.items():
        parent = element.getparent()
        if parent is not None and span[1] - span[0] <= _LONGEST_TEASER:
            parts.setdefault(parent, []).append(span)
    for spans in parts.values():
        if len(spans) < _FEWEST_TEASERS:
            continue
        teasing = [span for span in spans if _is_teaser(page.lines, span)]
        if len(teasing) >= max(_FEWEST_TEASERS, 0.4 * len(spans)):
            found.update(range(teasing[0][0], teasing[-1][1]))
    return found


def _is_teaser(lines: Sequence[Line], span: tuple[int, int]) -> bool:
    """Whether a part begins with a link, or says first in a few words whose and when it is."""
    for line in lines[span[0] : min(span[1], span[0] + 3)]:
        if len(line.text) >= 8 and line.linked >= 0.8 * len(line.text):
            return True
        if len(line.text) > 24:
            return False
    return False


def _is_row(line: Line) -> bool:
    return " | " in line.text and not line.linked


def _with_its_like(
    page: Page, span: tuple[int, int], above: Sequence[tuple[int, int]], prose: Sequence[int]
) -> tuple[int, int]:
    """A single paragraph with what stands beside it, while that is prose and not links: the longest is not all."""
    said = [0, *accumulate(len(line.text) for line in page.lines)]
    linked = [0, *accumulate(line.linked for line in page.lines)]
    # The rows of a table are what a short text is about.
    read = [
        0,
        *accumulate(counts or len(line.text) * _is_row(line) for line, counts in zip(page.lines, prose, strict=True)),
    ]

    def beside(sums: Sequence[int], wider: tuple[int, int]) -> int:
        return sums[wider[1]] - sums[wider[0]] - sums[span[1]] + sums[span[0]]

    for wider in reversed(above):
        more = beside(said, wider)
        if beside(linked, wider) > 0.3 * more or beside(read, wider) < 0.3 * more:
            return span
        span = wider
    return span
