"""Lists in plain HTML: rows by the selectors of the source's configuration, or found by their shape."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from lxml import html
from parsel import Selector

from crawler.engines.selected import first, read_row
from crawler.lists.paging import next_page
from crawler.lists.places import has_more
from crawler.lists.rows import absolute, breaks_off, link_base, parse, unreadable
from crawler.lists.shape import find_rows
from crawler.records import Capture, Entry, Fetch, Listing, Source
from crawler.text.charset import decode


def start(source: Source) -> Fetch:
    return Fetch(url=source.url or "")


def read(source: Source, page: Capture) -> Listing:
    """The rows in the page's order, and the page behind it. Raises ListingError where there are no rows.

    Where the source says nothing of the next page, the page's own link to it is taken.
    """
    text = decode(page.body, content_type=page.content_type, charset=source.charset).text
    root = parse(text)
    if root is None:
        raise unreadable(source, page, "is empty; check the url")
    base = link_base(root, page.final_url)
    found = (
        _selected(source, root, base, page.fetched_at) if source.rows else find_rows(root, base, now=page.fetched_at)
    )
    entries = tuple(_unique(found))
    if not entries:
        if source.rows:
            what = f"has no links where rows says: {source.rows}; the page has changed: correct rows and fields"
        else:
            what = "has no list that can be recognised; if a browser shows one, say where with rows and fields"
        raise unreadable(source, page, what)
    following = _named(root, base, source.next) if source.next else next_page(root, text, page.final_url)
    return Listing(
        entries=entries,
        next=Fetch(url=following) if following is not None and following != page.final_url else None,
        partial=breaks_off(text),
        cut=not source.rows and has_more(root, base),
    )


def _selected(source: Source, root: html.HtmlElement, base: str, now: datetime) -> Iterator[Entry]:
    for row in Selector(root=root, type="html").css(source.rows or ""):
        entry = read_row(source.fields, row, base, now=now)
        if entry is not None:
            yield entry


def _unique(entries: Iterable[Entry]) -> Iterator[Entry]:
    seen: set[str] = set()
    for entry in entries:
        if entry.url not in seen:
            seen.add(entry.url)
            yield entry


def _named(root: html.HtmlElement, base: str, selector: str) -> str | None:
    return absolute(base, first(Selector(root=root, type="html"), selector) or "")
