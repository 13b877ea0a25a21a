"""Says which URLs name the same article; pure."""

import re
from urllib.parse import urlsplit, urlunsplit

_PORTS = {"http": 80, "https": 443}
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
