"""A city paper's app: a list of its channel in JSON over plain HTTP, articles with their text in #content."""

import re
from typing import Any

from monitor.demo.sites.answers import Asked, Reply, escape
from monitor.demo.sites.kinds import Board, Item, Style
from monitor.demo.sites.kinds.json_pages import asks_for, list_reply, listed, page_reply, paragraphs

engine = "json_list"

_ROWS = 20
_ARTICLE = re.compile(r"/yongpai_api/h5/news_([0-9a-f]{16})\.html")


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    return {
        "engine": engine,
        "url": f"{root}/yongpai_api/yh/get_news_list",
        "params": {"lastModify": 0, "pageSize": _ROWS, "channelid": number},
        "rows": "data",
        "fields": {"url": "url", "title": "title", "published": "updatetime", "origin": "name"},
        "page": {"param": "pageNo", "size": _ROWS},
    }


def answer(asked: Asked, board: Board) -> Reply | None:
    if asks_for(asked, board):
        items = listed(asked, board, _ROWS)
        rows = [_row(asked, board, item) for item in items]
        return list_reply({"code": 0, "msg": "ok", "data": rows}, items)
    match = _ARTICLE.fullmatch(asked.path)
    item = None if match is None else board.find(match[1])
    return None if item is None else _article(board, item)


def _row(asked: Asked, board: Board, item: Item) -> dict[str, Any]:
    seconds = int(item.published.timestamp())
    time = {"words": f"{item.published:%Y-%m-%d %H:%M}:00", "digits": str(seconds), "thousandths": seconds * 1000}
    return {
        "url": f"{asked.root}/yongpai_api/h5/news_{item.key}.html",
        "title": item.title,
        "name": item.origin or "",
        "updatetime": time[board.style.choice("time", *time)],
    }


def _article(board: Board, item: Item) -> Reply:
    text = f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(item.title)}</title>
<meta name="viewport" content="width=device-width"></head><body>
<div class="{board.style.name("open")}"><a href="/app">打开客户端</a></div><h2 class="title">{escape(item.title)}</h2>
<div class="{board.style.name("info")}"><span>来源：{escape(item.origin or "")}</span>
<span>{item.published:%Y-%m-%d %H:%M}</span></div>
<div id="content">
{paragraphs(item)}
</div><div class="comments">评论 阅读 {item.number % 9000}</div></body></html>"""
    return page_reply(board, item, text)
