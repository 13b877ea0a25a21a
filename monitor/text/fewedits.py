"""Aligns two long lists that differ in few places, in a time that grows with the places and not with the lists."""

from collections.abc import Sequence


def few_edits(old: Sequence[str], new: Sequence[str], *, most: int) -> list[tuple[int, int, int]]:
    """The stretches that both have, as (place in old, place in new, length), in order; none where it takes more than
    `most` deletions and insertions. Pure.

    Myers, "An O(ND) Difference Algorithm and Its Variations", 1986: `ends` holds, for each difference of the two
    places, how far `old` is reached by a number of edits; the ends of all numbers lead back.

    >>> few_edits("abcdef", "abxdefg", most=4)
    [(0, 0, 2), (3, 3, 3)]
    """
    ends = {1: 0}
    reached: list[list[int]] = []
    for edits in range(min(most, len(old) + len(new)) + 1):
        row = []
        for shift in range(-edits, edits + 1, 2):
            down = shift == -edits or (shift != edits and ends[shift - 1] < ends[shift + 1])
            i = ends[shift + 1] if down else ends[shift - 1] + 1
            while i < len(old) and i - shift < len(new) and old[i] == new[i - shift]:
                i += 1
            ends[shift] = i
            row.append(i)
            if i >= len(old) and i - shift >= len(new):
                return _stretches(reached, len(old), len(new))
        reached.append(row)
    return []


def _stretches(reached: Sequence[Sequence[int]], i: int, j: int) -> list[tuple[int, int, int]]:
    """The way back from the ends of both lists. reached: the ends by number of edits, shifts ascending."""
    found: list[tuple[int, int, int]] = []
    for edits in range(len(reached), 0, -1):
        row, shift = reached[edits - 1], i - j
        place = (shift + edits) // 2  # of shift + 1 in the row; shift - 1 stands before it
        down = shift == -edits or (shift != edits and row[place - 1] < row[place])
        start = row[place] if down else row[place - 1] + 1
        if i > start:
            found.append((start, start - shift, i - start))
        i, j = (start, start - shift - 1) if down else (start - 1, start - shift)
    return [(0, 0, i), *found[::-1]] if i else found[::-1]
