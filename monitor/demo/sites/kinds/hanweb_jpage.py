"""Hanweb's dataproxy: the first block embedded in the column page, the others by GET or POST, in XML that is none."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from monitor.demo.sites.answers import Asked, Reply, escape
from monitor.demo.sites.kinds import Board, Item, Style
from monitor.demo.sites.kinds.hanweb_pages import article, column_of, column_page, cut_title, digest, link, said

engine = "hanweb_jpage"

_ADDRESSES = ("/module/jpage/dataproxy.jsp", "/module/web/jpage/dataproxy.jsp")
_PER_PAGE = 15
#: The pager fetches three pages at once; a larger block is honoured up to a bound.
_BLOCK = 3 * _PER_PAGE
_LARGEST = 300
#: What a page behind the last one answers: 54 bytes.
_NOTHING = b'<?xml version="1.0" encoding="UTF-8"?>\n<datastore/>'.ljust(54, b"\n")


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    column = 1_229_300_000 + number
    form = style.choice("form", "column", "frame", "address", "get", "post")
    if form in ("get", "post"):
        params = {"columnid": str(column), "unitid": str(5_000_000 + number), "webid": str(3000 + number)}
        keys: dict[str, Any] = {"engine": engine, "url": root + style.choice("proxy", *_ADDRESSES), "params": params}
        return {**keys, "method": "POST"} if form == "post" else keys
    # A client-side address: the server gives the same first block for every pageNum.
    query = f"?uid={5_000_000 + number}&pageNum=1" if form == "address" else ""
    return {"engine": engine, "url": f"{root}/col/col{column}/index.html{query}"}


def answer(asked: Asked, board: Board) -> Reply | None:
    place = urlsplit(str(board.entry["url"])).path
    if asked.path in _ADDRESSES:
        return _interface(asked, board) if asked.path == _proxy(board) else None
    if asked.path == place:
        framed = board.style.choice("form", "column", "frame", "address", "get", "post") == "frame"
        return _outer(board) if framed else _column(asked, board)
    if asked.path == _inner(board):
        return _column(asked, board)
    return article(asked, board)


def _proxy(board: Board) -> str:
    place = urlsplit(str(board.entry["url"])).path
    return place if place in _ADDRESSES else board.style.choice("proxy", *_ADDRESSES)


def _unit(board: Board) -> str:
    return said(board, "unitid") or said(board, "uid") or str(5_000_000 + board.number)


def _inner(board: Board) -> str:
    return f"/col/col{column_of(board).number}8/index.html"


def _form(board: Board) -> dict[str, str]:
    return {
        "appid": "1",
        "webid": said(board, "webid") or str(3000 + board.number),
        "path": "/",
        "columnid": column_of(board).number,
        "unitid": _unit(board),
        "webname": board.site_name,
        "permissiontype": "0",
    }


# --- pages ---


def _outer(board: Board) -> Reply:
    """A column that shows another one in a frame; of the two addresses in it the outer one leads nowhere new."""
    place = urlsplit(str(board.entry["url"])).path
    frame = f'<iframe id="xxgk_col_iframe" name="xxgk_col_iframe" src="{_inner(board)}?df={place}&isgk=1"></iframe>'
    return Reply(body=column_page(board, frame).encode())


def _column(asked: Asked, board: Board) -> Reply:
    """The column's page, with the first block where no selector sees it, and the script that asks for the others."""
    items = board.newest(0, _BLOCK)
    keys = {"col": "1", **_form(board), "sourceContentType": board.style.choice("content type", "1", "3")}
    words = ",".join(f'"{name}":"{quote(value) if name == "webname" else value}"' for name, value in keys.items())
    script = (
        f"<script>$('#{_unit(board)}').jpage({{ totalRecord:{board.count()}, perPage:{_PER_PAGE}, "
        f"proxyUrl:'{_proxy(board)}', ajaxParam:{{{words}}}, barPosition:'bottom' }});</script>"
    )
    store = (
        f'<div id="{_unit(board)}" class="{board.style.name("holder")}"><script type="text/xml">'
        f"{_store(asked, board, items, block=1)}</script></div>"
    )
    return Reply(body=column_page(board, f"{store}\n{script}").encode(), listed=tuple(item.key for item in items))


# --- the interface ---


def _interface(asked: Asked, board: Board) -> Reply | None:
    told = {**asked.query, **asked.form}
    if (told.get("columnid"), told.get("unitid")) != (column_of(board).number, _unit(board)):
        return None
    if "startrecord" in told:
        first = max(1, _integer(told["startrecord"], 1))
        size = min(_LARGEST, max(1, _integer(told.get("endrecord"), first + _BLOCK - 1) - first + 1))
        items, block = board.newest(first - 1, size), 0
    else:
        block = max(1, _integer(told.get("page"), 1))
        # Where the keys of the next block are in cipher, no later block is given to anybody.
        items = () if block > 1 and _group_form(board) == "cipher" else board.newest((block - 1) * _BLOCK, _BLOCK)
    kind = board.style.choice("content type", "text/xml;charset=UTF-8", "text/html;charset=UTF-8", "application/json")
    if not items:
        return Reply(body=_NOTHING, content_type=kind)
    text = '<?xml version="1.0" encoding="UTF-8"?>\n' + _store(asked, board, items, block=block)
    if board.style.choice("wrapped", "", "", "", "yes"):
        text = f"raw({json.dumps({'result': text}, ensure_ascii=False)})"
    return Reply(body=text.encode(), content_type=kind, listed=tuple(item.key for item in items))


def _store(asked: Asked, board: Board, items: Sequence[Item], *, block: int) -> str:
    """The elements in an order of the site's own; some sites leave out nextgroup or totalpage.

    block: the number of the block that a `nextgroup` would follow; 0 where records were asked for by their numbers.
    """
    style, total = board.style, board.count()
    records = "\n".join(f"<record><![CDATA[{_record(asked, board, item)}]]></record>" for item in items)
    pages = f"<totalpage>{-(-total // _PER_PAGE)}</totalpage>" if style.choice("pages", "yes", "") else ""
    totals = f"<totalrecord>{total}</totalrecord>{pages}"
    group = _group(board, block + 1) if block and block * _BLOCK < total else ""
    parts = [group, totals, f"<recordset>\n{records}\n</recordset>"]
    if style.choice("order", "", "turned"):
        parts = [parts[2], parts[1], parts[0]]
    return f"<datastore>{''.join(parts)}</datastore>"


def _group_form(board: Board) -> str:
    return board.style.choice("group", "plain", "plain", "none", "cipher")


def _group(board: Board, block: int) -> str:
    """The address of the next block, its ampersands bare; in part of the sites its keys are in cipher."""
    written = _group_form(board)
    keys = {**_form(board), "webname": quote(board.site_name)}
    if written == "none":
        return ""
    if written == "cipher":
        keys |= {name: digest(f"{name} {keys[name]}") for name in ("columnid", "unitid")}
    query = "&".join(f"{name}={value}" for name, value in {"page": str(block), **keys}.items())
    return f'<nextgroup><![CDATA[<a href="{_proxy(board)}?{query}"></a>]]></nextgroup>'


def _record(asked: Asked, board: Board, item: Item) -> str:
    style, day = board.style, f"{item.published:%Y-%m-%d}"
    address = link(asked, board, item)
    if style.choice("slash", "", "", "", "lost") and address.startswith("http"):
        address = address.replace(asked.root + "/", asked.root, 1)
    mark = style.choice("quotes", '"', "'")
    anchor = f"<a href={mark}{address}{mark} title={mark}{escape(item.title)}{mark} target={mark}_blank{mark}>"
    anchor += f"{cut_title(item)}</a>"
    match style.choice("rows", "list", "table", "cells"):
        case "list":
            return f"<li>{anchor}<span>{day}</span></li>"
        case "table":
            name = style.name("row")
            return f"<table class={mark}{name}{mark}><tr><td>{anchor}</td><td>{day}</td></tr></table>"
        case _:
            return f"<tr><td>·</td><td>{anchor}</td><td align={mark}right{mark}>[{day}]</td></tr>"


def _integer(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() else default
