"""Feed items as files: YAML front matter, then the item's HTML or text (what Hexo and Jekyll make of a feed)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from crawler.extract.times import Stamp, read_stamp

#: BaseLoader: every scalar stays the text that it is; the C one, because the other costs more than the whole item.
_LOADER: type[yaml.CBaseLoader] | type[yaml.BaseLoader] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_FRONT = re.compile(r"\s{0,200}---[ \t]*\r?\n(.{1,20000}?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_LOOSE = re.compile(r"^(\w[\w-]*)[ \t]*:[ \t]*(.*)$", re.MULTILINE)
#: Han names of two to four characters that begin with a frequent family name are people; all else is an outlet.
_FAMILY = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦方白邹孟熊秦邱江尹薛闫段雷侯龙史"
    "陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_OUTLETS = re.compile(r"[网报社刊台站局院部委会厅办署司新闻财经在线资讯日周观察科技传媒频道号厂店]$|新闻|财经|日报")


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item: what its front matter says, and its content."""

    title: str | None
    url: str | None
    author: str | None
    source_name: str | None
    categories: tuple[str, ...]
    published: Stamp | None
    content: str


def read_feed_item(text: str) -> FeedItem | None:
    """The item that a file holds, or None where it has no front matter with a `title` (which may be empty). Pure."""
    match = _FRONT.match(text)
    if match is None:
        return None
    front = _mapping(match[1])
    if "title" not in front:
        return None
    categories = _texts(front.get("categories")) or _texts(front.get("category"))
    tags = _texts(front.get("tags")) or _texts(front.get("keywords"))
    named = _text(front.get("author"))
    person = named is not None and named not in categories and is_person(named)
    source = _text(front.get("source")) or _text(front.get("source_name")) or _text(front.get("site"))
    return FeedItem(
        title=_text(front.get("title")),
        url=_web(front.get("url"))
        or _web(front.get("link"))
        or _web(front.get("permalink"))
        or _web(front.get("guid")),
        author=named if person else None,
        source_name=source or (named if named and not person else None) or next(iter(categories), None),
        categories=tuple(dict.fromkeys((*categories, *tags))),
        published=read_stamp(_text(front.get("date")) or _text(front.get("published")) or _text(front.get("pubDate"))),
        content=text[match.end() :],
    )


def is_person(name: str) -> bool:
    """Whether an author field names a person rather than an outlet. Pure.

    >>> is_person("王某某"), is_person("新浪财经")
    (True, False)
    """
    return 2 <= len(name) <= 3 and name[0] in _FAMILY and not _OUTLETS.search(name)


def _mapping(front: str) -> Mapping[object, object]:
    try:
        data = yaml.load(front, Loader=_LOADER)
    except (yaml.YAMLError, ValueError, RecursionError):
        # Titles with a stray quote or colon are common: read line by line instead.
        return {key: value.strip().strip("'\"") for key, value in _LOOSE.findall(front)}
    return data if isinstance(data, dict) else {}


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    return " ".join(value.split()) or None


def _texts(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(text for text in (_text(item) for item in items[:50]) if text)


def _web(value: object) -> str | None:
    text = _text(value)
    return text if text and re.match(r"https?://\S+$", text) else None
