"""Hanweb JPaaS "build/unit": the column page names the unit that holds its list, the unit gives HTML inside JSON."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from lxml import html

from crawler.engines.rows import parse, read_rows, unreadable
from crawler.records import Capture, Fetch, Listing, Source
from crawler.text.charset import decode

two_hops = True

_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
#: A Python literal in an attribute: {'webId':'3549','pageId':'1229187636', …}.
_PAIR = re.compile(r"['\"](\w+)['\"]\s*:\s*['\"]([^'\"]*)['\"]")
_COLUMN = re.compile(r"/col/col(\d+)/index\.html?$")
#: Tags that public scrapers found on lists; the other units of a page are banners and navigation.
_LISTS = ("列表", "list", "右侧内容")


def start(source: Source) -> Fetch:
    return Fetch(url=source.url or "")


def read(source: Source, page: Capture) -> Listing:
    """The hop to the unit, for a column page; the rows, for the unit's answer."""
    if {"webId", "parseType"} <= dict(parse_qsl(urlsplit(page.url).query)).keys():
        return _rows(source, page)
    text = decode(page.body, content_type=page.content_type, charset=source.charset).text
    return Listing(hop=_hop(source, page, text))


def _hop(source: Source, page: Capture, text: str) -> Fetch:
    units = _units(text)
    if not units and not source.fallback:
        raise unreadable(source, page, "names no list unit (no script with queryData); set fallback, or another engine")
    address, query = _chosen(source, page, units) if units else (_UNIT, _fallback(source, page))
    return _unit_request(source, urljoin(page.final_url, address) + "?" + urlencode(query))


def _units(text: str) -> list[tuple[str, dict[str, str]]]:
    root = parse(text)
    found = []
    for script in () if root is None else root.iter("script"):
        # HTML parsers lower-case the attribute, which is written queryData.
        query = dict(_PAIR.findall(script.get("querydata") or ""))
        if query.get("webId") and query.get("pageId"):
            found.append((script.get("url") or _UNIT, query))
    return found


def _chosen(source: Source, page: Capture, units: list[tuple[str, dict[str, str]]]) -> tuple[str, dict[str, str]]:
    if source.tag is not None:
        units = [unit for unit in units if unit[1].get("tagId") == source.tag] or units
        if units[0][1].get("tagId") != source.tag:
            raise unreadable(source, page, f"has no unit with the tag {source.tag!r}, only {_tags(units)}; correct tag")
    likely = [unit for unit in units if any(word in unit[1].get("tagId", "") for word in _LISTS)]
    candidates = likely or units
    if len(candidates) > 1 and source.tag is None:
        raise unreadable(source, page, f"has several units: {_tags(units)}; say which with tag")
    return candidates[0]


def _tags(units: list[tuple[str, dict[str, str]]]) -> str:
    return ", ".join(repr(unit[1].get("tagId", "")) for unit in units)


def _fallback(source: Source, page: Capture) -> dict[str, str]:
    column = _COLUMN.search(urlsplit(page.url).path)
    query = {
        "parseType": "bulidstatic",  # so spelled by the software
        "pageType": "column",
        "tagId": source.tag or "",
        "editType": "null",
        "pageId": column[1] if column else "",
        **source.fallback,
    }
    if not query["pageId"]:
        raise unreadable(source, page, "names no list unit, and its url no column number; set fallback: {pageId: …}")
    return query


def _rows(source: Source, page: Capture) -> Listing:
    root = parse(_html(source, page))
    entries = () if root is None else tuple(read_rows(root, page.final_url))
    if not entries:
        raise unreadable(source, page, "gives a list without rows; the template has changed, or tag is wrong")
    assert root is not None
    return Listing(entries=entries, next=_next(source, page, root, len(entries)))


def _html(source: Source, page: Capture) -> str:
    text = decode(page.body, content_type=page.content_type, charset=source.charset).text
    try:
        # Raw control characters inside the strings occur.
        document = json.loads(text, strict=False)
    except ValueError:
        raise unreadable(source, page, "is not JSON; the interface has changed, or wants another header") from None
    data = document.get("data") if isinstance(document, dict) else None
    fragment = data.get("html") if isinstance(data, dict) else None
    if not isinstance(fragment, str):
        message = document.get("message") if isinstance(document, dict) else None
        raise unreadable(source, page, f"gives no list ({message}); check fallback and tag")
    return fragment


def _next(source: Source, page: Capture, root: html.HtmlElement, rows: int) -> Fetch | None:
    """The next page by paramJson; plain pageNo and rows are ignored by the server, which sends page 1 again."""
    asked = dict(parse_qsl(urlsplit(page.url).query, keep_blank_values=True))
    wanted = _param(asked).get("pageNo", 1)
    for pager in root.xpath("//*[contains(@class, 'pagination')][@count]"):
        count, size = _number(pager.get("count")), _number(pager.get("rows")) or rows
        here = _number(pager.get("pageno")) or wanted
        if here != wanted or here * size >= (count or 0):
            return None
        parameter = json.dumps({"pageNo": here + 1, "pageSize": size}, separators=(",", ":"))
        parts = urlsplit(page.url)
        query = urlencode({**asked, "paramJson": parameter})
        return _unit_request(source, urlunsplit(parts._replace(query=query)))
    return None


def _param(query: Mapping[str, str]) -> dict[str, Any]:
    try:
        value = json.loads(query.get("paramJson", "{}"))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None


def _unit_request(source: Source, url: str) -> Fetch:
    # Bare requests get a 403 from some ministries.
    return Fetch(url=url, headers={"Referer": source.url or "", "X-Requested-With": "XMLHttpRequest"})
