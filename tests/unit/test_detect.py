"""What one page, or its address alone, says of the engine that reads it, and of what is no list."""

from typing import Any

import pytest

from crawler.probing.candidates import Detection
from crawler.probing.detect import by_address, detect
from crawler.probing.entryfile import entries_yaml, entry_of
from crawler.probing.jsonshape import find_html_rows, find_json_rows
from crawler.probing.naming import About, region_of, slug_of
from crawler.records import Capture, Fetch
from crawler.sources import source_of
from tests.offline import NOW

URL = "https://www.example.gov.cn/col/col1229000001/index.html"


def seen(
    body: str | bytes, *, url: str = URL, asked: Fetch | None = None, content_type: str = "text/html"
) -> Detection:
    raw = body.encode() if isinstance(body, str) else body
    return detect(
        Capture(
            url=asked.url if asked else url,
            final_url=url,
            status=200,
            body=raw,
            content_type=content_type,
            fetched_at=NOW,
            asked=asked,
        )
    )


def unit(tag: str) -> str:
    query = f"{{'webId':'1','pageId':'2','parseType':'bulidstatic','tagId':'{tag}'}}"
    return f'<script src="/script/unitbuild.js" url="/api-gateway/x/build/unit" queryData="{query}"></script>'


ROWS = "".join(f'<li><a href="/art/{n}.html">甬城一项工作第{n}批</a></li>' for n in range(9))
TRS = "".join(f'<li><a href="./202611/t20261120_{n}01.html">甬城一项工作第{n}批</a></li>' for n in range(9))


@pytest.mark.parametrize(
    ("body", "engine", "keys"),
    [
        pytest.param(unit("新闻列表"), "hanweb_unit", {"url": URL}, id="one unit"),
        pytest.param(
            unit("焦点图") + unit("信息列表"),
            "hanweb_unit",
            {"url": URL, "tag": "信息列表"},
            id="the unit that sounds so",
        ),
        pytest.param(
            '<div id="7"><script type="text/xml"><datastore></datastore></script></div>',
            "hanweb_jpage",
            {"url": URL},
            id="an embedded datastore",
        ),
        pytest.param(
            "<script>$('#7').jpage({proxyUrl:'/module/web/jpage/dataproxy.jsp'})</script>",
            "hanweb_jpage",
            {"url": URL},
            id="a dataproxy",
        ),
        pytest.param(
            "<script>post('/module/xxgk/search.jsp',{infotypeId:'C01'})</script>",
            "hanweb_xxgk",
            {"url": URL},
            id="a catalogue",
        ),
        pytest.param(f"<ul>{TRS}</ul>", "trs_static", {"url": URL}, id="addresses of TRS"),
        pytest.param(
            f'<ul>{ROWS}</ul><script>createPageHTML(9,0,"index","html")</script>',
            "trs_static",
            {"url": URL},
            id="paging of TRS",
        ),
        pytest.param(f"<ul>{ROWS}</ul>", "html_list", {"url": URL}, id="plain rows"),
        pytest.param('<?xml version="1.0"?><!-- x --><rss version="2.0"></rss>', "feed", {"url": URL}, id="RSS"),
        pytest.param('<feed xmlns="http://www.w3.org/2005/Atom"></feed>', "feed", {"url": URL}, id="Atom"),
        pytest.param('{"version":"https://jsonfeed.org/version/1.1","items":[]}', "feed", {"url": URL}, id="JSON Feed"),
        pytest.param(
            '<html><head><meta http-equiv="refresh" content="0;url=2026-11/20/node_1.htm"></head></html>',
            "epaper",
            {"url": URL},
            id="a refresh to an issue",
        ),
    ],
)
def test_the_first_candidate_is_what_the_signs_say(body: str, engine: str, keys: dict[str, str]) -> None:
    first = seen(body).candidates[0]

    assert (first.engine, first.keys) == (engine, keys)
    assert first.evidence


def test_a_redirect_to_an_issue_is_configured_by_the_address_that_lasts() -> None:
    index = "https://paper.example.cn/paperindex.htm"

    found = seen("<html></html>", url="https://paper.example.cn/2026-11/20/node_1.htm", asked=Fetch(url=index))

    assert (found.candidates[0].engine, found.candidates[0].keys) == ("epaper", {"url": index})


def test_one_issue_of_a_newspaper_leads_to_the_address_of_all() -> None:
    found = seen('<div id="pageLink"></div>', url="https://paper.example.cn/html/2026-11/20/node_1.htm")

    assert [lead.url for lead in found.leads] == ["https://paper.example.cn/paperindex.htm"]


def test_frames_lead_on_but_not_those_that_count_visitors() -> None:
    found = seen('<iframe src="/module/visitcount/visit.jsp?x=1"></iframe><iframe src="/inner/list.html"></iframe>')

    assert [lead.url for lead in found.leads] == ["https://www.example.gov.cn/inner/list.html"]


@pytest.mark.parametrize(
    ("ask", "engine", "keys"),
    [
        pytest.param(
            Fetch(url="https://feed.mix.sina.com.cn/api/roll/get?pageid=155&lid=1686&page=3&r=0.1"),
            "sina_roll",
            {"params": {"num": "50", "pageid": "155", "lid": "1686"}},
            id="Sina's roll",
        ),
        pytest.param(
            Fetch(url="https://zhibo.sina.com.cn/api/zhibo/feed?page=1&zhibo_id=152&tag_id=0&type=1"),
            "sina_live",
            {"params": {"zhibo_id": "152", "tag_id": "0"}},
            id="Sina's live feed",
        ),
        pytest.param(
            Fetch(url="http://x.gov.cn/module/jpage/dataproxy.jsp?page=2&columnid=1&unitid=2&webid=3"),
            "hanweb_jpage",
            {
                "url": "http://x.gov.cn/module/jpage/dataproxy.jsp",
                "params": {"columnid": "1", "unitid": "2", "webid": "3"},
            },
            id="a dataproxy by GET",
        ),
        pytest.param(
            Fetch(
                url="http://x.gov.cn/module/web/jpage/dataproxy.jsp?startrecord=1",
                method="POST",
                body=b"columnid=1&unitid=2",
            ),
            "hanweb_jpage",
            {
                "url": "http://x.gov.cn/module/web/jpage/dataproxy.jsp",
                "params": {"columnid": "1", "unitid": "2"},
                "method": "POST",
            },
            id="a dataproxy by POST",
        ),
        pytest.param(
            Fetch(url="http://x.gov.cn/module/xxgk/search.jsp", method="POST", body=b"infotypeId=C01&jdid=149&area="),
            "hanweb_xxgk",
            {"url": "http://x.gov.cn/module/xxgk/search.jsp", "params": {"infotypeId": "C01", "jdid": "149"}},
            id="a catalogue",
        ),
    ],
)
def test_interfaces_are_known_by_their_address(ask: Fetch, engine: str, keys: dict[str, Any]) -> None:
    (found,) = by_address(ask)

    assert (found.engine, found.keys) == (engine, keys)


def test_other_addresses_say_nothing() -> None:
    assert list(by_address(Fetch(url="https://www.example.cn/list?pageid=1&lid=2"))) == []


TITLES = ("关于印发示例办法的通知", "甬城老旧小区改造全面启动", "示例县公开征求意见", "内河码头扩建工程通过验收")


def made(**fields: Any) -> list[dict[str, Any]]:
    return [
        {name: value.format(n=n, title=title) if isinstance(value, str) else value for name, value in fields.items()}
        for n, title in enumerate(TITLES)
    ]


@pytest.mark.parametrize(
    ("document", "rows", "url", "title", "published"),
    [
        pytest.param(
            made(TITLE="{title}", URL="/a/{n}001.htm", DOCRELPUBTIME="2026-11-2{n}"),
            *(None, "URL", "TITLE", "DOCRELPUBTIME"),
            id="an array alone",
        ),
        pytest.param(
            {
                "vo": {
                    "listVO": made(title="{title}", url="//x.cn/{n}001.htm", pubtime=1788601600000, ptime=1788515200000)
                }
            },
            *("vo.listVO", "url", "title", "pubtime"),
            id="milliseconds",
        ),
        pytest.param(
            {"vo": {"catMap": {k: {"listVO": made(title="{title}" + k, url="/{n}001.htm")} for k in ("a", "b")}}},
            *("vo.catMap.*.listVO[]", "url", "title", None),
            id="a list split by kind",
        ),
        pytest.param(
            {
                "d": [
                    {"groupData": [{"data": row}]}
                    for row in made(title="{title}", url="/{n}1111.html", time="1788601600")
                ]
            },
            *("d", "groupData[0].data.url", "groupData[0].data.title", "groupData[0].data.time"),
            id="rows in groups",
        ),
        pytest.param(
            {
                "data": made(
                    title="{title}", summary="{title}，今天开始。", img="http://x/{n}.jpg", link="/n/{n}234.html"
                )
            },
            *("data", "link", "title", None),
            id="a summary and a picture beside",
        ),
        pytest.param(
            {"data": made(**{"文章-标题": "{title}", "网址": "/n/{n}234.html"})},
            *("data", '"网址"', '"文章-标题"', None),
            id="names that want quotes",
        ),
    ],
)
def test_the_rows_of_a_json_answer_are_found_by_their_shape(
    document: Any, rows: str | None, url: str, title: str, published: str | None
) -> None:
    best = find_json_rows(document)[0]

    assert (best.rows, best.url, best.title, best.published) == (rows, url, title, published)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"code": 500, "msg": "系统繁忙，请稍后再试"}, id="an error"),
        pytest.param({"menu": [{"name": "首页", "url": "/"}, {"name": "新闻", "url": "/xw/"}]}, id="a menu"),
        pytest.param([[1, 2], [3, 4]], id="numbers"),
        pytest.param("text", id="a text"),
    ],
)
def test_what_holds_no_list_has_no_rows(document: Any) -> None:
    assert find_json_rows(document) == [] and find_html_rows(document) is None


def test_rows_may_be_pieces_of_html() -> None:
    found = find_html_rows(
        {"result": [f'<div><a href="/{n}.html">{title}</a></div>' for n, title in enumerate(TITLES)]}
    )

    assert found is not None and (found.rows, len(found.samples)) == ("result", 4)


@pytest.mark.parametrize(
    ("site", "column", "url", "region"),
    [
        pytest.param(
            "中国宁波网", "社会", "http://news.example.com/", "宁波", id="by the site, the city before the country"
        ),
        pytest.param("浙江在线", "温州", "http://news.example.com/", "温州", id="by the column"),
        pytest.param(None, None, "https://fzggw.zj.gov.cn/", "浙江", id="by the host"),
        pytest.param(None, None, "https://www.ndrc.gov.cn/", "全国", id="a ministry's host"),
        pytest.param(None, None, "https://www.example.gov.cn/", None, id="unknown"),
    ],
)
def test_the_region_is_told_where_it_can_be(site: str | None, column: str | None, url: str, region: str | None) -> None:
    assert region_of(About(site=site, column=column), url) == region


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        pytest.param("https://www.ndrc.gov.cn/xxgk/zcfb/tz/", "ndrc-zcfb-tz", id="folders"),
        pytest.param("https://www.gov.cn/yaowen/index.htm", "gov-yaowen", id="the state's own host"),
        pytest.param("http://127.0.0.1:8080/", "site-127-0-0-1", id="an address"),
        pytest.param("https://例子.cn/新闻/", "source", id="nothing that a slug may hold"),
    ],
)
def test_slugs_are_made_of_host_and_path(url: str, slug: str) -> None:
    assert slug_of(url) == slug


def test_an_entry_that_is_written_reads_as_the_source_that_it_came_from() -> None:
    source = source_of(
        {
            "slug": "one",
            "name": "一",
            "engine": "json_list",
            "url": "https://www.example.gov.cn/api",
            "method": "POST",
            "form": {"a": "1"},
            "rows": "data",
            "fields": {"url": "u", "title": "t"},
            "page": {"param": "p", "first": 0},
            "detail": {"method": "POST", "body": "b"},
            "article": {"body": "#zoom"},
            "kind": "policy",
            "every": "90m",
            "interval": {"min": "2m", "max": "1d"},
            "gap": "1500ms",
            "noise": ["今日.*"],
            "tls": {"verify": False},
            "cookies": True,
            "max_pages": 5,
            "disabled": "moved",
        }
    )

    assert source_of(entry_of(source)) == source
    assert "\n    every: 90m\n" in entries_yaml([entry_of(source)])


def test_comments_cannot_break_out_of_their_line() -> None:
    text = entries_yaml([{"slug": "one"}], comments=["a\nslug: two\u2028x\x07"])

    assert text == "sources:\n  # a slug: two x\n  - slug: one\n"
