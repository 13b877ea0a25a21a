"""Where a list goes on: the link that says so, the number behind this page's, or TRS's script. Requests nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urljoin, urlsplit

from lxml import html

from crawler.lists.rows import absolute, link_base, one_line

_NEXT = re.compile(r"[\[【<(]?\s?(?:下|后)\s?[一1]?\s?[页頁]\s?[>»›→\])】]*|next(?:\s?page)?\s?[>»›→]*", re.IGNORECASE)
_TURN = re.compile(r"[\[【<(]?\s?(?:(?:上|下|前|后)\s?[一1]?|尾|末|最后)\s?[页頁][\])】>]?", re.IGNORECASE)
_ARROW = re.compile(r"[>»›→]{1,2}")
#: The parts of an address that a page's number stands in: `index_2.htm`, `node_15890_2.htm`, `/list/2/`, `page=2`.
_IN_PATH = re.compile(r"(?:[_-]|/(?:p|page)?[/_-]?)(\d{1,4})(?:\.\w{2,5}|/)?$", re.IGNORECASE)
_DEFAULT = re.compile(r"/(?:index|default)\.\w{2,5}$", re.IGNORECASE)
_IN_QUERY = re.compile(
    r"(?:page|p|pg|pageno|page_?num(?:ber)?|currpage|curpage|currentpage|pageindex|pn)", re.IGNORECASE
)

_CALL = re.compile(r"(?<!function )createPageHTML\s{0,9}\(([^()]{1,500})\)", re.IGNORECASE)
_SCRIPT = re.compile(r"<script[^<>]{0,200}>\s*", re.IGNORECASE)
_LINE_COMMENT = re.compile(r"(?:^|[\s;{}])//")
_NUMBER = re.compile(r"[0-9]{1,6}")
_WORD = re.compile(r"""["']([^"'/\\]{1,60})["']""")
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_PAGE_FILE = re.compile(r"(?P<name>[^/]*?)(?:_(?P<number>\d{1,5}))?\.(?P<suffix>s?html?|jhtml)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pages:
    """What `createPageHTML` says of a list: how many pages it has, which one this is, and how their files are named.

    first: the number that the script gives the first page: 0 with TRS, whose second page is index_1; 1 with others.
    """

    total: int
    current: int
    name: str
    suffix: str
    first: int

    @property
    def following(self) -> str | None:
        """The file of the next page, or None on the last one."""
        number = self.current + 1
        return f"{self.name}_{number}.{self.suffix}" if number - self.first < self.total else None


def next_page(root: html.HtmlElement, text: str, url: str) -> str | None:
    """The address of the page behind this one, or None where the page names none. Pure.

    root, text: the page as a tree and as text, in which scripts stand. url: its address.
    """
    pages = script_pages(text, url)
    if pages is not None:
        return None if pages.following is None else urljoin(url, pages.following)
    return _said(root, url) or _numbered(root, url)


def pager_of(root: html.HtmlElement) -> html.HtmlElement | None:
    """The first link or script on a page that turns its list, or None. Pure."""
    for element in root.iter("a", "script"):
        if element.tag == "script":
            if "createPageHTML(" in (element.text or ""):
                return element
        elif _TURN.fullmatch(one_line(str(element.text_content()))):
            return element
    return None


def script_pages(text: str, url: str) -> Pages | None:
    """What the call of createPageHTML on this page says; None where there is no call that can be read. Pure."""
    for call in _CALL.finditer(text):
        if _is_commented(text, call.start()):
            continue
        numbers, words = [], []
        for argument in call[1].split(","):
            value = _value(argument.strip(), text)
            if (word := _WORD.fullmatch(value)) is not None:
                words.append(word[1])
            elif _NUMBER.fullmatch(value):
                numbers.append(int(value))
        if len(numbers) < len(("total", "current")) or len(words) < len(("name", "suffix")):
            continue
        total, current = numbers[:2]
        here = page_number(url)
        # With the list's container as the first argument it is the script that counts from 1.
        first = 1 if len(words) > 2 or (here is None and current == 1) else 0
        return Pages(total, max(current, here or 0), words[-2], words[-1].lstrip("."), first)
    return None


def page_number(url: str) -> int | None:
    """The number in `index_3.html`; None for a first page. Pure."""
    match = _PAGE_FILE.search(urlsplit(url).path)
    return int(match["number"]) if match is not None and match["number"] else None


def _is_commented(text: str, place: int) -> bool:
    line = text[text.rfind("\n", 0, place) + 1 : place]
    if _LINE_COMMENT.search(line) or text.rfind("/*", 0, place) > text.rfind("*/", 0, place):
        return True
    opened, script = text.rfind("<!--", 0, place), text.rfind("<script", 0, place)
    if opened <= text.rfind("-->", 0, place):
        return False
    # Right behind <script> the mark is what old pages hide their scripts with from older browsers.
    return opened < script or _SCRIPT.fullmatch(text, script, opened) is None


def _value(argument: str, text: str) -> str:
    """An argument as it is written, or what the variable that it names was given."""
    if _NAME.fullmatch(argument):
        given = re.search(rf"(?<![\w$]){re.escape(argument)}\s{{0,9}}=\s{{0,9}}(\d+|[\"'][^\"']{{0,60}}[\"'])", text)
        return given[1] if given is not None else argument
    return argument


def _said(root: html.HtmlElement, here: str) -> str | None:
    """The link that calls itself the next page."""
    base = link_base(root, here)
    for anchor in root.iter("a", "link"):
        words = one_line(str(anchor.text_content())) or one_line(anchor.get("title") or "")
        is_next = anchor.get("rel") == "next" or _NEXT.fullmatch(words) is not None
        if not is_next and _ARROW.fullmatch(words) is None:
            continue  # before the address is made whole, which takes longer
        url = absolute(base, anchor.get("href") or "")
        if url is None or url == here or urlsplit(url).netloc != urlsplit(here).netloc:
            continue
        if is_next or _same_list(url, here):
            return url
    return None


def _numbered(root: html.HtmlElement, here: str) -> str | None:
    """Behind the number of this page, which is no link or leads here, the link with the next one."""
    numbers = list(_page_links(root, here))
    known = {number for number, _ in numbers}
    if not known:
        return None
    current = next((number for number, url in numbers if url == here), None)
    if current is None:
        current = 1 if 1 not in known else _left_out(known, numbered=_is_numbered(here))
    return next((url for number, url in numbers if number == current + 1 and url != here), None)


def _left_out(known: set[int], *, numbered: bool) -> int:
    """This page's number: the one that the row of page links leaves out between two others.

    Where it leaves out none, this is the first page by another address, or, if that has a number, the one behind them.
    """
    missing = sorted(set(range(1, max(known))) - known)
    return next((number for number in missing if {number - 1, number + 1} <= known), max(known) + 1 if numbered else 1)


def _is_numbered(url: str) -> bool:
    parts = urlsplit(url)
    return _IN_PATH.search(parts.path) is not None or any(
        _IN_QUERY.fullmatch(name) for name, _ in parse_qsl(parts.query)
    )


def _page_links(root: html.HtmlElement, here: str) -> Iterator[tuple[int, str]]:
    base = link_base(root, here)
    for anchor in root.iter("a"):
        words = one_line(str(anchor.text_content())).strip("[]【】 ")
        url = absolute(base, anchor.get("href") or "") if _NUMBER.fullmatch(words) else None
        if url is not None and _same_list(url, here):
            yield int(words), url


def _same_list(url: str, here: str) -> bool:
    """Whether two addresses differ in nothing but a page's number."""
    return _unnumbered(url) == _unnumbered(here)


def _unnumbered(url: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    parts = urlsplit(url)
    path = _DEFAULT.sub("/", _IN_PATH.sub(_without_number, parts.path))
    query = tuple(sorted(pair for pair in parse_qsl(parts.query) if not _IN_QUERY.fullmatch(pair[0])))
    return parts.netloc, path, query


def _without_number(match: re.Match[str]) -> str:
    return "/" if match[0].startswith("/") else match[0][match.end(1) - match.start() :]
