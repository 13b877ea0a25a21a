"""What a page links to that belongs to the article: its attachments, and the shares that Sina marks in its text."""

import re
from urllib.parse import parse_qsl, unquote, urldefrag, urljoin, urlsplit

from lxml.html import HtmlElement

from crawler.extract.metas import text_of
from crawler.extract.page import Page
from crawler.records import Attachment, Stock

_FILE = re.compile(r"\.(pdf|docx?|xlsx?|pptx?|wps|et|dps|ofd|zip|rar|7z|csv|txt|ceb|tiff?)(?:$|[?#&])", re.IGNORECASE)
_NAMED = re.compile(r"^[^\s，。]{1,100}\.(?:pdf|docx?|xlsx?|pptx?|wps|et|ofd|zip|rar|7z|csv)$", re.IGNORECASE)
_SCRIPTED = re.compile(r"""\bpdfurl\s*=\s*["']([^"'\s]{5,300})["']""")
#: Elements that show a file within the page, and where they name it.
_SHOWING = (("iframe", "src"), ("embed", "src"), ("object", "data"), ("frame", "src"))
#: What a viewer's address calls the file that it is to show: web/viewer.html?file=%2Ff%2Fplan.pdf.
_VIEWED = frozenset({"file", "url", "src", "pdf", "pdfurl", "path", "filepath", "fileurl"})
_NEWS_STOCKS = re.compile(r"<!--\s*news_keyword_pub,\s*stock,\s*([a-z0-9_&]{3,2000}?)\s*-->", re.IGNORECASE)
_CODE = re.compile(r"(?:sh|sz|bj|hk|us|gb_|rt_hk)[0-9a-z]{1,10}", re.IGNORECASE)
_MOST = 50


def attachments(page: Page) -> list[tuple[Attachment, int]]:
    """The files that the page offers or shows, in order, each once, with the line where each stands (-1: anywhere).

    A viewer stands for the file that it is to show. Links with other schemes than http(s) are left out.
    """
    found: dict[str, tuple[Attachment, int]] = {}
    for link in page.root.iter("a"):
        href = (link.get("href") or "").strip()
        if not href or len(href) > 2_000:
            continue
        href = _viewed(href) or href
        kind = _file_type(href)
        if kind is None and "down" not in href.lower() and not _is_named(link, href):
            continue
        name = text_of(link) or link.get("title") or ""
        if (kind := kind or _file_type(name)) is not None:
            _add(found, page, href, name, kind=kind, line=_line_of(page, link))
    for tag, attribute in _SHOWING:
        for element in page.root.iter(tag):
            shown = (element.get(attribute) or "").strip()
            href = _viewed(shown) or shown
            if len(shown) <= 2_000 and (kind := _file_type(href)) is not None:
                _add(found, page, href, element.get("title") or "", kind=kind, line=-1)
    for match in _SCRIPTED.finditer(page.html) if "pdfurl" in page.html else ():
        _add(found, page, match[1], "", kind=_file_type(match[1]) or "pdf", line=-1)
    return list(found.values())[:_MOST]


def _viewed(href: str) -> str | None:
    """The file that a viewer at this address is asked to show, as its address writes it; None where it is no viewer."""
    if "=" not in href:  # asks for nothing, as most links; to take an address apart costs as much as to read a line
        return None
    try:
        viewer, query = href.split("?", 1)[0], urlsplit(href.replace("#", "?", 1)).query
    except ValueError:
        return None
    if not query or _file_type(viewer) is not None:
        return None
    asked = (value for name, value in parse_qsl(query) if name.lower() in _VIEWED and _file_type(value) is not None)
    return next(((urljoin(viewer, value)) for value in asked), None)


def _is_named(link: HtmlElement, href: str) -> bool:
    """Whether the words of a link are a file's name, and its address no page's: it ends in no other ending."""
    if "." in href.rpartition("/")[2] or href.startswith(("#", "javascript:", "mailto:")):
        return False
    return _NAMED.search("".join(link.itertext()).strip()) is not None


def _line_of(page: Page, link: HtmlElement) -> int:
    return next((page.spans[a][0] for a in (link, *link.iterancestors()) if a in page.spans), -1)


def _add(found: dict[str, tuple[Attachment, int]], page: Page, href: str, name: str, *, kind: str, line: int) -> None:
    try:
        url = urldefrag(urljoin(page.url or "", href)).url
        parts = urlsplit(url)
    except ValueError:
        return
    if parts.scheme in ("http", "https") or (not parts.scheme and not page.url):
        shown = name.strip() or unquote(parts.path.rsplit("/", 1)[-1])
        found.setdefault(url, (Attachment(name=shown[:200], url=url, type=kind), line))


def _file_type(text: str) -> str | None:
    match = _FILE.search(text.strip())
    return None if match is None else match[1].lower()


def stocks(page: Page) -> tuple[Stock, ...]:
    """The shares of a Sina article: the codes of its closing comment, named by the spans in its text."""
    named: dict[str, str] = {}
    for span in page.root.iter("span"):
        identity = span.get("id") or ""
        if identity.startswith("stock_") and _CODE.fullmatch(identity[6:]):
            named.setdefault(identity[6:].lower(), text_of(span) or "")
    signed = _NEWS_STOCKS.finditer(page.html) if "news_keyword_pub" in page.html else ()
    codes = [code.lower() for match in signed for code in match[1].split("&")]
    in_order = [code for code in (*codes, *named) if _CODE.fullmatch(code)]
    return tuple(Stock(code=code, name=named.get(code, "")) for code in dict.fromkeys(in_order))[:_MOST]
