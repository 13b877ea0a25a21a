"""Where articles stood before, or stand as well: `article.url` is the address that is asked, these are the others."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.corpus.tables import alias, article


def article_of(connection: Connection, url: str) -> str | None:
    """The address that is asked of the article that stands at this one, too."""
    found: str | None = connection.execute(_ASKED, {"wanted": url}).scalar()
    return found


_ASKED = sa.select(article.c.url).join_from(alias, article).where(alias.c.url == sa.bindparam("wanted"))


def sources_of(connection: Connection, urls: Collection[str]) -> dict[str, str]:
    """Those of the canonical URLs that are another address of an article, with the article's source."""
    return {row.url: row.source for row in connection.execute(_SOURCES_OF, {"urls": list(urls)})}


_SOURCES_OF = (
    sa.select(alias.c.url, article.c.source)
    .join_from(alias, article)
    .where(alias.c.url.in_(sa.bindparam("urls", expanding=True)))
)


def of(connection: Connection, article_id: int) -> tuple[str, ...]:
    """The article's other addresses, the one that was noted longest ago first."""
    return tuple(connection.execute(_OF, {"of": article_id}).scalars())


_OF = sa.select(alias.c.url).where(alias.c.article_id == sa.bindparam("of")).order_by(alias.c.since, alias.c.url)


def add(tx: Connection, article_id: int, url: str, now: datetime) -> None:
    """The article stands at this address, too, which nothing else is known by."""
    tx.execute(sa.insert(alias), {"url": url, "article_id": article_id, "since": now})


def move(tx: Connection, article_id: int, *, old: str, new: str, now: datetime) -> None:
    """From now on the article is asked for at `new`, without validators; the old address stays one of its others."""
    tx.execute(sa.delete(alias).where(alias.c.url == new, alias.c.article_id == article_id))
    values = {"url": new, "etag": None, "last_modified": None}
    tx.execute(sa.update(article).where(article.c.id == article_id).values(values))
    add(tx, article_id, old, now)


# -- who may be the same


def alike(connection: Connection, fingerprint: str, stories: Sequence[int], *, most: int) -> list[tuple[str, str]]:
    """The articles of that content, and those of the stories: address and source of each, the oldest first."""
    wanted = article.c.fingerprint == fingerprint
    if stories:
        wanted = sa.or_(wanted, article.c.story_id.in_(stories))
    query = sa.select(article.c.url, article.c.source).where(wanted).order_by(article.c.id).limit(most)
    return [(row.url, row.source) for row in connection.execute(query)]
