"""Folds a text for comparing and searching, and leads every place of the folded text back to the original.

What is deleted: characters without a shape (zero width, BOM, soft hyphen, variation selectors), pinyin glosses, and the
blanks of letter-spaced runs, `数 字 经 济`: three or more single Han characters with one blank between each. Blanks
between words stay, since news titles separate clauses by them. Everything else is one character for one character.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from crawler.text.byteshift import mend
from crawler.text.glosses import glosses_in
from crawler.text.han import HAN
from crawler.text.table import fold_table

_SHAPELESS = re.compile(
    "[\u00ad\u034f\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ud800-\udfff\U000e0100-\U000e01ef]+"
)
_SPACED = re.compile(f"(?<![{HAN}])[{HAN}](?: [{HAN}](?![{HAN}])){{2,}}")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and the way back.

    starts, shifts: from the folded place starts[i] on, the original stands shifts[i] further. starts grows strictly
    and begins with 0.
    """

    text: str
    starts: tuple[int, ...] = (0,)
    shifts: tuple[int, ...] = (0,)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that shows folded[start:end]: from its first character to its last, with whatever
        was deleted between them and nothing of what was deleted around them. An empty span stays empty."""
        if len(self.shifts) == 1:  # of most texts nothing is deleted
            return start + self.shifts[0], max(start, end) + self.shifts[0]
        first = start + self.shifts[bisect_right(self.starts, start) - 1]
        if end <= start:
            return first, first
        return first, end + self.shifts[bisect_right(self.starts, end - 1) - 1]

    def folded(self, start: int, end: int) -> tuple[int, int]:
        """The span of the folded text that is left of original[start:end]; empty where all of it was deleted."""
        return self._forward(start), self._forward(end)

    def _forward(self, place: int) -> int:
        """How many characters of the original are kept before a place in it."""
        index = bisect_right(range(len(self.starts)), place, key=lambda i: self.starts[i] + self.shifts[i]) - 1
        if index < 0:
            return 0
        behind = self.starts[index + 1] if index + 1 < len(self.starts) else len(self.text)
        return min(place - self.shifts[index], behind)


@lru_cache(maxsize=8)  # fingerprint, rules and index ask one after the other for the same title and text
def fold(text: str) -> Folded:
    """Fold a text, keeping the way back to it. Pure.

    Idempotent. It goes character by character but for what is deleted. So fold(part) is a substring of fold(whole) for
    every part that folds without a deletion and whose place in the whole has none either; in particular for every part
    of a text without glosses, letter-spacing and shapeless characters.

    >>> folded = fold("發展數(shù)字經(jīng)濟")
    >>> folded.text, folded.original(2, 6)
    ('发展数字经济', (2, 17))
    """
    # Each step sees what the one before has left: a gloss may hide shapeless characters, and letter-spacing glosses.
    shapeless = [found.span() for found in _SHAPELESS.finditer(text)]
    kept = _without(text, shapeless)
    folded = _folded(kept.translate(fold_table()), shapeless)
    folded = _less(folded, glosses_in(kept, folded.text))
    return _less(folded, _letter_spacing(folded.text))


def fold_text(text: str) -> str:
    """The folded text alone; see fold()."""
    return fold(text).text


def fold_to_match(text: str) -> Folded:
    """The fold that rules and search look into: what a lost byte has shifted is read on (crawler.text.byteshift). Pure.

    Places lead back to the text as it is shown, damage and all. Fingerprints are made of fold() instead: a text has not
    changed because we read it better.

    >>> fold_to_match("灯会!拔蠢垂こА币呀ǔ闪").text
    '灯会!"未来工厂"已建成'
    """
    return fold(mend(text))


def _letter_spacing(text: str) -> list[tuple[int, int]]:
    return [
        (found.start() + place, found.start() + place + 1)
        for found in _SPACED.finditer(text)
        for place in range(1, len(found[0]), 2)
    ]


def _less(folded: Folded, spans: list[tuple[int, int]]) -> Folded:
    """`folded` with more of it deleted."""
    if not spans:
        return folded
    gone = [
        (start + before, start + shift)
        for start, before, shift in zip(folded.starts, (0, *folded.shifts), folded.shifts, strict=False)
        if before < shift
    ]
    return _folded(_without(folded.text, spans), [*gone, *(folded.original(*span) for span in spans)])


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    if not spans:
        return text
    places = [0, *(place for span in spans for place in span), len(text)]
    return "".join(text[start:end] for start, end in zip(places[::2], places[1::2], strict=True))


def _folded(text: str, gone: list[tuple[int, int]]) -> Folded:
    """`text` is what is left of an original from which the spans `gone` were deleted; the spans may overlap."""
    starts, shifts = [0], [0]
    reached = 0  # in the original: everything before it is counted
    for start, end in sorted(gone):
        if end <= reached:
            continue
        place = max(start, reached) - shifts[-1]
        shift = shifts[-1] + end - max(start, reached)
        reached = end
        if place == starts[-1]:
            shifts[-1] = shift
        else:
            starts.append(place)
            shifts.append(shift)
    return Folded(text, tuple(starts), tuple(shifts))
