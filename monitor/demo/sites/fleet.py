"""The fleet: any number of columns of any kind of software on any number of loopback hosts, over real HTTP."""

import hashlib
import heapq
import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from crawler.records import ChaoxunError, Source
from monitor.demo.sites.answers import Asked, Reply, front_page, not_found, plain
from monitor.demo.sites.failures import OF_THE_BOARD, OF_THE_LIST, READABLE, Failure, failed
from monitor.demo.sites.fleet_columns import BareBoard, FleetColumn, FrozenBoard
from monitor.demo.sites.fleet_entries import led_to, loaded
from monitor.demo.sites.fleet_ledger import FleetEvent, FleetEventKind, FleetLedger, FleetRequest
from monitor.demo.sites.fleet_server import FleetServer
from monitor.demo.sites.kinds import Board, Item, Style
from monitor.demo.sites.kinds.registry import KINDS
from monitor.demo.sites.misbehaviour import Misbehaviour
from monitor.demo.sites.sending import still_holds
from monitor.demo.sites.server import wall_clock


class Fleet:
    """Columns to publish in, with a ledger. A context manager; every method may be called from any thread.

    clock: what the hosts take for now. seed: everything made follows from it.
    """

    def __init__(self, *, clock: Callable[[], datetime] = wall_clock, seed: int = 1) -> None:
        self.ledger = FleetLedger()
        self._clock = clock
        self._seed = seed
        self._server = FleetServer(self._answer, clock=clock, look=self._catch_up)
        self._lock = threading.RLock()
        self._columns: dict[str, FleetColumn] = {}
        self._by_host: dict[str, list[FleetColumn]] = {}
        self._robots: dict[str, int | str] = {}
        self._taken: set[str | int] = set()
        self._failures: dict[str, Failure] = {}
        self._frozen: dict[str, FrozenBoard] = {}
        self._plan: list[tuple[datetime, int, Callable[[], object]]] = []
        self._order = itertools.count()
        self._moment: datetime | None = None

    # --- life ---

    def start(self) -> None:
        """Begins to serve; hosts come with their columns."""
        self._server.start()

    def stop(self) -> None:
        """Ends every answer in flight, a hanging one too, and closes the servers; a second call does nothing."""
        self._server.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # --- columns ---

    def add(
        self,
        kind_name: str,
        *,
        host: str | None = None,
        seed: int | None = None,
        entry: Mapping[str, Any] | None = None,
        slug: str | None = None,
        validators: bool | None = None,
        robots: int | str | None = None,
    ) -> FleetColumn:
        """A new column, without an item.

        host: its name; columns of one name share a server, None gives it one of its own. A name that is an address of
        127.0.0.0/8 is listened on. seed: of its names and texts; None follows from the fleet's. entry: an entry of a
        configuration, which the column then stands for: its addresses lead here. validators: whether answers carry
        an ETag; None leaves it to chance. robots: status or text of the host's robots.txt; None leaves it (404).
        Raises ChaoxunError for a slug that is taken.
        """
        kind = KINDS[kind_name]
        # Not under the lock: the servers' loop, which opens the host, may be waiting for it.
        host = self._server.add(host)
        root = self._server.root(host)
        with self._lock:
            number = len(self._columns) + 1
            style = Style(self._seed * 1000 + number if seed is None else seed)
            keys = kind.entry(root, number, style) if entry is None else led_to(entry, root)
            keys.setdefault("slug", slug or f"{kind_name.replace('_', '-')}-{number}")
            keys.setdefault("name", f"{style.choice('town', '甲', '乙', '丙', '丁')}市·第{number}栏")
            if keys["slug"] in self._columns:
                raise ChaoxunError(f"the fleet has a column {keys['slug']!r} already; give the new one another slug")
            if robots is not None:
                self._robots[host] = robots
            column = FleetColumn(
                kind_name=kind_name,
                kind=kind,
                host=host,
                root=root,
                number=number,
                style=style,
                entry=keys,
                validators=style.choice("validators", "", "yes") == "yes" if validators is None else validators,
                is_free=self._take,
            )
            self._columns[column.slug] = column
            self._by_host.setdefault(host, []).append(column)
            return column

    def columns(self, host: str | None = None) -> Sequence[FleetColumn]:
        """All columns, or those of one host, in the order in which they came."""
        with self._lock:
            return list(self._columns.values() if host is None else self._by_host.get(host, ()))

    def entry(self, column: FleetColumn) -> dict[str, Any]:
        """The column as an entry of `sources:`."""
        return dict(column.entry)

    def source(self, column: FleetColumn) -> Source:
        """The column as a configuration would give it; raises ConfigError where its entry is none."""
        return loaded([column.entry])[0]

    def sources(self) -> tuple[Source, ...]:
        """All columns as a configuration would give them; raises ConfigError with every entry that is none."""
        return loaded([column.entry for column in self.columns()])

    def root(self, host: str) -> str:
        """`http://address:port` of a host."""
        return self._server.root(host)

    # --- what the newsrooms do ---

    def publish(
        self,
        column: FleetColumn,
        count: int = 1,
        *,
        published: datetime | None = None,
        every: timedelta = timedelta(),
        on_top: bool = False,
        pinned: bool = False,
        **parts: Any,
    ) -> tuple[Item, ...]:
        """`count` made items, the newest dated `published` (None: now) and each other `every` before the next.

        An item stands where its date puts it, a back-dated one among the old; on_top: at the head of the list
        whatever its date. pinned: before all that are not. parts: of the Item (title, paragraphs, pages, …). Returns
        the items, the oldest first.
        """
        with self._lock:
            now = self._now()
            newest = now if published is None else published
            made = []
            for back in reversed(range(count)):
                at = newest - every * back
                item = column.publish(at, listed_at=now if on_top else at, pinned=pinned, **parts)
                made.append(item)
                self._note(FleetEventKind.PUBLISHED, column, item)
            return tuple(made)

    def edit(self, column: FleetColumn, key: str, **parts: Any) -> Item:
        """Changes parts of an item (title, paragraphs, …). Raises NoSuchItemError."""
        with self._lock:
            item = column.change(key, **parts)
            self._note(FleetEventKind.EDITED, column, item)
            return item

    def withdraw(self, column: FleetColumn, key: str, *, status: int = 404) -> None:
        """Takes the item off; its page answers `status`. Raises NoSuchItemError."""
        with self._lock:
            self._note(FleetEventKind.WITHDRAWN, column, column.withdraw(key, status))

    def restore(self, column: FleetColumn, key: str) -> None:
        """Puts a withdrawn item back where it stood. Raises NoSuchItemError."""
        with self._lock:
            self._note(FleetEventKind.RESTORED, column, column.restore(key))

    # --- what goes wrong ---

    def misbehave(self, where: FleetColumn | str, how: Failure) -> None:
        """From now on a column, or all that a host answers (`where` is its name), fails, until `behave`."""
        with self._lock:
            self._failures[_name(where)] = how
            for column in self.columns(where) if isinstance(where, str) else (where,):
                self._frozen[column.slug] = FrozenBoard(column, self._now())
            self._note(FleetEventKind.FAILED, where, detail=how.value)

    def behave(self, where: FleetColumn | str) -> None:
        """Ends the failure of a column or a host; an answer that hangs keeps hanging."""
        with self._lock:
            how = self._failures.pop(_name(where), None)
            if how is not None:
                self._note(FleetEventKind.MENDED, where, detail=how.value)

    def take_down(self, host: str) -> None:
        """The host refuses connections from now on; those that are open end."""
        self._server.close(host)
        with self._lock:
            self._note(FleetEventKind.DOWN, host)

    def bring_up(self, host: str) -> None:
        """The host listens again, at the same address and port."""
        with self._lock:
            self._note(FleetEventKind.UP, host)
        self._server.open(host)

    def schedule(self, at: datetime, what: Callable[[], object]) -> None:
        """Calls `what` when the clock has reached `at`, before the first answer after it; its now is `at`."""
        with self._lock:
            heapq.heappush(self._plan, (at, next(self._order), what))

    # --- inside ---

    def _now(self) -> datetime:
        return self._moment or self._clock()

    def _catch_up(self) -> None:
        """Does what has been scheduled up to now, each at its own moment."""
        with self._lock:
            now = self._clock()
            while self._plan and self._plan[0][0] <= now:
                self._moment, _, what = heapq.heappop(self._plan)
                try:
                    what()
                finally:
                    self._moment = None

    def _note(
        self, kind: FleetEventKind, where: FleetColumn | str, item: Item | None = None, *, detail: str = ""
    ) -> None:
        host, column = (where, None) if isinstance(where, str) else (where.host, where.slug)
        event = FleetEvent(kind=kind, at=self._now(), host=host, column=column, item=item, detail=detail)
        self.ledger.note_event(event)

    def _take(self, item: Item) -> bool:
        """Software that makes its addresses of the nine digits would give two items of one number one address."""
        if {item.key, item.number} & self._taken:
            return False
        self._taken |= {item.key, item.number}
        return True

    def _answer(self, host: str, asked: Asked) -> tuple[Reply, Misbehaviour | None]:
        """One request, answered rightly or not; noted in the ledger."""
        self._catch_up()
        with self._lock:
            column, reply = self._reply(host, asked)
            how = self._failures.get(host) or (self._failures.get(column.slug) if column else None)
            if how in OF_THE_BOARD and column is not None and reply.article is None:
                reply = self._of_another_board(column, asked, how) or reply
            elif how is not None and (how not in OF_THE_LIST or reply.listed):
                reply = failed(reply, how)
        reply = _with_validators(reply, column, how)
        if how is not Failure.HANG and still_holds(asked.headers, reply):
            reply = replace(reply, status=304, body=b"", listed=())
        self.ledger.note_request(_request(host, asked, column, reply, how))
        return reply, Misbehaviour.HANG if how is Failure.HANG else None

    def _reply(self, host: str, asked: Asked) -> tuple[FleetColumn | None, Reply]:
        """The right answer, and the column that gives it. One that says where the page is outdoes one that does not
        know it: two columns of one kind may share the form of their addresses."""
        if asked.path == "/robots.txt":
            robots = self._robots.get(host, 404)
            return None, Reply(status=robots, body=b"") if isinstance(robots, int) else plain(robots)
        missing: tuple[FleetColumn | None, Reply] | None = None
        columns = self.columns(host)
        for column in columns:
            reply = column.kind.answer(asked, column)
            if reply is not None and (reply.status != 404 or reply.article is not None):
                return column, reply
            if reply is not None and missing is None:
                missing = column, reply
        if asked.path == "/" and columns and missing is None:
            paths = {urlsplit(str(column.entry.get("url", "/"))).path: column.column_name for column in columns}
            return None, front_page(columns[0].site_name, paths, asked.now)
        return missing or (None, not_found(host))

    def _of_another_board(self, column: FleetColumn, asked: Asked, how: Failure) -> Reply | None:
        if how is Failure.EMPTY:
            return column.kind.answer(asked, BareBoard(column))
        frozen: Board = self._frozen[column.slug]
        return column.kind.answer(replace(asked, now=self._frozen[column.slug].at, visits=0), frozen)


def _name(where: FleetColumn | str) -> str:
    return where if isinstance(where, str) else where.slug


def _with_validators(reply: Reply, column: FleetColumn | None, how: Failure | None) -> Reply:
    """A tag where the column gives one. It is made of the bytes, so that it cannot hold for other ones."""
    if column is None or not column.validators or reply.status != 200 or how is Failure.FROZEN:
        return replace(reply, etag=None, last_modified=None)
    return replace(reply, etag=f'"{hashlib.sha256(reply.body).hexdigest()[:16]}"')


def _request(host: str, asked: Asked, column: FleetColumn | None, reply: Reply, how: Failure | None) -> FleetRequest:
    readable = how is None or how in READABLE or how in OF_THE_LIST
    given = readable and reply.status == 200
    return FleetRequest(
        at=asked.now,
        host=host,
        method=asked.method,
        path=asked.raw_path,
        status=reply.status,
        size=len(reply.body),
        conditional="if-none-match" in asked.headers or "if-modified-since" in asked.headers,
        column=None if column is None else column.slug,
        listed=reply.listed if readable else (),
        article=reply.article,
        version=reply.version if given else None,
        failure=None if how is None else how.value,
    )
