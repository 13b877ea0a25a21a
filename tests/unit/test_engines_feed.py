"""RSS, Atom and JSON Feed as sites write them: what is read, what is refused, and in which words."""

import json
from datetime import datetime

import pytest

from crawler.engines import read_listing
from crawler.records import BEIJING, Precision, Source
from monitor.demo.sites.kinds.feeds import FORMS
from tests.listings import column, page, read_article, refusal, urls, walk, wrong

LONG = "本市今年在产业大脑与未来工厂上投入更多力量，" * 12

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


def test_braces_that_a_feed_writes_as_references_are_braces() -> None:
    """RSSHub does so with every brace, lest a template engine takes them."""
    body = RSS.replace("无链接有永久号", "<![CDATA[价格&#123;上&#125;涨]]>")
    assert read_listing(FEED, page(body)).entries[2].title == "价格{上}涨"


# --- the fleet's feeds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(24))
def test_every_form_of_feed_is_read_as_it_was_written(seed: int) -> None:
    found = walk(column("feeds", seed, items=30))
    assert (len(found.found), wrong(found)) == (20, [])


def test_the_feeds_of_the_fleet_have_every_form() -> None:
    forms = {column("feeds", seed).style.choice("form", *FORMS) for seed in range(24)}
    assert forms == set(FORMS)


def test_a_feed_with_the_whole_text_gives_its_body_and_one_with_summaries_none() -> None:
    seeds = {column("feeds", seed).style.choice("form", *FORMS): seed for seed in range(24)}
    whole, summary = (walk(column("feeds", seeds[form], items=3)).found[0] for form in ("full", "summary"))
    assert all(paragraph in (whole[0].body or "") for paragraph in whole[1].paragraphs)
    assert summary[0].body is None


@pytest.mark.parametrize("seed", range(6))
def test_articles_behind_feeds_are_read_without_what_stands_around_them(seed: int) -> None:
    made = column("feeds", seed, items=4)
    for entry, item in walk(made).found:
        draft = read_article(made, entry)
        assert (draft.title, draft.text) == (item.title, "\n".join(item.paragraphs))
        assert (draft.origin, draft.published_at) == (item.origin, item.published)
