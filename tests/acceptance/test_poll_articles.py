"""One article as a visit brings it: several pages, a jump before it, JSON behind a form, text of the listing itself."""

from urllib.parse import parse_qs

import pytest
from aiohttp import web

from crawler.extract import extract
from crawler.extract.attached import IN_PDF
from crawler.records import (
    BREAKS_OFF,
    Capture,
    Detail,
    Entry,
    NotModified,
    Outcome,
    PollJob,
    Recheck,
    Source,
    Unreachable,
    Verdict,
    Visit,
)
from tests.pdfs import pdf
from tests.site import Site
from tests.visits import LONG, Book, Visiting, article, article_of, feed

PARTS = ("第一页说的是桥。", "第二页说的是路。", "第三页说的是港。")


def part(number: int, *, of: int = 3) -> str:
    """One page of an article with a pager, as portals write it."""
    names = ["t20261120_12345.html", *(f"t20261120_12345_{n}.html" for n in range(1, of))]
    pager = "".join(f'<a href="{name}">{n}</a>' for n, name in enumerate(names, 1))
    return (
        f"<html><head><title>三页文章</title></head><body><h1>三页文章</h1><div class='content'>"
        f"<p>{PARTS[number - 1]}{LONG}</p></div><div class='page'>{pager}</div></body></html>"
    )


FIRST = "/a/t20261120_12345.html"


def following(number: int) -> str:
    return f"/a/t20261120_12345_{number - 1}.html"


@pytest.fixture
def long_read(site: Site) -> Site:
    site.answer(FIRST, part(1), etag='"1"', content_type="text/html; charset=utf-8; pages=0,7")
    for number in (2, 3):
        site.answer(following(number), part(number), etag=f'"{number}"')
    return site


def visited(visit: Visiting, source: Source, wanted: Entry | Recheck) -> Visit:
    """What comes of one article alone."""
    book = Book()
    waiting = (wanted,) if isinstance(wanted, Entry) else ()
    due = (wanted,) if isinstance(wanted, Recheck) else ()
    visit(PollJob(source=source, listing=False, pending=waiting, rechecks=due), book)
    (found,) = book.visits
    return found


@pytest.mark.parametrize("again", [False, True], ids=["at first sight", "looked at again"])
def test_an_article_of_several_pages_comes_as_one_capture(long_read: Site, visit: Visiting, again: bool) -> None:
    url = long_read.url(FIRST)
    found = visited(visit, feed(long_read), Recheck(url=url) if again else Entry(url=url, title="三页文章"))
    page = found.answer
    assert isinstance(page, Capture)
    assert long_read.paths()[1:] == [FIRST, following(2), following(3)]
    bodies = [part(number).encode() for number in (1, 2, 3)]
    starts = f"0,{len(bodies[0])},{len(bodies[0]) + len(bodies[1])}"
    assert (page.url, page.body) == (url, b"".join(bodies))
    assert page.content_type == f"text/html; charset=utf-8; pages={starts}", "and not what the server says of pages"
    assert (page.etag, page.last_modified) == (None, None), "no page's validators say that the others are unchanged"
    draft = article_of(found)
    assert draft is not None
    assert all(words in draft.text for words in PARTS)
    # what is stored reads the same again
    assert extract(page.body, url=page.final_url, content_type=page.content_type).text == draft.text


@pytest.mark.parametrize("status", [403, 500, 503])
def test_an_article_of_which_a_page_gives_no_answer_now_is_left_for_later(
    long_read: Site, visit: Visiting, status: int
) -> None:
    long_read.answer(following(3), "", status=status)
    found = visited(visit, feed(long_read), Entry(url=long_read.url(FIRST)))
    assert article_of(found) is None
    if status != 403:
        assert isinstance(found.answer, Unreachable)
        assert following(3) in found.answer.detail


def test_an_article_of_which_a_page_is_missing_is_one_that_breaks_off(long_read: Site, visit: Visiting) -> None:
    long_read.answer(following(2), "", status=404)
    found = visited(visit, feed(long_read), Entry(url=long_read.url(FIRST)))
    draft = article_of(found)
    assert draft is not None
    assert BREAKS_OFF in draft.quality.notes, "tried again, and then believed: some pagers lead nowhere"
    assert isinstance(found.answer, Capture)
    assert "pages=" not in (found.answer.content_type or "")


def test_a_challenge_in_place_of_a_following_page_is_one(long_read: Site, visit: Visiting) -> None:
    long_read.answer(following(2), "<script>document.cookie='__jsl_clearance=1'</script>")
    found = visited(visit, feed(long_read), Entry(url=long_read.url(FIRST)))
    assert found.draft is not None
    assert found.draft.quality.verdict is Verdict.CHALLENGE


# --- jumps --------------------------------------------------------------------------------------------------------

JUMP = "<html><script>location.href='{}'</script></html>"


def test_an_article_behind_a_jump_keeps_the_url_that_was_asked_for(site: Site, visit: Visiting) -> None:
    site.answer("/a", JUMP.format("/b"), etag='"a"')
    article(site, "/b")
    found = visited(visit, feed(site), Entry(url=site.url("/a")))
    assert article_of(found) is not None
    assert isinstance(found.answer, Capture)
    assert (found.url, found.answer.url, found.answer.final_url) == (site.url("/a"), site.url("/a"), site.url("/b"))
    assert found.answer.etag is None, "the target's, which must not be sent to the page that jumps"


@pytest.mark.parametrize(
    ("target", "asked"),
    [
        pytest.param("http://127.0.0.2/b", ["/a"], id="to another site"),
        pytest.param("/c", ["/a", "/c"], id="to a page that jumps on"),
    ],
)
def test_a_jump_is_followed_once_and_within_its_site(
    site: Site, visit: Visiting, target: str, asked: list[str]
) -> None:
    site.answer("/a", JUMP.format(target))
    site.answer("/c", JUMP.format("/d"))
    article(site, "/d")
    found = visited(visit, feed(site), Entry(url=site.url("/a")))
    assert article_of(found) is None
    assert site.paths()[1:] == asked


def test_a_jump_to_a_page_without_an_answer_is_tried_again(site: Site, visit: Visiting) -> None:
    site.answer("/robots.txt", "User-agent: *\nDisallow: /b\n")
    site.answer("/a", JUMP.format("/b"))
    found = visited(visit, feed(site), Entry(url=site.url("/a")))
    assert isinstance(found.answer, Unreachable)
    assert found.answer.url == site.url("/a")


# --- articles that are no pages -----------------------------------------------------------------------------------


@pytest.mark.parametrize("again", [False, True], ids=["at first sight", "looked at again"])
def test_a_json_article_is_asked_for_by_a_form_under_its_own_url(site: Site, visit: Visiting, again: bool) -> None:
    forms = []

    async def detail(request: web.Request) -> web.Response:
        forms.append(parse_qs((await request.read()).decode()))
        return web.json_response({"body": {"title": "惠企政策", "content": f"<p>{LONG}</p>"}})

    site.handle("/detail", detail)
    source = Source(
        slug="json",
        name="示例",
        engine="json_list",
        url=site.url("/list"),
        detail=Detail(method="POST", title="body.title", body="body.content"),
    )
    url = site.url("/detail?id=7&lang=zh")
    found = visited(visit, source, Recheck(url=url) if again else Entry(url=url))
    assert forms == [{"id": ["7"], "lang": ["zh"]}]
    assert isinstance(found.answer, Capture)
    assert (found.url, found.answer.url, found.answer.final_url) == (url, url, url)
    draft = article_of(found)
    assert draft is not None
    assert (draft.title, "产业大脑" in draft.text) == ("惠企政策", True)


def test_a_flash_is_the_article_however_short_it_is(site: Site, visit: Visiting) -> None:
    entry = Entry(url=site.url("/flash/1"), title="快讯", body="<p>央行今天开展逆回购操作。</p>", whole=True)
    found = visited(visit, feed(site), entry)
    assert site.hits == []
    assert isinstance(found.answer, Capture)
    draft = article_of(found)
    assert draft is not None
    assert draft.text == "央行今天开展逆回购操作。"


def test_a_single_page_is_not_fetched_again_while_it_is_unchanged(site: Site, visit: Visiting) -> None:
    article(site, "/a")
    found = visited(visit, feed(site), Recheck(url=site.url("/a"), etag='"/a"'))
    assert isinstance(found.answer, NotModified)
    assert found.answer.url == site.url("/a")


def test_the_other_articles_of_a_poll_go_on_beside_one_of_many_pages(long_read: Site, visit: Visiting) -> None:
    article(long_read, "/b")
    book = Book()
    entries = (Entry(url=long_read.url(FIRST)), Entry(url=long_read.url("/b")))
    result = visit(PollJob(source=feed(long_read), listing=False, pending=entries), book)
    assert result.outcomes == {Outcome.NEW: 2}


# -- a page whose text is in a file

NOTICE = """<html><head><meta charset="utf-8"><title>建设方案的通知</title>
<meta name="ArticleTitle" content="建设方案的通知"><meta name="PubDate" content="2026-03-01 10:00"></head>
<body><h1>建设方案的通知</h1><div class="content">{text}
<p>附件：<a href="/f/plan.pdf">建设方案.pdf</a></p></div></body></html>
"""
PLAN = pdf(("建设方案", "一、产业大脑先在义乌试点，成熟一个上线一个。", "二、各镇每月报一次进展。"))


def notice(site: Site, *, text: str = "<p>详见附件。</p>", file: bytes = PLAN, status: int = 200) -> Entry:
    site.answer("/a/notice.html", NOTICE.format(text=text), etag='"1"')
    site.answer("/f/plan.pdf", file, status=status, content_type="application/pdf")
    return Entry(url=site.url("/a/notice.html"), title="建设方案的通知")


def test_a_page_that_points_to_its_text_comes_with_the_file(site: Site, visit: Visiting) -> None:
    found = visited(visit, feed(site), notice(site))
    draft = article_of(found)
    assert draft is not None
    assert "产业大脑先在义乌试点" in draft.text
    assert any(note.startswith(IN_PDF) for note in draft.quality.notes)
    assert isinstance(found.answer, Capture)
    again = extract(found.answer.body, url=found.answer.final_url, content_type=found.answer.content_type)
    assert again.text == draft.text, "what is stored reads the same again"


def test_a_page_that_shows_its_text_in_a_viewer_comes_with_the_file(site: Site, visit: Visiting) -> None:
    entry = notice(site)
    frame = '<iframe src="/pdfjs/web/viewer.html?file=%2Ff%2Fplan.pdf"></iframe>'
    site.answer(
        "/a/notice.html", NOTICE.format(text=frame).replace('<p>附件：<a href="/f/plan.pdf">建设方案.pdf</a></p>', "")
    )
    draft = article_of(visited(visit, feed(site), entry))
    assert draft is not None
    assert "产业大脑先在义乌试点" in draft.text
    assert [file.url for file in draft.attachments] == [site.url("/f/plan.pdf")]


@pytest.mark.parametrize(
    ("file", "status"),
    [pytest.param(b"", 404, id="gone"), pytest.param(b"%PDF-1.7 broken", 200, id="broken")],
)
def test_a_file_that_cannot_be_read_leaves_a_page_that_breaks_off(
    site: Site, visit: Visiting, file: bytes, status: int
) -> None:
    found = visited(visit, feed(site), notice(site, file=file, status=status))
    draft = article_of(found)
    assert draft is not None
    assert draft.title == "建设方案的通知"
    assert BREAKS_OFF in draft.quality.notes
    assert any("/f/plan.pdf cannot be read" in note for note in draft.quality.notes)


def test_a_page_that_says_something_itself_keeps_its_file_as_an_attachment(site: Site, visit: Visiting) -> None:
    found = visited(visit, feed(site), notice(site, text=f"<p>{LONG}</p>"))
    assert site.paths()[1:] == ["/a/notice.html"]
    draft = article_of(found)
    assert draft is not None
    assert [file.name for file in draft.attachments] == ["建设方案.pdf"]


def test_an_entry_that_leads_straight_to_a_file_is_an_article(site: Site, visit: Visiting) -> None:
    site.answer("/f/plan.pdf", PLAN, content_type="application/pdf")
    found = visited(visit, feed(site), Entry(url=site.url("/f/plan.pdf"), title="建设方案"))
    draft = article_of(found)
    assert draft is not None
    assert (draft.title, "每月报一次进展" in draft.text) == ("建设方案", True)
    again = visited(visit, feed(site), Recheck(url=site.url("/f/plan.pdf"))).draft
    assert again is not None
    assert (again.title, again.text) == (None, draft.text), "what the listing called it stays"
