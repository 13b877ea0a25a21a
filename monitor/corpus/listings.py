"""What each listing showed last, and the articles that it gives cause to look at; decides nothing."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.corpus.tables import alias, article, listed
from monitor.listed import Shown


def shown(connection: Connection, slug: str) -> dict[str, Shown] | None:
    """What the source's listing showed last, by canonical URL, in its order; None where nothing was noted."""
    entries = connection.execute(_SHOWN, {"of": slug}).scalar()
    return None if entries is None else {url: Shown.from_json(value) for url, *value in entries}


_SHOWN = sa.select(listed.c.entries).where(listed.c.source == sa.bindparam("of"))


def remember(tx: Connection, slug: str, entries: Mapping[str, Shown]) -> None:
    """This is what the source's listing shows."""
    values = [[url, *each.as_json()] for url, each in entries.items()]
    if not tx.execute(_REMEMBER, {"of": slug, "entries": values}).rowcount:
        tx.execute(sa.insert(listed), {"source": slug, "entries": values})


_REMEMBER = sa.update(listed).where(listed.c.source == sa.bindparam("of"))


def held(connection: Connection, urls: Collection[str]) -> dict[str, sa.RowMapping]:
    """The articles that stand at those of the canonical URLs, under the URL that was asked for: rows of url, title,
    etag, last_modified, hints, checked_at."""
    rows = connection.execute(_HELD, {"urls": list(urls)}).mappings()
    return {row["listed"]: row for row in rows}


def _rows(listed_as: sa.ColumnElement[str], *joined: Any) -> sa.Select[Any]:
    query = sa.select(
        listed_as.label("listed"),
        article.c.url,
        article.c.title,
        article.c.etag,
        article.c.last_modified,
        article.c.hints,
        article.c.checked_at,
    )
    source = query.join_from(article, alias) if joined else query
    return source.where(listed_as.in_(sa.bindparam("urls", expanding=True)))


_HELD = _rows(article.c.url).union_all(_rows(alias.c.url, alias))


def prompt(tx: Connection, urls: Collection[str], until: datetime) -> None:
    """A hint of each is followed; where that comes to nothing (a crash), they are due at `until`."""
    if urls:
        tx.execute(_PROMPT, {"urls": list(urls), "until": until})


_PROMPT = (
    sa.update(article)
    .where(article.c.url.in_(sa.bindparam("urls", expanding=True)))
    .values(hints=article.c.hints + 1, next_check_at=sa.bindparam("until"))
)
