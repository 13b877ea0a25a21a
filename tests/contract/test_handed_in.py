"""Documents that somebody hands in beside what polls find: they say what a text was, and nothing about its site."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.records import Draft, Entry, Outcome, Visit
from monitor.corpus import Corpus, tables
from monitor.ingest import Document, import_drafts, ingest, register_sources
from tests.contract.desk import NOW, SOURCE, TEXT, URL, desk, draft, gone, page, visit, watch

HOUR = timedelta(hours=1)
OF_A_LOOK = ("checked_at", "checks", "misses", "missing_since", "absence", "etag", "last_modified", "next_check_at")


def carried() -> Visit:
    """An item that its feed carries whole."""
    entry = Entry(url=URL, title="产业大脑落户义乌", body=TEXT, whole=True)
    answer = replace(page(), body=TEXT.encode())
    return Visit(source=SOURCE, url=URL, entry=entry, answer=answer, draft=draft())


def row(corpus: Corpus) -> dict[str, Any]:
    with corpus.read() as connection:
        found = connection.execute(sa.select(*(tables.article.c[name] for name in OF_A_LOOK))).mappings().one()
    return dict(found)


@pytest.mark.parametrize(
    ("seen", "handed", "outcome"),
    [
        pytest.param([visit(draft()), gone()], draft(url=URL), Outcome.UNCHANGED, id="the same of a missing one"),
        pytest.param(
            [visit(draft(), answer=page(etag='"1"'))],
            draft(text=f"{TEXT}\n补记一段。", url=URL),
            Outcome.CHANGED,
            id="more of it",
        ),
        pytest.param([carried()], draft(url=URL), Outcome.UNCHANGED, id="the same of one that its feed carries"),
    ],
)
def test_what_is_handed_in_is_no_look_at_the_page(
    corpus: Corpus, seen: list[Visit], handed: Draft, outcome: Outcome
) -> None:
    with corpus.begin() as tx:
        register_sources(tx, [SOURCE], now=NOW)
    for n, each in enumerate(seen):
        ingest(corpus, each, desk=desk(watch()), now=NOW + n * HOUR)
    before = row(corpus)

    document = Document(source=SOURCE, draft=handed, body=b"<html></html>")
    (imported,) = import_drafts(corpus, [document], desk=desk(watch()), now=NOW + 9 * HOUR)

    assert (imported.outcome, row(corpus)) == (outcome, before)
