"""The search over a province's government sites: hits are HTML in a JSON array, some twice, behind a redirector."""

import re
from typing import Any
from urllib.parse import quote

from monitor.demo.sites.answers import Asked, Reply, cut, escape, today_line
from monitor.demo.sites.kinds import Board, Item, Style
from monitor.demo.sites.kinds.json_pages import (
    asks_for,
    by_number,
    list_reply,
    listed,
    number_of,
    others,
    page_reply,
    paragraphs,
    said,
)

engine = "json_list"

_ROWS = 10
_ARTICLE = re.compile(r"/art/\d{4}/\d{1,2}/\d{1,2}/art_1229000001_(\d{1,20})\.html")
_WORDS = ("数字经济", "产业大脑", "未来工厂", "营商环境")


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    return {
        "engine": engine,
        "url": f"{root}/jsearchfront/interfaces/cateSearch.do",
        "form": {
            "websiteid": f"3302{number:011d}",
            "cateid": style.choice("category", "658", "370"),
            "q": style.choice("word", *_WORDS),
            "pg": _ROWS,
            "timetype": 2,
            "pos": "title,content,keyword",
            "sortType": 2,
        },
        "rows": "result",
        "fields": {
            "url": ".titleWrapper > a::attr(href)",
            "title": ".titleWrapper > a::text",
            "published": ".sourceTime::text",
            "origin": ".sourceTime > span::text",
        },
        "page": {"param": "p", "size": _ROWS},
    }


def answer(asked: Asked, board: Board) -> Reply | None:
    if asks_for(asked, board):
        return _hits(asked, board)
    match = _ARTICLE.fullmatch(asked.path)
    item = None if match is None else by_number(board, match[1])
    return None if item is None else _article(asked, board, item)


def _hits(asked: Asked, board: Board) -> Reply:
    items = listed(asked, board, _ROWS)
    hits = [_hit(asked, board, item) for item in items]
    # The same link repeats within one answer.
    return list_reply({"total": board.count(), "result": [*hits, *hits[1:3]]}, items, ascii_only=True)


def _hit(asked: Asked, board: Board, item: Item) -> str:
    word, day = escape(str(said(board).get("q", ""))), item.published
    address = f"{asked.root}/art/{day.year}/{day.month}/{day.day}/art_1229000001_{number_of(item)}.html"
    if board.style.choice("redirector", "", "yes"):
        query = f"url={quote(address, safe='')}&q={quote(word)}&webid=4&id={item.number}"
        address = f"/jsearchfront/visit/link.do?{query}"
    title = escape(item.title).replace(word, f"<em>{word}</em>") if word else escape(item.title)
    link = f'<a href="{escape(address)}" target="_blank">'
    return (
        f'<div class="comprehensiveItem"><div class="titleWrapper">\n{link}{title}</a></div>'
        f'<div class="newsDescribe">{link}{escape(cut(item.paragraphs[0], 50))}</a></div>'
        f'<div class="sourceTime"><span>来源:{escape(item.origin or "")}</span>'
        f"<span>时间:{day:%Y-%m-%d}</span></div></div>"
    )


def _article(asked: Asked, board: Board, item: Item) -> Reply:
    text = f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(item.title)}</title>
<meta name="ArticleTitle" content="{escape(item.title)}"><meta name="PubDate" content="{item.published:%Y-%m-%d %H:%M}">
<meta name="ContentSource" content="{escape(item.origin or "")}"></head><body>
<div class="{board.style.name("top")}">{today_line(asked.now)}</div>
<div class="xl_title">{escape(item.title)}</div>
<div class="xl_doc"><span>发布时间：{item.published:%Y-%m-%d  %H:%M}</span><span>访问次数： </span></div>
<div id="zoom"><!--ZJEG_RSS.content.begin-->
{paragraphs(item)}
<!--ZJEG_RSS.content.end--></div>{others(board, item, board.style.name("others"), "/")}</body></html>"""
    return page_reply(board, item, text)
