"""Measures how much of two texts is the same, and finds texts that share enough without reading them all.

A text is the set of the 5-character shingles of its key (folded, only letters, digits and Han). A MinHash of 128 values
estimates the share of two sets; cut into 32 bands of 4 values it becomes 32 numbers, of which two texts that share
half have one in common in 87 of 100 cases, and two that share three quarters always. Those numbers are stored: they
must come out the same on every machine and in every version, so nothing of Python's own hashing is used.
"""

import hashlib
import struct
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cache

SHINGLE = 5
BANDS, ROWS = 32, 4
#: What a stored band was made by; another one makes the stored bands useless (`db reindex`).
SCHEME = "1"
#: Keys are sketched as far as this: a copy of a longer text begins like it, too.
SKETCHED = 4000
#: Fewer different shingles are those of a line repeated over and over.
FEWEST = 50

_BINS = BANDS * ROWS
_BITS = 60
_MASK = (1 << _BITS) - 1
_SHIFT = _BITS - (_BINS - 1).bit_length()
_WINDOW = (1 << 8 * SHINGLE) - 1
#: 50 different shingles fill all bins in some 20 rounds.
_ROUNDS = 100


def shingles(key: str) -> frozenset[str]:
    """All pieces of SHINGLE characters. Pure.

    >>> sorted(shingles("abcdefg"))
    ['abcde', 'bcdef', 'cdefg']
    """
    return frozenset(key[at : at + SHINGLE] for at in range(len(key) - SHINGLE + 1))


def jaccard(one: AbstractSet[str], other: AbstractSet[str]) -> float:
    """The share of what both have in what either has: 0 to 1. Pure."""
    common = len(one & other)
    return common / (len(one) + len(other) - common) if common else 0.0


def containment(one: AbstractSet[str], other: AbstractSet[str]) -> float:
    """The share of the smaller set that the larger one has: 0 to 1. Pure."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def bands(key: str) -> tuple[int, ...]:
    """The BANDS numbers (48 bits, ascending) by which a text is found; () where the key says too little. Pure."""
    pieces = {window & _WINDOW for window in _windows(key[:SKETCHED])}
    if len(pieces) < FEWEST:
        return ()
    values = _sketch(pieces)
    return tuple(sorted(_band(number, values[number * ROWS : (number + 1) * ROWS]) for number in range(BANDS)))


def _windows(key: str) -> Iterator[int]:
    """Each shingle as the low bytes of its characters, with those of the next three above them.

    256 kinds of characters are enough: two different shingles agree once in a billion, and what the bands propose is
    compared in full. It lets one call of C cut out all shingles, which takes a tenth of the time of slicing them.
    """
    data = key.encode("utf-16-le", "surrogatepass")[::2] + bytes(8 - SHINGLE)
    for start in range(8):
        count = (len(data) - start) // 8
        yield from struct.unpack_from(f"<{count}Q", data, start) if count > 0 else ()


def _sketch(pieces: AbstractSet[int]) -> Sequence[int]:
    """128 values of which two texts share as many as their sets of shingles have in common, on average.

    Every shingle falls into one of the bins, and the smallest of a bin is its value: one hash in place of 128. A bin
    that stayed empty gets its value from the next round, by another hash (Dahlgaard, Knudsen and Thorup, "Fast
    Similarity Sketching", 2017), so that short texts are compared as exactly as long ones.
    """
    values = [0] * _BINS
    empty = set(range(_BINS))
    for factor in _factors():
        found: dict[int, int] = {}
        for value in sorted([piece * factor & _MASK for piece in pieces], reverse=True):
            found[value >> _SHIFT] = value
        for place in empty & found.keys():
            values[place] = found[place]
        empty -= found.keys()
        if not empty:
            break
    return values


@cache
def _factors() -> tuple[int, ...]:
    """The odd numbers that the rounds multiply by."""
    digests = (hashlib.blake2b(b"chaoxun %d" % number, digest_size=8).digest() for number in range(_ROUNDS))
    return tuple(int.from_bytes(digest) | 1 for digest in digests)


def _band(number: int, values: Sequence[int]) -> int:
    packed = struct.pack(f"<{ROWS + 1}Q", number, *values)
    return int.from_bytes(hashlib.blake2b(packed, digest_size=6).digest())
