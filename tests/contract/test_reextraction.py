"""Stored pages read by a newer extractor: what differs is a revision that nobody is told of."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crawler.extract import EXTRACTOR_VERSION, extract
from crawler.records import Draft, Entry, Quality, Verdict
from crawler.rereading import reread
from monitor.corpus import Corpus, articles, outbox, outdated, stories, tables
from monitor.corpus.outdated import Outdated
from monitor.corpus.search import Query, search
from monitor.ingest import ingest, register_sources
from monitor.reextraction import Became, apply, compare, hints_of
from monitor.rules import parse
from tests.contract.desk import NOW, OTHER, SOURCE, TEXT, URL, desk, draft, page, visit, watch
from tests.contract.reading import shown

HOUR = timedelta(hours=1)
NEW = "2"
MORE = f"{TEXT}\n本报讯的最后一段从前没有读到，它说的是数字贸易。"


def filled(corpus: Corpus, *urls: str) -> list[Outdated]:
    """A corpus past its baseline with one article at each URL, read by extractor 1."""
    with corpus.begin() as tx:
        register_sources(tx, [SOURCE, OTHER], now=NOW)
        tx.execute(sa.update(tables.source).values(baseline_at=NOW - HOUR))
    for url in urls or (URL,):
        made = draft(origin="示例日报", text=TEXT if url == URL else f"{url}说的是另一件事。")
        ingest(corpus, visit(made, url=url), desk=desk(watch()), now=NOW)
    return list(following(corpus))


def following(corpus: Corpus, **more: Any) -> Sequence[Outdated]:
    with corpus.read() as connection:
        return outdated.following(connection, NEW, **more)


def again(**more: Any) -> Draft:
    return draft(extractor=NEW, **{"origin": "示例日报", "text": MORE, **more})


def deliveries(corpus: Corpus) -> int:
    with corpus.read() as connection:
        return len(outbox.list_deliveries(connection))


def met(corpus: Corpus, rule: str) -> int:
    with corpus.read() as connection:
        return search(connection, Query(rule=parse(rule))).total


def test_an_article_read_again_is_still_found_by_its_old_address(corpus: Corpus) -> None:
    filled(corpus)
    led = replace(page(), final_url="https://yw.example/new/7.html")
    ingest(corpus, visit(draft(origin="示例日报"), answer=led), desk=desk(), now=NOW + HOUR)
    (found,) = following(corpus)
    assert (found.item.url, met(corpus, "url:/a/1.html")) == (led.final_url, 1)

    apply(corpus, found, again(), SOURCE, desk=desk(), now=NOW + HOUR)

    assert (met(corpus, "数字贸易"), met(corpus, "url:/a/1.html")) == (1, 1)


def test_what_the_newer_extractor_finds_is_a_revision_that_nobody_is_told_of(corpus: Corpus) -> None:
    (found,) = filled(corpus)
    told = deliveries(corpus)

    result = apply(corpus, found, again(), SOURCE, desk=desk(watch(rule="数字贸易")), now=NOW + HOUR)

    assert (result.became, result.fields) == (Became.CHANGED, ("text",))
    article = shown(corpus)
    assert [line["kind"] for line in article["revisions"]] == ["first", "reextracted"]
    assert article["text"] == MORE
    assert deliveries(corpus) == told == 1
    assert met(corpus, "数字贸易") == 1, "search follows"
    with corpus.read() as connection:
        rows = connection.execute(sa.select(tables.match.c.revision, tables.match.c.alerted)).all()
        assert [tuple(row) for row in rows] == [(1, True), (2, False)], "and so do the matches"
        kept = articles.capture_of(connection, 1, 2)
    assert kept is not None and kept.body == page().body, "it can be read once more"
    assert following(corpus) == []


def test_looking_writes_nothing(corpus: Corpus) -> None:
    (found,) = filled(corpus)

    result = compare(found.item, again(title="产业大脑落户义乌市"), SOURCE)

    assert result.fields == ("title", "text")
    assert [change.field for change in result.changes] == ["title", "body"]
    assert shown(corpus)["revision"] == 1
    assert len(following(corpus)) == 1


def test_an_article_that_reads_the_same_is_noted_as_read_and_gets_no_revision(corpus: Corpus) -> None:
    (found,) = filled(corpus)
    same = replace(again(text=f"　{TEXT} "), quality=Quality(verdict=Verdict.ARTICLE, notes=("a new note",)))

    result = apply(corpus, found, same, SOURCE, desk=desk(), now=NOW + HOUR)

    assert result.became is Became.SAME
    article = shown(corpus)
    assert (article["revision"], article["text"], article["quality"]["notes"]) == (1, TEXT, ["a new note"])
    assert following(corpus) == []


def test_what_only_the_listing_told_stays(corpus: Corpus) -> None:
    (found,) = filled(corpus)

    apply(corpus, found, again(origin=None, published_at=None), SOURCE, desk=desk(), now=NOW + HOUR)

    article = shown(corpus)
    assert (article["origin"], article["published_at"]) == ("示例日报", "2026-03-02T08:00:00+08:00")


def test_authors_are_no_outlet_when_their_page_is_read_again(corpus: Corpus) -> None:
    head = "<html><head><title>数字贸易发展提速</title></head><body><h1>数字贸易发展提速</h1><p>文丨王某某、李某某</p>"
    markup = f"{head}<p>{MORE}</p></body></html>"
    answer = replace(page(), body=markup.encode())
    made = extract(answer.body, url=URL)
    with corpus.begin() as tx:
        register_sources(tx, [SOURCE], now=NOW)
    ingest(corpus, visit(made, answer=answer), desk=desk(), now=NOW)
    (found,) = following(corpus)
    assert (made.author, made.origin) == ("王某某、李某某", None)

    result = compare(found.item, reread(found.capture, hints_of(found, SOURCE)), SOURCE)

    assert (result.became, result.fields) == (Became.SAME, ())


def test_a_page_that_is_no_article_any_more_stays_as_it_is(corpus: Corpus) -> None:
    (found,) = filled(corpus)
    refused = Draft(url=URL, title=None, text="", quality=Quality(verdict=Verdict.LIST, notes=("a list of links",)))

    result = apply(corpus, found, refused, SOURCE, desk=desk(), now=NOW + HOUR)

    assert (result.became, result.why) == (Became.REFUSED, "a list of links")
    assert (shown(corpus)["revision"], len(following(corpus))) == (1, 1)


def test_a_revision_that_came_in_between_is_left_alone(corpus: Corpus) -> None:
    (found,) = filled(corpus)
    edited = TEXT.replace("30家", "40家")
    ingest(corpus, visit(draft(text=edited, origin="示例日报")), desk=desk(watch()), now=NOW + HOUR)

    result = apply(corpus, found, again(), SOURCE, desk=desk(), now=NOW + 2 * HOUR)

    assert result.became is Became.OVERTAKEN
    assert shown(corpus)["text"] == edited


def test_a_story_follows_the_text(corpus: Corpus) -> None:
    first, second = filled(corpus, URL, "https://yw.example/a/2.html")
    assert shown(corpus, 1)["story"]["id"] != shown(corpus, 2)["story"]["id"]

    apply(corpus, second, again(text=TEXT), SOURCE, desk=desk(), now=NOW + HOUR)

    assert shown(corpus, 2)["story"]["id"] == shown(corpus, 1)["story"]["id"]
    with corpus.read() as connection:
        assert not stories.is_alone(connection, first.item.story_id)


def test_pages_are_handed_out_by_id_and_a_second_run_goes_on_where_the_first_ended(corpus: Corpus) -> None:
    everything = filled(corpus, *(f"https://yw.example/a/{number}.html" for number in range(1, 6)))
    assert [each.item.id for each in everything] == [1, 2, 3, 4, 5]

    for each in everything[:2]:
        apply(corpus, each, again(), SOURCE, desk=desk(), now=NOW + HOUR)

    assert [each.item.id for each in following(corpus)] == [3, 4, 5]
    assert [each.item.id for each in following(corpus, after=3, most=1)] == [4]
    assert following(corpus, source=OTHER.slug) == []
    with corpus.read() as connection:
        assert outdated.count(connection, NEW) == 3
        assert outdated.count(connection, NEW, source=OTHER.slug) == 0


def test_an_article_whose_page_was_dropped_is_not_read_again(corpus: Corpus) -> None:
    filled(corpus)
    with corpus.begin() as tx:
        tx.execute(sa.update(tables.revision).values(capture_id=None))

    assert following(corpus) == []


def test_an_item_that_its_feed_carried_whole_is_read_with_what_the_feed_said(corpus: Corpus) -> None:
    body = f"<p>{TEXT}</p>"
    entry = Entry(url=URL, title="产业大脑快讯", body=body)
    answer = replace(page(), body=body.encode(), content_type="text/html; charset=utf-8")
    filled(corpus, "https://yw.example/a/9.html")
    ingest(corpus, replace(visit(draft("产业大脑快讯"), answer=answer), entry=entry), desk=desk(), now=NOW)
    found = next(each for each in following(corpus) if each.item.url == URL)

    result = compare(found.item, reread(found.capture, hints_of(found, SOURCE)), SOURCE)

    assert result.content is not None
    assert (result.content.title, result.content.extractor) == ("产业大脑快讯", EXTRACTOR_VERSION)
    assert "title" not in result.fields
