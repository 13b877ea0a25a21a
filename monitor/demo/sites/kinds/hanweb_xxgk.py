"""Hanweb's disclosure catalogue: rows that answer a posted form, under columns that show it by script or in a frame."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from monitor.demo.sites.answers import Asked, Reply, escape
from monitor.demo.sites.kinds import Board, Item, Style
from monitor.demo.sites.kinds.hanweb_pages import article, column_of, column_page, cut_title, link, said

engine = "hanweb_xxgk"

_SEARCH = ("/module/xxgk/search.jsp", "/module/xxgk/xxgk_rulebase_search.jsp")
_ROWS = 20


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    form = style.choice("form", "address", "rulebase", "script", "frame")
    column = 1_229_500_000 + number
    if form in ("script", "frame"):
        return {"engine": engine, "url": f"{root}/col/col{column}/index.html"}
    address = f"{_SEARCH[1]}?currpage=" if form == "rulebase" else _SEARCH[0]
    params = {"infotypeId": f"C{number:04}", "jdid": str(3000 + number), "divid": f"div{column}"}
    return {"engine": engine, "url": root + address, "params": params}


def answer(asked: Asked, board: Board) -> Reply | None:
    place = urlsplit(str(board.entry["url"])).path
    if asked.path in _SEARCH:
        return _search(asked, board)
    if asked.path == place:
        framed = board.style.choice("form", "address", "rulebase", "script", "frame") == "frame"
        return _outer(board) if framed else _column(board)
    if asked.path == _inner(board):
        return _column(board, rows=_fragment(asked, board, 1))
    return article(asked, board)


def _catalogue(board: Board) -> dict[str, str]:
    return {
        "infotypeId": said(board, "infotypeId") or f"C{board.number:04}",
        "jdid": said(board, "jdid") or str(3000 + board.number),
    }


def _inner(board: Board) -> str:
    return f"/col/col{column_of(board).number}8/index.html"


def _outer(board: Board) -> Reply:
    place = urlsplit(str(board.entry["url"])).path
    frame = f'<iframe id="xxgk_col_iframe" name="xxgk_col_iframe" src="{_inner(board)}?df={place}&isgk=1"></iframe>'
    return Reply(body=column_page(board, frame).encode())


def _column(board: Board, rows: tuple[str, tuple[str, ...]] = ("", ())) -> Reply:
    """The page whose script posts the form; the frame's page has the first rows in it already."""
    values = {**_catalogue(board), "area": "", "divid": f"div{column_of(board).number}"}
    told = "&".join(f"{name}={value}" for name, value in values.items())
    script = (
        f'<div id="div{column_of(board).number}">{rows[0]}</div><script>function goPage(n){{$.ajax({{type:"post",'
        f'url:"{_SEARCH[0]}",data:"{told}&currpage="+n,success:show}});}}</script>'
    )
    return Reply(body=column_page(board, script).encode(), listed=rows[1])


def _search(asked: Asked, board: Board) -> Reply | None:
    """The form's answer. Whoever does not post it as a script does gets an empty fragment."""
    told = {**asked.query, **asked.form}
    if any(told.get(name) != value for name, value in _catalogue(board).items()):
        return None
    if asked.method != "POST" or "x-requested-with" not in asked.headers:
        return Reply(body=b"<div></div>")
    # One of the two addresses reads the page's number from the address, the other from the form.
    number = (asked.query if asked.path == _SEARCH[1] else asked.form).get("currpage", "1")
    text, listed = _fragment(asked, board, int(number) if number.isdecimal() else 1)
    return Reply(body=text.encode(), listed=listed)


def _fragment(asked: Asked, board: Board, number: int) -> tuple[str, tuple[str, ...]]:
    items = board.newest((number - 1) * _ROWS, _ROWS)
    return _table(asked, board, items, number), tuple(item.key for item in items)


def _table(asked: Asked, board: Board, items: Sequence[Item], number: int) -> str:
    style, last = board.style, max(1, -(-board.count() // _ROWS))
    mark = style.choice("quotes", '"', "'")
    rows = "\n".join(
        f"<tr class={mark}{style.name('row')}{mark}><td><a gkfs={mark}主动公开{mark} href={mark}"
        f"{link(asked, board, item)}{mark} title={mark}{escape(item.title)}{mark}>{cut_title(item)}</a></td>"
        f"<td>{item.published:%Y-%m-%d}</td></tr>"
        for item in items
    )
    more = ""
    if number < last:
        more = f'<a href="javascript:goPage({number + 1})">下一页</a> <a href="javascript:goPage({last})">尾 页</a>'
    return (
        f"<table class={mark}{style.name('rows')}{mark}>{rows}</table><table><tr>"
        f'<td align="right">共{board.count()}条 第{number}/{last}页 {more}</td></tr></table>'
    )
