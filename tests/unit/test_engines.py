"""Feeds and lists in plain HTML, as sites write them: what is read, what is refused, and in which words."""

import json
import pickle
from datetime import datetime

import pytest

from crawler.engines import read_listing
from crawler.records import BEIJING, Precision, RowFields, Source
from tests.listings import page, refusal, urls

LONG = "本市今年在产业大脑与未来工厂上投入更多力量，" * 12


# --- feed ---------------------------------------------------------------------------------------------------------

FEED = Source(slug="news-feed", name="示例", engine="feed", url="https://news.example.cn/rss.xml")
RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="/feed.xsl"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>示例新闻</title><link>https://news.example.cn/</link>
<item><title><![CDATA[甬城<em>试点</em>新一批产业大脑]]></title><link>/2023/07/a1.html?from=rss&amp;id=1#top</link>
  <pubDate>Wed, 05 Jul 2023 23:54:04 GMT</pubDate><dc:creator>张三</dc:creator><source url="https://a.example/">示例日报</source>
  <category>宁波</category><category>数字经济</category><category>宁波</category>
  <media:title>别的标题</media:title>
  <description>&lt;p&gt;{LONG}&lt;/p&gt;&lt;p&gt;第二段。&lt;/p&gt;</description></item>
<item><title>A&nbsp;B &amp;amp; C</title><link>//other.example.cn/b?x=1&y=2</link><author>someone@example.cn</author>
  <description>{LONG[:60]}……</description></item>
<item><title>无链接有永久号</title><guid>https://news.example.cn/c.html</guid><pubDate>2023-07-06 17:31</pubDate></item>
<item><title>没有地址</title><guid isPermaLink="false">tag:1</guid></item>
</channel></rss>
<!-- generated in 0.1 s -->"""


def test_rss_items_are_read_with_what_they_say() -> None:
    first, second, third = read_listing(FEED, page(RSS, url=FEED.url or "")).entries
    assert {entry.site for entry in (first, second, third)} == {"示例新闻"}
    assert first.url == "https://news.example.cn/2023/07/a1.html?from=rss&id=1"
    assert first.title == "甬城试点新一批产业大脑"
    assert first.published_at == datetime(2023, 7, 6, 7, 54, 4, tzinfo=BEIJING)
    assert first.published_precision is Precision.SECOND
    assert (first.author, first.origin, first.keywords) == ("张三", "示例日报", ("宁波", "数字经济"))
    assert first.body is not None
    assert first.body.endswith("<p>第二段。</p>")
    assert (second.url, second.title) == ("https://other.example.cn/b?x=1&y=2", "A B & C")
    assert (second.published_at, second.author, second.body) == (None, None, None)
    assert third.url == "https://news.example.cn/c.html"
    assert third.published_at == datetime(2023, 7, 6, 17, 31, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        pytest.param("gbk", "text/xml; charset=utf-8", id="gbk bytes, header and declaration say utf-8"),
        pytest.param("gb18030", None, id="gbk bytes, declaration says utf-8"),
        pytest.param("utf-8", "text/xml; charset=gb2312", id="utf-8 bytes, header says gb2312"),
        pytest.param("utf-8-sig", "application/rss+xml", id="utf-8 with a mark"),
        pytest.param("utf-16", "application/rss+xml", id="utf-16"),
    ],
)
def test_a_feed_is_read_by_its_bytes_whatever_it_declares(encoding: str, content_type: str | None) -> None:
    listing = read_listing(FEED, page(RSS.encode(encoding), content_type=content_type))
    assert [entry.title for entry in listing.entries] == ["甬城试点新一批产业大脑", "A B & C", "无链接有永久号"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.example.cn/base/">'
            "<title>示例站</title>"
            '<entry><title type="html">&lt;b&gt;题&lt;/b&gt;</title>'
            '<link rel="self" href="self.xml"/><link href="a.html"/><id>urn:1</id>'
            "<published>2023-07-06T17:31:00+08:00</published><updated>2023-07-07T00:00:01+08:00</updated>"
            f'<author><name>李四</name></author><category term="政策"/>'
            f'<content type="html">&lt;p&gt;{LONG}&lt;/p&gt;</content></entry></feed>',
            id="atom",
        ),
        pytest.param(
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
            "<channel><title>示例站</title></channel>"
            '<item rdf:about="https://news.example.cn/base/a.html"><title>题</title><dc:date>2023-07-06T17:31+08:00</dc:date>'
            "<dc:creator>李四</dc:creator><dc:subject>政策</dc:subject>"
            f"<content:encoded><![CDATA[<p>{LONG}</p>]]></content:encoded></item></rdf:RDF>",
            id="rss 1.0",
        ),
        pytest.param(
            json.dumps(
                {
                    "version": "https://jsonfeed.org/version/1.1",
                    "title": "示例站",
                    "items": [
                        {
                            "id": "1",
                            "url": "https://news.example.cn/base/a.html",
                            "title": "<b>题</b>",
                            "date_published": "2023-07-06T17:31:00+08:00",
                            "authors": [{"name": "李四"}],
                            "tags": ["政策"],
                            "content_html": f"<p>{LONG}</p>",
                        },
                        {"title": "没有地址"},
                        "no item",
                    ],
                },
                ensure_ascii=False,
            ),
            id="json feed",
        ),
    ],
)
def test_other_kinds_of_feed_give_the_same_entry(body: str) -> None:
    (entry,) = read_listing(FEED, page(body, url="https://news.example.cn/base/feed")).entries
    assert entry.url == "https://news.example.cn/base/a.html"
    assert (entry.title, entry.author, entry.keywords) == ("题", "李四", ("政策",))
    assert entry.site == "示例站"
    assert entry.published_at is not None
    assert entry.published_at.astimezone(BEIJING).isoformat(timespec="minutes") == "2023-07-06T17:31+08:00"
    assert entry.body == f"<p>{LONG}</p>"


def test_a_truncated_feed_gives_its_whole_items_and_says_that_it_broke_off() -> None:
    cut = RSS[: RSS.index("/c.html") + 2]
    listing = read_listing(FEED, page(cut))
    assert urls(listing.entries)[-1] == "https://other.example.cn/b?x=1&y=2"
    assert listing.partial
    assert not read_listing(FEED, page(RSS)).partial


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(RSS[: RSS.index("<pubDate>")], "breaks off before its first item", id="cut in the first item"),
        pytest.param("<rss><channel><title>x</title></channel></rss>", "has no items", id="no items"),
        pytest.param("<html><body>维护中</body></html>", "HTML page instead of a feed", id="an HTML page"),
        pytest.param("", "no RSS, Atom or JSON Feed", id="nothing"),
        pytest.param("\x00\xff\x00", "no RSS, Atom or JSON Feed", id="binary"),
        pytest.param('{"items": [{"url": "https://a.example/"}]}', "no JSON Feed", id="other JSON"),
        pytest.param('{"version": "https://jsonfeed.org/version/1", "items": [', "cannot be read", id="broken JSON"),
        pytest.param(
            '<!DOCTYPE r [<!ENTITY a "x">]><rss><channel><item><title>&a;</title><link>https://a.example/</link></item>'
            "</channel></rss>",
            "declares entities",
            id="entities",
        ),
    ],
)
def test_what_is_no_feed_is_an_error_that_says_so(body: str, words: str) -> None:
    assert words in str(refusal(FEED, page(body)))


def test_an_external_entity_is_never_opened() -> None:
    body = (
        '<!DOCTYPE r SYSTEM "file:///etc/hostname"><rss><channel><item><title>t</title><link>https://a.example/</link>'
    )
    (entry,) = read_listing(FEED, page(body + "</item></channel></rss>")).entries
    assert entry.title == "t"


def test_control_characters_do_not_end_the_reading() -> None:
    assert len(read_listing(FEED, page(RSS.replace("甬城", "甬\x08\x1f城"))).entries) == 3


# --- html_list ----------------------------------------------------------------------------------------------------

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
