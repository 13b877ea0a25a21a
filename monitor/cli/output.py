"""How commands print: JSON alone on stdout when asked for, tables for people, errors on stderr."""

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

stdout = Console(highlight=False, soft_wrap=True, emoji=False)
stderr = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)

#: What steers a terminal or turns the direction of writing; files and pages that we print may hold it.
_STEERING = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")


def print_json(value: Any) -> None:
    """One document, Chinese readable, on one line where it streams into a pipe."""
    _print_json(value, indent=2 if sys.stdout.isatty() else None)


def print_json_line(value: Mapping[str, Any]) -> None:
    """One document of a stream, on a line of its own, at once."""
    _print_json(value, indent=None)


def _print_json(value: Any, *, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:  # a terminal that speaks GBK, or half a character in a file's name
        text = json.dumps(value, indent=indent)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str, on: Console = stdout) -> None:
    """A table for people, on stdout unless that is for something else; `empty` is said where there is no row."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    count = 0
    for row in rows:
        table.add_row(*("" if cell is None else plain(str(cell)) for cell in row))
        count += 1
    if count:
        # Rich wraps to 80 columns in a pipe; a program that reads the table wants whole lines.
        console = on if on.file.isatty() else Console(file=on.file, highlight=False, emoji=False, width=400)
        console.print(table, markup=False)
    else:
        on.print(empty, markup=False)


def say(text: str) -> None:
    """Text for a person on stdout."""
    stdout.print(plain(text), markup=False)


def print_text(text: str) -> None:
    """Text for a program or a file on stdout, as it is: Rich would wrap it."""
    sys.stdout.write(_STEERING.sub("", text))
    sys.stdout.flush()


def complain(text: str) -> None:
    """Text for a person on stderr."""
    stderr.print(plain(text), markup=False)


def plain(text: str) -> str:
    """The text without what steers a terminal."""
    return _STEERING.sub("", text)
