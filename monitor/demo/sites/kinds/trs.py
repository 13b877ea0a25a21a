"""TRS WCM: columns as static files `index.html`, `index_1.html` (page two), which a script counts and stubs end."""

import re
from typing import Any

from monitor.demo.sites.answers import Asked, Reply
from monitor.demo.sites.kinds import Board, Item, Style
from monitor.demo.sites.kinds.dialects import list_rows
from monitor.demo.sites.kinds.furniture import beside, foot, head
from monitor.demo.sites.kinds.serving import (
    article_reply,
    encoded,
    folder_of,
    item_of,
    list_reply,
    number_of,
    parts_of,
    place_of,
)
from monitor.demo.sites.kinds.trs_pages import TEMPLATES

engine = "trs_static"

_ROWS = 20
_COOKIE = "wzws_sessionid"
#: The sites whose templates are known, by the folder of their columns.
_SITES = (
    (re.compile(r"/(?:yaowen|lianbo)"), "gov"),
    (re.compile(r"/sj/"), "stats"),
    (re.compile(r"/(?:tztg|xxgk/xinxifenlei)"), "most"),
    (re.compile(r"/(?:xxgk/zcfb|xwdt)"), "ndrc"),
)


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    suffix = style.choice("suffix", "html", "shtml", "htm")
    place = style.choice(
        "place",
        f"/xxgk/zcfb/tz{number}/",
        f"/xwdt/xwfb{number}/index.{suffix}",
        f"/yaowen{number}/index.htm",
        f"/tztg{number}/",
        f"/sj/zxfb{number}/",
        f"/{style.name('folder')}/{number}/",
    )
    return {"engine": engine, "url": root + place}


def answer(asked: Asked, board: Board) -> Reply | None:
    folder, (stem, suffix) = folder_of(board), _file(board)
    page = re.fullmatch(rf"{re.escape(folder)}(?:{stem}(?:_(\d{{1,4}}))?\.{suffix})?", asked.path)
    found = _article_pattern(board).fullmatch(asked.path)
    if page is None and found is None:
        return None
    if board.entry.get("cookies") and _COOKIE not in asked.headers.get("cookie", ""):
        return _gate(asked)
    if page is not None:
        return _list(asked, board, int(page[1] or 0))
    assert found is not None
    item, number = item_of(board, found[1]), int(found[2] or 0)
    if item is not None and number >= len(parts_of(item)):
        item = None
    return article_reply(board, item, lambda it: _article(asked, board, it, number))


def _gate(asked: Asked) -> Reply:
    """The first answer sets a cookie and leads to where it was asked; without the cookie, for ever."""
    cookie = f"{_COOKIE}=c2FtcGxl{asked.visits}; Path=/; HttpOnly"
    return Reply(status=302, body=b"", headers={"Location": asked.path, "Set-Cookie": cookie})


def _template(board: Board) -> str:
    place = place_of(board)
    return next((name for pattern, name in _SITES if pattern.match(place)), board.style.choice("site", *TEMPLATES))


def _file(board: Board) -> tuple[str, str]:
    """How the list's files are named and end."""
    name = place_of(board).rpartition("/")[2]
    stem, _, suffix = name.rpartition(".")
    return (stem, suffix) if stem else ("index", board.style.choice("suffix", "html", "shtml", "htm"))


def _article_pattern(board: Board) -> re.Pattern[str]:
    name = "content_" if _template(board) == "gov" else r"t\d{8}_"
    return re.compile(rf"{re.escape(folder_of(board))}(?:liebiao/)?\d{{6}}/{name}(\d{{1,20}})(?:_(\d{{1,2}}))?\.\w+")


def _name(board: Board, item: Item) -> str:
    """The file of the article's first page without its suffix."""
    if _template(board) == "gov":
        return f"content_{number_of(item)}"
    return f"t{item.published:%Y%m%d}_{number_of(item)}"


def _href(board: Board, item: Item) -> str:
    """Relative to the list, as the software writes it."""
    below = "liebiao/" if place_of(board).startswith("/yaowen") else ""
    return f"./{below}{item.published:%Y%m}/{_name(board, item)}.{_file(board)[1]}"


def _list(asked: Asked, board: Board, page: int) -> Reply:
    stem, suffix = _file(board)
    total = max(1, -(-board.count() // _ROWS))
    if page >= total:
        return _stub(board)
    items = board.newest(page * _ROWS, _ROWS)
    # gov.cn's articles have no day in their address, only the month.
    rows = list_rows(board, items, lambda item: _href(board, item), years=_template(board) == "gov")
    text = f"""<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">
<title>{board.column_name}-{board.site_name}</title><meta name="SiteName" content="{board.site_name}">
<meta name="ColumnName" content="{board.column_name}"><meta name="ColumnType" content="通知"></head>
<body>{head(asked, board)}
<div class="{board.style.name("main")}">{beside(asked, board) if board.style.choice("side", "l", "r") == "l" else ""}
<div class="{board.style.name("list")}">{rows}</div>
<div class="{board.style.name("pager")}"><script>{_script(board, total, page, stem, suffix)}</script></div>
{beside(asked, board) if board.style.choice("side", "l", "r") == "r" else ""}</div>
{foot(board)}</body></html>"""
    return list_reply(items, text)


def _script(board: Board, total: int, page: int, stem: str, suffix: str) -> str:
    called = f'createPageHTML({total}, {page}, "{stem}", "{suffix}");'
    match board.style.choice("script", "literal", "variables", "commented"):
        case "literal":
            return called
        case "variables":
            return (
                f"var currentPage = {page};//所在页从0开始\nvar countPage = {total};\n"
                f'createPageHTML(countPage, currentPage, "{stem}", "{suffix}");'
            )
        case _:
            return (
                f"<!--\nfunction createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt) {{}}\n"
                f'// createPageHTML(99, 0, "default", "jsp");\n{called}\n//-->'
            )


def _stub(board: Board) -> Reply:
    """What a deep page is on many of these sites: a page of some 350 bytes under status 200."""
    text = (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{board.site_name}</title>'
        '<script>var _hmt = _hmt || []; (function() { var hm = document.createElement("script"); '
        'hm.src = "/images/hm.js"; document.getElementsByTagName("head")[0].appendChild(hm); })();</script>'
        "</head><body></body></html>"
    )
    return Reply(body=encoded(text, "utf-8")[0])


def _article(asked: Asked, board: Board, item: Item, page: int) -> str:
    parts = parts_of(item)
    pager = ""
    if len(parts) > 1:
        pager = (
            f'<div class="{board.style.name("article pager")}"><script>createPageHTML({len(parts)}, {page}, '
            f'"{_name(board, item)}", "{_file(board)[1]}");</script></div>'
        )
    return TEMPLATES[_template(board)](asked, board, item, parts[page], pager)
