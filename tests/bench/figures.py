"""Measures stretches of work by the CPU time of the processes concerned, and prints the figures as tables.

CPU time and not the clock decides: other work on the machine stretches the one by tens of per cent, the other by any
factor. A ratio is always against a baseline of the same run.
"""

import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

ROW = tuple[str, ...]


@dataclass(slots=True)
class Spent:
    """What a stretch of work took, in seconds: by the clock, of our own CPU, and of that of our child processes."""

    wall: float = 0.0
    own: float = 0.0
    children: float = 0.0

    @property
    def cpu(self) -> float:
        return self.own + self.children


@contextmanager
def spent(*, but: Sequence[int] = ()) -> Iterator[Spent]:
    """Fills in a Spent at the end of the block. but: child processes that are not what is measured (a site, say)."""
    result = Spent()
    wall, own, children = time.perf_counter(), time.process_time(), _children(but)
    try:
        yield result
    finally:
        result.wall = time.perf_counter() - wall
        result.own = time.process_time() - own
        result.children = _children(but) - children


def _children(but: Sequence[int]) -> float:
    """CPU seconds of our descendants: those that run, and those that have ended and were waited for."""
    ended = os.times()
    return (
        ended.children_user
        + ended.children_system
        + sum(cpu_of(child) for child in psutil.Process().children(recursive=True) if child.pid not in but)
    )


def cpu_of(process: psutil.Process) -> float:
    """CPU seconds of one process so far; none where it has just ended."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def table(title: str, header: ROW, rows: Sequence[ROW], *notes: str) -> None:
    """One small table on stdout, its first column to the left and the others to the right."""
    cells = [header, *rows]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(header))]
    say(f"\n{title}")
    for number, row in enumerate(cells):
        first, *others = (
            text + " " * (width - _width(text)) if column == 0 else " " * (width - _width(text)) + text
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        say("  ".join(("", first, *others)))
        if number == 0:
            say("  " + "-" * (sum(widths) + 2 * (len(widths) - 1)))
    for note in (*notes, f"machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end"):
        say(f"  {note}")


def _width(text: str) -> int:
    return sum(2 if "\u2e80" <= character <= "\uffef" else 1 for character in text)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of at least two values lie."""
    return statistics.quantiles(values, n=1000, method="inclusive")[min(round(share * 1000), 999) - 1]
