"""What the kinds of static sites share: an item's number in addresses, its page while it is there, its pages."""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from monitor.demo.sites.answers import HTML, Reply, not_found
from monitor.demo.sites.kinds import Board, Item

_LARGEST = 2**64


def number_of(item: Item) -> int:
    """The key as a decimal number, from which `item_of` finds it again."""
    return int(item.key, 16)


def item_of(board: Board, digits: str) -> Item | None:
    """The column's item of that number."""
    number = int(digits)
    return board.find(f"{number:016x}") if number < _LARGEST else None


def place_of(board: Board) -> str:
    """The path of the column's list as its entry gives it."""
    return urlsplit(str(board.entry["url"])).path or "/"


def folder_of(board: Board) -> str:
    """The folder of the column's list, with a slash at its end."""
    return place_of(board).rpartition("/")[0] + "/"


def article_reply(board: Board, item: Item | None, text: Callable[[Item], str], *, charset: str = "utf-8") -> Reply:
    """The article's page; where it was withdrawn or never was, the site's 404 page."""
    if item is None:
        return not_found(board.site_name)
    if item.gone is not None:
        return Reply(status=item.gone, body=not_found(board.site_name).body, article=item.key)
    body, content_type = encoded(text(item), charset)
    return Reply(body=body, content_type=content_type, article=item.key, version=item.version)


def list_reply(items: Sequence[Item], text: str, *, charset: str = "utf-8") -> Reply:
    """A page of the list, which shows these items."""
    body, content_type = encoded(text, charset)
    return Reply(body=body, content_type=content_type, listed=tuple(item.key for item in items))


def encoded(text: str, charset: str) -> tuple[bytes, str]:
    """The bytes, and a header that names the charset only where it is UTF-8: the old sites name it in the page."""
    if charset == "utf-8":
        return text.encode(), HTML
    return text.encode(charset, errors="xmlcharrefreplace"), "text/html"


def parts_of(item: Item) -> tuple[tuple[str, ...], ...]:
    """The paragraphs of each of the item's pages; no more pages than paragraphs."""
    pages = max(1, min(item.pages, len(item.paragraphs)))
    size = -(-len(item.paragraphs) // pages)
    return tuple(item.paragraphs[start : start + size] for start in range(0, len(item.paragraphs), size))
