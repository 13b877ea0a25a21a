"""What a site is asked and what it answers, and the scraps of HTML that all the sites share."""

import html
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crawler.records import BEIJING
from monitor.demo.sites.articles import SITE_NAMES, Column, Site
from monitor.demo.sites.newsroom import Edition, Shelf

HTML = "text/html; charset=utf-8"
_WEEKDAYS = "一二三四五六日"
_GLOSSES: Mapping[str, str] = {
    "創": "chuàng",
    "產": "chǎn",
    "業": "yè",
    "數": "shù",
    "經": "jīng",
    "濟": "jì",
    "轉": "zhuǎn",
    "機": "jī",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request. `root` is http://address:port of the site; header names are lower case; form: of a POST's body.

    raw_path: path and query as they came.
    """

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    root: str
    now: datetime
    visits: int
    method: str = "GET"
    form: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    raw_path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer before the server sees to validators and misbehaviour.

    article, version: set where an article's page is given. column, listed: set on a listing, with the ids in it.
    etag, last_modified: validators; a request that holds them is answered 304.
    """

    body: bytes
    status: int = 200
    content_type: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)
    article: str | None = None
    version: int | None = None
    column: Column | None = None
    listed: tuple[str, ...] = ()
    etag: str | None = None
    last_modified: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteHandler:
    """One site: its fixed pages by path, and how an article's page is made."""

    site: Site
    pages: Mapping[str, Callable[[Asked, Shelf], Reply]]
    article: Callable[[Asked, Shelf, Edition], Reply]

    def answer(self, asked: Asked, shelf: Shelf) -> Reply:
        """The right answer to a request; never raises for what is asked."""
        page = self.pages.get(asked.path)
        if page is not None:
            return page(asked, shelf)
        edition = shelf.find(self.site, asked.path)
        if edition is None:
            return not_found(SITE_NAMES[self.site])
        if edition.gone is not None:
            return gone(SITE_NAMES[self.site], edition)
        return self.article(asked, shelf, edition)


def escape(text: str) -> str:
    return html.escape(text, quote=True)


def cut(title: str, length: int = 22) -> str:
    """The title as a narrow column shows it."""
    return title if len(title) <= length else title[:length] + "…"


def gloss(text: str) -> str:
    """Pinyin behind some characters, as mirrors that convert to traditional leave it.

    >>> gloss("數字經濟")
    '數(shù)字經(jīng)濟(jì)'
    """
    return "".join(f"{char}({_GLOSSES[char]})" if char in _GLOSSES else char for char in text)


def today_line(now: datetime) -> str:
    """The line that every government page wears; it is another one each day.

    >>> from datetime import UTC
    >>> today_line(datetime(2026, 3, 11, 17, 0, tzinfo=UTC))
    '今天是2026年3月12日 星期四'
    """
    day = now.astimezone(BEIJING)
    return f"今天是{day.year}年{day.month}月{day.day}日 星期{_WEEKDAYS[day.weekday()]}"


def related(shelf: Shelf, edition: Edition, *, heading: str, kind: str) -> str:
    """A block of other articles of the column; it changes whenever one is published."""
    others = [e for e in shelf.newest(edition.article.column, 0, 6) if e.article.id != edition.article.id][:5]
    items = "".join(
        f'<li><a href="{e.path}" target="_blank">{escape(e.article.title)}</a>'
        f"<span>{e.article.published:%Y-%m-%d}</span></li>"
        for e in others
    )
    return f'<div class="{kind}"><h3>{heading}</h3><ul>{items}</ul></div>'


def not_found(name: str) -> Reply:
    body = (
        f"<!DOCTYPE html><html><head><title>404 - {name}</title></head>"
        "<body><h1>404</h1><p>您访问的页面不存在或已被删除</p></body></html>"
    )
    return Reply(status=404, body=body.encode())


def gone(name: str, edition: Edition) -> Reply:
    """What stands where an article was withdrawn: the site's 404 page under the status that the newsroom chose."""
    return Reply(status=edition.gone or 404, body=not_found(name).body, article=edition.article.id)


def page_of(edition: Edition, text: str, *, charset: str = "utf-8", content_type: str = HTML) -> Reply:
    """An article's page with its validators."""
    return Reply(
        body=text.encode(charset, errors="xmlcharrefreplace"),
        content_type=content_type,
        article=edition.article.id,
        version=edition.version,
        etag=edition.etag,
        last_modified=edition.at,
    )


def plain(text: str, content_type: str = "text/plain; charset=utf-8") -> Reply:
    return Reply(body=text.encode(), content_type=content_type)


def front_page(name: str, columns: Mapping[str, str], now: datetime) -> Reply:
    """The home page: links to the columns and nothing that is an article."""
    links = "".join(f'<li><a href="{escape(path)}">{escape(label)}</a></li>' for path, label in columns.items())
    return Reply(
        body=(
            f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>{name}</title></head>'
            f'<body><div class="top">{today_line(now)}</div><h1>{name}</h1><ul class="nav">{links}</ul>'
            f'<div class="foot">主办单位：{name} 备案号：示例备00000000号</div></body></html>'
        ).encode()
    )


def as_json(value: Any) -> str:
    """JSON as PHP writes it: ASCII, with escaped slashes."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/")
