"""The pool of parse workers: hostile bytes are read in processes that may hang or die without harm to the daemon.

A worker is `python -c` with a socket, not a fork of us: it has none of our threads, secrets or file descriptors. It
answers one call at a time; one that is late or dies is killed and replaced, and the call is told so.
"""

import asyncio
import contextlib
import ctypes
import os
import pickle
import resource
import signal
import socket
import struct
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, TypeVar

import structlog

from crawler.engines import read_listing
from crawler.extract import EXTRACTOR_VERSION, extract
from crawler.quality import judge
from crawler.records import Capture, ChaoxunError, Draft, Hints, Listing, ListingError, Quality, Source, Verdict

P = ParamSpec("P")
T = TypeVar("T")

#: Address space that a worker may take above what it has when it is ready, in bytes.
MEMORY = 512 * 1024 * 1024
#: A worker is replaced after so many calls: what libraries leak goes with it.
CALLS = 2_000
_START_WITHIN = 60.0
_HEADER = struct.Struct("!Q")
_COMMAND = (sys.executable, "-c", "from crawler.workers import serve; serve()")
_PR_SET_PDEATHSIG = 1
log = structlog.get_logger()


class WorkerError(ChaoxunError):
    """A call that a worker could not finish; the worker is gone, the next call has another."""


class WorkerTimeout(WorkerError):
    """The call took longer than it may."""


class WorkerDied(WorkerError):
    """The worker ended during the call: out of memory, a crash, or an error that nobody expected."""


@dataclass(frozen=True, slots=True)
class _Call:
    function: Callable[..., object]
    arguments: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Value:
    value: object


@dataclass(frozen=True, slots=True)
class _Refused:
    error: ChaoxunError


@dataclass(frozen=True, slots=True)
class _LastWords:
    text: str


@dataclass(frozen=True, slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Pool:
    """Parse workers, `size` of them. Starting is lazy unless `start` is awaited; `close` kills what is left.

    seconds: longest time of one call. memory: bytes of address space above a worker's start.
    Belongs to one event loop; calls beyond `size` wait for a free worker.
    """

    def __init__(self, *, size: int = 1, seconds: float = 10.0, memory: int = MEMORY, calls: int = CALLS) -> None:
        self._size = size
        self._seconds = seconds
        self._memory = memory
        self._calls = calls
        # One slot per worker: the task that starts it (so that a replacement warms up while nobody waits), and how
        # many calls it has answered.
        self._slots: asyncio.LifoQueue[tuple[asyncio.Task[_Worker], int]] | None = None
        self._living: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    async def start(self) -> None:
        """Start every worker and wait until each is ready. Raises WorkerDied where Python itself does not start."""
        slots = self._open()
        started = [slots.get_nowait() for _ in range(slots.qsize())]
        try:
            await asyncio.gather(*(task for task, _ in started))
        finally:
            for slot in started:
                slots.put_nowait(slot)

    async def close(self) -> None:
        """Kill the workers and wait for their end (milliseconds); calls under way see WorkerDied. May be repeated."""
        self._closed = True
        if self._slots is not None:
            while not self._slots.empty():
                task, _ = self._slots.get_nowait()
                await self._discard(task)
        for process in tuple(self._living):
            self._kill(process)

    async def __aenter__(self) -> "Pool":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    async def read(self, source: Source, page: Capture) -> Listing:
        """What the source's engine reads from a listing page. Raises ListingError, also where the worker failed."""
        try:
            return await self.call(read_listing, source, page)
        except WorkerError as error:
            raise ListingError(f"{source.slug}: the listing {page.final_url} could not be read: {error}") from error

    async def extract(self, capture: Capture, hints: Hints) -> Draft:
        """The draft of one capture, its verdict included; a worker that failed is a draft of verdict `error`."""
        try:
            return await self.call(draft_of, capture, hints)
        except WorkerError as error:
            log.warning("extraction failed", url=capture.final_url, bytes=len(capture.body), error=str(error))
            quality = Quality(verdict=Verdict.ERROR, notes=(str(error),))
            return Draft(url=capture.final_url, title=None, text="", quality=quality, extractor=EXTRACTOR_VERSION)

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a module-level function in a worker. Arguments and answer are pickled.

        Raises WorkerTimeout and WorkerDied (both name what happened), and any ChaoxunError of the function.
        """
        if kwargs:
            raise TypeError("a call to a worker takes positional arguments only")
        payload = pickle.dumps(_Call(function, args), pickle.HIGHEST_PROTOCOL)
        slots = self._open()
        task, calls = await slots.get()
        worker: _Worker | None = None
        healthy = False
        try:
            worker = await self._started(task)
            answer = await self._ask(worker, payload)
            healthy = not isinstance(answer, _LastWords) and calls + 1 < self._calls
        finally:
            if worker is None and not _failed(task):  # the caller gave up while it started: it is as good as new
                await self._give_back(task, calls)
            elif healthy:
                await self._give_back(task, calls + 1)
            else:
                if worker is not None:
                    await self._end(worker)
                if not self._closed:
                    slots.put_nowait((self._replacement(), 0))
        match answer:
            case _Value(value=value):
                return value  # type: ignore[return-value]  # the worker ran `function`, so it is a T
            case _Refused(error=error):
                raise error
            case _LastWords(text=text):
                raise WorkerDied(text)

    def _open(self) -> "asyncio.LifoQueue[tuple[asyncio.Task[_Worker], int]]":
        if self._closed:
            raise WorkerDied("the worker pool is closed")
        if self._slots is None:
            self._slots = asyncio.LifoQueue()
            for _ in range(self._size):
                self._slots.put_nowait((self._replacement(), 0))
        return self._slots

    async def _give_back(self, task: "asyncio.Task[_Worker]", calls: int) -> None:
        if self._closed or self._slots is None:
            await self._discard(task)
        else:
            self._slots.put_nowait((task, calls))

    async def _discard(self, task: "asyncio.Task[_Worker]") -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if not _failed(task):
            await self._end(task.result())

    def _replacement(self) -> "asyncio.Task[_Worker]":
        return asyncio.get_running_loop().create_task(self._spawn(), name="start parse worker")

    async def _started(self, task: "asyncio.Task[_Worker]") -> _Worker:
        # shield: a caller that gives up must not cancel the start of a worker that the next caller needs.
        return await asyncio.shield(task)

    async def _spawn(self) -> _Worker:
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [*_COMMAND, str(theirs.fileno()), str(self._memory), str(os.getpid())],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )
        self._living.add(process)
        reader, writer = await asyncio.open_connection(sock=ours)
        worker = _Worker(process, reader, writer)
        try:
            async with asyncio.timeout(_START_WITHIN):
                ready = await self._receive(worker)
        except TimeoutError:
            ready = _LastWords(f"it was not ready within {_START_WITHIN:.0f} s")
        except asyncio.CancelledError:
            self._kill(process)
            writer.close()
            raise
        if isinstance(ready, _LastWords):
            await self._end(worker)
            raise WorkerDied(f"a parse worker did not start: {ready.text}")
        return worker

    async def _ask(self, worker: _Worker, payload: bytes) -> _Value | _Refused | _LastWords:
        try:
            async with asyncio.timeout(self._seconds):
                worker.writer.write(_HEADER.pack(len(payload)))
                worker.writer.write(payload)
                await worker.writer.drain()
                return await self._receive(worker)
        except TimeoutError as error:
            raise WorkerTimeout(
                f"reading it took longer than {self._seconds:g} s; the parse worker was ended"
            ) from error
        except OSError as error:
            raise WorkerDied(f"the parse worker ended: {error}") from error

    async def _receive(self, worker: _Worker) -> _Value | _Refused | _LastWords:
        try:
            (size,) = _HEADER.unpack(await worker.reader.readexactly(_HEADER.size))
            answer = pickle.loads(await worker.reader.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionError):
            return _LastWords(_how_it_ended(await _exit_code(worker.process)))
        if not isinstance(answer, _Value | _Refused | _LastWords):
            raise WorkerDied(f"the parse worker answered {type(answer).__name__}")
        return answer

    async def _end(self, worker: _Worker) -> None:
        self._kill(worker.process)
        worker.writer.close()
        with contextlib.suppress(OSError):  # it was killed: that its end is gone is no news
            await worker.writer.wait_closed()

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()  # after SIGKILL: milliseconds
        self._living.discard(process)


def _failed(task: "asyncio.Task[_Worker]") -> bool:
    """Whether the start has ended without a worker."""
    return task.done() and (task.cancelled() or task.exception() is not None)


def draft_of(capture: Capture, hints: Hints) -> Draft:
    """Extraction and the quality gate over one capture, as a worker runs them; one without `final_url` was handed in,
    and no answer of a site that could be judged. Pure."""
    draft = extract(capture.body, url=capture.final_url or None, content_type=capture.content_type, hints=hints)
    return judge(capture, draft, entry=hints.entry) if capture.final_url else draft


async def _exit_code(process: subprocess.Popen[bytes]) -> int | None:
    """Its exit code; it has closed its socket, so the end is a matter of moments."""
    for _ in range(100):
        if (code := process.poll()) is not None:
            return code
        await asyncio.sleep(0.01)
    return None


def _how_it_ended(code: int | None) -> str:
    if code is None:
        return "the parse worker closed its socket"
    if code < 0:
        return f"the parse worker was ended by {signal.Signals(-code).name}"
    return f"the parse worker ended with {code}"


def _environment() -> dict[str, str]:
    """What a worker may know of our environment: where Python's modules are, and no secret."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)}


def serve() -> None:
    """The life of a worker: argv holds its socket, its memory limit in bytes and its parent's process id."""
    descriptor, memory, parent = (int(argument) for argument in sys.argv[1:4])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the daemon, which then closes the pool
    # The kernel ends us when the parent dies, however it dies; the check covers a parent that died before this line.
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return
    connection = socket.socket(fileno=descriptor)  # open until the process ends: the except hook speaks through it
    sys.excepthook = _last_words_to(connection)
    _limit(memory)
    _send(connection, _Value(None))
    while (request := _next_request(connection)) is not None:
        _send(connection, _answer(request))


def _answer(request: bytes) -> _Value | _Refused:
    call: _Call = pickle.loads(request)
    try:
        return _Value(call.function(*call.arguments))
    except ChaoxunError as error:
        return _Refused(error)


def _limit(memory: int) -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _last_words_to(
    connection: socket.socket,
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """An except hook: whatever ends this process is told to the daemon first, and printed for the journal."""

    def hook(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
        if issubclass(kind, MemoryError):
            text = "the parse worker ran out of memory"
        else:
            traceback.print_exception(kind, error, at)
            text = f"the parse worker failed: {kind.__name__}: {error}"[:500]
        _send(connection, _LastWords(text))

    return hook


def _next_request(connection: socket.socket) -> bytes | None:
    header = _exactly(connection, _HEADER.size)
    return None if header is None else _exactly(connection, _HEADER.unpack(header)[0])


def _exactly(connection: socket.socket, size: int) -> bytes | None:
    """So many bytes, or None where the daemon closed its end."""
    data = bytearray(size)
    view, filled = memoryview(data), 0
    while filled < size:
        count = connection.recv_into(view[filled:])
        if count == 0:
            return None
        filled += count
    return bytes(data)


def _send(connection: socket.socket, answer: _Value | _Refused | _LastWords) -> None:
    payload = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
    connection.sendall(_HEADER.pack(len(payload)))
    connection.sendall(payload)
