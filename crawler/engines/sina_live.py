"""Sina 7x24: a live feed of flashes, each of them whole in its row (`params: {zhibo_id, tag_id}`)."""

import html
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from crawler.engines.asking import bare, query_of, whole_number, with_query
from crawler.engines.sina import address, mapping, result_of, rows_in
from crawler.lists.rows import one_line, unreadable
from crawler.records import BEIJING, Capture, Entry, Fetch, Listing, Precision, Source

_ENDPOINT = "https://zhibo.sina.com.cn/api/zhibo/feed"
#: As the site asks; it gives at most ten rows a page whatever is asked for.
_QUERY = {"page": "1", "page_size": "20", "tag_id": "0", "dire": "f", "dpc": "1", "pagesize": "20", "type": "1"}
_REFERER = {"Referer": "https://finance.sina.com.cn/7x24/"}
_HEADLINE = re.compile(r"\s*【([^【】]{2,120})】")
_SENTENCE = re.compile(r"(?<=[。！？!?])|\n")
_LONGEST_TITLE = 40
_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|h\d)\s*>", re.IGNORECASE)
_SILENT = re.compile(r"<(script|style)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
#: An article of another column, which the flash only points to: under its address the article itself belongs.
_ARTICLE = re.compile(r"/(?:doc|detail)-[a-z0-9]+\.(?:s?html|d\.html)")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_CODE = re.compile(r"(?:sh|sz|bj)\d{6}|hk\d{5}")


def start(source: Source) -> Fetch:
    return Fetch(url=with_query(source.url or _ENDPOINT, {**_QUERY, **source.params}), headers=_REFERER)


def read(source: Source, page: Capture) -> Listing:
    """The flashes, newest first, and the next page; an entry's body is the flash, however short.

    Raises ListingError for a status that is not 0 and for no rows on the first page. A later page without is the end.
    """
    result = result_of(source, page, check="check params.zhibo_id")
    feed = mapping(mapping(result.get("data")).get("feed"))
    number = whole_number(query_of(page.url).get("page")) or 1
    entries = _unique(page, rows_in(feed.get("list")))
    if not entries:
        if number > 1 and "list" in feed:
            return Listing()
        raise unreadable(source, page, "has no flashes; check params.zhibo_id and params.tag_id")
    last = whole_number(str(mapping(feed.get("page_info")).get("totalPage") or ""))
    more = Fetch(url=with_query(page.url, {"page": str(number + 1)}), headers=_REFERER)
    return Listing(entries=entries, next=None if last is not None and number >= last else more)


def _unique(page: Capture, rows: Iterable[Mapping[str, Any]]) -> tuple[Entry, ...]:
    found: dict[str, Entry] = {}
    for row in rows:
        if (entry := _entry(page, row)) is not None:
            found.setdefault(entry.url, entry)
    return tuple(found.values())


def _entry(page: Capture, row: Mapping[str, Any]) -> Entry | None:
    text = _plain(row.get("rich_text"))
    url = _url(page, row)
    if not text or url is None:
        return None
    published = _time(row.get("create_time"))
    return Entry(
        url=url,
        title=_title(text),
        published_at=published,
        published_precision=Precision.SECOND if published else None,
        keywords=tuple(dict.fromkeys(name for tag in rows_in(row.get("tag")) if (name := _word(tag, "name")))),
        body=_body(text, _stocks(_ext(row))),
        whole=True,
    )


def _url(page: Capture, row: Mapping[str, Any]) -> str | None:
    """The flash's own page, or the interface with the number of the row: one flash, one address at every poll."""
    for link in (row.get("docurl"), _ext(row).get("docurl")):
        url = address(link)
        if url is not None and ("/7x24/" in url or not _ARTICLE.search(url)):
            return url
    number = whole_number(str(row.get("id") or ""))
    if number is None:
        return None
    room = str(row.get("zhibo_id") or query_of(page.url).get("zhibo_id", ""))
    return with_query(bare(page.url), {"zhibo_id": room, "id": str(number)})


def _ext(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """`ext` is JSON inside a string; an empty one may be `""`, `[]` or `"[]"`."""
    value = row.get("ext")
    if not isinstance(value, str):
        return mapping(value)
    try:
        return mapping(json.loads(value, strict=False))
    except ValueError:
        return {}


def _word(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return one_line(value) if isinstance(value, str) else ""


def _plain(rich_text: Any) -> str:
    """The text of a flash, a line for each paragraph."""
    if not isinstance(rich_text, str):
        return ""
    text = _TAG.sub("", _BREAK.sub("\n", _SILENT.sub("", rich_text)))
    return "\n".join(line for row in html.unescape(text).splitlines() if (line := one_line(row)))


def _title(text: str) -> str:
    """The leading 【…】, else the first sentence; a long one is cut."""
    headline = _HEADLINE.match(text)
    if headline is not None:
        return headline[1].strip()
    sentence = next(part for part in _SENTENCE.split(text) if part.strip()).strip().removesuffix("。")
    return (sentence or text) if len(sentence) <= _LONGEST_TITLE else sentence[:_LONGEST_TITLE] + "…"


def _stocks(ext: Mapping[str, Any]) -> dict[str, str]:
    """The companies of a flash: code -> name."""
    found: dict[str, str] = {}
    for stock in rows_in(ext.get("stocks")):
        code = str(stock.get("symbol") or "").lower()
        if _CODE.fullmatch(code):
            found.setdefault(code, _word(stock, "key"))
    return found


def _body(text: str, stocks: Mapping[str, str]) -> str:
    """The flash as HTML, its companies marked as Sina marks them in its articles."""
    body = "\n".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines())
    for code, name in stocks.items():
        shown = html.escape(name)
        if _HAN.search(name):  # nothing that might stand in a tag
            body = body.replace(shown, f'<span id="stock_{code}">{shown}</span>', 1)
    return f"{body}\n<!-- news_keyword_pub,stock,{'&'.join(stocks)} -->" if stocks else body


def _time(text: Any) -> datetime | None:
    """`2023-07-06 17:31:05` in Beijing; midnight, too, is meant to the second."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING).astimezone(UTC)
    except ValueError:
        return None
