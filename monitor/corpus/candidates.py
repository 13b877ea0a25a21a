"""Which articles a rule may meet, the newest first: by the index where that is quick, else by walking through texts.

Every way proposes each article that the rule meets; the rule itself decides. Measured on 100,000 and 1,000,000 articles
(tests.bench.searching): to sort is quick where few are proposed, to walk through the times and ask the index is where
many are, and what stands in every tenth article is found soonest by looking into the latest texts.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from math import sqrt
from typing import assert_never

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.corpus import sources
from monitor.corpus.index import Condition, has_fact, has_lone, occurs, proposed
from monitor.corpus.tables import article, folded
from monitor.rules.about import comparable
from monitor.rules.lexer import Field
from monitor.rules.need import AllOf, AnyOf, Anything, FieldIs, Literal, Need

#: So many of the latest articles are looked into to see how frequent a rule is.
_PROBED = 80
#: A literal that stands in so many of them is looked for in the texts, where a rarer one says in which: its grams cost
#: more, since the index goes through all that hold them. So many literals are compared.
_USUAL, _COMPARED = 0.1, 4
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
_HELD = sa.select(sa.func.max(article.c.id))
_NO_SEQSCAN = sa.text("SET LOCAL enable_seqscan = off")
#: Rows come as they are asked for, and the rest is never read.
_STREAMED = {"stream_results": True, "yield_per": 16}


def newest_first(
    connection: Connection, need: Need, conditions: Sequence[Condition], wanted: int | None
) -> Iterator[int]:
    """The ids of all articles that satisfy the conditions and may satisfy the need.

    wanted: about so many of them will be taken; None for all.
    """
    proposals = proposed(connection.dialect.name, need)

    @cache  # a source's names are looked up for it
    def in_texts() -> list[Condition]:
        return [*conditions, *_in_texts(connection, need)]

    if proposals is None:
        return _walk(connection, in_texts())
    if connection.dialect.name != "sqlite":
        # without statistics of the grams the planner guesses that each stands everywhere, and reads them all
        connection.execute(_NO_SEQSCAN)
    others = [*conditions, *_beside_grams(connection, need)]
    if wanted is None:
        return _sorted(connection, [article.c.id.in_(proposals), *others])
    return _soonest(connection, need, proposals, in_texts, others, wanted=wanted)


def _soonest(
    connection: Connection,
    need: Need,
    proposals: sa.Select[int],
    in_texts: Callable[[], list[Condition]],
    others: Sequence[Condition],
    *,
    wanted: int,
) -> Iterator[int]:
    """in_texts: what to ask of each article where the proposals are left aside; others: where they are not."""
    is_sqlite = connection.dialect.name == "sqlite"
    held = connection.execute(_HELD).scalar() or 1
    few = int(sqrt(wanted * held / _TIME))
    is_counted = is_sqlite and not has_lone(need)
    if is_counted:
        last = _last(connection, proposals, few + 1)
        if len(last) <= few:
            return _sorted(connection, [_listed(last), *others])
        share = len(last) / (held - last[-1] + 1)
    else:
        share = 0.0 if _is_wide(need) else _shares(connection, in_texts())[0]
    if share >= sqrt(wanted * _TEXT / held):
        return _walk(connection, in_texts())
    if not is_sqlite:  # whose bitmap of all that is proposed costs no more than one of some
        return _sorted(connection, [article.c.id.in_(proposals), *others])
    if not is_counted and share * held <= 2 * few and len(last := _last(connection, proposals, few + 1)) <= few:
        return _sorted(connection, [_listed(last), *others])
    by_rare = proposed("sqlite", _rare(connection, need))
    asked = [_ASKED.in_(proposals), *others] if by_rare is None else [_ASKED.in_(by_rare), *in_texts()]
    return _walk(connection, asked)


def _sorted(connection: Connection, conditions: Sequence[Condition]) -> Iterator[int]:
    ids = sa.select(article.c.id).where(*conditions).order_by(*_NEWEST)
    return iter(connection.execute(ids).scalars().all())


def _walk(connection: Connection, conditions: Sequence[Condition]) -> Iterator[int]:
    """From the latest article on, through the index of the times; the rows come as they are asked for."""
    ids = sa.select(article.c.id).where(*conditions).order_by(*_NEWEST)
    with connection.execute(ids, execution_options=_STREAMED) as rows:
        yield from rows.scalars()


def _last(connection: Connection, proposals: sa.Select[int], most: int) -> Sequence[int]:
    """The proposed articles that came last, at most so many."""
    number = proposals.selected_columns[0]
    return connection.execute(proposals.order_by(number.desc()).limit(most)).scalars().all()


def _listed(numbers: Sequence[int]) -> Condition:
    return article.c.id.in_(_LISTED.params(numbers=json.dumps(list(numbers))))


def _shares(connection: Connection, *alternatives: Sequence[Condition]) -> list[float]:
    """Of the latest articles, how many satisfy the conditions, for each alternative."""
    latest = sa.select(article.c.id).order_by(*_NEWEST).limit(_PROBED)
    counts = [sa.func.count().filter(sa.and_(sa.true(), *conditions)) for conditions in alternatives]
    found = connection.execute(sa.select(*counts).where(article.c.id.in_(latest))).one()
    return [number / _PROBED for number in found]


def _rare(connection: Connection, need: Need) -> Need:
    """Of literals that must all be there, those that seldom are; Anything where none is, or all are."""
    literals = [part for part in need.parts if isinstance(part, Literal)] if isinstance(need, AllOf) else []
    literals = literals[:_COMPARED]
    if len(literals) < 2:
        return Anything()
    dialect = connection.dialect.name
    shares = _shares(connection, *([_in_text(dialect, literal)] for literal in literals))
    rare = tuple(literal for literal, share in zip(literals, shares, strict=True) if share < _USUAL)
    return AllOf(rare) if len(rare) < len(literals) else Anything()


def _is_wide(need: Need) -> bool:
    return _width(need) > _WIDEST


def _width(need: Need) -> int:
    match need:
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return sum(map(_width, parts))
        case Literal() | FieldIs() | Anything():
            return 1
        case _ as other:
            assert_never(other)


def _in_texts(connection: Connection, need: Need) -> list[Condition]:
    """What a text and what is known of its article say of the need, each looked into; [] where it is wide."""
    in_text = partial(_in_text, connection.dialect.name)
    return [] if _is_wide(need) else [_condition(connection, need, in_text)]


def _beside_grams(connection: Connection, need: Need) -> list[Condition]:
    """What grams do not say: which text holds the literal, one of punctuation alone, what is known of an article."""
    dialect = connection.dialect.name

    def unsure(literal: Literal) -> Condition:
        is_sure = literal.field != "title" and proposed(dialect, literal) is not None
        return sa.true() if is_sure else _in_text(dialect, literal)

    return [] if _is_wide(need) else [_condition(connection, need, unsure)]


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
