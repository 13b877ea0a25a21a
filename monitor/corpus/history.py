"""Reads what an article has said, for deciding whether a change is a comeback; notes what was told of it."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.comeback import MOST_PAST, Past
from monitor.corpus import tables
from monitor.differences import Side


def past(connection: Connection, article_id: int) -> tuple[Past, ...]:
    """The article's latest revisions, at most MOST_PAST, the oldest first."""
    rows = connection.execute(_LATEST, {"of": article_id}).mappings().all()
    return tuple(_past(row) for row in reversed(rows))


def revision(connection: Connection, article_id: int, n: int) -> Past | None:
    """One revision of an article."""
    row = connection.execute(_ONE, {"of": article_id, "wanted": n}).mappings().first()
    return None if row is None else _past(row)


def note(tx: Connection, article_id: int, n: int, change: Mapping[str, Any]) -> None:
    """Replace what is noted of a revision."""
    tx.execute(_NOTE, {"of": article_id, "wanted": n, "change": dict(change)})


def _past(row: sa.RowMapping) -> Past:
    side = Side(title=row["title"], text=row["text"], facts=row["fields"])
    return Past(n=row["n"], at=row["at"], side=side, change=row["change"] or {})


_OF = sa.select(
    tables.revision.c.n,
    tables.revision.c.at,
    tables.revision.c.title,
    tables.revision.c.text,
    tables.revision.c.fields,
    tables.revision.c.change,
).where(tables.revision.c.article_id == sa.bindparam("of"))
_LATEST = _OF.order_by(tables.revision.c.n.desc()).limit(MOST_PAST)
_ONE = _OF.where(tables.revision.c.n == sa.bindparam("wanted"))
_NOTE = sa.update(tables.revision).where(
    tables.revision.c.article_id == sa.bindparam("of"), tables.revision.c.n == sa.bindparam("wanted")
)
