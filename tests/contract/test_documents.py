"""Documents that are handed in: stored in order, known by their URL or their bytes, never looked at again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.records import Capture, Outcome, Source, Verdict
from monitor.corpus import Corpus, articles, tables
from monitor.ingest import Document, import_drafts, ingest
from monitor.rules import Evaluation, RuleSet, Subject
from tests.contract.desk import NOW, TEXT, URL, desk, draft, page, visit, watch
from tests.contract.reading import alerts, everything, shown

HOUR = timedelta(hours=1)
EDITED = TEXT.replace("30家", "40家")
IMPORT = Source(slug="import", name="import", engine="import")


def document(made: Any, body: bytes = b"---\n") -> Document:
    return Document(source=IMPORT, draft=made, body=body)


def hand_in(corpus: Corpus, *documents: Document, alerting: bool = False) -> list[str]:
    results = import_drafts(corpus, documents, desk=desk(watch()), now=NOW, alerting=alerting)
    return [result.outcome.value for result in results]


def test_documents_are_stored_in_order_with_their_numbers(corpus: Corpus) -> None:
    handed = [document(draft(f"第{n}篇", url=f"https://a.example/{n}")) for n in range(3)]
    results = import_drafts(corpus, handed, desk=desk(watch()), now=NOW)
    assert [(result.outcome, result.id) for result in results] == [(Outcome.NEW, n) for n in (1, 2, 3)]
    again = import_drafts(corpus, handed, desk=desk(watch()), now=NOW)
    assert [(result.outcome, result.id) for result in again] == [(Outcome.UNCHANGED, n) for n in (1, 2, 3)]
    assert alerts(corpus) == []


def test_documents_alert_where_that_is_asked_for(corpus: Corpus) -> None:
    hand_in(corpus, document(draft()), alerting=True)
    assert alerts(corpus) == [("new", "产业大脑")]


def test_a_document_without_a_url_is_known_by_its_bytes(corpus: Corpus) -> None:
    same, other = document(draft(), b"one"), document(draft("另一篇"), b"two")
    assert hand_in(corpus, same, other, same) == ["new", "new", "unchanged"]
    assert shown(corpus)["url"].startswith("urn:sha256:")


def test_several_files_of_one_url_are_revisions_and_settle(corpus: Corpus) -> None:
    files = [document(draft("题", text, url=URL)) for text in ("甲文。", "乙文。", "甲文。", "丙文。")]
    assert hand_in(corpus, *files) == ["new", "changed", "unchanged", "changed"]
    before = everything(corpus)
    assert hand_in(corpus, *files) == ["unchanged"] * 4
    assert everything(corpus) == before


@pytest.mark.parametrize("text", ["甲文。", TEXT], ids=["other text", "the same"])
def test_a_document_of_a_watched_page_leaves_the_page_watched(filled: Corpus, text: str) -> None:
    ingest(filled, visit(draft()), desk=desk(watch()), now=NOW)
    due = next_looks(filled)
    assert due != {URL: None}
    hand_in(filled, document(draft(text=text, url=URL)))
    assert next_looks(filled) == due


def next_looks(corpus: Corpus) -> dict[str, Any]:
    article = tables.article
    with corpus.read() as connection:
        rows = connection.execute(sa.select(article.c.url, article.c.next_check_at))
        return {row.url: row.next_check_at for row in rows}


@pytest.mark.parametrize(
    ("made", "why"),
    [
        pytest.param(draft(None, "", verdict=Verdict.LIST), "no article but: list", id="a list"),
        pytest.param(draft("题", "", verdict=Verdict.STUB), "no article but: stub", id="no text"),
    ],
)
def test_a_document_that_is_no_article_fails_with_its_reason(corpus: Corpus, made: Any, why: str) -> None:
    (result,) = import_drafts(corpus, [document(made)], desk=desk(), now=NOW)
    assert (result.outcome, result.id, result.why) == (Outcome.FAILED, None, why)


class Allergic(RuleSet):
    """Rules that cannot bear one title."""

    def __init__(self, title: str) -> None:
        super().__init__({})
        self._title = title

    def evaluate(self, subject: Subject) -> dict[str, Evaluation]:
        if subject.title == self._title:
            raise RuntimeError("a mistake in a rule")
        return super().evaluate(subject)


def test_one_bad_document_spoils_none_of_the_others(corpus: Corpus) -> None:
    handed = [document(draft(f"第{n}篇", url=f"https://a.example/{n}")) for n in range(4)]
    results = import_drafts(corpus, handed, desk=replace(desk(), rules=Allergic("第2篇")), now=NOW)
    assert [result.outcome.value for result in results] == ["new", "new", "failed", "new"]
    assert results[2].why == "RuntimeError: a mistake in a rule"
    assert hand_in(corpus, *handed) == ["unchanged", "unchanged", "new", "unchanged"]


def test_handed_in_articles_are_not_looked_at_again(corpus: Corpus) -> None:
    hand_in(corpus, document(draft(url=URL)))
    hand_in(corpus, document(draft(url=URL, text=EDITED)))
    with corpus.read() as connection:
        assert connection.execute(sa.select(tables.article.c.next_check_at)).scalars().all() == [None]


def test_an_upgraded_extractor_is_told_from_an_edit_by_the_stored_page(filled: Corpus) -> None:
    ingest(filled, visit(draft()), desk=desk(watch()), now=NOW)
    with filled.read() as connection:
        assert articles.outdated(connection, URL, "1") is None
        kept = articles.outdated(connection, URL, "2")
    assert isinstance(kept, Capture)
    assert kept.body == page().body
    before, made = draft(extractor="2", text=f"{TEXT}\n脚注。"), draft(extractor="2", text=f"{EDITED}\n脚注。")
    ingest(filled, visit(made), desk=desk(watch()), now=NOW + HOUR, before=before)
    assert alerts(filled) == [("new", "产业大脑"), ("changed", "产业大脑")]
