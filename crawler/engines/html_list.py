"""Lists in plain HTML: rows by the selectors of the source's configuration, or found by their shape."""

from collections.abc import Iterable, Iterator

from lxml import html
from parsel import Selector

from crawler.engines.rows import absolute, one_line, parse, stamp_of, title_of, unreadable
from crawler.engines.shape import find_rows
from crawler.extract.times import Stamp, read_stamp, url_day
from crawler.records import Capture, Entry, Fetch, Listing, Source
from crawler.text.charset import decode

two_hops = False


def start(source: Source) -> Fetch:
    return Fetch(url=source.url or "")


def read(source: Source, page: Capture) -> Listing:
    """The rows in the page's order. Raises ListingError where the selectors, or the shape, find none."""
    text = decode(page.body, content_type=page.content_type, charset=source.charset).text
    root = parse(text)
    if root is None:
        raise unreadable(source, page, "is empty; check the url")
    entries = tuple(
        _unique(_selected(source, page, root) if source.rows else find_rows(root, page.final_url, now=page.fetched_at))
    )
    if not entries:
        what = f"has no links where rows says: {source.rows}" if source.rows else "has no list that can be recognised"
        raise unreadable(source, page, f"{what}; the page has changed: correct rows and fields")
    # Without its end the page may have broken off where HTTP could not tell.
    return Listing(entries=entries, next=_next(source, page, root), partial="</html" not in text[-5000:].lower())


def _selected(source: Source, page: Capture, root: html.HtmlElement) -> Iterator[Entry]:
    for row in Selector(root=root, type="html").css(source.rows or ""):
        url = absolute(page.final_url, _first(row, source.fields.url or "a::attr(href)") or "")
        if url is None:
            continue
        stamp = _stamp(source, row, url)
        yield Entry(
            url=url,
            title=_title(source, row),
            published_at=stamp.at if stamp else None,
            published_precision=stamp.precision if stamp else None,
        )


def _title(source: Source, row: Selector) -> str | None:
    if source.fields.title:
        return one_line(_first(row, source.fields.title) or "") or None
    for anchor in row.css("a"):
        if isinstance(anchor.root, html.HtmlElement) and (title := title_of(anchor.root)):
            return title
    return None


def _stamp(source: Source, row: Selector, url: str) -> Stamp | None:
    if source.fields.published:
        return read_stamp(_first(row, source.fields.published)) or url_day(url)
    for anchor in row.css("a"):
        if isinstance(anchor.root, html.HtmlElement) and isinstance(row.root, html.HtmlElement):
            return stamp_of(anchor.root, row.root, url)
    return url_day(url)


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


def _next(source: Source, page: Capture, root: html.HtmlElement) -> Fetch | None:
    if source.next is None:
        return None
    url = absolute(page.final_url, _first(Selector(root=root, type="html"), source.next) or "")
    return Fetch(url=url) if url is not None and url != page.final_url else None
