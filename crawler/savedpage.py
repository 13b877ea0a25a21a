"""Pages that a browser saved as one file (MHTML, `.mht`): the page itself out of its letter with pictures. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.utils import parsedate_to_datetime

_HEADER = rb"[A-Za-z][A-Za-z0-9-]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?\n"
_SAVED = re.compile(rb"\s{0,20}(?:%s){0,30}?Content-Type:\s*multipart/related" % _HEADER, re.IGNORECASE)
_WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """The page, its address where a site had one, and when it was saved."""

    url: str
    body: bytes
    content_type: str
    saved_at: datetime | None


def is_saved(start: bytes) -> bool:
    """Whether a file that begins so was saved by a browser as one file. Pure.

    >>> is_saved(b"MIME-Version: 1.0\\r\\nContent-Type: multipart/related;\\r\\n"), is_saved(b"<html>")
    (True, False)
    """
    return _SAVED.match(start) is not None


def saved_page(body: bytes) -> SavedPage | None:
    """The first page of the file; None where it holds none. Pure."""
    letter = message_from_bytes(body.lstrip())
    part = next((part for part in letter.walk() if part.get_content_type() == "text/html"), None)
    markup = part.get_payload(decode=True) if part is not None else None
    if part is None or not isinstance(markup, bytes):
        return None
    named = (letter["Snapshot-Content-Location"], part["Content-Location"])
    return SavedPage(
        url=next((url for url in map(_text, named) if url.startswith(_WEB)), ""),
        body=markup,
        content_type=_text(part["Content-Type"]) or "text/html",
        saved_at=_date(letter),
    )


def _text(header: object) -> str:
    return " ".join(str(header or "").split())


def _date(letter: Message) -> datetime | None:
    try:
        moment = parsedate_to_datetime(_text(letter["Date"]))
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None and 1 < moment.year < 9999 else None
