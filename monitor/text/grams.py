"""Cuts folded text into the n-grams that the search index keeps; they only propose, the folded text decides.

Runs of [0-9a-z Han] give all their pairs; a character that begins none of them, as only the last one of a run can,
stands alone, so that a query of one character finds it as the prefix of a gram. What no run holds (punctuation, other
scripts) is left to the check of the whole.
"""

import re
from functools import cache
from operator import add
from string import ascii_lowercase, digits

from crawler.text.han import HAN

_RUN = re.compile(f"[0-9a-z{HAN}]+")

_LONG = 5


def text_grams(folded: str) -> list[str]:
    """The distinct grams of a folded text. Pure.

    >>> text_grams("ai大模型,型号")
    ['ai', 'i大', '大模', '模型', '型号', '号']
    """
    runs = _RUN.findall(folded)
    grams: dict[str, None] = {}
    for run in runs:
        grams.update(dict.fromkeys(map(add, run, run[1:])))
    first = {gram[0] for gram in grams}
    grams.update(dict.fromkeys(run[-1] for run in runs if run[-1] not in first))
    return list(grams)


def query_grams(folded: str) -> list[str]:
    """Grams that every text must have in which the folded literal occurs. Pure.

    A part of one character stands for itself: ask for the grams that begin with it, or for the text's single_chars().
    Of five characters and more every second pair is named: hardly a text has those and not the literal, and each gram
    costs as much as it is frequent. Empty where the literal holds nothing that is indexed; every text is then a
    candidate.

    >>> query_grams("产业大脑"), query_grams("工业互联网"), query_grams("柯"), query_grams("5g+未来")
    (['产业', '业大', '大脑'], ['工业', '互联', '联网'], ['柯'], ['5g', '未来'])
    """
    grams: dict[str, None] = {}
    for run in _RUN.findall(folded):
        last = len(run) - 2
        places = range(last + 1) if len(run) < _LONG else [*range(0, last, 2), last]
        grams.update(dict.fromkeys([run[at : at + 2] for at in places] or [run]))
    return list(grams)


def is_rare(character: str) -> bool:
    """Whether an indexed character is none of the letters, the digits and the 3,755 usual ones of GB 2312. Pure.

    >>> is_rare("鎏"), is_rare("柯"), is_rare("a")
    (True, False, False)
    """
    return character not in _usual()


@cache
def _usual() -> frozenset[str]:
    first_level = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    return frozenset(ascii_lowercase + digits).union(*(code.decode("gb2312", "ignore") for code in first_level))


def single_chars(folded: str) -> list[str]:
    """The distinct indexed characters of a folded text, for an index that knows no prefixes. Pure."""
    return list(dict.fromkeys("".join(_RUN.findall(folded))))
