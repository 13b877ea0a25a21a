"""Sina's live feed: flashes that are whole in their rows, at most ten a page whatever is asked for."""

from typing import Any
from urllib.parse import urlsplit

from monitor.demo.sites.answers import Asked, Reply, as_json
from monitor.demo.sites.kinds import Board, Item, Style

engine = "sina_live"

_FEED = "/api/zhibo/feed"
_MOST = 10
_SHORT = 80


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    return {"engine": engine, "url": root + _FEED, "params": {"zhibo_id": str(150 + number)}}


def answer(asked: Asked, board: Board) -> Reply | None:
    if asked.path != urlsplit(str(board.entry["url"])).path:
        return None
    room = str(board.entry["params"]["zhibo_id"])
    tag = str(board.entry["params"].get("tag_id", "0"))
    if (asked.query.get("zhibo_id"), asked.query.get("tag_id", "0")) != (room, tag):
        return None
    page = int(asked.query["page"]) if asked.query.get("page", "").isdecimal() else 1
    items = board.newest((max(1, page) - 1) * _MOST, _MOST)
    # An empty list is an empty string, as PHP has it.
    feed: dict[str, Any] = {"list": [_row(asked, room, item) for item in items] or ""}
    if board.style.choice("page_info", "", "yes"):
        feed["page_info"] = {"totalPage": -(-board.count() // _MOST), "pageSize": _MOST, "page": page}
    answered = {"result": {"status": {"code": 0, "msg": "ok"}, "data": {"feed": feed}}}
    return Reply(
        body=as_json(answered).encode(),
        content_type="application/json; charset=utf-8",
        listed=tuple(item.key for item in items),
    )


def _row(asked: Asked, room: str, item: Item) -> dict[str, Any]:
    """The flash: its headline in 【】 and its first words. Some rows have a page of their own, named in one of two
    places; some have none."""
    page = f"{asked.root}/7x24/{item.published:%Y-%m-%d}/detail-{item.key}.d.html"
    named = item.number % 3
    ext: dict[str, Any] = {"stocks": [], "docid": f"comos:{item.key}"}
    if named == 1:
        ext["docurl"] = page
    if item.number % 4 == 0:
        ext["stocks"] = [{"market": "cn", "symbol": "sh600177", "key": "示例"}]
    return {
        "id": int(item.key, 16),
        "zhibo_id": int(room),
        "rich_text": f"【{item.title}】{item.paragraphs[0][:_SHORT]}",
        "create_time": f"{item.published:%Y-%m-%d %H:%M:%S}",
        "creator": "someone@example.com",
        "docurl": page if named == 2 else "",
        "multimedia": "",
        "tag": [{"id": "1", "name": "宏观"}] if item.number % 2 else "",
        "ext": as_json(ext) if named else "",
    }
