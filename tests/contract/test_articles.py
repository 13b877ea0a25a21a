"""Articles as people and the article JSON read them."""

from datetime import timedelta

import sqlalchemy as sa

from monitor.corpus import Corpus, articles, sources, tables
from monitor.ingest import ingest
from tests.contract.desk import NOW, OTHER, SOURCE, TEXT, URL, desk, draft, visit

LONG = TEXT * 4
COPY = "https://nb.example/b/2.html"


def test_a_story_names_its_articles_the_origin_first(corpus: Corpus) -> None:
    copy, first = draft(text=LONG, published_at=NOW), draft(text=LONG, published_at=NOW - timedelta(hours=5))
    ingest(corpus, visit(copy, url=COPY, source=OTHER), desk=desk(), now=NOW)
    ingest(corpus, visit(first), desk=desk(), now=NOW)
    with corpus.read() as connection:
        story = articles.story(connection, 1)
        assert articles.id_of(connection, URL) == 2
        assert [item["story"] for item in articles.summaries(connection, [2, 1, 99])] == [
            {"id": 1, "origin_id": 2, "outlets": 2}
        ] * 2
    assert [(each["id"], each["source"]) for each in story] == [(2, "yiwu-news"), (1, "ningbo-news")]


def test_what_is_not_there_is_answered_with_nothing(corpus: Corpus) -> None:
    with corpus.read() as connection:
        assert articles.view(connection, 1) is None
        assert articles.id_of(connection, URL) is None
        assert articles.story(connection, 1) == []
        assert articles.revision_of(connection, 1, 1) is None
        assert articles.capture_of(connection, 1, 1) is None
        assert articles.subject_of(connection, 1) is None
        assert articles.outdated(connection, URL, "1") is None
        assert articles.summaries(connection, []) == []


def test_the_text_of_the_json_is_that_of_the_latest_revision(corpus: Corpus) -> None:
    ingest(corpus, visit(draft()), desk=desk(), now=NOW)
    ingest(corpus, visit(draft(text=f"{TEXT}更正。")), desk=desk(), now=NOW + timedelta(hours=1))
    with corpus.read() as connection:
        found = articles.view(connection, 1)
    assert found is not None
    assert found["text"] == f"{TEXT}更正。"
    assert found["text_length"] == len(found["text"])
    assert [line["kind"] for line in found["revisions"]] == ["first", "body"]


def test_an_article_seen_from_another_column_keeps_its_source(corpus: Corpus) -> None:
    ingest(corpus, visit(draft()), desk=desk(), now=NOW)
    with corpus.begin() as tx:
        sources.ensure(tx, OTHER, NOW)
    ingest(corpus, visit(draft(text=f"{TEXT}更正。"), source=OTHER), desk=desk(), now=NOW + timedelta(hours=1))
    with corpus.read() as connection:
        row = connection.execute(sa.select(tables.article.c.source, tables.article.c.region)).one()
        subject = articles.subject_of(connection, 1)
    assert tuple(row) == (SOURCE.slug, SOURCE.region)
    assert subject is not None
    assert set(subject.source_names) == {"yiwu-news", "义乌要闻"}
