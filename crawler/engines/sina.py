"""What Sina's two interfaces have in common: `result` in JSON that may be wrapped, and addresses that come as twins."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from crawler.jsondoc import read_json
from crawler.lists.rows import absolute, unreadable
from crawler.records import Capture, Source
from crawler.text.charset import decode

_SITES = (".sina.com.cn", ".sina.cn")


def result_of(source: Source, page: Capture, *, check: str) -> Mapping[str, Any]:
    """The answer's `result`; its status is 0. Raises ListingError for anything else, with `check` as the remedy."""
    text = decode(page.body, content_type=page.content_type, charset=source.charset).text
    try:
        document = read_json(text)
    except ValueError:
        raise unreadable(source, page, "is not JSON; check url and params") from None
    result = document.get("result") if isinstance(document, dict) else None
    if not isinstance(result, dict):
        raise unreadable(source, page, "has no `result`; the interface has changed")
    status = mapping(result.get("status"))
    if str(status.get("code")) != "0":
        raise unreadable(source, page, f"answers status {status.get('code')} {status.get('msg') or ''}; {check}")
    return result


def mapping(value: Any) -> Mapping[str, Any]:
    """An object, or nothing: PHP writes an empty one as `[]`, `""` or `{}`. Pure.

    >>> mapping([]), mapping(""), mapping({"code": 0})
    ({}, {}, {'code': 0})
    """
    return value if isinstance(value, dict) else {}


def rows_in(value: Any) -> list[Mapping[str, Any]]:
    """The rows of a list; PHP writes one that has lost a key as an object of numbered rows. Pure.

    >>> rows_in({"0": {"id": 1}, "2": {"id": 2}}), rows_in("")
    ([{'id': 1}, {'id': 2}], [])
    """
    rows = list(value.values()) if isinstance(value, dict) else value
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def address(link: Any) -> str | None:
    """A row's link as a URL; Sina's own as https, since one article is given under both schemes. Pure.

    >>> address("http://finance.sina.com.cn/china/2023-07-06/doc-imzexampl0000001.shtml")
    'https://finance.sina.com.cn/china/2023-07-06/doc-imzexampl0000001.shtml'
    """
    url = absolute("https://news.sina.com.cn/", link) if isinstance(link, str) else None
    if url is None or not (urlsplit(url).hostname or "").endswith(_SITES):
        return url
    return re.sub(r"^http:", "https:", url)
