"""One row of a list by the selectors of a source's configuration: CSS, with `::text` and `::attr(x)`."""

from datetime import datetime

from lxml import html
from parsel import Selector

from crawler.extract.credits import chosen_outlet
from crawler.extract.times import Stamp, read_stamp, url_day
from crawler.lists.headlines import headline
from crawler.lists.places import texts
from crawler.lists.rowdates import in_words, row_stamp
from crawler.lists.rows import absolute, one_line
from crawler.records import Entry, RowFields


def read_row(fields: RowFields, row: Selector, base: str, *, now: datetime) -> Entry | None:
    """The entry that a row is; None where it names no address. What the fields leave out is looked for in the row.

    now: when the page came, for days without their year. Pure.
    """
    url = absolute(base, first(row, fields.url or "a::attr(href)") or "")
    if url is None:
        return None
    stamp = _stamp(fields, row, url, now)
    return Entry(
        url=url,
        title=_title(fields, row),
        published_at=stamp.at if stamp else None,
        published_precision=stamp.precision if stamp else None,
        origin=chosen_outlet(one_line(first(row, fields.origin) or "")) if fields.origin else None,
    )


def first(row: Selector, selector: str) -> str | None:
    """What a selector finds first. `::text` means all the text of its element: a headline may hold a <b>."""
    found = row.css(selector.removesuffix("::text"))
    if not found:
        return None
    return found[0].get() if "::attr(" in selector else str(found[0].xpath("string()").get())


def _title(fields: RowFields, row: Selector) -> str | None:
    """What the configured field says; where that is cut short, the link's own `title` says it whole."""
    anchors = [anchor.root for anchor in row.css("a") if isinstance(anchor.root, html.HtmlElement)]
    if not fields.title:
        return next((title for anchor in anchors if (title := headline(anchor))), None)
    title = one_line(first(row, fields.title) or "")
    begun = title.removesuffix("...").rstrip("…").rstrip()
    if begun != title:
        whole = (one_line(anchor.get("title") or "") for anchor in anchors)
        title = next((attribute for attribute in whole if attribute.startswith(begun)), title)
    return title or None


def _stamp(fields: RowFields, row: Selector, url: str, now: datetime) -> Stamp | None:
    if fields.published:
        text = first(row, fields.published) or ""
        return read_stamp(text) or row_stamp([text], now=now) or url_day(url)
    pieces = texts(row.root) if isinstance(row.root, html.HtmlElement) else []
    return row_stamp(pieces, now=now) or url_day(url) or in_words(pieces)
