"""Reads GBK text on behind a lost byte, which shifts all pairs up to the next ASCII byte: `拔蠢垂こ` for “未来工厂.

For matching only: what is repaired has one character for each of the text's own, so that places stay where they were,
and whoever stores a text stores it as it came. How probable a text is comes from pairs.txt, made from jieba's word list
(MIT) by tests/bench/build_text_tables.py; it is read whole when the first candidate appears.
"""

import math
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import NamedTuple

from crawler.text.table import fold_table

#: A run is repaired where that makes it so much more probable, in powers of ten: in all, and for each character.
_GAIN, _GAIN_EACH = 10.0, 1.2
#: The same for its characters one by one; the run may reach so many further on both sides.
_GAIN_ALONE, _AROUND = 5.0, 8
#: Shorter runs hold too little to be sure of.
_SHORTEST = 6
#: What is repaired must be Chinese by itself: real text has -2.5 to -1.5 a character, and the best that chance makes
#: of rare names, classical texts and Japanese -4. What is worse than impossible counts as this.
_LIKELY, _IMPOSSIBLE = -3.3, -7.0
#: More than so many characters are not looked at: of a text that is all rare characters nothing can be told.
_MOST = 50_000
#: Characters that a hundred thousandth of Chinese or more consists of, as levels of pairs.txt.
_USUAL = "U"

_MARKS = "，。、；：？！“”‘’（）《》〈〉【】「」『』—…·～－／％＋　０１２３４５６７８９〔〕•─━│"
#: As the fold leaves them, and what they count for behind a character and behind one of them.
_FOLDED_MARKS = frozenset(",.;:!?\"()<>'[]-·")
_MARK, _MARK_AGAIN = -1.7, -2.2
#: A mirror that narrows punctuation has narrowed that of the run, too.
_WIDE = {ord(mark): ord(mark) + 0xFEE0 for mark in "!,:;?()"}


class Shift(NamedTuple):
    """A run that was shifted: text[start:end] is `read` in truth. The character before it is the half that is lost."""

    start: int
    end: int
    read: str


def mend(text: str) -> str:
    """The text with its shifted runs as they were, of the same length; itself where there are none. Pure.

    >>> mend("灯会!拔蠢垂こА币呀ǔ闪")
    '灯会!“未来工厂”已建成'
    """
    for start, end, read in find_shifts(text):
        text = text[:start] + read + text[end:]
    return text


def find_shifts(text: str) -> list[Shift]:
    """The runs of a text that a lost byte has shifted, in order, as far as one can be sure of them. Pure."""
    if text.isascii() or not _rare_together().search(text):
        return []
    return [shift for run in _suspects(text) if (shift := _shift(text, *run)) is not None]


def _suspects(text: str) -> Iterator[tuple[int, int]]:
    """Runs of characters of two bytes each in which rare ones stand close together."""
    looked = 0
    for run in _runs().finditer(text):
        start, end = run.span()
        if _rare_together().search(text, start, end) and looked < _MOST:
            looked += end - start
            yield start, end


def _shift(text: str, start: int, end: int) -> Shift | None:
    """The stretch of a run that gains most by being read on the other footing, where that is enough."""
    other = _on_the_other_footing(text[start:end])
    shown, read = (each.translate(fold_table()) for each in (text[start:end], other))
    often = _often()
    alone = [
        often.get(two, _IMPOSSIBLE) - often.get(one, _IMPOSSIBLE) for one, two in zip(shown[1:], read, strict=True)
    ]
    gain, first, last = _best(alone)
    if gain < _GAIN_ALONE:
        return None
    # Which characters are frequent tells where to look, in a tenth of the time; which follow which, what is there.
    begin, close = max(first - _AROUND, 0), last + _AROUND
    pairs = zip(pairwise(shown[begin : close + 1]), _in_row(read[begin:close]), strict=True)
    gain, first, last = _best([_likely(*two) - _likely(*one) for one, two in pairs])
    first, last = first + begin, last + begin
    length = max(last - first, 1)
    if length < _SHORTEST or gain < max(_GAIN, _GAIN_EACH * length):
        return None
    if sum(_likely(*pair) for pair in _in_row(read[first:last])) < _LIKELY * length:
        return None
    return Shift(start + first + 1, start + last + 1, other[first:last])


def _in_row(text: str) -> Iterable[tuple[str, str]]:
    """Each character with the one before it; a mark stands before the first."""
    return pairwise(f",{text}")


def _best(gains: Sequence[float]) -> tuple[float, int, int]:
    """The stretch with the largest sum: that, where it begins and where it ends."""
    best, begun, total = (0.0, 0, 0), 0, 0.0
    for place, gain in enumerate(gains):
        if total <= 0:
            begun, total = place, 0.0
        total += gain
        if total > best[0]:
            best = total, begun, place + 1
    return best


def _on_the_other_footing(run: str) -> str:
    """What the bytes of a run say from its second byte on: a character less; U+FFFD where they say nothing."""
    codes = run.translate(_WIDE).encode("gb18030")
    characters = _characters()
    return "".join([characters.get(code, "\ufffd") for code in struct.unpack(f">{len(run) - 1}H", codes[1:-1])])


@cache
def _characters() -> dict[int, str]:
    """The characters of GBK by their codes."""
    codes = (high << 8 | low for high in range(0x81, 0xFF) for low in range(0x40, 0xFF))
    read = ((code, code.to_bytes(2, "big").decode("gb18030", "replace")) for code in codes)
    return {code: character for code, character in read if len(character) == 1 and character != "\ufffd"}


@cache
def _runs() -> re.Pattern[str]:
    return re.compile(f"[{_ranges({*map(ord, _characters().values()), *_WIDE})}]{{{_SHORTEST + 1},}}")


def _ranges(points: Iterable[int]) -> str:
    """Characters for the inside of a class; one by one they would take ten times as long to compile."""
    ends: list[tuple[int, int]] = []
    for point in sorted(points):
        if ends and ends[-1][1] == point - 1:
            ends[-1] = (ends[-1][0], point)
        else:
            ends.append((point, point))
    shown = ((re.escape(chr(first)), re.escape(chr(last))) for first, last in ends)
    return "".join(first if first == last else f"{first}-{last}" for first, last in shown)


# -- how probable a text is


@dataclass(frozen=True, slots=True)
class _Counts:
    """Of characters: how often they stand in words, begin one, and have a follower there; of pairs: how often in words.

    started: how many words there are in all.
    """

    stands: dict[str, float]
    starts: dict[str, float]
    followed: dict[str, float]
    pairs: dict[str, float]
    started: float


@lru_cache(maxsize=1 << 14)
def _likely(before: str, character: str) -> float:
    """How likely a folded character is behind another one, as a power of ten."""
    if character in _FOLDED_MARKS:
        return _MARK_AGAIN if before in _FOLDED_MARKS else _MARK
    counts = _counts()
    begins = max(counts.starts.get(character, 0.0), counts.stands.get(character, 0.0) / 10) / counts.started
    stands = counts.stands.get(before)
    if stands is None:
        share = begins
    else:
        followed = counts.followed[before]
        stands = max(stands, followed, 50.0)
        share = counts.pairs.get(before + character, 0.0) / stands + max(1 - followed / stands, 0.05) * begins
    return max(math.log10(share), _IMPOSSIBLE) if share else _IMPOSSIBLE


@cache
def _lines() -> tuple[str, ...]:
    """A line a character, the most frequent first: itself, the levels of how often it stands and begins a word, and
    behind each further level the characters that follow it so often."""
    return tuple(files(__package__).joinpath("pairs.txt").read_text(encoding="utf-8").splitlines())


@cache
def _counts() -> _Counts:
    stands, starts, followed, pairs = {}, {}, {}, {}
    for line in _lines():
        character, stands[line[0]], starts[line[0]] = line[0], _number(line[1]), _number(line[2])
        followed[character], level = 0.0, 0.0
        for follower in line[3:]:
            if follower.isascii():
                level = _number(follower)
            else:
                pairs[character + follower] = level
                followed[character] += level
    return _Counts(stands, starts, followed, pairs, sum(starts.values()))


def _number(level: str) -> float:
    """Two levels double a number; @ is none."""
    return 0.0 if level == "@" else 2 ** ((ord(level) - ord("A")) / 2)


@cache
def _often() -> dict[str, float]:
    """How likely folded characters are by themselves, as powers of ten."""
    counts = _counts()
    stood = sum(counts.stands.values())
    return {character: math.log10(often / stood) for character, often in counts.stands.items()} | dict.fromkeys(
        _FOLDED_MARKS, _MARK
    )


@cache
def _rare_together() -> re.Pattern[str]:
    """Two characters with at most three others between them, both rare: not usual in either script, nor a mark."""
    usual = {line[0] for line in _lines() if line[1] >= _USUAL}
    known = {*range(0x300), *map(ord, usual), *map(ord, _MARKS)}
    known.update(source for source, target in fold_table().items() if target in usual)
    rare = f"[^{_ranges(known)}]"
    return re.compile(f"{rare}[^\\n]{{0,3}}{rare}")
