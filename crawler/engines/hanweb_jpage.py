"""Hanweb "jpage dataproxy": blocks of records in XML that is none, the first one embedded in the column page."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from crawler.engines.asking import bare, by_script, posted, query_of, referer_of, whole_number, with_query
from crawler.engines.hanweb import column_number, framed, is_article, once_each, read_articles
from crawler.jsondoc import read_json
from crawler.lists.rows import parse, unreadable
from crawler.records import Capture, Entry, Fetch, Listing, Source
from crawler.sourcekeys import JPAGE_PARAMS
from crawler.text.charset import decode

#: Zhejiang's address of the interface, and that of Jiangsu and a part of Ningbo; the wrong one of the two is a 404.
ENDPOINTS = ("/module/jpage/dataproxy.jsp", "/module/web/jpage/dataproxy.jsp")
#: The pager asks for three pages at once.
_PAGES = 3
#: Rows of a page of the site, of which a block has three; `perpage` of `params` says another number.
_PER_PAGE = 15
_DEFAULTS = {"col": "1", "appid": "1", "path": "/", "sourceContentType": "1", "permissiontype": "0"}
_RECORD = re.compile(r"<record\b[^>]*>\s*(?:<!\[CDATA\[(.*?)\]\]>|(.*?))\s*</record\s*>", re.DOTALL | re.IGNORECASE)
_STORE = re.compile(r"<datastore\b.*?(?:</datastore\s*>|(?=<datastore\b|</script)|$)", re.DOTALL | re.IGNORECASE)
_HOLDER = re.compile(r"\bid\s*=\s*[\"']?([\w-]+)")
_GROUP = re.compile(r"<nextgroup\b[^>]*>.*?href\s*=\s*([\"'])(.*?)\1.*?</nextgroup\s*>", re.DOTALL | re.IGNORECASE)
_TOTAL = re.compile(r"<totalrecord\b[^>]*>\s*(\d+)|\btotalRecord\s*[:=]\s*[\"']?(\d+)", re.IGNORECASE)
_PER = re.compile(r"\bperPage\s*[:=]\s*[\"']?(\d+)", re.IGNORECASE)
_PROXY = re.compile(r"\bproxyUrl\s*[:=]\s*[\"']([^\"'\s]+)")
_KEY = re.compile(rf"\b({'|'.join(JPAGE_PARAMS)})[\"']?\s*[:=]\s*[\"']?([^\"'&,;\s}})<]*)")
#: An answer without records: 54 bytes of empty XML, or nothing. A page that says more is something else.
_EMPTY = 300


@dataclass(frozen=True, slots=True)
class _Store:
    """One datastore of a column page, and the script of its pager. unit: the id of the element that holds it."""

    unit: str
    text: str
    script: str


def start(source: Source) -> Fetch:
    """The column page, or the first block where the configuration names the interface itself."""
    url = source.url or ""
    if not _is_interface(url):
        return Fetch(url=url)
    given = {**query_of(url), **source.params}
    column = urljoin(url, f"/col/col{given['columnid']}/index.html") if given.get("columnid") else url
    if source.method == "POST":
        form = {key: given.get(key, _DEFAULTS.get(key, "")) for key in JPAGE_PARAMS}
        per_page = whole_number(given.get("perpage")) or _PER_PAGE
        return _block(url, form, first=1, per_page=per_page, referer=column)
    keys = {key: _DEFAULTS.get(key, "") for key in JPAGE_PARAMS if key not in ("col", "sourceContentType")}
    return Fetch(url=with_query(bare(url), {"page": "1", **keys, **given}), headers=by_script(column))


def read(source: Source, page: Capture) -> Listing:
    """The records of a block; for a column page those of the block that it embeds, or where its list is.

    Raises ListingError where the first block is empty; a later one without records is the list's end.
    """
    text = decode(page.body, content_type=page.content_type, charset=source.charset).text
    if _is_interface(page.url):
        return _answer(source, page, _unwrapped(text))
    return _column(source, page, text)


def remedy(page: Capture) -> str | None:
    """What may help where the interface answers 404: a site has one of its two addresses. Pure."""
    path = urlsplit(page.url).path
    other = next((address for address in ENDPOINTS if address != path), None) if path in ENDPOINTS else None
    return f"on part of the sites it is {other}: correct the url" if other else None


def _is_interface(url: str) -> bool:
    return urlsplit(url).path.endswith("/dataproxy.jsp")


def _unwrapped(text: str) -> str:
    """The XML, where it comes as `raw({"result":"<datastore>…"})`."""
    try:
        document = read_json(text)
    except ValueError:
        return text
    result = document.get("result") if isinstance(document, dict) else None
    return result if isinstance(result, str) else text


# --- a block of the interface ---


def _answer(source: Source, page: Capture, text: str) -> Listing:
    base = referer_of(page, source.url or page.final_url)
    found, entries = _records(text), _entries(text, base)
    asked = query_of(page.url)
    first = whole_number(asked.get("startrecord")) or whole_number(asked.get("page")) or 1
    if not entries:
        if first > 1 and not found and ("<datastore" in text or len(text) < _EMPTY):
            return Listing()
        raise unreadable(source, page, "has no records; check params.columnid, params.unitid and params.webid")
    following = _next_records(page, text, len(found)) if "startrecord" in asked else _next_group(page, text, len(found))
    return Listing(entries=entries, next=following, partial="</datastore" not in text)


def _next_records(page: Capture, text: str, found: int) -> Fetch | None:
    asked = query_of(page.url)
    first = whole_number(asked["startrecord"]) or 1
    size = (whole_number(asked.get("endrecord")) or first + found - 1) - first + 1
    total = _total(text)
    if first + found > total if total is not None else found < size:
        return None
    per_page = whole_number(asked.get("perpage")) or _PER_PAGE
    keys = {"startrecord": str(first + found), "endrecord": str(first + found + size - 1), "perpage": str(per_page)}
    return Fetch(
        url=with_query(page.url, keys),
        method="GET" if page.asked is None else page.asked.method,
        headers=by_script("") if page.asked is None else page.asked.headers,
        body=None if page.asked is None else page.asked.body,
    )


def _next_group(page: Capture, text: str, found: int) -> Fetch | None:
    number = whole_number(query_of(page.url).get("page")) or 1
    total = _total(text)
    if total is not None and number * found >= total:
        return None
    headers = by_script(referer_of(page, page.url))
    if (group := _group(text)) is not None:
        # It leads on only where it names a later block; with keys in cipher the later blocks are empty.
        plain = _is_plain(group) and (whole_number(query_of(group).get("page")) or 0) > number
        return Fetch(url=with_query(bare(page.url), query_of(group)), headers=headers) if plain else None
    return Fetch(url=with_query(page.url, {"page": str(number + 1)}), headers=headers)


# --- the column page ---


def _column(source: Source, page: Capture, text: str) -> Listing:
    stores = list(_stores(text))
    if stores:
        store = _chosen(source, page, stores)
        entries = _entries(store.text, page.final_url)
        if not entries:
            raise unreadable(source, page, f"embeds unit {store.unit} without records; check url and params.unitid")
        return Listing(
            entries=entries, next=_after_embedded(source, page, store), partial="</html" not in text[-5000:].lower()
        )
    root = parse(text)
    if root is not None and (inner := framed(root, page.final_url)) is not None:
        return Listing(hop=Fetch(url=inner, headers={"Referer": page.final_url}))
    keys = _keys(source, page, text, unit="")
    if (proxy := _proxy(text)) is not None and keys["columnid"] and keys["unitid"]:
        per_page = _per_page(source, text)
        address = urljoin(page.final_url, proxy)
        return Listing(hop=_block(address, keys, first=1, per_page=per_page, referer=page.final_url))
    # A frame's page may hold its rows bare.
    rows = () if root is None else tuple(e for e in read_articles(root, page.final_url) if is_article(e.url))
    if not rows:
        another = "; it is a build/unit now: set engine: hanweb_unit" if "querydata" in text.lower() else ""
        raise unreadable(source, page, f"embeds no datastore{another or '; the page has changed: correct url'}")
    return Listing(entries=rows, partial="</html" not in text[-5000:].lower())


def _stores(text: str) -> Iterator[_Store]:
    found = list(_STORE.finditer(text))
    elsewhere = _STORE.sub("", text)
    for index, match in enumerate(found):
        before = text[found[index - 1].end() if index else 0 : match.start()]
        after = text[match.end() : found[index + 1].start() if index + 1 < len(found) else len(text)]
        holders = _HOLDER.findall(before[-600:])
        unit = holders[-1] if holders else ""
        # Pagers stand behind their stores, or all together at one end of the page.
        script = after if _PROXY.search(after) else elsewhere
        yield _Store(unit=unit, text=match[0], script=script)


def _chosen(source: Source, page: Capture, stores: list[_Store]) -> _Store:
    wanted = source.params.get("unitid") or query_of(source.url or "").get("uid")
    if wanted is not None:
        named = [store for store in stores if store.unit == wanted]
        if not named and len(stores) > 1:
            units = ", ".join(store.unit for store in stores)
            raise unreadable(source, page, f"embeds no unit {wanted}, only {units}; correct params.unitid")
        # The only list of the page is the list, whatever its number became in a redesign.
        return (named or stores)[0]
    column = column_number(page.final_url)
    own = [store for store in stores if column and f"columnid={column}" in store.text] or stores
    if len(own) > 1:
        units = ", ".join(f"{store.unit} ({len(_records(store.text))} rows)" for store in own)
        raise unreadable(source, page, f"embeds several lists: {units}; say which with params: {{unitid: …}}")
    return own[0]


def _after_embedded(source: Source, page: Capture, store: _Store) -> Fetch | None:
    """The second block: as the embedded one says, by GET; else as the page's pager asks for it, by POST."""
    proxy, group = _proxy(store.script), _group(store.text)
    found, total = len(_records(store.text)), _total(store.text) or _total(store.script)
    if (total is not None and found >= total) or (group is not None and not _is_plain(group)):
        return None
    if group is not None:
        # The pager's own address counts for more than that of a link nobody clicks.
        address = urljoin(page.final_url, proxy or bare(group))
        return Fetch(url=with_query(bare(address), query_of(group)), headers=by_script(page.final_url))
    keys = _keys(source, page, store.script, unit=store.unit)
    if proxy is None or total is None or not keys["columnid"]:
        return None
    per_page, address = _per_page(source, store.script), urljoin(page.final_url, proxy)
    return _block(address, keys, first=found + 1, per_page=per_page, referer=page.final_url)


# --- parts ---


def _block(address: str, keys: Mapping[str, str], *, first: int, per_page: int, referer: str) -> Fetch:
    """A block of three pages by POST, as the pager asks for it; `first` counts records from 1."""
    last = first + per_page * _PAGES - 1
    place = {"startrecord": str(first), "endrecord": str(last), "perpage": str(per_page)}
    return posted(with_query(bare(address), place), keys, referer=referer)


def _keys(source: Source, page: Capture, script: str, *, unit: str) -> dict[str, str]:
    """What the interface wants to be told: by the configuration, by the page's scripts, by the column's address."""
    said = {key: value for key, value in reversed(_KEY.findall(script)) if value}
    known = {"columnid": column_number(page.final_url) or "", "unitid": unit, **_DEFAULTS, **said, **source.params}
    if unit:
        known["unitid"] = unit
    return {key: unquote(html.unescape(known.get(key, ""))) for key in JPAGE_PARAMS}


def _per_page(source: Source, script: str) -> int:
    match = _PER.search(script)
    return whole_number(source.params.get("perpage")) or (int(match[1]) if match else _PER_PAGE) or _PER_PAGE


def _proxy(script: str) -> str | None:
    match = _PROXY.search(script)
    return match[1] if match else None


def _records(text: str) -> list[str]:
    """The HTML of each record; bare `&` and a wrong content type keep XML readers away."""
    return [cdata or html.unescape(bare_text) for cdata, bare_text in _RECORD.findall(text)]


def _entries(text: str, base: str) -> tuple[Entry, ...]:
    """One entry a record: of several links the one with the longest title is the headline."""
    found: dict[str, Entry] = {}
    for record in _records(text):
        root = parse(record)
        links = () if root is None else read_articles(root, base)
        if links:
            entry = max(links, key=lambda link: len(link.title or ""))
            found.setdefault(entry.url, entry)
    return once_each(found.values())


def _total(text: str) -> int | None:
    match = _TOTAL.search(text)
    return int(match[1] or match[2]) if match else None


def _group(text: str) -> str | None:
    """The address of the next block in `nextgroup`; its ampersands are bare, or not."""
    match = _GROUP.search(text)
    return match[2].replace("&amp;", "&") if match else None


def _is_plain(group: str) -> bool:
    """Some sites give columnid and unitid in cipher there, and answer such requests with nothing."""
    keys = query_of(group)
    return keys.get("columnid", "").isdigit() and keys.get("unitid", "").isdigit()
