"""Lists in plain HTML: rows by selectors and by shape, the next page; and the fleet's portals, ASP and catalogues."""

import pickle
from dataclasses import replace
from datetime import datetime

import pytest

from crawler.engines import read_listing
from crawler.lists.places import MOST_LINKS
from crawler.records import BEIJING, Precision, RowFields, Source
from tests.listings import column, page, read_article, refusal, urls, walk, wrong

ZJOL = Source(
    slug="zjol",
    name="浙江宣传",
    engine="html_list",
    url="https://zjnews.example.cn/zjxc/",
    rows="ul.listUl > li.listLi",
    fields=RowFields(url="a::attr(href)", title="a::text", published="span.listSpan::text"),
    next="a.next::attr(href)",
)
PORTAL = """<html><head><meta charset="gb2312"></head><body><ul class="listUl">
<li class="listLi"><a href="//zjnews.example.cn/zjxc/202602/t20260223_1.shtml"> 浙江的<b>冬天</b>与春天 </a>
<span class="listSpan">2026年02月23日12时</span></li>
<li class="listLi"><a href="202602/t20260222_2.shtml">第二篇文章的题目</a></li>
<li class="listLi"><a href="202602/t20260222_2.shtml">第二篇文章的题目</a></li>
<li class="listLi">没有链接</li></ul><a class="next" href="index_1.html">下一页</a></body></html>"""


def test_rows_are_read_by_the_selectors_of_the_source() -> None:
    listing = read_listing(ZJOL, page(PORTAL.encode("gbk"), url=ZJOL.url or "", content_type="text/html"))
    first, second = listing.entries
    assert (first.url, first.title) == ("https://zjnews.example.cn/zjxc/202602/t20260223_1.shtml", "浙江的冬天与春天")
    assert first.published_at == datetime(2026, 2, 23, 12, tzinfo=BEIJING)
    assert first.published_precision is Precision.HOUR
    assert second.url == "https://zjnews.example.cn/zjxc/202602/t20260222_2.shtml"
    assert second.published_at == datetime(2026, 2, 22, tzinfo=BEIJING)
    assert listing.next is not None
    assert listing.next.url == "https://zjnews.example.cn/zjxc/index_1.html"


def test_fields_may_be_left_out() -> None:
    source = Source(slug="x", name="x", engine="html_list", url=ZJOL.url, rows="li.listLi")
    first = read_listing(source, page(PORTAL.encode("gbk"), url=ZJOL.url or "")).entries[0]
    assert first.title == "浙江的冬天与春天"
    assert first.published_at == datetime(2026, 2, 23, 12, tzinfo=BEIJING)


def test_a_row_need_not_be_a_link() -> None:
    source = Source(
        slug="x",
        name="x",
        engine="html_list",
        url=ZJOL.url,
        rows="div.card",
        fields=RowFields(url="div::attr(data-url)", title="b", published="i"),
    )
    cards = (
        '<div class="card" data-url="/a/20260313/1.html"><b>第一 张</b><i>2026年3月12日</i></div>'
        '<div class="card" data-url="/a/2026/03/13/2.html"></div><div class="card" data-url="http://["></div>'
    )
    bare = Source(
        slug="x", name="x", engine="html_list", url=ZJOL.url, rows="div.card", fields=RowFields(url="::attr(data-url)")
    )
    first, second = read_listing(source, page(cards, url=ZJOL.url or "")).entries
    assert (first.title, first.published_at) == ("第一 张", datetime(2026, 3, 12, tzinfo=BEIJING))
    assert (second.title, second.published_at) == (None, datetime(2026, 3, 13, tzinfo=BEIJING))
    untitled = read_listing(bare, page(cards, url=ZJOL.url or "")).entries
    assert [(entry.title, entry.published_at is None) for entry in untitled] == [(None, False), (None, False)]


def test_rows_are_found_by_their_shape_where_the_source_names_none() -> None:
    source = Source(slug="x", name="x", engine="html_list", url="https://news.example.cn/")
    rows = "".join(
        f'<li><a href="/system/2026/03/1{n}/00012345{n}.shtml">义乌市场今日要闻第{n}条报道</a></li>' for n in range(5)
    )
    links = "".join(f'<a href="/channel/{name}/">{name}频道首页新闻中心</a>' for name in "abcdefgh")
    body = (
        f"<html><body><div>{links}</div><ul>{rows}</ul><a href='/about.html'>关于我们的网站与联系方式</a></body></html>"
    )
    entries = read_listing(source, page(body, url="https://news.example.cn/")).entries
    assert len(entries) == 5
    assert entries[0].url == "https://news.example.cn/system/2026/03/10/000123450.shtml"
    assert entries[0].published_at == datetime(2026, 3, 10, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("source", "body", "words"),
    [
        pytest.param(
            ZJOL, "<html><ul class=list><li>x</li></ul></html>", "no links where rows says", id="the rows are gone"
        ),
        pytest.param(ZJOL, "  ", "is empty", id="nothing"),
        pytest.param(ZJOL, "<!-- later -->", "is empty", id="a comment"),
        pytest.param(
            Source(slug="zjol", name="x", engine="html_list", url=ZJOL.url),
            "<html><p>没有<a href='/a'>链接</a></p></html>",
            "no list that can be recognised",
            id="nothing like a list",
        ),
    ],
)
def test_a_page_without_rows_is_an_error(source: Source, body: str, words: str) -> None:
    assert words in str(refusal(source, page(body, url=ZJOL.url or "")))


def test_a_page_without_its_end_may_have_broken_off() -> None:
    assert not read_listing(ZJOL, page(PORTAL, url=ZJOL.url or "")).partial
    assert read_listing(ZJOL, page(PORTAL.partition("</ul>")[0], url=ZJOL.url or "")).partial


def test_one_enormous_tag_does_not_hold_the_reading() -> None:
    attributes = " ".join(f'a{number}="x"' for number in range(100_000))
    rows = PORTAL.replace("<body>", f"<body><p {attributes}>x</p>")
    assert len(read_listing(ZJOL, page(rows, url=ZJOL.url or "")).entries) == 2


def test_what_a_worker_is_told_and_tells_can_be_sent() -> None:
    function = pickle.loads(pickle.dumps(read_listing))
    listing = function(ZJOL, page(PORTAL.encode("gbk"), url=ZJOL.url or ""))
    assert pickle.loads(pickle.dumps(listing)) == listing
    error = refusal(ZJOL, page(""))
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.verdict) == (str(error), error.verdict)


def test_a_title_that_is_cut_short_is_told_whole_by_its_link() -> None:
    rows = '<ul class="listUl"><li class="listLi"><a href="/a/1.html" title="浙江的冬天与春天">浙江的冬…</a></li></ul>'
    assert [entry.title for entry in read_listing(ZJOL, page(rows, url=ZJOL.url or "")).entries] == ["浙江的冬天与春天"]


def test_links_are_relative_to_the_base_that_the_page_names() -> None:
    body = PORTAL.replace("<body>", '<body><base href="https://other.example.cn/zz/">')
    assert "https://other.example.cn/zz/202602/t20260222_2.shtml" in urls(
        read_listing(ZJOL, page(body, url=ZJOL.url or "")).entries
    )


# --- the next page ------------------------------------------------------------------------------------------------

LIST = "https://news.example.cn/shxw/"
ROWS = "".join(
    f'<li><a href="/system/2026/03/1{n}/00012345{n}.shtml">义乌市场今日要闻第{n}条报道</a></li>' for n in range(5)
)


@pytest.mark.parametrize(
    ("url", "pager", "following"),
    [
        pytest.param(LIST, '<a href="index_2.shtml">下一页</a>', "index_2.shtml", id="the next page by its name"),
        pytest.param(LIST, '<a href="?page=2">[ 下页 ]</a>', "?page=2", id="in brackets"),
        pytest.param(LIST, '<a href="/shxw/2/">后一页&gt;&gt;</a>', "2/", id="with arrows"),
        pytest.param(LIST, '<a href="index_2.shtml">&gt;</a>', "index_2.shtml", id="an arrow alone"),
        pytest.param(LIST, '<a href="/zt/jiaodian.shtml">&gt;</a>', None, id="an arrow to somewhere else"),
        pytest.param(LIST, '<link rel="next" href="index_2.shtml">', "index_2.shtml", id="in the head"),
        pytest.param(
            LIST, '<b>1</b> <a href="index_2.shtml">2</a> <a href="index_3.shtml">3</a>', "index_2.shtml", id="numbers"
        ),
        pytest.param(
            f"{LIST}index_2.shtml",
            '<a href="./">1</a> 2 <a href="index_3.shtml">3</a>',
            "index_3.shtml",
            id="a middle number",
        ),
        pytest.param(
            f"{LIST}index_5.shtml",
            '<a href="./">1</a>…<a href="index_4.shtml">4</a> 5 <a href="index_6.shtml">6</a>…'
            '<a href="index_9.shtml">9</a>',
            "index_6.shtml",
            id="a long row of numbers",
        ),
        pytest.param(
            f"{LIST}index_3.shtml", '<a href="./">1</a><a href="index_2.shtml">2</a>', None, id="the last number"
        ),
        pytest.param(LIST, '<a href="javascript:go(2)">下一页</a>', None, id="a script"),
        pytest.param(LIST, '<a href="https://other.example.cn/2.shtml">下一页</a>', None, id="another host"),
        pytest.param(
            f"{LIST}node_15890.htm",
            '<a href="node_15890_2.htm">2</a>',
            "node_15890_2.htm",
            id="a node and its second page",
        ),
        pytest.param(
            f"{LIST}news_list.asp?ClassID=8",
            '<a href="news_list.asp?page=2&ClassID=8">2</a>',
            "news_list.asp?page=2&ClassID=8",
            id="ASP",
        ),
        pytest.param(
            f"{LIST}news_list.asp?ClassID=8", '<a href="news_list.asp?page=2&ClassID=9">2</a>', None, id="another class"
        ),
        pytest.param(LIST, "", None, id="no pager"),
    ],
)
def test_the_next_page_is_found_where_the_source_names_none(url: str, pager: str, following: str | None) -> None:
    source = Source(slug="x", name="x", engine="html_list", url=url)
    listing = read_listing(source, page(f"<html><body><ul>{ROWS}</ul><div>{pager}</div></body></html>", url=url))
    assert (listing.next and listing.next.url) == (following and LIST + following)


# --- the fleet's portals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("kind", ["zjol", "hangzhou", "cnnb", "asp", "dirlist"])
def test_columns_of_the_fleet_are_read_to_their_end_without_selectors(kind: str, seed: int) -> None:
    found = walk(column(kind, seed, items=45))
    assert (len(found.found), wrong(found)) == (45, [])
    assert found.pages > 1


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("kind", ["zjol", "hangzhou", "cnnb", "asp", "dirlist"])
def test_articles_of_the_fleet_are_read_without_what_stands_around_them(kind: str, seed: int) -> None:
    made = column(kind, seed, items=5)
    for entry, item in walk(made).found:
        draft = read_article(made, entry)
        assert (draft.title, draft.text) == (item.title, "\n".join(item.paragraphs))
        assert draft.origin == item.origin
        assert draft.published_at is not None
        assert draft.published_at.astimezone(item.published.tzinfo).date() == item.published.date()


@pytest.mark.parametrize("seed", range(8))
def test_long_articles_are_joined_from_their_parts_or_their_full_text(seed: int) -> None:
    made = column("hangzhou", seed, items=3, pages=3)
    for entry, item in walk(made).found:
        assert entry.url.endswith("_0.htm")
        assert read_article(made, entry).text == "\n".join(item.paragraphs)


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        pytest.param(
            "zjol",
            {
                "url": "https://zjnews.zjol.com.cn/zjxc/",
                "rows": "ul.listUl > li.listLi",
                "fields": {"url": "a::attr(href)", "title": "a::text", "published": "span.listSpan::text"},
            },
            id="zjol by selectors",
        ),
        pytest.param("hangzhou", {"url": "https://hznews.hangzhou.com.cn/chengshi/index.htm"}, id="hangzhou"),
        pytest.param(
            "hangzhou", {"url": "https://hznews.hangzhou.com.cn/xinzheng/yaolan/node_15890.htm"}, id="hangzhou, a node"
        ),
        pytest.param("hangzhou", {"url": "https://it.hangzhou.com.cn/jrjd/yjnews/"}, id="hangzhou, a folder"),
        pytest.param("cnnb", {"url": "http://news.cnnb.com.cn/gnyw/gnsz/"}, id="cnnb"),
        pytest.param("asp", {"url": "http://www.gdcenn.cn/news_list.asp?classid=155"}, id="gdcenn"),
        pytest.param("dirlist", {"url": "https://zfxxgk.ndrc.gov.cn/web/dirlist.jsp"}, id="NDRC's catalogue"),
    ],
)
def test_shipped_columns_are_read_at_their_own_addresses(kind: str, entry: dict[str, object]) -> None:
    found = walk(column(kind, 3, entry={"engine": "html_list", **entry}, items=45))
    assert (len(found.found), wrong(found)) == (45, [])


@pytest.mark.parametrize("seed", range(6))
def test_the_blocks_of_a_front_page_are_one_list(seed: int) -> None:
    found = walk(column("cnnb", seed, entry={"engine": "html_list", "url": "http://news.zgyww.cn/"}, items=40))
    assert (len(found.found), found.pages, wrong(found)) == (30, 1, [])


def test_hours_are_shown_as_hours() -> None:
    found = walk(column("zjol", 1, items=3))
    assert {entry.published_precision for entry, _ in found.found} == {Precision.HOUR}
    assert all(entry.published_at == item.published.replace(minute=0) for entry, item in found.found)


def test_a_page_with_more_links_than_are_looked_at_says_so() -> None:
    def rows(count: int) -> str:
        return "".join(f"<li><a href=/a/2023{n:06}.html>一条新闻的标题第{n}号</a></li>" for n in range(count))

    source = Source(slug="x", name="x", engine="html_list", url=ZJOL.url)
    for body, cut in ((rows(MOST_LINKS), False), (rows(MOST_LINKS + 1), True)):
        listing = read_listing(source, page(f"<ul>{body}</ul>", url=ZJOL.url or ""))
        assert (len(listing.entries), listing.cut) == (MOST_LINKS, cut)
        assert not read_listing(replace(source, rows="li"), page(f"<ul>{body}</ul>", url=ZJOL.url or "")).cut
