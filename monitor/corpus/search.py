"""Searches the corpus by rules: the index proposes, the rule itself decides, so that search and watches agree."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from crawler.records import BEIJING
from monitor.corpus import sources
from monitor.corpus.articles import SUBJECT, read_subject, summaries
from monitor.corpus.candidates import fact, newest_first
from monitor.corpus.tables import article, folded
from monitor.model import Hit, HitField
from monitor.rules import EVERYWHERE, Evaluation, Rule, Subject
from monitor.rules.about import comparable, meets
from monitor.rules.evaluate import Scope
from monitor.rules.lexer import Field
from monitor.rules.need import Anything
from monitor.rules.nodes import About
from monitor.text.fold import Folded, fold_to_match

#: `total` is exact up to here.
MOST = 1000
#: Candidates that are read and judged at a time: a page of them and some that are none.
_BATCH = 56
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

    @property
    def last(self) -> int:
        """How many articles there are up to the last one that is shown."""
        return self.offset + min(self.limit, MOST)

    @property
    def scope(self) -> Scope:
        return frozenset({HitField.TITLE}) if self.title_only else EVERYWHERE


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
    """One stored article that a rule met. at: the time of publication, else of the first sight."""

    id: int
    url: str
    title: str
    text: str
    story: int
    at: datetime


@dataclass(frozen=True, slots=True)
class _Place:
    """One article that is counted."""

    id: int
    source: str
    region: str | None
    sorted_at: datetime


def search(connection: Connection, query: Query) -> SearchResult:
    """The articles that the query means, newest first: every one of them, counted up to MOST."""
    wanted = max(MOST + 1, query.last)
    places = list(islice(_matching(connection, query, wanted, query.scope), wanted))
    counted = places[:MOST]
    return SearchResult(
        total=len(counted),
        more=len(places) > MOST,
        items=_items(connection, query, [place.id for place in places[query.offset : query.last]]),
        facets=_facets(counted),
    )


def newest(connection: Connection, query: Query) -> list[dict[str, Any]]:
    """The items of search() alone: nothing older than what is shown is looked at."""
    return _items(connection, query, found(connection, query))


def found(connection: Connection, query: Query) -> list[int]:
    """The ids of the items of search() alone."""
    places = islice(_matching(connection, query, query.last, query.scope), query.offset, query.last)
    return [place.id for place in places]


def replay(
    connection: Connection, rule: Rule, scope: Scope = EVERYWHERE, since: datetime | None = None
) -> Iterator[tuple[Found, Evaluation]]:
    """Every stored article that the rule meets, newest first, with the evidence."""
    conditions = [] if since is None else [article.c.sorted_at >= since]
    for row in _rows(connection, newest_first(connection, rule.need, conditions, wanted=None), _WHOLE):
        subject = _subject(row)
        evaluation = rule.evaluate(subject, scope)
        if evaluation.matched:
            yield _found(row), evaluation


def _found(row: sa.RowMapping) -> Found:
    return Found(
        id=row["id"],
        url=row["url"],
        title=row["title"],
        text=row["text"],
        story=row["story_id"],
        at=row["sorted_at"],
    )


def sample(connection: Connection, rule: Rule, scope: Scope, limit: int) -> list[Subject]:
    """The newest articles that a rule meets, as rules read them."""
    places = islice(_matching(connection, Query(rule=rule), limit, scope), limit)
    return [_subject(row) for row in _rows(connection, (place.id for place in places), _WHOLE)]


def times(connection: Connection) -> tuple[datetime, datetime] | None:
    """From when to when articles were published; where none bears a date, when they were first seen; None where there
    is none.

    Two in a hundred may lie behind that: one page with a wrong year, or what an import of a backlog holds without a
    date, which counts as of today.
    """
    held = connection.execute(sa.select(sa.func.max(article.c.id))).scalar() or 0
    for dated in (article.c.published_at.is_not(None), sa.true()):
        ends = sa.select(article.c.sorted_at).where(dated).limit(1)
        first = connection.execute(ends.order_by(article.c.sorted_at)).scalar()
        last = connection.execute(ends.order_by(article.c.sorted_at.desc()).offset(min(held // 50, 50))).scalar()
        if first is not None and last is not None:
            return first, last
    return None


# -- what is found


def _matching(connection: Connection, query: Query, wanted: int, scope: Scope) -> Iterator[_Place]:
    """The articles that the query means, newest first, of which about `wanted` will be taken."""
    filters, conditions = _filters(connection, query)
    rule = query.rule
    ids = newest_first(connection, Anything() if rule is None else rule.need, conditions, wanted)
    light = not filters and (rule is None or rule.reads_folds_only)
    for row in _rows(connection, ids, _PLACES if rule is None and light else _FOLDS if light else _WHOLE):
        subject = _subject(row) if not light else None if rule is None else _folds(row)
        if subject is None or (
            all(meets(about, subject) for about in filters) and (rule is None or rule.matches(subject, scope))
        ):
            yield _Place(row["id"], row["source"], row["region"], row["sorted_at"])


def _rows(connection: Connection, ids: Iterator[int], read: sa.Select[Any]) -> Iterator[sa.RowMapping]:
    """The rows of some articles, in the order of the ids."""
    while batch := list(islice(ids, _BATCH)):
        rows = {row["id"]: row for row in connection.execute(read, {"ids": batch}).mappings()}
        yield from (rows[number] for number in batch if number in rows)


_THESE = article.c.id.in_(sa.bindparam("ids", expanding=True))
_OF_FOLD = (folded.c.title.label("folded_title"), folded.c.text.label("folded_text"))
#: Three ways to read candidates: to be counted alone, for rules that look at the folds alone, and all that rules see.
_PLACES = sa.select(article.c.id, article.c.source, article.c.region, article.c.sorted_at).where(_THESE)
_FOLDS = _PLACES.add_columns(*_OF_FOLD).join(folded, folded.c.article_id == article.c.id)
_WHOLE = (
    SUBJECT.add_columns(article.c.sorted_at, article.c.story_id, *_OF_FOLD)
    .join(folded, folded.c.article_id == article.c.id)
    .where(_THESE)
)


def _folds(row: sa.RowMapping) -> Subject:
    """An article for the verdict of a rule that looks at the folds alone."""
    title, text = Folded(row["folded_title"]), Folded(row["folded_text"])
    return Subject(title=title.text, text=text.text, folded_title=title, folded_text=text)


def _subject(row: sa.RowMapping) -> Subject:
    """The article as the rules read it, from the stored fold where nothing was deleted and offsets are the same."""
    return read_subject(
        row, title=_refolded(row["title"], row["folded_title"]), text=_refolded(row["text"], row["folded_text"])
    )


def _refolded(original: str, folded_text: str) -> Folded:
    return Folded(folded_text) if len(folded_text) == len(original) else fold_to_match(original)


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
    conditions.extend(fact(connection, about.field, comparable(about.field, about.shown)) for about in filters)
    return filters, conditions


# -- what is shown


def _items(connection: Connection, query: Query, ids: Sequence[int]) -> list[dict[str, Any]]:
    snippets = {}
    for row in _rows(connection, iter(ids), _WHOLE):
        # the evidence takes longer than the verdict, and is wanted of what is shown alone
        hits = () if query.rule is None else query.rule.evaluate(_subject(row), query.scope).hits
        snippets[row["id"]] = snippet(row["text"], hits)
    return [{**summary, "snippet": snippets[summary["id"]]} for summary in summaries(connection, ids)]


def snippet(text: str, hits: Sequence[Hit]) -> str:
    """A line of the text around its first hit, what hit in brackets; its beginning where nothing hit. Pure.

    >>> snippet("宁波的产业大脑\\n已建成", [Hit(term="大脑", field=HitField.BODY, start=5, end=7, context="")])
    '宁波的产业[大脑] 已建成'
    """
    spans = sorted((hit.start, hit.end) for hit in hits if hit.field is HitField.BODY)
    start = max(0, spans[0][0] - _SNIPPET // 3) if spans else 0
    stop = start + _SNIPPET
    parts, reached = [], start
    for begin, end in _merged(spans):
        if begin >= stop:
            break
        parts += [text[reached:begin], f"[{text[begin:end]}]"]
        reached = end
    parts.append(text[reached : max(stop, reached)])
    return f"{'…' if start else ''}{' '.join(''.join(parts).split())}{'…' if max(stop, reached) < len(text) else ''}"


def _merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans that touch or overlap become one."""
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _facets(found: Sequence[_Place]) -> dict[str, dict[str, int]]:
    by = {
        "source": Counter(place.source for place in found),
        "region": Counter(place.region for place in found if place.region),
        "month": Counter(f"{place.sorted_at.astimezone(BEIJING):%Y-%m}" for place in found),
    }
    return {facet: dict(counts.most_common()) for facet, counts in by.items()}
