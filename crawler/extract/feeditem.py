"""Feed items as files: YAML front matter, then the item's HTML or text (what Hexo and Jekyll make of a feed)."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from crawler.extract.times import Stamp, read_stamp

#: BaseLoader: every scalar stays the text that it is; the C one, because the other costs more than the whole item.
_LOADER: type[yaml.CBaseLoader] | type[yaml.BaseLoader] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_FRONT = re.compile(r"\s{0,200}---[ \t]*\r?\n(.{1,20000}?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_LOOSE = re.compile(r"^(\w[\w-]*)[ \t]*:[ \t]*(.*)$", re.MULTILINE)
_URL = re.compile(r"https?://[^\s\x00-\x1f\x7f]{1,2000}")
_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]{0,200})?/?>", re.IGNORECASE)
#: What YAML says where it says nothing.
_NULLS = ("~", "null", "Null", "NULL")
#: The names that items go by: the first that is there counts.
_URLS = ("url", "link", "permalink", "guid")
_DATES = ("date", "published", "pubdate", "published_at", "publish_date", "datetime", "created")
_SOURCES = ("source", "source_name", "site")
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
    front = {str(key).strip().lower(): value for key, value in _mapping(match[1]).items()}
    if "title" not in front:
        return None
    categories = _texts(front.get("categories")) or _texts(front.get("category"))
    tags = _texts(front.get("tags")) or _texts(front.get("keywords"))
    authors = _texts(front.get("author")) or _texts(front.get("authors"))
    people = [name for name in authors if name not in categories and is_person(name)]
    outlet = next((name for name in authors if name not in people), None)
    source = _first(front, _SOURCES)
    return FeedItem(
        title=_plain(_text(front.get("title"))),
        url=next((url for key in _URLS for url in _texts(front.get(key)) if _URL.fullmatch(url)), None),
        author="、".join(dict.fromkeys(people)) or None,
        source_name=source or outlet or next(iter(categories), None),
        categories=tuple(dict.fromkeys((*categories, *tags))),
        published=read_stamp(_first(front, _DATES)),
        content=text[match.end() :],
    )


def _first(front: Mapping[str, object], names: Sequence[str]) -> str | None:
    return next((text for name in names if (text := _text(front.get(name)))), None)


def _plain(title: str | None) -> str | None:
    """A feed's title as readers see it: its feed wrote it as markup."""
    if title is None or not ("<" in title or "&" in title):
        return title
    return " ".join(_TAG.sub("", html.unescape(_TAG.sub("", title))).split()) or None


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
    if not isinstance(value, str) or value in _NULLS:
        return None
    return " ".join(value.split()) or None


def _texts(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(text for text in (_text(item) for item in items[:50]) if text)
