"""中国企业新闻网: classic ASP in GB18030 that calls itself gb2312, and leads that repeat the first paragraph."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from monitor.demo.sites.answers import Asked, Reply, escape
from monitor.demo.sites.kinds import Board, Item, Style
from monitor.demo.sites.kinds.furniture import beside, foot, head
from monitor.demo.sites.kinds.serving import article_reply, item_of, list_reply, number_of, place_of

engine = "html_list"

_ROWS = 20
_CHARSET = "gb18030"
_ARTICLE = re.compile(r"/a/\d{6}/(\d{1,20})\.html")


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    return {"engine": engine, "url": f"{root}/news_list.asp?{style.choice('name', 'ClassID', 'classid')}={number}"}


def answer(asked: Asked, board: Board) -> Reply | None:
    if asked.path == place_of(board):
        query = {name.lower(): value for name, value in asked.query.items()}
        # ASP's names have no case.
        return _list(asked, board, int(query.get("page", "1"))) if query.get("classid") == _column(board) else None
    found = _ARTICLE.fullmatch(asked.path)
    if found is None:
        return None
    item = item_of(board, found[1])
    return article_reply(board, item, lambda it: _article(asked, board, it), charset=_CHARSET)


def _column(board: Board) -> str | None:
    given = parse_qsl(urlsplit(str(board.entry["url"])).query)
    return next((value for name, value in given if name.lower() == "classid"), None)


def _page(asked: Asked, board: Board, title: str, body: str) -> str:
    """The foot has characters that GB2312 lacks, in GBK and in GB18030 alone."""
    return f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">
<title>{escape(title)}</title></head><body bgcolor="#FFFFFF">{head(asked, board)}{body}
{foot(board)}<p align=center>技术支持：朱镕㼆工作室</p></body></html>"""


def _list(asked: Asked, board: Board, page: int) -> Reply:
    items = board.newest((page - 1) * _ROWS, _ROWS)
    total = max(1, -(-board.count() // _ROWS))
    name = board.style.name("row")
    rows = "".join(
        f'<tr><td height=28><span class="{name}">·<a href="/a/{it.published:%Y%m}/{number_of(it)}.html" '
        f'title="{escape(it.title)}" target=_blank>{escape(it.title[:16])}...</a></span></td>'
        f"<td width=120>日期：{it.published:%Y-%m-%d}</td></tr>"
        for it in items
    )
    address = f"{place_of(board).rpartition('/')[2]}?{urlsplit(str(board.entry['url'])).query}"
    more = (
        f"<a href='{address}&page={page + 1}'>下一页</a> <a href='{address}&page={total}'>尾页</a>"
        if page < total
        else ""
    )
    back = f"<a href='{address}&page=1'>首页</a> <a href='{address}&page={page - 1}'>上一页</a>" if page > 1 else ""
    inner = f"""<table border=0 width="98%">{rows}
<tr><td colspan=2 align=center>共{board.count()}条 {page}/{total} {back} {more}</td></tr></table>
{beside(asked, board)}"""
    return list_reply(items, _page(asked, board, f"{board.column_name}_{board.site_name}", inner), charset=_CHARSET)


def _article(asked: Asked, board: Board, item: Item) -> str:
    body = "\n".join(f"<p>　　{escape(paragraph)}</p>" for paragraph in item.paragraphs)
    moment = f"{item.published.year}/{item.published.month}/{item.published.day} {item.published:%H:%M:%S}"
    ranked = "".join(f"<li><a href='/a/202001/{n}.html'>往年的一条企业新闻第{n}号</a></li>" for n in range(1, 6))
    inner = f"""<div class="ntq-news2"><div class="way">首页 &gt; {board.column_name} &gt; 详细内容</div>
<h1 class="znn">{escape(item.title)}</h1><div class="time">{moment} 来源：{escape(item.origin or "")}</div>
<div class="ssevg">导言：{escape(item.paragraphs[0])}</div>
<div id="articlecon">
{body}
</div><div class="segg">[责任编辑：{escape(item.editor or "")}]</div></div>
<div class="tags">标签：<a href="/tag/1.html">企业</a> <a href="/tag/2.html">新闻</a></div>
<div class="xgw"><b>相关网文</b><ul>{ranked}</ul></div>
<div class="phb"><b>一周新闻资讯点击排行</b><ul>{ranked}</ul></div>"""
    return _page(asked, board, f"{item.title}_{board.site_name}", inner)
