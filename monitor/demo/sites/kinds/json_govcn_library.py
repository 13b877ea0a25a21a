"""The policy library of gov.cn: rows in listVO, or in one listVO for each of four collections, `<em>` in titles."""

import re
from typing import Any

from monitor.demo.sites.answers import Asked, Reply, cut, escape
from monitor.demo.sites.kinds import Board, Item, Style
from monitor.demo.sites.kinds.govcn_pages import article_page, article_path, found
from monitor.demo.sites.kinds.json_pages import asks_for, list_reply, listed, number_of, said, window

engine = "json_list"

_COLLECTIONS = ("gongwen", "bumenfile", "otherfile", "gongbao")
_ROWS = 50
_PATHS = {"zhengcelibrary_gw": "content", "zhengcelibrary_bm": "zhengceku"}


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    which = style.choice("library", *_PATHS, "zhengcelibrary")
    return {
        "engine": engine,
        "url": f"{root}/search-gov/data",
        "params": {
            "t": which,
            "q": "",
            "timetype": "timeqb",
            "sort": "pubtime",
            "sortType": 1,
            "searchfield": "title",
            "childtype": number,
            "type": "gwyzcwjk",
            "n": 20,
        },
        "rows": "searchVO.catMap.*.listVO[]" if which == "zhengcelibrary" else "searchVO.listVO",
        "fields": {"url": "url", "title": "title", "published": "pubtimeStr || pubtime", "origin": "puborg"},
        "page": {"param": "p", "size": 20},
    }


def answer(asked: Asked, board: Board) -> Reply | None:
    if asks_for(asked, board):
        return _all(asked, board) if said(board).get("t") == "zhengcelibrary" else _one(asked, board)
    item = found(asked, board)
    return None if item is None else article_page(asked, board, item, with_table=True)


def _one(asked: Asked, board: Board) -> Reply:
    items = listed(asked, board, _ROWS)
    rows = [_row(asked, board, item) for item in items]
    _, size = window(asked, board, _ROWS)
    total = board.count()
    answered = {"totalCount": total, "totalpage": -(-total // size), "catMap": None, "listVO": rows}
    return list_reply({"code": 200, "msg": "操作成功", "searchVO": answered}, items)


def _all(asked: Asked, board: Board) -> Reply:
    """Each collection is paged for itself, and has a total of its own."""
    start, size = window(asked, board, _ROWS)
    shelves: dict[str, list[Item]] = {name: [] for name in _COLLECTIONS}
    for item in board.newest(0, board.count()):
        shelves[_COLLECTIONS[int(item.key[-2], 16) % 4]].append(item)
    pages = {name: items[start : start + size] for name, items in shelves.items()}
    groups = {
        name: {"totalCount": len(shelves[name]), "listVO": [_row(asked, board, item) for item in items]}
        for name, items in pages.items()
    }
    shown = [item for items in pages.values() for item in items]
    return list_reply({"code": 200, "searchVO": {"totalCount": 0, "catMap": groups, "listVO": None}}, shown)


def _row(asked: Asked, board: Board, item: Item) -> dict[str, Any]:
    day = item.published.replace(hour=0, minute=0)
    # The library knows days, and counts them from midnight in Greenwich.
    midnight = int(day.timestamp() + (day.utcoffset() or day - day).total_seconds()) * 1000
    marked = re.sub(r"(产业|数字|经济|工厂)", r"<em>\1</em>", escape(item.title), count=1)
    folder = _PATHS.get(str(said(board).get("t")), "content")
    return {
        "id": str(number_of(item)),
        "title": marked,
        "summary": cut(item.paragraphs[0], 60),
        "url": asked.root + article_path(folder, item),
        "pcode": item.doc_number or "",
        "puborg": item.origin or "",
        "childtype": "工业、交通\\信息产业(含电信)",
        "pubtime": midnight,
        "ptime": midnight - 86_400_000,
        "pubtimeStr": f"{item.published:%Y.%m.%d}",
        "source": "",
    }
