"""Lists in plain HTML: rows by the selectors of the source's configuration, or found by their shape."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from lxml import html
from parsel import Selector

from crawler.engines.headlines import headline
from crawler.engines.paging import next_page
from crawler.engines.places import texts
from crawler.engines.rowdates import in_words, row_stamp
from crawler.engines.rows import absolute, breaks_off, link_base, one_line, parse, unreadable
from crawler.engines.shape import find_rows
from crawler.extract.times import Stamp, read_stamp, url_day
from crawler.records import Capture, Entry, Fetch, Listing, Source
from crawler.text.charset import decode

two_hops = False


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
        what = f"has no links where rows says: {source.rows}" if source.rows else "has no list that can be recognised"
        raise unreadable(source, page, f"{what}; the page has changed: correct rows and fields")
    following = _named(root, base, source.next) if source.next else next_page(root, text, page.final_url)
    return Listing(
        entries=entries,
        next=Fetch(url=following) if following is not None and following != page.final_url else None,
        partial=breaks_off(text),
    )


def _selected(source: Source, root: html.HtmlElement, base: str, now: datetime) -> Iterator[Entry]:
    for row in Selector(root=root, type="html").css(source.rows or ""):
        url = absolute(base, _first(row, source.fields.url or "a::attr(href)") or "")
        if url is None:
            continue
        stamp = _stamp(source, row, url, now)
        yield Entry(
            url=url,
            title=_title(source, row),
            published_at=stamp.at if stamp else None,
            published_precision=stamp.precision if stamp else None,
            origin=(one_line(_first(row, source.fields.origin) or "") or None) if source.fields.origin else None,
        )


def _title(source: Source, row: Selector) -> str | None:
    """What the configured field says; where that is cut short, the link's own `title` says it whole."""
    anchors = [anchor.root for anchor in row.css("a") if isinstance(anchor.root, html.HtmlElement)]
    if not source.fields.title:
        return next((title for anchor in anchors if (title := headline(anchor))), None)
    title = one_line(_first(row, source.fields.title) or "")
    begun = title.removesuffix("...").rstrip("…").rstrip()
    if begun != title:
        whole = (one_line(anchor.get("title") or "") for anchor in anchors)
        title = next((attribute for attribute in whole if attribute.startswith(begun)), title)
    return title or None


def _stamp(source: Source, row: Selector, url: str, now: datetime) -> Stamp | None:
    if source.fields.published:
        text = _first(row, source.fields.published) or ""
        return read_stamp(text) or row_stamp([text], now=now) or url_day(url)
    pieces = texts(row.root) if isinstance(row.root, html.HtmlElement) else []
    return row_stamp(pieces, now=now) or url_day(url) or in_words(pieces)


def _first(row: Selector, selector: str) -> str | None:
    """What a selector finds first. `::text` means all the text of its element: a headline may hold a <b>."""
    found = row.css(selector.removesuffix("::text"))
    if not found:
        return None
    return found[0].get() if "::attr(" in selector else str(found[0].xpath("string()").get())


def _unique(entries: Iterable[Entry]) -> Iterator[Entry]:
    seen: set[str] = set()
    for entry in entries:
        if entry.url not in seen:
            seen.add(entry.url)
            yield entry


def _named(root: html.HtmlElement, base: str, selector: str) -> str | None:
    return absolute(base, _first(Selector(root=root, type="html"), selector) or "")
