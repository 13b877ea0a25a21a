"""The pager of an article that is spread over several pages: which addresses follow, and where the pager stands.

Only addresses that are the page's own with a number to it count, so lists, comments and next articles do not.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import SplitResult, parse_qsl, urldefrag, urlencode, urljoin, urlsplit, urlunsplit

from lxml.html import HtmlElement

#: More pages than this are no article.
MOST_PAGES = 20
_MOST_LINKS = 100

#: What links of a pager say, without blanks and brackets.
_COUNTED = re.compile(r"第?(\d{1,3})页?")
_NEXT = re.compile(r"[下后]一?[页頁]|next(?:page)?")
_LAST = re.compile(r"[尾末][页頁]|最后一[页頁]|last")
_BACK = re.compile(r"[上前]一?[页頁]|prev(?:ious)?(?:page)?")
_FULL = re.compile(
    r"(?:在?本页|单页|点击|余下|剩余|显示|阅读|查看|浏览|展开)*全文(?:阅读|显示|浏览)?|不分页(?:阅读|显示)?"
)
_WORDS = (_COUNTED, _NEXT, _LAST, _BACK, _FULL)
_BRACKETS = re.compile(r"[\s\[\]【】()（）<>＜＞《》«»‹›|·…,，.。:：/\-]+")
#: All that a block says which is a pager: 共3页 首页 上一页 1 2 3 下一页 尾页 余下全文.
_PAGER = re.compile(
    r"(?:(?>共\d{1,3}[页頁]|第\d{1,3}[页頁]|\d{1,3}[页頁]?|首[页頁]|[上下前后]一?[页頁]|[尾末][页頁]|当前|转到|跳转|"
    r"(?:在本页|余下|剩余|显示|阅读|查看|浏览|展开)?全文(?:阅读|显示)?|prev|next|last))++"
)
_WORD = re.compile(r"[页頁]|全文")
_LONGEST_PAGER = 150
_TOTAL = re.compile(r"共\s*(\d{1,3})\s*[页頁]")
_COMMENTS = re.compile(r"comment|reply|replies|pinglun|liuyan|guestbook", re.IGNORECASE)

#: Stems of lists: what follows them is more rows, not more text.
_LIST = re.compile(
    r"(?:^|[_-])(?:index|default|main|home|lists?|node|channel|column|category|search|more|roll)(?:[_-]?\d+)*$"
    r"|^col\d+|list$",
    re.IGNORECASE,
)
#: Stems that end in the number of a page: content_1234567_2, t20230706_1234567_1. Behind a bare day it is an article.
_NUMBERED = re.compile(r"(t\d{8}_\d+|[A-Za-z]*[_-]?\d{5,}|[0-9a-f]{16,})[_-](\d{1,2})")
_DAY = re.compile(r"t?(?:19|20)\d{6}")
_PARAMETER = re.compile(r"p|pn|pg|paged|(?:cur|current)?_?page_?(?:no|num|index|id)?", re.IGNORECASE)
_ALL = re.compile(r"0|all|full|qw|quanwen|s", re.IGNORECASE)
#: TRS: createPageHTML(total, current from 0, "t20230706_1234567", "shtml").
_TRS = re.compile(
    r"createPageHTML\s*\(\s*['\"]?(\d{1,3})['\"]?\s*,\s*['\"]?(\d{1,3})['\"]?\s*,\s*['\"]([^'\"]{1,200})['\"]\s*,"
    r"\s*['\"]\.?(\w{2,6})['\"]"
)


@dataclass(frozen=True, slots=True)
class Pager:
    """following: absolute addresses of the pages behind this one, in order; one address where a page has the full text.

    places: elements that hold nothing but the pager.
    """

    following: tuple[str, ...] = ()
    places: tuple[HtmlElement, ...] = ()


@dataclass(frozen=True, slots=True)
class _Link:
    """One link of the pager: what it says, and what its address adds to the article's (`2`, `all`, nothing)."""

    anchor: HtmlElement
    says: str
    url: str
    adds: str

    @property
    def number(self) -> int | None:
        return int(self.adds) if self.adds.isascii() and self.adds.isdigit() and len(self.adds) <= 3 else None


@dataclass(frozen=True, slots=True)
class _Family:
    """A page's address, and what all pages of the same article have in common with it.

    number: the page's own, where its address has one.
    """

    own: SplitResult
    directory: str
    root: str
    ending: str
    number: int | None

    @classmethod
    def of(cls, url: str | None) -> "_Family | None":
        """None where the address is none of a single article."""
        try:
            own = urlsplit(urldefrag(url or "").url)
        except ValueError:
            return None
        directory, _, name = own.path.rpartition("/")
        stem, ending = _parted(name)
        if not own.hostname or not (stem or own.query) or _LIST.search(stem):
            return None
        for key, value in parse_qsl(own.query):
            if _PARAMETER.fullmatch(key) and value.isascii() and value.isdigit():
                return cls(own, directory, stem, ending, int(value[:3]))
        numbered = _NUMBERED.fullmatch(stem)
        if numbered is not None and not _DAY.fullmatch(numbered[1]):
            return cls(own, directory, numbered[1], ending, int(numbered[2]))
        return cls(own, directory, stem, ending, None)

    def adds(self, url: str) -> str | None:
        """What an address adds to the article's: `2` for …_2.html and for …&page=2, "" for the first page's own form.

        None where it is no page of this article.
        """
        try:
            there = urlsplit(url)
            same_site = (there.hostname, there.port) == (self.own.hostname, self.own.port)
        except ValueError:
            return None
        if not same_site:
            return None
        if there.path == self.own.path:
            return _added(_bare(self.own.query), there.query)
        directory, _, name = there.path.rpartition("/")
        stem, ending = _parted(name)
        if (directory, ending, there.query) != (self.directory, self.ending, self.own.query) or not self.root:
            return None
        if stem == self.root:
            return ""
        separated = stem[: len(self.root) + 1] in (f"{self.root}_", f"{self.root}-")
        return stem[len(self.root) + 1 :] if separated else None

    def page(self, like: _Link, number: int) -> str:
        """The address of another page, made like that of a link."""
        parts = urlsplit(like.url)
        if parts.path == self.own.path:
            pairs = parse_qsl(parts.query, keep_blank_values=True)
            counted = [(k, str(number) if _PARAMETER.fullmatch(k) and v == like.adds else v) for k, v in pairs]
            return urlunsplit(parts._replace(query=urlencode(counted)))
        stem = parts.path.removesuffix(self.ending).removesuffix(like.adds)
        return urlunsplit(parts._replace(path=f"{stem}{number}{self.ending}"))


def find_pager(root: HtmlElement, url: str | None) -> Pager:
    """What follows a page, by its own pager; nothing where it has none, or is not the first page. Pure."""
    family = _Family.of(url)
    if family is None:
        return Pager()
    links = list(islice(_links(root, family), _MOST_LINKS))
    places = tuple(dict.fromkeys(place for link in links if (place := _place(link.anchor)) is not None))
    full = next((link.url for link in links if _FULL.fullmatch(link.says)), None)
    if full is not None:
        return Pager((full,), places)
    return Pager((_scripted(root, family) or _linked(family, links, places))[: MOST_PAGES - 1], places)


def is_pager_line(text: str) -> bool:
    """Whether a line says nothing but what pagers say, with a word for it: numbers alone may be a table's. Pure.

    >>> is_pager_line("[1] 2 3 下一页"), is_pager_line("1 2 3"), is_pager_line("见第3页")
    (True, False, False)
    """
    if len(text) > _LONGEST_PAGER or not _WORD.search(text):
        return False
    return _PAGER.fullmatch(_BRACKETS.sub("", text).lower()) is not None


def _links(root: HtmlElement, family: _Family) -> Iterator[_Link]:
    base = family.own.geturl()
    for anchor in root.iter("a"):
        href = (anchor.get("href") or "").strip()
        if not href or len(href) > 1000:
            continue
        says = _said(anchor) or _BRACKETS.sub("", anchor.get("title") or "").lower()
        if not any(word.fullmatch(says) for word in _WORDS) or _in_comments(anchor):
            continue
        try:
            url = urldefrag(urljoin(base, href)).url
        except ValueError:
            continue
        adds = family.adds(url)
        if adds is None or url == base:
            continue
        if _FULL.fullmatch(says):
            if _ALL.fullmatch(adds):
                yield _Link(anchor, says, url, adds)
        elif not adds or (adds.isascii() and adds.isdigit() and len(adds) <= 3):
            yield _Link(anchor, says, url, adds)


def _scripted(root: HtmlElement, family: _Family) -> tuple[str, ...]:
    """The pages that TRS counts in a script: the first of N is number 0 and bare, the others are _1 to _(N-1)."""
    for script in root.iter("script"):
        for total, current, stem, ending in _TRS.findall(script.text or ""):
            if stem == family.root and f".{ending}" == family.ending and current == "0" and family.number is None:
                base = family.own.geturl()
                return tuple(urljoin(base, f"{stem}_{n}.{ending}") for n in range(1, min(int(total), MOST_PAGES)))
    return ()


def _linked(family: _Family, links: Sequence[_Link], places: Sequence[HtmlElement]) -> tuple[str, ...]:
    """The pages that links lead to. A long pager shows some of them only (1 2 3 … 9): the rest is counted."""
    here = family.number
    if here is not None and (here >= 2 or any(_BACK.fullmatch(link.says) for link in links)):
        return ()
    ahead = {
        link.number: link
        for link in links
        # Where the first page is bare, its link may be …_1.html all the same.
        if link.number is not None and link.number > (here or 0) and not _first(link) and not _BACK.fullmatch(link.says)
    }
    if not ahead:
        return ()
    lowest, highest = min(ahead), max(ahead)
    for place in places:
        if (total := _TOTAL.search(place.text_content())) is not None:
            highest = max(highest, lowest + int(total[1]) - 2)
    numbers = range(lowest, min(highest, lowest + MOST_PAGES) + 1)
    return tuple(ahead[n].url if n in ahead else family.page(ahead[lowest], n) for n in numbers)


def _first(link: _Link) -> bool:
    counted = _COUNTED.fullmatch(link.says)
    return counted is not None and int(counted[1]) == 1


def _place(anchor: HtmlElement) -> HtmlElement | None:
    """The largest element around a link that says nothing but what pagers say."""
    place = None
    for around in anchor.iterancestors():
        if not _PAGER.fullmatch(_said(around)):
            break
        place = around
    return place


def _said(element: HtmlElement) -> str:
    """The text of an element without blanks and brackets; only the beginning of one that is longer than any pager."""
    said = ""
    for text in element.itertext():
        said += _BRACKETS.sub("", text[: 10 * _LONGEST_PAGER]).lower()
        if len(said) > _LONGEST_PAGER:
            return f"{said[:_LONGEST_PAGER]}…"
    return said


def _in_comments(anchor: HtmlElement) -> bool:
    return any(_COMMENTS.search(f"{a.get('class') or ''} {a.get('id') or ''}") for a in anchor.iterancestors())


def _parted(name: str) -> tuple[str, str]:
    """The last part of a path as stem and ending.

    >>> _parted("t20230706_1.shtml"), _parted("17")
    (('t20230706_1', '.shtml'), ('17', ''))
    """
    stem, dot, ending = name.rpartition(".")
    return (stem, f".{ending}") if dot and ending.isalnum() else (name, "")


def _bare(query: str) -> list[tuple[str, str]]:
    """A query without the number of a page."""
    return [
        (key, value)
        for key, value in parse_qsl(query, keep_blank_values=True)
        if not (_PARAMETER.fullmatch(key) and value.isdigit())
    ]


def _added(own: Sequence[tuple[str, str]], query: str) -> str | None:
    there = parse_qsl(query, keep_blank_values=True)
    extra = [pair for pair in there if pair not in own]
    if len(there) - len(extra) != len(own) or len(extra) > 1:
        return None
    if not extra:
        return ""
    return extra[0][1] if _PARAMETER.fullmatch(extra[0][0]) else None
