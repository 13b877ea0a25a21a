"""The fleet's hosts as real HTTP servers on loopback, in a thread with a loop of its own; knows nothing of columns."""

import asyncio
import itertools
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from aiohttp import web

from monitor.demo.sites.answers import Asked, Reply
from monitor.demo.sites.misbehaviour import Misbehaviour
from monitor.demo.sites.sending import send

#: What a host answers to a request, and how badly the answer is sent.
Answerer = Callable[[str, Asked], tuple[Reply, Misbehaviour | None]]

_RELEASE_SECONDS = 0.25
#: How often the fleet looks for what is due when nobody asks for a page; seconds.
_LOOK_EVERY = 0.05
_PATIENCE = 10.0


@dataclass(slots=True)
class _Host:
    """`runner` is None while the host refuses connections."""

    name: str
    address: str
    port: int
    runner: web.AppRunner | None = None

    @property
    def root(self) -> str:
        return f"http://{self.address}:{self.port}"


class FleetServer:
    """Opens and closes hosts, and puts each request to `answer`; every method may be called from any thread.

    look: called now and then on the servers' thread, for what happens at its time whether somebody asks or not.
    """

    def __init__(self, answer: Answerer, *, clock: Callable[[], datetime], look: Callable[[], None]) -> None:
        self._answer = answer
        self._clock = clock
        self._look = look
        self._hosts: dict[str, _Host] = {}
        self._adding = threading.Lock()
        self._visits = itertools.count(1000)
        self._works: set[asyncio.Future[None]] = set()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()

    def start(self) -> None:
        """Begins to serve; hosts come by `add`."""
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), name="fleet", daemon=True)
        self._thread.start()
        ready.result()

    def stop(self) -> None:
        """Ends every answer in flight, a hanging one too, and closes the hosts; a second call does nothing."""
        thread, loop = self._thread, self._loop
        self._thread = None
        if thread is None or loop is None:
            return
        loop.call_soon_threadsafe(self._stopping.set)
        thread.join()

    def add(self, name: str | None) -> str:
        """The name of a host that listens from now on; a known name changes nothing, None makes a new one.

        A name that is an address of 127.0.0.0/8 is listened on. Raises OSError where no address can be had.
        """
        with self._adding:
            name = name or f"host-{len(self._hosts) + 1}"
            if name not in self._hosts:
                listener = _listen(name if name.startswith("127.") else f"127.30.0.{len(self._hosts) % 250 + 1}")
                address, port = listener.getsockname()[:2]
                host = _Host(name=name, address=address, port=port)
                self._do(self._open(host, listener))
                self._hosts[name] = host
            return name

    def root(self, name: str) -> str:
        """`http://address:port` of a host."""
        return self._hosts[name].root

    def close(self, name: str) -> None:
        """The host refuses connections from now on, and those that are open end."""
        self._do(self._close(self._hosts[name]))

    def open(self, name: str) -> None:
        """The host listens again where it did; one that listens goes on."""
        self._do(self._open(self._hosts[name]))

    def _do(self, work: Coroutine[None, None, None]) -> None:
        """On the servers' loop; waits for it, unless it is that loop that asks."""
        assert self._loop is not None, "the fleet has been started"
        if threading.current_thread() is self._thread:
            self._works.add(task := asyncio.ensure_future(work))
            task.add_done_callback(self._works.discard)
        else:
            asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=_PATIENCE)

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
            self._look()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _LOOK_EVERY)
        await asyncio.gather(*(self._close(host) for host in self._hosts.values()))

    def _route(self, host: _Host) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            asked = Asked(
                path=request.path,
                raw_path=request.raw_path,
                query=dict(request.query),
                headers={name.lower(): value for name, value in request.headers.items()},
                root=host.root,
                now=self._clock(),
                visits=next(self._visits),
                method=request.method,
                form=dict(parse_qsl(body.decode("utf-8", errors="replace"), keep_blank_values=True)),
                body=body,
            )
            reply, how = self._answer(host.name, asked)
            return await send(request, reply, how, stopping=self._stopping, drip=0.0)

        return answer


def _listen(address: str) -> socket.socket:
    """A listening socket on a free port; systems that have no other loopback address give 127.0.0.1."""
    try:
        return socket.create_server((address, 0), backlog=128)
    except OSError:
        return socket.create_server(("127.0.0.1", 0), backlog=128)
