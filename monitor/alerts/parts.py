"""Splits a message that is too long for its receiver into parts, each of which it takes; pure.

A part ends between two alerts if it can, else between two lines, and within a line only where that line alone is too
long. Nothing is left out: the parts of a text, joined, are the text.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace

from monitor.alerts.compose import one_line
from monitor.model import Message

_JOINER = "\u200d"
#: 🏻 to 🏿: they colour the sign before them.
_SKIN = range(0x1F3FB, 0x1F400)
_FLAGS = range(0x1F1E6, 0x1F200)
_LABEL_ROOM = len("（999/999）")


def parts_of(
    message: Message, size: int, *, measure: Callable[[str, str], int], title_length: int | None = None
) -> tuple[Message, ...]:
    """The message as its receiver takes it: itself where it fits, else parts whose titles end with （1/3）. Pure.

    size: what one message may measure. measure: of a title and a text, in what the receiver counts, with all that its
    wire adds; it must not shrink when either grows. title_length: characters that the receiver shows of a title. Where
    a title alone leaves no room for a text, it is shortened.
    """
    if measure(message.title, message.text) <= size:
        return (message,)
    title = _room_for_text(message.title, size, measure, title_length)
    widest = title + "（999/999）"
    texts = split(message.text, lambda text: measure(widest, text.removesuffix("\n")) <= size)
    return tuple(
        replace(message, title=f"{title}（{number}/{len(texts)}）", text=text.strip("\n"))
        for number, text in enumerate(texts, start=1)
    )


def name_of(part: Message) -> str:
    """What a part is remembered by once it was taken; another title, text or numbering is another part. Pure."""
    return hashlib.sha256(f"{part.title}\0{part.text}".encode("utf-8", "surrogatepass")).hexdigest()[:12]


def plain(text: str) -> str:
    """The text without controls, bidi and other invisible marks and halves of characters; its lines stay. Pure.

    >>> plain("义乌\u202e要闻\x07\\n#a0123456789a\\r")
    '义乌要闻\\n#a0123456789a'
    """
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})


def split(text: str, fits: Callable[[str], bool]) -> list[str]:
    """The text in pieces that fit; `"".join` of them is the text. Pure.

    fits: must hold for the start of whatever it holds for. A single character that does not fit stands alone.
    """
    pieces: list[str] = []
    begun = ""
    for unit in _units(text, fits):
        if begun and not fits(begun + unit):
            pieces.append(begun)
            begun = ""
        begun += unit
    return [*pieces, begun] if begun or not pieces else pieces


def _units(text: str, fits: Callable[[str], bool]) -> Iterator[str]:
    """What is not torn: alerts (blank lines lie between them), of one that does not fit its lines, of a line signs."""
    for entry in _after(text, "\n\n"):
        if fits(entry):
            yield entry
            continue
        for line in _after(entry, "\n"):
            if fits(line):
                yield line
            else:
                yield from _signs(line, fits)


def _after(text: str, border: str) -> Iterator[str]:
    """The text cut behind each border."""
    start = 0
    while start < len(text):
        found = text.find(border, start)
        end = len(text) if found < 0 else found + len(border)
        yield text[start:end]
        start = end


def _signs(line: str, fits: Callable[[str], bool]) -> Iterator[str]:
    """The line cut into the longest runs of whole signs that fit."""
    start = 0
    while start < len(line):
        low, high = start + 1, len(line)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if fits(line[start:middle]) else (low, middle - 1)
        end = low
        while end > start and not _may_part(line, end):
            end -= 1
        if end == start:  # one sign of so many marks does not fit: between two code points, then
            end = low
        yield line[start:end]
        start = end


def _may_part(line: str, at: int) -> bool:
    """Whether the character at `at` begins a sign: it marks, joins and colours nothing before it."""
    if at >= len(line):
        return True
    before, after = line[at - 1], line[at]
    if unicodedata.category(after).startswith("M") or _JOINER in {before, after} or ord(after) in _SKIN:
        return False
    return not (ord(before) in _FLAGS and ord(after) in _FLAGS)


def _room_for_text(title: str, size: int, measure: Callable[[str, str], int], length: int | None) -> str:
    """The title, so short that at least half of a message is left for the text and its number can be shown."""
    longest = len(title) if length is None else max(1, min(len(title), length - _LABEL_ROOM))
    while longest > 1 and measure(one_line(title, longest) + "（999/999）", "") > size // 2:
        longest -= 1
    return title if longest == len(title) else one_line(title, longest)
