"""Whether the address that answered is still the document that was asked for. Pure."""

import re
from collections.abc import Sequence
from enum import Enum, auto
from urllib.parse import parse_qsl, unquote, urlsplit

from crawler.jump import is_same_site

_FRONT = re.compile(r"/*(?:(?:index|default|home|main)(?:\.\w{2,5})?/?)?", re.IGNORECASE)
_LOGIN = re.compile(
    r"/(?:login|logon|signin|sso|cas|passport|oauth2?|auth|authenticate|captiveportal|portal/auth)(?:[/.;?]|$)"
    r"|^(?:login|passport|sso|auth|portal|uaa)\.",
    re.IGNORECASE,
)
_ENDING = re.compile(r"(?:\.(?:d\.)?(?:s?html?|jspx?|aspx?|php|do|action))+$", re.IGNORECASE)
_DIGITS = re.compile(r"\d")
#: A day or a month in an address is shared by all articles of that day.
_DATE = re.compile(r"t?(?:19|20)\d{2}(?:0?[1-9]|1[0-2])?(?:[0-3]\d)?$")
#: Parts of a query that say how we came, not what we asked for.
_PASSING = re.compile(
    r"^(?:utm_\w+|spm|from|source|src|ref|share\w*|wfr|vd_source|_|t|ts|timestamp|div)$", re.IGNORECASE
)
#: A number as short as this is another article's in another column.
_TELLING = 5


class Got(Enum):
    """What a redirect led to."""

    SAME = auto()  # the document, under another spelling of its address
    UNSURE = auto()  # its title must tell
    OTHER = auto()  # another document, by its number
    FRONT = auto()  # the front page
    LOGIN = auto()


def compare(asked: str, got: str) -> Got:
    """What the address that answered is to the one that was asked for. Pure.

    The same document: scheme, `www.` and the mobile host, slashes, the ending and passing parts of the query are
    another spelling; so is a move within the site that keeps the document's number.

    >>> compare("http://example.gov.cn/art/2023/7/6/art_1229_58945.html", "https://www.example.gov.cn/?id=58945")
    <Got.SAME: 1>
    >>> compare("https://zj.example.com/news.html?id=1234567", "https://tide.example.org/news.html?id=1234567")
    <Got.UNSURE: 2>
    """
    if asked == got or _spelled(asked) == _spelled(got):
        return Got.SAME
    if is_front(got) and not is_front(asked):
        return Got.FRONT
    if is_login(got) and not is_login(asked):
        return Got.LOGIN
    wanted, found = _numbers(asked), _numbers(got)
    if not wanted or not found:
        return Got.UNSURE
    if _own(wanted) not in found and _own(found) not in wanted:
        return Got.OTHER
    return Got.SAME if len(_own(wanted)) >= _TELLING and is_same_site(asked, got) else Got.UNSURE


def is_front(url: str) -> bool:
    """Whether the address is a site's front page. Pure."""
    parts = _split(url)
    return parts is not None and not parts[2] and _FRONT.fullmatch(parts[1]) is not None


def is_login(url: str) -> bool:
    """Whether the address asks its reader who he is. Pure."""
    parts = _split(url)
    return parts is not None and (_LOGIN.search(parts[1]) is not None or _LOGIN.search(parts[0]) is not None)


def _spelled(url: str) -> tuple[str, str, frozenset[tuple[str, str]]] | None:
    parts = _split(url)
    if parts is None:
        return None
    host, path, query = parts
    meant = frozenset(pair for pair in parse_qsl(query, keep_blank_values=True) if not _PASSING.match(pair[0]))
    path = re.sub(r"/(?:index|default)\.\w{2,5}$", "/", path)
    return re.sub(r"^(?:www|wap|m|3g)\.", "", host), _ENDING.sub("", re.sub(r"/+", "/", path)).rstrip("/"), meant


def _own(numbers: Sequence[str]) -> str:
    """The document's own number: the last (those before it are its column's), but for the number of a page."""
    return next((number for number in reversed(numbers) if len(number) >= _TELLING), numbers[-1])


def _numbers(url: str) -> list[str]:
    """What may be the number of a document: parts with digits of the last of the path and of the query's values."""
    parts = _split(url)
    if parts is None:
        return []
    _, path, query = parts
    last = _ENDING.sub("", path.rstrip("/").rpartition("/")[2])
    values = [value for name, value in parse_qsl(query) if not _PASSING.match(name)]
    pieces = [piece for text in (last, *values) for piece in re.split(r"[^0-9A-Za-z]+", text)]
    return [piece.lower() for piece in pieces if _DIGITS.search(piece) and not _DATE.match(piece)]


def _split(url: str) -> tuple[str, str, str] | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return (parts.hostname or "").lower(), unquote(parts.path), parts.query
