"""Which engine reads a page that nobody has described? Pure: one page gives candidates, each with its evidence; whether
one is right shows when it is run. What is no list at all is said with what to do."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from crawler.engines.asking import bare, query_of
from crawler.extract.metas import tidy
from crawler.jsondoc import complaint, read_json
from crawler.lists.headlines import HEADLINE
from crawler.lists.rows import parse, title_of
from crawler.probing.candidates import Candidate, Detection
from crawler.probing.jsonshape import JsonRows, find_html_rows, find_json_rows
from crawler.probing.naming import About
from crawler.probing.signs import PROXY, detect_html
from crawler.quality import is_garbled
from crawler.records import Capture, Fetch
from crawler.text.charset import decode

_FEED = re.compile(r"<(rss|feed|rdf:RDF)\b")
_SITEMAP = re.compile(r"<(?:urlset|sitemapindex)\b")
#: What may stand before the first element of a document.
_PROLOGUE = re.compile(r"(?:\s+|<\?[^>]*>|<!--.*?-->|<!DOCTYPE[^>]*>)*", re.DOTALL)
_FEED_TITLE = re.compile(r"<title[^>]*>\s*(?:<!\[CDATA\[)?\s*([^<\]]{1,200})")
_ROLL, _LIVE = "/api/roll/get", "/api/zhibo/feed"
_CATALOGUE = re.compile(r"/module/xxgk/(?:xxgk_rulebase_)?search\.jsp", re.IGNORECASE)
_SINA_HOSTS = (".sina.com.cn", ".sina.cn")
_PAGE_NAMES = re.compile(r"p|pn|page|page_?(?:no|num|number|index)|current|curr?page", re.IGNORECASE)
_CLASS = re.compile(r"[A-Za-z_][\w-]*")
#: Loading a configuration fills these from the environment: no page may have a say in that.
_REFERENCE = re.compile(r"\$\{")
_NETWORK = (
    "see in the browser's network view how the page asks for it (a POST with a form, say) and give that with --post, or"
    " write the entry by hand: method, form or json, rows, fields"
)


def detect(page: Capture) -> Detection:
    """Candidates for what reads this page, and where else to look. Pure; never raises for what a page holds."""
    decoded = decode(page.body, content_type=page.content_type)
    text = decoded.text
    found = _document(page, text.lstrip("\ufeff \t\r\n")) or detect_html(page, text)
    candidates = tuple(candidate for candidate in found.candidates if not _refers(candidate.keys))
    trouble = found.trouble
    if trouble is None and is_garbled(text, decoded.replaced_share):
        trouble = f"has lost {decoded.replaced_share:.0%} of its characters, read as {decoded.encoding}; set charset"
    site, column = (None if _refers(name) else name for name in (found.about.site, found.about.column))
    return replace(found, candidates=candidates, about=About(site=site, column=column), trouble=trouble)


def _refers(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_refers(member) for pair in value.items() for member in pair)
    return isinstance(value, str) and _REFERENCE.search(value) is not None


# --- addresses ---


def by_address(ask: Fetch) -> Iterator[Candidate]:
    """What a request alone says: interfaces of Sina and of Hanweb, and Sina's roll page with its fragment. Pure."""
    parts = urlsplit(ask.url)
    form = parse_qsl((ask.body or b"").decode("utf-8", errors="replace"))
    given = {**dict(parse_qsl(parts.query)), **dict(parse_qsl(parts.fragment)), **dict(form)}
    endpoint = bare(ask.url).partition("#")[0]
    own = (parts.hostname or "").endswith(_SINA_HOSTS)
    elsewhere = {} if own else {"url": endpoint}
    if given.keys() >= {"pageid", "lid"} and (parts.path.endswith(_ROLL) or own):
        params = {"num": "50", **_some(given, "pageid", "lid", "num")}
        yield Candidate(
            engine="sina_roll", keys={**elsewhere, "params": params}, evidence="Sina's roll: pageid and lid", sure=True
        )
    if "zhibo_id" in given and parts.path.endswith(_LIVE):
        params = _some(given, "zhibo_id", "tag_id")
        yield Candidate(
            engine="sina_live", keys={**elsewhere, "params": params}, evidence="Sina's live feed: zhibo_id", sure=True
        )
    for pattern, engine, needed, more in (
        (PROXY, "hanweb_jpage", ("columnid", "unitid"), ("webid", "webname", "path", "appid")),
        (_CATALOGUE, "hanweb_xxgk", ("infotypeId", "jdid"), ("area", "divid")),
    ):
        if pattern.search(parts.path) and given.keys() >= set(needed):
            keys = {"url": endpoint, "params": _some(given, *needed, *more)}
            if engine == "hanweb_jpage" and ask.method == "POST":
                keys["method"] = "POST"
            yield Candidate(engine=engine, keys=keys, evidence=f"the interface {parts.path}", sure=True)


def _some(given: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: given[name] for name in names if given.get(name)}


# --- documents that are no HTML ---


def _document(page: Capture, body: str) -> Detection | None:
    """What a document is that is no HTML; None for HTML."""
    if not body:
        return Detection(trouble="answers with an empty page; check the url in a browser")
    before = _PROLOGUE.match(body[:2000])
    begin = before.end() if before is not None else 0
    if _SITEMAP.match(body, begin):
        return Detection(trouble="is a sitemap, not a list of news; give the address of a column page or feed")
    if (feed := _FEED.match(body, begin)) is not None:
        title = _FEED_TITLE.search(body[:20_000])
        kind = {"rss": "an RSS", "feed": "an Atom", "rdf:RDF": "an RSS 1.0"}[feed[1]]
        candidate = Candidate(engine="feed", keys={"url": page.final_url}, evidence=f"{kind} feed", sure=True)
        return Detection(candidates=(candidate,), about=About(site=tidy(title[1]) if title else None))
    try:
        return _json_document(page, read_json(body))
    except ValueError:
        if body[0] in "{[":
            return Detection(trouble="looks like JSON and cannot be read as such; check the url")
        return None


def _json_document(page: Capture, document: Any) -> Detection:
    if isinstance(document, dict) and "jsonfeed" in str(document.get("version", "")):
        feed = Candidate(engine="feed", keys={"url": page.final_url}, evidence="a JSON feed", sure=True)
        title = document.get("title")
        return Detection(candidates=(feed,), about=About(site=tidy(title) if isinstance(title, str) else None))
    rows = find_json_rows(document)
    candidates = tuple(_json_candidates(page, document, rows))
    if candidates:
        return Detection(candidates=candidates)
    if rows:
        return Detection(trouble=_without_address(rows[0]))
    said = complaint(document)
    why = f"answers JSON that says: {said}" if said else "answers JSON without an array of titles"
    return Detection(trouble=f"{why}; {_NETWORK}")


def _without_address(rows: JsonRows) -> str:
    """What is said of rows that lead nowhere: a page of the site makes their addresses of their numbers."""
    published = f", published: {rows.published}" if rows.published else ""
    url = "join('', ['https://…?id=', to_string(id)])"
    return (
        f"answers JSON with {rows.count} titles, and no address of an article in its rows; see in the browser where a"
        f" row leads, and write the entry by hand: engine: json_list, rows: {rows.rows},"
        f' fields: {{url: "{url}", title: {rows.title}{published}}}'
    )


def _json_candidates(page: Capture, document: Any, rows: Sequence[JsonRows]) -> Iterator[Candidate]:
    request = json_request(page)
    for found in [found for found in rows if found.url is not None][:3]:
        fields = {"url": found.url, "title": found.title, "published": found.published, "origin": found.origin}
        keys: dict[str, Any] = {**request, **({"rows": found.rows} if found.rows else {})}
        keys["fields"] = {name: path for name, path in fields.items() if path}
        evidence = f"JSON: {found.count} rows in {found.rows or 'the document itself'}, titles in {found.title}"
        yield Candidate(engine="json_list", keys=keys, evidence=evidence)
    pieces = find_html_rows(document)
    if pieces is not None:
        keys = {**request, **({"rows": pieces.rows} if pieces.rows else {}), "fields": _css_fields(pieces.samples)}
        yield Candidate(
            engine="json_list", keys=keys, evidence=f"JSON: {len(pieces.samples)} pieces of HTML in {pieces.rows}"
        )


def json_request(page: Capture) -> dict[str, Any]:
    """The keys that ask for this answer again, the number of its page taken out as `page`. Pure."""
    asked = page.asked or Fetch(url=page.url)
    if asked.body is not None and _is_json_body(asked):
        return {"url": asked.url, "method": "POST", "json": read_json(asked.body.decode("utf-8", errors="replace"))}
    if asked.method == "POST":
        form = (asked.body or b"").decode("utf-8", errors="replace")
        sent, paging = _paged(dict(parse_qsl(form, keep_blank_values=True)))
        return {"url": asked.url, "method": "POST", **({"form": sent} if sent else {}), **paging}
    query = query_of(asked.url)
    if len(query) != len(parse_qsl(urlsplit(asked.url).query, keep_blank_values=True)):
        return {"url": asked.url}  # a name stands twice, which no mapping holds
    params, paging = _paged(query)
    return {"url": bare(asked.url), **({"params": params} if params else {}), **paging}


def _is_json_body(asked: Fetch) -> bool:
    return any(name.lower() == "content-type" and "json" in value for name, value in asked.headers.items())


def _paged(parameters: Mapping[str, str]) -> tuple[dict[str, str], dict[str, Any]]:
    """The parameters without the page's number, and the `page` key that counts it."""
    for name in parameters:
        if _PAGE_NAMES.fullmatch(name) and parameters[name].isascii() and parameters[name].isdigit():
            # Counting from 0 shows only where page 0 is asked for.
            first = {"first": 0} if parameters[name] == "0" else {}
            return {key: value for key, value in parameters.items() if key != name}, {"page": {"param": name, **first}}
    return dict(parameters), {}


def _css_fields(samples: tuple[str, ...]) -> dict[str, str]:
    """Fields for rows that are HTML: the first link, unless another one is the headline."""
    root = parse(samples[0])
    anchors = [] if root is None else list(root.iter("a"))
    headline = next((anchor for anchor in anchors if len(title_of(anchor)) >= HEADLINE), None)
    if headline is None or headline is anchors[0]:
        return {"url": "a::attr(href)"}
    around = headline.getparent()
    for element, tail in ((headline, ""), (around, " a")):
        names = (element.get("class") or "").split() if element is not None else []
        if names and _CLASS.fullmatch(names[0]):
            return {"url": f".{names[0]}{tail}::attr(href)", "title": f".{names[0]}{tail}::text"}
    return {"url": "a::attr(href)"}
