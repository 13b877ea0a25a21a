"""What the sample sites' newsrooms do and what the ledger keeps of it; their articles, scenario and configuration."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml

from crawler.records import BEIJING
from monitor.demo.sites import (
    TOPICS,
    ArticleRecord,
    Column,
    EventKind,
    FolderInUseError,
    Misbehaviour,
    NewsroomError,
    SampleSites,
    Site,
    UnknownArticleError,
    load_articles,
    make_article,
)
from monitor.demo.sites.scenario import (
    COPY,
    EDITED,
    NEW,
    UNMATCHED,
    WITHDRAWN,
    Player,
    Step,
    backlog_was_read,
    demo_steps,
)
from tests.samplesites import AJAX, NOW, PATIENCE, get, roll_url, unit_url

# --- what newsrooms do ---


def test_an_article_without_a_time_takes_the_clock_and_heads_its_list(stocked: SampleSites) -> None:
    stocked.publish(stocked.written()[NEW])
    assert stocked.article(NEW).published == NOW
    assert json.loads(get(roll_url(stocked)).text)["result"]["data"][0]["title"] == stocked.article(NEW).title


def test_a_withdrawn_article_is_gone_from_page_and_list_until_restored(stocked: SampleSites) -> None:
    url, listing = stocked.article_url(WITHDRAWN), stocked.listing_url(Column.PORTAL_NEWS)
    stocked.withdraw(WITHDRAWN)
    assert get(url).status == 404 and url not in get(listing).text
    stocked.restore(WITHDRAWN)
    assert get(url).status == 200 and get(listing).text.index(url) < get(listing).text.index(
        stocked.article_url("portal-green-energy")
    )


def test_a_withdrawal_may_answer_410(stocked: SampleSites) -> None:
    stocked.withdraw(WITHDRAWN, status=410)
    assert get(stocked.article_url(WITHDRAWN)).status == 410


def test_edits_count_versions_and_keep_each_text(stocked: SampleSites) -> None:
    assert stocked.edit("city-flower-market", title="城西花市延期") == 2
    assert stocked.edit("city-flower-market", paragraphs=("花市延期。",)) == 3
    record = stocked.ledger.articles()["city-flower-market"]
    assert record.version == 3
    assert [version.title for version in record.versions][1:] == ["城西花市延期"] * 2
    assert record.article.text == "花市延期。" and "二百一十个" in record.versions[0].text


def test_a_repost_credits_the_first_site_and_says_so_twice(stocked: SampleSites) -> None:
    stocked.publish(stocked.written()[NEW])
    assert stocked.repost(NEW, Site.OUTLET) == COPY
    text = get(stocked.article_url(COPY)).text
    assert "来源：示例企业网" in text and "<p>来源：示例财经</p>" in text
    assert stocked.article(COPY).paragraphs == stocked.article(NEW).paragraphs
    assert stocked.ledger.events[-1].kind is EventKind.REPOSTED


def test_orders_that_make_no_sense_are_refused_with_a_reason(stocked: SampleSites) -> None:
    with pytest.raises(NewsroomError, match="published already"):
        stocked.publish(stocked.article(EDITED))
    with pytest.raises(NewsroomError, match="nothing to swap"):
        stocked.edit(EDITED, swap=("没有这句话", ""))
    with pytest.raises(UnknownArticleError, match="no article 'nobody'"):
        stocked.withdraw("nobody")
    with pytest.raises(UnknownArticleError):
        stocked.misbehave("nobody", Misbehaviour.STUB)
    with pytest.raises(NewsroomError, match="none of the sample sites"):
        stocked.misbehave("http://127.0.0.99:1/", Misbehaviour.STUB)


# --- the ledger ---


def test_the_ledger_knows_what_was_served_and_first_listed_when(stocked: SampleSites) -> None:
    ledger = stocked.ledger
    assert ledger.first_listed("sina-brain-bearing") is None
    get(roll_url(stocked))
    get(roll_url(stocked))
    get(stocked.article_url("sina-brain-bearing"))
    listing, again, page = ledger.requests
    assert "sina-brain-bearing" in listing.listed
    assert ledger.first_listed("sina-brain-bearing") == listing.monotonic < again.monotonic
    assert (page.article, page.version, page.status, page.site) == ("sina-brain-bearing", 1, 200, Site.SINA)
    assert page.size == len(get(stocked.article_url("sina-brain-bearing")).body)
    assert ledger.articles()["sina-brain-bearing"].first_served == page.monotonic
    assert ledger.served(roll_url(stocked)) == (listing, again)


def test_the_ledger_tells_live_from_withdrawn(stocked: SampleSites) -> None:
    stocked.withdraw(WITHDRAWN)
    stocked.touch(WITHDRAWN)

    def live() -> set[str]:
        records: Mapping[str, ArticleRecord] = stocked.ledger.articles()
        return {key for key, record in records.items() if record.live}

    assert WITHDRAWN not in live() and len(live()) == 15
    stocked.restore(WITHDRAWN)
    assert WITHDRAWN in live()


def test_a_304_or_a_404_serves_no_article(stocked: SampleSites) -> None:
    url = stocked.article_url(WITHDRAWN)
    tag = get(url).headers["etag"]
    served = stocked.ledger.first_served(WITHDRAWN)
    get(url, {"If-None-Match": tag})
    stocked.withdraw(WITHDRAWN)
    get(url)
    assert [row.status for row in stocked.ledger.served(url)] == [200, 304, 404]
    assert stocked.ledger.first_served(WITHDRAWN) == served


def test_waiting_for_the_ledger_ends_when_it_comes_true_or_time_is_up(stocked: SampleSites) -> None:
    read = backlog_was_read(["policy-parking"])
    assert not stocked.ledger.wait_until(read, timeout=0)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(stocked.ledger.wait_until, read, PATIENCE)
        get(stocked.article_url("policy-parking"))
        assert waiting.result(PATIENCE)


# --- articles ---


def test_written_articles_say_what_their_topics_claim() -> None:
    articles = load_articles(NOW)
    for article in (*articles.backlog, *articles.later):
        found = tuple(topic for topic in TOPICS if topic in article.title + article.text)
        if not article.glossed:
            assert set(article.topics) == set(found), article.id
    everything = [article.id for article in (*articles.backlog, *articles.later)]
    assert len(everything) == len(set(everything)) >= 30
    assert sum(1 for key in everything if not articles[key].topics) >= 9
    assert {article.column for article in articles.backlog} == set(Column)
    with pytest.raises(UnknownArticleError):
        articles["nobody"]


def test_the_backlog_lies_behind_the_clock_and_the_rest_has_no_time() -> None:
    articles = load_articles(NOW)
    assert all(article.published < NOW for article in articles.backlog)
    assert articles["sina-brain-bearing"].published == datetime(2026, 3, 11, 17, 31, tzinfo=BEIJING)
    for article in articles.later:
        with pytest.raises(ValueError, match="publish it first"):
            _ = article.published


def test_made_articles_are_the_same_each_time_and_all_unlike() -> None:
    made = [make_article(number) for number in range(500)]
    assert made == [make_article(number) for number in range(500)]
    assert len({article.text for article in made}) == 500 and min(len(article.text) for article in made) > 100
    assert make_article(7, seed=1).text != made[7].text
    assert all(bool(article.topics) == (index % 5 == 0) for index, article in enumerate(made))
    assert all(topic in article.text for article in made for topic in article.topics)
    silent = [make_article(number, topic_every=0) for number in range(50)]
    assert not any(topic in article.title + article.text for article in silent for topic in TOPICS)


def test_thousands_of_made_articles_have_paths_of_their_own(sites: SampleSites) -> None:
    urls = {sites.publish(make_article(number, column=Column.PORTAL_NEWS)) for number in range(3000)}
    assert len(urls) == 3000


# --- scenario ---


def test_the_demo_scenario_does_all_it_promises(stocked: SampleSites) -> None:
    done: list[Step] = []
    at_once = [replace(step, at=timedelta(0)) for step in demo_steps()]
    with Player(stocked, at_once, on_step=done.append) as player:
        assert player.wait(PATIENCE)
    records = stocked.ledger.articles()
    assert len(done) == len(at_once) == 8
    assert {NEW, COPY, UNMATCHED} <= records.keys() and len(records) == 32
    assert records[EDITED].version == 2 and "39家" in records[EDITED].article.text
    assert [event.kind for event in records[WITHDRAWN].events] == [
        EventKind.PUBLISHED,
        EventKind.WITHDRAWN,
        EventKind.RESTORED,
    ]
    assert records["policy-parking"].events[-1].kind is EventKind.TOUCHED
    assert max(step.at for step in demo_steps()) <= timedelta(seconds=20)


def test_the_player_waits_for_the_baseline_and_hears_a_stop(stocked: SampleSites) -> None:
    ready = backlog_was_read(["policy-parking"])
    steps = [replace(demo_steps()[0], at=timedelta(0))]
    with Player(stocked, steps, ready=ready, patience=timedelta(hours=1)) as player:
        assert not player.wait(0)
        assert NEW not in stocked.ledger.articles()
        get(stocked.article_url("policy-parking"))
        assert player.wait(PATIENCE)
    assert NEW in stocked.ledger.articles()
    with Player(stocked, demo_steps(), ready=backlog_was_read(["never"]), patience=timedelta(hours=1)) as stopped:
        pass
    assert not stopped.wait(0) and EDITED not in {e.article.id for e in stocked.ledger.events if e.version > 1}


# --- configuration ---


def test_a_configuration_names_every_column_as_a_source(sites: SampleSites, tmp_path: Path) -> None:
    folder = sites.write_config(tmp_path / "config", channels={"hook": "json://127.0.0.1:9/hook"})
    sources = yaml.safe_load((folder / "sources" / "samples.yaml").read_text())["sources"]
    assert [source["slug"] for source in sources] == [str(column) for column in Column]
    main = yaml.safe_load((folder / "chaoxun.yaml").read_text())
    assert main["crawl"]["allow_private"] == ["127.0.0.0/8"] and main["operator"] == ["hook"]
    watches = yaml.safe_load((folder / "watches.yaml").read_text())["watches"]
    assert {watch["name"] for watch in watches} == set(TOPICS) and watches[0]["channels"] == ["hook"]
    with pytest.raises(FolderInUseError, match="choose an empty folder"):
        sites.write_config(folder)


def test_listing_urls_with_chinese_queries_are_recorded_as_asked(stocked: SampleSites) -> None:
    url = unit_url(stocked)
    get(url, AJAX)
    assert quote("新闻列表") in url and len(stocked.ledger.served(url)) == 1
