"""gov.cn's latest policies: one static file, an array of the newest documents with a byte order mark before it."""

import json
from typing import Any
from urllib.parse import urlsplit

from monitor.demo.sites.answers import Asked, Reply
from monitor.demo.sites.kinds import Board, Style
from monitor.demo.sites.kinds.govcn_pages import article_page, article_path, found

engine = "json_list"

#: Recent ones only; there is no second page.
_ROWS = 40


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    return {
        "engine": engine,
        "url": f"{root}/zhengce/zuixin{number}/ZUIXINZHENGCE.json",
        "fields": {"url": "URL", "title": "TITLE", "published": "DOCRELPUBTIME"},
    }


def answer(asked: Asked, board: Board) -> Reply | None:
    if asked.path == urlsplit(str(board.entry["url"])).path:
        items = board.newest(0, _ROWS)
        rows = [
            {
                "TITLE": item.title,
                "SUB_TITLE": "",
                "URL": asked.root + article_path("", item),
                "DOCRELPUBTIME": f"{item.published:%Y-%m-%d}",
            }
            for item in items
        ]
        body = json.dumps(rows, ensure_ascii=False, indent=1).encode("utf-8-sig")
        return Reply(body=body, content_type="application/json", listed=tuple(item.key for item in items))
    item = found(asked, board)
    return None if item is None else article_page(asked, board, item, with_table=False)
