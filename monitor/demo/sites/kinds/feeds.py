"""Feeds as they are written: RSS with the whole text or a summary, Atom, RSS 1.0, JSON Feed; and their articles."""

import json
import re
from datetime import UTC
from email.utils import format_datetime
from typing import Any

from monitor.demo.sites.answers import Asked, Reply, escape
from monitor.demo.sites.kinds import Board, Item, Style
from monitor.demo.sites.kinds.furniture import beside, foot, head
from monitor.demo.sites.kinds.serving import article_reply, item_of, number_of, place_of

engine = "feed"

_ROWS = 20
FORMS = ("full", "summary", "gbk", "atom", "rdf", "json")
_ARTICLE = re.compile(r"/p(\d+)/\d{8}/(\d{1,20})\.html")


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    return {"engine": engine, "url": f"{root}/rss{number}/{style.name('feed')}.xml"}


def answer(asked: Asked, board: Board) -> Reply | None:
    if asked.path == place_of(board):
        return _feed(asked, board)
    found = _ARTICLE.fullmatch(asked.path)
    if found is None or int(found[1]) != board.number:
        return None
    return article_reply(board, item_of(board, found[2]), lambda item: _article(asked, board, item))


def _path(board: Board, item: Item) -> str:
    return f"/p{board.number}/{item.published:%Y%m%d}/{number_of(item)}.html"


def _feed(asked: Asked, board: Board) -> Reply:
    items = board.newest(0, _ROWS)
    form = board.style.choice("form", *FORMS)
    charset, content_type = "utf-8", "application/rss+xml; charset=utf-8"
    match form:
        case "atom":
            text, content_type = _atom(asked, board, items), "application/atom+xml; charset=utf-8"
        case "rdf":
            text = _rdf(asked, board, items)
        case "json":
            text, content_type = _json(asked, board, items), "application/feed+json; charset=utf-8"
        case _:
            # A feed in GBK that says it is UTF-8, in its declaration as in its header.
            charset = "gb18030" if form == "gbk" else "utf-8"
            text = _rss(asked, board, items, full=form == "full")
    body = text.encode(charset, errors="xmlcharrefreplace")
    return Reply(body=body, content_type=content_type, listed=tuple(item.key for item in items))


def _title(item: Item) -> str:
    """Some systems put markup into titles."""
    return f"<b>{item.title[:4]}</b>{item.title[4:]}"


def _whole(item: Item) -> str:
    """As RSSHub gives it, with braces as references and images that ask for no referrer."""
    image = '<img src="/images/1.jpg" referrerpolicy="no-referrer">'
    return image + "".join(f"<p>　　{escape(paragraph)}</p>" for paragraph in item.paragraphs)


def _lead(item: Item) -> str:
    return f"<p>{escape(item.paragraphs[0][:40])}……</p>"


def _rss(asked: Asked, board: Board, items: Any, *, full: bool) -> str:
    """Times are GMT: of an article of seven in the morning the feed has the day before."""
    rows = "".join(
        f"<item><title><![CDATA[{_title(item)}]]></title><link>{_path(board, item)}?from=rss&amp;n=1</link>"
        f"<description><![CDATA[{_whole(item) if full else _lead(item)}]]></description>"
        f"<pubDate>{format_datetime(item.published.astimezone(UTC), usegmt=True)}</pubDate>"
        f'<guid isPermaLink="false">{item.key}</guid><author>{escape(item.origin or "")}</author></item>'
        for item in items
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{board.site_name}</title>
<link>{asked.root}/</link><description>{board.column_name}</description>{rows}</channel></rss>"""


def _atom(asked: Asked, board: Board, items: Any) -> str:
    rows = "".join(
        f'<entry><title type="html">{escape(escape(item.title))}</title><link href="{_path(board, item)}"/>'
        f"<id>tag:example.cn,2026:{item.key}</id><published>{item.published.isoformat()}</published>"
        f"<updated>{item.published.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</updated>"
        f'<summary type="html">{escape(_lead(item))}</summary></entry>'
        for item in items
    )
    return f"""<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="{asked.root}/">
<title>{board.site_name}</title><id>tag:example.cn,2026:{board.number}</id>
<updated>2026-01-01T00:00:00Z</updated>{rows}</feed>"""


def _rdf(asked: Asked, board: Board, items: Any) -> str:
    rows = "".join(
        f'<item rdf:about="{asked.root}{_path(board, item)}"><title>{escape(item.title)}</title>'
        f"<link>{asked.root}{_path(board, item)}</link><dc:date>{item.published.isoformat()}</dc:date></item>"
        for item in items
    )
    return f"""<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="{asked.root}/"><title>{board.site_name}</title></channel>{rows}</rdf:RDF>"""


def _json(asked: Asked, board: Board, items: Any) -> str:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": board.site_name,
        "items": [
            {
                "id": item.key,
                "url": asked.root + _path(board, item),
                "title": item.title,
                "summary": item.paragraphs[0][:40],
                "date_published": item.published.isoformat(),
            }
            for item in items
        ],
    }
    return json.dumps(feed, ensure_ascii=False)


def _article(asked: Asked, board: Board, item: Item) -> str:
    body = "\n".join(f"<p>　　{escape(paragraph)}</p>" for paragraph in item.paragraphs)
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(item.title)} - {board.site_name}</title>
<meta property="og:title" content="{escape(item.title)}">
<meta property="article:published_time" content="{item.published.isoformat()}"></head><body>{head(asked, board)}
<h1>{escape(item.title)}</h1><div class="{board.style.name("info")}">{item.published:%Y-%m-%d %H:%M}
来源：{escape(item.origin or "")}</div><div class="{board.style.name("body")}">
{body}
</div><div class="{board.style.name("editor")}">责任编辑：{escape(item.editor or "")}</div>
{beside(asked, board)}{foot(board)}</body></html>"""
