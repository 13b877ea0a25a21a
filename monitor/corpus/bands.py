"""Finds articles whose texts may share most of their words with another one, by a table that is read in place."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.corpus.tables import band
from monitor.text.similarity import BANDS

#: A form that thousands of articles follow shares bands with all of them: the latest of each band are enough.
_LATEST = 50

_PUT_SQLITE = sa.text("INSERT OR IGNORE INTO band (hash, article_id) SELECT value, :id FROM json_each(:hashes)")
_PUT_POSTGRESQL = sa.text(
    "INSERT INTO band (hash, article_id) SELECT unnest(CAST(:hashes AS bigint[])), :id ON CONFLICT DO NOTHING"
)
_REMOVE = sa.delete(band).where(
    band.c.hash.in_(sa.bindparam("hashes", expanding=True)), band.c.article_id == sa.bindparam("id")
)
_RANKED = "WHERE article_id <> :but GROUP BY article_id ORDER BY count(*) DESC, article_id DESC LIMIT :most"
_OF_BAND = f"SELECT article_id FROM band WHERE hash = {{}} ORDER BY article_id DESC LIMIT {_LATEST}"
_ALIKE_SQLITE = sa.text(
    "SELECT article_id FROM ("
    + " UNION ALL ".join(f"SELECT * FROM ({_OF_BAND.format(f':h{place}')})" for place in range(BANDS))
    + f") {_RANKED}"
)
# planning 32 queries takes PostgreSQL 2 ms; SQLite knows no LATERAL
_ALIKE_POSTGRESQL = sa.text(
    "SELECT article_id FROM unnest(CAST(:hashes AS bigint[])) AS one (h) "
    f"CROSS JOIN LATERAL ({_OF_BAND.format('one.h')}) AS found {_RANKED}"
)


def put(tx: Connection, article_id: int, hashes: Sequence[int]) -> None:
    """Note the bands of an article's text. hashes: of similarity.bands; none for a text that says too little."""
    if not hashes:
        return
    if tx.dialect.name == "sqlite":
        tx.execute(_PUT_SQLITE, {"id": article_id, "hashes": json.dumps(hashes)})
    else:
        tx.execute(_PUT_POSTGRESQL, {"id": article_id, "hashes": list(hashes)})


def remove(tx: Connection, article_id: int, hashes: Sequence[int]) -> None:
    """Forget the bands that an article's text had."""
    if hashes:
        tx.execute(_REMOVE, {"id": article_id, "hashes": list(hashes)})


def alike(connection: Connection, hashes: Sequence[int], *, but: int, most: int) -> list[int]:
    """At most `most` articles other than `but` that share a band, those that share most first."""
    if not hashes:
        return []
    values: dict[str, Any] = {"but": but, "most": most}
    if connection.dialect.name == "sqlite":
        values |= {f"h{place}": number for place, number in enumerate(hashes)}
        return list(connection.execute(_ALIKE_SQLITE, values).scalars())
    return list(connection.execute(_ALIKE_POSTGRESQL, {**values, "hashes": list(hashes)}).scalars())


def clear(tx: Connection) -> None:
    """Forget all bands."""
    tx.execute(sa.delete(band))
