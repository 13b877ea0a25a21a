"""One column of the fleet: its items in the order of its list, and what its newsroom does to them."""

import bisect
import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from crawler.records import BEIJING, ChaoxunError
from monitor.demo.sites.articles import make_article
from monitor.demo.sites.kinds import Board, Item, Kind, Style

_PEOPLE = ("张三", "李四", "王五", "赵六")
_ISSUERS = ("示府办发", "示政发", "示发改")
_SITES = ("示例市人民政府", "示例县人民政府", "示例在线", "示例新闻网", "示例日报", "示例经信局")
_COLUMNS = ("要闻", "通知公告", "部门动态", "政策文件", "经济新闻", "工作动态", "统计信息")


class NoSuchItemError(ChaoxunError):
    """A key that the column has never published."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an item stands in its list: sorted ascending, and read from the end."""

    pinned: bool
    at: datetime
    number: int


class FleetColumn:
    """A column on one host. Not safe for threads by itself: the fleet calls it under its lock.

    changed_at: when the list or an item last changed, for validators.
    """

    def __init__(
        self,
        *,
        kind_name: str,
        kind: Kind,
        host: str,
        root: str,
        number: int,
        style: Style,
        entry: Mapping[str, Any],
        validators: bool,
        is_free: Callable[[Item], bool],
    ) -> None:
        """is_free: whether no other item of the fleet has the key or the number of this one; True takes it."""
        self.kind_name = kind_name
        self.kind = kind
        self.host = host
        self.root = root
        self.number = number
        self.style = style
        self.entry = entry
        self.validators = validators
        self.site_name = str(entry.get("name", "")).partition("·")[0] or style.choice("site name", *_SITES)
        self.column_name = str(entry.get("column") or style.choice("column name", *_COLUMNS))
        self._is_free = is_free
        self._items: dict[str, Item] = {}
        self._places: dict[str, _Place] = {}
        self._listed: list[str] = []

    @property
    def slug(self) -> str:
        return str(self.entry["slug"])

    # --- a Board, as the kind sees it ---

    def count(self) -> int:
        return len(self._listed)

    def newest(self, start: int, count: int) -> Sequence[Item]:
        end = len(self._listed) - start
        return [self._items[key] for key in reversed(self._listed[max(0, end - count) : max(0, end)])]

    def find(self, key: str) -> Item | None:
        return self._items.get(key)

    # --- orders ---

    def items(self) -> Sequence[Item]:
        """Everything ever published here, in the order of publication."""
        return list(self._items.values())

    def publish(self, published: datetime, *, listed_at: datetime, pinned: bool = False, **parts: Any) -> Item:
        """A made item in its place. listed_at: the time that its place in the list follows. parts: of the Item."""
        item = replace(self._made(published), pinned=pinned, **parts)
        self._items[item.key] = item
        self._places[item.key] = _Place(pinned, listed_at, len(self._places))
        self._show(item.key)
        return item

    def change(self, key: str, **parts: Any) -> Item:
        """The item with these parts changed, as its next version. Raises NoSuchItemError."""
        item = self.item(key)
        self._items[key] = replace(item, version=item.version + 1, **parts)
        return self._items[key]

    def withdraw(self, key: str, status: int) -> Item:
        """Off the list; its page answers `status`. Raises NoSuchItemError."""
        item = self.item(key)
        if item.gone is None:
            self._listed.remove(key)
        self._items[key] = replace(item, gone=status)
        return self._items[key]

    def restore(self, key: str) -> Item:
        """Back where it stood. Raises NoSuchItemError."""
        item = self.item(key)
        if item.gone is not None:
            self._show(key)
        self._items[key] = replace(item, gone=None)
        return self._items[key]

    def item(self, key: str) -> Item:
        if key not in self._items:
            raise NoSuchItemError(f"{self.slug} has published no item {key!r}")
        return self._items[key]

    # --- inside ---

    def _show(self, key: str) -> None:
        bisect.insort(self._listed, key, key=lambda other: _order(self._places[other]))

    def _made(self, published: datetime) -> Item:
        """The next item of this column; the same for the same style, number and count of items before it."""
        serial = len(self._items)
        made = make_article(self.number * 100_000 + serial, seed=self.style.seed)
        draw = random.Random(f"{self.style.seed} {self.number} {serial}")
        item = Item(
            key="",
            title=made.title,
            paragraphs=made.paragraphs,
            published=published.astimezone(BEIJING).replace(second=0, microsecond=0),
            origin=made.origin,
            author=draw.choice(_PEOPLE),
            editor=draw.choice(_PEOPLE),
            doc_number=f"{draw.choice(_ISSUERS)}〔{published:%Y}〕{serial + 1}号",
        )
        for salt in range(1000):
            digest = hashlib.sha256(f"{self.style.seed} {self.number} {serial} {salt}".encode()).hexdigest()
            item = replace(item, key=digest[:16])
            if self._is_free(item):
                return item
        raise ChaoxunError(f"{self.slug} finds no free number for an item; there are too many on the fleet")


def _order(place: _Place) -> tuple[bool, datetime, int]:
    return (place.pinned, place.at, place.number)


class BareBoard:
    """A column whose list is empty while its articles stay where they are."""

    def __init__(self, board: Board) -> None:
        self.number = board.number
        self.site_name = board.site_name
        self.column_name = board.column_name
        self.style = board.style
        self.entry = board.entry
        self._board = board

    def count(self) -> int:
        return 0

    def newest(self, start: int, count: int) -> Sequence[Item]:
        return ()

    def find(self, key: str) -> Item | None:
        return self._board.find(key)


class FrozenBoard(BareBoard):
    """A column whose list is the copy of one moment, whatever is published after it."""

    def __init__(self, board: Board, at: datetime) -> None:
        super().__init__(board)
        self.at = at
        self._copy = tuple(board.newest(0, board.count()))

    def count(self) -> int:
        return len(self._copy)

    def newest(self, start: int, count: int) -> Sequence[Item]:
        return self._copy[start : start + count]
