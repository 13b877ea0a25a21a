"""Lists in plain HTML: rows by the selectors of the source's configuration, or found by their shape."""

import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import html
from parsel import Selector

from crawler.engines.rows import absolute, one_line, parse, read_rows, stamp_of, title_of, unreadable
from crawler.extract.times import Stamp, read_stamp, url_day
from crawler.records import Capture, Entry, Fetch, Listing, Source
from crawler.text.charset import decode

two_hops = False

#: Headlines are longer than the names of columns: 首页, 新闻中心.
_HEADLINE = 7
#: Fewer links of one shape than this are no list.
_LEAST = 3


def start(source: Source) -> Fetch:
    return Fetch(url=source.url or "")


def read(source: Source, page: Capture) -> Listing:
    """The rows in the page's order. Raises ListingError where the selectors, or the shape, find none."""
    text = decode(page.body, content_type=page.content_type, charset=source.charset).text
    root = parse(text)
    if root is None:
        raise unreadable(source, page, "is empty; check the url")
    entries = tuple(_unique(_selected(source, page, root) if source.rows else _found(source, page, root)))
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


def _found(source: Source, page: Capture, root: html.HtmlElement) -> Iterator[Entry]:
    """The largest group of headlines whose URLs have one shape; dated rows count double."""
    groups: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in read_rows(root, page.final_url):
        if len(entry.title or "") >= _HEADLINE and entry.url != page.final_url:
            groups[_shape(entry.url)].append(entry)
    best = max(groups.values(), key=_weight, default=[])
    if len(best) >= _LEAST:
        yield from best


def _shape(url: str) -> str:
    parts = urlsplit(url)
    query = re.sub(r"=[^&]*", "=", parts.query)
    return f"{parts.netloc}{re.sub(r'[0-9a-f]{16,}|[0-9]+', '0', parts.path)}?{query}"


def _weight(entries: list[Entry]) -> int:
    return len(entries) + sum(1 for entry in entries if entry.published_at is not None)


def _unique(entries: Iterator[Entry]) -> Iterator[Entry]:
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
