"""The fleet: any number of columns of any kind of software on any number of loopback hosts, over real HTTP."""

import asyncio
import hashlib
import heapq
import itertools
import json
import re
import socket
import tempfile
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from crawler.engines import ENGINES
from crawler.records import Source
from crawler.sources import load_source_file
from monitor.demo.sites.answers import Asked, Reply, front_page, not_found, plain
from monitor.demo.sites.failures import OF_THE_LIST, READABLE, Failure, failed
from monitor.demo.sites.fleet_columns import BareBoard, FleetColumn, FrozenBoard
from monitor.demo.sites.fleet_ledger import FleetEvent, FleetEventKind, FleetLedger, FleetRequest
from monitor.demo.sites.kinds import Board, Item, Style
from monitor.demo.sites.kinds.registry import KINDS
from monitor.demo.sites.misbehaviour import Misbehaviour
from monitor.demo.sites.sending import send, still_holds
from monitor.demo.sites.server import wall_clock

_RELEASE_SECONDS = 0.25
#: How often what is scheduled is done when nobody asks for a page; seconds.
_LOOK_EVERY = 0.05
_ADDRESS = re.compile(r"https?://[\w.-]+(?::\d+)?")


@dataclass(slots=True)
class _Host:
    """One server of the fleet. `runner` is None while it refuses connections."""

    name: str
    address: str
    port: int
    robots: int | str
    columns: list[FleetColumn] = field(default_factory=list)
    runner: web.AppRunner | None = None

    @property
    def root(self) -> str:
        return f"http://{self.address}:{self.port}"


class Fleet:
    """Columns to publish in, with a ledger. A context manager; every method may be called from any thread.

    clock: what the hosts take for now. seed: everything made follows from it.
    """

    def __init__(self, *, clock: Callable[[], datetime] = wall_clock, seed: int = 1) -> None:
        self.ledger = FleetLedger()
        self._clock = clock
        self._seed = seed
        self._lock = threading.RLock()
        self._opening = threading.Lock()
        self._hosts: dict[str, _Host] = {}
        self._columns: dict[str, FleetColumn] = {}
        self._taken: set[str | int] = set()
        self._failures: dict[str, Failure] = {}
        self._frozen: dict[str, FrozenBoard] = {}
        self._plan: list[tuple[datetime, int, Callable[[], object]]] = []
        self._moment: datetime | None = None
        self._order = itertools.count()
        self._visits = itertools.count(1000)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._works: set[asyncio.Future[None]] = set()

    # --- life ---

    def start(self) -> None:
        """Begins to serve; hosts come with their columns."""
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), name="fleet", daemon=True)
        self._thread.start()
        ready.result()

    def stop(self) -> None:
        """Ends every answer in flight, a hanging one too, and closes the servers; a second call does nothing."""
        thread, loop = self._thread, self._loop
        self._thread = None
        if thread is None or loop is None:
            return
        loop.call_soon_threadsafe(self._stopping.set)
        thread.join()

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
        robots: int | str = 404,
    ) -> FleetColumn:
        """A new column, without an item.

        host: its name; columns of one name share a server, None gives it one of its own. A name that is an address of
        127.0.0.0/8 is listened on. seed: of its names and texts; None follows from the fleet's. entry: an entry of a
        configuration, which the column then stands for: its addresses lead here. validators: whether answers carry
        ETag and Last-Modified; None leaves it to chance. robots: status or text of the host's robots.txt.
        """
        kind = KINDS[kind_name]
        server = self._host(host, robots)
        with self._lock:
            number = len(self._columns) + 1
            style = Style(self._seed * 1000 + number if seed is None else seed)
            keys = kind.entry(server.root, number, style) if entry is None else _here(entry, server.root)
            keys.setdefault("slug", slug or f"{kind_name.replace('_', '-')}-{number}")
            keys.setdefault("name", f"{style.choice('town', '甲', '乙', '丙', '丁')}市·第{number}栏")
            column = FleetColumn(
                kind_name=kind_name,
                kind=kind,
                host=server.name,
                root=server.root,
                number=number,
                style=style,
                entry=keys,
                validators=style.choice("validators", "", "yes") == "yes" if validators is None else validators,
                is_free=self._take,
            )
            self._columns[column.slug] = column
            server.columns.append(column)
            return column

    def columns(self) -> Sequence[FleetColumn]:
        with self._lock:
            return list(self._columns.values())

    def entry(self, column: FleetColumn) -> dict[str, Any]:
        """The column as an entry of `sources:`."""
        return dict(column.entry)

    def source(self, column: FleetColumn) -> Source:
        """The column as a configuration would give it; raises ConfigError where its entry is none."""
        return self.sources(column)[0]

    def sources(self, *columns: FleetColumn) -> tuple[Source, ...]:
        """These columns, or all of them, as a configuration would give them."""
        entries = [dict(column.entry) for column in columns or self.columns()]
        return _loaded(entries)

    def root(self, host: str) -> str:
        """`http://address:port` of a host."""
        return self._hosts[host].root

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
                self._note(FleetEventKind.PUBLISHED, column.host, column, item)
            return tuple(made)

    def edit(self, column: FleetColumn, key: str, **parts: Any) -> Item:
        """Changes parts of an item (title, paragraphs, …). Raises NoSuchItemError."""
        with self._lock:
            item = column.change(key, **parts)
            self._note(FleetEventKind.EDITED, column.host, column, item)
            return item

    def withdraw(self, column: FleetColumn, key: str, *, status: int = 404) -> None:
        """Takes the item off; its page answers `status`. Raises NoSuchItemError."""
        with self._lock:
            self._note(FleetEventKind.WITHDRAWN, column.host, column, column.withdraw(key, status))

    def restore(self, column: FleetColumn, key: str) -> None:
        """Puts a withdrawn item back where it stood. Raises NoSuchItemError."""
        with self._lock:
            self._note(FleetEventKind.RESTORED, column.host, column, column.restore(key))

    def url(self, column: FleetColumn, item: Item) -> str | None:
        """Where the item's page is, as a request for it has shown; None before one."""
        for request in reversed(self.ledger.requests_of(column.slug)):
            if request.article == item.key:
                return column.root + request.path
        return None

    # --- what goes wrong ---

    def misbehave(self, where: FleetColumn | str, how: Failure) -> None:
        """From now on a column, or all that a host answers (`where` is its name), fails, until `behave`."""
        with self._lock:
            host, column = (where, None) if isinstance(where, str) else (where.host, where)
            key = where if isinstance(where, str) else where.slug
            self._failures[key] = how
            for other in self._hosts[host].columns if column is None else (column,):
                self._frozen[other.slug] = FrozenBoard(other, self._now())
            self._note(FleetEventKind.FAILED, host, column, detail=how.value)

    def behave(self, where: FleetColumn | str) -> None:
        """Ends the failure of a column or a host; an answer that hangs keeps hanging."""
        with self._lock:
            host, column = (where, None) if isinstance(where, str) else (where.host, where)
            how = self._failures.pop(where if isinstance(where, str) else where.slug, None)
            if how is not None:
                self._note(FleetEventKind.MENDED, host, column, detail=how.value)

    def take_down(self, host: str) -> None:
        """The host refuses connections from now on; those that are open end."""
        self._do_now(self._close(self._hosts[host]))
        with self._lock:
            self._note(FleetEventKind.DOWN, host)

    def bring_up(self, host: str) -> None:
        """The host listens again, at the same address and port."""
        with self._lock:
            self._note(FleetEventKind.UP, host)
        self._do_now(self._open(self._hosts[host]))

    def schedule(self, at: datetime, what: Callable[[], object]) -> None:
        """Calls `what` when the clock has reached `at`, before the first answer after it; its now is `at`."""
        with self._lock:
            heapq.heappush(self._plan, (at, next(self._order), what))

    # --- inside ---

    def _now(self) -> datetime:
        return self._moment or self._clock()

    def _note(
        self,
        kind: FleetEventKind,
        host: str,
        column: FleetColumn | None = None,
        item: Item | None = None,
        detail: str = "",
    ) -> None:
        slug = None if column is None else column.slug
        self.ledger.note_event(FleetEvent(kind=kind, at=self._now(), host=host, column=slug, item=item, detail=detail))

    def _take(self, item: Item) -> bool:
        """Software that makes its addresses of the nine digits would give two items of one number one address."""
        if {item.key, item.number} & self._taken:
            return False
        self._taken |= {item.key, item.number}
        return True

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

    def _host(self, name: str | None, robots: int | str) -> _Host:
        """Not under the common lock: the loop that opens the host may be waiting for it."""
        with self._opening:
            name = name or f"host-{len(self._hosts) + 1}"
            if name not in self._hosts:
                listener = _listen(name if name.startswith("127.") else f"127.30.0.{len(self._hosts) % 250 + 1}")
                address, port = listener.getsockname()[:2]
                host = _Host(name=name, address=address, port=port, robots=robots)
                self._do_now(self._open(host, listener))
                self._hosts = {**self._hosts, name: host}
            return self._hosts[name]

    def _do_now(self, work: Any) -> None:
        """On the servers' loop; waits for it, unless that loop itself asks."""
        assert self._loop is not None, "the fleet has been started"
        if threading.current_thread() is self._thread:
            self._works.add(task := asyncio.ensure_future(work))
            task.add_done_callback(self._works.discard)
        else:
            asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)

    async def _open(self, host: _Host, listener: socket.socket | None = None) -> None:
        if host.runner is not None:
            return
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._route(host))
        host.runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=_RELEASE_SECONDS)
        await host.runner.setup()
        await web.SockSite(host.runner, listener or socket.create_server((host.address, host.port))).start()

    async def _close(self, host: _Host) -> None:
        runner, host.runner = host.runner, None
        if runner is not None:
            await runner.cleanup()

    async def _serve(self, ready: "Future[None]") -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        ready.set_result(None)
        while not self._stopping.is_set():
            self._catch_up()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _LOOK_EVERY)
        await asyncio.gather(*(self._close(host) for host in self._hosts.values()))

    def _route(self, host: _Host) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            return await self._answer(host, request)

        return answer

    async def _answer(self, host: _Host, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self._catch_up()
        with self._lock:
            asked = Asked(
                path=request.path,
                query=dict(request.query),
                headers={name.lower(): value for name, value in request.headers.items()},
                root=host.root,
                now=self._clock(),
                visits=next(self._visits),
                method=request.method,
                form=dict(parse_qsl(body.decode("utf-8", errors="replace"), keep_blank_values=True)),
                body=body,
            )
            column, reply = self._reply(host, asked)
            how = self._failures.get(host.name) or (self._failures.get(column.slug) if column else None)
            if how is not None and column is not None and how in (Failure.EMPTY, Failure.FROZEN):
                reply = self._otherwise(column, asked, reply, how)
            elif how is not None and (how not in OF_THE_LIST or reply.listed):
                reply = failed(reply, how)
        conditional = "if-none-match" in asked.headers or "if-modified-since" in asked.headers
        if column is not None:
            reply = _with_validators(reply, column, how)
        if reply.status == 200 and conditional and how is not Failure.HANG and still_holds(asked.headers, reply):
            reply = replace(reply, status=304, body=b"", listed=())
        readable = how is None or how in READABLE or how in OF_THE_LIST
        given = readable and reply.status == 200 and reply.article is not None
        self.ledger.note_request(
            FleetRequest(
                at=asked.now,
                host=host.name,
                method=request.method,
                path=request.raw_path,
                status=reply.status,
                size=len(reply.body),
                conditional=conditional,
                column=None if column is None else column.slug,
                listed=reply.listed if readable else (),
                article=reply.article if given else None,
                version=reply.version if given else None,
                failure=None if how is None else how.value,
            )
        )
        badly = Misbehaviour.HANG if how is Failure.HANG else None
        return await send(request, reply, badly, stopping=self._stopping, drip=0.0)

    def _reply(self, host: _Host, asked: Asked) -> tuple[FleetColumn | None, Reply]:
        """The right answer, and the column that gives it. One that says where the page is outdoes one that does not
        know it: two columns of one kind may share the form of their addresses."""
        if asked.path == "/robots.txt":
            return None, _robots(host)
        missing: tuple[FleetColumn | None, Reply] | None = None
        for column in host.columns:
            reply = column.kind.answer(asked, column)
            if reply is not None and (reply.status != 404 or reply.article is not None):
                return column, reply
            if reply is not None and missing is None:
                missing = column, reply
        if asked.path == "/" and missing is None:
            paths = {urlsplit(str(c.entry.get("url", "/"))).path: c.column_name for c in host.columns}
            return None, front_page(host.columns[0].site_name, paths, asked.now)
        return missing or (None, not_found(host.name))

    def _otherwise(self, column: FleetColumn, asked: Asked, reply: Reply, how: Failure) -> Reply:
        """The list as another board would give it; what is no list stays."""
        if reply.article is not None:
            return reply
        frozen = self._frozen[column.slug]
        board: Board = BareBoard(column) if how is Failure.EMPTY else frozen
        if how is Failure.FROZEN:
            asked = replace(asked, now=frozen.at, visits=0)
        return column.kind.answer(asked, board) or reply


def _robots(host: _Host) -> Reply:
    return Reply(status=host.robots, body=b"") if isinstance(host.robots, int) else plain(host.robots)


def _with_validators(reply: Reply, column: FleetColumn, how: Failure | None) -> Reply:
    """Validators where the column gives them. The tag is made of the bytes, so that it cannot hold for other ones."""
    if not column.validators or reply.status != 200 or how is Failure.FROZEN:
        return replace(reply, etag=None, last_modified=None)
    return replace(reply, etag=reply.etag or f'"{hashlib.sha256(reply.body).hexdigest()[:16]}"')


def _here(entry: Mapping[str, Any], root: str) -> dict[str, Any]:
    """The entry with every address in it led to `root`; where it has no url, the engine's own address as one."""
    keys: dict[str, Any] = _led(dict(entry), root)
    if "url" not in keys:
        asked = ENGINES[keys["engine"]].start(_loaded([keys])[0]).url
        keys["url"] = root + urlsplit(asked).path
    return keys


def _led(value: Any, root: str) -> Any:
    match value:
        case str():
            return _ADDRESS.sub(root, value)
        case dict():
            return {key: _led(part, root) for key, part in value.items()}
        case list() | tuple():
            return [_led(part, root) for part in value]
        case _:
            return value


def _loaded(entries: Sequence[Mapping[str, Any]]) -> tuple[Source, ...]:
    """Read as the configuration is, with all its checks. JSON is YAML."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fleet.yaml"
        path.write_text(json.dumps({"sources": entries}, ensure_ascii=False), encoding="utf-8")
        return load_source_file(path, environ={})


def _listen(address: str) -> socket.socket:
    """A listening socket on a free port; systems that have no other loopback address give 127.0.0.1."""
    try:
        return socket.create_server((address, 0), backlog=128)
    except OSError:
        return socket.create_server(("127.0.0.1", 0), backlog=128)
