"""Says in one line what ails the database and what to do; refuses to guess from the text of an exception."""

import sqlite3
from enum import StrEnum

import sqlalchemy as sa

from crawler.records import LedgerError


class CorpusTrouble(StrEnum):
    """What is wrong with the database, as far as an operator's remedy differs."""

    LOCKED = "locked"
    FULL = "full"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    READONLY = "read-only"
    CORRUPT = "corrupt"
    IO = "input/output error"
    OLD = "old schema"
    NEWER = "newer schema"
    FOREIGN = "not ours"


_SAYS = {
    CorpusTrouble.LOCKED: (
        "it is locked by another process",
        "wait for the other command to end, or find it with `fuser` (SQLite) or pg_stat_activity (PostgreSQL)",
    ),
    CorpusTrouble.FULL: ("the disk is full", "free some space; nothing of this step was stored, it will be done again"),
    CorpusTrouble.UNREACHABLE: (
        "it cannot be reached",
        "check that the server runs, and host, port, folder, name, user, password in `database:` of chaoxun.yaml",
    ),
    CorpusTrouble.REFUSED: ("it refuses us", "check user, password and database name in `database:` of chaoxun.yaml"),
    CorpusTrouble.READONLY: ("it cannot be written", "give this user write access to the file and its folder"),
    CorpusTrouble.CORRUPT: (
        "it is damaged, or no database of chaoxun's",
        "stop the daemon and bring back the last backup; docs/operations.md says how, and how to save what is left",
    ),
    CorpusTrouble.IO: (
        "the disk does not answer properly",
        "look at the kernel's log for the disk, then run `chaoxun db check`",
    ),
}

#: SQLite has no server, host or password.
_NO_FILE = (
    "the file cannot be opened",
    "see that its folder is there, and that this user may read and write both; `database:` of chaoxun.yaml names it",
)

_SQLITE = {
    sqlite3.SQLITE_BUSY: CorpusTrouble.LOCKED,
    sqlite3.SQLITE_LOCKED: CorpusTrouble.LOCKED,
    sqlite3.SQLITE_FULL: CorpusTrouble.FULL,
    sqlite3.SQLITE_CANTOPEN: CorpusTrouble.UNREACHABLE,
    sqlite3.SQLITE_READONLY: CorpusTrouble.READONLY,
    sqlite3.SQLITE_PERM: CorpusTrouble.READONLY,
    sqlite3.SQLITE_CORRUPT: CorpusTrouble.CORRUPT,
    sqlite3.SQLITE_NOTADB: CorpusTrouble.CORRUPT,
    sqlite3.SQLITE_IOERR: CorpusTrouble.IO,
}

# https://www.postgresql.org/docs/15/errcodes-appendix.html; a two-letter key is a whole class
_POSTGRESQL = {
    "55P03": CorpusTrouble.LOCKED,  # lock_not_available
    "40001": CorpusTrouble.LOCKED,  # serialization_failure
    "40P01": CorpusTrouble.LOCKED,  # deadlock_detected
    "53100": CorpusTrouble.FULL,
    "25006": CorpusTrouble.READONLY,
    "42501": CorpusTrouble.READONLY,  # insufficient_privilege
    "08": CorpusTrouble.UNREACHABLE,
    "53": CorpusTrouble.UNREACHABLE,  # too many connections, out of memory
    "57": CorpusTrouble.UNREACHABLE,  # shutting down, starting up
    "28": CorpusTrouble.REFUSED,
    "3D": CorpusTrouble.REFUSED,  # no such database
    "58": CorpusTrouble.IO,
    "XX": CorpusTrouble.CORRUPT,
}


class CorpusError(LedgerError):
    """A database that cannot be used now; the message names it (its password masked), what happened and the remedy."""

    def __init__(self, message: str, *, trouble: CorpusTrouble = CorpusTrouble.REFUSED) -> None:
        super().__init__(message)
        self.trouble = trouble

    @property
    def passing(self) -> bool:
        """Whether the same step may succeed when it is simply done again."""
        return self.trouble in {CorpusTrouble.LOCKED, CorpusTrouble.UNREACHABLE}


def translate(error: sa.exc.SQLAlchemyError, database: str) -> CorpusError | None:
    """The operator's view of a driver's error; None for a mistake of ours (a constraint, a statement)."""
    trouble = _trouble(error)
    if trouble is None:
        return None
    what, remedy = _SAYS[trouble]
    if trouble is CorpusTrouble.UNREACHABLE and isinstance(error, sa.exc.DBAPIError):
        if isinstance(error.orig, sqlite3.Error):
            what, remedy = _NO_FILE
        # libpq gives no code for a connection that was refused, and its words (never the password) are all there is
        what = f"{what} ({' '.join(str(error.orig).split())})"
    return CorpusError(f"database {database}: {what}; {remedy}", trouble=trouble)


def _trouble(error: sa.exc.SQLAlchemyError) -> CorpusTrouble | None:
    if isinstance(error, sa.exc.TimeoutError):
        return CorpusTrouble.LOCKED  # every connection of the pool is held
    if not isinstance(error, sa.exc.DBAPIError):
        return None
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        code: int | None = getattr(cause, "sqlite_errorcode", None)
        return None if code is None else _SQLITE.get(code & 0xFF)
    state: str | None = getattr(cause, "sqlstate", None)
    if state is not None:
        return _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
    # psycopg gives no state where no server answered at all
    return CorpusTrouble.UNREACHABLE if isinstance(error, sa.exc.OperationalError) else None
