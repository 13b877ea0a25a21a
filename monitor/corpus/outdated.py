"""Finds the articles whose latest revision another extractor read, with the pages that they were read from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Connection

from crawler.records import Capture
from monitor.corpus.storing import Stored, stored
from monitor.corpus.tables import article, capture, revision

#: So many pages are handed out at a time, and no more than so many bytes of them.
_PAGES, _BYTES = 20, 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdated:
    """An article with the page of its latest revision."""

    item: Stored
    etag: str | None
    capture_id: int
    capture: Capture


def count(connection: Connection, extractor: str, *, source: str | None = None) -> int:
    """How many articles another extractor read whose page is still there."""
    found: int = connection.execute(_of([sa.func.count()], extractor, source)).scalar_one()
    return found


def following(
    connection: Connection, extractor: str, *, source: str | None = None, after: int = 0, most: int = _PAGES
) -> Sequence[Outdated]:
    """The next such articles behind the one with the id `after`, by id; a bundle that fits into memory."""
    query = _of([article.c.id, capture.c.size], extractor, source).where(article.c.id > after)
    ids: list[int] = []
    size = 0
    for row in connection.execute(query.order_by(article.c.id).limit(min(most, _PAGES))):
        size += row.size
        if ids and size > _BYTES:
            break
        ids.append(row.id)
    rows = connection.execute(_PAGES_OF, {"ids": ids}).mappings() if ids else ()
    return [found for row in rows if (found := _outdated(connection, row)) is not None]


def _of(columns: Sequence[sa.ColumnElement[Any]], extractor: str, source: str | None) -> sa.Select[Any]:
    query = sa.select(*columns).select_from(_READ).where(revision.c.extractor != extractor)
    return query if source is None else query.where(article.c.source == source)


_LATEST = sa.and_(revision.c.article_id == article.c.id, revision.c.n == article.c.revision)
_READ = article.join(revision, _LATEST).join(capture, capture.c.id == revision.c.capture_id)
_PAGES_OF = (
    sa.select(article.c.id, article.c.url.label("article_url"), article.c.etag, capture.c.id.label("capture_id"))
    .add_columns(*(column for column in capture.c if column.name not in ("id", "article_id")))
    .select_from(_READ)
    .where(article.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(article.c.id)
)


def _outdated(connection: Connection, row: sa.RowMapping) -> Outdated | None:
    item = stored(connection, row["article_url"])
    if item is None:
        return None
    page = Capture(
        url=row["url"],
        final_url=row["final_url"],
        status=row["status"],
        body=zstandard.decompress(row["body"]),
        content_type=row["content_type"],
        fetched_at=row["fetched_at"],
    )
    return Outdated(item=item, etag=row["etag"], capture_id=row["capture_id"], capture=page)
