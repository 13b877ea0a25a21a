"""What the kinds with JSON lists share: which rows a request asks for, and how an item's address keeps its key."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from monitor.demo.sites.answers import Asked, Reply, escape, not_found
from monitor.demo.sites.kinds import Board, Item

JSON = "application/json;charset=UTF-8"


def asks_for(asked: Asked, board: Board) -> bool:
    """Whether a request is for this column's list: its address, and all that the entry says but the page's number."""
    url = urlsplit(str(board.entry["url"]))
    if asked.path != url.path:
        return False
    sent = {**asked.query, **asked.form}
    wanted = {**dict(parse_qsl(url.query, keep_blank_values=True)), **said(board)}
    counter = board.entry.get("page", {}).get("param")
    return all(sent.get(name) == str(value) for name, value in wanted.items() if name != counter)


def said(board: Board) -> Mapping[str, Any]:
    """The parameters of the entry, wherever they go."""
    return {**board.entry.get("params", {}), **board.entry.get("form", {})}


def window(asked: Asked, board: Board, rows: int) -> tuple[int, int]:
    """Start and length of the page asked for, by the entry's own counter; `rows` where it says no size."""
    keys = board.entry.get("page", {})
    first, size = int(keys.get("first", 1)), int(keys.get("size", rows))
    number = {**asked.query, **asked.form}.get(str(keys.get("param", "")), "")
    return (max(0, int(number) - first) * size if number.isdigit() else 0), size


def listed(asked: Asked, board: Board, rows: int) -> Sequence[Item]:
    return board.newest(*window(asked, board, rows))


def number_of(item: Item) -> int:
    """The item's key as the decimal number of an address; `by_number` finds the item again."""
    return int(item.key, 16)


def by_number(board: Board, digits: str) -> Item | None:
    return board.find(f"{int(digits):016x}") if len(digits) <= 20 else None


def list_reply(document: Any, items: Sequence[Item], *, ascii_only: bool = False) -> Reply:
    text = json.dumps(document, ensure_ascii=ascii_only, separators=(",", ":"))
    return Reply(body=text.encode(), content_type=JSON, listed=tuple(item.key for item in items))


def refused(status: int, board: Board) -> Reply:
    """What a plain filter answers."""
    return Reply(status=status, body=f"<html><title>{status}</title><body>{status} Forbidden</body></html>".encode())


def page_reply(board: Board, item: Item, text: str) -> Reply:
    """The item's page as it stands, or what stands where it was withdrawn."""
    if item.gone is not None:
        return Reply(status=item.gone, body=not_found(board.site_name).body, article=item.key)
    return Reply(body=text.encode(), article=item.key, version=item.version)


def paragraphs(item: Item, *, indent: str = "　　") -> str:
    return "\n".join(f"<p>{indent}{escape(paragraph)}</p>" for paragraph in item.paragraphs)


def others(board: Board, item: Item, name: str, path: str) -> str:
    """A block of other articles; it changes whenever one is published. path: where each of them leads."""
    rows = "".join(
        f'<li><a href="{path}">{escape(other.title)}</a></li>' for other in board.newest(0, 6) if other.key != item.key
    )
    return f'<div class="{name}"><h3>相关阅读</h3><ul>{rows}</ul></div>'
