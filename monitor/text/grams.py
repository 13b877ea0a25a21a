"""Cuts folded text into the n-grams that the search index keeps; they only propose, the folded text decides.

Runs of [0-9a-z Han] give all their pairs; a character that begins none of them, as only the last one of a run can,
stands alone, so that a query of one character finds it as the prefix of a gram. What no run holds (punctuation, other
scripts) is left to the check of the whole.
"""

import re
from operator import add

from crawler.text.han import HAN

_RUN = re.compile(f"[0-9a-z{HAN}]+")


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
    Empty where the literal holds nothing that is indexed; every text is then a candidate.

    >>> query_grams("工业互联网"), query_grams("柯"), query_grams("5g+未来")
    (['工业', '业互', '互联', '联网'], ['柯'], ['5g', '未来'])
    """
    grams: dict[str, None] = {}
    for run in _RUN.findall(folded):
        pairs = [run[at : at + 2] for at in range(len(run) - 1)]
        grams.update(dict.fromkeys(pairs or [run]))
    return list(grams)


def single_chars(folded: str) -> list[str]:
    """The distinct indexed characters of a folded text, for an index that knows no prefixes. Pure."""
    return list(dict.fromkeys("".join(_RUN.findall(folded))))
