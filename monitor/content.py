"""Turns drafts and stored revisions into what the corpus, the rules, a story and an alert want to see of them; pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crawler.records import Draft, Source
from monitor.corpus.reading import subject
from monitor.corpus.storing import Content, Stored
from monitor.model import ArticleView
from monitor.rules import Subject
from monitor.stories import Telling
from monitor.text.fingerprint import fingerprint


def content_of(draft: Draft, facts: Mapping[str, Any], source: Source, *, title: str = "") -> Content:
    """What a revision made of the draft says. title: what stands where the draft has none."""
    title = draft.title or title
    published = facts["published_at"]
    return Content(
        title=title,
        text=draft.text,
        facts={
            **facts,
            "source_name": facts["source_name"] or source.name,
            "column": facts["column"] or source.column,
        },
        fingerprint=fingerprint(title, draft.text, source.noise),
        extractor=draft.extractor,
        published_at=None if published is None else datetime.fromisoformat(published),
    )


def held(item: Stored) -> Content:
    """What the article's latest revision says."""
    known = item.known
    published = known.facts.get("published_at")
    return Content(
        title=known.title,
        text=known.text,
        facts=known.facts,
        fingerprint=known.fingerprint,
        extractor=known.extractor,
        published_at=None if published is None else datetime.fromisoformat(published),
    )


def read(content: Content, *, source: str, source_name: str, region: str | None, url: str) -> Subject:
    """The content as the rules read it. source_name: the one that the configuration gives."""
    return subject(
        title=content.title,
        text=content.text,
        facts=content.facts,
        source=source,
        source_name=source_name,
        region=region,
        url=url,
    )


def telling(content: Content, *, url: str, first_seen_at: datetime, number: int = 0) -> Telling:
    """The content as a story sees it. number: 0 before it has one."""
    return Telling(
        article_id=number,
        url=url,
        title=content.title,
        length=len(content.text),
        published_at=content.published_at,
        published_precision=content.facts["published_precision"],
        first_seen_at=first_seen_at,
        outlet=content.facts["source_name"],
        credited=content.facts["origin"],
    )


def shown(number: int, content: Content, *, url: str, source: str, region: str | None, revision: int) -> ArticleView:
    """The content as an alert shows it."""
    return ArticleView(
        id=number,
        url=url,
        title=content.title,
        source=source,
        source_name=content.facts["source_name"],
        origin=content.facts["origin"],
        region=region,
        published_at=content.published_at,
        published_precision=content.facts["published_precision"],
        revision=revision,
    )
