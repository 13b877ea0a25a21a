"""中国宁波网 and 义乌新闻网: GBK, lists without dates but in their `/system/` addresses; the latter a front page."""

import re
from typing import Any

from monitor.demo.sites.answers import Asked, Reply, escape
from monitor.demo.sites.kinds import Board, Item, Style
from monitor.demo.sites.kinds.dialects import list_rows
from monitor.demo.sites.kinds.furniture import beside, foot, head
from monitor.demo.sites.kinds.serving import article_reply, item_of, list_reply, number_of, place_of

engine = "html_list"

_ROWS = 30
_BLOCKS = ("要闻", "民生", "镇街", "市场")
_ARTICLE = re.compile(r"/system/\d{4}/\d{2}/\d{2}/(\d{1,20})\.shtml")
_CHARSET = "gb18030"


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    return {"engine": engine, "url": f"{root}/lm{number}/{style.name('column')}/"}


def answer(asked: Asked, board: Board) -> Reply | None:
    place = place_of(board)
    if place == "/":
        if asked.path in ("/", "/index.shtml"):
            return _front(asked, board)
    elif page := re.fullmatch(rf"{re.escape(place)}(?:index(?:_(\d{{1,4}}))?\.shtml)?", asked.path):
        return _list(asked, board, int(page[1] or 1))
    found = _ARTICLE.fullmatch(asked.path)
    if found is None:
        return None
    item = item_of(board, found[1])
    if item is not None and _path(item) != asked.path:
        item = None
    return article_reply(board, item, lambda it: _article(asked, board, it), charset=_CHARSET)


def _path(item: Item) -> str:
    return f"/system/{item.published:%Y/%m/%d}/{number_of(item)}.shtml"


def _page(asked: Asked, board: Board, title: str, body: str) -> str:
    return f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">
<title>{escape(title)}</title></head><body>{head(asked, board)}{body}{foot(board)}</body></html>"""


def _list(asked: Asked, board: Board, page: int) -> Reply:
    items = board.newest((page - 1) * _ROWS, _ROWS)
    rows = list_rows(board, items, _path, dates=False)
    more = f'<a href="index_{page - 1}.shtml">上一页</a> ' if page > 1 else ""
    if board.count() > page * _ROWS:
        more += f'<a href="index_{page + 1}.shtml">下一页</a>'
    pager = f"<p>第{page}页 {more}</p>"
    inner = f'<div class="{board.style.name("left")}">{rows}{pager}</div>{beside(asked, board, dates=False)}'
    return list_reply(items, _page(asked, board, f"{board.column_name}-{board.site_name}", inner), charset=_CHARSET)


def _front(asked: Asked, board: Board) -> Reply:
    """The newest of each of the paper's sections, block by block, each with a heading of its own."""
    items = board.newest(0, _ROWS)
    blocks = []
    for place, name in enumerate(_BLOCKS):
        rows = "".join(
            f'<li><a href="{_path(it)}" target="_blank">{escape(it.title)}</a></li>'
            for it in items[place :: len(_BLOCKS)]
        )
        blocks.append(
            f'<div class="{board.style.name(f"block {place}")}"><h2><a href="/{place}/">{name}</a></h2>'
            f"<ul>{rows}</ul></div>"
        )
    ordered = [item for place in range(len(_BLOCKS)) for item in items[place :: len(_BLOCKS)]]
    text = _page(asked, board, board.site_name, "".join(blocks) + beside(asked, board, dates=False))
    return list_reply(ordered, text, charset=_CHARSET)


def _article(asked: Asked, board: Board, item: Item) -> str:
    body = "\n".join(f"<p>　　{escape(paragraph)}</p>" for paragraph in item.paragraphs)
    inner = f"""<div class="heading">{escape(item.title)}</div>
<div class="source"><span class="left">{item.published:%Y-%m-%d %H:%M:%S} 稿源：{escape(item.origin or "")}</span>
<span class="right">字号：<a>大</a> <a>中</a> <a>小</a> 点击：{asked.visits}</span></div>
<div id="Zoom">
{body}
</div><div class="editor">编辑：{escape(item.editor or "")}</div>{beside(asked, board, dates=False)}"""
    return _page(asked, board, f"{item.title}-{board.site_name}", inner)
