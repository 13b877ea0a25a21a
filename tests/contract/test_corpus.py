"""The database itself: schema, transactions, and what is said when it cannot be used."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from monitor.corpus import Connection, Corpus, CorpusError, CorpusTrouble, maintenance, schema
from monitor.corpus.tables import meta, metadata
from monitor.corpus.writer import Writer
from tests import postgres

HASTY = timedelta(milliseconds=50)


def put(tx: Connection, key: str, value: str = "1") -> None:
    tx.execute(sa.insert(meta), {"key": key, "value": value})


def keys(corpus: Corpus) -> set[str]:
    with corpus.read() as connection:
        return set(connection.execute(sa.select(meta.c.key)).scalars())


# -- schema


def test_the_migrations_make_the_tables_that_the_code_knows(corpus: Corpus) -> None:
    def ours(name: str | None, kind: str, parents: object) -> bool:
        return kind != "table" or (name is not None and not name.startswith(("gram", "alembic_version")))

    with corpus.read() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": ours, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_code_names_the_newest_migration() -> None:
    folder = Path(schema.__file__).parent / "migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == schema.HEAD


def test_a_second_opening_finds_what_the_first_one_wrote(database_url: str) -> None:
    with closing(Corpus.open(database_url)) as first, first.begin() as tx:
        put(tx, "a")
    with closing(Corpus.open(database_url)) as second:
        assert "a" in keys(second)
        assert second.version() == schema.HEAD
        assert second.upgrade() is False


def test_an_older_schema_is_refused_with_the_remedy(database_url: str) -> None:
    with closing(Corpus.open(database_url)) as corpus, corpus.begin() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(CorpusError, match="chaoxun db upgrade") as caught:
        Corpus.open(database_url)
    assert caught.value.trouble is CorpusTrouble.OLD


def test_a_newer_schema_is_refused(database_url: str) -> None:
    with closing(Corpus.open(database_url)) as corpus, corpus.begin() as tx:
        tx.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    for upgrade in (False, True):
        with pytest.raises(CorpusError, match="newer chaoxun") as caught:
            Corpus.open(database_url, upgrade=upgrade)
        assert caught.value.trouble is CorpusTrouble.NEWER


def test_a_database_of_somebody_else_is_refused_and_left_alone(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE wine (name TEXT)"))
    with pytest.raises(CorpusError, match="not chaoxun's"):
        Corpus.open(database_url, upgrade=True)
    assert sa.inspect(engine).get_table_names() == ["wine"]
    engine.dispose()


def test_a_migration_that_fails_leaves_an_empty_database(database_url: str) -> None:
    """A view that stands where a table must go lets it fail half way, after the first tables."""
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE VIEW article AS SELECT 1 AS id"))
    with pytest.raises(sa.exc.DBAPIError):
        Corpus.open(database_url)
    assert sa.inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(sa.text("DROP VIEW article"))
    engine.dispose()
    with closing(Corpus.open(database_url)) as corpus:
        assert corpus.version() == schema.HEAD


def test_a_missing_sqlite_file_and_its_folder_are_made(tmp_path: Path) -> None:
    path = tmp_path / "var" / "lib" / "corpus.db"
    with closing(Corpus.open(f"sqlite:///{path}")) as corpus:
        assert corpus.path == path
        with corpus.read() as connection:
            pragmas = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
    assert pragmas == ["wal", 2, 1]


# -- transactions


def test_a_transaction_is_stored_as_a_whole_or_not_at_all(corpus: Corpus) -> None:
    with pytest.raises(RuntimeError), corpus.begin() as tx:
        put(tx, "a")
        raise RuntimeError("half way")
    assert "a" not in keys(corpus)


def test_a_reader_sees_one_state_while_others_write(corpus: Corpus) -> None:
    with corpus.read() as connection:
        before = connection.execute(sa.select(sa.func.count()).select_from(meta)).scalar_one()
        with corpus.begin() as tx:
            put(tx, "a")
        after = connection.execute(sa.select(sa.func.count()).select_from(meta)).scalar_one()
    assert before == after
    assert "a" in keys(corpus)


def test_writers_queue_up_instead_of_failing(corpus: Corpus) -> None:
    """Read, compute, write in one transaction: with two writers at a time, counts would get lost."""
    with corpus.begin() as tx:
        put(tx, "count", "0")

    def count() -> None:
        for _ in range(10):
            with corpus.begin() as tx:
                value = int(tx.execute(sa.select(meta.c.value).where(meta.c.key == "count")).scalar_one())
                tx.execute(sa.update(meta).where(meta.c.key == "count").values(value=str(value + 1)))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with corpus.read() as connection:
        assert connection.execute(sa.select(meta.c.value).where(meta.c.key == "count")).scalar_one() == "40"


# -- trouble


@contextmanager
def held(corpus: Corpus) -> Iterator[None]:
    """Somebody else is writing."""
    with corpus.begin():
        yield


def test_a_locked_database_is_named_as_such(corpus: Corpus, corpus_url: str) -> None:
    with closing(Corpus.open(corpus_url, busy_timeout=HASTY)) as hasty, held(corpus):
        with pytest.raises(CorpusError, match="locked by another process") as caught, hasty.begin() as tx:
            put(tx, "a")
        assert keys(hasty) == keys(corpus), "reading goes on"
    assert caught.value.trouble is CorpusTrouble.LOCKED
    assert caught.value.passing


def test_a_full_disk_is_named_as_such_and_nothing_half_is_stored(tmp_path: Path) -> None:
    with closing(Corpus.open(f"sqlite:///{tmp_path / 'corpus.db'}")) as corpus:
        with pytest.raises(CorpusError, match="the disk is full") as caught, corpus.begin() as tx:
            pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
            tx.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
            put(tx, "first")
            put(tx, "second", "x" * 100_000)
        assert caught.value.trouble is CorpusTrouble.FULL
        assert not caught.value.passing
        assert not keys(corpus) & {"first", "second"}


def test_room_is_proved_by_what_a_large_article_takes(tmp_path: Path) -> None:
    with closing(Corpus.open(f"sqlite:///{tmp_path / 'corpus.db'}")) as corpus:
        with corpus.begin() as tx:
            pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
            tx.exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}")  # of the pool's one connection
            put(tx, "small")
        with pytest.raises(CorpusError) as caught:
            maintenance.prove_room(corpus)
        assert caught.value.trouble is CorpusTrouble.FULL
        with corpus.begin() as tx:
            tx.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2000}")
        maintenance.prove_room(corpus)
        assert keys(corpus) >= {"small"}


def test_proving_room_leaves_nothing(corpus: Corpus) -> None:
    before = keys(corpus)
    maintenance.prove_room(corpus)
    maintenance.prove_room(corpus)
    assert keys(corpus) == before


def test_a_damaged_file_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "corpus.db"
    path.write_bytes(b"This is a diary, and by no means a database. " * 100)
    with pytest.raises(CorpusError, match="it is damaged") as caught:
        Corpus.open(f"sqlite:///{path}")
    assert caught.value.trouble is CorpusTrouble.CORRUPT


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("not a url", "the address is no URL", id="no URL"),
        pytest.param("mysql://root@127.0.0.1/x", "only sqlite:///PATH and postgresql", id="another database"),
        pytest.param("sqlite://", "a database in memory keeps nothing", id="memory"),
        pytest.param("postgresql+psycopg://a:geheim@127.0.0.1:1/x", "it cannot be reached", id="no server there"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused_without_its_password(url: str, said: str) -> None:
    with pytest.raises(CorpusError, match=said) as caught:
        Corpus.open(url)
    assert "geheim" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(CorpusError, match="no folder"):
        Corpus.open(f"sqlite:///{tmp_path / 'file' / 'corpus.db'}")


def test_a_file_that_cannot_be_opened_is_told_without_a_word_of_servers(tmp_path: Path) -> None:
    (tmp_path / "corpus.db").mkdir()
    with pytest.raises(CorpusError, match="the file cannot be opened") as caught:
        Corpus.open(f"sqlite:///{tmp_path / 'corpus.db'}")
    assert caught.value.trouble is CorpusTrouble.UNREACHABLE
    assert "password" not in str(caught.value)


def test_a_missing_postgresql_database_is_refused_with_what_to_check(postgres_server: postgres.Server) -> None:
    with pytest.raises(CorpusError, match='"nobody_made_it" does not exist') as caught:
        Corpus.open(postgres_server.url("nobody_made_it"))
    assert caught.value.trouble is CorpusTrouble.UNREACHABLE


# -- the writer thread


def test_the_writer_does_one_thing_after_the_other_and_counts(corpus: Corpus) -> None:
    async def main() -> tuple[int, int]:
        writer = Writer(corpus)
        await asyncio.gather(*(writer.transaction(put, f"k{n}") for n in range(20)))
        await writer.close()
        return writer.progress, writer.waiting

    assert asyncio.run(main()) == (20, 0)
    assert keys(corpus) >= {f"k{n}" for n in range(20)}


def test_the_writer_tries_again_while_the_database_is_locked(corpus: Corpus, corpus_url: str) -> None:
    release = threading.Event()
    holding = threading.Event()

    def hold() -> None:
        with held(corpus):
            holding.set()
            release.wait(10)

    tries: list[int] = []

    def work(hasty: Corpus) -> str:
        tries.append(1)
        if len(tries) == 2:  # the second try finds the lock gone
            release.set()
            holder.join(10)
        with hasty.begin() as tx:
            put(tx, "a")
        return "stored"

    async def main(hasty: Corpus) -> str:
        writer = Writer(hasty, waits=(timedelta(0), timedelta(0)))
        try:
            return await writer.run(work, hasty)
        finally:
            await writer.close()

    holder = threading.Thread(target=hold)
    holder.start()
    holding.wait(10)
    with closing(Corpus.open(corpus_url, busy_timeout=HASTY)) as hasty:
        assert asyncio.run(main(hasty)) == "stored"
    assert len(tries) == 2


def test_the_writer_gives_up_after_its_tries_and_hands_mistakes_on(corpus: Corpus, corpus_url: str) -> None:
    async def main(hasty: Corpus) -> None:
        writer = Writer(hasty, waits=(timedelta(0),))
        with held(corpus), pytest.raises(CorpusError, match="locked"):
            await writer.transaction(put, "a")
        with pytest.raises(ZeroDivisionError):
            await writer.run(lambda: 1 // 0)
        await writer.transaction(put, "b")
        await writer.close()

    with closing(Corpus.open(corpus_url, busy_timeout=HASTY)) as hasty:
        asyncio.run(main(hasty))
    assert "b" in keys(corpus)


def test_closing_the_writer_finishes_what_was_handed_over(corpus: Corpus) -> None:
    async def main() -> None:
        writer = Writer(corpus)
        work = [asyncio.ensure_future(writer.transaction(put, f"k{n}")) for n in range(5)]
        await asyncio.sleep(0)  # let them be handed over
        await writer.close()
        await asyncio.gather(*work)

    asyncio.run(main())
    assert keys(corpus) >= {f"k{n}" for n in range(5)}


# -- care


def test_a_backup_is_a_corpus_of_its_own(tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    with closing(Corpus.open(f"sqlite:///{tmp_path / 'corpus.db'}")) as corpus:
        with corpus.begin() as tx:
            put(tx, "a")
        with held(corpus):
            maintenance.backup(corpus, target)
        with pytest.raises(CorpusError, match="exists already"):
            maintenance.backup(corpus, target)
        with pytest.raises(CorpusError, match="no backup into"):
            maintenance.backup(corpus, tmp_path / "nowhere" / "backup.db")
    with closing(Corpus.open(f"sqlite:///{target}")) as copy:
        assert "a" in keys(copy)


def test_on_postgresql_a_backup_is_left_to_its_own_tool(postgres_server: postgres.Server, tmp_path: Path) -> None:
    with (
        closing(Corpus.open(postgres_server.database())) as corpus,
        pytest.raises(CorpusError, match="pg_dump"),
    ):
        maintenance.backup(corpus, tmp_path / "backup.db")


def test_damage_in_the_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "corpus.db"
    with closing(Corpus.open(f"sqlite:///{path}")) as corpus:
        assert maintenance.check(corpus) == []
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("INSERT INTO folded (article_id, facts, title, text) VALUES (7, '', '', '')")
        raw.commit()
    with closing(Corpus.open(f"sqlite:///{path}")) as corpus:
        assert maintenance.check(corpus) == ["a row of folded names a row of article that is not there"]
