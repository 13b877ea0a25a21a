"""A plain list of links with a span of their date beside them, as smaller sites write them by hand; UTF-8."""

import re
from typing import Any

from monitor.demo.sites.answers import Asked, Reply, escape, not_found
from monitor.demo.sites.kinds import Board, Item, Style

engine = "html_list"

_ROWS = 20
_ARTICLE = re.compile(r"/n(\d+)/(\d{4})/(\d{2})/([0-9a-f]{16})\.html")


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    rows, pager = style.name("rows"), style.name("pager")
    return {
        "engine": engine,
        "url": f"{root}/n{number}/index.html",
        "rows": f"ul.{rows} > li",
        "fields": {"url": "a::attr(href)", "title": "a::attr(title)", "published": "span::text"},
        "next": f"div.{pager} a.{style.name('next')}::attr(href)",
    }


def answer(asked: Asked, board: Board) -> Reply | None:
    found = re.fullmatch(rf"/n{board.number}/index(?:_(\d+))?\.html", asked.path)
    if found is not None:
        return _list(board, int(found[1] or 1))
    found = _ARTICLE.fullmatch(asked.path)
    if found is None or int(found[1]) != board.number:
        return None
    item = board.find(found[4])
    if item is None:
        return not_found(board.site_name)
    if item.gone is not None:
        return Reply(status=item.gone, body=not_found(board.site_name).body, article=item.key)
    return _article(board, item)


def _path(board: Board, item: Item) -> str:
    return f"/n{board.number}/{item.published:%Y/%m}/{item.key}.html"


def _list(board: Board, page: int) -> Reply:
    style, items = board.style, board.newest((page - 1) * _ROWS, _ROWS)
    if page > 1 and not items:
        return not_found(board.site_name)
    rows = "\n".join(
        f'<li><a href="{_path(board, item)}" title="{escape(item.title)}">{escape(item.title[:24])}</a>'
        f"<span>{item.published:%Y-%m-%d}</span></li>"
        for item in items
    )
    more = ""
    if board.count() > page * _ROWS:
        more = f'<a class="{style.name("next")}" href="index_{page + 1}.html">下一页</a>'
    text = f"""<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">
<title>{board.column_name} - {board.site_name}</title></head><body>
<div class="{style.name("menu")}"><a href="/">首页</a> &gt;
<a href="/n{board.number}/index.html">{board.column_name}</a></div><ul class="{style.name("rows")}">
{rows}
</ul><div class="{style.name("pager")}">共{board.count()}条 {more}</div>
<div class="{style.name("foot")}">主办单位：{board.site_name}</div></body></html>"""
    return Reply(body=text.encode(), listed=tuple(item.key for item in items))


def _article(board: Board, item: Item) -> Reply:
    style = board.style
    body = "\n".join(f"<p>　　{escape(paragraph)}</p>" for paragraph in item.paragraphs)
    text = f"""<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">
<title>{escape(item.title)} - {board.site_name}</title></head><body>
<div class="{style.name("menu")}"><a href="/">首页</a> &gt;
<a href="/n{board.number}/index.html">{board.column_name}</a></div><h1>{escape(item.title)}</h1>
<div class="{style.name("info")}">发布时间：{item.published:%Y-%m-%d %H:%M} 来源：{escape(item.origin or "")}</div>
<div class="{style.name("body")}">
{body}
<p>（责任编辑：{escape(item.editor or "")}）</p></div>
<div class="{style.name("foot")}">主办单位：{board.site_name}</div></body></html>"""
    return Reply(body=text.encode(), article=item.key, version=item.version)
