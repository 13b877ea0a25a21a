"""Words of Chinese text, for `=词` and for doubts about a term: the only file that knows rjieba."""

import importlib
from functools import cache, lru_cache
from typing import Protocol


class _Segmenter(Protocol):
    def tokenize(self, text: str, mode: str = "default", hmm: bool = True) -> list[tuple[str, int, int]]: ...


@cache
def _segmenter() -> _Segmenter:
    # Not imported at the top: its dictionary costs 0.1 s and 30 MB, and few rules ask for a border.
    module: _Segmenter = importlib.import_module("rjieba").Jieba()
    return module


@lru_cache(maxsize=16)  # a line is asked about as often as a term stands in it
def words_of(line: str) -> tuple[tuple[int, int], ...]:
    """The words of a folded line, side by side, as spans. Pure.

    >>> words_of("优美的风景")
    ((0, 2), (2, 3), (3, 5))
    """
    return tuple((start, end) for _, start, end in _segmenter().tokenize(line))


def word_borders(line: str) -> frozenset[int]:
    """The places in a folded line where a word begins or ends, 0 and len(line) among them. Pure.

    >>> sorted(word_borders("优美的风景"))
    [0, 2, 3, 5]
    """
    return frozenset([0, *(end for _, end in words_of(line))])
