"""Our engines and our extraction on the sample sites: every listing read, every page understood as it was written."""

import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.engines import ENGINES, read_listing
from crawler.extract import extract
from crawler.records import Capture, Draft, Fetch, Listing, ListingError, Precision, Source, Verdict
from monitor.demo.sites import (
    ArticleRecord,
    Column,
    Misbehaviour,
    SampleArticle,
    SampleSites,
    Site,
    load_articles,
    make_article,
)
from monitor.demo.sites.portal import ATOM, FULL_RSS, GBK_RSS, JSON_FEED
from monitor.settings import load_settings

NOW = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)
#: Their templates show who edited the article.
EDITED = (Column.SINA_CHINA, Column.SINA_LOCAL, Column.CITY_NEWS, Column.PORTAL_NEWS, Column.OUTLET_NEWS)
WRITTEN = [article.id for article in (*load_articles(NOW).backlog, *load_articles(NOW).later)]


@pytest.fixture(scope="module")
def sites() -> Iterator[SampleSites]:
    """All written articles published; no test of this file changes what is on the sites."""
    with SampleSites(clock=lambda: NOW) as running:
        running.publish_backlog()
        for article in running.written().later:
            running.publish(article)
        running.repost("sina-brain-chem")
        yield running


def capture(fetch: Fetch) -> Capture:
    request = urllib.request.Request(fetch.url, headers=dict(fetch.headers), method=fetch.method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return Capture(
            url=fetch.url,
            final_url=answer.url,
            status=answer.status,
            body=answer.read(),
            content_type=answer.headers["Content-Type"],
            fetched_at=NOW,
        )


def listing(source: Source, fetch: Fetch | None = None) -> Listing:
    """What the source's engine reads of the page, or of the page behind its hop."""
    read = read_listing(source, capture(fetch or ENGINES[source.engine].start(source)))
    return read if read.hop is None else listing(source, read.hop)


def sources_of(sites: SampleSites, folder: Path) -> dict[str, Source]:
    settings = load_settings(sites.write_config(folder / "config", channels={"hook": "json://127.0.0.1:9/"}), {})
    return {source.slug: source for source in settings.sources}


def records_of(sites: SampleSites, column: Column) -> dict[str, ArticleRecord]:
    return {r.url: r for r in sites.ledger.articles().values() if r.article.column is column}


def drafted(sites: SampleSites, article_id: str) -> tuple[SampleArticle, Draft]:
    page = capture(Fetch(url=sites.article_url(article_id)))
    return sites.article(article_id), extract(page.body, url=page.url, content_type=page.content_type)


# --- listings ---


@pytest.mark.parametrize("column", list(Column), ids=str)
def test_every_written_source_lists_its_articles(sites: SampleSites, tmp_path: Path, column: Column) -> None:
    entries = listing(sources_of(sites, tmp_path)[column]).entries
    expected = records_of(sites, column)
    assert {entry.url for entry in entries} == expected.keys()
    for entry in entries:
        article = expected[entry.url].article
        assert entry.title == article.title
        assert entry.published_at is not None
        if entry.published_precision is Precision.DAY:
            assert entry.published_at.astimezone(article.published.tzinfo).date() == article.published.date()
        else:
            assert entry.published_at == article.published


@pytest.mark.parametrize("path", [ATOM, FULL_RSS, GBK_RSS, JSON_FEED])
def test_every_form_of_feed_lists_the_same(sites: SampleSites, path: str) -> None:
    source = Source(slug="feed", name="feed", engine="feed", url=sites.root(Site.PORTAL) + path)
    entries = listing(source).entries
    expected = records_of(sites, Column.PORTAL_NEWS)
    assert {(e.url, e.title, e.published_at) for e in entries} == {
        (url, record.article.title, record.article.published) for url, record in expected.items()
    }
    assert any(entry.body is not None for entry in entries) == (path == FULL_RSS)


@pytest.mark.parametrize(
    ("column", "size"),
    [(Column.SINA_LOCAL, 50), (Column.CITY_POLICY, 15), (Column.OUTLET_NEWS, 20)],
    ids=["sina_roll", "hanweb_unit", "html_list"],
)
def test_the_next_page_is_another_one(tmp_path: Path, column: Column, size: int) -> None:
    with SampleSites(clock=lambda: NOW) as busy:
        for number in range(size + 7):
            busy.publish(make_article(number, column=column))
        source = sources_of(busy, tmp_path)[column]
        first = listing(source)
        assert first.next is not None
        second = listing(source, first.next)
        urls = [[entry.url for entry in page.entries] for page in (first, second)]
        assert [len(page) for page in urls] == [size, 7] and not set(urls[0]) & set(urls[1])
        assert second.next is None


@pytest.mark.parametrize("how", [Misbehaviour.EMPTY_LISTING, Misbehaviour.SOFT_404, Misbehaviour.STUB])
@pytest.mark.parametrize("column", list(Column), ids=str)
def test_a_listing_without_rows_is_an_error_and_not_an_empty_list(
    tmp_path: Path, column: Column, how: Misbehaviour
) -> None:
    with SampleSites(clock=lambda: NOW) as bare:
        bare.publish_backlog()
        bare.misbehave(column, how)
        with pytest.raises(ListingError, match=str(column)):
            listing(sources_of(bare, tmp_path)[column])


@pytest.mark.parametrize("column", list(Column), ids=str)
def test_a_listing_in_mislabelled_gbk_is_read(tmp_path: Path, column: Column) -> None:
    with SampleSites(clock=lambda: NOW) as odd:
        odd.publish_backlog()
        odd.misbehave(column, Misbehaviour.MISLABELLED)
        titles = {entry.title for entry in listing(sources_of(odd, tmp_path)[column]).entries}
        assert titles == {record.article.title for record in records_of(odd, column).values()}


# --- articles ---


@pytest.mark.parametrize("article_id", WRITTEN)
def test_a_page_is_understood_as_it_was_written(sites: SampleSites, article_id: str) -> None:
    article, draft = drafted(sites, article_id)
    assert draft.quality.verdict is Verdict.ARTICLE
    assert draft.title == article.title
    assert draft.published_at is not None
    assert draft.published_at.replace(second=0) == article.published.replace(second=0)
    assert draft.origin == article.origin
    assert draft.kind == article.kind
    assert draft.editor == (article.editor if article.column in EDITED else None)
    assert draft.text == article.text
    assert draft.quality.repaired == article.glossed


@pytest.mark.parametrize("article_id", [key for key in WRITTEN if load_articles(NOW)[key].government])
def test_the_disclosure_table_is_read(sites: SampleSites, article_id: str) -> None:
    article, draft = drafted(sites, article_id)
    assert {key: draft.government.get(key) for key in article.government} == article.government


def test_stocks_attachments_and_authors_are_read(sites: SampleSites) -> None:
    _, sina = drafted(sites, "sina-brain-bearing")
    assert [(stock.code, stock.name) for stock in sina.stocks] == [("sh699001", "示例轴承")]
    _, policy = drafted(sites, "policy-brain-rules")
    assert [file.name for file in policy.attachments] == ["行业产业大脑建设运营办法.pdf"]
    assert [drafted(sites, key)[1].author for key in ("city-future-factory", "city-one-project")] == ["李四", "赵六"]


def test_a_repost_is_the_text_of_the_first(sites: SampleSites) -> None:
    first, copy = (drafted(sites, key)[1] for key in ("sina-brain-chem", "sina-brain-chem@outlet-news"))
    assert first.text == copy.text and first.title == copy.title


@pytest.mark.parametrize("number", range(14))
def test_a_made_page_is_understood_as_it_was_made(number: int) -> None:
    with SampleSites(clock=lambda: NOW) as busy:
        busy.publish(make_article(number))
        article, draft = drafted(busy, f"made-0-{number}")
        assert (draft.title, draft.text, draft.origin) == (article.title, article.text, article.origin)


@pytest.mark.parametrize(
    ("how", "verdict"),
    [
        pytest.param(Misbehaviour.CHALLENGE_200, Verdict.CHALLENGE, id="challenge under 200"),
        pytest.param(Misbehaviour.SOFT_404, Verdict.SOFT404, id="soft 404"),
        pytest.param(Misbehaviour.STUB, Verdict.STUB, id="stub"),
    ],
)
def test_what_is_no_article_is_called_what_it_is(how: Misbehaviour, verdict: Verdict) -> None:
    with SampleSites(clock=lambda: NOW) as odd:
        odd.publish_backlog()
        odd.misbehave("policy-parking", how)
        _, draft = drafted(odd, "policy-parking")
        assert (draft.quality.verdict, draft.text) == (verdict, "")


@pytest.mark.parametrize("article_id", ["sina-challenge-chip", "notice-challenge-call", "city-one-project"])
def test_an_article_in_mislabelled_gbk_is_read(article_id: str) -> None:
    with SampleSites(clock=lambda: NOW) as odd:
        odd.publish_backlog()
        odd.misbehave(article_id, Misbehaviour.MISLABELLED)
        article, draft = drafted(odd, article_id)
        assert (draft.title, draft.text) == (article.title, article.text)
