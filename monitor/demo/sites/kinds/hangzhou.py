"""杭州网: lists `index.htm`, `index_2.htm` or `node_N.htm`; articles in `content/YYYY-MM-DD/`, some in parts."""

import re
from typing import Any

from monitor.demo.sites.answers import Asked, Reply, escape
from monitor.demo.sites.kinds import Board, Item, Style
from monitor.demo.sites.kinds.dialects import list_rows
from monitor.demo.sites.kinds.furniture import beside, foot, head
from monitor.demo.sites.kinds.serving import (
    article_reply,
    folder_of,
    item_of,
    list_reply,
    number_of,
    parts_of,
    place_of,
)

engine = "html_list"

_ROWS = 20
#: Each channel has its own template.
_BODIES = ('div class="fontsz14"', 'td class="wz14"', 'div class="zhengwen"')


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    name = style.choice("list", "index", "index", f"node_{15890 + number}")
    return {"engine": engine, "url": f"{root}/pd{number}/{style.name('channel')}/{name}.htm"}


def answer(asked: Asked, board: Board) -> Reply | None:
    folder, stem = folder_of(board), _stem(board)
    page = re.fullmatch(rf"{re.escape(folder)}(?:{stem}(?:_(\d{{1,4}}))?\.htm)?", asked.path)
    if page is not None:
        return _list(asked, board, int(page[1] or 1))
    found = re.fullmatch(
        rf"{re.escape(folder)}content/\d{{4}}-\d{{2}}-\d{{2}}/content_(\d{{1,20}})(?:_(\d{{1,2}}|all))?\.htm",
        asked.path,
    )
    if found is None:
        return None
    item = item_of(board, found[1])
    if item is not None and not _has(board, item, found[2]):
        item = None
    return article_reply(board, item, lambda it: _article(asked, board, it, found[2]), charset=_charset(board))


def _stem(board: Board) -> str:
    return place_of(board).rpartition("/")[2].removesuffix(".htm") or "index"


def _charset(board: Board) -> str:
    return board.style.choice("charset", "utf-8", "gb18030")


def _has(board: Board, item: Item, part: str | None) -> bool:
    """Whether the article has that page: the first of several is `_0`, all of it at once `_all`."""
    count = len(parts_of(item))
    if count == 1 or part is None:
        return count == 1 and part is None
    return _shows_all(board) if part == "all" else int(part) < count


def _shows_all(board: Board) -> bool:
    return bool(board.style.choice("full text", "", "yes"))


def _name(item: Item) -> str:
    return f"content_{number_of(item)}"


def _href(board: Board, item: Item) -> str:
    first = "_0" if len(parts_of(item)) > 1 else ""
    return f"content/{item.published:%Y-%m-%d}/{_name(item)}{first}.htm"


def _head(asked: Asked, board: Board, title: str, more: str = "") -> str:
    label = "gb2312" if _charset(board) != "utf-8" else "utf-8"
    return f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset={label}">
<title>{escape(title)}</title>{more}</head><body>{head(asked, board)}"""


def _list(asked: Asked, board: Board, page: int) -> Reply:
    items = board.newest((page - 1) * _ROWS, _ROWS)
    total = max(1, -(-board.count() // _ROWS))
    rows = list_rows(board, items, lambda item: _href(board, item))
    text = f"""{_head(asked, board, f"{board.column_name}-{board.site_name}")}
{beside(asked, board)}<table width="100%"><tr><td class="{board.style.name("left")}">{rows}
{_pager(board, page, total)}</td></tr></table>{foot(board)}</body></html>"""
    return list_reply(items, text, charset=_charset(board))


def _pager(board: Board, page: int, total: int) -> str:
    """Numbers, of which this page's is no link; on some channels with a word for the next."""

    def link(number: int, words: str) -> str:
        name = _stem(board) if number == 1 else f"{_stem(board)}_{number}"
        return f'<a href="{name}.htm">{words}</a>'

    numbers = [f"<b>{n}</b>" if n == page else link(n, str(n)) for n in range(1, total + 1)]
    if page < total and board.style.choice("next", "words", "numbers") == "words":
        numbers.append(link(page + 1, "下一页"))
    return f'<div class="{board.style.name("pager")}">{" ".join(numbers) if total > 1 else ""}</div>'


def _article(asked: Asked, board: Board, item: Item, part: str | None) -> str:
    parts = parts_of(item)
    paragraphs = item.paragraphs if part == "all" else parts[int(part or 0)]
    body = "\n".join(f"<p>　　{escape(paragraph)}</p>" for paragraph in paragraphs)
    metas = f"""<meta name="publishdate" content="{item.published:%Y-%m-%d %H:%M:%S}">
<meta name="source" content="{escape(item.origin or "")}"><meta name="author" content="">"""
    container = board.style.choice("body", *_BODIES)
    tag = container.partition(" ")[0]
    inner = f"<{container}>{body}</{tag}>"
    return f"""{_head(asked, board, f"{item.title}-{board.site_name}", metas)}
<div class="title_main"><h1>{escape(item.title)}</h1></div>
<div class="infor"><span>{item.published:%Y-%m-%d %H:%M}</span> 来源：{escape(item.origin or "")}
<span>网友评论<a>{asked.visits}</a>条</span></div>
{f"<table><tr>{inner}</tr></table>" if tag == "td" else inner}
{_article_pager(board, item, part) if len(parts) > 1 else ""}
<div class="editor">责任编辑：{escape(item.editor or "")}</div>{beside(asked, board)}{foot(board)}</body></html>"""


def _article_pager(board: Board, item: Item, part: str | None) -> str:
    name, count = _name(item), len(parts_of(item))
    links = [
        f'<li class="on">{n + 1}</li>' if str(n) == part else f'<li><a href="{name}_{n}.htm">{n + 1}</a></li>'
        for n in range(count)
    ]
    if _shows_all(board):
        links.append(f'<li class="page-all"><a href="{name}_all.htm">全文</a></li>')
    return f'<ul class="pages">{"".join(links)}</ul>'
