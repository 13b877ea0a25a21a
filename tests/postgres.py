"""Starts a real PostgreSQL server for the tests, on a socket of its own, and stops it; needs no running service."""

import os
import pwd
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine, text

REMEDY = "no PostgreSQL server here, what needs one is left out; get it: apt-get install postgresql"


def binaries() -> Path | None:
    """The folder of the newest server's programs; None where none is installed."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if found:
        return max(found, key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0)
    program = shutil.which("postgres")
    return Path(program).resolve().parent if program else None


class Server:
    """A running server; `database` makes a fresh, empty database and answers its URL."""

    def __init__(self, socket: Path, user: str, control: Callable[..., None]) -> None:
        """control: calls pg_ctl on it."""
        self._socket = socket
        self._user = user
        self._control = control

    def stop(self) -> None:
        """At once, as in a crash: what was not committed is gone."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        """Again, after `stop`."""
        self._control("-l", self._socket / "log", "-o", self._options(), "start")

    def _options(self) -> str:
        # No TCP: nothing to collide with. No fsync: nobody pulls this server's plug, and a database per test is slow.
        return f"-k {self._socket} -c listen_addresses= -c fsync=off -c shared_buffers=32MB -c max_connections=60"

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{self._user}@/{database}?host={self._socket}"

    def database(self) -> str:
        name = f"test_{uuid.uuid4().hex[:12]}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"))
        engine.dispose()
        return self.url(name)


@contextmanager
def server() -> Iterator[Server]:
    """A server that lives as long as the block. Call it only where `binaries()` found one."""
    folder = binaries()
    assert folder is not None, REMEDY
    with TemporaryDirectory(prefix="chaoxun-pg-") as temporary:
        root = Path(temporary)
        owner = _owner()
        if owner is not None:  # the server refuses to run as root
            os.chown(root, owner.pw_uid, owner.pw_gid)
        data = root / "data"
        _run(folder / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync", owner=owner)

        def control(*words: object) -> None:
            _run(folder / "pg_ctl", "-D", data, "-w", *words, owner=owner)

        running = Server(root, "tester", control)
        running.start()
        try:
            yield running
        finally:
            running.stop()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """One server for the whole session; without one here the test is left out, loudly."""
    if binaries() is None:
        pytest.skip(REMEDY)
    with server() as running:
        yield running


def _owner() -> pwd.struct_passwd | None:
    """Who runs the server: Debian's own user, or nobody, where we are root; else we ourselves."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _run(*command: object, owner: pwd.struct_passwd | None) -> None:
    words = [str(word) for word in command]
    who = {} if owner is None else {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    done = subprocess.run(
        words,
        check=False,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # pg_ctl's server would hold a pipe open
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        timeout=120,
        **who,  # type: ignore[call-overload]  # the union of an empty and a full dict of keyword arguments
    )
    assert done.returncode == 0, f"{words[0]} ended with {done.returncode}"
