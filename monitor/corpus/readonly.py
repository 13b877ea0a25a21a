"""Opens the corpus for somebody who may read its file and nothing more; refuses to write, as SQLite does for it."""

import sqlite3
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from monitor.corpus import schema
from monitor.corpus.database import Corpus
from monitor.corpus.trouble import CorpusError, CorpusTrouble


def open_to_read(url: str) -> Corpus:
    """The corpus at `url` as `Corpus.open` gives it, also to a user who may not write the SQLite file or its folder.

    Raises CorpusError as `Corpus.open` does.
    """
    try:
        return Corpus.open(url)
    except CorpusError as error:
        path = _sqlite_path(url)
        if error.trouble is not CorpusTrouble.READONLY or path is None or not path.is_file() or _in_use(path):
            raise
    corpus = Corpus(_as_it_stands(url, path))
    version = corpus.version()
    if version != schema.HEAD:
        corpus.close()
        raise CorpusError(
            f"database {corpus.name}: its schema is {version}, this program needs {schema.HEAD}, and this user may"
            " not change it; its owner runs `chaoxun db upgrade`",
            trouble=CorpusTrouble.OLD,
        )
    return corpus


def _sqlite_path(url: str) -> Path | None:
    address = sa.make_url(url)
    return Path(address.database) if address.get_backend_name() == "sqlite" and address.database else None


def _in_use(path: Path) -> bool:
    """Whether a writer has it open now, or died so: then SQLite itself must read what stands beside the file."""
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def _as_it_stands(url: str, path: Path) -> sa.Engine:
    # In WAL mode even a reader writes (the -shm file), unless it is told that nobody changes the file meanwhile.
    place = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    return sa.create_engine(url, creator=lambda: sqlite3.connect(place, uri=True, check_same_thread=False))
