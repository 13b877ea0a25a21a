"""What a link of a page may be: the headline of an article, the name of a column, a button. Knows URLs and titles."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from urllib.parse import urlsplit

from lxml import html

from crawler.extract.times import find_stamps, url_day
from crawler.lists.rows import absolute, one_line, words_of

#: Headlines are longer than the names of columns: 首页, 新闻中心.
HEADLINE = 7
_INDEX = re.compile(
    r"(?:^|/)(?:(?:index|default|home|main|list|node|channel|column|more|search|sitemap|login|rss|about|contact|about_?us)"
    r"(?:[_-]?\d+)*(?:\.\w{2,5})?|col\d+|)$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d{4,}|[0-9a-f]{12,}|(?:content|art|article|info|detail|news|view|show|nid|id)[_-]?\d+", re.I)
_ID = re.compile(r"(?:^|&)(?:\w*id|guid|key|no|article|news|art|info)=[0-9a-z-]{2,}", re.IGNORECASE)
_COLUMN = re.compile(r"(?:^|&)(?:class|column|channel|cat(?:egory)?|col|type|node|menu)_?id=[^&]*", re.IGNORECASE)
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|wps|et|ofd|zip|rar)$", re.IGNORECASE)
_BUTTON = re.compile(
    r"(?:[\[【(（<《]?\s*(?:查看)?(?:阅读|浏览)?(?:详细(?:内容|信息)?|详情|全文|更多|原文|点击(?:查看|进入|下载)?|查看|下载|打印|收藏|分享|"
    r"评论|more|details?|read more)\s*[\]】)）>》…]*\s*)+"
    r"|[\d\s.<>«»‹›|…-]*|(?:上|下|前|后|首|末|尾|第)[一\d]{0,4}[页頁]|首页|尾 页|返回.{0,4}",
    re.IGNORECASE,
)
_RANK = re.compile(r"(?:no\.?)?\s*\d{1,2}[.、]?", re.IGNORECASE)
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
#: Inside a link these only dress its words; a link of other elements is a card.
_DRESS = {"b", "strong", "em", "i", "u", "font", "big", "small", "mark", "sup", "sub", "br", "img"}


class Likeness(IntEnum):
    """What a URL looks like, by its address alone."""

    INDEX = 0
    PLAIN = 1
    ARTICLE = 2


@dataclass(frozen=True, slots=True)
class Link:
    """One link that may be a headline."""

    anchor: html.HtmlElement
    url: str
    title: str
    likeness: Likeness


def links(root: html.HtmlElement, base: str) -> Iterator[Link]:
    """The links that may be headlines, in the page's order: long titles, or addresses like an article's. Pure."""
    here = base.partition("#")[0]
    for anchor in root.iter("a"):
        url = absolute(base, anchor.get("href") or "")
        if url is None or url == here:
            continue
        # A query to a page that was asked without one turns or sorts it.
        likeness = Likeness.INDEX if url.partition("?")[0] == here else likeness_of(url)
        title = headline(anchor)
        if likeness is Likeness.ARTICLE or (len(title) >= HEADLINE and not is_button(title)):
            yield Link(anchor, url, title, likeness)


def likeness_of(url: str) -> Likeness:
    """Whether an address looks like an article's, a column's, or like neither. Pure.

    >>> likeness_of("https://www.example.gov.cn/xxgk/zcfb/tz/202307/t20230706_1350000.html").name
    'ARTICLE'
    >>> likeness_of("https://www.example.gov.cn/col/col1229187636/index.html").name
    'INDEX'
    """
    parts = urlsplit(url)
    path, query = parts.path, parts.query
    last = path.rstrip("/").rpartition("/")[2]
    named = _INDEX.search(path) is not None and not (path.endswith("/") and url_day(url) is not None)
    if _ID.search(_COLUMN.sub("", query)):
        return Likeness.ARTICLE
    if named:
        return Likeness.INDEX
    if url_day(url) is not None or _FILE.search(path):
        return Likeness.ARTICLE
    if _NUMBERED.search(last):
        return Likeness.PLAIN if path.endswith("/") or _COLUMN.search(query) else Likeness.ARTICLE
    if parts.hostname == "mp.weixin.qq.com" and path.startswith("/s"):
        return Likeness.ARTICLE
    return Likeness.PLAIN


def is_button(text: str) -> bool:
    """Whether a link's words say what it does and not what it leads to: 详细, 下一页, 更多>>, 3. Pure."""
    return _BUTTON.fullmatch(text.strip()) is not None


def headline(anchor: html.HtmlElement) -> str:
    """What a link says its article is called: its `title`, its words, or the heading of a card. Pure."""
    parts = [part for part in _parts(anchor) if not is_button(part)] if _is_card(anchor) else []
    attribute = one_line(anchor.get("title") or "")
    if attribute and not is_button(attribute):
        return attribute
    for element in anchor.iter(*_HEADINGS) if parts else ():
        if text := one_line(element.text_content()):
            return text
    return next((part for part in parts if len(part) >= HEADLINE), words_of(anchor))


def heading_beside(row: html.HtmlElement, anchor: html.HtmlElement) -> str | None:
    """The headline of a row whose link only says 详细: its heading, else its first long text. Pure."""
    for element in row.iter(*_HEADINGS, "strong", "b", "dt"):
        text = one_line(element.text_content())
        if len(text) >= 4 and not is_button(text):
            return text
    inside = set(anchor.iter())
    for element in row.iter():
        text = one_line(element.text or "") if element not in inside else ""
        if len(text) >= HEADLINE and not is_button(text) and not _is_date(text):
            return text
    return None


def _is_card(anchor: html.HtmlElement) -> bool:
    """Whether a link is made of several elements, with no words of its own between them."""
    element = anchor
    while not one_line(element.text or ""):
        children = [child for child in element if isinstance(child.tag, str)]
        if any(one_line(child.tail or "") for child in children):
            return False
        if len(children) != 1:
            return any(child.tag not in _DRESS for child in children)
        (element,) = children
    return False


def _parts(anchor: html.HtmlElement) -> Iterator[str]:
    """The texts of a card, each element's own words with what only dresses them; dates and ranks left out."""
    for element in anchor.iterdescendants():
        if not isinstance(element.tag, str) or element.tag in _DRESS:
            continue
        words = [element.text or ""]
        for child in element:
            words += [str(child.text_content())] if child.tag in _DRESS else []
            words.append(child.tail or "")
        text = one_line("".join(words))
        if text and not _is_date(text) and not _RANK.fullmatch(text):
            yield text


def _is_date(text: str) -> bool:
    return any(end - begin >= len(text) - 8 for _, begin, end in find_stamps(text))
