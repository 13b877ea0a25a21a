"""Every test of this folder that asks for `corpus` runs twice: on SQLite and on a real PostgreSQL."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitor.corpus import Corpus, schema, tables
from monitor.ingest import register_sources
from tests import postgres
from tests.contract.desk import NOW, OTHER, SOURCE

KINDS = ["sqlite", "postgresql"]


@pytest.fixture(scope="session")
def shared_database(postgres_server: postgres.Server) -> str:
    """One database with the schema for all tests that do not ask for an empty one: making one takes half a second."""
    url = postgres_server.database()
    Corpus.open(url).close()
    return url


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind, without our schema."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'corpus.db'}"
    server: postgres.Server = request.getfixturevalue("postgres_server")
    return server.database()


@pytest.fixture(params=KINDS)
def corpus_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where `corpus` is, for a test that opens it a second time."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'corpus.db'}"
    url: str = request.getfixturevalue("shared_database")
    return url


@pytest.fixture
def corpus(corpus_url: str) -> Iterator[Corpus]:
    """An empty corpus of either kind."""
    opened = Corpus.open(corpus_url)
    if not opened.is_sqlite:
        with opened.begin() as tx:
            names = [name for name in sa.inspect(tx).get_table_names() if name != "alembic_version"]
            tx.execute(sa.text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"))
            schema.remember_fold(tx)
    yield opened
    opened.close()


@pytest.fixture
def filled(corpus: Corpus) -> Corpus:
    """Two sources that are past their baseline."""
    with corpus.begin() as tx:
        register_sources(tx, [SOURCE, OTHER], now=NOW)
        tx.execute(sa.update(tables.source).values(baseline_at=NOW - timedelta(hours=1)))
    return corpus
