"""Hanweb's disclosure catalogue (信息公开目录): a form posted to search.jsp, which answers with rows of HTML."""

import re
from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from lxml import html

from crawler.engines.asking import bare, form_in, posted, query_of, referer_of, whole_number, with_query
from crawler.engines.hanweb import column_number, framed, is_article, read_articles
from crawler.lists.rows import absolute, one_line, parse, unreadable
from crawler.records import Capture, Entry, Fetch, Listing, Source
from crawler.sourcekeys import XXGK_PARAMS
from crawler.text.charset import decode

_SEARCH = "/module/xxgk/search.jsp"
#: What the form holds, newest first by its date of composition (spelled so by the software).
_FORM: Mapping[str, str] = {
    "infotypeId": "",
    "jdid": "",
    "area": "",
    "divid": "",
    "vc_title": "",
    "vc_number": "",
    "sortfield": ",compaltedate:0",
    "currpage": "1",
    "vc_filenumber": "",
    "vc_all": "",
    "texttype": "",
    "fbtime": "",
}
_SAID = re.compile(rf"\b({'|'.join((*XXGK_PARAMS, 'webid'))})[\"']?\s*[:=]\s*[\"']?([^\"'&;\s}})<>]*)")
_INTERFACE = re.compile(r"[\"']([^\"'\s]*/module/xxgk/\w*search\.jsp)")
_OPEN = "主动公开"
_PAGER = ("下一页", "下页", "尾页", "末页")
#: The page's number in the pager's link: `javascript:goPage(2)`, `?currpage=2`.
_PAGE = re.compile(r"(?:currpage|page\w*)\D{0,3}(\d+)|(\d+)\D*$", re.IGNORECASE)


def start(source: Source) -> Fetch:
    """The column page, or the form where the configuration names the interface itself."""
    url = source.url or ""
    if not _is_interface(url):
        return Fetch(url=url)
    said = query_of(url)
    # Part of the software wants the page's number in the address, too: `xxgk_rulebase_search.jsp?currpage=`.
    address = with_query(bare(url), {"currpage": "1"}) if "currpage" in said else bare(url)
    values = {**_FORM, **said, **source.params, "currpage": "1"}
    column = values["divid"].removeprefix("div")
    referer = urljoin(url, f"/col/col{column}/index.html" if column.isdigit() else "/")
    return posted(address, values, referer=referer)


def read(source: Source, page: Capture) -> Listing:
    """The rows of the catalogue and the request for its next page; for a column page where its rows are.

    Raises ListingError where the first page has no rows; a later one without is the end.
    """
    root = parse(decode(page.body, content_type=page.content_type, charset=source.charset).text)
    if not _is_interface(page.url):
        return _column(source, page, root)
    base = referer_of(page, source.url or page.final_url)
    entries = () if root is None else _disclosed(root, base) or _articles(root, base)
    if not entries and _number(page) > 1:
        return Listing()
    if not entries or root is None:
        raise unreadable(source, page, "lists nothing; check params.infotypeId, params.jdid and params.area")
    following = _following(page.asked, _last_page(root), _number(page)) if page.asked is not None else None
    return Listing(entries=entries, next=following)


def _is_interface(url: str) -> bool:
    return re.search(r"/xxgk/\w*search\.jsp$", urlsplit(url).path) is not None


def _column(source: Source, page: Capture, root: html.HtmlElement | None) -> Listing:
    """The rows of the page itself, else of the column in its frame, else of the form that its script posts."""
    if root is None:
        raise unreadable(source, page, "is empty; check the url")
    form, search = _said(source, page, root), _INTERFACE.search(_scripts(root))
    address = urljoin(page.final_url, search[1] if search else _SEARCH)
    first = posted(address, {**_FORM, **form}, referer=page.final_url) if form else None
    if entries := _disclosed(root, page.final_url):
        following = _following(first, _last_page(root), 1) if first is not None else None
        return Listing(entries=entries, next=following)
    if (inner := framed(root, page.final_url)) is not None:
        return Listing(hop=Fetch(url=inner, headers={"Referer": page.final_url}))
    if first is not None:
        return Listing(hop=first)
    if entries := _articles(root, page.final_url):
        return Listing(entries=entries)
    raise unreadable(source, page, "shows no catalogue; set params: {infotypeId, jdid}, or correct the url")


def _said(source: Source, page: Capture, root: html.HtmlElement) -> dict[str, str]:
    """The form's values by the configuration, else by the page's scripts and hidden fields; {} without a catalogue."""
    found = {name: value for name, value in reversed(_SAID.findall(_scripts(root))) if value}
    for field in root.iter("input"):
        if field.get("name") in XXGK_PARAMS and field.get("value"):
            found[field.get("name", "")] = field.get("value", "")
    found.setdefault("jdid", found.pop("webid", ""))
    column = column_number(page.final_url)
    known = {**({"divid": f"div{column}"} if column else {}), **found, **source.params}
    return {name: known[name] for name in XXGK_PARAMS if name in known} if known.get("infotypeId") else {}


def _scripts(root: html.HtmlElement) -> str:
    return "\n".join(script.text or "" for script in root.iter("script"))


# --- rows ---


def _disclosed(root: html.HtmlElement, base: str) -> tuple[Entry, ...]:
    """The rows whose links say that they are disclosed; else those whose links say how they are."""
    articles = read_articles(root, base)
    for marked in (_marked(root, base, exactly=_OPEN), _marked(root, base, exactly=None)):
        if found := tuple(entry for entry in articles if entry.url in marked):
            return found
    return ()


def _articles(root: html.HtmlElement, base: str) -> tuple[Entry, ...]:
    return tuple(entry for entry in read_articles(root, base) if is_article(entry.url))


def _marked(root: html.HtmlElement, base: str, *, exactly: str | None) -> set[str | None]:
    return {
        absolute(base, anchor.get("href") or "")
        for anchor in root.iter("a")
        if anchor.get("gkfs") is not None and exactly in (None, (anchor.get("gkfs") or "").strip())
    }


# --- paging ---


def _number(page: Capture) -> int:
    form = form_in(page.asked.body) if page.asked is not None else {}
    return whole_number(form.get("currpage")) or whole_number(query_of(page.url).get("currpage")) or 1


def _following(asked: Fetch, last: int | None, number: int) -> Fetch | None:
    """The same form with the next page's number, which part of the software wants in the address too."""
    if last is None or number >= last or asked.body is None:
        return None
    following = {"currpage": str(number + 1)}
    url = with_query(asked.url, following) if "currpage" in query_of(asked.url) else asked.url
    form = {**form_in(asked.body), **following}
    return posted(url, form, referer=asked.headers.get("Referer", url))


def _last_page(root: html.HtmlElement) -> int | None:
    """The number behind 尾 页 (with a blank), or behind 下一页; None where no further page is linked."""
    numbers = [
        int(match[1] or match[2])
        for anchor in root.iter("a")
        if one_line(anchor.text_content()).replace(" ", "") in _PAGER
        and (match := _PAGE.search(f"{anchor.get('href') or ''} {anchor.get('onclick') or ''}".strip())) is not None
    ]
    return max(numbers, default=None)
