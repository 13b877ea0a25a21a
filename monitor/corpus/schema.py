"""Brings a database to this version's schema, and tells whether it is there; the migrations stand beside it."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

#: The newest migration. Named here so that opening a corpus need not load the migrations; a test compares the two.
HEAD = "0001"

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
    return version in {script.revision for script in ScriptDirectory(str(_FOLDER)).walk_revisions()}


def migrate(connection: sa.Connection) -> None:
    """Run what is missing, inside the transaction that the connection is in."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
