"""How commands print: JSON alone on stdout when asked for, tables for people, errors on stderr."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

stdout = Console(highlight=False, soft_wrap=True)
stderr = Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """One document, Chinese readable, on one line where it streams into a pipe."""
    text = json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def print_json_line(value: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """A table for people; `empty` is said where there is no row."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    count = 0
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
        count += 1
    if count:
        # Rich wraps to 80 columns in a pipe; a program that reads the table wants whole lines.
        console = stdout if sys.stdout.isatty() else Console(highlight=False, width=400)
        console.print(table, markup=False)
    else:
        stdout.print(empty, markup=False)


def say(text: str) -> None:
    """One line for a person on stdout."""
    stdout.print(text, markup=False)


def complain(text: str) -> None:
    """One line for a person on stderr."""
    stderr.print(text, markup=False)
