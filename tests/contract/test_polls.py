"""What a poll asks of the corpus and leaves in it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.records import (
    Capture,
    Checkpoint,
    CrawlPolicy,
    Entry,
    Outcome,
    PollJob,
    PollResult,
    PollStatus,
    Precision,
    Source,
    Visit,
)
from monitor.corpus import Corpus, outbox, pending, sources, tables
from monitor.ingest import claim, due_jobs, finish_poll, ingest, job_now, note_entries, register_sources
from monitor.model import Health, SourceState
from tests.contract.desk import NOW, OTHER, SOURCE, TEXT, URL, desk, draft, not_modified, page, visit, watch

HOUR = timedelta(hours=1)
POLICY = CrawlPolicy(hours=(0, 24 * 60), every=timedelta(minutes=30))
BOTH = (SOURCE, OTHER)


@pytest.fixture
def ready(corpus: Corpus) -> Corpus:
    """Two sources that have been polled before, and are not due."""
    with corpus.begin() as tx:
        register_sources(tx, BOTH, now=NOW - HOUR)
        tx.execute(
            sa.update(tables.source).values(
                baseline_at=NOW - HOUR, next_poll_at=NOW + HOUR, state=Health.OK, listed=20, last_ok_at=NOW - HOUR
            )
        )
    return corpus


def due(corpus: Corpus, configured: Sequence[Source] = BOTH, *, at: Any = NOW, limit: int = 9) -> list[PollJob]:
    with corpus.read() as connection:
        return due_jobs(connection, configured, now=at, limit=limit, policy=POLICY)


def state(corpus: Corpus, slug: str = "yiwu-news") -> SourceState:
    with corpus.read() as connection:
        found = sources.state(connection, slug)
    assert found is not None
    return found


def told(corpus: Corpus) -> list[str]:
    with corpus.read() as connection:
        return [row.title for row in reversed(outbox.list_deliveries(connection))]


def job(**more: Any) -> PollJob:
    return PollJob(source=SOURCE, **more)


def finish(corpus: Corpus, status: PollStatus, *, at: Any = NOW, first: bool = False, **more: Any) -> None:
    result = PollResult(source=SOURCE.slug, status=status, started_at=at, **more)
    finish_poll(corpus, result, job(first=first), desk=desk(watch()), policy=POLICY, now=at)


# -- sources


def test_a_new_source_is_due_at_once_and_its_first_poll_is_baseline(corpus: Corpus) -> None:
    with corpus.begin() as tx:
        register_sources(tx, BOTH, now=NOW)
    jobs = due(corpus)
    assert [(each.source.slug, each.listing, each.first) for each in jobs] == [
        ("ningbo-news", True, True),
        ("yiwu-news", True, True),
    ]


def test_registering_again_changes_no_state(ready: Corpus) -> None:
    before = state(ready)
    with ready.begin() as tx:
        register_sources(tx, BOTH, now=NOW)
    assert state(ready) == before


def test_a_source_that_left_the_configuration_is_not_shown_and_keeps_its_articles(ready: Corpus) -> None:
    ingest(ready, visit(draft()), desk=desk(), now=NOW)
    with ready.begin() as tx:
        register_sources(tx, [OTHER], now=NOW)
        assert [known.slug for known in sources.states(tx)] == ["ningbo-news"]
        register_sources(tx, BOTH, now=NOW)
        assert [known.slug for known in sources.states(tx)] == ["ningbo-news", "yiwu-news"]


def test_a_source_whose_address_changed_is_asked_without_validators(ready: Corpus) -> None:
    finish(ready, PollStatus.OK, listed=5, checkpoint=Checkpoint(etag='"1"', body_hash="00"))
    moved = replace(SOURCE, url="https://yw.example/moved")
    with ready.begin() as tx:
        register_sources(tx, [moved, OTHER], now=NOW)
    (only,) = due(ready, [moved, OTHER])
    assert only.checkpoint == Checkpoint(listed=5)
    assert not only.first


def test_entries_that_give_no_article_are_named_though_the_source_is_well(ready: Corpus) -> None:
    urls = [f"https://yw.example/a/{n}.html" for n in range(3)]
    note_entries(ready, SOURCE, [Entry(url=url) for url in urls], now=NOW)
    finish(ready, PollStatus.OK, listed=3)
    assert (state(ready).state, state(ready).why) == (Health.OK, "")  # not tried yet
    for url in urls[:2]:
        ingest(ready, visit(url=url, answer=page(url, 503)), desk=desk(), now=NOW)
    finish(ready, PollStatus.OK, listed=3)
    why = "yiwu-news: 2 entries give no article so far; the newest: https://yw.example/a/0.html: HTTP 503"
    assert (state(ready).state, state(ready).why) == (Health.OK, why)
    for url in urls:
        ingest(ready, visit(draft(), url=url), desk=desk(), now=NOW + HOUR)
    finish(ready, PollStatus.UNCHANGED, listed=3, at=NOW + HOUR)
    assert state(ready).why == ""


def test_a_disabled_source_is_never_due_and_says_why(ready: Corpus) -> None:
    off = replace(SOURCE, disabled="the column moved")
    with ready.begin() as tx:
        register_sources(tx, [off, OTHER], now=NOW)
    assert (state(ready).state, state(ready).why) == (Health.DISABLED, "the column moved")
    assert due(ready, [off], at=NOW + 24 * HOUR) == []
    with ready.begin() as tx:
        register_sources(tx, BOTH, now=NOW)
    assert [each.source.slug for each in due(ready)] == ["yiwu-news"]


# -- what is due


def test_the_longest_waiting_source_comes_first_and_the_limit_holds(ready: Corpus) -> None:
    with ready.begin() as tx:
        sources.postpone(tx, "yiwu-news", NOW - 2 * HOUR)
        sources.postpone(tx, "ningbo-news", NOW - HOUR)
    assert [each.source.slug for each in due(ready)] == ["yiwu-news", "ningbo-news"]
    assert [each.source.slug for each in due(ready, limit=1)] == ["yiwu-news"]
    assert due(ready, limit=0) == []
    assert [each.source.slug for each in due(ready, [OTHER])] == ["ningbo-news"]


def test_articles_are_looked_at_again_even_when_their_listing_is_not_due(ready: Corpus) -> None:
    ingest(ready, visit(draft(), answer=page(etag='"1"', last_modified="Mon")), desk=desk(), now=NOW)
    assert due(ready, at=NOW + timedelta(minutes=29)) == []
    (only,) = due(ready, at=NOW + timedelta(minutes=30))
    assert not only.listing
    assert [(each.url, each.etag, each.last_modified) for each in only.rechecks] == [(URL, '"1"', "Mon")]


def test_entries_that_wait_are_handed_out_as_they_were_listed(ready: Corpus) -> None:
    entry = Entry(
        url="HTTPS://YW.example/b.html?utm_source=x",
        title="题",
        published_at=NOW,
        published_precision=Precision.MINUTE,
        origin="新华社",
        keywords=("桥",),
        site="示例网",
    )
    assert note_entries(ready, SOURCE, [entry], now=NOW) == (entry,)
    (only,) = due(ready)
    assert (only.listing, only.pending) == (False, (entry,))


def test_what_is_claimed_is_not_handed_out_again_for_a_while(ready: Corpus) -> None:
    ingest(ready, visit(draft()), desk=desk(), now=NOW - HOUR)
    note_entries(ready, SOURCE, [Entry(url="https://yw.example/b.html")], now=NOW)
    with ready.begin() as tx:
        sources.postpone(tx, "yiwu-news", NOW)
        (only,) = due_jobs(tx, BOTH, now=NOW, limit=9, policy=POLICY)
        claim(tx, only, now=NOW, policy=POLICY)
    assert (only.listing, len(only.pending), len(only.rechecks)) == (True, 1, 1)
    assert due(ready) == []
    assert due(ready, at=NOW + timedelta(minutes=5)) == [only], "a crash only delays it"


def test_a_claim_lasts_no_longer_than_the_sources_own_interval(ready: Corpus) -> None:
    hasty = replace(SOURCE, every=timedelta(seconds=2))
    with ready.begin() as tx:
        claim(tx, PollJob(source=hasty), now=NOW, policy=POLICY)
    assert [each.source.slug for each in due(ready, [hasty], at=NOW + timedelta(seconds=2))] == ["yiwu-news"]


def test_a_poll_can_be_had_whatever_the_schedule_says(ready: Corpus) -> None:
    with ready.read() as connection:
        now = job_now(connection, SOURCE, now=NOW)
        unknown = job_now(connection, Source(slug="new", name="新", engine="feed"), now=NOW)
    assert (now.listing, now.first, now.checkpoint.listed) == (True, False, 20)
    assert (unknown.listing, unknown.first) == (True, True)


# -- entries


def test_each_entry_is_unknown_once_whatever_its_tracking_says(ready: Corpus) -> None:
    listed = [Entry(url=f"{URL}{more}") for more in ("", "#top", "?utm_source=a")]
    assert note_entries(ready, SOURCE, listed, now=NOW) == (listed[0],)
    assert note_entries(ready, SOURCE, listed, now=NOW) == ()
    assert note_entries(ready, OTHER, listed, now=NOW) == (), "two columns may list one article"
    ingest(ready, visit(draft()), desk=desk(), now=NOW)
    assert note_entries(ready, SOURCE, listed, now=NOW) == ()
    with ready.read() as connection:
        assert pending.sources_of(connection, [URL]) == {}


def test_entries_keep_the_order_of_the_listing(ready: Corpus) -> None:
    listed = [Entry(url=f"https://yw.example/{n}.html") for n in (3, 1, 2)]
    assert note_entries(ready, SOURCE, listed, now=NOW) == tuple(listed)
    assert note_entries(ready, SOURCE, [], now=NOW) == ()


def test_what_a_first_poll_notes_is_baseline(corpus: Corpus) -> None:
    note_entries(corpus, SOURCE, [Entry(url=URL)], now=NOW)
    with corpus.read() as connection:
        waiting = pending.waiting(connection, URL)
    assert waiting is not None
    assert waiting.baseline


def test_what_is_listed_after_the_first_listing_is_news_even_if_that_poll_never_ended_well(corpus: Corpus) -> None:
    with corpus.begin() as tx:
        register_sources(tx, BOTH, now=NOW)
    note_entries(corpus, SOURCE, [Entry(url=URL)], now=NOW)  # and the process dies, or five articles give no answer
    finish(corpus, PollStatus.FAILED, at=NOW, first=True, error="no answer", gave_up=True, checkpoint=Checkpoint())
    news = f"{URL}?news"
    note_entries(corpus, SOURCE, [Entry(url=URL), Entry(url=news)], now=NOW + HOUR)
    assert state(corpus).baseline_at == NOW
    with corpus.read() as connection:
        waiting = {url: pending.waiting(connection, url) for url in (URL, news)}
    assert {url: each.baseline for url, each in waiting.items() if each} == {URL: True, news: False}


def carried(body: str) -> Visit:
    answer = Capture(url=URL, final_url=URL, status=200, body=body.encode(), fetched_at=NOW)
    return Visit(source=SOURCE, url=URL, entry=Entry(url=URL, body=body), answer=answer, draft=draft(text=body))


def test_an_item_that_its_feed_carries_whole_is_read_again_when_it_changed(ready: Corpus) -> None:
    first, edited = TEXT, f"{TEXT}更正。"
    assert len(note_entries(ready, SOURCE, [Entry(url=URL, body=first)], now=NOW)) == 1
    ingest(ready, carried(first), desk=desk(), now=NOW)
    assert note_entries(ready, SOURCE, [Entry(url=URL, body=first)], now=NOW) == ()
    assert due(ready, at=NOW + HOUR / 2) == [], "it has no page to look at"
    assert len(note_entries(ready, SOURCE, [Entry(url=URL, body=edited)], now=NOW)) == 1
    assert ingest(ready, carried(edited), desk=desk(), now=NOW) is Outcome.CHANGED
    assert note_entries(ready, SOURCE, [Entry(url=URL, body=edited)], now=NOW) == ()


def test_a_feeds_summary_does_not_stand_for_its_page(ready: Corpus) -> None:
    ingest(ready, visit(draft()), desk=desk(), now=NOW)
    assert note_entries(ready, SOURCE, [Entry(url=URL, body="摘要")], now=NOW) == ()


# -- the end of a poll


def test_a_good_poll_stores_its_checkpoint_and_when_the_next_one_is_due(ready: Corpus) -> None:
    kept = Checkpoint(etag='"7"', last_modified="Mon", body_hash="ab", listed=15)
    finish(ready, PollStatus.OK, listed=15, known=14, checkpoint=kept, outcomes={Outcome.NEW: 1})
    known = state(ready)
    assert (known.etag, known.last_modified, known.body_hash, known.listed) == ('"7"', "Mon", "ab", 15)
    assert (known.last_ok_at, known.last_new_at, known.failures) == (NOW, NOW, 0)
    assert known.next_poll_at is not None
    assert timedelta(minutes=27) <= known.next_poll_at - NOW <= timedelta(minutes=33)


def test_a_poll_without_a_checkpoint_keeps_the_old_one(ready: Corpus) -> None:
    finish(ready, PollStatus.OK, listed=15, checkpoint=Checkpoint(etag='"7"'))
    finish(ready, PollStatus.FAILED, error="500")
    assert state(ready).etag == '"7"'


def test_the_baseline_ends_with_the_first_poll_that_was_complete(corpus: Corpus) -> None:
    with corpus.begin() as tx:
        register_sources(tx, BOTH, now=NOW)
    finish(corpus, PollStatus.FAILED, first=True, error="500")
    assert state(corpus).baseline_at is None
    finish(corpus, PollStatus.OK, first=True, listed=15)
    assert state(corpus).baseline_at == NOW
    finish(corpus, PollStatus.OK, at=NOW + HOUR, listed=15)
    assert state(corpus).baseline_at == NOW


def test_the_operator_hears_once_that_a_source_broke_and_once_that_it_is_back(ready: Corpus) -> None:
    for n in range(4):
        finish(ready, PollStatus.FAILED, at=NOW + n * HOUR, error="yiwu-news: answers 500")
    assert told(ready) == ["【告警】义乌要闻：读取失败"]
    assert state(ready).state is Health.BROKEN
    finish(ready, PollStatus.OK, at=NOW + 5 * HOUR, listed=20)
    finish(ready, PollStatus.UNCHANGED, at=NOW + 6 * HOUR, listed=20)
    assert told(ready) == ["【告警】义乌要闻：读取失败", "【恢复】义乌要闻：恢复正常"]
    for n in range(7, 9):
        finish(ready, PollStatus.FAILED, at=NOW + n * HOUR, error="again")
    assert len(told(ready)) == 3, "a second trouble is another alert"


def test_a_listing_that_lost_its_rows_is_told_and_withdraws_nothing(ready: Corpus) -> None:
    ingest(ready, visit(draft()), desk=desk(), now=NOW)
    for n in range(3):
        finish(ready, PollStatus.OK, at=NOW + n * HOUR, listed=0)
    assert told(ready) == ["【告警】义乌要闻：读取失败"]
    with ready.read() as connection:
        assert connection.execute(sa.select(tables.article.c.status)).scalars().all() == ["live"]


def test_a_silent_source_is_measured_by_its_own_rhythm(ready: Corpus) -> None:
    """One article an hour from Monday to Wednesday, and then none: nobody is told on Wednesday evening."""
    for n in (*range(8), *range(24, 32), *range(48, 56)):
        at = NOW + n * HOUR
        each = visit(draft(f"第{n}篇", published_at=at), url=f"https://yw.example/{n}.html")
        ingest(ready, each, desk=desk(), now=at)
        finish(ready, PollStatus.OK, at=at, listed=20, outcomes={Outcome.NEW: 1})
    for n in range(56, 73):
        finish(ready, PollStatus.OK, at=NOW + n * HOUR, listed=20)
    assert (state(ready).state, told(ready)) == (Health.OK, [])
    for n in range(73, 125):
        finish(ready, PollStatus.UNCHANGED, at=NOW + n * HOUR, listed=20)
    assert (state(ready).state, told(ready)) == (Health.QUIET, ["【告警】义乌要闻：久无更新"])
    assert re.fullmatch(
        r"nothing new for \d+ (hours|days), where \d+ a workday are usual, and the longest silence was 17 hours",
        state(ready).why,
    )
    with ready.read() as connection:
        (row,) = [sources.health_json(known) for known in sources.states(connection, "yiwu-news")]
    assert row["usual"] == "8 a workday are usual, and the longest silence was 17 hours"
    assert row["quiet_at"].startswith("2026-03-0")


def test_a_visit_that_only_rechecks_leaves_the_listing_as_it_is(ready: Corpus) -> None:
    before = state(ready)
    result = PollResult(source=SOURCE.slug, status=PollStatus.OK, started_at=NOW, listing=False)
    finish_poll(ready, result, job(listing=False), desk=desk(), policy=POLICY, now=NOW)
    assert state(ready) == before
    ingest(ready, not_modified(), desk=desk(), now=NOW)


def test_the_result_of_a_source_that_nobody_registered_is_dropped(corpus: Corpus) -> None:
    finish(corpus, PollStatus.OK, listed=3)
    with corpus.read() as connection:
        assert sources.state(connection, SOURCE.slug) is None
