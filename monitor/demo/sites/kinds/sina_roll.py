"""Sina's roll interface in all its oddities, and the article pages behind it with the noise that such pages carry."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from crawler.records import BEIJING
from monitor.demo.sites.answers import Asked, Reply, as_json, escape, not_found
from monitor.demo.sites.kinds import Board, Item, Style

engine = "sina_roll"

_ROLL = "/api/roll/get"
_JSON = "application/json; charset=utf-8"
_ARTICLE = re.compile(r"/roll(\d+)/(\d{4}-\d{2}-\d{2})/doc-i([0-9a-f]{16})\.shtml")
#: PHP writes an empty object in any of these ways.
_NOTHING: tuple[object, ...] = ([], "", {})


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    page = style.choice("pageid", "153", "155", "384")
    return {"engine": engine, "url": root + _ROLL, "params": {"pageid": page, "lid": str(1000 + number)}}


def answer(asked: Asked, board: Board) -> Reply | None:
    if asked.path == urlsplit(str(board.entry["url"])).path:
        params = board.entry["params"]
        same = all(asked.query.get(name) == str(params[name]) for name in ("pageid", "lid"))
        return _roll(asked, board) if same else None
    found = _ARTICLE.fullmatch(asked.path)
    if found is None or int(found[1]) != board.number:
        return None
    item = board.find(found[3])
    if item is None or _path(board, item) != asked.path:
        return not_found(board.site_name)
    if item.gone is not None:
        return Reply(status=item.gone, body=not_found(board.site_name).body, article=item.key)
    return _article(asked, board, item)


def _path(board: Board, item: Item) -> str:
    return f"/roll{board.number}/{item.published:%Y-%m-%d}/doc-i{item.key}.shtml"


def _roll(asked: Asked, board: Board) -> Reply:
    size = max(1, min(_integer(asked.query.get("num"), 50), 80))
    page = max(1, _integer(asked.query.get("page"), 1))
    items = board.newest((page - 1) * size, size)
    rows = [row for item in items for row in _rows(asked, board, item)]
    text = as_json({"result": _result(asked, board.count(), rows)})
    kind = _JSON
    if callback := asked.query.get("callback"):
        text, kind = f"try{{{callback}({text});}}catch(e){{}};", "application/javascript; charset=utf-8"
    return Reply(body=text.encode(), content_type=kind, listed=tuple(item.key for item in items))


def _result(asked: Asked, total: int, rows: list[dict[str, object]]) -> dict[str, object]:
    now = int(asked.now.timestamp())
    return {
        "status": {"code": 0, "msg": "succ"},
        "timestamp": asked.now.astimezone(BEIJING).strftime("%a %b %d %H:%M:%S %z %Y"),
        "top": [],
        "pdps": [],
        "cre": [],
        "total": total,
        "end": now - 86400,
        "start": now,
        "lid": _integer(asked.query.get("lid"), 0),
        "rtime": now,
        "data": rows,
    }


def _rows(asked: Asked, board: Board, item: Item) -> list[dict[str, object]]:
    """An item's row; some come a second time, under the other scheme."""
    row = _row(asked, board, item)
    if int(item.key[0], 16) < 3:
        return [row, {**row, "url": "https" + str(row["url"]).removeprefix("http")}]
    return [row]


def _row(asked: Asked, board: Board, item: Item) -> dict[str, object]:
    nothing = _NOTHING[item.number % 3]
    chart = {"stockCharts": "daily", "stockCode": "600177", "stockMarket": "sh", "mulStockChart": ""}
    return {
        "oid": "1",
        "docid": f"comos:{item.key}",
        "url": asked.root + _path(board, item),
        "wapurl": f"{asked.root}/wap{board.number}/detail-i{item.key}.d.html",
        "title": item.title,
        "stitle": "",
        "summary": "",
        "intro": item.paragraphs[0][:60] + "……",
        "ctime": _seconds(item.published),
        "mtime": str(int(item.published.timestamp()) + 60 * item.version),
        "intime": str(int(item.published.timestamp()) + 4),
        "author": "",
        "level": "0",
        "img": nothing,
        "images": [],
        "commentid": f"cj:comos-{item.key}:0",
        "keywords": nothing if item.number % 2 else "示例,经济",
        "columnid": "1",
        "lids": f"{board.entry['params']['lid']},2509",
        "mlids": "",
        "ext_0": "",
        "ext": nothing,
        "media_name": item.origin or "",
        "urls": "[]",
        "wapurls": "[]",
        "hqChart": as_json(chart) if item.number % 4 == 0 else nothing,
        "icons": [],
        "is_cre_manual": 0,
    }


def _seconds(moment: datetime) -> str:
    return str(int(moment.timestamp()))


def _article(asked: Asked, board: Board, item: Item) -> Reply:
    """An article's page. Its class names are the site's own; readers know them."""
    title, origin, when = escape(item.title), escape(item.origin or board.site_name), item.published
    body = "\n".join(f'<p cms-style="font-L">　　{escape(text)}</p>' for text in item.paragraphs)
    holder = board.style.choice("holder", 'id="artibody"', 'id="article"')
    others = [other for other in board.newest(0, 6) if other.key != item.key][:5]
    links = "".join(f'<li><a href="{_path(board, other)}">{escape(other.title)}</a></li>' for other in others)
    text = f"""<!DOCTYPE html>
<!-- [ published at {when:%Y-%m-%d %H:%M:%S} ] -->
<html><head><meta charset="utf-8"/><title>{title}_{board.column_name}_{board.site_name}</title>
<meta name="keywords" content="示例,经济"/><meta property="og:type" content="news"/>
<meta property="og:title" content="{title}"/><meta property="og:url" content="{asked.root}{asked.path}"/>
<meta property="article:published_time" content="{when.isoformat(timespec="seconds")}"/>
<meta property="article:author" content="{origin}"/>
<script>var sinaads = {{"serial": {asked.visits}}};</script></head>
<body><div class="sina-header"><a href="/">首页</a><a href="/roll/">滚动</a><a href="/stock/">股市</a></div>
<div class="main-content w1240"><h1 class="main-title">{title}</h1>
<div class="top-bar-wrap"><div class="date-source"><span class="date">{when:%Y年%m月%d日 %H:%M}</span>
<span class="source ent-source">{origin}</span></div>
<div class="page-tools"><span class="tool-font">缩小字体 放大字体 收藏 微博 微信 分享</span>
<span class="num">{asked.visits}</span>人参与</div></div>
<div class="article-content-left"><div class="article" {holder}>
<div id="left_hzh_ad"><a href="/promo/{asked.visits % 7}">广告位招租</a></div>
{body}
<p cms-style="font-L"></p><ins class="sinaads" data-ad-pdps="PDPS000000000001"></ins>
<div class="appendQr_wrap"><style>.appendQr_wrap{{border:1px solid #E6E6E6;padding:8px;}}</style>
<div class="appendQr_normal_txt">海量资讯、精准解读，尽在{board.site_name}APP</div></div>
<!--article_adlist[
<div class="ad_wrap"><p>本段为广告占位，不应出现在正文里，请忽略。</p></div>
]article_adlist-->
<!-- news_keyword_pub,stock, -->
<p class="article-editor">责任编辑：{escape(item.editor or "")} </p></div>
<div class="keywords" id="keywords" data-wbkey="示例,经济"><span>文章关键词：</span>示例 经济</div>
<div class="comment">网友评论 {asked.visits * 3 % 1000} 条</div>
<div class="related-news"><h3>相关新闻</h3><ul>{links}</ul></div></div></div>
<div class="tech-quotation">24小时滚动播报最新的财经资讯和视频</div>
<div class="footer">{board.site_name} 版权所有</div></body></html>"""
    return Reply(body=text.encode(), article=item.key, version=item.version)


def _integer(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() else default
