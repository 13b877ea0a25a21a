"""E-papers: the front door, the pages of an issue, its articles; and the fleet's, whose last page is advertising."""

import pytest

from crawler.engines import read_listing
from crawler.records import Fetch, Precision, Source
from tests.listings import ROOT, ask, column, page, read_article, refusal, source_of, urls, walk, wrong

DOOR = "https://paper.example.cn/paperindex.htm"
ISSUE = "https://paper.example.cn/html/2026-11/20/"
PAPER = Source(slug="paper", name="示例日报", engine="epaper", url=DOOR)
NODE = """<html><body><div class="x"><a href="../../2026-11/19/node_2.htm">上一期</a> <a href="#">下一期</a></div>
<div class="bm"><a id="pageLink" href="node_2.htm">第01版：要闻</a><a href="../../../images/1.pdf">PDF</a></div>
<div class="bm"><a id="pageLink" href="./node_3.htm">第02版：经济</a></div>
<div class="bm"><a id="pageLink" href="node_3.htm">第02版</a></div>
<ul class="main-ed-articlenav-list">
<li><a href="content_3551_9001.htm?div=-1">产业大脑在甬城试点</a></li>
<li><a href="content_3551_9001.htm?div=0"><img src="1.jpg"></a></li>
<li><a href="content_3551_9002.htm?div=1"><div>未来工厂<br>再添一批</div></a></li>
<li><a href="content_3551_9003.htm?div=2">广告</a></li></ul>
<a href="../../2026-11/18/content_1_1.htm">昨日要闻回顾一则</a></body></html>"""


@pytest.mark.parametrize(
    "door",
    [
        pytest.param('<meta http-equiv="refresh" content="0; url=html/2026-11/20/node_2.htm">', id="a refresh"),
        pytest.param('<META CONTENT="0;URL=html/2026-11/20/node_2.htm" HTTP-EQUIV=REFRESH>', id="the other way round"),
        pytest.param("<script>window.location.href='/html/2026-11/20/node_2.htm'</script>", id="a script"),
        pytest.param(
            '<a href="html/2026-11/19/node_2.htm">19日</a><a href="html/2026-11/20/node_2.htm">20日</a>'
            '<a href="html/2026-11/20/node_3.htm">20日二版</a>',
            id="a page of issues",
        ),
    ],
)
def test_the_front_door_leads_to_the_newest_issue(door: str) -> None:
    listing = read_listing(PAPER, page(f"<html><body>{door}</body></html>", url=DOOR))
    assert listing.hop is not None
    assert listing.hop.url == f"{ISSUE}node_2.htm"
    assert listing.entries == ()


def test_an_issue_gives_its_articles_its_other_pages_and_the_issue_before() -> None:
    listing = read_listing(PAPER, page(NODE, url=f"{ISSUE}node_2.htm"))
    assert urls(listing.entries) == [f"{ISSUE}content_3551_9001.htm", f"{ISSUE}content_3551_9002.htm"]
    assert [entry.title for entry in listing.entries] == ["产业大脑在甬城试点", "未来工厂再添一批"]
    assert {entry.published_precision for entry in listing.entries} == {Precision.DAY}
    assert {str(entry.published_at)[:16] for entry in listing.entries} == {"2026-11-19 16:00"}
    assert [fetch.url for fetch in listing.also] == [f"{ISSUE}node_3.htm"]
    assert listing.next is not None
    assert listing.next.url == "https://paper.example.cn/html/2026-11/19/node_2.htm"


def test_other_names_for_the_same_addresses_are_read_alike() -> None:
    other = NODE.replace("main-ed-articlenav-list", "zz").replace("pageLink", "b7")
    assert read_listing(PAPER, page(other, url=f"{ISSUE}node_2.htm")) == read_listing(
        PAPER, page(NODE, url=f"{ISSUE}node_2.htm")
    )


def test_a_page_of_advertising_has_no_articles_and_is_no_error() -> None:
    listing = read_listing(PAPER, page('<html><a href="node_2.htm">第01版</a></html>', url=f"{ISSUE}node_9.htm"))
    assert (listing.entries, len(listing.also)) == ((), 1)


@pytest.mark.parametrize(
    ("body", "url", "words"),
    [
        pytest.param("<html><body>维护</body></html>", DOOR, "leads to no issue", id="no issue"),
        pytest.param(
            "<html><meta http-equiv=refresh content='0;url=https://www.elsewhere.com/'></html>",
            DOOR,
            "leads to https://www.elsewhere.com/",
            id="the paper moved into an app",
        ),
        pytest.param("<html><body></body></html>", f"{ISSUE}node_2.htm", "neither articles", id="another template"),
        pytest.param("", DOOR, "is empty", id="nothing"),
    ],
)
def test_what_is_no_paper_is_an_error(body: str, url: str, words: str) -> None:
    assert words in str(refusal(PAPER, page(body, url=url)))


# --- the fleet's paper --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("url", [None, "https://zjrb.zjol.com.cn/paperindex.htm"])
def test_the_issues_of_the_fleet_are_read_one_before_the_other(seed: int, url: str | None) -> None:
    entry = None if url is None else {"engine": "epaper", "url": url}
    found = walk(column("epaper", seed, entry=entry, items=30))
    assert (len(found.found), wrong(found)) == (30, [])


def test_an_issue_that_is_not_out_yet_is_the_one_of_yesterday() -> None:
    made = column("epaper", 1, items=10)
    hop = read_listing(source_of(made), ask(Fetch(url=str(made.entry["url"])), made)[0]).hop
    assert hop is not None
    assert f"{made.newest(0, 1)[0].published:%Y-%m/%d}" in hop.url


@pytest.mark.parametrize("seed", range(3))
def test_articles_of_the_paper_have_a_day_and_no_block_of_titles(seed: int) -> None:
    made = column("epaper", seed, entry={"engine": "epaper", "url": f"{ROOT}/paperindex.htm"}, items=6)
    for entry, item in walk(made).found:
        draft = read_article(made, entry)
        assert (draft.title, draft.text) == (item.title, "\n".join(item.paragraphs))
        assert draft.published_precision is Precision.DAY
        assert draft.published_at is not None
        assert draft.published_at.astimezone(item.published.tzinfo).date() == item.published.date()
