"""Hanweb's build/unit: a column page that only names its unit, and the unit's HTML inside JSON, in seven dialects."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from monitor.demo.sites.answers import Asked, Reply, escape
from monitor.demo.sites.kinds import Board, Item, Style
from monitor.demo.sites.kinds.hanweb_pages import article, column_of, column_page, cut_title, digest, link

engine = "hanweb_unit"

_UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
_TAGS = ("新闻列表", "信息列表", "当前栏目列表", "当前栏目list", "右侧内容", "阳光政务_分页列表")
_DECOYS = ("导航", "焦点图", "友情链接")


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    column = 1_229_100_000 + number
    path = style.choice(
        "place",
        f"/col/col{column}/index.html",
        f"/col/col{column}/index.html",
        f"/col/col{column}/zbggbzlm{number}/index.html",
        f"/jgsj/bm{number}/wjfb/index.html",
    )
    keys: dict[str, Any] = {"engine": engine, "url": root + path}
    if style.choice("tagged", "", "yes"):
        keys["tag"] = style.choice("tag", *_TAGS)
    return keys


def answer(asked: Asked, board: Board) -> Reply | None:
    place = urlsplit(str(board.entry["url"])).path
    if asked.path == place or (place.endswith("/index.html") and asked.path == place.removesuffix("index.html")):
        return _column(board)
    if asked.path == _UNIT and asked.query.get("pageId") == _page_id(board):
        return _unit(asked, board)
    return article(asked, board)


def _page_id(board: Board) -> str:
    """A top-level column's number; below it, and in columns by path, an opaque one that only the page shows."""
    place, number = urlsplit(str(board.entry["url"])).path, column_of(board).number
    return number if place in (f"/col/col{number}/index.html", f"/col/col{number}/") else digest(f"page {place}")


def _tag(board: Board) -> str:
    return str(board.entry.get("tag") or board.style.choice("tag", *_TAGS))


def _query(board: Board, tag: str) -> dict[str, str]:
    return {
        "webId": str(board.entry.get("fallback", {}).get("webId", 3000 + board.number)),
        "pageId": _page_id(board),
        "parseType": board.style.choice("parse type", "bulidstatic", "bulidstatic", "buildstatic"),
        "pageType": "column",
        "tagId": tag,
        "tplSetId": digest(f"{board.style.seed} {tag}", 21),
        "editType": "null",
    }


def _attribute(query: dict[str, str]) -> str:
    """A Python literal in single quotes, as the software writes it into its attributes."""
    return "{" + ",".join(f"'{name}':'{value}'" for name, value in query.items()) + "}"


def _column(board: Board) -> Reply:
    """The first hop. It is a static file: it stays the same while the list behind it moves on."""
    style, tags = board.style, [board.style.choice("decoy", *_DECOYS), _tag(board)]
    if "tag" in board.entry:
        tags.insert(0, "专题列表")
    scripts = "\n".join(
        f'<div class="{style.name(f"unit {tag}")}"><script src="/script/0/unitbuild.js" url="{_UNIT}" '
        f'queryData="{_attribute(_query(board, tag))}"></script></div>'
        for tag in tags
    )
    return Reply(body=column_page(board, scripts).encode())


def _unit(asked: Asked, board: Board) -> Reply:
    """The second hop. Bare requests are refused; a page number outside paramJson is silently ignored."""
    if "referer" not in asked.headers and "x-requested-with" not in asked.headers:
        return Reply(status=403, body=b"<html><body><h1>403 Forbidden</h1></body></html>")
    tag = asked.query.get("tagId", "")
    query = _query(board, tag)
    if any(asked.query.get(name) != value for name, value in query.items()):
        return _built("", ())
    if tag != _tag(board):
        return _built('<ul><li><a href="/col/col1400009/index.html" title="专题专栏">专题专栏</a></li></ul>', ())
    default = int(board.style.choice("rows a page", "15", "20", "10"))
    number, size = _paging(asked.query.get("paramJson"), default)
    items = board.newest((number - 1) * size, size)
    if not items:
        return _built("", ())
    pager = (
        f'<div class="pagination" count="{board.count()}" rows="{size}" pageNo="{number}" unitUrl="{_UNIT}" '
        f'queryData="{_attribute(query)}"><a href="javascript:;">下一页</a></div>'
    )
    return _built(_rows(asked, board, items) + pager, tuple(item.key for item in items))


def _built(html: str, listed: tuple[str, ...]) -> Reply:
    built = {"success": True, "code": "200", "message": "生成成功", "data": {"html": html}}
    # The gateway writes line breaks and tabs raw into its strings, which strict JSON readers refuse.
    text = json.dumps(built, ensure_ascii=False, separators=(",", ":")).replace("\\n", "\n\t")
    return Reply(body=text.encode(), content_type="application/json;charset=UTF-8", listed=listed)


def _paging(parameter: str | None, size: int) -> tuple[int, int]:
    try:
        given = json.loads(parameter or "{}")
        return max(1, int(given.get("pageNo", 1))), max(1, min(100, int(given.get("pageSize", size))))
    except (ValueError, AttributeError, TypeError):
        return 1, size


def _rows(asked: Asked, board: Board, items: Sequence[Item]) -> str:
    dialect = board.style.choice("rows", "clearfix", "span", "paragraph", "bold", "table", "typed", "words")
    rows = "\n".join(_row(asked, board, item, dialect) for item in items)
    name = board.style.name("rows")
    if dialect in ("table", "words"):
        return f'<table class="{name}">\n{rows}\n</table>'
    return f'<div class="{name}">\n{rows}\n</div>' if dialect == "paragraph" else f'<ul class="{name}">\n{rows}\n</ul>'


def _row(asked: Asked, board: Board, item: Item, dialect: str) -> str:
    """A row as seven sites write it; class names are the software's where all of its sites have them."""
    style, address, day = board.style, link(asked, board, item), f"{item.published:%Y-%m-%d}"
    titled = f'title="{escape(item.title)}" href="{address}" target="_blank">{cut_title(item)}</a>'
    words = f"（{item.published.year}年{item.published.month}月{item.published.day}日公布）"
    return {
        "clearfix": f'<li class="clearfix"><a class="{style.name("link")}" {titled}<span>{day}</span></li>',
        "span": f'<li><a {titled}<span class="{style.name("date")}">{day}</span></li>',
        "paragraph": f'<p class="{style.name("row")}"><a {titled}<span>{day}</span></p>',
        "bold": f'<li><a href="{address}">{escape(item.title)}</a><b>{day}</b></li>',
        "table": f"<tr><td><a {titled}</td><td>[{day}]</td></tr>",
        "typed": f'<li><span class="lx">公告</span><a {titled}<span class="date">{day}</span></li>',
        "words": f'<tr><td><a {titled}<span class="zc_list_con">{words}</span></td></tr>',
    }[dialect]
