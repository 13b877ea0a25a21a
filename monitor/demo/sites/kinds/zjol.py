"""浙江在线 and the county papers on its system: TRS lists with the hour, `//` links, old addresses in `/system/`."""

import re
from typing import Any

from monitor.demo.sites.answers import Asked, Reply, escape
from monitor.demo.sites.kinds import Board, Item, Style
from monitor.demo.sites.kinds.furniture import beside, foot, head
from monitor.demo.sites.kinds.serving import article_reply, folder_of, item_of, list_reply, number_of

engine = "html_list"

_ROWS = 25
_ARTICLE = re.compile(
    r"(?P<folder>/.*)/\d{6}/t\d{8}_(?P<new>\d{1,20})\.shtml|/system/\d{4}/\d{2}/\d{2}/0(?P<old>\d{1,20})\.shtml"
)
_NAMES = re.compile(r"\w+\.(?P<list>[\w-]+) > \w+\.(?P<row>[\w-]+)")


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    return {"engine": engine, "url": f"{root}/zjnews/ch{number}/"}


def answer(asked: Asked, board: Board) -> Reply | None:
    folder = folder_of(board)
    page = re.fullmatch(rf"{re.escape(folder)}(?:index(?:_(\d{{1,4}}))?\.shtml)?", asked.path)
    if page is not None:
        return _list(asked, board, int(page[1] or 0))
    found = _ARTICLE.fullmatch(asked.path)
    if found is None or (found["folder"] is not None and f"{found['folder']}/" != folder):
        return None
    item = item_of(board, found["new"] or found["old"])
    if item is not None and _path(board, item) != asked.path:
        item = None
    return article_reply(board, item, lambda it: _article(asked, board, it), charset=_charset(board))


def _charset(board: Board) -> str:
    return "gb18030" if _is_old(board) else "utf-8"


def _is_old(board: Board) -> bool:
    """Whether this paper still has the system's older half, whose pages are GBK."""
    return bool(board.style.choice("system", "", "", "old"))


def _path(board: Board, item: Item) -> str:
    if _is_old(board):
        return f"/system/{item.published:%Y/%m/%d}/0{number_of(item)}.shtml"
    return f"{folder_of(board)}{item.published:%Y%m}/t{item.published:%Y%m%d}_{number_of(item)}.shtml"


def _names(board: Board) -> tuple[str, str, str]:
    """Names of the list, its rows and their times: those that the entry's selectors name, else the template's own."""
    given = _NAMES.fullmatch(str(board.entry.get("rows", "")))
    time = re.search(r"\.([\w-]+)", str(board.entry.get("fields", {}).get("published", "")))
    style = board.style
    return (
        given["list"] if given else style.name("rows"),
        given["row"] if given else style.name("row"),
        time[1] if time else style.name("time"),
    )


def _list(asked: Asked, board: Board, page: int) -> Reply:
    items = board.newest(page * _ROWS, _ROWS)
    total = max(1, -(-board.count() // _ROWS))
    whole, row, time = _names(board)
    host = asked.root.partition("://")[2]
    rows = "\n".join(
        f'<li class="{row}"><a href="//{host}{_path(board, item)}" target="_blank">{escape(item.title)}</a>'
        f'<span class="{time}">{item.published:%Y年%m月%d日%H时}</span></li>'
        for item in items
    )
    charset = _charset(board)
    text = f"""<!DOCTYPE html><html><head><meta charset="{"gb2312" if charset != "utf-8" else charset}">
<title>{board.column_name}-{board.site_name}</title></head><body>{head(asked, board)}
<div class="{board.style.name("left")}"><ul class="{whole}">
{rows}
</ul><div class="{board.style.name("pager")}"><script type="text/javascript">
var currentPage = {page};
var countPage = {total};
createPageHTML(countPage, currentPage, "index", "shtml");
</script></div></div>{beside(asked, board)}{foot(board)}</body></html>"""
    return list_reply(items, text, charset=charset)


def _article(asked: Asked, board: Board, item: Item) -> str:
    charset = _charset(board)
    body = "\n".join(f"<p>　　{escape(paragraph)}</p>" for paragraph in item.paragraphs)
    return f"""<!DOCTYPE html><html><head><meta charset="{"gb2312" if charset != "utf-8" else charset}">
<title>{escape(item.title)}-{board.column_name}-{board.site_name}</title>
<meta name="keywords" content=""></head><body>{head(asked, board)}
<div class="contTit"><font>{escape(item.title)}</font></div>
<div class="info"><span id="pubtime_baidu" class="time">{item.published:%Y-%m-%d %H:%M}</span>
<span id="source_baidu">来源：<a href="#">{escape(item.origin or "")}</a></span>
<span id="author_baidu">记者 {escape(item.author or "")}</span>
<span class="read">阅读 {100 + asked.visits}</span></div>
<div class="contTxt"><div class="TRS_Editor"><style>.TRS_Editor P{{line-height:1.5;}}</style>
{body}
</div></div><div class="zrbj">责任编辑：{escape(item.editor or "")}</div>
<div class="share">分享到：<a>微信</a> <a>微博</a></div>{beside(asked, board)}{foot(board)}</body></html>"""
