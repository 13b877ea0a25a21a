"""Pages that only lead on: where a meta refresh or a script's change of location takes the reader. Pure."""

import re
from html import unescape
from urllib.parse import urldefrag, urljoin, urlsplit

#: A refresh with an address; its attributes come in either order, quoted or not.
_META = re.compile(r"<meta\b[^<>]{0,400}>", re.IGNORECASE)
_IS_REFRESH = re.compile(r"http-equiv\s*=\s*[\"']?\s*refresh\b", re.IGNORECASE)
_REFRESH_URL = re.compile(
    r"content\s*=\s*(?P<quote>[\"']?)\s*[\d.]*\s*[;,]?\s*url\s*=\s*(?P<inner>[\"']?)(?P<url>[^\"'>\s]{1,1000})",
    re.IGNORECASE,
)
#: A script that goes elsewhere. Of an address that is put together (`'/a?id=' + id`) only the beginning is known.
_SCRIPT = re.compile(
    r"(?<![\w$])(?:(?:window|document|self|top|parent)\s*\.\s*)*location"
    r"(?:\s*\.\s*href)?(?:\s*\.\s*(?:replace|assign)\s*\(\s*|\s*=\s*)"
    r"(?P<quote>[\"'])(?P<url>[^\"'<>\s]{1,1000})(?P=quote)(?P<more>\s*\+)?",
    re.IGNORECASE,
)

#: Second-level names below which everybody registers: `example.gov.cn` belongs to somebody, `gov.cn` does not.
_FOR_ALL = frozenset({"ac", "co", "com", "edu", "gov", "mil", "net", "org"})


def jump_address(markup: str) -> str | None:
    """The address that a page sends its reader to, as it is written; None where it sends nowhere.

    >>> jump_address('<meta content="0; URL=2026-01/02/node_1.htm" http-equiv=refresh>')
    '2026-01/02/node_1.htm'
    """
    found = _found(markup)
    return found[0] if found else None


def jump_target(markup: str, base: str | None) -> str | None:
    """The absolute http(s) address that a page sends its reader to; None where it stays, runs a script, or
    puts the address together.

    Whether the page says anything beside its jump is the caller's to judge.

    >>> jump_target("<script>location.href='./index.html'</script>", "https://www.example.gov.cn/col/")
    'https://www.example.gov.cn/col/index.html'
    """
    found = _found(markup)
    if found is None or not found[1]:
        return None
    try:
        target = urldefrag(urljoin(base or "", found[0])).url
        host = urlsplit(target).hostname
    except ValueError:
        return None
    if not host or not target.startswith(("http://", "https://")) or target == urldefrag(base or "").url:
        return None
    return target


def is_same_site(one: str, other: str) -> bool:
    """Whether two URLs are of one owner: the same host, or hosts below one registered name.

    >>> is_same_site("http://www.example.gov.cn/", "https://zwgk.example.gov.cn/list")
    True
    >>> is_same_site("https://www.example.gov.cn/", "https://www.elsewhere.gov.cn/")
    False
    """
    try:
        here, there = (urlsplit(url).hostname for url in (one, other))
    except ValueError:
        return False
    return bool(here) and bool(there) and (here == there or _registered(str(here)) == _registered(str(there)))


def _registered(host: str) -> str:
    """The name that its owner registered: two labels, or three where the second last is one of those for all."""
    labels = host.rstrip(".").split(".")
    if labels[-1].isdigit() or ":" in host:
        return host  # an address has no owner that its parts could tell
    return ".".join(labels[-3:] if len(labels[-1]) == 2 and labels[-2:-1] and labels[-2] in _FOR_ALL else labels[-2:])


def _found(markup: str) -> tuple[str, bool] | None:
    """The address, and whether it is the whole of it."""
    for meta in _META.finditer(markup):
        if _IS_REFRESH.search(meta[0]) and (found := _REFRESH_URL.search(meta[0])) is not None:
            return unescape(found["url"]), True
    script = _SCRIPT.search(markup)
    return None if script is None else (unescape(script["url"].replace("\\/", "/")), script["more"] is None)
