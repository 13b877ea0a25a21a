"""One visit to one source over real HTTP: what is asked for, in which order, and how each failure is told."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from crawler.clocks import utc_now
from crawler.hub import Hub
from crawler.poll import PATIENCE, poll
from crawler.records import (
    Capture,
    ChaoxunError,
    Checkpoint,
    Draft,
    Entry,
    Hints,
    LedgerError,
    Listing,
    NotModified,
    Outcome,
    PollJob,
    PollResult,
    PollStatus,
    Recheck,
    Source,
    Unreachable,
    Verdict,
    Visit,
)
from crawler.sources import load_sources
from crawler.workers import Pool
from monitor.demo.sites import SampleSites
from tests.hub import gaps
from tests.loop import HubLoop
from tests.site import Site
from tests.visits import LONG, Book, Here, article, article_of, feed, polled, rss, running


def test_a_first_visit_notes_the_listing_and_brings_every_article(site: Site, visit: Callable[..., PollResult]) -> None:
    site.answer("/rss.xml", rss("/a", "/b#top", "/b"), content_type="application/rss+xml", etag='"v1"')
    article(site, "/a", "/b")
    book = Book()
    result = visit(PollJob(source=feed(site), first=True), book)
    assert (result.status, result.listed, result.outcomes, result.error) == (PollStatus.OK, 2, {Outcome.NEW: 2}, None)
    assert result.checkpoint is not None
    assert (result.checkpoint.etag, result.checkpoint.listed) == ('"v1"', 2)
    assert result.seconds > 0
    assert book.shown == [site.url("/a"), site.url("/b")]
    taken = {visit.url: visit for visit in book.visits}
    assert taken[site.url("/a")].entry is not None
    assert isinstance(taken[site.url("/a")].answer, Capture)
    draft = article_of(taken[site.url("/a")])
    assert draft is not None
    assert "产业大脑" in draft.text
    assert [hit.headers["Referer"] for hit in site.hits if hit.path == "/a"] == [site.url("/rss.xml")]


def test_a_listing_that_is_the_same_is_not_read_again(site: Site, visit: Callable[..., PollResult]) -> None:
    site.answer("/rss.xml", rss("/a"), etag='"v1"')
    article(site, "/a")
    book = Book()
    first = visit(PollJob(source=feed(site)), book)
    again = visit(PollJob(source=feed(site), checkpoint=first.checkpoint or Checkpoint()), book)
    assert (again.status, again.listed, again.checkpoint) == (PollStatus.UNCHANGED, 1, first.checkpoint)
    assert site.hits[-1].headers["If-None-Match"] == '"v1"'
    assert len(book.visits) == 1


def test_a_server_without_validators_is_recognised_by_its_bytes(site: Site, visit: Callable[..., PollResult]) -> None:
    site.answer("/rss.xml", rss("/a"))
    article(site, "/a")
    book = Book()
    first = visit(PollJob(source=feed(site)), book)
    again = visit(PollJob(source=feed(site), checkpoint=first.checkpoint or Checkpoint()), book)
    assert again.status is PollStatus.UNCHANGED
    assert book.shown == [site.url("/a")]


def test_what_was_left_and_what_is_due_is_visited_though_the_listing_is_unchanged(
    site: Site, visit: Callable[..., PollResult]
) -> None:
    site.answer("/rss.xml", rss("/a"))
    article(site, "/a", "/old", "/left")
    book = Book()
    first = visit(PollJob(source=feed(site)), book)
    again = visit(
        PollJob(
            source=feed(site),
            checkpoint=first.checkpoint or Checkpoint(),
            pending=(Entry(url=site.url("/left"), title="留下的"),),
            rechecks=(Recheck(url=site.url("/old"), etag='"/old"'), Recheck(url=site.url("/left"))),
        ),
        book,
    )
    assert again.status is PollStatus.UNCHANGED
    assert sorted(book.urls()[1:]) == [site.url("/left"), site.url("/old")]
    answers = {visit.url: visit for visit in book.visits}
    assert isinstance(answers[site.url("/old")].answer, NotModified)
    assert answers[site.url("/left")].entry == Entry(url=site.url("/left"), title="留下的")


def test_a_visit_may_be_for_rechecks_only(site: Site, visit: Callable[..., PollResult]) -> None:
    article(site, "/old")
    book = Book()
    result = visit(PollJob(source=feed(site), listing=False, rechecks=(Recheck(url=site.url("/old")),)), book)
    assert (result.status, result.listing, result.checkpoint) == (PollStatus.OK, False, None)
    assert site.paths() == ["/robots.txt", "/old"]


def test_a_disabled_source_is_left_alone(site: Site, visit: Callable[..., PollResult]) -> None:
    result = visit(PollJob(source=feed(site, disabled="搬家了")), Book())
    assert (result.status, result.error) == (PollStatus.DISABLED, "搬家了")
    assert site.hits == []


def test_an_item_that_brings_its_text_along_is_not_fetched(site: Site, visit: Callable[..., PollResult]) -> None:
    site.answer("/rss.xml", rss("/a", description=f"<p>{LONG}</p>"))
    book = Book()
    result = visit(PollJob(source=feed(site)), book)
    assert result.outcomes == {Outcome.NEW: 1}
    assert site.paths() == ["/robots.txt", "/rss.xml"]
    (taken,) = book.visits
    assert isinstance(taken.answer, Capture)
    assert (taken.answer.status, taken.answer.content_type) == (200, "text/html; charset=utf-8")
    assert taken.draft is not None
    assert "未来工厂" in taken.draft.text


def test_a_gbk_feed_that_says_utf_8_is_read(site: Site, visit: Callable[..., PollResult]) -> None:
    site.answer("/rss.xml", rss("/a").encode("gbk"), content_type="text/xml; charset=utf-8")
    article(site, "/a")
    book = Book()
    visit(PollJob(source=feed(site)), book)
    assert [visit.entry.title for visit in book.visits if visit.entry] == ["第0篇"]


def test_a_truncated_feed_keeps_no_validators(site: Site, visit: Callable[..., PollResult]) -> None:
    site.answer("/rss.xml", rss("/a", "/b")[:-60], etag='"v1"')
    article(site, "/a", "/b")
    book = Book()
    result = visit(PollJob(source=feed(site)), book)
    assert (result.status, result.checkpoint, result.outcomes) == (PollStatus.OK, None, {Outcome.NEW: 1})


# --- trouble ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "ending", "words"),
    [
        pytest.param(200, rss(), PollStatus.FAILED, "has no items", id="an empty listing"),
        pytest.param(200, "<html>首页</html>", PollStatus.FAILED, "HTML page instead of a feed", id="a home page"),
        pytest.param(
            200,
            "<script>document.cookie='__jsl_clearance=1'</script>",
            PollStatus.BLOCKED,
            "challenge",
            id="a challenge",
        ),
        pytest.param(403, "", PollStatus.BLOCKED, "answers 403; the site refuses us", id="403"),
        pytest.param(412, "", PollStatus.BLOCKED, "a shield stands before it", id="412"),
        pytest.param(521, "", PollStatus.BLOCKED, "a shield stands before it", id="521"),
        pytest.param(404, "", PollStatus.FAILED, "has moved: correct the url", id="404"),
        pytest.param(500, "", PollStatus.FAILED, "answers 500; it is tried again", id="500"),
        pytest.param(503, "", PollStatus.FAILED, "answers 503", id="503"),
    ],
)
def test_a_listing_that_fails_is_told_with_its_remedy_and_keeps_nothing(
    site: Site, visit: Callable[..., PollResult], *, status: int, body: str, ending: PollStatus, words: str
) -> None:
    site.answer("/rss.xml", body, status=status, etag='"v1"', retry_after="90")
    result = visit(PollJob(source=feed(site)), Book())
    assert (result.status, result.checkpoint, result.listed) == (ending, None, 0)
    assert (result.error or "").startswith("a-feed: ")
    assert words in (result.error or "")
    assert "\n" not in (result.error or "")
    if status >= 400:
        assert result.retry_after == timedelta(seconds=90)


def test_a_host_that_is_down_is_not_asked_for_articles(hub_loop: HubLoop, visit: Callable[..., PollResult]) -> None:
    gone = Source(slug="gone", name="x", engine="feed", url="http://no-such-host.invalid/rss.xml")
    book = Book()
    result = visit(PollJob(source=gone, pending=(Entry(url="http://no-such-host.invalid/a"),)), book)
    assert result.status is PollStatus.FAILED
    assert "no-such-host.invalid: the name cannot be resolved" in (result.error or "")
    assert book.visits == []


def test_a_column_that_moved_does_not_end_the_rechecks(site: Site, visit: Callable[..., PollResult]) -> None:
    article(site, "/old")
    book = Book()
    result = visit(PollJob(source=feed(site), rechecks=(Recheck(url=site.url("/old")),)), book)
    assert result.status is PollStatus.FAILED
    assert book.urls() == [site.url("/old")]


def test_an_article_without_an_answer_is_handed_over_too(site: Site, visit: Callable[..., PollResult]) -> None:
    site.answer("/robots.txt", "User-agent: *\nDisallow: /secret\n")
    site.answer("/rss.xml", rss("/a", "/gone", "/secret", "http://10.0.0.1/x"))
    article(site, "/a")
    site.answer("/gone", "没有了", status=410)
    book = Book()
    result = visit(PollJob(source=feed(site)), book)
    assert (result.status, result.outcomes) == (PollStatus.OK, {Outcome.NEW: 1, Outcome.FAILED: 3})
    answers = {visit.url: visit for visit in book.visits}
    gone = answers[site.url("/gone")].answer
    assert isinstance(gone, Capture)
    assert (gone.status, article_of(answers[site.url("/gone")])) == (410, None)
    assert isinstance(answers[site.url("/secret")].answer, Unreachable)
    assert isinstance(answers["http://10.0.0.1/x"].answer, Unreachable)


@pytest.mark.parametrize(
    ("status", "ending"),
    [pytest.param(503, PollStatus.FAILED, id="down"), pytest.param(521, PollStatus.BLOCKED, id="shut")],
)
def test_a_host_that_gives_no_articles_any_more_is_left_in_peace(
    site: Site, visit: Callable[..., PollResult], status: int, ending: PollStatus
) -> None:
    links = [f"/a{n}" for n in range(30)]
    site.answer("/rss.xml", rss(*links))
    for link in links:
        site.answer(link, "", status=status)
    book = Book()
    result = visit(PollJob(source=feed(site)), book)
    assert result.status is ending
    assert f"answers {status}" in (result.error or "")
    assert PATIENCE <= len(book.visits) < PATIENCE + 4
    # All of them are noted, so the listing has been dealt with: the trouble is that of the articles.
    assert result.gave_up
    assert result.checkpoint is not None
    assert len(book.shown) == 30


@pytest.mark.parametrize("status", [200, 403, 404, 412, 521])
def test_a_challenge_in_place_of_an_article_is_recognised_whatever_its_status(
    site: Site, visit: Callable[..., PollResult], status: int
) -> None:
    site.answer("/rss.xml", rss("/a"))
    shield = "<html><body><script>document.cookie='__jsl_clearance_s=1|0|x'</script></body></html>"
    site.answer("/a", shield, status=status)
    book = Book()
    visit(PollJob(source=feed(site)), book)
    assert [visit.draft.quality.verdict for visit in book.visits if visit.draft] == [Verdict.CHALLENGE]


def test_missing_articles_are_no_sign_of_a_host_in_trouble(site: Site, visit: Callable[..., PollResult]) -> None:
    site.answer("/rss.xml", rss(*(f"/a{n}" for n in range(12))))
    book = Book()
    result = visit(PollJob(source=feed(site)), book)
    assert (result.status, len(book.visits)) == (PollStatus.OK, 12)


def test_a_host_that_gives_something_now_and_then_is_asked_to_the_end(
    site: Site, visit: Callable[..., PollResult]
) -> None:
    links = [f"/a{n}" for n in range(3 * PATIENCE)]
    site.answer("/rss.xml", rss(*links))
    for number, link in enumerate(links):
        if number % 2:
            article(site, link)
        else:
            site.answer(link, "", status=503)
    book = Book()
    assert visit(PollJob(source=feed(site)), book).status is PollStatus.OK
    assert len(book.visits) == len(links)


def test_a_ledger_that_takes_nothing_ends_the_visit_and_is_not_the_sources_fault(
    site: Site, visit: Callable[..., PollResult]
) -> None:
    def full(_: Visit) -> Outcome:
        raise LedgerError("the disk is full; make room")

    site.answer("/rss.xml", rss("/a", "/b"))
    article(site, "/a", "/b")
    with pytest.raises(LedgerError, match="the disk is full"):
        visit(PollJob(source=feed(site)), Book(judge=full))


def test_a_ledger_that_fails_ends_the_visit_and_nothing_else(site: Site, visit: Callable[..., PollResult]) -> None:
    def full(_: Visit) -> Outcome:
        raise ChaoxunError("a verdict that makes no sense")

    site.answer("/rss.xml", rss("/a", "/b"))
    article(site, "/a", "/b")
    with structlog.testing.capture_logs() as logs:
        result = visit(PollJob(source=feed(site)), Book(judge=full))
    assert (result.status, result.checkpoint) == (PollStatus.FAILED, None)
    assert (result.error or "").endswith("the poll broke off: a verdict that makes no sense")
    assert [entry["exc_info"] for entry in logs if entry["event"] == "poll broke off"] == [True]


def test_an_error_of_ours_is_logged_with_its_traceback_and_told(site: Site, visit: Callable[..., PollResult]) -> None:
    class Broken(Here):
        async def read(self, source: Source, page: Capture) -> Listing:
            raise KeyError("data")

    site.answer("/rss.xml", rss("/a"))
    with structlog.testing.capture_logs():
        result = visit(PollJob(source=feed(site)), Book(), Broken())
    assert result.status is PollStatus.FAILED
    assert "KeyError" in (result.error or "")


@pytest.mark.parametrize("what", ["read", "extract"])
def test_a_worker_that_gives_up_is_told_and_the_poll_goes_on(
    site: Site, visit: Callable[..., PollResult], what: str
) -> None:
    class Hostile(Here):
        async def read(self, source: Source, page: Capture) -> Listing:
            if what == "read":
                raise ChaoxunError("took longer than 10 s")
            return await super().read(source, page)

        async def extract(self, capture: Capture, hints: Hints) -> Draft:
            if capture.final_url.endswith("/a"):
                raise ChaoxunError("took longer than 10 s")
            return await super().extract(capture, hints)

    site.answer("/rss.xml", rss("/a", "/b"))
    article(site, "/a", "/b")
    book = Book()
    result = visit(PollJob(source=feed(site)), book, Hostile())
    if what == "read":
        assert (result.status, result.checkpoint) == (PollStatus.FAILED, None)
        assert "took longer than 10 s" in (result.error or "")
    else:
        assert (result.status, result.outcomes) == (PollStatus.OK, {Outcome.NEW: 1, Outcome.FAILED: 1})


# --- many sources -------------------------------------------------------------------------------------------------


def test_the_gap_is_kept_across_polls(hub_loop: HubLoop, site: Site) -> None:
    site.answer("/rss.xml", rss("/a", "/b"))
    article(site, "/a", "/b")
    with running(hub_loop, gap=timedelta(seconds=0.15)) as hub:
        for slug in ("one", "two"):
            polled(hub_loop, hub, PollJob(source=replace(feed(site), slug=slug)), Book())
    assert site.paths().count("/rss.xml") == 2
    assert all(gap >= 0.15 for gap in gaps(site)), gaps(site)


def test_one_bad_source_never_stops_the_others(hub_loop: HubLoop, site: Site) -> None:
    bad = Site(hub_loop, address="127.0.0.9")
    bad.answer("/rss.xml", "", status=500)
    site.answer("/rss.xml", rss("/a"))
    article(site, "/a")
    try:
        with running(hub_loop) as hub:
            assert polled(hub_loop, hub, PollJob(source=feed(bad)), Book()).status is PollStatus.FAILED
            assert polled(hub_loop, hub, PollJob(source=feed(site)), Book()).status is PollStatus.OK
    finally:
        bad.close()


def test_every_column_of_the_sample_sites_is_polled(hub_loop: HubLoop, tmp_path: Path) -> None:
    """The worker process and the engines against sites of each kind of software."""

    async def all_of_them(hub: Hub, sources: Sequence[Source]) -> list[tuple[PollResult, Book]]:
        polls = []
        async with Pool() as pool:
            for source in sources:
                book = Book()
                result = await poll(PollJob(source=source), fetch=hub.fetch, parser=pool, ledger=book, now=utc_now)
                polls.append((result, book))
        return polls

    with SampleSites() as sites, running(hub_loop) as hub:
        published = sites.publish_backlog()
        (tmp_path / "samples.yaml").write_text(sites.sources_yaml(), encoding="utf-8")
        polls = hub_loop.run(all_of_them(hub, load_sources(tmp_path)))
        articles = {sites.article_url(article) for article in published}
    assert [(result.status, result.error) for result, _ in polls] == [(PollStatus.OK, None)] * len(polls)
    assert len(polls) == 7
    assert {visit.url for _, book in polls for visit in book.visits if article_of(visit)} == articles
