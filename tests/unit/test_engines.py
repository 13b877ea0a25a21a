"""Listings of every engine, as sites write them: what is read, what is refused, and in which words."""

import json
import pickle
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.engines import ENGINES, read_listing
from crawler.records import BEIJING, Capture, Entry, ListingError, Precision, RowFields, Source, Verdict

AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
LONG = "本市今年在产业大脑与未来工厂上投入更多力量，" * 12


def page(
    body: str | bytes, *, url: str = "https://www.example.gov.cn/list/", content_type: str | None = None
) -> Capture:
    raw = body.encode() if isinstance(body, str) else body
    return Capture(url=url, final_url=url, status=200, body=raw, content_type=content_type, fetched_at=AT)


def urls(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.url for entry in entries]


def refusal(source: Source, capture: Capture) -> ListingError:
    with pytest.raises(ListingError) as caught:
        read_listing(source, capture)
    assert str(caught.value).startswith(f"{source.slug}: ")
    assert capture.final_url.partition("?")[0] in str(caught.value)
    return caught.value


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


# --- sina_roll ----------------------------------------------------------------------------------------------------

SINA = Source(slug="sina-china", name="新浪", engine="sina_roll", params={"pageid": "155", "lid": "1686"}, max_pages=3)
ROLL = "https://feed.mix.sina.com.cn/api/roll/get?pageid=155&lid=1686&num=50&page=1"


def row(number: int, **more: object) -> dict[str, object]:
    return {
        "docid": f"comos:imzexampl{number:07}",
        "url": f"http://finance.sina.com.cn/china/2023-07-06/doc-imzexampl{number:07}.shtml",
        "wapurl": f"https://finance.sina.cn/2023-07-06/detail-imzexampl{number:07}.d.html",
        "title": f"甬城试点  第{number}批产业大脑",
        "ctime": str(1688636401 + number),
        "intime": "1688636405",
        "media_name": "示例日报",
        "keywords": "宁波,数字经济,宁波",
        "img": [],
        **more,
    }


def roll(rows: object, *, code: object = 0, total: int = 31204) -> str:
    result = {"status": {"code": code, "msg": "succ"}, "timestamp": "Thu Jul 06", "total": total, "data": rows}
    return json.dumps({"result": result}, ensure_ascii=False)


def test_a_roll_page_is_read() -> None:
    listing = read_listing(SINA, page(roll([row(1), row(2)]), url=ROLL))
    first = listing.entries[0]
    assert first.url == "https://finance.sina.com.cn/china/2023-07-06/doc-imzexampl0000001.shtml"
    assert (first.title, first.origin, first.keywords) == ("甬城试点 第1批产业大脑", "示例日报", ("宁波", "数字经济"))
    assert first.published_at == datetime.fromtimestamp(1688636402, UTC)
    assert first.published_precision is Precision.SECOND


def test_the_request_asks_for_the_column_with_a_referer() -> None:
    fetch = ENGINES["sina_roll"].start(SINA)
    query = parse_qs(urlsplit(fetch.url).query)
    assert (query["pageid"], query["lid"], query["num"], query["page"]) == (["155"], ["1686"], ["50"], ["1"])
    assert fetch.headers["Referer"].startswith("https://")


def test_a_url_of_ones_own_replaces_the_endpoint_and_keeps_its_query() -> None:
    fetch = ENGINES["sina_roll"].start(
        Source(slug="x", name="x", engine="sina_roll", url="http://127.0.0.1:1/roll?k=1", params={"lid": "9"})
    )
    assert fetch.url.startswith("http://127.0.0.1:1/roll?k=1&")
    assert "lid=9" in fetch.url


@pytest.mark.parametrize(
    "wrapped",
    [
        pytest.param("try{{feedCardJsonpCallback({0});}}catch(e){{}};", id="as the site does"),
        pytest.param("jQuery111_1({0})", id="plain"),
        pytest.param("/**/cb({0});\n", id="with a comment before"),
    ],
)
def test_jsonp_is_unwrapped(wrapped: str) -> None:
    assert len(read_listing(SINA, page(wrapped.format(roll([row(1)])), url=ROLL)).entries) == 1


def test_a_document_listed_twice_is_one_entry() -> None:
    again = row(1, url="https://finance.sina.com.cn/china/2023-07-06/doc-imzexampl0000001.shtml", title="旧题")
    other = row(2, docid=None, url="https://k.sina.com.cn/article_1_abc.html")
    assert len(read_listing(SINA, page(roll([row(1), again, other]), url=ROLL)).entries) == 2


def test_a_row_without_times_or_words_is_still_an_entry() -> None:
    bare = row(1, ctime="", intime="", keywords=[], media_name="", title="")
    (entry,) = read_listing(SINA, page(roll([bare]), url=ROLL)).entries
    assert (entry.title, entry.published_at, entry.keywords, entry.origin) == (None, None, (), None)


def test_the_next_page_is_asked_for_until_the_total_is_reached() -> None:
    following = read_listing(SINA, page(roll([row(1)]), url=ROLL)).next
    assert following is not None
    assert parse_qs(urlsplit(following.url).query)["page"] == ["2"]
    assert read_listing(SINA, page(roll([row(1)], total=50), url=ROLL)).next is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(roll([row(1)], code=11), "status 11", id="a status that is not 0"),
        pytest.param(roll([]), "has no rows", id="no rows"),
        pytest.param(roll(None), "has no rows", id="no data"),
        pytest.param(roll({}), "has no rows", id="data is an object, as PHP does"),
        pytest.param(roll(["x", {"title": "no url"}]), "has no rows", id="rows without urls"),
        pytest.param('{"result": []}', "has no `result`", id="an empty result"),
        pytest.param("<html>busy</html>", "is not JSON", id="HTML"),
    ],
)
def test_a_roll_that_fails_is_an_error_and_not_an_empty_list(body: str, words: str) -> None:
    assert words in str(refusal(SINA, page(body, url=ROLL)))


# --- hanweb_unit --------------------------------------------------------------------------------------------------

COLUMN = "https://www.yw.example.gov.cn/col/col1229187636/index.html"
UNIT = "https://www.yw.example.gov.cn/api-gateway/jpaas-publish-server/front/page/build/unit"
HANWEB = Source(slug="yiwu-news", name="要闻", engine="hanweb_unit", url=COLUMN)


def unit_script(tag: str, *, page_id: str = "1229187636") -> str:
    query = (
        f"{{'webId':'3549','pageId':'{page_id}','parseType':'bulidstatic','pageType':'column','tagId':'{tag}',"
        "'tplSetId':'zfHuDn7pjzPV0dB1wLhu9','editType':'null'}"
    )
    return (
        '<script src="/script/unitbuild.js" url="/api-gateway/jpaas-publish-server/front/page/build/unit" '
        f'queryData="{query}"></script>'
    )


def column_page(*tags: str) -> str:
    return f"<html><head><meta charset=utf-8></head><body>{''.join(unit_script(tag) for tag in tags)}</body></html>"


def unit(html: str, *, count: int = 386, number: int = 1, rows: int = 15) -> str:
    pager = f'<div class="pagination" count="{count}" rows="{rows}" pageNo="{number}"><a href="?p=2">下一页</a></div>'
    body = {"success": True, "code": "200", "message": "生成成功", "data": {"html": html + pager}}
    return json.dumps(body, ensure_ascii=False)


def unit_page(body: str, **parameters: int) -> Capture:
    query = "?webId=3549&pageId=1&parseType=bulidstatic&tagId=x"
    if parameters:
        query += "&paramJson=" + json.dumps(parameters).replace(" ", "")
    return page(body, url=UNIT + query)


def test_the_column_page_leads_to_its_unit() -> None:
    listing = read_listing(HANWEB, page(column_page("新闻列表"), url=COLUMN))
    assert listing.hop is not None
    assert listing.entries == ()
    parts = urlsplit(listing.hop.url)
    assert parts._replace(query="").geturl() == UNIT
    assert parse_qs(parts.query) == {
        "webId": ["3549"],
        "pageId": ["1229187636"],
        "parseType": ["bulidstatic"],
        "pageType": ["column"],
        "tagId": ["新闻列表"],
        "tplSetId": ["zfHuDn7pjzPV0dB1wLhu9"],
        "editType": ["null"],
    }
    assert listing.hop.headers == {"Referer": COLUMN, "X-Requested-With": "XMLHttpRequest"}


@pytest.mark.parametrize(
    ("tag", "tags", "chosen"),
    [
        pytest.param("焦点图", ("新闻列表", "焦点图"), "焦点图", id="the tag of the configuration"),
        pytest.param(None, ("导航", "信息列表", "底部"), "信息列表", id="the only one that sounds like a list"),
        pytest.param(None, ("甲",), "甲", id="the only one"),
    ],
)
def test_the_unit_is_chosen_by_its_tag(tag: str | None, tags: tuple[str, ...], chosen: str) -> None:
    source = Source(slug="x", name="x", engine="hanweb_unit", url=COLUMN, tag=tag)
    hop = read_listing(source, page(column_page(*tags), url=COLUMN)).hop
    assert hop is not None
    assert parse_qs(urlsplit(hop.url).query)["tagId"] == [chosen]


@pytest.mark.parametrize(
    ("tag", "body", "words"),
    [
        pytest.param("列表", column_page("甲", "乙"), "no unit with the tag '列表', only '甲', '乙'", id="a wrong tag"),
        pytest.param(None, column_page("甲列表", "乙列表"), "several units: '甲列表', '乙列表'", id="two lists"),
        pytest.param(None, "<html><p>欢迎</p></html>", "names no list unit", id="no unit"),
        pytest.param(None, "", "names no list unit", id="an empty page"),
    ],
)
def test_a_column_page_that_leads_nowhere_says_what_to_do(tag: str | None, body: str, words: str) -> None:
    source = Source(slug="x", name="x", engine="hanweb_unit", url=COLUMN, tag=tag)
    assert words in str(refusal(source, page(body, url=COLUMN)))


def test_the_fallback_serves_when_the_page_names_no_unit() -> None:
    source = Source(
        slug="x", name="x", engine="hanweb_unit", url=COLUMN, tag="新闻列表", fallback={"webId": "7", "tplSetId": "t"}
    )
    hop = read_listing(source, page("<html></html>", url=COLUMN)).hop
    assert hop is not None
    query = parse_qs(urlsplit(hop.url).query)
    assert (query["webId"], query["tplSetId"], query["pageId"]) == (["7"], ["t"], ["1229187636"])
    assert (query["tagId"], query["parseType"]) == (["新闻列表"], ["bulidstatic"])


def test_a_fallback_without_a_column_number_says_what_is_missing() -> None:
    url = "https://www.miit.example.gov.cn/jgsj/ghs/wjfb/index.html"
    source = Source(slug="x", name="x", engine="hanweb_unit", url=url, fallback={"webId": "7"})
    assert "set fallback: {pageId: …}" in str(refusal(source, page("<html></html>", url=url)))


@pytest.mark.parametrize("parameter", ["", "[]", "{"])
def test_a_page_parameter_that_cannot_be_read_counts_as_page_one(parameter: str) -> None:
    url = f"{UNIT}?webId=1&parseType=b&paramJson={parameter}"
    following = read_listing(HANWEB, page(unit(f'<li><a href="{ART}">甲</a></li>'), url=url)).next
    assert following is not None
    assert json.loads(parse_qs(urlsplit(following.url).query)["paramJson"][0])["pageNo"] == 2


def test_a_challenge_in_place_of_the_column_is_told_apart() -> None:
    body = "<html><script>document.cookie='__jsl_clearance=1|0|x'</script></html>"
    assert refusal(HANWEB, page(body, url=COLUMN)).verdict is Verdict.CHALLENGE


ART = "https://www.yw.example.gov.cn/col/col1/art/2026/art_0123456789abcdef0123456789abcdef.html"


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(
            f'<ul class="page-content"><li class="clearfix"><a class="bt-left" href="{ART}" '
            'title="关于印发示例办法的通知" target="_blank">关于印发示例…</a>'
            '<span class="bt-right">2026-03-13</span></li></ul>',
            id="li.clearfix > a.bt-left + span",
        ),
        pytest.param(
            f'<li><a href="{ART}" title="关于印发示例办法的通知">关于…</a><span>2026-03-13</span></li>',
            id="li > a + span",
        ),
        pytest.param(
            f'<p class="lb-list"><a href="{ART}" title="关于印发示例办法的通知">关于…</a><span>2026-03-13</span></p>',
            id="p.lb-list",
        ),
        pytest.param(f'<li><a href="{ART}">关于印发示例办法的通知</a><b>2026/03/13</b></li>', id="li > a + b"),
        pytest.param(
            f'<table><tr><td><a href="{ART}">关于印发示例办法的通知</a></td><td>[2026-03-13]</td></tr></table>',
            id="td > a, then td with brackets",
        ),
        pytest.param(
            f'<li><span class="lx">采购公告</span><a href="{ART}">关于印发示例办法的通知</a>'
            '<span class="date">2026-03-13</span></li>',
            id="span.lx before",
        ),
        pytest.param(
            f'<table><tr><td><a title="关于印发示例办法的通知" href="{ART}">关于印发</a>'
            '<span class="zc_list_con">（2026年3月13日杭州市人民政府令公布）</span></td></tr></table>',
            id="the date in words",
        ),
        pytest.param(
            f'<li><a href="{ART}"><i>2026-03-13</i>关于印发示例办法的通知</a></li>', id="the date in the link"
        ),
        pytest.param(
            f'<li><a href="{ART[6:]}"><img src="x.jpg"></a><a href="{ART}#a">关于印发示例办法的通知</a>2026.03.13</li>',
            id="a picture before the link",
        ),
    ],
)
def test_every_dialect_of_rows_is_read(rows: str) -> None:
    listing = read_listing(
        HANWEB, unit_page(unit(rows + "<li><a href='/col/col1/art/2026/other.html'>另一篇</a></li>"))
    )
    entry = listing.entries[0]
    assert (entry.url, entry.title) == (ART, "关于印发示例办法的通知")
    assert entry.published_at == datetime(2026, 3, 13, tzinfo=BEIJING)
    assert entry.published_precision is Precision.DAY
    assert len(listing.entries) == 2


def test_links_to_other_hosts_and_old_addresses_are_kept() -> None:
    rows = """<ul><li><a href="//fzggw.example.gov.cn/art/2023/7/6/art_122_58945012.html">别的部门的通知</a></li>
    <li><a href="https://mp.weixin.qq.com/s/abc">公众号文章</a><span>2026-03-12</span></li>
    <li><a href="../files/plan.pdf">规划全文</a></li>
    <li><a href="javascript:void(0)">展开</a></li><li><a>无</a></li></ul>"""
    entries = read_listing(HANWEB, unit_page(unit(rows))).entries
    assert urls(entries) == [
        "https://fzggw.example.gov.cn/art/2023/7/6/art_122_58945012.html",
        "https://mp.weixin.qq.com/s/abc",
        "https://www.yw.example.gov.cn/api-gateway/jpaas-publish-server/front/page/files/plan.pdf",
    ]
    assert entries[0].published_at == datetime(2023, 7, 6, tzinfo=BEIJING)


def test_raw_control_characters_inside_the_json_are_borne() -> None:
    body = unit(f'<li><a href="{ART}">关于印发</a></li>').replace("关于", "关\x01\t\n于")
    assert len(read_listing(HANWEB, unit_page(body)).entries) == 1


def test_the_next_page_is_asked_for_by_param_json() -> None:
    row_html = f'<li><a href="{ART}">关于印发</a></li>'
    following = read_listing(HANWEB, unit_page(unit(row_html))).next
    assert following is not None
    query = parse_qs(urlsplit(following.url).query)
    assert json.loads(query["paramJson"][0]) == {"pageNo": 2, "pageSize": 15}
    assert query["webId"] == ["3549"]
    third = read_listing(HANWEB, unit_page(unit(row_html, number=2), pageNo=2, pageSize=15)).next
    assert third is not None
    assert json.loads(parse_qs(urlsplit(third.url).query)["paramJson"][0])["pageNo"] == 3


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        pytest.param(unit(f'<li><a href="{ART}">甲</a></li>', count=15), {}, id="one page holds all"),
        pytest.param(
            unit(f'<li><a href="{ART}">甲</a></li>', count=16, number=2),
            {"pageNo": 2, "pageSize": 15},
            id="the last page",
        ),
        pytest.param(
            unit(f'<li><a href="{ART}">甲</a></li>', number=1), {"pageNo": 2, "pageSize": 15}, id="page 1 came again"
        ),
    ],
)
def test_the_list_ends(body: str, asked: dict[str, int]) -> None:
    assert read_listing(HANWEB, unit_page(body, **asked)).next is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(unit(""), "a list without rows", id="no rows"),
        pytest.param('{"success":true,"data":{"html":""}}', "a list without rows", id="empty html"),
        pytest.param('{"success":false,"message":"参数错误"}', "gives no list (参数错误)", id="an error"),
        pytest.param("[]", "gives no list", id="another shape"),
        pytest.param("<html>403</html>", "is not JSON", id="HTML"),
    ],
)
def test_a_unit_without_rows_is_an_error(body: str, words: str) -> None:
    assert words in str(refusal(HANWEB, unit_page(body)))


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
