"""The sample news portal: one column as RSS, Atom, JSON Feed and a GBK feed, with article pages in the TRS manner."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

from monitor.demo.sites.answers import (
    Asked,
    Reply,
    SiteHandler,
    escape,
    front_page,
    page_of,
    plain,
    related,
    today_line,
)
from monitor.demo.sites.articles import COLUMN_NAMES, SITE_NAMES, Column, Site
from monitor.demo.sites.newsroom import Edition, Shelf

RSS, ATOM, JSON_FEED, GBK_RSS, FULL_RSS = (
    "/feed/rss.xml",
    "/feed/atom.xml",
    "/feed/feed.json",
    "/feed/gbk.xml",
    "/feed/full.xml",
)
_NAME = SITE_NAMES[Site.PORTAL]
_COLUMN = Column.PORTAL_NEWS
_ROWS = 20
_RSS_TYPE = "application/rss+xml; charset=utf-8"


def _robots(asked: Asked, shelf: Shelf) -> Reply:
    return plain("User-agent: *\nDisallow: /search/\nDisallow: /feed/private\nAllow: /\n")


def _front(asked: Asked, shelf: Shelf) -> Reply:
    return front_page(_NAME, {RSS: "RSS 订阅"}, asked.now)


def _summary_rss(asked: Asked, shelf: Shelf) -> Reply:
    rows = shelf.newest(_COLUMN, 0, _ROWS)
    return _feed(rows, _rss(asked, rows, "utf-8", full=False).encode(), _RSS_TYPE)


def _full_rss(asked: Asked, shelf: Shelf) -> Reply:
    rows = shelf.newest(_COLUMN, 0, _ROWS)
    return _feed(rows, _rss(asked, rows, "utf-8", full=True).encode(), _RSS_TYPE)


def _gbk_rss(asked: Asked, shelf: Shelf) -> Reply:
    rows = shelf.newest(_COLUMN, 0, _ROWS)
    return _feed(rows, _rss(asked, rows, "gb2312", full=False).encode("gbk", errors="xmlcharrefreplace"), "text/xml")


def _feed(rows: Sequence[Edition], body: bytes, content_type: str) -> Reply:
    newest = max((edition.at for edition in rows), default=None)
    tag = "-".join(f"{edition.article.id}.{edition.version}" for edition in rows)
    return Reply(
        body=body,
        content_type=content_type,
        listed=tuple(edition.article.id for edition in rows),
        column=_COLUMN,
        etag=f'W/"{_hash_of(tag)}"',
        last_modified=newest,
    )


def _hash_of(text: str) -> str:
    """A short tag that is the same in every process (the built-in hash is salted)."""
    value = 14695981039346656037
    for byte in text.encode():
        value = (value ^ byte) * 1099511628211 % 2**64
    return f"{value:016x}"


def _summary(edition: Edition) -> str:
    return f"<p>{edition.article.paragraphs[0][:50]}……</p>"


def _rss(asked: Asked, rows: Sequence[Edition], charset: str, *, full: bool) -> str:
    items = "\n".join(_rss_item(asked, edition, full=full) for edition in rows)
    built = max((edition.at for edition in rows), default=datetime(2026, 1, 1, tzinfo=UTC))
    return f"""<?xml version="1.0" encoding="{charset}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>{_NAME}</title>
<link>{asked.root}/</link><description>{_NAME} {COLUMN_NAMES[_COLUMN]}</description><language>zh-cn</language>
<lastBuildDate>{format_datetime(built.astimezone(UTC), usegmt=True)}</lastBuildDate><ttl>15</ttl>
{items}
</channel></rss>"""


def _rss_item(asked: Asked, edition: Edition, *, full: bool) -> str:
    article = edition.article
    whole = ""
    if full:
        body = "".join(f"<p>　　{escape(text)}</p>" for text in article.paragraphs)
        whole = f"<content:encoded><![CDATA[{body}]]></content:encoded>"
    categories = "".join(f"<category>{escape(word)}</category>" for word in article.keywords)
    return (
        f"<item><title><![CDATA[{article.title}]]></title><link>{asked.root}{edition.path}</link>"
        f"<description><![CDATA[{_summary(edition)}]]></description>{whole}"
        f"<pubDate>{format_datetime(article.published.astimezone(UTC), usegmt=True)}</pubDate>"
        f'<guid isPermaLink="false">{article.id}</guid><author>{escape(article.author or "")}</author>'
        f"{categories}</item>"
    )


def _atom(asked: Asked, shelf: Shelf) -> Reply:
    """Links are relative to xml:base, as some generators write them."""
    rows = shelf.newest(_COLUMN, 0, _ROWS)
    entries = "\n".join(
        f'<entry><title type="html">{escape(escape(e.article.title))}</title><link rel="alternate" href="{e.path}"/>'
        f"<id>tag:portal.example,2026:{e.article.id}</id><published>{e.article.published.isoformat()}</published>"
        f"<updated>{e.at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</updated>"
        f'<summary type="html">{escape(_summary(e))}</summary></entry>'
        for e in rows
    )
    text = f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{asked.root}/" xml:lang="zh-CN"><title>{_NAME}</title>
<id>tag:portal.example,2026:feed</id><link rel="self" href="{ATOM}"/><updated>2026-01-01T00:00:00Z</updated>
{entries}
</feed>"""
    return _feed(rows, text.encode(), "application/atom+xml; charset=utf-8")


def _json_feed(asked: Asked, shelf: Shelf) -> Reply:
    rows = shelf.newest(_COLUMN, 0, _ROWS)
    items = [
        {
            "id": edition.article.id,
            "url": asked.root + edition.path,
            "title": edition.article.title,
            "summary": edition.article.paragraphs[0][:50] + "……",
            "date_published": edition.article.published.isoformat(),
            "tags": list(edition.article.keywords),
        }
        for edition in rows
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": _NAME, "home_page_url": asked.root, "items": items}
    return _feed(rows, json.dumps(feed, ensure_ascii=False).encode(), "application/feed+json; charset=utf-8")


def _article(asked: Asked, shelf: Shelf, edition: Edition) -> Reply:
    article = edition.article
    published = article.published
    linked = json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": article.title,
            "datePublished": published.isoformat(),
            "publisher": {"@type": "Organization", "name": _NAME},
        },
        ensure_ascii=False,
    )
    body = "\n".join(f"<p>　　{escape(text)}</p>" for text in article.paragraphs)
    reporter = f'<span class="author">记者 {escape(article.author)}</span>' if article.author else ""
    text = f"""<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">
<title>{escape(article.title)}-{_NAME}</title>
<meta name="keywords" content="{escape(",".join(article.keywords))}">
<link rel="canonical" href="{asked.root}{edition.path}">
<link rel="alternate" type="application/rss+xml" href="{RSS}">
<script type="application/ld+json">{linked}</script></head>
<body><div class="head">{today_line(asked.now)}
<a href="/">首页</a> <a href="/zjnews/">新闻</a> <a href="/video/">视频</a></div>
<div class="crumb"><a href="/">{_NAME}</a> &gt; {COLUMN_NAMES[_COLUMN]} &gt; 正文</div>
<div class="main"><h1 class="contTit">{escape(article.title)}</h1>
<div class="info"><span class="time">{published:%Y-%m-%d %H:%M}</span>
<span id="source_baidu">来源：{escape(article.origin or _NAME)}</span> {reporter}
<span class="read">阅读 {asked.visits}</span></div>
<div class="contTxt">
{body}
</div>
<div class="zrbj">责任编辑：{escape(article.editor or "")}</div>
<div class="share">分享到：微信 微博 <a>打印</a></div>
{related(shelf, edition, heading="相关阅读", kind="aboutread")}
<div class="hot"><h3>点击排行</h3><ol>
<li><a href="/zjnews/hot/{asked.visits % 9}.shtml">今日最热第{asked.visits % 9 + 1}条</a></li></ol></div>
</div><div class="foot">{_NAME} 版权所有 示例备00000000号</div></body></html>"""
    return page_of(edition, text)


PORTAL = SiteHandler(
    site=Site.PORTAL,
    pages={
        "/": _front,
        "/robots.txt": _robots,
        RSS: _summary_rss,
        FULL_RSS: _full_rss,
        GBK_RSS: _gbk_rss,
        ATOM: _atom,
        JSON_FEED: _json_feed,
    },
    article=_article,
)
