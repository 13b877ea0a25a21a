"""Sina's roll API: one JSON page of rows for each portal page and column (`params: {pageid, lid, num}`)."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawler.engines.rows import absolute, one_line, unreadable
from crawler.extract.times import Stamp
from crawler.records import Capture, Entry, Fetch, Listing, Precision, Source
from crawler.text.charset import decode

two_hops = False

_ENDPOINT = "https://feed.mix.sina.com.cn/api/roll/get"
#: 50 is what the site itself asks for.
_ROWS = "50"
_REFERER = {"Referer": "https://news.sina.com.cn/"}
#: JSONP as the site wraps it: `try{CALLBACK({…});}catch(e){};`, and the plain form.
_JSONP = re.compile(
    r"^\s*(?:/\*.*?\*/\s*)?(?:try\s*\{\s*)?[\w.$]+\s*\(\s*(\{.*\})\s*\)\s*;?\s*(?:\}\s*catch.*)?$", re.DOTALL
)
_DOCUMENT = re.compile(r"/doc-i([a-z0-9]{12,18})\.s?html|/detail-i([a-z0-9]{12,18})\.d\.html")
_CTIME = re.compile(r"\d{9,11}")


def start(source: Source) -> Fetch:
    query = {"num": _ROWS, "page": "1", **source.params}
    return Fetch(url=_with_query(source.url or _ENDPOINT, query), headers=_REFERER)


def read(source: Source, page: Capture) -> Listing:
    """The rows, newest first, and the next page while the site says that there are more.

    Raises ListingError for a status that is not 0 and for no rows at all: both are what a wrong pageid or lid gives.
    """
    result = _result(source, page)
    status = result.get("status")
    code = status.get("code") if isinstance(status, dict) else None
    if str(code) != "0":
        message = status.get("msg") if isinstance(status, dict) else ""
        raise unreadable(source, page, f"answers status {code} {message}; check params.pageid and params.lid")
    rows = result.get("data")
    entries = _unique(row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
    if not entries:
        raise unreadable(source, page, "has no rows; check that params.pageid and params.lid belong together")
    return Listing(entries=entries, next=_next(page, result, len(entries)))


def _result(source: Source, page: Capture) -> Mapping[str, Any]:
    text = decode(page.body, content_type=page.content_type, charset=source.charset).text.strip()
    wrapped = _JSONP.match(text)
    try:
        document = json.loads(wrapped[1] if wrapped else text, strict=False)
    except ValueError:
        raise unreadable(source, page, "is not JSON; check url and params") from None
    result = document.get("result") if isinstance(document, dict) else None
    if not isinstance(result, dict):
        raise unreadable(source, page, "has no `result`; the interface has changed")
    return result


def _unique(rows: Iterator[Mapping[str, Any]]) -> tuple[Entry, ...]:
    """One entry a document: a row comes under http and https, and a column may name it twice."""
    found: dict[str, Entry] = {}
    for row in rows:
        url = _url(row)
        if url is not None:
            found.setdefault(_key(row, url), _entry(row, url))
    return tuple(found.values())


def _key(row: Mapping[str, Any], url: str) -> str:
    document = row.get("docid")
    if isinstance(document, str) and document:
        return document
    number = _DOCUMENT.search(url)
    return (number[1] or number[2]) if number else url


def _url(row: Mapping[str, Any]) -> str | None:
    for name in ("url", "wapurl"):
        url = absolute("https://news.sina.com.cn/", str(row.get(name) or ""))
        if url is not None:
            secure = urlsplit(url).netloc.endswith((".sina.com.cn", ".sina.cn"))
            return re.sub(r"^http:", "https:", url) if secure else url
    return None


def _entry(row: Mapping[str, Any], url: str) -> Entry:
    stamp = _stamp(row)
    return Entry(
        url=url,
        title=one_line(str(row.get("title") or "")) or None,
        published_at=stamp.at if stamp else None,
        published_precision=stamp.precision if stamp else None,
        origin=one_line(str(row.get("media_name") or "")) or None,
        keywords=tuple(dict.fromkeys(word for part in _keywords(row) if (word := one_line(part)))),
    )


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


def _next(page: Capture, result: Mapping[str, Any], rows: int) -> Fetch | None:
    query = dict(parse_qsl(urlsplit(page.url).query, keep_blank_values=True))
    number = int(query["page"]) if query.get("page", "").isdigit() else 1
    wanted = int(query["num"]) if query.get("num", "").isdigit() else rows
    total = str(result.get("total") or "")
    if total.isdigit() and number * wanted >= int(total):
        return None
    return Fetch(url=_with_query(page.url, {**query, "page": str(number + 1)}), headers=_REFERER)


def _with_query(url: str, query: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    merged = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **query}
    return urlunsplit(parts._replace(query=urlencode(merged)))
