"""E-papers: a front door that leads to the issue of the day, the issue's pages, and the articles of each page.

The software's addresses tell what a link is, whatever its template calls it: `…/2026-11/20/node_2.htm` is a page of an
issue, `content_123_456.htm` an article on it.
"""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from lxml import html

from crawler.extract.times import url_day
from crawler.jump import is_same_site, jump_target
from crawler.lists.headlines import headline, is_button
from crawler.lists.rows import absolute, breaks_off, link_base, one_line, parse, unreadable
from crawler.records import Capture, Entry, Fetch, Listing, Source
from crawler.text.charset import decode

_NODE = re.compile(r"/node_[\w-]+\.s?html?$", re.IGNORECASE)
_CONTENT = re.compile(r"/content_[\w-]+\.s?html?$", re.IGNORECASE)
_EARLIER = re.compile(r"[<‹«←\s]*(?:上|前)一?期[\s>]*")
#: Advertisements are pictures, and nobody's news.
_NO_NEWS = {"广告", "公益广告"}


def start(source: Source) -> Fetch:
    return Fetch(url=source.url or "")


def read(source: Source, page: Capture) -> Listing:
    """The articles of one page of an issue with the issue's other pages, or where the front door leads.

    A page of an issue may hold advertisements only, so no articles are no error there. Raises ListingError for what
    is no page of an issue and leads to none on its site.
    """
    text = decode(page.body, content_type=page.content_type, charset=source.charset).text
    root = parse(text)
    if root is None:
        raise unreadable(source, page, "is empty; check the url")
    base = page.final_url
    entries, nodes = tuple(_articles(root, base)), tuple(_nodes(root, base))
    if not entries and not _NODE.search(urlsplit(base).path):
        door = jump_target(text, base) or _newest(root, base)
        if door is None or not is_same_site(door, base):
            where = f"leads to {door}" if door is not None else "leads to no issue"
            raise unreadable(source, page, f"{where}; check the url in a browser: the paper may have moved")
        return Listing(hop=Fetch(url=door, headers={"Referer": base}))
    if not entries and not nodes:
        raise unreadable(source, page, "has neither articles nor other pages; the paper's template has changed")
    return Listing(
        entries=entries,
        also=tuple(Fetch(url=node) for node in nodes),
        next=_earlier(root, base),
        partial=breaks_off(text),
    )


def _articles(root: html.HtmlElement, base: str) -> Iterator[Entry]:
    """The articles of this issue that this page links to, each once with its longest title."""
    day = url_day(base)
    titles: dict[str, str] = {}
    for anchor, url in _links(root, base):
        if _CONTENT.search(url) and url.startswith(urljoin(base, ".")):
            title = headline(anchor)
            titles[url] = max(titles.get(url, ""), "" if is_button(title) else title, key=len)
    for url, title in titles.items():
        stamp = url_day(url) or day
        if title not in _NO_NEWS:
            yield Entry(
                url=url,
                title=title or None,
                published_at=stamp.at if stamp else None,
                published_precision=stamp.precision if stamp else None,
            )


def _nodes(root: html.HtmlElement, base: str) -> Iterator[str]:
    """The other pages of this issue, each once."""
    found = (url for _, url in _links(root, base) if _NODE.search(url) and url.startswith(urljoin(base, ".")))
    yield from (url for url in dict.fromkeys(found) if url != _bare(base))


def _newest(root: html.HtmlElement, base: str) -> str | None:
    """Of a front door that is a page of links, the first page of the newest issue."""
    issues = [(day.at, url) for _, url in _links(root, base) if _NODE.search(url) and (day := url_day(url)) is not None]
    newest = max((at for at, _ in issues), default=None)
    return next((url for at, url in issues if at == newest), None)


def _earlier(root: html.HtmlElement, base: str) -> Fetch | None:
    """The issue before this one: an issue that came and went while nobody looked is not lost."""
    for anchor, url in _links(root, base):
        if _EARLIER.fullmatch(one_line(str(anchor.text_content()))) and _is_before(url, base):
            return Fetch(url=url)
    return None


def _is_before(url: str, base: str) -> bool:
    there, here = url_day(url), url_day(base)
    return _NODE.search(url) is not None and there is not None and here is not None and there.at < here.at


def _links(root: html.HtmlElement, base: str) -> Iterator[tuple[html.HtmlElement, str]]:
    """The links of a page without their queries, which only say what part of the page image was clicked."""
    base = link_base(root, base)
    for anchor in root.iter("a"):
        url = absolute(base, anchor.get("href") or "")
        if url is not None:
            yield anchor, _bare(url)


def _bare(url: str) -> str:
    return url.partition("?")[0]
