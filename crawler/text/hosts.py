"""Which hosts count as one: the groups of the configuration that share a gap."""

import fnmatch
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

_USUAL = {"http": 80, "https": 443}


def group_of(url: str, groups: Mapping[str, Iterable[str]]) -> str:
    """The name under which a URL's host is asked in turn: its group's, else its own host. Pure.

    With a port that is not the scheme's, since two servers on one machine are two hosts. groups: name -> patterns.

    >>> group_of("https://kjt.zj.gov.cn/a", {"zj.gov.cn": ("*.zj.gov.cn",)}), group_of("http://127.0.0.1:8080/", {})
    ('zj.gov.cn', '127.0.0.1:8080')
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    for name, patterns in groups.items():
        if any(fnmatch.fnmatchcase(host, pattern.lower()) for pattern in (name, *patterns)):
            return name
    return host if port in (None, _USUAL.get(parts.scheme)) else f"{host}:{port}"
