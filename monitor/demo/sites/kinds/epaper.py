"""浙江日报's e-paper: a front door that refreshes to the newest issue, its pages, and articles with a day only."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from monitor.demo.sites.answers import Asked, Reply, escape
from monitor.demo.sites.kinds import Board, Item, Style
from monitor.demo.sites.kinds.serving import article_reply, encoded, folder_of, item_of, list_reply, number_of, place_of

engine = "epaper"

#: Articles on one page of an issue.
_ON_A_PAGE = 4
_FIRST_NODE = 2
_SECTIONS = ("要闻", "经济", "广告")
_NODE = re.compile(r"(\d{4})-(\d{2})/(\d{2})/node_(\d{1,3})\.htm")
_CONTENT = re.compile(r"\d{4}-\d{2}/\d{2}/content_(\d{1,20})\.htm")


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    return {"engine": engine, "url": f"{root}/bz{number}/paperindex.htm"}


def answer(asked: Asked, board: Board) -> Reply | None:
    folder = folder_of(board)
    if asked.path == place_of(board):
        return _door(board)
    if not asked.path.startswith(folder):
        return None
    below = asked.path.removeprefix(folder)
    if (node := _NODE.fullmatch(below)) is not None:
        return _node(board, date(int(node[1]), int(node[2]), int(node[3])), int(node[4]) - _FIRST_NODE)
    if (found := _CONTENT.fullmatch(below)) is None:
        return None
    item = item_of(board, found[1])
    if item is not None and not below.startswith(f"{item.published:%Y-%m/%d}/"):
        item = None
    return article_reply(board, item, lambda it: _article(board, it))


def _issues(board: Board) -> dict[date, list[Item]]:
    """The issues, the newest first, each with its articles."""
    issues: dict[date, list[Item]] = {}
    for item in board.newest(0, board.count()):
        issues.setdefault(item.published.date(), []).append(item)
    return dict(sorted(issues.items(), reverse=True))


def _door(board: Board) -> Reply:
    newest = next(iter(_issues(board)), None)
    if newest is None:
        return Reply(body="<html><body>报纸正在制作</body></html>".encode())
    target = f"{newest:%Y-%m/%d}/node_{_FIRST_NODE}.htm"
    text = f'<html><head><META HTTP-EQUIV="REFRESH" CONTENT="0; URL={target}"></head><body></body></html>'
    return Reply(body=encoded(text, "utf-8")[0])


def _node(board: Board, day: date, page: int) -> Reply:
    """One page of an issue. The last one is an advertisement."""
    issues, style = _issues(board), board.style
    issue = issues.get(day, [])
    pages: Sequence[Sequence[Item]] = [
        *(issue[start : start + _ON_A_PAGE] for start in range(0, len(issue), _ON_A_PAGE)),
        [],
    ]
    if not issue or page >= len(pages):
        return Reply(status=404, body=b"<html><body>404</body></html>")
    own = place_of(board) != "/paperindex.htm"
    rows_name = style.name("rows") if own else "main-ed-articlenav-list"
    links_name = style.name("pages") if own else "pageLink"
    items = pages[page]
    rows = "".join(
        f'<li><a href="content_{number_of(item)}.htm?div={place}">{escape(item.title)}</a></li>'
        for place, item in enumerate(items)
    )
    areas = "".join(f'<area coords="0,0,9,9" href="content_{number_of(item)}.htm?div=-1">' for item in items)
    nodes = "".join(
        f'<div><a id="{links_name}" href="node_{n + _FIRST_NODE}.htm">第{n + 1:02}版：{_SECTIONS[n % 3]}</a>'
        f'<a href="/images/page{n + 1}.pdf"><img src="/images/pdf.gif"></a></div>'
        for n in range(len(pages))
    )
    earlier = next((other for other in issues if other < day), None)
    back = "" if earlier is None else f'<a href="../../{earlier:%Y-%m/%d}/node_{_FIRST_NODE}.htm">上一期</a>'
    text = f"""<!DOCTYPE html><html><head><meta charset="utf-8">
<title>{board.site_name} {day:%Y-%m-%d}</title></head><body>
<div class="{style.name("top")}">{day:%Y年%m月%d日} {back} <a href="/">返回首页</a></div>
<map name="PagePicMap">{areas}</map><div class="{style.name("left")}">{nodes}</div>
<ul class="{rows_name}">{rows}</ul></body></html>"""
    return list_reply(items, text)


def _article(board: Board, item: Item) -> str:
    body = "".join(f"<P>　　{escape(paragraph)}</P>" for paragraph in item.paragraphs)
    others = [it for it in board.newest(0, 30) if it.published.date() == item.published.date() and it.key != item.key]
    beside = "".join(f'<li><a href="content_{number_of(it)}.htm?div=1">{escape(it.title)}</a></li>' for it in others)
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(item.title)}</title></head><body>
<div class="top">{item.published:%Y年%m月%d日} 星期{"一二三四五六日"[item.published.weekday()]}</div>
<ul class="main-ed-articlenav-list">{beside}</ul>
<div class="main-article-content"><div class="main-article-alltitle"><p class="main-article-pretitle"></p>
<p class="main-article-title">{escape(item.title)}</p><p class="main-article-subtitle"></p>
<p class="main-article-author">本报记者 {escape(item.author or "")}</p></div>
<div id="ozoom"><founder-content>{body}</founder-content></div></div>
<div class="foot">{board.site_name} 版权所有</div></body></html>"""
