"""How far a listing is read, and what belongs to one page of it, over real HTTP."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from crawler.listing import DEEPEST, RECONCILE_PAGES
from crawler.lists.places import MOST_LINKS
from crawler.records import Capture, Checkpoint, Fetch, Listing, PollJob, PollStatus, RowFields, Source
from tests.site import Site
from tests.visits import Book, Here, Visiting, article, feed, listing, paged, rss

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def pages(site: Site) -> Site:
    """Five pages of three rows each."""
    for number in range(1, 6):
        following = path_of(number + 1) if number < 5 else None
        site.answer(path_of(number), listing(*rows_of(number), following=following), etag=f'"{number}"')
    article(site, *(row for number in range(1, 6) for row in rows_of(number)))
    return site


def path_of(page: int) -> str:
    return "/list" if page == 1 else f"/list{page}"


def rows_of(page: int) -> list[str]:
    return [f"/a{row}" for row in range(3 * page - 2, 3 * page + 1)]


def asked(site: Site) -> list[str]:
    return [path for path in site.paths() if path.startswith("/list")]


@pytest.mark.parametrize(
    ("job", "known", "asked_for", "listed"),
    [
        pytest.param({}, range(10, 16), [1, 2, 3, 4], 9, id="down to what is known, whatever max_pages says"),
        pytest.param({}, range(2, 16), [1, 2], 3, id="to a whole page of known rows"),
        pytest.param({}, [1, *range(3, 16)], [1, 2], 3, id="a row behind a pinned one"),
        pytest.param({}, [*range(1, 16)], [1], 3, id="nothing new"),
        pytest.param({"first": True}, [], [1, 2], 6, id="the first visit: a baseline"),
    ],
)
def test_a_listing_is_read_to_its_first_page_without_news(
    pages: Site, visit: Visiting, *, job: dict[str, Any], known: list[int], asked_for: list[int], listed: int
) -> None:
    book = Book(known_urls={pages.url(f"/a{row}") for row in known})
    result = visit(PollJob(source=paged(pages), **job), book)
    assert asked(pages) == [path_of(number) for number in asked_for]
    assert (result.status, result.gap, result.listed) == (PollStatus.OK, False, listed)
    assert result.checkpoint is not None
    assert (result.checkpoint.listed, result.checkpoint.etag) == (listed, '"1"')
    assert len(book.visits) == len({*book.shown} - {pages.url(f"/a{row}") for row in known})
    assert len(book.urls()) == len(set(book.urls()))
    assert result.known == listed - len(book.visits)


def test_a_walk_is_noted_at_its_end_and_in_the_order_of_the_list(pages: Site, visit: Visiting) -> None:
    """A process that dies on the way notes nothing, and the next poll finds all of it as news again."""
    book = Book(known_urls={pages.url(f"/a{row}") for row in range(8, 16)})
    visit(PollJob(source=paged(pages)), book)
    assert book.noted == [[pages.url(f"/a{row}") for row in range(1, 10)]]


def test_a_site_that_ignores_the_page_number_ends_the_list(site: Site, visit: Visiting) -> None:
    for number in range(1, 4):
        site.answer(path_of(number), listing("/a1", following=path_of(number + 1)))
    article(site, "/a1")
    with structlog.testing.capture_logs() as logs:
        result = visit(PollJob(source=paged(site)), Book())
    assert asked(site) == ["/list", "/list2"]
    assert (result.status, result.gap) == (PollStatus.OK, True), "what stands below was never shown"
    assert ["paging is not understood" in entry["why"] for entry in warnings(logs)] == [True]


def test_a_bound_that_is_met_with_nothing_known_is_a_gap(site: Site, visit: Visiting) -> None:
    for number in range(1, DEEPEST + 2):
        site.answer(path_of(number), listing(f"/a{number}", following=path_of(number + 1)))
        article(site, f"/a{number}")
    book = Book()
    with structlog.testing.capture_logs() as logs:
        result = visit(PollJob(source=paged(site)), book)
    assert len(asked(site)) == DEEPEST
    assert (result.status, result.gap, result.listed, len(book.visits)) == (PollStatus.OK, True, DEEPEST, DEEPEST)
    (told,) = warnings(logs)
    assert (told["source"], told["pages"], told["listed"], told["known"]) == ("paged", DEEPEST, DEEPEST, 0)


def warnings(logs: Sequence[Any]) -> list[Any]:
    return [entry for entry in logs if entry["event"] == "entries may have been missed"]


@pytest.mark.parametrize(
    ("status", "body", "ending", "kept"),
    [
        pytest.param(200, "<html></html>", PollStatus.OK, True, id="a stub: the list ends"),
        pytest.param(404, "", PollStatus.OK, True, id="missing: the list ends"),
        pytest.param(500, "", PollStatus.FAILED, False, id="an error: the visit was not whole"),
        pytest.param(521, "", PollStatus.BLOCKED, False, id="a shield"),
    ],
)
def test_what_the_first_page_showed_survives_a_bad_second_page(
    pages: Site, visit: Visiting, *, status: int, body: str, ending: PollStatus, kept: bool
) -> None:
    pages.answer("/list2", body, status=status)
    book = Book()
    result = visit(PollJob(source=paged(pages)), book)
    assert (result.status, result.checkpoint is not None, result.listed) == (ending, kept, 3)
    assert book.shown == [pages.url(f"/a{row}") for row in (1, 2, 3)]
    assert result.gap, "news may have stood there"
    if ending is PollStatus.FAILED:
        assert "(page 2 of the list)" in (result.error or "")
        assert sorted(book.urls()) == book.shown


@pytest.mark.parametrize(
    ("more", "known"),
    [
        pytest.param({}, [2, 3], id="where the known has been reached"),
        pytest.param({"first": True}, [], id="in a first poll"),
    ],
)
def test_a_deep_page_that_fails_is_no_trouble(
    pages: Site, visit: Visiting, more: dict[str, Any], known: list[int]
) -> None:
    """On some sites they time out from afar; one new entry on the first page must not make the source look broken."""
    pages.answer("/list2", "", status=503)
    result = visit(PollJob(source=paged(pages), **more), Book(known_urls={pages.url(f"/a{row}") for row in known}))
    assert (result.status, result.gap, result.listed, result.checkpoint) == (PollStatus.OK, False, 3, None)


# --- two hops -----------------------------------------------------------------------------------------------------

COLUMN = (
    "<html><script url='/api-gateway/unit' queryData=\"{'webId':'1','pageId':'2','parseType':'bulidstatic',"
    "'tagId':'信息列表'}\"></script></html>"
)


def test_the_list_behind_the_column_page_is_what_may_be_unchanged(site: Site, visit: Visiting) -> None:
    column = Source(slug="column", name="示例", engine="hanweb_unit", url=site.url("/col/col2/index.html"))
    site.answer("/col/col2/index.html", COLUMN, etag='"column"')
    rows = '{"data":{"html":"<li><a href=\\"/a\\">第一条消息</a></li>"}}'
    site.answer("/api-gateway/unit", rows, etag='"unit"')
    article(site, "/a", "/b")
    book = Book()
    first = visit(PollJob(source=column), book)
    assert (first.status, first.listed) == (PollStatus.OK, 1)
    assert first.checkpoint is not None
    assert first.checkpoint.etag == '"unit"'
    again = visit(PollJob(source=column, checkpoint=first.checkpoint), book)
    assert again.status is PollStatus.UNCHANGED
    # The column page never changes; news behind it must still be found.
    more = rows.replace("</li>", '</li><li><a href=\\"/b\\">第二条消息</a></li>')
    site.answer("/api-gateway/unit", more, etag='"unit2"')
    third = visit(PollJob(source=column, checkpoint=first.checkpoint), book)
    assert (third.status, third.listed) == (PollStatus.OK, 2)
    assert book.urls() == [site.url("/a"), site.url("/b")]


# --- the daily walk -----------------------------------------------------------------------------------------------


def walk(pages: Site, **more: Any) -> PollJob:
    checkpoint = Checkpoint(asked=pages.url("/list"), etag='"1"', listed=3)
    return PollJob(source=paged(pages), reconcile=True, watched_since=NOW, checkpoint=checkpoint, **more)


def test_the_daily_walk_goes_on_where_all_is_known_and_counts_what_it_finds(pages: Site, visit: Visiting) -> None:
    late = pages.url("/a8")
    book = Book(known_urls={pages.url(f"/a{row}") for row in range(1, 12)} - {late})
    book.missed = {late}
    result = visit(walk(pages), book)
    assert asked(pages) == ["/list", "/list2", "/list3", "/list4", "/list5"], "to the first page that nobody has seen"
    assert (result.status, result.missed, book.urls()) == (PollStatus.OK, 1, [late])
    assert (result.listed, result.known) == (3, 3), "of the listing, as every day"
    assert not any("If-None-Match" in hit.headers for hit in pages.hits)


def test_the_daily_walk_is_bounded(site: Site, visit: Visiting) -> None:
    for number in range(1, RECONCILE_PAGES + 5):
        site.answer(path_of(number), listing(*rows_of(number), following=path_of(number + 1)))
    book = Book(known_urls={site.url(f"/a{row}") for row in range(1, 99)})
    assert visit(walk(site), book).missed == 0
    assert len(asked(site)) == RECONCILE_PAGES


@pytest.mark.parametrize(
    ("status", "ending"),
    [pytest.param(500, PollStatus.OK, id="fails"), pytest.param(521, PollStatus.BLOCKED, id="is shielded")],
)
def test_a_deep_page_that_fails_ends_the_daily_walk(
    pages: Site, visit: Visiting, status: int, ending: PollStatus
) -> None:
    pages.answer("/list3", "", status=status)
    book = Book(known_urls={pages.url(f"/a{row}") for row in range(1, 16)})
    result = visit(walk(pages), book)
    assert (result.status, result.missed, result.gap) == (ending, 0, False)
    assert asked(pages) == ["/list", "/list2", "/list3"]


# --- what belongs to a page ---------------------------------------------------------------------------------------

JUMP = '<html><head><meta http-equiv="refresh" content="0; url={}"></head><body></body></html>'


def test_a_jump_page_is_followed_one_hop_within_its_site(site: Site, visit: Visiting) -> None:
    site.answer("/rss.xml", JUMP.format("/moved/rss.xml"), etag='"jump"')
    site.answer("/moved/rss.xml", rss("/a"), etag='"list"')
    article(site, "/a")
    book = Book()
    first = visit(PollJob(source=feed(site)), book)
    assert (first.status, first.listed) == (PollStatus.OK, 1)
    assert first.checkpoint is not None
    again = visit(PollJob(source=feed(site), checkpoint=first.checkpoint), book)
    assert again.status is PollStatus.UNCHANGED
    sent = [(hit.path, hit.headers.get("If-None-Match")) for hit in site.hits if hit.path.endswith("rss.xml")]
    assert sent[2:] == [("/rss.xml", None), ("/moved/rss.xml", '"list"')], "each page gets its own validators alone"


@pytest.mark.parametrize(
    ("target", "asked_for"),
    [
        pytest.param("http://127.0.0.2/rss.xml", [], id="another site"),
        pytest.param("/rss2.xml", ["/rss2.xml"], id="a jump to a jump"),
    ],
)
def test_a_jump_that_leads_nowhere_is_a_listing_that_cannot_be_read(
    site: Site, visit: Visiting, target: str, asked_for: list[str]
) -> None:
    site.answer("/rss.xml", JUMP.format(target))
    site.answer("/rss2.xml", JUMP.format("/rss3.xml"))
    site.answer("/rss3.xml", rss("/a"))
    result = visit(PollJob(source=feed(site)), Book())
    assert (result.status, result.listed) == (PollStatus.FAILED, 0)
    assert site.paths()[2:] == asked_for


def test_a_challenge_is_not_followed(site: Site, visit: Visiting) -> None:
    challenge = "<script>document.cookie='__jsl_clearance=1';location.href='/rss2.xml'</script>"
    site.answer("/rss.xml", challenge)
    assert visit(PollJob(source=feed(site)), Book()).status is PollStatus.BLOCKED
    assert site.paths()[1:] == ["/rss.xml"]


@pytest.mark.parametrize("status", [200, 404, 500, 503])
def test_a_challenge_is_recognised_whatever_its_status(site: Site, visit: Visiting, status: int) -> None:
    site.answer("/rss.xml", "<script>document.cookie='__jsl_clearance=1'</script>", status=status)
    assert visit(PollJob(source=feed(site)), Book()).status is PollStatus.BLOCKED


class Issue(Here):
    """A list whose first page names the others, as an e-paper's does."""

    def __init__(self, *parts: str) -> None:
        self._parts = parts

    async def read(self, source: Source, page: Capture) -> Listing:
        found = await super().read(source, page)
        if page.url != source.url:
            return found
        return replace(found, also=tuple(Fetch(url=source.url.replace("/list", part)) for part in self._parts))


def issue(site: Site, *parts: str) -> Source:
    source = replace(paged(site), next=None)
    site.answer("/list", listing("/a1"), etag='"1"')
    for number, part in enumerate(parts, 2):
        site.answer(part, listing(f"/a{number}"))
    article(site, *(f"/a{number}" for number in range(1, len(parts) + 2)))
    return source


def test_every_part_of_a_page_is_read(site: Site, visit: Visiting) -> None:
    parts = ["/part2", "/part3", "/part4"]
    source, book = issue(site, *parts), Book()
    result = visit(PollJob(source=source), book, Issue(*parts))
    assert (result.status, result.listed, len(book.visits)) == (PollStatus.OK, 4, 4)
    assert result.checkpoint is not None
    assert result.checkpoint.etag == '"1"'


@pytest.mark.parametrize(
    ("bad", "ending", "listed"),
    [
        pytest.param({"/part3": (404, "")}, PollStatus.OK, 3, id="one is missing"),
        pytest.param({"/part3": (200, "<html></html>")}, PollStatus.OK, 3, id="one has no rows"),
        pytest.param({"/part3": (503, "")}, PollStatus.FAILED, 2, id="the host is in trouble"),
        pytest.param({"/part3": (521, "")}, PollStatus.BLOCKED, 2, id="a shield"),
        pytest.param({f"/part{n}": (404, "") for n in (2, 3, 4)}, PollStatus.FAILED, 1, id="all of them"),
    ],
)
def test_a_page_without_one_of_its_parts_is_asked_for_again(
    site: Site, visit: Visiting, bad: dict[str, tuple[int, str]], ending: PollStatus, listed: int
) -> None:
    parts = ["/part2", "/part3", "/part4"]
    source, book = issue(site, *parts), Book()
    for path, (status, body) in bad.items():
        site.answer(path, body, status=status)
    result = visit(PollJob(source=source), book, Issue(*parts))
    assert (result.status, result.listed, result.checkpoint) == (ending, listed, None)
    assert len(book.noted[0]) == listed, "what was shown is noted"


def test_a_page_with_more_links_than_are_looked_at_is_said(site: Site, visit: Visiting) -> None:
    source = replace(paged(site), rows=None, fields=RowFields(), next=None)
    site.answer("/list", listing(*(f"/a/2023{n:06}.html" for n in range(MOST_LINKS + 1))))
    book = Book(known_urls={site.url(f"/a/2023{n:06}.html") for n in range(MOST_LINKS)})
    with structlog.testing.capture_logs() as logs:
        result = visit(PollJob(source=source), book)
    assert (result.status, result.listed) == (PollStatus.OK, MOST_LINKS)
    told = [entry for entry in logs if entry["event"] == "a list page has too many links"]
    assert [(entry["source"], entry["read"], entry["log_level"]) for entry in told] == [
        ("paged", MOST_LINKS, "warning")
    ]


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("/module/jpage/dataproxy.jsp", "on part of the sites it is /module/web/jpage/dataproxy.jsp: correct the url"),
        ("/module/web/jpage/dataproxy.jsp", "on part of the sites it is /module/jpage/dataproxy.jsp: correct the url"),
        ("/col/col1229/index.html", "the column has moved: correct the url"),
    ],
)
def test_the_wrong_address_of_an_interface_names_the_other_one(
    site: Site, visit: Visiting, path: str, remedy: str
) -> None:
    params = {"columnid": "1229", "unitid": "5031616"}
    source = Source(slug="old", name="示例", engine="hanweb_jpage", url=site.url(path), params=params)
    result = visit(PollJob(source=source), Book())
    assert result.status is PollStatus.FAILED
    assert (result.error or "").endswith(f"answers 404; {remedy}")
