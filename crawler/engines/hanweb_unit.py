"""Hanweb JPaaS "build/unit": the column page names the unit that holds its list, the unit gives HTML inside JSON."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin

from lxml import html

from crawler.engines.asking import bare, by_script, query_of, referer_of, whole_number, with_query
from crawler.engines.hanweb import column_number, read_articles
from crawler.lists.rows import parse, unreadable
from crawler.records import Capture, Fetch, Listing, Source
from crawler.text.charset import decode

_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
#: A Python literal in an attribute: {'webId':'3549','pageId':'1229187636', …}; numbers may stand without quotes.
_PAIR = re.compile(r"['\"](\w+)['\"]\s*:\s*(?:['\"]([^'\"]*)['\"]|([\w.-]+))")
#: Tags that public scrapers found on lists; the other units of a page are banners and navigation.
_LISTS = ("列表", "list", "右侧内容")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit that a column page names: the address of the interface, and the query that it is to be asked with."""

    address: str
    query: Mapping[str, str]

    @property
    def tag(self) -> str:
        return self.query.get("tagId", "")


def start(source: Source) -> Fetch:
    return Fetch(url=source.url or "")


def read(source: Source, page: Capture) -> Listing:
    """The hop to the unit, for a column page; the rows, for the unit's answer.

    What the page says counts for more than the configuration: template ids change on a redesign. Raises ListingError
    where the page names no unit, or several that may be the list, and where the first page of a unit has no rows.
    """
    if {"webId", "parseType"} <= query_of(page.url).keys():
        return _rows(source, page)
    text = decode(page.body, content_type=page.content_type, charset=source.charset).text
    return Listing(hop=_hop(source, page, text))


def _hop(source: Source, page: Capture, text: str) -> Fetch:
    root = parse(text)
    units = [] if root is None else list(_units(root))
    if not units and not source.fallback:
        old = "<datastore" in text.lower()
        remedy = "it embeds a datastore: set engine: hanweb_jpage" if old else "set fallback, or another engine"
        raise unreadable(source, page, f"names no list unit (no script with queryData); {remedy}")
    unit = _chosen(source, page, units) if units else _Unit(_UNIT, _fallback(source, page))
    # As the page's script does it; the Referer is the page that asks, after redirects.
    url = urljoin(page.final_url, unit.address) + "?" + urlencode(unit.query)
    return Fetch(url=url, headers=by_script(page.final_url))


def tags_in(root: html.HtmlElement) -> tuple[str, ...]:
    """The tags of the units that a column page names, in its order; empty for one without a tag. Pure."""
    return tuple(unit.tag for unit in _units(root))


def _units(root: html.HtmlElement) -> Iterator[_Unit]:
    for script in root.iter("script"):
        # HTML parsers lower-case the attribute, which is written queryData.
        query = {key: quoted or plain for key, quoted, plain in _PAIR.findall(script.get("querydata") or "")}
        if query.get("webId") and query.get("pageId"):
            yield _Unit(script.get("url") or _UNIT, query)


def _chosen(source: Source, page: Capture, units: list[_Unit]) -> _Unit:
    """The unit of the configured tag; else the only one, else the only one that sounds like a list of this column."""
    if source.tag is not None:
        tagged = [unit for unit in units if unit.tag == source.tag]
        if not tagged:
            raise unreadable(source, page, f"has no unit with the tag {source.tag!r}, only {_tags(units)}; correct tag")
        return tagged[0]
    candidates = [unit for unit in units if any(word in unit.tag for word in _LISTS)] or units
    if len(candidates) > 1:
        # Units of other columns, as front pages and sidebars have them.
        own = [unit for unit in candidates if unit.query.get("pageId") == column_number(page.final_url)]
        candidates = own or candidates
    if len(candidates) > 1:
        raise unreadable(source, page, f"has several units: {_tags(candidates)}; say which with tag")
    return candidates[0]


def _tags(units: list[_Unit]) -> str:
    return ", ".join(repr(unit.tag) for unit in units)


def _fallback(source: Source, page: Capture) -> dict[str, str]:
    query = {
        "parseType": "bulidstatic",  # so spelled by the software
        "pageType": "column",
        "tagId": source.tag or "",
        "editType": "null",
        "pageId": column_number(page.url) or "",
        **source.fallback,
    }
    if not query["pageId"]:
        raise unreadable(source, page, "names no list unit, and its url no column number; set fallback: {pageId: …}")
    return query


def _rows(source: Source, page: Capture) -> Listing:
    wanted = _wanted(page)
    column = referer_of(page, source.url or page.final_url)
    root = parse(_html(source, page))
    entries = () if root is None else read_articles(root, column)
    if not entries:
        if wanted > 1:
            return Listing()
        raise unreadable(source, page, "gives a list without rows; the template has changed, or tag is wrong")
    assert root is not None
    return Listing(entries=entries, next=_next(page, root, wanted, len(entries), column))


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


def _next(page: Capture, root: html.HtmlElement, wanted: int, rows: int, column: str) -> Fetch | None:
    """The next page by paramJson; plain pageNo and rows are ignored by the server, which sends page 1 again.

    A pager that shows another page than the one asked for says that paramJson, too, was ignored: the list ends here.
    """
    for pager in root.xpath("//*[contains(@class, 'pagination')][@count]"):
        count, size = whole_number(pager.get("count")) or 0, whole_number(pager.get("rows")) or rows
        here = whole_number(pager.get("pageno")) or wanted
        if here != wanted or here * size >= count:
            return None
        parameter = json.dumps({"pageNo": here + 1, "pageSize": size}, separators=(",", ":"))
        keys = {**query_of(page.url), "paramJson": parameter}
        return Fetch(url=with_query(bare(page.url), keys), headers=by_script(column))
    return None


def _wanted(page: Capture) -> int:
    """The number of the page that was asked for."""
    try:
        value: Any = json.loads(query_of(page.url).get("paramJson", "{}"))
    except ValueError:
        return 1
    return whole_number(str(value.get("pageNo"))) or 1 if isinstance(value, dict) else 1
