"""What Hanweb's three engines have in common: rows whose links need mending, columns, and frames that hold a list."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import urlsplit

from lxml import html

from crawler.engines.asking import bare, query_of
from crawler.lists.rows import absolute, read_rows
from crawler.records import Entry

_COLUMN = re.compile(r"/col/col(\d+)/(?:index\.html?)?$")
_COLUMN_PAGE = re.compile(r"/col/col\d+/(?:[\w-]+/)*(?:index\.html?)?$")
_ARTICLE = re.compile(r"/art/(?:\d{4}/)?(?:\d{1,2}/\d{1,2}/)?art_\w+\.html?$")
#: `http://jtyst.example.cnart/2021/…`: some templates put host and path together without the slash between them.
_GLUED = re.compile(r"((?:https?:)?//[\w.-]+\.(?:cn|com|net|org)(?::\d+)?)(?=(?:art|col|module|attach)/)")
_PATHS = re.compile(r"(?:art|col|module|attach)/")
_FRAME = re.compile(r"xxgk|/col/col|[?&](?:df|isgk)=|dataproxy\.jsp|search\.jsp", re.IGNORECASE)


def column_number(url: str) -> str | None:
    """The number of a top-level column, by its URL; a column below it has none that its URL shows. Pure.

    >>> column_number("https://www.example.gov.cn/col/col1229187636/index.html")
    '1229187636'
    """
    match = _COLUMN.search(urlsplit(url).path)
    return match[1] if match else None


def is_article(url: str) -> bool:
    """Whether a URL is one of Hanweb's articles, in its new form or in its old one. Pure."""
    return _ARTICLE.search(urlsplit(url).path) is not None


def read_articles(root: html.HtmlElement, base: str) -> tuple[Entry, ...]:
    """One entry for each row; links to other columns, as rows have them beside a headline, are none. Pure.

    base: the column page, from which relative links are meant even where an interface answered with the row.
    """
    for anchor in root.iter("a"):
        link = mended(anchor.get("href") or "", base)
        url = absolute(base, link)
        # Without an address it is no link any more, and so does not part its row's headline from its date.
        anchor.set("href", "" if url is not None and _COLUMN_PAGE.search(urlsplit(url).path) else link)
    return once_each(read_rows(root, base))


def once_each(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries without those that are another one's article under the other form of address. Pure.

    A site that moves its articles lists some of them under both for a while: same title, same day.
    """
    forms: dict[tuple[str | None, datetime | None], bool] = {}
    kept: list[Entry] = []
    for entry in entries:
        path = urlsplit(entry.url).path
        if not _ARTICLE.search(path):
            kept.append(entry)
            continue
        is_old = path.startswith("/art/")
        # Two notices of one title and day are two as long as their addresses have one form.
        if forms.setdefault((entry.title, entry.published_at), is_old) == is_old:
            kept.append(entry)
    return tuple(kept)


def mended(link: str, base: str) -> str:
    """A link with the slash between its host and its path that some templates leave out. Pure.

    >>> mended("http://jtyst.example.cnart/2021/7/6/art_1_2.html", "https://jtyst.example.cn/")
    'http://jtyst.example.cn/art/2021/7/6/art_1_2.html'
    """
    text = link.strip()
    scheme, marks, rest = text.partition("//")
    host = urlsplit(base).netloc
    if marks and scheme in ("", "http:", "https:") and rest.startswith(host) and _PATHS.match(rest[len(host) :]):
        return f"{scheme}//{host}/{rest[len(host) :]}"
    glued = _GLUED.match(text)
    return text if glued is None else f"{glued[1]}/{text[glued.end() :]}"


def framed(root: html.HtmlElement, base: str) -> str | None:
    """The column that a page shows within a frame, as a URL; None where its frames are counters or weather. Pure.

    The frame's address is `…?df=/col/col…/index.html&isgk=1`: it is the inner column, or names it in `df`.
    """
    here = urlsplit(base)
    for address in _frames(root):
        url = absolute(base, address)
        if url is None or urlsplit(url).netloc != here.netloc or not _FRAME.search(url) or "visitcount" in url:
            continue
        inner = absolute(base, query_of(url).get("df", "")) or ""
        if not _COLUMN_PAGE.search(urlsplit(url).path) and _COLUMN_PAGE.search(urlsplit(inner).path):
            url = inner if urlsplit(inner).netloc == here.netloc else url
        if bare(url) != bare(base):
            return url
    return None


def _frames(root: html.HtmlElement) -> Iterator[str]:
    for frame in root.iter("iframe", "frame"):
        yield frame.get("src") or ""
