"""Cuts sentences into words as far as comparing needs it, and says which stretches of words others took the place of.

Figures, dates and Latin words are never torn; of everything else a word is one character.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from monitor.text.fold import fold_text

_DATE = (
    r"\d{4}年\d{1,2}月\d{1,2}日|\d{4}年\d{1,2}月|\d{1,2}月\d{1,2}日"
    r"|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}:\d{2}(?::\d{2})?(?!\d)"
)
_METRIC = r"(?:km|kg|kw|mw|gw|cm|mm)(?![a-z])"
_NUMBER = rf"\d{{1,3}}(?:,\d{{3}})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?(?=(?:{_METRIC}|[^a-z0-9]|$))"
#: Written out, a number counts where it counts something: 三十家, but not 三农.
_WRITTEN = (
    r"[零一二两三四五六七八九十百千]+(?=[余多]?[万亿]|[家个项件台套辆名位例起种条座处所人户亩吨倍成岁次米元天车])"
)
_TOKEN = re.compile(rf"(?P<date>{_DATE})|(?P<number>{_NUMBER}|{_WRITTEN})|[a-z][a-z0-9]*|\d+[a-z0-9]+|.", re.DOTALL)
#: Longer stretches are not aligned: it would take seconds, and nobody reads it word by word.
_MOST_WORDS = 600


@dataclass(frozen=True, slots=True)
class Token:
    """One word. key: what it is compared by; start, end: its place in the text."""

    text: str
    key: str
    start: int
    end: int
    is_figure: bool
    is_date: bool


def tokens(text: str) -> list[Token]:
    """The words of a text in their order, blanks left out. Pure.

    Where the fold deletes something (glosses, letter-spacing), the words are those of the folded text.
    """
    folded = fold_text(text)
    shown = text if len(text) == len(folded) else folded
    found = []
    for match in _TOKEN.finditer(folded):
        if match[0].isspace():
            continue
        start, end = match.span()
        is_date = match["date"] is not None
        is_figure = is_date or match["number"] is not None
        found.append(Token(shown[start:end], match[0], start, end, is_figure, is_date))
    return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sentences word by word. spans: the stretches that differ, as places in `old` and in `new`."""

    before: str
    after: str
    old: tuple[Token, ...]
    new: tuple[Token, ...]
    spans: tuple[tuple[range, range], ...]


def compared(before: str, after: str) -> Comparison:
    """Which words of the one stand in place of which words of the other. Pure."""
    old, new = tuple(tokens(before)), tuple(tokens(after))
    return Comparison(before, after, old, new, tuple(_replaced(old, new)))


def _replaced(old: Sequence[Token], new: Sequence[Token]) -> Iterator[tuple[range, range]]:
    least = min(len(old), len(new))
    head = next((at for at in range(least) if old[at].key != new[at].key), least)
    tail = next((at for at in range(least - head) if old[-1 - at].key != new[-1 - at].key), least - head)
    old_end, new_end = len(old) - tail, len(new) - tail
    if head == old_end and head == new_end:
        return
    if head in (old_end, new_end) or max(old_end, new_end) - head > _MOST_WORDS:
        yield range(head, old_end), range(head, new_end)
        return
    mine, theirs = [word.key for word in old[head:old_end]], [word.key for word in new[head:new_end]]
    for op, i1, i2, j1, j2 in SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if op != "equal":
            yield range(head + i1, head + i2), range(head + j1, head + j2)
