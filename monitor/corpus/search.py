"""Searches the corpus by rules: the index proposes, the rule itself decides, so that search and watches agree."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, assert_never

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crawler.records import BEIJING
from monitor.corpus import sources
from monitor.corpus.articles import SUBJECT, read_subject, summaries
from monitor.corpus.index import has_fact, has_grams, occurs
from monitor.corpus.tables import article, folded
from monitor.model import HitField
from monitor.rules import Evaluation, Rule, Subject
from monitor.rules.about import comparable, meets
from monitor.rules.lexer import Field
from monitor.rules.need import AllOf, AnyOf, Anything, FieldIs, Literal, Need
from monitor.rules.nodes import About
from monitor.text.fold import Folded, fold

#: `total` is exact up to here.
MOST = 1000
#: Candidates that are read and judged at a time.
_BATCH = 50
_SNIPPET = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for. rule: None means every article. limit: at most MOST.

    source: a slug, else part of a source's name; region, issuer, stock: as the rule language's fields mean them.
    since (inclusive) and until (exclusive) are about the time of publication, else the time it was first seen.
    """

    rule: Rule | None = None
    title_only: bool = False
    source: str | None = None
    region: str | None = None
    issuer: str | None = None
    stock: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    status: str | None = None
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """items: article JSON without text, with `snippet`, newest first. more: there are more than MOST.

    facets: how many of the counted articles there are by source, region and month (2023-05).
    """

    total: int
    more: bool
    items: list[dict[str, Any]]
    facets: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One stored article that a rule met."""

    id: int
    url: str
    title: str
    text: str
    source: str
    region: str | None
    sorted_at: datetime


def search(connection: Connection, query: Query) -> SearchResult:
    """The articles that the query means, newest first: every one of them, counted up to MOST."""
    scope = frozenset({HitField.TITLE}) if query.title_only else frozenset(HitField)
    wanted = query.offset + min(query.limit, MOST)
    found = list(islice(_matching(connection, query, scope), max(MOST + 1, wanted)))
    counted, shown = found[:MOST], found[query.offset : wanted]
    # the evidence takes longer than the verdict, and is wanted of what is shown alone
    snippets = {
        item.id: _snippet(item, None if query.rule is None else query.rule.evaluate(subject, scope))
        for item, subject in shown
    }
    items = [
        {**summary, "snippet": snippets[summary["id"]]} for summary in summaries(connection, [i.id for i, _ in shown])
    ]
    return SearchResult(
        total=len(counted), more=len(found) > MOST, items=items, facets=_facets([item for item, _ in counted])
    )


def replay(
    connection: Connection, rule: Rule, scope: frozenset[HitField] = frozenset(HitField), since: datetime | None = None
) -> Iterator[tuple[Found, Evaluation]]:
    """Every stored article that the rule meets, newest first, with the evidence."""
    for item, subject in _matching(connection, Query(rule=rule, since=since), scope):
        yield item, rule.evaluate(subject, scope)


def _matching(connection: Connection, query: Query, scope: frozenset[HitField]) -> Iterator[tuple[Found, Subject]]:
    filters, conditions = _filters(connection, query)
    if query.rule is not None:
        conditions.append(_condition(connection, query.rule.need))
    ids = sa.select(article.c.id).where(*conditions).order_by(article.c.sorted_at.desc(), article.c.id.desc())
    if query.rule is None and not filters:
        ids = ids.limit(max(MOST + 1, query.offset + query.limit))
    candidates = iter(connection.execute(ids).scalars().all())
    while batch := list(islice(candidates, _BATCH)):
        rows = {row["id"]: row for row in connection.execute(_CANDIDATES, {"ids": batch}).mappings()}
        for row in (rows[number] for number in batch if number in rows):
            subject = _subject(row)
            if not all(meets(about, subject) for about in filters):
                continue
            if query.rule is None or query.rule.matches(subject, scope):
                yield _found(row), subject


_CANDIDATES = (
    SUBJECT.add_columns(article.c.sorted_at, folded.c.title.label("folded_title"), folded.c.text.label("folded_text"))
    .join(folded, folded.c.article_id == article.c.id)
    .where(article.c.id.in_(sa.bindparam("ids", expanding=True)))
)


def _found(row: sa.RowMapping) -> Found:
    return Found(
        id=row["id"],
        url=row["url"],
        title=row["title"],
        text=row["text"],
        source=row["source"],
        region=row["region"],
        sorted_at=row["sorted_at"],
    )


def _subject(row: sa.RowMapping) -> Subject:
    """The article as the rules read it, from the stored fold where nothing was deleted and offsets are the same."""
    return read_subject(
        row, title=_refolded(row["title"], row["folded_title"]), text=_refolded(row["text"], row["folded_text"])
    )


def _refolded(original: str, folded_text: str) -> Folded:
    return Folded(folded_text) if len(folded_text) == len(original) else fold(original)


# -- conditions, each a superset of what is meant


def _filters(connection: Connection, query: Query) -> tuple[list[About], list[sa.ColumnElement[bool]]]:
    """The query's options as terms that the rules' own code decides, and as conditions on `article`."""
    conditions: list[sa.ColumnElement[bool]] = []
    if query.since is not None:
        conditions.append(article.c.sorted_at >= query.since)
    if query.until is not None:
        conditions.append(article.c.sorted_at < query.until)
    if query.status is not None:
        conditions.append(article.c.status == query.status)
    options = {Field.REGION: query.region, Field.ISSUER: query.issuer, Field.STOCK: query.stock}
    if query.source is not None and query.source in sources.names(connection):
        conditions.append(article.c.source == query.source)
    else:
        options[Field.SOURCE] = query.source
    filters = [
        About(field=field, shown=value, wanted=comparable(field, value)) for field, value in options.items() if value
    ]
    conditions.extend(_fact(connection, about.field, comparable(about.field, about.shown)) for about in filters)
    return filters, conditions


def _condition(connection: Connection, need: Need) -> sa.ColumnElement[bool]:
    match need:
        case Literal():
            return _literal(connection.dialect.name, need)
        case FieldIs(field=field, text=text):
            return _fact(connection, field, text)
        case AllOf(parts=parts):
            return sa.and_(*(_condition(connection, part) for part in parts))
        case AnyOf(parts=parts):
            return sa.or_(*(_condition(connection, part) for part in parts))
        case Anything():
            return sa.true()
    assert_never(need)


def _literal(dialect: str, need: Literal) -> sa.ColumnElement[bool]:
    conditions = [has_grams(dialect, need.text)]
    if need.field == "title":
        conditions.append(_in_folded(occurs(dialect, folded.c.title, need.text)))
    elif conditions[0] is None:
        places = (folded.c.text,) if need.field == "body" else (folded.c.title, folded.c.text)
        conditions.append(_in_folded(sa.or_(*(occurs(dialect, place, need.text) for place in places))))
    return sa.and_(*(condition for condition in conditions if condition is not None))


def _fact(connection: Connection, field: Field, wanted: str) -> sa.ColumnElement[bool]:
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


def _in_folded(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(folded.c.article_id == article.c.id, condition).correlate(article)


# -- what is shown


def _snippet(item: Found, evaluation: Evaluation | None) -> str:
    """A line of the text around its first hit, else its beginning."""
    first = min((hit.start for hit in evaluation.hits if hit.field is HitField.BODY), default=0) if evaluation else 0
    start = max(0, first - _SNIPPET // 3)
    stretch = " ".join(item.text[start : start + _SNIPPET].split())
    return f"{'…' if start else ''}{stretch}{'…' if start + _SNIPPET < len(item.text) else ''}"


def _facets(found: Sequence[Found]) -> dict[str, dict[str, int]]:
    by = {
        "source": Counter(item.source for item in found),
        "region": Counter(item.region for item in found if item.region),
        "month": Counter(f"{item.sorted_at.astimezone(BEIJING):%Y-%m}" for item in found),
    }
    return {facet: dict(counts.most_common()) for facet, counts in by.items()}
