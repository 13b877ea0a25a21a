"""Says which URLs name the same article, and which may; pure."""

import re
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

_PORTS = {"http": 80, "https": 443}
_WEB = ("http://", "https://")
#: Parameters that say where the reader came from, wherever they stand.
_TRACKING = re.compile(r"utm_[a-z_]+|spm|fbclid|gclid|isappinstalled|share_token|wechat_?share", re.IGNORECASE)
#: `from` may also be a place or a page number; these values of it only name the app that shared the link.
_SHARED_BY = re.compile(
    r"from=(singlemessage|groupmessage|timeline|appmsg|weibo|wechat|weixin|qq|wap|app|mobile|pc|index|home|share)",
    re.IGNORECASE,
)
_UNSEEN = re.compile(r"[\x00-\x20\x7f\ud800-\udfff]+")


def canonical_url(url: str) -> str:
    """The URL by which the corpus knows an article. Pure; canonical of canonical is itself.

    Scheme and host in lower case; default port, fragment and tracking parameters gone. Everything else may be part of
    the name and stays, the order of the parameters and a fragment that is a path (`#/`, `#!`) included.

    >>> canonical_url("HTTPS://News.Example.COM:443/a/1.html?id=7&utm_source=x&from=timeline#top")
    'https://news.example.com/a/1.html?id=7'
    """
    tidy = _UNSEEN.sub("", url)
    try:
        parts = urlsplit(tidy)
        port = parts.port
    except ValueError:
        return tidy
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not parts.hostname:
        return tidy
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.rstrip(".") or parts.hostname
    if port is not None and port != _PORTS[scheme]:
        host = f"{host}:{port}"
    kept = [part for part in parts.query.split("&") if part and not _is_tracking(part)]
    fragment = parts.fragment if parts.fragment.startswith(("/", "!")) else ""
    return urlunsplit((scheme, host, parts.path or "/", "&".join(kept), fragment))


def _is_tracking(part: str) -> bool:
    return _TRACKING.fullmatch(part.partition("=")[0]) is not None or _SHARED_BY.fullmatch(part) is not None


# -- addresses of one document


class Kinship(StrEnum):
    """What the form of two addresses says of their documents."""

    NONE = "none"
    SAME = "same"  # http and https, with www and without, the mobile copy: the same document wherever it stands
    PLATFORM = "platform"  # the old and the new form of Hanweb's addresses, which share no number


#: First labels of hosts that serve the same pages to telephones.
_MOBILE = frozenset({"m", "wap", "3g", "mobile", "h5", "touch", "mip"})
#: A single first folder that does.
_MOBILE_FOLDER = re.compile(r"/(?:m|wap|3g|mobile|h5|touch|mip)(?=/.)", re.IGNORECASE)
#: `doc-i<id>.shtml` and its mobile twin `detail-i<id>.d.html`.
_SINA_HOST = re.compile(r"(?:[a-z0-9-]+\.)*sina(?:\.com)?\.cn")
_SINA_ARTICLE = re.compile(r"/(\d{4}-\d\d-\d\d)/(?:doc|detail)-i([a-z0-9]{13,17})\.(?:shtml|d\.html)")
_HANWEB_OLD = re.compile(r"/art/\d{4}/\d{1,2}/\d{1,2}/art_\d+_\d+\.html")
_HANWEB_NEW = re.compile(r"/(?:.+/)?art/\d{4}/art_[0-9a-f]{32}\.html")
#: Names of a visit, not of a page.
_SESSION_PATH = re.compile(r";[a-z]*sessionid(?:_[a-z]+)?=[^/?;]*", re.IGNORECASE)
_SESSION = re.compile(
    r"(?:jsessionid|phpsessid|aspsessionid[a-z]*|sessionid|session_id|rnd|rand|random|timestamp)=[^&]*"
    r"|sid=[0-9a-f]{16,}|r=0?\.\d+|(?:_|t)=\d{10,13}|(?:wap|mobile)=\w*",
    re.IGNORECASE,
)


def bare_host(url: str) -> str:
    """The URL's host, with its port, as it would be without `www.`, `m.` and the like. Pure.

    >>> bare_host("http://m.yw.example/a"), bare_host("https://finance.sina.cn/a")
    ('yw.example', 'finance.sina.com.cn')
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    first, _, rest = host.partition(".")
    if (first == "www" or first in _MOBILE) and "." in rest:
        host = rest
    if host.endswith(".sina.cn") or host == "sina.cn":
        host = f"{host.removesuffix('sina.cn')}sina.com.cn"
    return host if port in (None, *_PORTS.values()) else f"{host}:{port}"


def _document(url: str) -> str:
    """Equal for two addresses whose form says that they name the same document."""
    url = canonical_url(url)
    host, parts = bare_host(url), urlsplit(url)
    sina = _SINA_ARTICLE.search(parts.path) if _SINA_HOST.fullmatch(host) else None
    if sina is not None:
        return f"sina {sina[1]} {sina[2]}"
    path = _SESSION_PATH.sub("", parts.path)
    path = _MOBILE_FOLDER.sub("", path, count=1) if _MOBILE_FOLDER.match(path) else path
    query = "&".join(part for part in parts.query.split("&") if part and not _SESSION.fullmatch(part))
    return f"{host}{path}?{query}#{parts.fragment}"


def kinship(one: str, other: str) -> Kinship:
    """What the form of two addresses says; whether they hold the same text is for others to see. Pure.

    >>> kinship("http://www.yw.example/a/1.html", "https://m.yw.example/a/1.html").value
    'same'
    """
    host = bare_host(one)
    if not host or not one.startswith(_WEB) or not other.startswith(_WEB):
        return Kinship.NONE
    if host == bare_host(other) and _document(one) == _document(other):
        return Kinship.SAME
    if host == bare_host(other) and {_hanweb(urlsplit(one).path), _hanweb(urlsplit(other).path)} == {
        _HANWEB_OLD,
        _HANWEB_NEW,
    }:
        return Kinship.PLATFORM
    return Kinship.NONE


def _hanweb(path: str) -> re.Pattern[str] | None:
    return next((form for form in (_HANWEB_OLD, _HANWEB_NEW) if form.fullmatch(path)), None)


def better(held: str, found: str) -> bool:
    """Whether, of two addresses at which one document stands, the second is the one to ask. Pure.

    The computer's before the telephone's, then https, then the platform's new form, then the one without a session; the
    one that is held where nothing tells them apart.
    """
    return _rank(found) > _rank(held)


def _rank(url: str) -> tuple[bool, bool, bool, int]:
    parts = urlsplit(url if bare_host(url) else "")
    host = parts.hostname or ""
    mobile = host.partition(".")[0] in _MOBILE or host.endswith("sina.cn") or bool(_MOBILE_FOLDER.match(parts.path))
    visit = len(_SESSION_PATH.findall(parts.path)) + sum(
        _SESSION.fullmatch(part) is not None for part in parts.query.split("&")
    )
    return not mobile, parts.scheme == "https", _hanweb(parts.path) is _HANWEB_NEW, -visit
