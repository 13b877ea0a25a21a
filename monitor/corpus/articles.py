"""Reads articles: as the article JSON, by revision, with their stories and captures; writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Connection

from crawler.records import Capture, iso
from monitor.corpus import aliases
from monitor.corpus.absences import events_of, missing_of
from monitor.corpus.reading import subject
from monitor.corpus.stories import TELLING, telling_of, wordings
from monitor.corpus.tables import alias, article, capture, revision, source
from monitor.differences import Side
from monitor.rules import Subject
from monitor.stories import Telling, compare, origin
from monitor.text.diff import changes
from monitor.text.fold import Folded

#: A story of more outlets is compared as far as this, and a variant shown with so many changes.
_MOST_COMPARED, _MOST_CHANGES = 30, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One state of an article. facts: the article JSON of this revision without url, title and text."""

    n: int
    kind: str
    summary: str
    at: str
    side: Side
    extractor: str


def id_of(connection: Connection, url: str) -> int | None:
    """The article that stands at that canonical URL, or stood there."""
    here = sa.select(article.c.id).where(article.c.url == url)
    there = sa.select(alias.c.article_id).where(alias.c.url == url)
    found: int | None = connection.execute(here.union_all(there)).scalar()
    return found


def count(connection: Connection) -> int:
    """How many articles there are."""
    return connection.execute(sa.select(sa.func.count()).select_from(article)).scalar_one()


def view(connection: Connection, article_id: int) -> dict[str, Any] | None:
    """The article JSON with its text; None where there is no such article."""
    found = summaries(connection, [article_id])
    if not found:
        return None
    latest = revision_of(connection, article_id, found[0]["revision"])
    text = latest.side.text if latest else ""
    also = {"addresses": list(aliases.of(connection, article_id))}
    gone = {"events": events_of(connection, article_id), "missing": missing_of(connection, article_id)}
    return {**found[0], "text": text, **also, **gone}


def summaries(connection: Connection, ids: Sequence[int]) -> list[dict[str, Any]]:
    """The article JSON without texts, in the order of the ids; unknown ids are left out."""
    rows = {row["id"]: row for row in connection.execute(_ROWS, {"ids": list(ids)}).mappings()}
    revisions: dict[int, list[dict[str, Any]]] = {}
    for row in connection.execute(_REVISIONS, {"ids": list(ids)}).mappings():
        line = {"n": row["n"], "at": iso(row["at"]), "kind": row["kind"], "summary": row["summary"]}
        weight = {key: row["change"][key] for key in _WEIGHT if key in (row["change"] or {})}
        revisions.setdefault(row["article_id"], []).append({**line, **weight})
    tellings: dict[int, list[Telling]] = {}
    for row in connection.execute(_TELLINGS, {"ids": [row["story_id"] for row in rows.values()]}).mappings():
        tellings.setdefault(row["story_id"], []).append(telling_of(row))
    return [
        _json(rows[number], revisions.get(number, []), tellings[rows[number]["story_id"]])
        for number in ids
        if number in rows
    ]


def story(connection: Connection, article_id: int) -> list[dict[str, Any]]:
    """The articles of the article's story, the origin first.

    Each: id, url, title, source, outlet, published_at; variant: whether its text differs from the origin's in more
    than its frame, and differs: the changed sentences then, as `show --diff` has them.
    """
    mine = sa.select(article.c.story_id).where(article.c.id == article_id).scalar_subquery()
    rows = {row["id"]: row for row in connection.execute(TELLING.where(article.c.story_id == mine)).mappings()}
    if not rows:
        return []
    first = origin([telling_of(row) for row in rows.values()]).article_id
    ids = [first, *(number for number in sorted(rows) if number != first)]
    differs = _differences(connection, ids[:_MOST_COMPARED])
    return [
        {
            "id": number,
            "url": rows[number]["url"],
            "title": rows[number]["title"],
            "source": rows[number]["source"],
            "outlet": rows[number]["source_name"],
            "published_at": iso(rows[number]["published_at"]),
            "variant": bool(differs.get(number)),
            "differs": differs.get(number, []),
        }
        for number in ids
    ]


def _differences(connection: Connection, ids: Sequence[int]) -> dict[int, list[dict[str, str]]]:
    """For each article but the first: in which sentences it differs from that one."""
    if len(ids) < 2:
        return {}
    texts = {row["id"]: row["text"] for row in connection.execute(_TEXTS, {"ids": list(ids)}).mappings()}
    told = {wording.telling.article_id: wording for _, wording in wordings(connection, ids)}
    first, *others = ids
    found = {}
    for number in others:
        if compare(told[number], told[first]).same:
            continue
        found[number] = [
            {"op": change.op, "before": change.before, "after": change.after}
            for change in changes(texts[first], texts[number])[:_MOST_CHANGES]
            if not change.moved
        ]
    return found


def revision_of(connection: Connection, article_id: int, n: int) -> Revision | None:
    """One revision with its text; None where there is none of that number."""
    query = sa.select(revision).where(revision.c.article_id == article_id, revision.c.n == n)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    return Revision(
        n=row["n"],
        kind=row["kind"],
        summary=row["summary"],
        at=iso(row["at"]) or "",
        side=Side(title=row["title"], text=row["text"], facts=row["fields"]),
        extractor=row["extractor"],
    )


def capture_of(connection: Connection, article_id: int, n: int) -> Capture | None:
    """The page that a revision was read from; None where it was pruned or never kept."""
    query = (
        sa.select(capture)
        .join_from(capture, revision, revision.c.capture_id == capture.c.id)
        .where(revision.c.article_id == article_id, revision.c.n == n)
    )
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    return Capture(
        url=row["url"],
        final_url=row["final_url"],
        status=row["status"],
        body=zstandard.decompress(row["body"]),
        content_type=row["content_type"],
        fetched_at=row["fetched_at"],
    )


def outdated(connection: Connection, url: str, extractor: str) -> Capture | None:
    """The page of the article's latest revision, where another extractor than `extractor` read it.

    What the present one makes of it tells the site's changes from the extractor's (`before` of ingest).
    """
    query = sa.select(article.c.id, article.c.revision, revision.c.extractor).join_from(
        article, revision, sa.and_(revision.c.article_id == article.c.id, revision.c.n == article.c.revision)
    )
    row = connection.execute(query.where(article.c.url == url)).first()
    if row is None or row.extractor == extractor:
        return None
    return capture_of(connection, row.id, row.revision)


def subject_of(connection: Connection, article_id: int) -> Subject | None:
    """The article's latest revision as the rules read it."""
    row = connection.execute(SUBJECT.where(article.c.id == article_id)).mappings().first()
    return None if row is None else read_subject(row)


def read_subject(row: sa.RowMapping, *, title: Folded | None = None, text: Folded | None = None) -> Subject:
    """A row of SUBJECT as the rules read it. title, text: their folds, where they are at hand."""
    return subject(
        title=row["title"],
        text=row["text"],
        facts=row["fields"],
        source=row["source"],
        source_name=row["name"],
        region=row["region"],
        url=row["url"],
        addresses=tuple((row["addresses"] or "").split()),
        folded_title=title,
        folded_text=text,
    )


#: An article's other addresses, a blank between two: a URL as we keep it has none.
ADDRESSES = (
    sa.select(sa.func.aggregate_strings(alias.c.url, " "))
    .where(alias.c.article_id == article.c.id)
    .correlate(article)
    .scalar_subquery()
)
#: Everything that rules look at, of the latest revisions.
SUBJECT = (
    sa.select(
        article.c.id,
        article.c.url,
        article.c.source,
        article.c.region,
        revision.c.title,
        revision.c.text,
        revision.c.fields,
        source.c.name,
        ADDRESSES.label("addresses"),
    )
    .join_from(article, revision, sa.and_(revision.c.article_id == article.c.id, revision.c.n == article.c.revision))
    .join(source, source.c.slug == article.c.source)
)
_ROWS = sa.select(article).where(article.c.id.in_(sa.bindparam("ids", expanding=True)))
_TEXTS = (
    sa.select(article.c.id, revision.c.text)
    .join_from(article, revision, sa.and_(revision.c.article_id == article.c.id, revision.c.n == article.c.revision))
    .where(article.c.id.in_(sa.bindparam("ids", expanding=True)))
)
#: What is shown of a revision's change; see monitor.comeback.noted.
_WEIGHT = ("importance", "parts", "back_to")
_REVISIONS = (
    sa.select(
        revision.c.article_id, revision.c.n, revision.c.at, revision.c.kind, revision.c.summary, revision.c.change
    )
    .where(revision.c.article_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(revision.c.article_id, revision.c.n)
)
_TELLINGS = TELLING.where(article.c.story_id.in_(sa.bindparam("ids", expanding=True)))


def _json(row: sa.RowMapping, revisions: list[dict[str, Any]], tellings: Sequence[Telling]) -> dict[str, Any]:
    copied = ("source_name", "column", "origin", "author", "editor", "region", "language", "kind", "keywords")
    return {
        "id": row["id"],
        "url": row["url"],
        "title": row["title"],
        "published_at": iso(row["published_at"]),
        "published_precision": row["published_precision"],
        "source": row["source"],
        **{key: row[key] for key in copied},
        "text_length": row["text_length"],
        "stocks": row["stocks"],
        "attachments": row["attachments"],
        "government": row["government"],
        "status": row["status"],
        "first_seen_at": iso(row["first_seen_at"]),
        "checked_at": iso(row["checked_at"]),
        "revision": row["revision"],
        "revisions": revisions,
        "story": {"id": row["story_id"], "origin_id": origin(tellings).article_id, "outlets": len(tellings)},
        "quality": row["quality"],
    }
