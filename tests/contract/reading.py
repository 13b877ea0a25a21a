"""What contract tests read of the corpus."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from monitor.corpus import Corpus, articles, outbox, tables


def alerts(corpus: Corpus) -> list[tuple[str, str | None]]:
    """Kind and watch of every delivery, in the order of their making."""
    with corpus.read() as connection:
        return [(row.kind.value, row.watch) for row in reversed(outbox.list_deliveries(connection))]


def shown(corpus: Corpus, number: int = 1) -> dict[str, Any]:
    with corpus.read() as connection:
        found = articles.view(connection, number)
    assert found is not None
    return found


def everything(corpus: Corpus) -> dict[str, Sequence[Any]]:
    """All that the corpus holds, but for when an article was last looked at and what looks taught."""
    moving = {"checked_at", "good_at", "checks", "next_check_at", "etag", "last_modified"}
    with corpus.read() as connection:
        return {
            table.name: connection.execute(
                sa.select(*(column for column in table.c if column.name not in moving)).order_by(*table.primary_key)
            ).all()
            for table in tables.metadata.sorted_tables
            if table is not tables.volatile
        }
