"""The NDRC's catalogue of disclosure: a table behind a JSP, whose last cell is the date; metadata on each article."""

import re
from typing import Any

from monitor.demo.sites.answers import Asked, Reply, escape
from monitor.demo.sites.kinds import Board, Item, Style
from monitor.demo.sites.kinds.furniture import foot, head
from monitor.demo.sites.kinds.serving import article_reply, item_of, list_reply, number_of, place_of

engine = "html_list"

_ROWS = 15


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    return {"engine": engine, "url": f"{root}/web/dirlist{number}.jsp"}


def answer(asked: Asked, board: Board) -> Reply | None:
    if asked.path == place_of(board):
        return _list(asked, board, int(asked.query.get("pageNo", "1")))
    if asked.path != _item_page(board):
        return None
    number = asked.query.get("id", "")
    item = item_of(board, number) if re.fullmatch(r"\d{1,20}", number) else None
    return article_reply(board, item, lambda it: _article(asked, board, it))


def _item_page(board: Board) -> str:
    return place_of(board).replace("dirlist", "iteminfo")


def _list(asked: Asked, board: Board, page: int) -> Reply:
    items = board.newest((page - 1) * _ROWS, _ROWS)
    style = board.style
    link = "xxgk_list1" if place_of(board) == "/web/dirlist.jsp" else style.name("link")
    page_name = _item_page(board).rpartition("/")[2]
    rows = "".join(
        f'<tr><td align="center">{place}</td><td><a class="{link}" href="{page_name}?id={number_of(item)}" '
        f'title="{escape(item.title)}" target="_blank">{escape(item.title)}</a></td>'
        f"<td>{escape(item.doc_number or '')}</td><td>{item.published:%Y/%m/%d}</td></tr>"
        for place, item in enumerate(items, (page - 1) * _ROWS + 1)
    )
    more = f'<a href="?pageNo={page + 1}">下一页</a>' if board.count() > page * _ROWS else ""
    text = f"""<!DOCTYPE html><html><head><meta charset="utf-8">
<title>{board.column_name}-{board.site_name}</title></head>
<body>{head(asked, board)}<table class="{style.name("catalogue")}"><tr><td width="220"><ul>
<li><a href="?itemid=1">机构职能信息公开目录</a></li><li><a href="?itemid=2">政策文件信息公开目录</a></li>
<li><a href="?itemid=3">规划计划信息公开目录</a></li></ul></td><td><table class="{style.name("rows")}">
<tr><td>序号</td><td>名称</td><td>文号</td><td>发布日期</td></tr>{rows}</table>
<div class="{style.name("pager")}">第{page}页 {more}</div></td></tr></table>{foot(board)}</body></html>"""
    return list_reply(items, text)


def _article(asked: Asked, board: Board, item: Item) -> str:
    body = "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in item.paragraphs)
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(item.title)}</title></head>
<body>{head(asked, board)}<table class="xxgk_table"><tr>
<td>索引号</td><td>000013039-2026-{number_of(item) % 100000:05}</td>
<td>文号</td><td>{escape(item.doc_number or "")}</td></tr><tr><td>发布机构</td><td>{board.site_name}</td>
<td>发布日期</td><td>{item.published:%Y/%m/%d}</td></tr></table>
<div class="zwgktitle"><h1>{escape(item.title)}</h1></div>
<div class="zwgkinfo">发布时间：{item.published:%Y/%m/%d} 来源：{escape(item.origin or "")}</div>
<div class="zwgkdetail">
{body}
</div><table class="enclosure"><tr><td>附件：</td><td>
<a href="fileDownload?id={number_of(item)}.pdf">{escape(item.title)}.pdf</a>
</td></tr></table>{foot(board)}</body></html>"""
