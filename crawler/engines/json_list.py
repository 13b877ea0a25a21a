"""JSON list APIs of single sites, declared in the configuration: rows and fields by JMESPath, GET or POST."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from parsel import Selector

from crawler.engines.asking import form_in, query_of, whole_number, with_query
from crawler.engines.selected import read_row
from crawler.extract.credits import chosen_outlet
from crawler.extract.metas import tidy
from crawler.extract.times import Stamp, read_moment, url_day
from crawler.jsondoc import complaint, find, find_text, read_json, said
from crawler.lists.rows import absolute, one_line, parse, unreadable
from crawler.records import Capture, Entry, Fetch, Listing, RowFields, Source
from crawler.text.charset import decode

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
#: Parameters in which a search's redirector carries the true address of a hit.
_TARGETS = ("url", "link", "target", "to", "u", "href")
_REDIRECTOR = re.compile(r"link|redirect|jump|visit|go(?:to)?(?=[./?]|$)|transfer|out(?=[./?]|$)", re.IGNORECASE)
_PAGE_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)


def start(source: Source) -> Fetch:
    return _request(source, source.page.first if source.page else None)


def read(source: Source, page: Capture) -> Listing:
    """The rows in the answer's order, each address once, and the next page while this one is full.

    Raises ListingError for anything that is no list: a page, an error in JSON under status 200, no rows on page 1.
    """
    document = _document(source, page)
    number = _number(source, page)
    rows = _rows(source, page, document, later=source.page is not None and number > source.page.first)
    entries = tuple({entry.url: entry for entry in _entries(source, page, rows)}.values())
    if rows and not entries:
        what = f"has {len(rows)} rows and in none of them an address at {source.fields.url}"
        raise unreadable(source, page, f"{what}; the interface has changed: correct fields.url")
    return Listing(entries=entries, next=_next(source, number, len(rows)))


def _request(source: Source, number: int | None) -> Fetch:
    """The request for one page of the list: its number goes where the request keeps its other parameters."""
    param = source.page.param if source.page else ""
    counted = {param: str(number)} if param and number is not None else {}
    if source.json is not None:
        document = source.json if number is None or not param else _with(source.json, param.split("."), number)
        body = json.dumps(document, ensure_ascii=False).encode()
        url = with_query(source.url or "", source.params)
        return Fetch(url=url, method="POST", headers={"Content-Type": _JSON}, body=body)
    if source.form or source.method == "POST":
        in_query = param in source.params
        url = with_query(source.url or "", {**source.params, **(counted if in_query else {})})
        body = urlencode({**source.form, **({} if in_query else counted)}).encode()
        return Fetch(url=url, method="POST", headers={"Content-Type": _FORM}, body=body)
    return Fetch(url=with_query(source.url or "", {**source.params, **counted}))


def _with(document: Any, path: list[str], number: int) -> Any:
    """A JSON body with the page's number at a dotted path; what is no object on the way becomes one."""
    inner = dict(document) if isinstance(document, Mapping) else {}
    name, rest = path[0], path[1:]
    inner[name] = _with(inner.get(name), rest, number) if rest else number
    return inner


def _number(source: Source, page: Capture) -> int:
    """Which page of the list this is, by the request that got it."""
    if source.page is None:
        return 1
    param, first = source.page.param, source.page.first
    asked = page.asked or Fetch(url=page.url)
    if source.json is not None and asked.body:
        value = find_text(".".join(json.dumps(part) for part in param.split(".")), read_json(asked.body.decode()))
    else:
        value = {**query_of(asked.url), **form_in(asked.body)}.get(param)
    found = whole_number(value)
    return first if found is None else found


def _next(source: Source, number: int, rows: int) -> Fetch | None:
    if source.page is None or rows < (source.page.size or 1):
        return None
    return _request(source, number + 1)


def _document(source: Source, page: Capture) -> Any:
    text = decode(page.body, content_type=page.content_type, charset=source.charset).text
    try:
        return read_json(text)
    except ValueError:
        title = _PAGE_TITLE.search(text[:20_000])
        came = f"answers with the page “{one_line(title[1])}”" if title else "answers with something"
        raise unreadable(source, page, f"{came} that is not JSON; check url, method, params and headers") from None


def _rows(source: Source, page: Capture, document: Any, *, later: bool) -> list[Any]:
    found = find(source.rows, document) if source.rows else document
    if isinstance(found, list) and found and not (isinstance(document, dict) and document.get("success") is False):
        return found
    trouble = complaint(document)
    if trouble is not None:
        raise unreadable(source, page, f"answers with an error instead of its list: {trouble}; it is tried again")
    if later and (found is None or found == []):
        return []  # behind the last page
    where = f"at rows: {source.rows}" if source.rows else "as the whole document"
    held = f"it holds {', '.join(list(document)[:8])}" if isinstance(document, dict) else "it is no object"
    message = f" and says “{said(document)}”" if said(document) else ""
    raise unreadable(
        source, page, f"has no rows {where} ({held}{message}); the interface has changed: correct rows or params"
    )


def _entries(source: Source, page: Capture, rows: list[Any]) -> Iterator[Entry]:
    markup = selects_markup(source.fields)
    for row in rows:
        if markup:
            entry = _from_markup(source, page, row) if isinstance(row, str) else None
        else:
            entry = _from_values(source, page, row)
        if entry is not None:
            yield entry


def selects_markup(fields: RowFields) -> bool:
    """Whether the rows are strings of HTML, so that the fields are CSS: JMESPath knows no `::attr`."""
    return "::attr(" in (fields.url or "")


def _from_values(source: Source, page: Capture, row: Any) -> Entry | None:
    fields = source.fields
    url = _address(page, find_text(fields.url, row))
    if url is None:
        return None
    stamp = read_moment(find(fields.published, row)) or url_day(url)
    return _entry(url, find_text(fields.title, row), stamp, find_text(fields.origin, row))


def _from_markup(source: Source, page: Capture, row: str) -> Entry | None:
    root = parse(row)
    if root is None:
        return None
    entry = read_row(source.fields, Selector(root=root, type="html"), page.final_url, now=page.fetched_at)
    url = _address(page, entry.url) if entry is not None else None
    return replace(entry, url=url) if entry is not None and url is not None else None


def _entry(url: str, title: str | None, stamp: Stamp | None, origin: str | None) -> Entry:
    return Entry(
        url=url,
        title=one_line(tidy(title) or "") or None,
        published_at=stamp.at if stamp else None,
        published_precision=stamp.precision if stamp else None,
        origin=chosen_outlet(tidy(origin) or ""),
    )


def _address(page: Capture, link: str | None) -> str | None:
    """The absolute address of a row; where a redirector of the same host stands before it, the one that it leads to."""
    url = absolute(page.final_url, (link or "").replace("&amp;", "&"))
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.hostname == urlsplit(page.final_url).hostname and _REDIRECTOR.search(parts.path):
        query = dict(parse_qsl(parts.query))
        targets = (absolute(url, query[name]) for name in _TARGETS if query.get(name, "").startswith(("http", "//")))
        return next((target for target in targets if target), url)
    return url
