"""Reads what a change does to the words of its sentences: which figures and names are other ones; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.model import Change
from monitor.text.figures import Replaced, replaced_figures, same_figures
from monitor.text.names import replaced_names
from monitor.text.wording import Comparison, compared

#: A page that changed in more places was made anew, and nobody reads it sentence by sentence.
_MOST_READ = 100
#: A longer sentence is a page without stops: of it only what differs is read, with so much before and behind it.
_LONGEST, _AROUND = 4_000, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    """One change with its words.

    figures: those that another one took the place of. other_figures: whether any is another one, came or went.
    names: (before, after) of each that changed, "" where it came or went.
    """

    change: Change
    comparison: Comparison
    figures: tuple[Replaced, ...]
    other_figures: bool
    names: tuple[tuple[str, str], ...]


def altered(changes: Sequence[Change]) -> tuple[Altered, ...]:
    """The changes with their words, in the same order; moved sentences are left out. Pure."""
    return tuple(_read(change) for change in [change for change in changes if not change.moved][:_MOST_READ])


def _read(change: Change) -> Altered:
    comparison = compared(*_differing(change.before, change.after))
    other = not same_figures(comparison)
    return Altered(
        change=change,
        comparison=comparison,
        figures=replaced_figures(comparison) if other and not change.rewritten else (),
        other_figures=other,
        names=replaced_names(comparison) if not change.rewritten else (),
    )


def _differing(before: str, after: str) -> tuple[str, str]:
    """Both texts, or where they are long the stretch of each that differs, as far as it is read."""
    least = min(len(before), len(after))
    if max(len(before), len(after)) <= _LONGEST:
        return before, after
    head = next((at for at in range(least) if before[at] != after[at]), least)
    tail = next((at for at in range(least - head) if before[-1 - at] != after[-1 - at]), least - head)
    start, rest = max(0, head - _AROUND), max(0, tail - _AROUND)
    return before[start : len(before) - rest][:_LONGEST], after[start : len(after) - rest][:_LONGEST]
