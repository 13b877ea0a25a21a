"""Kinds of site software as the fleet serves them: for each, how its columns, its lists and its articles look."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from monitor.demo.sites.answers import Asked, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One article of a fleet column as it stands now. `gone`: the status that answers while it is withdrawn.

    key: sixteen hex digits, unique in the fleet; the kind makes the article's path of it. pages: how many pages its
    text is spread over, for kinds that do so.
    """

    key: str
    title: str
    paragraphs: tuple[str, ...]
    published: datetime
    origin: str | None = None
    author: str | None = None
    editor: str | None = None
    doc_number: str | None = None
    pinned: bool = False
    pages: int = 1
    version: int = 1
    gone: int | None = None

    @property
    def number(self) -> int:
        """The key as the decimal number of nine digits that some software makes its addresses of."""
        return 100_000_000 + int(self.key, 16) % 900_000_000


@dataclass(frozen=True, slots=True)
class Style:
    """Names that a template's author chose: class names that no reader of ours has seen, the same for a seed."""

    seed: int

    def name(self, role: str) -> str:
        """A class or id for that part of the page: three to nine letters, sometimes with a number."""
        draw = random.Random(f"{self.seed} {role}")
        word = "".join(draw.choice("bcdfghjklmnpqrstvwxyz") + draw.choice("aeiou") for _ in range(draw.randint(2, 4)))
        return word + draw.choice(("", "", "1", "-box", "_2", "Con"))

    def choice(self, role: str, *options: str) -> str:
        """One of several ways to write a part of the page."""
        return random.Random(f"{self.seed} {role}").choice(options)


class Board(Protocol):
    """One column of a fleet site, as its kind sees it."""

    #: Its number on the fleet, from 1; ids of columns, units and channels are made of it.
    number: int
    site_name: str
    column_name: str
    style: Style
    #: The source's entry as in a configuration (`engine`, `url`, `params`, …): a kind answers at the addresses in it.
    entry: Mapping[str, Any]

    def count(self) -> int: ...

    def newest(self, start: int, count: int) -> Sequence[Item]:
        """`count` items from the `start`-th on as the list shows them: pinned ones first, then the newest."""
        ...

    def find(self, key: str) -> Item | None:
        """The item of that key, withdrawn ones too."""
        ...


class Kind(Protocol):
    """One kind of site software (a module of this package is one)."""

    engine: str

    def entry(self, root: str, number: int, style: Style) -> dict[str, Any]:
        """The keys of a source's entry that say where its list is: `engine`, `url`, and what the engine needs. Pure.

        root: `http://address:port`, without a slash at its end.
        """
        ...

    def answer(self, asked: Asked, board: Board) -> Reply | None:
        """The column's answer to a request at one of its addresses; None where the address is none of this column's.

        `Reply.listed` and `Reply.article` hold keys of items. A withdrawn item answers with its `gone`. Pure.
        """
        ...
