"""Hanweb build/unit: two hops, seven dialects of rows, paging; and the articles of the fleet's Hanweb columns."""

import json
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.engines import ENGINES, read_listing
from crawler.extract import extract
from crawler.records import BEIJING, Capture, Fetch, Hints, Precision, Source, Verdict
from tests.listings import AT, ROOT, ask, column, page, query_of, refusal, source_of, urls, walk, wrong

SITE = "https://www.yw.example.gov.cn"
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
        pytest.param(None, ("甲list", "导航"), "甲list", id="a list in English"),
        pytest.param(None, ("右侧内容", "左侧导航"), "右侧内容", id="the right side, as ministries call it"),
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
        pytest.param(
            None,
            "<html><div id=1><datastore></datastore></div></html>",
            "set engine: hanweb_jpage",
            id="the older engine",
        ),
        pytest.param(None, "", "names no list unit", id="an empty page"),
    ],
)
def test_a_column_page_that_leads_nowhere_says_what_to_do(tag: str | None, body: str, words: str) -> None:
    source = Source(slug="x", name="x", engine="hanweb_unit", url=COLUMN, tag=tag)
    assert words in str(refusal(source, page(body, url=COLUMN)))


def test_of_two_lists_that_of_the_column_itself_is_chosen() -> None:
    body = unit_script("推荐列表", page_id="1229187000") + unit_script("信息列表")
    hop = read_listing(HANWEB, page(f"<html>{body}</html>", url=COLUMN)).hop
    assert query_of(hop)["tagId"] == "信息列表"


@pytest.mark.parametrize("spelled", ["bulidstatic", "buildstatic"])
def test_the_parse_type_is_spelled_as_the_page_spells_it(spelled: str) -> None:
    body = column_page("新闻列表").replace("bulidstatic", spelled).replace("queryData", "QUERYDATA")
    assert query_of(read_listing(HANWEB, page(body, url=COLUMN)).hop)["parseType"] == spelled


def test_numbers_without_quotes_and_other_quotes_are_read() -> None:
    script = (
        """<script querydata='{"webId":3549,"pageId":"1229187636","tagId":"新闻列表","parseType":"bulidstatic"}'>"""
    )
    query = query_of(read_listing(HANWEB, page(script + "</script>", url=COLUMN)).hop)
    assert (query["webId"], query["pageId"]) == ("3549", "1229187636")


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://www.yw.example.gov.cn/col/col1229633710/zbggbzlm20/", id="below a column"),
        pytest.param("https://www.miit.example.gov.cn/jgsj/ghs/wjfb/index.html", id="a ministry's path"),
    ],
)
def test_a_page_id_that_only_the_page_shows_is_taken_from_it(url: str) -> None:
    source = Source(slug="x", name="x", engine="hanweb_unit", url=url, fallback={"webId": "1", "pageId": "2"})
    body = f"<html>{unit_script('右侧内容', page_id='c0ffee0123456789c0ffee0123456789')}</html>"
    hop = read_listing(source, page(body, url=url)).hop
    assert query_of(hop)["pageId"] == "c0ffee0123456789c0ffee0123456789"
    assert query_of(hop)["webId"] == "3549"


def test_after_a_redirect_the_unit_is_asked_where_the_page_is() -> None:
    moved = Capture(
        url=COLUMN,
        final_url="https://yw.example.gov.cn/col/col1229187636/index.html",
        status=200,
        body=column_page("新闻列表").encode(),
        fetched_at=AT,
    )
    hop = read_listing(HANWEB, moved).hop
    assert hop is not None
    assert hop.url.startswith("https://yw.example.gov.cn/api-gateway/")
    assert hop.headers["Referer"] == "https://yw.example.gov.cn/col/col1229187636/index.html"
    row_html = '<li><a href="../art/2026/3/7/art_1_2.html">关于印发</a></li>'
    rows = read_listing(HANWEB, page(unit(row_html), url=hop.url, asked=hop)).entries
    assert urls(rows) == ["https://yw.example.gov.cn/col/art/2026/3/7/art_1_2.html"]


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


def test_links_to_columns_beside_a_headline_are_no_articles() -> None:
    row_html = (
        f'<li><a href="/col/col1229/index.html">[规划]</a><a href="{ART}">关于印发</a><span>2026-03-13</span></li>'
    )
    (entry,) = read_listing(HANWEB, unit_page(unit(row_html))).entries
    assert (entry.url, entry.title) == (ART, "关于印发")
    assert entry.published_at == datetime(2026, 3, 13, tzinfo=BEIJING)


def test_links_to_other_hosts_and_old_addresses_are_kept() -> None:
    rows = """<ul><li><a href="//fzggw.example.gov.cn/art/2023/7/6/art_122_58945012.html">别的部门的通知</a></li>
    <li><a href="https://mp.weixin.qq.com/s/abc">公众号文章</a><span>2026-03-12</span></li>
    <li><a href="../files/plan.pdf">规划全文</a></li>
    <li><a href="javascript:void(0)">展开</a></li><li><a>无</a></li></ul>"""
    entries = read_listing(HANWEB, unit_page(unit(rows))).entries
    assert urls(entries) == [
        "https://fzggw.example.gov.cn/art/2023/7/6/art_122_58945012.html",
        "https://mp.weixin.qq.com/s/abc",
        "https://www.yw.example.gov.cn/col/files/plan.pdf",
    ]
    assert entries[0].published_at == datetime(2023, 7, 6, tzinfo=BEIJING)


def test_both_forms_of_addresses_stand_side_by_side() -> None:
    rows = f"""<li><a href="{ART}">新</a><span>2026-03-13</span></li>
    <li><a href="/art/2023/7/6/art_1229187636_58945012.html">旧</a></li>
    <li><a href="/col/col1/zbgg/art/2026/art_0123456789abcdef0123456789abcdee.html">下级栏目</a></li>"""
    entries = read_listing(HANWEB, unit_page(unit(rows))).entries
    assert [urlsplit(entry.url).path.count("art_") for entry in entries] == [1, 1, 1]
    assert entries[1].published_at == datetime(2023, 7, 6, tzinfo=BEIJING)


def test_an_article_that_moved_is_one_entry_under_two_addresses() -> None:
    old, new = "/art/2026/3/13/art_1_5.html", urlsplit(ART).path
    row = '<li><a href="{}">{}</a><span>2026-03-{}</span></li>'
    rows = [row.format(new, "甲", 13), row.format(old, "甲", 13), row.format(old.replace("_5", "_6"), "甲", 14)]
    assert urls(read_listing(HANWEB, unit_page(unit("".join(rows)))).entries) == [
        ART,
        f"{SITE}/art/2026/3/13/art_1_6.html",
    ]
    same_form = [row.format(old.replace("_5", f"_{n}"), "中标公告", 13) for n in range(3)]
    assert len(read_listing(HANWEB, unit_page(unit("".join(same_form)))).entries) == 3


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
        pytest.param(unit("<a href='/col/col7/index.html'>专题</a>"), "a list without rows", id="columns only"),
        pytest.param('{"success":true,"data":{"html":""}}', "a list without rows", id="empty html"),
        pytest.param('{"success":false,"message":"参数错误"}', "gives no list (参数错误)", id="an error"),
        pytest.param("[]", "gives no list", id="another shape"),
        pytest.param("<html>403</html>", "is not JSON", id="HTML"),
    ],
)
def test_a_unit_without_rows_is_an_error(body: str, words: str) -> None:
    assert words in str(refusal(HANWEB, unit_page(body)))


@pytest.mark.parametrize("body", [unit(""), '{"success":true,"data":{"html":""}}'], ids=["no rows", "empty html"])
def test_a_later_page_of_a_unit_without_rows_is_its_end(body: str) -> None:
    listing = read_listing(HANWEB, unit_page(body, pageNo=27, pageSize=15))
    assert (listing.entries, listing.next) == ((), None)


def test_a_server_that_ignores_the_page_number_is_not_walked_for_ever() -> None:
    """The pager tells: it shows page 1 where page 2 was asked for. Its rows are known, which the poll says."""
    row_html = f'<li><a href="{ART}">关于印发</a></li>'
    listing = read_listing(HANWEB, unit_page(unit(row_html, number=1), pageNo=2, pageSize=15))
    assert (urls(listing.entries), listing.next) == ([ART], None)


def test_without_a_pager_there_is_one_page() -> None:
    body = json.dumps({"data": {"html": f'<li><a href="{ART}">关于印发</a></li>'}})
    assert read_listing(HANWEB, unit_page(body)).next is None


def test_a_plain_page_number_is_never_sent() -> None:
    following = read_listing(HANWEB, unit_page(unit(f'<li><a href="{ART}">关于印发</a></li>'))).next
    assert {"pageNo", "rows", "page"}.isdisjoint(query_of(following))


@pytest.mark.parametrize("seed", range(24))
def test_a_unit_of_the_fleet_is_read_to_its_end(seed: int) -> None:
    found = walk(column("hanweb_unit", seed, items=33))
    assert len(found.found) == 33
    assert wrong(found) == []
    assert found.pages == len(found.asked) - 1


def test_the_fleet_refuses_bare_requests_for_a_unit() -> None:
    made = column("hanweb_unit", 1, items=3)
    listing = read_listing(source_of(made), ask(ENGINES["hanweb_unit"].start(source_of(made)), made)[0])
    assert listing.hop is not None
    assert ask(Fetch(url=listing.hop.url), made)[0].status == 403
    ignored = Fetch(url=f"{listing.hop.url}&pageNo=2&rows=1", headers=listing.hop.headers)
    assert ask(ignored, made)[1].listed == ask(listing.hop, made)[1].listed


# --- articles -----------------------------------------------------------------------------------------------------

SHIPPED: dict[str, tuple[str, dict[str, object]]] = {
    "a column by number": ("hanweb_unit", {"url": "https://www.zj.example.cn/col/col1554467/index.html"}),
    "a column by path": ("hanweb_unit", {"url": "https://www.miit.example.cn/jgsj/ghs/wjfb/index.html"}),
    "a configured tag": (
        "hanweb_unit",
        {"url": "https://yw.example.cn/col/col1229187636/index.html", "tag": "新闻列表", "fallback": {"webId": 3549}},
    ),
    "a unit's number": (
        "hanweb_jpage",
        {"url": "https://jxt.example.cn/col/col1659217/index.html", "params": {"unitid": 5031616}},
    ),
    "the interface": (
        "hanweb_jpage",
        {
            "url": "https://jt.example.cn/module/jpage/dataproxy.jsp",
            "params": {"columnid": 1229, "unitid": 62, "webid": 32},
        },
    ),
    "a catalogue": (
        "hanweb_xxgk",
        {"url": "https://hz.example.cn/module/xxgk/search.jsp", "params": {"infotypeId": "F0100001", "jdid": 149}},
    ),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", SHIPPED)
def test_the_fleet_stands_in_for_the_addresses_of_a_configuration(name: str, seed: int) -> None:
    kind, entry = SHIPPED[name]
    made = column(kind, seed, entry={"engine": kind, **entry}, items=20)
    found = walk(made)
    assert len(found.found) == 20
    assert wrong(found) == []


@pytest.mark.parametrize("seed", range(20))
def test_articles_of_the_fleet_are_read_without_their_noise(seed: int) -> None:
    made = column("hanweb_unit", seed, items=8)
    for entry, item in walk(made).found:
        assert entry.url.startswith(ROOT)
        capture, _ = ask(Fetch(url=entry.url), made)
        hints = Hints.of(source_of(made), entry)
        draft = extract(capture.body, url=capture.url, content_type=capture.content_type, hints=hints)
        assert (draft.title, draft.text) == (item.title, "\n".join(item.paragraphs))
        assert (draft.origin, draft.published_at) == (item.origin, item.published)


def test_one_column_has_articles_under_both_forms_of_address() -> None:
    paths = [urlsplit(entry.url).path for entry, _ in walk(column("hanweb_jpage", 0, items=40)).found]
    assert {path.startswith("/art/") for path in paths} == {True, False}


def test_an_article_that_was_withdrawn_is_gone_under_its_address() -> None:
    made = column("hanweb_unit", 2, items=3)
    entry, item = walk(made).found[0]
    made.withdraw(item.key, 410)
    assert ask(Fetch(url=entry.url), made)[0].status == 410
