"""How engines word their requests: a query with some keys replaced, a form posted as a script of the page does it."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawler.records import Capture, Fetch

_FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}


def query_of(url: str) -> dict[str, str]:
    """The keys of a URL's query, empty ones too; of a repeated key the last. Pure."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def with_query(url: str, keys: Mapping[str, str]) -> str:
    """The URL with these keys in its query, in the place of its own where it has them; as it is without keys. Pure.

    >>> with_query("https://www.example.cn/roll?k=1&page=1", {"page": "2"})
    'https://www.example.cn/roll?k=1&page=2'
    """
    return urlunsplit(urlsplit(url)._replace(query=urlencode({**query_of(url), **keys}))) if keys else url


def bare(url: str) -> str:
    """The URL without its query. Pure."""
    return urlunsplit(urlsplit(url)._replace(query=""))


def by_script(referer: str) -> dict[str, str]:
    """The headers of what a page's script asks for; bare requests get a 403 from some ministries."""
    return {"Referer": referer, "X-Requested-With": "XMLHttpRequest"}


def posted(url: str, form: Mapping[str, str], *, referer: str) -> Fetch:
    """A form as a page's script posts it. Pure."""
    return Fetch(url=url, method="POST", headers={**by_script(referer), **_FORM}, body=urlencode(form).encode())


def form_in(body: bytes | None) -> dict[str, str]:
    """The form that a request's body is; empty where there is none. Pure."""
    return dict(parse_qsl((body or b"").decode("utf-8", errors="replace"), keep_blank_values=True))


def referer_of(page: Capture, otherwise: str) -> str:
    """The page whose script asked for this one: relative links in the answer are meant from there. Pure."""
    return (page.asked.headers.get("Referer") if page.asked is not None else None) or otherwise


def whole_number(text: str | None) -> int | None:
    """Digits as a number; None for anything else.

    >>> whole_number("15"), whole_number("15px"), whole_number(None)
    (15, None, None)
    """
    return int(text) if text is not None and text.isascii() and text.isdigit() else None
