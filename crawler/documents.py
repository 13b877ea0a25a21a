"""The documents that a file holds: itself, or the articles of an export, or the pages of a web archive.

Told by content, not by name. A file is read as it is asked for, so that a large one takes no more memory than its
largest document.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from crawler.records import Capture
from crawler.savedpage import is_saved, saved_page
from crawler.webarchive import is_archive, pages

HTML = (".html", ".htm", ".shtml", ".xhtml")
SAVED = (".mht", ".mhtml")
LINES = (".jsonl", ".ndjson")
#: The longest line of an export, and the largest file that is one document.
LONGEST = 32 * 1024 * 1024
_TOO_LARGE = f"is larger than {LONGEST // 1024 // 1024} MB, as no document is"
#: What no text begins with, and no page.
_RECORD = re.compile(rb'[\xef\xbb\xbf\s]*(?:\[\s*)?\{\s*"')
_GZIP = b"\x1f\x8b"
_JSON = "application/json"
_START = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """One document as if it had been fetched; without `final_url` where nobody answered with it.

    place: where in the file it stands (`line`, or `offset` and `url`); {} where the file is the document. why: it
    cannot be read, and `page` is empty. read: so many bytes of the file are behind us.
    """

    path: Path
    page: Capture
    place: Mapping[str, Any] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    why: str | None = None
    read: int = 0


def documents(path: Path, *, now: datetime, with_json: bool = False) -> Iterator[HandedIn]:
    """What the file holds, at least one document, where one cannot be read with the reason. with_json: see pages()."""
    try:
        with path.open("rb") as file:
            yield from documents_of(file, path, now=now, with_json=with_json)
    except OSError as error:
        yield _unread(path, f"cannot be read: {error.strerror}", now)


def documents_of(file: BinaryIO, path: Path, *, now: datetime, with_json: bool = False) -> Iterator[HandedIn]:
    """The same of a file that is open, and can be gone back in. Raises OSError."""
    start = file.read(_START)
    file.seek(0)
    if is_archive(start):
        found = _of_archive(file, path, now, with_json=with_json)
    elif start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") or _is_lines(path):
        found = _of_json(file, path, now)
    else:
        found = iter([_whole(path, file.read(LONGEST + 1), now)])
    empty = True
    for document in found:
        empty = False
        yield document
    if empty:
        yield _unread(path, "no page and no article is in it", now)


def content_type_of(path: Path) -> str | None:
    """Only what a name says for sure: text files hold feed items and whole pages alike, so their content decides."""
    return "text/html" if path.suffix.lower() in HTML else None


def _whole(path: Path, body: bytes, now: datetime) -> HandedIn:
    if path.suffix.lower() == ".gz" and body.startswith(_GZIP):
        return _unread(path, "is packed with gzip, and no web archive: unpack it first, with `gunzip`", now)
    if len(body) > LONGEST:
        return _unread(path, _TOO_LARGE, now)
    if is_saved(body[:_START]):
        return _saved(path, body, now)
    return HandedIn(path=path, page=_page(body, content_type_of(path), now), read=len(body))


def _saved(path: Path, body: bytes, now: datetime) -> HandedIn:
    saved = saved_page(body)
    if saved is None:
        return _unread(path, "holds no page", now)
    page = Capture(
        url=saved.url,
        final_url=saved.url,
        status=200,
        body=saved.body,
        content_type=saved.content_type,
        fetched_at=saved.saved_at or now,
    )
    return HandedIn(path=path, page=page, read=len(body))


def _unread(path: Path, why: str, now: datetime) -> HandedIn:
    return HandedIn(path=path, page=_page(b"", None, now), why=why)


def _page(body: bytes, content_type: str | None, now: datetime) -> Capture:
    return Capture(url="", final_url="", status=200, body=body, content_type=content_type, fetched_at=now)


def _of_archive(file: BinaryIO, path: Path, now: datetime, *, with_json: bool) -> Iterator[HandedIn]:
    for record in pages(file, with_json=with_json):
        page = Capture(
            url=record.url,
            final_url=record.url,
            status=200,
            body=record.body,
            content_type=record.content_type,
            fetched_at=record.fetched_at or now,
        )
        place: dict[str, Any] = {"offset": record.offset}
        yield HandedIn(
            path=path,
            page=page,
            place={**place, "url": record.url} if record.url else place,
            why=f"{record.why} (at byte {record.offset})" if record.why else None,
            read=record.offset,
        )


# -- JSON


def _of_json(file: BinaryIO, path: Path, now: datetime) -> Iterator[HandedIn]:
    """Articles one a line; or one document: an article, a list of them, or what `search --json` prints."""
    first = file.readline(LONGEST)
    file.seek(0)
    if _parsed(first) is None:
        body = file.read(LONGEST + 1)
        if not (_holds_records(body) or _is_lines(path)):
            yield from _of_document(body, path, now)
            return
        file.seek(0)
    yield from _of_lines(file, path, now)


def _of_lines(file: BinaryIO, path: Path, now: datetime) -> Iterator[HandedIn]:
    number = read = 0
    while line := file.readline(LONGEST):
        number, read = number + 1, read + len(line)
        if not line.strip():
            continue
        found = _parsed(line)
        place = {"line": number}
        if found is None:
            why = "is no JSON, or breaks off"
            yield HandedIn(path=path, page=_page(b"", _JSON, now), place=place, why=why, read=read)
            continue
        items = _items(found)
        if items is None:
            yield _article(path, found, place, now, read)
            continue
        for item in items:
            yield _article(path, item, place, now, read)


def _of_document(body: bytes, path: Path, now: datetime) -> Iterator[HandedIn]:
    if len(body) > LONGEST:
        yield _unread(path, _TOO_LARGE, now)
        return
    found = _parsed(body)
    if found is None and _RECORD.match(body) and not body.rstrip().endswith((b"}", b"]")):
        yield _unread(path, "is no JSON, or breaks off", now)
        return
    items = None if found is None else _items(found)
    if items is None:
        # An article on many lines, or a text that begins with a bracket: extraction says what it is.
        yield HandedIn(path=path, page=_page(body, content_type_of(path), now), about=_about(found), read=len(body))
        return
    for number, item in enumerate(items, 1):
        yield _article(path, item, {"item": number}, now, len(body))


def _is_lines(path: Path) -> bool:
    """A name that says so helps where the first line is broken."""
    return path.suffix.lower() in LINES


def _holds_records(body: bytes) -> bool:
    """Whether a file whose first line is broken holds records, one a line, all the same."""
    lines = body.split(b"\n", 3)[1:-1]
    return _RECORD.match(body) is not None and any(isinstance(_parsed(line), dict) for line in lines if line.strip())


def _article(path: Path, found: Any, place: Mapping[str, Any], now: datetime, read: int) -> HandedIn:
    body, why = json.dumps(found, ensure_ascii=False).encode("utf-8", "surrogatepass"), None
    if isinstance(found, dict) and "title" in found and "snippet" in found and not found.get("text"):
        why = "has no text, as what `search` lists; `chaoxun export` writes articles with theirs"
    return HandedIn(path=path, page=_page(body, _JSON, now), place=place, about=_about(found), why=why, read=read)


def _about(found: Any) -> Mapping[str, Any]:
    """What only a corpus knows of an article: its source, region and status there."""
    if not isinstance(found, dict):
        return {}
    return {key: found[key] for key in ("source", "region", "status") if isinstance(found.get(key), str)}


def _items(found: Any) -> list[Any] | None:
    """The articles of a document that lists some; None where it is one itself."""
    items = found.get("items") if isinstance(found, dict) and "title" not in found else found
    return items if isinstance(items, list) else None


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
