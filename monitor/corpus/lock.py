"""Makes sure that one daemon alone works on a corpus; refuses a second one at its start.

SQLite: an flock on a file beside the database, so it goes with the process however that dies. PostgreSQL: a session's
advisory lock, which the server drops with the connection.
"""

import fcntl
import os
from pathlib import Path

import sqlalchemy as sa
import structlog

from monitor.corpus import Corpus, CorpusError
from monitor.corpus.trouble import translate

log = structlog.get_logger()

#: Any constant will do; this one spells "chaoxun" in the ASCII codes of its first bytes.
_ADVISORY_KEY = 0x6368616F78756E


class AnotherDaemonError(CorpusError):
    """Another daemon works on this corpus."""


def daemon_runs_on(database: Path) -> bool:
    """True while a daemon holds this SQLite file; makes and takes nothing."""
    try:
        handle = os.open(_lock_file(database), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _lock_file(database: Path) -> Path:
    return database.with_name(f"{database.name}.daemon")


class DaemonLock:
    """Held from `take` until `release` or the end of the process."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._file: int | None = None
        self._connection: sa.Connection | None = None

    def take(self) -> None:
        """Raises AnotherDaemonError, naming the holder where the database knows it, when another daemon runs.

        Raises CorpusError where the database does not answer.
        """
        if self._corpus.path is not None:
            self._take_file(_lock_file(self._corpus.path))
        else:
            self._take_advisory()

    def renew(self) -> None:
        """Make sure that it is still held: where PostgreSQL lost our connection, it has let go of the lock.

        Raises as `take` does.
        """
        if self._corpus.path is not None:
            return  # the kernel keeps that one as long as we live
        if self._connection is not None:
            try:
                self._connection.exec_driver_sql("SELECT 1")
            except sa.exc.DBAPIError:
                self._connection.close()
                self._connection = None
            else:
                return
        self._take_advisory()
        log.warning("the database had lost our connection; the lock against a second daemon is taken again")

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def held_elsewhere(self) -> bool:
        """True while a daemon runs on this corpus; takes nothing."""
        try:
            self.take()
        except AnotherDaemonError:
            return True
        self.release()
        return False

    def _take_file(self, path: Path) -> None:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 32).decode(errors="replace").strip()
            os.close(handle)
            raise AnotherDaemonError(
                f"another daemon (process {holder or 'unknown'}) works on this database; stop it first,"
                " or name another database in chaoxun.yaml"
            ) from None
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        self._file = handle

    def _take_advisory(self) -> None:
        try:
            connection = self._corpus.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            free = connection.scalar(sa.select(sa.func.pg_try_advisory_lock(_ADVISORY_KEY)))
        except sa.exc.SQLAlchemyError as error:
            raise translate(error, self._corpus.name) or error from error
        if not free:
            connection.close()
            raise AnotherDaemonError(
                "another daemon works on this database; stop it first, or name another database in chaoxun.yaml"
            )
        self._connection = connection
