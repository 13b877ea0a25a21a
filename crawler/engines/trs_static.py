"""TRS WCM: static lists `index.html`, `index_1.html` (which is page two) of articles `202307/t20230706_1.html`."""

import re
from urllib.parse import urljoin, urlsplit

from lxml import html

from crawler.lists.paging import next_page, page_number
from crawler.lists.places import has_more, rows_of
from crawler.lists.rows import breaks_off, link_base, parse, unreadable
from crawler.lists.shape import entries_of, find_rows
from crawler.records import Capture, Entry, Fetch, Listing, Source, Verdict
from crawler.text.charset import decode

_ARTICLE = re.compile(r"/t(?:19|20)\d{6}_\d+(?:_ext)?\.\w{2,6}$")
_SUFFIX = re.compile(r"\.(s?html?|jhtml)$", re.IGNORECASE)


def start(source: Source) -> Fetch:
    return Fetch(url=source.url or "")


def read(source: Source, page: Capture) -> Listing:
    """The rows of one page, whatever their class names, and the page behind it.

    A page `index_N` without rows ends the list: many sites answer with a stub there. Raises ListingError for a first
    page without rows, and for a challenge.
    """
    text = decode(page.body, content_type=page.content_type, charset=source.charset).text
    root = parse(text)
    entries = () if root is None else _entries(root, page)
    if root is None or not entries:
        error = unreadable(source, page, "has no list of articles; check the url, or describe its rows with html_list")
        if error.verdict is Verdict.CHALLENGE or page_number(page.final_url) is None:
            raise error
        return Listing()
    following = next_page(root, text, page.final_url) or _guess(text, page, entries)
    return Listing(
        entries=entries,
        next=Fetch(url=following) if following is not None and following != page.final_url else None,
        partial=breaks_off(text),
        cut=has_more(root, link_base(root, page.final_url)),
    )


def _entries(root: html.HtmlElement, page: Capture) -> tuple[Entry, ...]:
    """The page's list; but the column's own articles where what looks like the list has none of them.

    A young column has one or two, and longer lists beside them.
    """
    base = link_base(root, page.final_url)
    directory = urljoin(page.final_url, ".")
    found = find_rows(root, base, now=page.fetched_at)
    if any(entry.url.startswith(directory) for entry in found):
        return found
    own = [
        row for row in rows_of(root, base)[0] if row.link.url.startswith(directory) and _ARTICLE.search(row.link.url)
    ]
    return tuple(entries_of(own, page.fetched_at)) or found


def _guess(text: str, page: Capture, entries: tuple[Entry, ...]) -> str | None:
    """The second page by the software's own rule, where the first one names no other and its script is elsewhere."""
    if "createPageHTML" in text or page_number(page.final_url) is not None:
        return None
    here = urlsplit(page.final_url).path.rpartition("/")[2]
    name, _, suffix = here.rpartition(".")
    if not here:
        suffixes = [match[1] for entry in entries if (match := _SUFFIX.search(entry.url)) is not None]
        name, suffix = "index", max(suffixes, key=suffixes.count, default="html")
    return urljoin(page.final_url, f"{name}_1.{suffix}") if name and _SUFFIX.search(f".{suffix}") else None
