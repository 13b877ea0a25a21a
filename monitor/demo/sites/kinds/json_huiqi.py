"""A province's library of aid to firms: its list and its articles are both JSON, and both are posted for."""

from typing import Any
from urllib.parse import urlsplit

from monitor.demo.sites.answers import Asked, Reply, escape
from monitor.demo.sites.kinds import Board, Style
from monitor.demo.sites.kinds.json_pages import asks_for, by_number, list_reply, listed, number_of, page_reply, window

engine = "json_list"

_ROWS = 100
_DETAIL = "PolicyInfo/pcConsultDetail"


def entry(root: str, number: int, style: Style) -> dict[str, Any]:
    blank = ("keywords", "policyCategory", "applyAreaId", "isDeclare", "declareClick")
    return {
        "engine": engine,
        "url": f"{root}/webapi/extMsPolicyInfo/list",
        "form": {"pageSize": _ROWS, "orderby": 2, "departmentId": number, **dict.fromkeys(blank, "")},
        "rows": "body.list",
        "fields": {
            "url": f"id && join('', ['/webapi/{_DETAIL}?id=', to_string(id)])",
            "title": "title",
            "published": "publishDate",
        },
        "page": {"param": "pageNum", "size": _ROWS},
        "detail": {
            "method": "POST",
            "title": "body.title",
            "body": "body.content || body.content_trim",
            "published": "body.publishdate",
            "origin": "body.department",
        },
    }


def answer(asked: Asked, board: Board) -> Reply | None:
    is_list = asks_for(asked, board)
    if not is_list and asked.path != urlsplit(str(board.entry["url"])).path.replace("extMsPolicyInfo/list", _DETAIL):
        return None
    if asked.method != "POST":
        return list_reply({"status": 0, "message": "请求方式不支持", "body": None}, ())
    return _list(asked, board) if is_list else _detail(asked, board)


def _list(asked: Asked, board: Board) -> Reply:
    items = listed(asked, board, _ROWS)
    rows = [
        {"id": number_of(item), "title": item.title, "publishDate": f"{item.published:%Y-%m-%d %H:%M}:00"}
        for item in items
    ]
    _, size = window(asked, board, _ROWS)
    return list_reply(
        {"status": 1, "message": "", "body": {"totalPage": -(-board.count() // size), "list": rows}}, items
    )


def _detail(asked: Asked, board: Board) -> Reply | None:
    identity = asked.form.get("id", "")
    item = by_number(board, identity) if identity.isdigit() else None
    if item is None:
        return None
    content = "".join(f'<p style="text-indent:2em">{escape(paragraph)}</p>' for paragraph in item.paragraphs)
    body = {
        "title": item.title,
        "code": item.doc_number,
        "department": item.origin,
        "publishdate": f"{item.published:%Y-%m-%d %H:%M}:00",
        "content": content,
        "content_trim": "".join(item.paragraphs),
        "intercontent": None,
    }
    reply = list_reply({"status": 1, "message": "", "body": body}, ())
    page = page_reply(board, item, reply.body.decode())
    return (
        page
        if item.gone is not None
        else Reply(body=page.body, content_type=reply.content_type, article=item.key, version=item.version)
    )
