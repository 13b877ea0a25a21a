"""Keeps which articles tell one story, and reads what is needed to decide it; refuses to decide it."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.corpus.tables import article, folded, match, story
from monitor.stories import Telling, Wording
from monitor.text.fingerprint import canonical_of_folded


def new_story(tx: Connection, key: str | None, now: datetime) -> int:
    """Begin a story; answers its id."""
    inserted = tx.execute(_INSERT_STORY, {"key": key, "created_at": now}).inserted_primary_key
    assert inserted is not None, "a single row was inserted"
    number: int = inserted[0]
    return number


def tellings(connection: Connection, key: str) -> Sequence[tuple[int, Telling]]:
    """The articles of every story with that key, each with its story's id, oldest first."""
    rows = connection.execute(_OF_KEY, {"wanted": key}).mappings()
    return [(row["story_id"], telling_of(row)) for row in rows]


def wordings(connection: Connection, ids: Sequence[int]) -> Sequence[tuple[int, Wording]]:
    """The articles with their texts, each with its story's id, oldest first."""
    if not ids:
        return []
    rows = connection.execute(_WORDINGS, {"ids": list(ids)}).mappings()
    return [
        (row["story_id"], Wording(telling=telling_of(row), read=partial(canonical_of_folded, row["folded_text"])))
        for row in rows
    ]


def telling_of(row: sa.RowMapping) -> Telling:
    """A row with the columns of TELLING."""
    return Telling(
        article_id=row["id"],
        url=row["url"],
        title=row["title"],
        length=row["text_length"],
        published_at=row["published_at"],
        published_precision=row["published_precision"],
        first_seen_at=row["first_seen_at"],
        outlet=row["source_name"],
        credited=row["origin"],
    )


def is_alone(connection: Connection, story_id: int) -> bool:
    """Whether the story has no more than one article."""
    count = sa.select(sa.func.count()).select_from(article).where(article.c.story_id == story_id)
    return connection.execute(count).scalar_one() <= 1


def move(tx: Connection, article_id: int, *, old: int, new: int) -> None:
    """The article, alone in its old story, joins another one; the old one ends."""
    tx.execute(sa.update(article).where(article.c.id == article_id).values(story_id=new))
    tx.execute(sa.delete(story).where(story.c.id == old))


def end(tx: Connection, story_id: int) -> None:
    """The story, which has no article, was begun in vain."""
    tx.execute(sa.delete(story).where(story.c.id == story_id))


def set_key(tx: Connection, story_id: int, key: str | None) -> None:
    """The story is found by another key from now on."""
    tx.execute(sa.update(story).where(story.c.id == story_id).values(key=key))


def watches_that_met(connection: Connection, story_id: int, *, but: int) -> set[str]:
    """The watches that met any other article of the story."""
    return set(connection.execute(_MET, {"story": story_id, "but": but}).scalars())


#: Everything that a story wants to know of its articles.
TELLING = sa.select(
    article.c.story_id,
    article.c.id,
    article.c.url,
    article.c.title,
    article.c.source,
    article.c.source_name,
    article.c.origin,
    article.c.text_length,
    article.c.published_at,
    article.c.published_precision,
    article.c.first_seen_at,
)
_OF_KEY = (
    TELLING.join_from(article, story, article.c.story_id == story.c.id)
    .where(story.c.key == sa.bindparam("wanted"))
    .order_by(article.c.id)
)
_WORDINGS = (
    TELLING.add_columns(folded.c.text.label("folded_text"))
    .join_from(article, folded, folded.c.article_id == article.c.id)
    .where(article.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(article.c.id)
)
_INSERT_STORY = sa.insert(story)
_MET = (
    sa.select(match.c.watch)
    .distinct()
    .join_from(match, article)
    .where(article.c.story_id == sa.bindparam("story"), article.c.id != sa.bindparam("but"))
)
