"""Which articles a rule may meet, the newest first: by the index where that is quick, else by walking through texts.

Every way proposes each article that the rule meets; the rule itself decides. Measured on 100,000 and 1,000,000 articles
(tests.bench.searching): to sort is quick where few are proposed, to walk through the times and ask the index is where
many are, and what stands in every tenth article is found soonest by looking into the latest texts.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import sqrt
from typing import assert_never

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.corpus import sources
from monitor.corpus.index import Condition, has_fact, occurs, proposed
from monitor.corpus.tables import article, folded
from monitor.rules.about import comparable
from monitor.rules.lexer import Field
from monitor.rules.need import AllOf, AnyOf, Anything, FieldIs, Literal, Need

#: So many of the latest articles are looked into to see how frequent a rule is.
_PROBED = 80
#: Of a need of more literals and fields the database is asked by grams alone: SQLite reads 1,000 conditions at most.
_WIDEST = 300
#: What it costs to look into a text, and to look up the time of a proposed article: in steps through the index of the
#: times that ask whether an article is proposed (0.1 us on SQLite).
_TEXT, _TIME = 15.0, 12.0

_NEWEST = (article.c.sorted_at.desc(), article.c.id.desc())
#: The same number, but for the planner no key: it goes through the articles in another order and asks which are in.
_ASKED = sa.literal_column("+article.id", sa.BigInteger)
#: A few numbers, in a statement that stays the same however many there are.
_LISTED = sa.text("SELECT value FROM json_each(:numbers)").columns(sa.column("value", sa.BigInteger))
_NO_SEQSCAN = sa.text("SET LOCAL enable_seqscan = off")
#: Rows come as they are asked for, and the rest is never read.
_STREAMED = {"stream_results": True, "yield_per": 16}


def newest_first(
    connection: Connection, need: Need, conditions: Sequence[Condition], wanted: int | None
) -> Iterator[int]:
    """The ids of all articles that satisfy the conditions and may satisfy the need.

    wanted: about so many of them will be taken; None for all.
    """
    dialect = connection.dialect.name
    is_wide = _width(need) > _WIDEST
    looked_into = conditions if is_wide else [*conditions, _in_texts(connection, need)]
    proposals = proposed(dialect, need)
    if proposals is None:
        return _walk(connection, looked_into)
    if dialect != "sqlite":
        # without statistics of the grams the planner guesses that each stands everywhere, and reads them all
        connection.execute(_NO_SEQSCAN)
    others = conditions if is_wide else [*conditions, _beside_grams(connection, need)]
    by_grams = [article.c.id.in_(proposals), *others]
    if wanted is None:
        return _sorted(connection, by_grams)
    share, held = _share(connection, None if is_wide else looked_into)
    if share >= sqrt(wanted * _TEXT / held):
        return _walk(connection, looked_into)
    if dialect != "sqlite":  # whose bitmap of all that is proposed costs no more than one of some
        return _sorted(connection, by_grams)
    few = int(sqrt(wanted * held / _TIME))
    if share * held <= 2 * few:
        numbers = connection.execute(proposals.limit(few + 1)).scalars().all()
        if len(numbers) <= few:
            listed = _LISTED.params(numbers=json.dumps(list(numbers)))
            return _sorted(connection, [article.c.id.in_(listed), *others])
    return _walk(connection, [_ASKED.in_(proposals), *others])


def _sorted(connection: Connection, conditions: Sequence[Condition]) -> Iterator[int]:
    ids = sa.select(article.c.id).where(*conditions).order_by(*_NEWEST)
    return iter(connection.execute(ids).scalars().all())


def _walk(connection: Connection, conditions: Sequence[Condition]) -> Iterator[int]:
    """From the latest article on, through the index of the times; the rows come as they are asked for."""
    ids = sa.select(article.c.id).where(*conditions).order_by(*_NEWEST)
    with connection.execute(ids, execution_options=_STREAMED) as rows:
        yield from rows.scalars()


def _share(connection: Connection, conditions: Sequence[Condition] | None) -> tuple[float, int]:
    """Of the latest articles, how many satisfy the conditions, 0 where none are given; and about how many there are."""
    latest = sa.select(article.c.id).order_by(*_NEWEST).limit(_PROBED)
    met = sa.false() if conditions is None else sa.and_(article.c.id.in_(latest), *conditions)
    found = sa.select(sa.func.count()).select_from(article).where(met)
    held = sa.select(sa.func.max(article.c.id))
    row = connection.execute(sa.select(found.scalar_subquery(), held.scalar_subquery())).one()
    return row[0] / _PROBED, row[1] or 1


def _width(need: Need) -> int:
    match need:
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return sum(map(_width, parts))
        case Literal() | FieldIs() | Anything():
            return 1
        case _ as other:
            assert_never(other)


def _beside_grams(connection: Connection, need: Need) -> Condition:
    """What grams do not say: which text holds the literal, one of punctuation alone, what is known of an article."""
    dialect = connection.dialect.name

    def unsure(literal: Literal) -> Condition:
        is_sure = literal.field != "title" and proposed(dialect, literal) is not None
        return sa.true() if is_sure else _in_text(dialect, literal)

    return _condition(connection, need, unsure)


def _in_texts(connection: Connection, need: Need) -> Condition:
    return _condition(connection, need, partial(_in_text, connection.dialect.name))


def _condition(connection: Connection, need: Need, holds: Callable[[Literal], Condition]) -> Condition:
    match need:
        case Literal():
            return holds(need)
        case FieldIs(field=field, text=text):
            return fact(connection, field, text)
        case AllOf(parts=parts):
            return sa.and_(*(_condition(connection, part, holds) for part in parts))
        case AnyOf(parts=parts):
            return sa.or_(*(_condition(connection, part, holds) for part in parts))
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
