"""Runs the real daemon as a child process and hears what it says: its log, and its words to the service manager.

`Lab` has everything around it: sample sites, a mail server, a configuration folder.
"""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import urlsplit

import psutil

from monitor.corpus import Corpus, outbox
from monitor.corpus.outbox import DeliveryRow
from monitor.corpus.sources import states
from monitor.demo.receivers import MailReceiver
from monitor.demo.sites import Column, Pace, SampleSites

#: Longer than any start, poll or stop takes on a busy machine; a wait that lasts so long has failed.
PATIENCE = 60.0
_PAGE = re.compile(r"daemon started.* page=(http://\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One datagram to the service manager, as `NAME=value` lines. at: monotonic seconds."""

    at: float
    fields: Mapping[str, str]

    @property
    def status(self) -> str:
        return self.fields.get("STATUS", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the daemon's page answered."""

    status: int
    text: str


class DaemonProcess:
    """`chaoxun --config FOLDER run` as a child, from `start` on; a context manager that leaves no process behind.

    It may be started again after its end; log and notices go on. Times are monotonic seconds.
    """

    def __init__(self, folder: Path, *, watchdog: timedelta | None = None) -> None:
        """watchdog: the limit that the service manager would set."""
        self.folder = folder
        #: When each process was started.
        self.starts: list[float] = []
        self._watchdog = watchdog
        self._process: subprocess.Popen[str] | None = None
        self._readers: list[threading.Thread] = []
        self._news = threading.Condition()
        self._lines: list[str] = []
        self._notices: list[Notice] = []
        self._log_begins = 0
        self._running = False

    def __enter__(self) -> Self:
        # a path below /tmp may be longer than the 107 bytes that a socket's address takes: the abstract names are not
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.bind("")  # the kernel picks a free abstract name
        self._address = "@" + self._socket.getsockname()[1:].decode()
        self._hearing = threading.Thread(target=self._hear, name="service manager", daemon=True)
        self._hearing.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.runs():
            self.kill()
        for reader in self._readers:
            reader.join(PATIENCE)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.sendto(b"", self._socket.getsockname())
        self._hearing.join(PATIENCE)
        self._socket.close()

    # -- life

    def start(self, program: str = "monitor.cli", **environment: str) -> Self:
        """Starts the process and returns at once; see `wait_ready`. program: a module that does as the command does.

        environment: variables beside ours.
        """
        assert not self.runs(), "it runs already"
        environ = {**os.environ, **environment, "NOTIFY_SOCKET": self._address}
        if self._watchdog is not None:
            environ["WATCHDOG_USEC"] = str(int(self._watchdog.total_seconds() * 1_000_000))
        self.starts.append(time.monotonic())
        self._running = True
        self._log_begins = len(self._lines)
        self._process = subprocess.Popen(
            [sys.executable, "-m", program, "--config", str(self.folder), "run"],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert self._process.stderr is not None
        reader = threading.Thread(target=self._read, args=(self._process.stderr,), name="daemon's log", daemon=True)
        reader.start()
        self._readers.append(reader)
        return self

    def wait_ready(self) -> Self:
        """Returns once the process started last has said READY=1; AssertionError with its log where it ends before."""
        started = self.starts[-1]
        self.wait(lambda: any(n.at >= started and "READY" in n.fields for n in self._notices), "it is ready")
        self.wait(lambda: self._pages() != [], "it names its page")  # which comes by another way, a little later
        return self

    def runs(self) -> bool:
        """Whether the process started last has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def children(self) -> list[psutil.Process]:
        """Its child processes, the parse workers."""
        return list(psutil.Process(self.pid).children(recursive=True))

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL: what a power cut, the kernel or the service manager does."""
        self.signal(signal.SIGKILL)
        self.wait_end()

    def terminate(self) -> int:
        """SIGTERM, as at shutdown; answers its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait_end()

    def wait_end(self) -> int:
        """Its exit code, a negative signal's number where one ended it."""
        assert self._process is not None
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it does not end; its log:\n{self.log[-5000:]}") from None
        self._readers[-1].join(PATIENCE)
        return code

    # -- what it says

    @property
    def log(self) -> str:
        """What all its processes have written to stderr so far."""
        with self._news:
            return "".join(self._lines)

    @property
    def notices(self) -> list[Notice]:
        with self._news:
            return list(self._notices)

    @property
    def status(self) -> str:
        """Its last STATUS."""
        return next((notice.status for notice in reversed(self.notices) if notice.status), "")

    def wait(self, met: Callable[[], bool], what: str, *, patience: float = PATIENCE) -> None:
        """Returns once `met` holds, looking again at each line and notice; AssertionError naming `what` where it does
        not, or where the process has ended without it."""
        with self._news:
            self._news.wait_for(lambda: met() or not self._running, patience)
            assert met(), f"waited in vain until {what}; the log:\n{''.join(self._lines)[-5000:]}"

    def wait_log(self, pattern: str) -> None:
        """Returns once a line of its log meets the regular expression."""
        self.wait(lambda: re.search(pattern, self.log) is not None, f"its log says {pattern}")

    def wait_notice(self, met: Callable[[Notice], bool], what: str, *, since: float = 0.0) -> Notice:
        """The first notice after `since` that meets the condition."""
        found: list[Notice] = []

        def look() -> bool:
            found[:] = [notice for notice in self._notices if notice.at >= since and met(notice)][:1]
            return bool(found)

        self.wait(look, what)
        return found[0]

    def get(self, path: str) -> Answer:
        """Asks its page; ConnectionError where it does not answer."""
        address = urlsplit(self._pages()[-1])
        assert address.hostname is not None
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return Answer(status=response.status, text=response.read().decode())
        finally:
            connection.close()

    def _pages(self) -> list[str]:
        with self._news:
            return _PAGE.findall("".join(self._lines[self._log_begins :]))

    # -- the threads that listen

    def _read(self, stream: IO[str]) -> None:
        with stream, (self.folder / "daemon.log").open("a", encoding="utf-8") as kept:
            for line in stream:
                kept.write(line)
                kept.flush()
                with self._news:
                    self._lines.append(line)
                    self._news.notify_all()
        with self._news:
            self._running = False
            self._news.notify_all()

    def _hear(self) -> None:
        while datagram := self._socket.recv(65536):
            fields = dict(line.partition("=")[::2] for line in datagram.decode().splitlines())
            with self._news:
                self._notices.append(Notice(at=time.monotonic(), fields=fields))
                self._news.notify_all()


class Lab:
    """Sample sites, a mail server, and a folder that tells daemons of them. What it opens ends with the stack."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.database = f"sqlite:///{folder / 'chaoxun.db'}"
        self.sites = stack.enter_context(SampleSites())
        self.sites.publish_backlog()
        self.mail = stack.enter_context(MailReceiver())
        self._stack = stack

    def configure(
        self,
        *,
        columns: Iterable[Column] = (Column.CITY_NEWS,),
        database: str | None = None,
        bind: str = "127.0.0.1:0",
        pace: Pace | None = None,
    ) -> Self:
        """Writes the folder: these columns, a watch for each topic of the sites, mail to one desk."""
        self.database = database or self.database
        self.sites.write_config(
            self.folder,
            channels={"desk": self.mail.url("desk@example.org")},
            columns=columns,
            database=self.database,
            bind=bind,
            pace=pace,
        )
        return self

    def daemon(self, *, watchdog: timedelta | None = None) -> DaemonProcess:
        """A daemon on the folder, not started yet."""
        return self._stack.enter_context(DaemonProcess(self.folder, watchdog=watchdog))

    def running(self, *, watchdog: timedelta | None = None) -> DaemonProcess:
        """A daemon whose sources are past their first polls: what is published from now on is news."""
        daemon = self.daemon(watchdog=watchdog).start().wait_ready()
        self.await_first_polls()
        return daemon

    def await_first_polls(self) -> None:
        # every poll asks the sites something, so each look follows what may have changed
        met = self.sites.ledger.wait_until(lambda _: first_polls_are_over(self.database), PATIENCE)
        assert met, "the first polls do not end"

    def deliveries(self) -> list[DeliveryRow]:
        """The outbox, newest first."""
        corpus = Corpus.open(self.database)
        try:
            with corpus.read() as connection:
                return outbox.list_deliveries(connection)
        finally:
            corpus.close()

    def subjects(self) -> list[str]:
        """What was mailed so far, in order."""
        return [str(mail.parsed["Subject"]) for mail in self.mail.accepted.all()]


def first_polls_are_over(database: str) -> bool:
    """Whether every configured source has had its first poll."""
    corpus = Corpus.open(database)
    try:
        with corpus.read() as connection:
            return all(state.last_ok_at is not None for state in states(connection))
    finally:
        corpus.close()
