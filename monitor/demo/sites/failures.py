"""The ways in which a column or a host of the fleet can fail: what its answers become. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from monitor.demo.sites.answers import Reply
from monitor.demo.sites.misbehaviour import Misbehaviour, spoiled


class Failure(StrEnum):
    ROWS_GONE = "rows gone"  # a new layout: the same words in other markup, without a link
    DATES_GONE = "dates gone"  # a new layout: the rows without their dates
    EMPTY = "empty"  # the right shape without a row
    FROZEN = "frozen"  # a stale copy under status 200, whatever is published
    CHALLENGE_521 = "challenge 521"
    CHALLENGE_412 = "challenge 412"
    CHALLENGE_200 = "challenge 200"
    SOFT_404 = "soft 404"
    ERROR_500 = "error 500"
    GARBLED = "garbled"  # bytes were lost on the way
    HANG = "hang"  # half an answer, then nothing
    TO_FRONT_PAGE = "to front page"


#: These are about the list alone; the others about every answer.
OF_THE_LIST = frozenset({Failure.ROWS_GONE, Failure.DATES_GONE, Failure.EMPTY, Failure.FROZEN})
#: These come about by another board, which the page itself has to know of.
OF_THE_BOARD = frozenset({Failure.EMPTY, Failure.FROZEN})
#: Answers in which the rows can still be read.
READABLE = frozenset({Failure.DATES_GONE, Failure.FROZEN})
_PAGES: Mapping[Failure, Misbehaviour] = {
    Failure.CHALLENGE_521: Misbehaviour.CHALLENGE_521,
    Failure.CHALLENGE_412: Misbehaviour.CHALLENGE_412,
    Failure.CHALLENGE_200: Misbehaviour.CHALLENGE_200,
    Failure.SOFT_404: Misbehaviour.SOFT_404,
    Failure.ERROR_500: Misbehaviour.ERROR_500,
    Failure.TO_FRONT_PAGE: Misbehaviour.TO_FRONT_PAGE,
}
#: Of so many bytes that are no ASCII, one is lost.
_LOST = 7
_LINK = re.compile(rb"<(/?)a\b", re.IGNORECASE)
_PIECE = re.compile(rb"<(/?)(item|entry|record)\b", re.IGNORECASE)
_BETWEEN_TAGS = re.compile(r">[^<>]*<")
_DATE = re.compile(
    r"(?:\d{4}|(?<!\d)\d{2})\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?|(?<!\d)\d{1,2}[-/月]\d{1,2}日?(?!\d)|\d{1,2}:\d{2}(?::\d{2})?"
)
_FEED_DATE = re.compile(r"(<(pubDate|updated|published|dc:date)>)[^<]*(</\2>)")
_EPOCH = re.compile(r"\d{10}|\d{13}")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def failed(reply: Reply, how: Failure) -> Reply:
    """The answer that comes instead. HANG spoils the sending, EMPTY and FROZEN are the board's: all leave it."""
    if how in _PAGES:
        return spoiled(reply, _PAGES[how])
    match how:
        case Failure.ROWS_GONE:
            return replace(reply, body=_without_rows(reply.body), listed=())
        case Failure.DATES_GONE:
            return replace(reply, body=_without_dates(reply.body, _charset(reply)))
        case Failure.GARBLED:
            return replace(reply, body=_garbled(reply.body), listed=())
        case _:
            return reply


def _without_rows(body: bytes) -> bytes:
    """The words stay; what made rows of them goes: links, the elements of a feed, the keys of a JSON list."""
    changed = _PIECE.sub(rb"<\1piece", _LINK.sub(rb"<\1b", body))
    return changed if changed != body else _with_json(body, _renamed)


def _without_dates(body: bytes, charset: str) -> bytes:
    changed = _with_json(body, _undated)
    if changed != body:
        return changed
    text = _FEED_DATE.sub(r"\1\3", body.decode(charset, errors="replace"))
    return _undated_markup(text).encode(charset, errors="xmlcharrefreplace")


def _undated_markup(text: str) -> str:
    """Without the dates between its tags; an address there, as feeds have them, stays as it is."""
    return _BETWEEN_TAGS.sub(lambda m: m.group() if "://" in m.group() else _DATE.sub("", m.group()), text)


def _garbled(body: bytes) -> bytes:
    if max(body, default=0) < 128:  # JSON that hides its characters from such an accident
        text = body.decode("ascii")
        body = _ESCAPED.sub(lambda m: chr(int(m[1], 16)) if int(m[1], 16) > 127 else m[0], text).encode(
            "utf-8", errors="replace"
        )
    seen = 0
    kept = bytearray()
    for byte in body:
        seen += byte > 127
        kept.append(255 if byte > 127 and seen % _LOST == 0 else byte)  # 255 begins no character of any charset
    return bytes(kept)


def _charset(reply: Reply) -> str:
    found = re.search(r"charset=([\w-]+)", reply.content_type) or re.search(
        r"charset=[\"']?([\w-]+)", reply.body[:2000].decode("ascii", errors="replace")
    )
    name = found[1].lower() if found else "utf-8"
    name = "gb18030" if name in ("gb2312", "gbk") else name
    try:
        reply.body.decode(name)
    except UnicodeDecodeError:  # some kinds lie about theirs
        return "gb18030"
    return name


def _with_json(body: bytes, change: Any) -> bytes:
    """The body with the JSON value in it changed; a body without one as it is. It may stand in a call (JSONP)."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return body
    if text.lstrip().startswith("<"):
        return body
    decoder = json.JSONDecoder(strict=False)
    for start in (match.start() for match in re.finditer(r"[\[{]", text)):
        try:
            value, end = decoder.raw_decode(text, start)
        except ValueError:
            continue
        return (text[:start] + json.dumps(change(value), ensure_ascii=False) + text[end:]).encode()
    return body


def _renamed(value: Any, *, row: bool = False) -> Any:
    """The value with other keys in each row of a list."""
    match value:
        case dict():
            return {f"new_{key}" if row else key: _renamed(part, row=False) for key, part in value.items()}
        case list():
            return [_renamed(part, row=True) for part in value]
        case _:
            return value


def _undated(value: Any) -> Any:
    match value:
        case dict():
            return {key: _undated(part) for key, part in value.items()}
        case list():
            return [_undated(part) for part in value]
        case str() if "<" in value:
            return _undated_markup(value)
        case str() if _EPOCH.fullmatch(value) or not _DATE.sub("", value).strip(" ."):
            return ""
        case int() if not isinstance(value, bool) and _EPOCH.fullmatch(str(value)):
            return 0
        case _:
            return value
