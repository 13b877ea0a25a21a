"""Measures how much of two texts is the same, and finds texts that share enough without reading them all.

A text is the set of the 5-character shingles of its key (folded, only letters, digits and Han). A MinHash of 128 values
estimates the share of two sets; cut into 32 bands of 4 values it becomes 32 numbers, of which two texts that share
half have one in common in 87 of 100 cases, and two that share three quarters always. Those numbers are stored: they
must come out the same on every machine and in every version, so nothing of Python's own hashing is used.
"""

import hashlib
import struct
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import cache

SHINGLE = 5
BANDS, ROWS = 32, 4
#: What a stored band was made by; another one makes the stored bands useless (`db reindex`).
BAND_SCHEME = "1"
#: Shorter keys are compared as a whole only: templates dominate among them.
SHORTEST = 100
#: Keys are sketched as far as this: a copy of a longer text begins like it, too.
SKETCHED = 4000
#: With fewer bins filled by the first hash a text has less than 40 different shingles: a line repeated over and over.
FEWEST = 32

_BINS = BANDS * ROWS
#: A shingle's hash; its first 7 of 30 bits are the number of its bin. Numbers of 30 bits are Python's fastest.
_HASHED = (1 << 8 * SHINGLE) - 1
_SPARE = 8 * SHINGLE - 30
_IN_BIN = 30 - (_BINS - 1).bit_length()
_FACTOR = 0xE5A4C3B29D  # odd, and otherwise any


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
    values = _sketch(_windows(key[:SKETCHED])) if len(key) >= SHORTEST else ()
    return tuple(
        sorted(_band(number, values[number * ROWS : (number + 1) * ROWS]) for number in range(BANDS if values else 0))
    )


def _windows(key: str) -> list[int]:
    """Each shingle as the low bytes of its characters, with those of the next three above them.

    256 kinds of characters are enough: two different shingles agree once in a billion, and what the bands propose is
    compared in full. It lets eight calls of C cut out all shingles, which takes a tenth of the time of slicing them.
    """
    data = key.encode("utf-16-le", "surrogatepass")[::2] + bytes(8 - SHINGLE)
    windows: list[int] = []
    for start in range(8):
        windows += struct.unpack_from(f"<{max(len(data) - start, 0) // 8}Q", data, min(start, len(data)))
    return windows


def _sketch(windows: Sequence[int]) -> Sequence[int]:
    """128 values of which two texts share as many as their sets of shingles have in common, on average.

    Every shingle falls into one of the bins, and the smallest of a bin is its value: one hash in place of 128. A bin
    that stayed empty takes the value of the first filled one in an order of its own, the same for all texts
    (Shrivastava, "Optimal Densification for Fast and Accurate Minwise Hashing", 2017), so that short texts are
    compared nearly as exactly as long ones. Multiplying modulo 2**40 takes no notice of the three characters behind
    the shingle.
    """
    hashes = sorted([(window * _FACTOR & _HASHED) >> _SPARE for window in windows], reverse=True)
    values = {value >> _IN_BIN: value for value in hashes}
    if len(values) < FEWEST:
        return ()
    if len(values) == _BINS:
        return [values[number] for number in range(_BINS)]
    orders = _orders()
    return [
        values[number] if number in values else next(values[other] for other in orders[number] if other in values)
        for number in range(_BINS)
    ]


@cache
def _orders() -> Sequence[Sequence[int]]:
    """For each bin all bins, in an order that looks like chance."""
    return [
        sorted(range(_BINS), key=lambda other: hashlib.blake2b(b"%d %d" % (number, other)).digest())
        for number in range(_BINS)
    ]


def _band(number: int, values: Sequence[int]) -> int:
    packed = struct.pack(f"<{ROWS + 1}I", number, *values)
    return int.from_bytes(hashlib.blake2b(packed, digest_size=6).digest())
