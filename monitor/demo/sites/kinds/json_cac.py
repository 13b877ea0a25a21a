"""The cyberspace administration's JsonList: a form is posted, addresses come without their scheme."""

import re
from typing import Any

from monitor.demo.sites.answers import Asked, Reply, escape, today_line
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
    refused,
)

engine = "json_list"

_ROWS = 20
_ARTICLE = re.compile(r"/\d{4}-\d{2}/\d{2}/c_(\d{1,20})\.htm")


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    return {
        "engine": engine,
        "url": f"{root}/cms/JsonList",
        "form": {"channelCode": f"A{90_000 + number:06d}", "perPage": _ROWS},
        "rows": "list",
        "fields": {"url": "infourl", "title": "topic", "published": "pubtime"},
        "page": {"param": "pageno", "size": _ROWS},
    }


def answer(asked: Asked, board: Board) -> Reply | None:
    if asks_for(asked, board):
        return _list(asked, board) if asked.method == "POST" else refused(405, board)
    match = _ARTICLE.fullmatch(asked.path)
    item = None if match is None else by_number(board, match[1])
    return None if item is None else _article(asked, board, item)


def _list(asked: Asked, board: Board) -> Reply:
    items = listed(asked, board, _ROWS)
    host = asked.root.partition(":")[2]
    rows = [
        {
            "topic": item.title,
            "infourl": f"{host}/{item.published:%Y-%m/%d}/c_{number_of(item)}.htm",
            "pubtime": f"{item.published:%Y-%m-%d %H:%M}:00",
        }
        for item in items
    ]
    return list_reply({"total": board.count(), "list": rows}, items)


def _article(asked: Asked, board: Board, item: Item) -> Reply:
    """Upper case and no quotes, as the software writes it."""
    text = f"""<!DOCTYPE html><html><head><meta charset="utf-8">
<title>{escape(item.title)}_{board.site_name}</title></head><body>
<div class="{board.style.name("top")}">{today_line(asked.now)}</div>
<div class="{board.style.name("crumbs")}">当前位置：首页&gt;{board.column_name}&gt;正文</div>
<DIV class="main-content"><h1 class="title">{escape(item.title)}</h1>
<div class="info"><span id="pubtime">{item.published:%Y年%m月%d日 %H:%M}</span>
<span id="source">来源： {escape(item.origin or "")}</span><span>【打印】【纠错】</span></div>
<DIV id=BodyLabel>
{paragraphs(item)}
</DIV></DIV>{others(board, item, "related", "/")}
<div class="footer">版权所有：{board.site_name} 备案号：示例备00000000号</div></body></html>"""
    return page_reply(board, item, text)
