"""The headline of a page: a tuple of readers, the first answer wins."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from lxml.html import HtmlElement

from crawler.extract.disclosure import looks_like_an_office
from crawler.extract.labels import Label, labelled
from crawler.extract.metas import LinkedData, first, text_of, tidy
from crawler.extract.page import Page
from crawler.extract.told import Told, told
from crawler.extract.trim import is_credit_line, is_crumbs, is_prose, letters
from crawler.records import Reader

_LONGEST = 300
#: Longer <title>s are no title, and were made to be slow.
_LONGEST_TAG = 600
_SITE_WORDS = (
    r"网|报|在线|频道|门户网站|门户|政府|新闻|中心|社区|论坛|博客|资讯|财经|晚报|日报|电视台|广播|"
    r"客户端|局|厅|委|委员会|办公室|研究院|协会|集团|杂志|时报|"
    r"专栏|科技|国际|体育|娱乐|要闻|动态|文件|公告|通知|政策|解读|滚动|股市|首页|平台|官网|日報|新聞|網|頭條|头条"
)
_SITE_TAIL = re.compile(
    rf"\s*(?:[-–—|_｜·•]{{1,3}}|--)\s*(?:[^-–—|_｜]{{0,18}}(?:{_SITE_WORDS})|[A-Za-z][\w .&-]{{1,25}}|"
    rf"[\w.-]+\.(?:com|cn|net|org)[\w./]*)\s*$"
)
_SITE_ENDS = re.compile(rf"(?:{_SITE_WORDS})$|^[\w.-]+$", re.ASCII)
_SPACED_TAIL = re.compile(r"\s[-–—|]\s[^\s，。：！？-]{2,10}$")
_TITLE_NAME = re.compile(
    r"(?:^|[\s_-])(?:\w*title\w*|\w*headline|tit|bt|h1|heading|biaoti|xl_title|contTit|znn)(?:$|[\s_-]|\d)", re.I
)
#: A <title> that is the same on all pages of a site.
_SITE_NAME = re.compile(
    r"[\u4e00-\u9fff]{2,12}(?:门户网站|政府网|新闻网|信息网|人民政府|日报|晚报|时报|委员会|管理局|(?<=[\u4e00-\u9fff]{4})网)"
)
#: What a template calls all its pages, with or without the site's name.
_GENERIC = re.compile(
    r"(?:信件|来信|新闻|文章|公告|内容|信息|通知|资讯|政策|办件|咨询|留言|问题)?"
    r"(?:详情|详细(?:内容|信息)?|内容|正文|查看|浏览)(?:页面?)?(?:\s*[-–—_|]+\s*[^-–—_|]{2,20})?"
)
_LETTER = re.compile(
    r"(?:信件|来信|咨询|提问|留言|问题|投诉|诉求|信访)(?:标题|主题)\s*[:：|]\s*([^|]{4,100}?)\s*(?:\||$)"
)
#: A paper's <title> has the paper's name before the headline, and the day behind it.
_PARTS = re.compile(r"[-–—_|｜]+")
# fmt: off
_NO_TITLE = frozenset({
    "首页", "新闻", "新闻中心", "正文", "详情", "文章", "404", "error", "index", "untitled",
    "无标题文档", "无标题", "文章正文", "新闻正文",
    "详细内容", "内容页"
})
# fmt: on


@dataclass(frozen=True, slots=True)
class TitleParts:
    """What the readers look at."""

    page: Page
    linked: LinkedData
    table_title: str | None
    listed: str | None
    tag: str | None
    site: str | None


def read_title(page: Page, linked: LinkedData, *, table_title: str | None, listed: str | None) -> Told | None:
    """The article's headline, or None. listed: the title that the listing gave. Pure."""
    tag = tidy(page.title_tag)
    site = first(page.metas, "sitename", "og:site_name")
    parts = TitleParts(page, linked, table_title, listed, tag, site)
    for reader, read in READERS:
        found = read(parts)
        if found and letters(found) and found.strip().lower() not in _NO_TITLE:
            return told(_once(found.strip())[:_LONGEST], reader)
    return None


def _from_meta(parts: TitleParts) -> str | None:
    return first(parts.page.metas, "articletitle", "article_title", "contenttitle")


def _from_table(parts: TitleParts) -> str | None:
    return parts.table_title


def _from_own_element(parts: TitleParts) -> str | None:
    """<ucaptitle> of the national platform, <founder-title> of the papers' software: nothing else stands in them."""
    found = (text_of(element) for element in parts.page.root.iter("ucaptitle", "founder-title"))
    return next((text for text in found if text), None)


def _from_heading(parts: TitleParts) -> str | None:
    """The heading that the page's <title> (or og:title) repeats."""
    shown = cut_site(parts.tag, parts.site) or ""
    told = [letters(t) for t in (parts.tag, parts.page.metas.get("og:title"), parts.linked.title, parts.listed) if t]
    wanted = 0.55 * len(letters(shown))
    part = max((letters(part) for part in _PARTS.split(parts.tag or "")), key=len, default="")
    best, rank = None, (False, 0)
    for text in (*_headings(parts.page), *filter(None, [_from_line(parts)])):
        key = letters(text)
        # A block of headline, subtitle and author is longer than the headline, and not what was told.
        long_enough = len(key) >= max(4, wanted) or (len(key) >= 6 and key == part)
        if (key in told, len(key)) > rank and long_enough and any(_agree(key, t) for t in told):
            best, rank = text, (key in told, len(key))
    return best


def _agree(shown: str, told: str) -> bool:
    return shown in told or (told in shown and len(told) >= 8)


def _from_linked_data(parts: TitleParts) -> str | None:
    return cut_site(parts.linked.title, parts.site)


def _from_open_graph(parts: TitleParts) -> str | None:
    return cut_site(first(parts.page.metas, "og:title", "twitter:title", "weibo:article:title"), parts.site)


def _from_listing(parts: TitleParts) -> str | None:
    listed = parts.listed
    return None if listed is None or listed.endswith(("…", "...")) else listed


def _from_title_tag(parts: TitleParts) -> str | None:
    cut = cut_site(parts.tag, parts.site)
    if cut is None or cut == parts.site or _GENERIC.fullmatch(cut):
        return None
    of_site = _SITE_NAME.fullmatch(cut) or looks_like_an_office(cut)
    return None if of_site and (_from_any_heading(parts, unlinked=True) or _from_line(parts)) else cut


def _from_letter(parts: TitleParts) -> str | None:
    """来信标题, of a letter to an office and its answer."""
    return next((match[1] for line in parts.page.lines[:200] if (match := _LETTER.match(line.text))), None)


def _from_line(parts: TitleParts) -> str | None:
    """The line above the first credits, on a page that marks its headline with nothing but a larger font."""
    lines = parts.page.lines[:200]
    for above, line in pairwise(lines):
        if above.linked or not _is_credited(line.text) or is_credit_line(above.text):
            continue
        if 6 <= len(letters(above.text)) <= 60:
            return None if is_crumbs(above.text) or is_prose(above.text) else above.text
    return None


def _is_credited(line: str) -> bool:
    """Whether a line is credits with the time of publication."""
    dated = len(line) <= 120 and ("20" in line or "19" in line)  # before what costs more
    return (
        dated
        and is_credit_line(line)
        and any(found.label in (Label.PUBLISHED, Label.PUBLISHED_ON) for found in labelled(line))
    )


def _from_any_heading(parts: TitleParts, *, unlinked: bool = False) -> str | None:
    """unlinked: one that is a link heads another article."""
    return next((text for text in _headings(parts.page, unlinked=unlinked) if len(letters(text)) >= 6), None)


READERS: tuple[tuple[Reader, Callable[[TitleParts], str | None]], ...] = (
    (Reader.META, _from_meta),
    (Reader.TABLE, _from_table),
    (Reader.TABLE, _from_letter),
    (Reader.PLACE, _from_own_element),
    (Reader.HEADING, _from_heading),
    (Reader.JSON_LD, _from_linked_data),
    (Reader.OPEN_GRAPH, _from_open_graph),
    (Reader.LISTING, _from_listing),
    (Reader.TITLE_TAG, _from_title_tag),
    (Reader.HEADING, _from_any_heading),
    (Reader.LINES, _from_line),
)


def cut_site(title: str | None, site: str | None = None) -> str | None:
    """A <title> without the names of column and site behind it. Pure.

    >>> cut_site("甬城试点新一批产业大脑_地方新闻_示例网")
    '甬城试点新一批产业大脑'
    """
    title = (tidy(title) or "")[:_LONGEST_TAG]
    if not title:
        return None
    if site and title.endswith(site) and len(title) > len(site) + 4:
        title = title[: -len(site)].rstrip(" -–—|_｜·•") or title
    for separator in ("_", "|", "｜"):
        head, _, rest = (part.strip() for part in title.partition(separator))
        if len(letters(head)) >= 4 and (separator == "_" or not _is_series(head, rest.split(separator)[0])):
            title = head
    for _ in range(4):
        match = _SITE_TAIL.search(title) or _SPACED_TAIL.search(title)
        if match is None or len(letters(title[: match.start()])) < 5:
            break
        title = title[: match.start()]
    return title.strip(" -–—|_｜") or None


def _is_series(head: str, rest: str) -> bool:
    """Whether what stands before a bar names a series (低空经济｜…), and the headline is behind it."""
    said, behind = len(letters(head)), len(letters(rest))
    return said <= 8 and behind >= 10 and behind > 1.5 * said and not _SITE_ENDS.search(rest.strip())


def _once(title: str) -> str:
    """A heading that the page carries twice in one, for phone and for desktop, said once."""
    half = len(title) // 2
    return title[:half].strip() if len(title) > 16 and title[:half].strip() == title[half:].strip() else title


def made_of(text: str) -> str | None:
    """A headline for a text that has none: what stands in its leading 【】, else its first sentence. Pure.

    >>> made_of("【甬城试点】今天起试行。")
    '甬城试点'
    """
    first_line = text.split("\n", 1)[0].strip()
    match = re.match(r"[【\[]([^】\]]{2,80})[】\]]", first_line) or re.match(
        r"(.{2,60}?)(?:[。！？!?；]|$)", first_line
    )
    return match[1].strip() if match else first_line[:40] or None


def _headings(page: Page, *, unlinked: bool = False) -> Iterator[str]:
    for level in ("h1", "h2", "h3"):
        for element in page.root.iter(level):
            if not unlinked or element.find(".//a") is None:
                yield from _as_heading(element)
    for element in page.spans:
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        if name != " " and element.tag not in ("h1", "h2", "h3") and _is_title_name(name):
            start, end = page.spans[element]
            if end - start <= 3 and not (unlinked and element.find(".//a") is not None):
                yield from _as_heading(element)


@lru_cache(maxsize=4_096)
def _is_title_name(name: str) -> bool:
    return _TITLE_NAME.search(name) is not None


def _as_heading(element: HtmlElement) -> Iterator[str]:
    text = text_of(element)
    if text and len(text) <= 150:
        yield text
