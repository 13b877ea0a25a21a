"""Brings a database to this version's schema, and tells whether it is there; the migrations stand beside it."""

from pathlib import Path

import sqlalchemy as sa

from crawler.text.table import FOLD_VERSION
from monitor.corpus.tables import meta
from monitor.text.similarity import BAND_SCHEME

#: The newest migration. Named here so that opening a corpus need not load the migrations; a test compares the two.
HEAD = "0010"

_FOLD_KEY, _BANDS_KEY = "fold_version", "band_scheme"
_FOLDER = Path(__file__).parent / "migrations"


def current(connection: sa.Connection) -> str | None:
    """The schema version that the database says it has; None for a database without our tables."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return version


def is_empty(connection: sa.Connection) -> bool:
    """Whether the database holds no table at all."""
    return not sa.inspect(connection).get_table_names()


def known(version: str) -> bool:
    """Whether this program has the migration: an unknown one comes from a newer program."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # as below

    return version in {script.revision for script in ScriptDirectory(str(_FOLDER)).walk_revisions()}


def migrate(connection: sa.Connection) -> None:
    """Run what is missing, inside the transaction that the connection is in."""
    # Alembic takes 0.1 s to import, and every command opens a corpus that hardly ever needs it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    fresh = is_empty(connection)
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if fresh:
        remember_fold(connection)


def index_is_current(connection: sa.Connection) -> bool:
    """Whether the index was made with this program's fold table."""
    made_with: str | None = connection.execute(sa.select(meta.c.value).where(meta.c.key == _FOLD_KEY)).scalar()
    return made_with == FOLD_VERSION


def bands_are_current(connection: sa.Connection) -> bool:
    """Whether every article's bands are there, made as this program makes them."""
    made_by: str | None = connection.execute(sa.select(meta.c.value).where(meta.c.key == _BANDS_KEY)).scalar()
    return made_by == BAND_SCHEME


def remember_fold(tx: sa.Connection) -> None:
    """Note that the index is made with this program's fold table, and the bands as it makes them."""
    tx.execute(sa.delete(meta).where(meta.c.key.in_([_FOLD_KEY, _BANDS_KEY])))
    tx.execute(sa.insert(meta), [{"key": _FOLD_KEY, "value": FOLD_VERSION}, {"key": _BANDS_KEY, "value": BAND_SCHEME}])
