"""Takes what the present extractor makes of stored pages into the corpus; tells nobody: no site changed anything."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from crawler.records import ArticleKind, Draft, Entry, Hints, Precision, Source, Verdict
from monitor.announce import match_rows
from monitor.comeback import carried_on
from monitor.content import content_of, read, telling
from monitor.corpus import Corpus, aliases, index, sources, storing
from monitor.corpus.outdated import Outdated
from monitor.corpus.storing import Content, Stored
from monitor.desk import Desk
from monitor.differences import Side, changes_between
from monitor.facts import merged
from monitor.model import Change, RevisionKind
from monitor.polls import is_carried
from monitor.retelling import replace_text
from monitor.storable import storable
from monitor.text.fingerprint import canonical_lines

SUMMARY = "提取程序更新后重新提取"

_TEXTS = {"title": "title", "body": "text"}


class Became(StrEnum):
    """What a stored page comes to when it is read again."""

    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"  # the present extractor takes it for no article; what is stored stays
    OVERTAKEN = "overtaken"  # a newer revision came in between


@dataclass(frozen=True, slots=True, kw_only=True)
class Rereading:
    """One article read again. fields: keys of the article JSON that differ. why: where it is refused."""

    became: Became
    content: Content | None = None
    fields: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    why: str = ""


def hints_of(found: Outdated, source: Source) -> Hints:
    """What extraction may know beside the page: what the listing once said, as far as the article holds it. Pure.

    An item that its feed carried whole is known by it alone. For a page the stored headline is left out: it would
    speak for itself, and a headline that was misread would stay so. So is the author: a listing's may name an outlet.
    """
    facts, capture = found.item.known.facts, found.capture
    if not capture.final_url:
        return Hints.of(source)
    published = facts.get("published_at")
    precision = facts.get("published_precision")
    entry = Entry(
        url=found.item.url,
        published_at=datetime.fromisoformat(published) if published else None,
        published_precision=Precision(precision) if precision else None,
        origin=facts.get("origin"),
        keywords=tuple(facts.get("keywords") or ()),
    )
    if not is_carried(found.etag):
        return Hints.of(source, entry)
    carried = Entry(
        url=entry.url,
        title=found.item.known.title,
        published_at=entry.published_at,
        published_precision=entry.published_precision,
        origin=entry.origin,
        keywords=entry.keywords,
        site=facts.get("source_name"),
        body=capture.body.decode("utf-8", "replace"),
        whole=facts.get("kind") == ArticleKind.FLASH,
    )
    return Hints.of(source, carried)


def compare(item: Stored, draft: Draft, source: Source) -> Rereading:
    """What the draft would change of the article as it is stored. Pure.

    Blanks, width and noise are no change. What only a listing told, and no page repeats, stays.
    """
    draft = storable(draft)
    if draft.quality.verdict is not Verdict.ARTICLE or not (draft.title or item.known.title):
        return Rereading(became=Became.REFUSED, why="; ".join(draft.quality.notes) or str(draft.quality.verdict))
    known = item.known
    content = content_of(draft, merged(known.facts, draft), source, title=known.title)
    old, new = Side(title=known.title, text=known.text, facts=known.facts), _side(content)
    shown = changes_between(old, new)
    fields = ["title"] if any(change.field == "title" for change in shown) else []
    if _words(known.text, source) != _words(content.text, source):
        fields.append("text")
    facts = [key for key, value in content.facts.items() if key != "quality" and value != known.facts.get(key)]
    changes = [
        *(change for change in shown if _TEXTS.get(change.field) in fields),
        *(_told(key, known.facts, content.facts) for key in facts),
    ]
    if not fields and not facts:
        return Rereading(became=Became.SAME, content=content)
    return Rereading(became=Became.CHANGED, content=content, fields=(*fields, *facts), changes=tuple(changes))


def apply(corpus: Corpus, found: Outdated, draft: Draft, source: Source, *, desk: Desk, now: datetime) -> Rereading:
    """Store what the draft changes as a revision `reextracted`, in one transaction; nobody is alerted.

    Where nothing differs the revision is noted as read by the present extractor, so that it is not read again. Nothing
    is stored where the article has a newer revision by now.
    """
    with corpus.begin() as tx:
        item = storing.stored(tx, found.item.url)
        if item is None or item.revision != found.item.revision:
            return Rereading(became=Became.OVERTAKEN)
        reread = compare(item, draft, source)
        if reread.content is None:
            return reread
        content = reread.content
        if reread.became is Became.SAME:
            storing.confirm(tx, item, extractor=content.extractor, quality=content.facts["quality"])
            return reread
        n = item.revision + 1
        storing.set_content(tx, item, content, n=n, now=now)
        storing.set_visit(tx, item.id, {"changed_at": item.changed_at})  # the site changed nothing
        storing.add_revision(
            tx,
            item.id,
            n=n,
            kind=RevisionKind.REEXTRACTED,
            summary=SUMMARY,
            content=content,
            page=found.capture_id,
            now=now,
            change=carried_on(item.change),
        )
        name = sources.names(tx)[item.source]
        subject = read(content, source=item.source, source_name=name, region=item.region, url=item.url)
        subject = replace(subject, addresses=aliases.of(tx, item.id))
        index.replace(tx, item.id, subject)
        mine = telling(content, url=item.url, first_seen_at=item.first_seen_at, number=item.id)
        replace_text(tx, mine, item.story_id, before=item.known.text, text=content.text, noise=source.noise)
        met = desk.rules.evaluate(subject)
        storing.add_matches(tx, match_rows(desk, item.id, n, met, alerted=set(), now=now))
    return reread


def _side(content: Content) -> Side:
    return Side(title=content.title, text=content.text, facts=content.facts)


def _words(text: str, source: Source) -> str:
    return "".join(canonical_lines(text, source.noise))


def _told(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    return Change(field=key, op="replace", before=_shown(old.get(key)), after=_shown(new.get(key)))


def _shown(value: object) -> str:
    return value if isinstance(value, str) else "" if not value else json.dumps(value, ensure_ascii=False)
