"""The industry ministry's search: two shapes of rows, and 403 for whoever does not come from its own page."""

import json
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
    said,
)

engine = "json_list"

_ROWS = 15
_ARTICLE = re.compile(r"/zwgk/zcwj/wjfb/tz/art/\d{4}/art_(\d{1,20})\.html")


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    keys: dict[str, Any] = {
        "engine": engine,
        "url": f"{root}/search-front-server/api/search/info",
        "headers": {"Referer": f"{root}/search/zcwjk.html"},
        "rows": "data.searchResult.dataResults",
        "page": {"param": "p", "size": _ROWS},
    }
    common = {"websiteid": "110000000000000", "pg": _ROWS, "q": ""}
    if style.choice("search", "grouped", "plain") == "plain":
        fields = {"url": "data.url", "title": "data.title", "published": "data.jsearch_date"}
        return {**keys, "params": {**common, "category": number}, "fields": fields}
    row = "groupData[0].data"
    fields = {"url": f"{row}.url", "title": f"{row}.title", "published": f"{row}.deploytime"}
    fields["origin"] = f"{row}.publishgroupname"
    sorting = '[{"name":"deploytime","type":"desc"}]'
    params = {**common, "cateid": number, "group": "distinct", "sortFields": sorting}
    return {**keys, "params": params, "fields": fields}


def answer(asked: Asked, board: Board) -> Reply | None:
    if asks_for(asked, board):
        return _list(asked, board) if "/search/" in asked.headers.get("referer", "") else refused(403, board)
    match = _ARTICLE.fullmatch(asked.path)
    item = None if match is None else by_number(board, match[1])
    return None if item is None else _article(asked, board, item)


def _list(asked: Asked, board: Board) -> Reply:
    items = listed(asked, board, _ROWS)
    grouped = "cateid" in said(board)
    rows = [{"groupData": [{"data": _grouped(asked, item)}]} if grouped else {"data": _plain(item)} for item in items]
    document = {"success": True, "code": "200", "data": {"searchResult": {"total": board.count(), "dataResults": rows}}}
    return list_reply(document, items)


def _path(item: Item) -> str:
    return f"/zwgk/zcwj/wjfb/tz/art/{item.published:%Y}/art_{number_of(item)}.html"


def _plain(item: Item) -> dict[str, Any]:
    title = escape(item.title)
    marked = f"<em>{title[:2]}</em>{title[2:]}" if "&" not in title[:3] else title
    return {"url": _path(item), "title": marked, "jsearch_date": f"{item.published:%Y-%m-%d}"}


def _grouped(asked: Asked, item: Item) -> dict[str, Any]:
    return {
        "url": asked.root + _path(item),
        "title": item.title,
        "deploytime": int(item.published.timestamp()) * 1000,
        "publishgroupname": item.origin or "",
        # JSON in a string that holds JSON in a string.
        "infoextends": json.dumps({"fileNo": json.dumps({"value": item.doc_number}, ensure_ascii=False)}),
    }


def _article(asked: Asked, board: Board, item: Item) -> Reply:
    time = f"{item.published:%Y-%m-%d %H:%M}"
    text = f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(item.title)}</title>
<meta name="SiteName" content="{board.site_name}"><meta name="SiteDomain" content="www.example.gov.cn">
<meta name="SiteIDCode" content="bm00000000"><meta name="ColumnName" content="{board.column_name}">
<meta name="ArticleTitle" content="{escape(item.title)}"><meta name="PubDate" content="{time}">
<meta name="ContentSource" content="{escape(item.origin or "")}"></head><body>
<div class="{board.style.name("top")}">{today_line(asked.now)}</div>
<h1 id="con_title">{escape(item.title)}</h1>
<div class="cinfo"><span id="con_time">发布时间：{time}</span>
<span>来源：{escape(item.origin or "")}</span><span>访问次数：<script src="/count.js"></script></span></div>
<div class="ccontent center" id="con_con">
{paragraphs(item)}
</div><div class="xgxw">{others(board, item, board.style.name("others"), "/")}</div>
<div class="footer">主办单位：{board.site_name}</div></body></html>"""
    return page_reply(board, item, text)
