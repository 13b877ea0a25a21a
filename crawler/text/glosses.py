"""Finds pinyin glosses, `數(shù)字`, which some mirrors put behind single characters and which hide every keyword.

The readings (readings.txt) are pypinyin's (MIT), put into a file by tests/bench/build_text_tables.py; they are read
when the first candidate appears, since most processes never meet one.
"""

import re
import unicodedata
from functools import cache
from importlib.resources import files

from crawler.text.han import HAN
from crawler.text.table import fold_table

_MARKED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿế\u0300\u0301\u0304\u030c"
_LETTERS = f"a-zɡɑüêẑĉŝŋ{_MARKED}\u0302\u0308"
#: Over folded text: brackets behind a Han character that hold letters, of which one carries a tone.
_CANDIDATES = re.compile(f"(?<=[{HAN}])(?:\\((?=[^()]*[{_MARKED}])[{_LETTERS}]{{1,14}}\\))+")


@cache
def _readings() -> dict[str, str]:
    """reading -> all characters that may be read so."""
    lines = files(__package__).joinpath("readings.txt").read_text(encoding="utf-8").split("\n")
    return {reading: characters for reading, _, characters in (line.partition(" ") for line in lines)}


def find_glosses(text: str) -> list[tuple[int, int]]:
    """The spans of all glosses in a text, brackets included, in order. Pure.

    A gloss stands behind a Han character, carries a tone mark, and is a reading of that very character (or of its
    simplified form). On 9.7 million characters of clean news this accepted nothing.

    >>> find_glosses("數(shù)字經(jīng)濟(jiě)")
    [(1, 6), (8, 14)]
    """
    return glosses_in(text, text.translate(fold_table()))


def glosses_in(text: str, folded: str) -> list[tuple[int, int]]:
    """find_glosses() for a caller that has `text` translated by the fold table already."""
    if "(" not in folded:
        return []
    spans: list[tuple[int, int]] = []
    for candidate in _CANDIDATES.finditer(folded):
        start, end = candidate.span()
        glossed = (text[start - 1], folded[start - 1])
        while start < end and _is_reading(folded[start + 1 : (close := folded.index(")", start))], glossed):
            spans.append((start, close + 1))
            start = close + 1
    return spans


def strip_glosses(text: str) -> str:
    """The text without its glosses. Pure.

    >>> strip_glosses("訪問次數(shù):")
    '訪問次數:'
    """
    for start, end in reversed(find_glosses(text)):
        text = text[:start] + text[end:]
    return text


def _is_reading(letters: str, characters: tuple[str, str]) -> bool:
    plain = unicodedata.normalize("NFC", letters.replace("ɡ", "g").replace("ɑ", "a"))
    readers = _readings().get(plain, "")
    return characters[0] in readers or characters[1] in readers
