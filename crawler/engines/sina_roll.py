"""Sina's roll API: one JSON page of rows for each portal page and column (`params: {pageid, lid, num}`)."""

import html
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from crawler.engines.asking import query_of, whole_number, with_query
from crawler.engines.sina import address, result_of, rows_in
from crawler.extract.times import Stamp
from crawler.lists.rows import one_line, unreadable
from crawler.records import Capture, Entry, Fetch, Listing, Precision, Source

_ENDPOINT = "https://feed.mix.sina.com.cn/api/roll/get"
#: 50 is what the site itself asks for.
_ROWS = "50"
_REFERER = {"Referer": "https://news.sina.com.cn/"}
_DOCUMENT = re.compile(r"/doc-i([a-z0-9]{12,18})\.s?html|/detail-i([a-z0-9]{12,18})\.d\.html")
#: Pictures in a script, and videos behind an interface: pages without an article to read.
_NO_ARTICLE = re.compile(r"(?:slide|video)\.")
_CTIME = re.compile(r"\d{9,11}")


def start(source: Source) -> Fetch:
    query = {"num": _ROWS, "page": "1", **source.params}
    return Fetch(url=with_query(source.url or _ENDPOINT, query), headers=_REFERER)


def read(source: Source, page: Capture) -> Listing:
    """The rows, newest first, and the next page while the site says that there are more.

    Raises ListingError for a status that is not 0 and for no rows on the first page: both are what a wrong pageid or
    lid gives. A later page without rows is the end.
    """
    result = result_of(source, page, check="check params.pageid and params.lid")
    rows = rows_in(result.get("data"))
    number = whole_number(query_of(page.url).get("page")) or 1
    if not any(_url(row) for row in rows):
        if number > 1 and not rows:
            return Listing()
        raise unreadable(source, page, "has no rows; check that params.pageid and params.lid belong together")
    return Listing(entries=_unique(rows), next=_next(page, result, number, len(rows)))


def _unique(rows: Iterable[Mapping[str, Any]]) -> tuple[Entry, ...]:
    """One entry a document: a row comes under http and https, and a column may name it twice."""
    found: dict[str, Entry] = {}
    for row in rows:
        url = _url(row)
        if url is not None and not _NO_ARTICLE.match(urlsplit(url).netloc):
            found.setdefault(_key(row, url), _entry(row, url))
    return tuple(found.values())


def _key(row: Mapping[str, Any], url: str) -> str:
    document = row.get("docid")
    if isinstance(document, str | int) and document:
        return str(document)
    number = _DOCUMENT.search(url)
    return (number[1] or number[2]) if number else url


def _url(row: Mapping[str, Any]) -> str | None:
    return address(row.get("url")) or address(row.get("wapurl"))


def _entry(row: Mapping[str, Any], url: str) -> Entry:
    stamp = _stamp(row)
    return Entry(
        url=url,
        title=_text(row, "title"),
        published_at=stamp.at if stamp else None,
        published_precision=stamp.precision if stamp else None,
        origin=_text(row, "media_name"),
        keywords=tuple(dict.fromkeys(word for part in _keywords(row) if (word := one_line(part)))),
    )


def _text(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    return (one_line(html.unescape(value)) or None) if isinstance(value, str) else None


def _keywords(row: Mapping[str, Any]) -> list[str]:
    words = row.get("keywords")
    return re.split(r"[,，;；]", words) if isinstance(words, str) else []


def _stamp(row: Mapping[str, Any]) -> Stamp | None:
    """`ctime` is when it was published; `intime` when it entered the column, which some rows have alone."""
    for name in ("ctime", "intime"):
        seconds = str(row.get(name) or "")
        if _CTIME.fullmatch(seconds):
            return Stamp(datetime.fromtimestamp(int(seconds), UTC), Precision.SECOND)
    return None


def _next(page: Capture, result: Mapping[str, Any], number: int, rows: int) -> Fetch | None:
    """The following page. Rows shift while we page, so that some come again there: the poll knows them by their URL."""
    wanted = whole_number(query_of(page.url).get("num")) or rows
    total = whole_number(str(result.get("total") or ""))
    if total is not None and number * wanted >= total:
        return None
    return Fetch(url=with_query(page.url, {"page": str(number + 1)}), headers=_REFERER)
