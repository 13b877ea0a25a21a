"""Hands out the corpus article by article, as the article JSON with its text; a corpus of any size streams."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.corpus.articles import summaries
from monitor.corpus.search import replay
from monitor.corpus.tables import article, revision
from monitor.rules import Rule

_BATCH = 100
_TEXTS = (
    sa.select(article.c.id, revision.c.text)
    .join_from(article, revision, sa.and_(revision.c.article_id == article.c.id, revision.c.n == article.c.revision))
    .where(article.c.id.in_(sa.bindparam("ids", expanding=True)))
)


def export(
    connection: Connection,
    *,
    rule: Rule | None = None,
    source: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[dict[str, Any]]:
    """Every article of the source that the rule meets, published (else first seen) from `since` until before `until`.

    Without a rule in the order in which they came in, else newest first.
    """
    wanted: list[sa.ColumnElement[bool]] = []
    if source is not None:
        wanted.append(article.c.source == source)
    if since is not None:
        wanted.append(article.c.sorted_at >= since)
    if until is not None:
        wanted.append(article.c.sorted_at < until)
    ids = _all(connection, wanted) if rule is None else _met(connection, rule, since, wanted)
    while batch := list(islice(ids, _BATCH)):
        texts = {row.id: row.text for row in connection.execute(_TEXTS, {"ids": batch})}
        for summary in summaries(connection, batch):
            yield {**summary, "text": texts[summary["id"]]}


def _all(connection: Connection, wanted: Sequence[sa.ColumnElement[bool]]) -> Iterator[int]:
    after = 0
    while True:
        query = sa.select(article.c.id).where(article.c.id > after, *wanted).order_by(article.c.id).limit(_BATCH)
        ids = connection.execute(query).scalars().all()
        yield from ids
        if len(ids) < _BATCH:
            return
        after = ids[-1]


def _met(
    connection: Connection, rule: Rule, since: datetime | None, wanted: Sequence[sa.ColumnElement[bool]]
) -> Iterator[int]:
    found = (item.id for item, _ in replay(connection, rule, since=since))
    while batch := list(islice(found, _BATCH)):
        kept = set(connection.execute(sa.select(article.c.id).where(article.c.id.in_(batch), *wanted)).scalars())
        yield from (number for number in batch if number in kept)
