"""The connection to the corpus: one way to read, one way to write, on SQLite and on PostgreSQL."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa

from monitor.corpus import schema
from monitor.corpus.trouble import CorpusError, CorpusTrouble, translate

BUSY_TIMEOUT = timedelta(seconds=10)

#: Execution option: this transaction will write.
_WRITES = "chaoxun_writes"
#: pg_advisory_xact_lock key ("chaoxun" on a telephone): one writer at a time, as SQLite has it.
_WRITER_LOCK = 24296986


class Corpus:
    """A database that holds the corpus. Threads may share it; every `begin` and `read` has a connection of its own."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        #: The address with its password masked: fit for messages.
        self.name = engine.url.render_as_string(hide_password=True)

    @classmethod
    def open(cls, url: str, *, upgrade: bool = False, busy_timeout: timedelta = BUSY_TIMEOUT) -> Self:
        """The corpus at `url`, with the schema of this program.

        A missing SQLite file (and its folder) or an empty PostgreSQL database is given the schema; an older schema is
        brought up to date if `upgrade`, else refused. Raises CorpusError on an older or newer schema than ours, and
        where the database cannot be used.
        """
        corpus = cls._connect(url, busy_timeout)
        try:
            if upgrade or corpus.version() is None:
                corpus.upgrade()
            corpus._require(schema.HEAD)
        except BaseException:
            corpus.close()
            raise
        return corpus

    @classmethod
    def _connect(cls, url: str, busy_timeout: timedelta) -> Self:
        try:
            address = sa.make_url(url)
        except sa.exc.ArgumentError:
            raise CorpusError(
                "database: the address is no URL; write sqlite:///PATH or postgresql+psycopg://user@host/name",
                trouble=CorpusTrouble.UNREACHABLE,
            ) from None
        if address.get_backend_name() == "sqlite":
            return cls(_sqlite(address, busy_timeout))
        if address.drivername in {"postgresql", "postgresql+psycopg"}:
            return cls(_postgresql(address.set(drivername="postgresql+psycopg"), busy_timeout))
        raise CorpusError(
            f"database {address!r}: only sqlite:///PATH and postgresql+psycopg://… work",
            trouble=CorpusTrouble.UNREACHABLE,
        )

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The SQLite file; None on PostgreSQL."""
        return Path(self.engine.url.database or "") if self.is_sqlite else None

    def version(self) -> str | None:
        """The schema version of the database; None where it holds no table. Raises CorpusError on foreign tables."""
        with self.read() as connection:
            version = schema.current(connection)
            if version is None and not schema.is_empty(connection):
                raise CorpusError(
                    f"database {self.name}: it holds tables that are not chaoxun's; name an empty database",
                    trouble=CorpusTrouble.FOREIGN,
                )
        return version

    def upgrade(self) -> bool:
        """Bring the schema to this program's, in one transaction; True where something was to do.

        Raises CorpusError where the schema is newer than this program.
        """
        version = self.version()
        if version is not None and not schema.known(version):
            self._require(schema.HEAD)
        if version == schema.HEAD:
            return False
        with self.begin() as tx:
            if schema.current(tx) == schema.HEAD:  # another process was first
                return False
            schema.migrate(tx)
        return True

    def _require(self, head: str) -> None:
        version = self.version()
        if version == head:
            return
        if version is not None and schema.known(version):
            raise CorpusError(
                f"database {self.name}: its schema is {version}, this program needs {head}; "
                "run `chaoxun db upgrade` (`chaoxun run` does it too)",
                trouble=CorpusTrouble.OLD,
            )
        raise CorpusError(
            f"database {self.name}: its schema {version} comes from a newer chaoxun, this program knows {head}; "
            "install the newer version, or name another database",
            trouble=CorpusTrouble.NEWER,
        )

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction that writes: committed at the end of the block, or rolled back as a whole.

        There is one writer at a time (BEGIN IMMEDIATE; an advisory lock on PostgreSQL). Raises CorpusError where the
        database is locked, full, unreachable, damaged or read-only.
        """
        with self._translated(), self.engine.connect() as plain:
            connection = plain.execution_options(**{_WRITES: True})
            with connection.begin():
                if not self.is_sqlite:  # read committed: what the writer before us committed is seen
                    connection.execute(_TAKE_WRITER_LOCK)
                yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one state of the database for the length of the block. Raises CorpusError."""
        with self._translated(), self.engine.connect() as plain:
            # one snapshot for the whole block, as SQLite's WAL gives it
            yield plain if self.is_sqlite else plain.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            trouble = translate(error, self.name)
            if trouble is None:
                raise
            raise trouble from error

    def close(self) -> None:
        """Give the connections back. A later `begin` or `read` opens new ones."""
        self.engine.dispose()


_TAKE_WRITER_LOCK = sa.text(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")


def _sqlite(address: sa.URL, busy_timeout: timedelta) -> sa.Engine:
    if not address.database or address.database == ":memory:" or address.query.get("mode") == "memory":
        raise CorpusError(
            "database sqlite://: a database in memory keeps nothing; name a file: sqlite:///PATH",
            trouble=CorpusTrouble.UNREACHABLE,
        )
    folder = Path(address.database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorpusError(
            f"database {address}: no folder {folder} ({error.strerror}); make it, writable for this user",
            trouble=CorpusTrouble.UNREACHABLE,
        ) from error
    arguments = {"timeout": busy_timeout.total_seconds()}
    engine = sa.create_engine(address, connect_args=arguments, json_serializer=_json)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))  # readable in any SQL shell


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None  # Python's own BEGINs off: ours follow in _begin_sqlite
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # an alert that was sent must not be unknown after a power cut
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA cache_size=-8192")  # KiB; with SQLite's own 2 MiB a search reads its pages over and over
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A deferred transaction that turns into a writing one gets "locked" at once, whatever the busy timeout says.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgresql(address: sa.URL, busy_timeout: timedelta) -> sa.Engine:
    milliseconds = int(busy_timeout.total_seconds() * 1000)
    arguments: dict[str, Any] = {
        "connect_timeout": 10,
        "options": f"-c lock_timeout={milliseconds} -c timezone=UTC",
        # After five runs psycopg would prepare a search, whose generic plan took 0.4-1.5 s instead of 2 ms.
        "prepare_threshold": None,
    }
    return sa.create_engine(address, connect_args=arguments, json_serializer=_json, pool_pre_ping=True)
