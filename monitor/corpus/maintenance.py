"""Keeps the corpus in order: checks it, backs it up, rebuilds its index, drops what is past its time."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crawler.text.byteshift import mend
from monitor.corpus import bands, index, outbox
from monitor.corpus.articles import SUBJECT, read_subject
from monitor.corpus.database import Corpus
from monitor.corpus.schema import bands_are_current, index_is_current, remember_fold
from monitor.corpus.tables import article, capture, folded, meta, pending, repost, revision, story
from monitor.corpus.trouble import CorpusError, CorpusTrouble
from monitor.text.fingerprint import canonical_lines, key_of
from monitor.text.similarity import bands as bands_of

_BATCH = 200
#: Bytes that `prove_room` asks for; hardly any page has as many once it is compressed.
ROOM = 1024 * 1024
_ROOM_KEY = "room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """How much `prune` dropped. bytes: of the captures, as they were fetched."""

    captures: int
    bytes: int
    pending: int
    alerts: int = 0


def check(corpus: Corpus) -> list[str]:
    """What is wrong with the corpus, one line each with its remedy; [] where nothing is. Reads everything."""
    with corpus.read() as connection:
        problems = _damage(connection) if corpus.is_sqlite else []
        problems += [
            f"{number} {what}" for query, what in _ORPHANS if (number := connection.execute(query).scalar_one())
        ]
        indexed = connection.execute(_INDEXED).scalar_one()
        held = connection.execute(sa.select(sa.func.count()).select_from(article)).scalar_one()
        if indexed != held:
            problems.append(f"the search index holds {indexed} of {held} articles; run `chaoxun db reindex`")
        if not index_is_current(connection):
            problems.append("the search index was made with another fold table; run `chaoxun db reindex`")
        if held and not bands_are_current(connection):
            problems.append("edited copies of articles stored before are not recognised; run `chaoxun db reindex`")
    return problems


def prove_room(corpus: Corpus) -> None:
    """Write as much as a large article takes, and drop it again. Raises CorpusError where that cannot be done.

    A small write proves nothing: on a full disk it finds room in what the database has already.
    """
    with corpus.begin() as tx:
        tx.execute(sa.delete(meta).where(meta.c.key == _ROOM_KEY))
        tx.execute(sa.insert(meta), {"key": _ROOM_KEY, "value": os.urandom(ROOM // 2).hex()})
    with corpus.begin() as tx:
        tx.execute(sa.delete(meta).where(meta.c.key == _ROOM_KEY))


def _damage(connection: Connection) -> list[str]:
    lines = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    found = [f"the file is damaged: {line}; restore the last backup" for line in lines if line != "ok"]
    keys = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return found + [f"a row of {row[0]} names a row of {row[2]} that is not there" for row in keys]


_ORPHANS = (
    (
        sa.select(sa.func.count())
        .select_from(article)
        .where(
            ~sa.exists().where(revision.c.article_id == article.c.id, revision.c.n == article.c.revision),
        ),
        "articles lack their latest revision; restore the last backup",
    ),
    (
        sa.select(sa.func.count()).select_from(story).where(~sa.exists().where(article.c.story_id == story.c.id)),
        "stories have no article; harmless, but please report it",
    ),
    (
        sa.select(sa.func.count()).select_from(article).where(~sa.exists().where(folded.c.article_id == article.c.id)),
        "articles are not searchable; run `chaoxun db reindex`",
    ),
)
_INDEXED = sa.text("SELECT count(*) FROM gram")


def backup(corpus: Corpus, target: Path) -> None:
    """Copy the corpus into a new SQLite file while others read and write; the file appears when it is whole.

    Raises CorpusError on PostgreSQL, whose own tool does it better, and where the target exists or cannot be written.
    """
    if corpus.path is None:
        raise CorpusError(
            f"database {corpus.name}: PostgreSQL has its own tool; run: pg_dump --format=custom --file={target} …",
            trouble=CorpusTrouble.REFUSED,
        )
    if target.exists():
        raise CorpusError(f"{target} exists already; name another file", trouble=CorpusTrouble.REFUSED)
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        with closing(sqlite3.connect(corpus.path)) as source, closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
        unfinished.replace(target)
    except (sqlite3.Error, OSError) as error:
        unfinished.unlink(missing_ok=True)
        why = f"database {corpus.name}: no backup into {target}: {error}; check space and rights of its folder"
        raise CorpusError(why, trouble=CorpusTrouble.IO) from error


def reindex(corpus: Corpus, progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Fold every article anew and rebuild the search index and the one of near-duplicates, in one transaction.

    Answers how many articles there are.

    progress: told (done, total) now and then.
    """
    with corpus.begin() as tx:
        index.clear(tx)
        bands.clear(tx)
        ids = list(tx.execute(sa.select(article.c.id).order_by(article.c.id)).scalars())
        for start in range(0, len(ids), _BATCH):
            some = ids[start : start + _BATCH]
            for row in tx.execute(SUBJECT.where(article.c.id.in_(some))).mappings().all():
                index.add(tx, row["id"], read_subject(row))
                bands.put(tx, row["id"], bands_of(key_of(canonical_lines(mend(row["text"])))))
            progress(min(start + _BATCH, len(ids)), len(ids))
        index.settle(tx)
        remember_fold(tx)
    return len(ids)


def prune(corpus: Corpus, before: datetime) -> Pruned:
    """Drop what is from before that time: captures, entries given up, the words of alerts that have arrived.

    Every article's text stays, and every alert's id.
    """
    with corpus.begin() as tx:
        old = sa.select(capture.c.id).where(capture.c.fetched_at < before)
        count, size = tx.execute(
            sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(capture.c.size), 0)).where(
                capture.c.fetched_at < before
            )
        ).one()
        tx.execute(sa.update(revision).where(revision.c.capture_id.in_(old)).values(capture_id=None))
        tx.execute(sa.delete(capture).where(capture.c.fetched_at < before))
        given_up = sa.and_(pending.c.next_try_at.is_(None), pending.c.seen_at < before)
        entries = tx.execute(sa.delete(pending).where(given_up)).rowcount
        tx.execute(sa.delete(repost).where(repost.c.at < before))
        alerts = outbox.prune(tx, before)
    return Pruned(captures=count, bytes=int(size), pending=entries, alerts=alerts)
