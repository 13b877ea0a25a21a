"""Where each headline of a page stands: the row around it, what holds its rows, and the texts beside it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urljoin

from lxml import html

from crawler.lists.headlines import Link, heading_beside, is_button, links
from crawler.lists.rowdates import edge_stamp, shows_a_date
from crawler.lists.rows import one_line

#: A row is not looked for beyond these: what lies around them belongs to the list.
_ROWS = {"li", "tr", "article"}
#: An element with more text than this besides the headline is no row; it is a page's part that has one link.
_LONGEST = 500
#: What dresses a headline and is no part of how its row is built.
_DRESS = {"a", "b", "strong", "em", "i", "u", "font", "span", "big", "small"}
#: Links that are looked at. No column shows as many; a page built to hold us would.
MOST_LINKS = 3_000
#: So many headlines may share a row's date: an original, its interpretation, its picture story.
_SHARING = 3

Held = Mapping[html.HtmlElement, set[str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One headline in its place.

    around: the largest element that holds this headline and no other. holder: what holds the rows. make: how the row
    is built, from `around` down to the link. own: the address lies below the page's own.
    """

    link: Link
    around: html.HtmlElement
    holder: html.HtmlElement
    make: tuple[str, ...]
    beside: tuple[str, ...]
    dated: bool
    own: bool


def rows_of(root: html.HtmlElement, base: str) -> tuple[list[Row], Held]:
    """The rows of all headlines of a page, in its order; and for each element the addresses of those in it. Pure."""
    found = list(islice(links(root, base), MOST_LINKS))
    held = _held(found)
    arounds = {link.anchor: _around(link, held) for link in found}
    heads = set(arounds.values())
    directory = urljoin(base, ".")
    below = directory if directory.count("/") > len(("https:", "", "host")) else None
    leads = _leading(arounds.values(), heads)
    rows = []
    for link in found:
        around = arounds[link.anchor]
        holder = around.getparent()
        if holder is None:
            continue
        beside = _beside(link.anchor, around, heads, held, leads=holder in leads)
        inside = texts(link.anchor)
        dated = shows_a_date(beside) or shows_a_date(inside) or edge_stamp(one_line(" ".join(inside))) is not None
        own = below is not None and link.url.startswith(below)
        rows.append(Row(_named(link, around), around, holder, _make(link.anchor, around), beside, dated, own))
    return rows, held


def has_more(root: html.HtmlElement, base: str) -> bool:
    """Whether the page has headlines beyond those that `rows_of` looks at. Pure."""
    anchors = sum(1 for _ in root.iter("a"))
    return anchors > MOST_LINKS and any(islice(links(root, base), MOST_LINKS, None))


def texts(element: html.HtmlElement) -> list[str]:
    """The pieces of an element's text, one of each of its elements."""
    return [str(text) for text in element.itertext()]


def _named(link: Link, around: html.HtmlElement) -> Link:
    """The link with the headline of its row where it only says 详细, or shows a picture."""
    return replace(link, title=heading_beside(around, link.anchor) or link.title) if is_button(link.title) else link


def _held(found: Sequence[Link]) -> Held:
    held: defaultdict[html.HtmlElement, set[str]] = defaultdict(set)
    for link in found:
        for element in (link.anchor, *link.anchor.iterancestors()):
            held[element].add(link.url)
    return held


def _around(link: Link, held: Held) -> html.HtmlElement:
    around = link.anchor
    for element in link.anchor.iterancestors():
        if len(held[element]) > 1 or element.tag == "body":
            break
        if element.tag not in _ROWS and len(one_line(str(element.text_content()))) > _LONGEST + len(link.title):
            break
        around = element
        if element.tag in _ROWS:
            break
    return around


def _make(anchor: html.HtmlElement, around: html.HtmlElement) -> tuple[str, ...]:
    path: list[str] = []
    element: html.HtmlElement | None = anchor
    while element is not None and element is not around:
        element = element.getparent()
        path += [] if element is None or element.tag in _DRESS else [str(element.tag)]
    return tuple(path)


def _beside(
    anchor: html.HtmlElement, around: html.HtmlElement, heads: set[html.HtmlElement], held: Held, *, leads: bool
) -> tuple[str, ...]:
    """The row's texts but the headline's; where they show no date, with those beside or around the row.

    leads: in these rows what stands before a headline belongs to it, and not what stands behind.
    """
    inside = set(anchor.iter())
    within = list(_outside(around, anchor, inside))
    if shows_a_date(within):
        return tuple(within)
    near = _before(around, heads) if leads else _behind(around, heads)
    if shows_a_date(near):
        return (*within, *near)
    parent = around.getparent()
    if parent is not None and parent.tag in ("li", "tr") and len(held[parent]) <= _SHARING:
        return (*within, *_outside(parent, anchor, inside))
    return tuple(within)


def _leading(arounds: Iterable[html.HtmlElement], heads: set[html.HtmlElement]) -> set[html.HtmlElement]:
    """What holds rows whose dates stand before their headlines: one before the first, and none behind the last.

    Of the rows between nobody could tell: each has a date on either side.
    """
    ends: dict[html.HtmlElement, tuple[html.HtmlElement, html.HtmlElement]] = {}
    for around in arounds:
        holder = around.getparent()
        if holder is not None:
            ends[holder] = (ends.get(holder, (around, around))[0], around)
    return {
        holder
        for holder, (first, last) in ends.items()
        if shows_a_date(_before(first, heads)) and not shows_a_date(_behind(last, heads))
    }


def _behind(around: html.HtmlElement, heads: set[html.HtmlElement]) -> list[str]:
    return [around.tail or "", *_until(around.itersiblings(), heads)]


def _before(around: html.HtmlElement, heads: set[html.HtmlElement]) -> list[str]:
    holder = around.getparent()
    begins = holder.text or "" if holder is not None and around is holder[0] else ""
    return [begins, *_until(around.itersiblings(preceding=True), heads)]


def _outside(around: html.HtmlElement, anchor: html.HtmlElement, inside: set[html.HtmlElement]) -> Iterator[str]:
    """The texts of an element but those of its headline."""
    for element in around.iter():
        if element not in inside and isinstance(element.tag, str) and element.text:
            yield element.text
        if element is not around and element.tail and (element is anchor or element not in inside):
            yield element.tail


def _until(siblings: Iterable[html.HtmlElement], heads: set[html.HtmlElement]) -> Iterator[str]:
    """The texts of the siblings up to the one with the next headline, or to a text that is more than a row's."""
    for sibling in siblings:
        if any(element in heads for element in sibling.iter()) or len(sibling.xpath("string()")) > _LONGEST:
            return
        if isinstance(sibling.tag, str):
            yield from texts(sibling)
        yield sibling.tail or ""
