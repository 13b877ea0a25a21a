"""Which articles a rule may meet, the newest first: by the index where that is quick, else by walking through texts.

Every way proposes each article that the rule meets; the rule itself decides. Measured on 100,000 and 1,000,000 articles
(tests.bench.searching): to sort is quick where few are proposed, to walk through the times and ask the index is where
many are, and what stands in every tenth article is found soonest by looking into the latest texts.
"""

from collections.abc import Callable, Iterator, Sequence
from math import sqrt
from typing import assert_never

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.corpus import sources
from monitor.corpus.index import has_fact, has_grams, occurs
from monitor.corpus.tables import article, folded
from monitor.rules.about import comparable
from monitor.rules.lexer import Field
from monitor.rules.need import AllOf, AnyOf, Anything, FieldIs, Literal, Need

Condition = sa.ColumnElement[bool]

#: So many of the latest articles are looked into to see how frequent a rule is.
_PROBED = 80
#: What it costs to look into a text, and to look up the time of a proposed article: in steps through the index of the
#: times that ask whether an article is proposed (0.1 us on SQLite).
_TEXT, _TIME = 15.0, 40.0

_NEWEST = (article.c.sorted_at.desc(), article.c.id.desc())
_NO_SEQSCAN = sa.text("SET LOCAL enable_seqscan = off")
#: Rows come as they are asked for, and the rest is never read.
_STREAMED = {"stream_results": True, "yield_per": 16}


def newest_first(
    connection: Connection, need: Need, conditions: Sequence[Condition], wanted: int | None
) -> Iterator[int]:
    """The ids of all articles that satisfy the conditions and may satisfy the need.

    wanted: about so many of them will be taken; None for all.
    """
    looked_into = [*conditions, _by_text(connection, need)]
    if not _is_indexed(connection.dialect.name, need):
        return _walk(connection, looked_into)
    is_sqlite = connection.dialect.name == "sqlite"
    if not is_sqlite:
        # without statistics of the grams the planner guesses that each stands everywhere, and reads them all
        connection.execute(_NO_SEQSCAN)
    indexed = [*conditions, _by_index(connection, need, asked=False)]
    if wanted is None:
        return _sorted(connection, indexed)
    share, held = _share(connection, looked_into)
    if share >= sqrt(wanted * _TEXT / held):
        return _walk(connection, looked_into)
    if not is_sqlite:  # whose bitmap of all that is proposed costs no more than one of some
        return _sorted(connection, indexed)
    few = int(sqrt(wanted * held / _TIME))
    if share * held <= 2 * few:
        proposed = sa.select(article.c.id).where(*indexed).limit(few + 1)
        if len(connection.execute(proposed).all()) <= few:
            return _sorted(connection, indexed)
    return _walk(connection, [*conditions, _by_index(connection, need, asked=True)])


def _sorted(connection: Connection, conditions: Sequence[Condition]) -> Iterator[int]:
    ids = sa.select(article.c.id).where(*conditions).order_by(*_NEWEST)
    return iter(connection.execute(ids).scalars().all())


def _walk(connection: Connection, conditions: Sequence[Condition]) -> Iterator[int]:
    """From the latest article on, through the index of the times; the rows come as they are asked for."""
    ids = sa.select(article.c.id).where(*conditions).order_by(*_NEWEST)
    with connection.execute(ids, execution_options=_STREAMED) as rows:
        yield from rows.scalars()


def _share(connection: Connection, conditions: Sequence[Condition]) -> tuple[float, int]:
    """Of the latest articles, how many satisfy the conditions; and about how many articles there are."""
    latest = sa.select(article.c.id).order_by(*_NEWEST).limit(_PROBED)
    found = sa.select(sa.func.count()).select_from(article).where(article.c.id.in_(latest), *conditions)
    held = sa.select(sa.func.max(article.c.id))
    row = connection.execute(sa.select(found.scalar_subquery(), held.scalar_subquery())).one()
    return row[0] / _PROBED, row[1] or 1


def _is_indexed(dialect: str, need: Need) -> bool:
    """Whether an index says which articles to look at."""
    match need:
        case Literal(text=text):
            return has_grams(dialect, text) is not None
        case AllOf(parts=parts):
            return any(_is_indexed(dialect, part) for part in parts)
        case AnyOf(parts=parts):
            return all(_is_indexed(dialect, part) for part in parts)
        case FieldIs() | Anything():
            return False
        case _ as other:
            assert_never(other)


def _by_index(connection: Connection, need: Need, *, asked: bool) -> Condition:
    dialect = connection.dialect.name

    def all_in(literals: Sequence[Literal]) -> Condition:
        # asked for together: where one is frequent, the index would else write down thousands of articles
        grams = has_grams(dialect, *(literal.text for literal in literals), asked=asked)
        unsure = [each for each in literals if each.field == "title" or has_grams(dialect, each.text) is None]
        return sa.and_(*([] if grams is None else [grams]), *(_in_text(dialect, each) for each in unsure))

    return _condition(connection, need, all_in)


def _by_text(connection: Connection, need: Need) -> Condition:
    dialect = connection.dialect.name
    return _condition(connection, need, lambda literals: sa.and_(*(_in_text(dialect, each) for each in literals)))


def _condition(connection: Connection, need: Need, all_in: Callable[[Sequence[Literal]], Condition]) -> Condition:
    """all_in: the condition that all of at least one literals are there."""
    match need:
        case Literal():
            return all_in([need])
        case FieldIs(field=field, text=text):
            return fact(connection, field, text)
        case AllOf(parts=parts):
            literals = [part for part in parts if isinstance(part, Literal)]
            others = [_condition(connection, part, all_in) for part in parts if not isinstance(part, Literal)]
            return sa.and_(*([all_in(literals)] if literals else []), *others)
        case AnyOf(parts=parts):
            return sa.or_(*(_condition(connection, part, all_in) for part in parts))
        case Anything():
            return sa.true()
        case _ as other:
            assert_never(other)


def _in_text(dialect: str, literal: Literal) -> Condition:
    places = {"title": (folded.c.title,), "body": (folded.c.text,), "any": (folded.c.title, folded.c.text)}
    return _in_folded(sa.or_(*(occurs(dialect, place, literal.text) for place in places[literal.field])))


def fact(connection: Connection, field: Field, wanted: str) -> Condition:
    """A condition on `article` that holds wherever a term on what is known of it is met."""
    known = _in_folded(has_fact(connection.dialect.name, field, wanted))
    if field is not Field.SOURCE:
        return known
    # the configuration may have renamed a source since its articles were indexed
    named = [
        slug
        for slug, name in sources.names(connection).items()
        if wanted in comparable(field, slug) or wanted in comparable(field, name)
    ]
    return sa.or_(known, article.c.source.in_(named))


def _in_folded(condition: Condition) -> Condition:
    return sa.exists().where(folded.c.article_id == article.c.id, condition).correlate(article)
