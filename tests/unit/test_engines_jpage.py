"""Hanweb's dataproxy: the block embedded in the column page, the interface by GET and by POST, and its traps."""

import json
from datetime import datetime
from urllib.parse import quote, urlsplit

import pytest

from crawler.engines import ENGINES, read_listing
from crawler.engines.hanweb_jpage import remedy
from crawler.records import BEIJING, Fetch, Listing, Precision, Source, Verdict
from tests.listings import column, form_of, page, query_of, refusal, urls, walk, wrong

OLD_COLUMN = "https://jxt.example.gov.cn/col/col1659217/index.html"
PROXY = "https://jxt.example.gov.cn/module/jpage/dataproxy.jsp"
JPAGE = Source(slug="jxt-old", name="法规", engine="hanweb_jpage", url=OLD_COLUMN)
KEYS = {"columnid": "1659217", "unitid": "5031616", "webid": "3387"}
DIRECT = Source(slug="jxt-old", name="法规", engine="hanweb_jpage", url=PROXY, params=KEYS)
POSTED = Source(slug="jxt-old", name="法规", engine="hanweb_jpage", url=PROXY, params=KEYS, method="POST")
NOTHING = '<?xml version="1.0" encoding="UTF-8"?>\n<datastore/>\n\n\n'
GROUP = (
    '<a href="/module/jpage/dataproxy.jsp?page=2&appid=1&webid=3387&path=/&columnid=1659217&unitid=5031616'
    '&webname=%E7%A4%BA%E4%BE%8B&permissiontype=0"></a>'
)


def record(number: int, *, quote_mark: str = '"', href: str | None = None) -> str:
    address = href or f"/art/2023/7/{number % 28 + 1}/art_1659217_{58945000 + number}.html"
    anchor = f'<a href="{address}" title="关于第{number}号示例的通知" target="_blank">关于第{number}号…</a>'
    return f"<li>{anchor}<span>2023-07-{number % 28 + 1:02}</span></li>".replace('"', quote_mark)


def store(records: list[str], *, total: int | None = 1928, group: str | None = None, turned: bool = False) -> str:
    parts = [
        "" if group is None else f"<nextgroup><![CDATA[{group}]]></nextgroup>",
        "" if total is None else f"<totalrecord>{total}</totalrecord><totalpage>{total // 15 + 1}</totalpage>",
        "<recordset>" + "\n".join(f"<record><![CDATA[{text}]]></record>" for text in records) + "</recordset>",
    ]
    return f"<datastore>{''.join(reversed(parts) if turned else parts)}</datastore>"


def block(first: int = 1, count: int = 45) -> list[str]:
    return [record(number) for number in range(first, first + count)]


def old_column(*stores: tuple[str, str], script: str = "") -> str:
    holders = "".join(
        f'<div id="{unit_id}" class="list"><script type="text/xml">{text}</script></div>' for unit_id, text in stores
    )
    return f"<html><head><meta charset=utf-8></head><body>{holders}{script}<a href='/about.html'>关于</a></body></html>"


def pager(proxy: str = "/module/jpage/dataproxy.jsp", unit_id: str = "5031616", total: int = 1928) -> str:
    return (
        f"<script>$('#{unit_id}').jpage({{totalRecord:{total},perPage:15,proxyUrl:'{proxy}',ajaxParam:"
        f"{{'col':'1','appid':'1','webid':'3387','path':'/','columnid':'1659217','sourceContentType':'3',"
        f"'unitid':'{unit_id}','webname':'{quote('示例厅')}','permissiontype':'0'}}}});</script>"
    )


def read_old(body: str, source: Source = JPAGE, url: str = OLD_COLUMN) -> Listing:
    return read_listing(source, page(body, url=url))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(store(block(), group=GROUP), id="as the manual has it"),
        pytest.param(store(block(), group=GROUP, turned=True), id="elements in another order"),
        pytest.param(store(block(), group=None), id="without nextgroup"),
        pytest.param(store(block(), total=None), id="without totals"),
        pytest.param(store([record(n, quote_mark="'") for n in range(1, 46)]), id="single quotes"),
        pytest.param(
            store(block())
            .replace("<li>", "<table class='a'><tr><td>·</td><td>")
            .replace("<span>", "</td><td>[")
            .replace("</span></li>", "]</td></tr></table>"),
            id="rows of a table",
        ),
        pytest.param(
            store(block())
            .replace("<![CDATA[", "")
            .replace("]]>", "")
            .replace("<li>", "&lt;li&gt;")
            .replace("</li>", "&lt;/li&gt;"),
            id="escaped instead of CDATA",
        ),
    ],
)
def test_the_first_block_is_read_where_no_selector_sees_it(text: str) -> None:
    listing = read_old(old_column(("5031616", text)))
    assert len(listing.entries) == 45
    first = listing.entries[0]
    assert first.url == "https://jxt.example.gov.cn/art/2023/7/2/art_1659217_58945001.html"
    assert (first.title, first.published_precision) == ("关于第1号示例的通知", Precision.DAY)
    assert first.published_at == datetime(2023, 7, 2, tzinfo=BEIJING)
    assert not listing.partial


def test_the_next_block_is_asked_for_as_nextgroup_says() -> None:
    following = read_old(old_column(("5031616", store(block(), group=GROUP)))).next
    assert following is not None
    assert following.method == "GET"
    assert following.url.startswith(PROXY + "?")
    assert query_of(following) == {
        "page": "2",
        "appid": "1",
        "path": "/",
        "webname": "示例",
        "permissiontype": "0",
        **KEYS,
    }
    assert following.headers["Referer"] == OLD_COLUMN


@pytest.mark.parametrize("proxy", ["/module/jpage/dataproxy.jsp", "/module/web/jpage/dataproxy.jsp"])
@pytest.mark.parametrize("group", [None, GROUP], ids=["by the pager", "by nextgroup"])
def test_the_interface_is_where_the_pages_pager_says(proxy: str, group: str | None) -> None:
    body = old_column(("5031616", store(block(), group=group)), script=pager(proxy))
    following = read_old(body).next
    assert following is not None
    assert urlsplit(following.url).path == proxy


def test_without_nextgroup_the_next_block_is_posted_as_the_pager_does() -> None:
    following = read_old(old_column(("5031616", store(block())), script=pager())).next
    assert query_of(following) == {"startrecord": "46", "endrecord": "90", "perpage": "15"}
    assert form_of(following) == {
        "col": "1",
        "appid": "1",
        "path": "/",
        "sourceContentType": "3",
        "webname": "示例厅",
        "permissiontype": "0",
        **KEYS,
    }


def test_a_larger_page_of_the_configuration_makes_larger_blocks() -> None:
    source = Source(slug="x", name="x", engine="hanweb_jpage", url=OLD_COLUMN, params={"perpage": "50"})
    following = read_old(old_column(("5031616", store(block())), script=pager()), source).next
    assert query_of(following) == {"startrecord": "46", "endrecord": "195", "perpage": "50"}


@pytest.mark.parametrize(
    ("text", "script"),
    [
        pytest.param(store(block(), total=45), pager(total=45), id="the block holds all"),
        pytest.param(store(block(count=7), total=7, group=GROUP), "", id="all, and still a nextgroup"),
        pytest.param(
            store(block(), group=GROUP.replace("1659217", "a8F3bc==").replace("5031616", "0fE2")),
            pager(),
            id="keys in cipher: the later blocks are empty",
        ),
        pytest.param(store(block(), total=None), "", id="nothing says how to go on"),
    ],
)
def test_the_first_block_may_be_the_only_one(text: str, script: str) -> None:
    listing = read_old(old_column(("5031616", text), script=script))
    assert listing.entries
    assert listing.next is None


def test_a_number_in_the_client_side_address_is_no_paging() -> None:
    """The server gives the same first block for every pageNum; uid says which unit is meant."""
    url = OLD_COLUMN + "?uid=5031616&pageNum=2"
    body = old_column(("77", store([record(99)])), ("5031616", store(block(), group=GROUP)))
    listing = read_old(body, Source(slug="x", name="x", engine="hanweb_jpage", url=url), url)
    assert listing.entries[0].title == "关于第1号示例的通知"
    assert "pageNum" not in query_of(listing.next)


@pytest.mark.parametrize(
    ("params", "first"),
    [
        pytest.param({"unitid": "5031616"}, "关于第1号示例的通知", id="by the configuration"),
        pytest.param({}, "关于第1号示例的通知", id="by the column's number"),
        pytest.param({"unitid": "77"}, "关于第99号示例的通知", id="the other one"),
    ],
)
def test_of_several_lists_the_configured_one_is_read(params: dict[str, str], first: str) -> None:
    source = Source(slug="x", name="x", engine="hanweb_jpage", url=OLD_COLUMN, params=params)
    body = old_column(("77", store([record(99)])), ("5031616", store(block(), group=GROUP)))
    assert read_old(body, source).entries[0].title == first


def test_the_only_list_is_read_whatever_its_number_became() -> None:
    source = Source(slug="x", name="x", engine="hanweb_jpage", url=OLD_COLUMN, params={"unitid": "1"})
    assert len(read_old(old_column(("5031616", store(block()))), source).entries) == 45


@pytest.mark.parametrize(
    ("params", "body", "words"),
    [
        pytest.param(
            {},
            old_column(("7", store(block())), ("8", store(block()))),
            "several lists: 7 (45 rows), 8",
            id="several lists",
        ),
        pytest.param(
            {"unitid": "9"},
            old_column(("7", store(block())), ("8", store(block()))),
            "no unit 9, only 7, 8; correct params.unitid",
            id="a wrong unit",
        ),
        pytest.param({}, old_column(("7", store([]))), "unit 7 without records", id="no records"),
        pytest.param({}, "<html><p>欢迎</p></html>", "embeds no datastore; the page has changed", id="no datastore"),
        pytest.param(
            {},
            "<html><script queryData=\"{'webId':'1'}\"></script></html>",
            "set engine: hanweb_unit",
            id="the newer engine",
        ),
        pytest.param({}, "", "embeds no datastore", id="nothing"),
    ],
)
def test_a_column_without_its_list_says_what_to_do(params: dict[str, str], body: str, words: str) -> None:
    source = Source(slug="x", name="x", engine="hanweb_jpage", url=OLD_COLUMN, params=params)
    assert words in str(refusal(source, page(body, url=OLD_COLUMN)))


def test_a_column_with_a_pager_and_no_block_is_asked_for_its_first() -> None:
    hop = read_old(f"<html><div id='5031616'></div>{pager('/module/web/jpage/dataproxy.jsp')}</html>").hop
    assert hop is not None
    assert urlsplit(hop.url).path == "/module/web/jpage/dataproxy.jsp"
    assert query_of(hop)["startrecord"] == "1"
    assert form_of(hop)["unitid"] == "5031616"


@pytest.mark.parametrize(
    ("src", "hop"),
    [
        pytest.param(
            "/col/col16592178/index.html?df=/col/col1659217/index.html&isgk=1",
            "https://jxt.example.gov.cn/col/col16592178/index.html?df=/col/col1659217/index.html&isgk=1",
            id="the frame's address is the column",
        ),
        pytest.param(
            "/module/xxgk/frame.jsp?df=http://[x/col/col1/index.html",
            "https://jxt.example.gov.cn/module/xxgk/frame.jsp?df=http://[x/col/col1/index.html",
            id="it names nothing",
        ),
        pytest.param(
            "/module/xxgk/frame.jsp?df=/col/col16592178/index.html&isgk=1",
            "https://jxt.example.gov.cn/col/col16592178/index.html",
            id="it names the column",
        ),
    ],
)
def test_a_list_in_a_frame_is_looked_for_there(src: str, hop: str) -> None:
    frames = (
        "<iframe src='/module/visitcount/visit.jsp?type=2&i_webid=1'></iframe><iframe src='http://[x'></iframe><iframe>"
        "</iframe><iframe src='/col/col1659217/index.html?isgk=1'></iframe>"
        f"<iframe src='//weather.example.com/col/col1/'></iframe><iframe id='xxgk_col_iframe' src='{src}'></iframe>"
    )
    found = read_old(f"<html>{frames}</html>")
    assert found.hop is not None
    assert (found.hop.url, found.hop.headers) == (hop, {"Referer": OLD_COLUMN})


def test_the_bare_rows_of_a_frames_page_are_read() -> None:
    rows = "".join(
        f"<tr><td><a href='/art/2023/7/{n}/art_122_5{n}.html' title='市政府关于第{n}件事的通知'>市政府…</a></td>"
        f"<td>示政发〔2023〕{n}号</td><td>2023-07-0{n}</td></tr>"
        for n in range(1, 6)
    )
    listing = read_old(f"<html><a href='/about.html'>关于我们</a><table class='xxhk_gfx_list'>{rows}</table></html>")
    assert [entry.title for entry in listing.entries] == [f"市政府关于第{n}件事的通知" for n in range(1, 6)]
    assert listing.entries[4].published_at == datetime(2023, 7, 5, tzinfo=BEIJING)


def test_the_interface_itself_is_asked_by_get() -> None:
    fetch = ENGINES["hanweb_jpage"].start(DIRECT)
    assert fetch.method == "GET"
    assert query_of(fetch) == {"page": "1", "appid": "1", "path": "/", "webname": "", "permissiontype": "0", **KEYS}
    assert fetch.headers["Referer"] == OLD_COLUMN


def test_the_interface_itself_is_asked_by_post() -> None:
    fetch = ENGINES["hanweb_jpage"].start(POSTED)
    assert query_of(fetch) == {"startrecord": "1", "endrecord": "45", "perpage": "15"}
    assert form_of(fetch) == {
        "col": "1",
        "appid": "1",
        "path": "/",
        "sourceContentType": "1",
        "webname": "",
        "permissiontype": "0",
        **KEYS,
    }


def answered(source: Source, body: str, *, content_type: str = "text/html", **query: str) -> Listing:
    """What the engine reads where the interface was asked as the source says, at another place of the list."""
    fetch = ENGINES["hanweb_jpage"].start(source)
    parts = urlsplit(fetch.url)
    keys = "&".join(f"{name}={value}" for name, value in {**query_of(fetch), **query}.items())
    url = parts._replace(query=keys).geturl()
    asked = Fetch(url=url, method=fetch.method, headers=fetch.headers, body=fetch.body)
    return read_listing(source, page(body, url=url, content_type=content_type, asked=asked))


@pytest.mark.parametrize("content_type", ["text/html", "application/json", "text/plain;charset=GBK"])
@pytest.mark.parametrize(
    "wrap",
    [
        pytest.param("{}", id="bare"),
        pytest.param('<?xml version="1.0" encoding="UTF-8"?>\n{}', id="as XML"),
        pytest.param("raw({})", id="JSONP"),
    ],
)
def test_a_block_is_read_whatever_it_claims_to_be(content_type: str, wrap: str) -> None:
    text = store(block(), group=GROUP)
    body = wrap.replace("{}", json.dumps({"result": text}) if wrap.startswith("raw") else text)
    listing = answered(DIRECT, body, content_type=content_type)
    assert len(listing.entries) == 45
    assert query_of(listing.next)["page"] == "2"


def test_json_around_the_block_need_not_be_strict() -> None:
    body = json.dumps({"result": store([record(1)])}, ensure_ascii=False).replace("关于", "\x01关于")
    assert len(answered(DIRECT, f"raw({body})").entries) == 1


def test_blocks_by_get_follow_until_all_are_shown() -> None:
    assert query_of(answered(DIRECT, store(block(), group=None)).next)["page"] == "2"
    assert query_of(answered(DIRECT, store(block(46)), page="2").next)["page"] == "3"
    assert answered(DIRECT, store(block(91), total=135), page="3").next is None
    stuck = store(block(46), group=GROUP)
    assert answered(DIRECT, stuck, page="2").next is None, "nextgroup names the block that this is"
    cipher = store(block(), group=GROUP.replace("1659217", "a8F3bc=="))
    assert answered(DIRECT, cipher).next is None


def test_blocks_by_post_follow_with_the_same_form() -> None:
    following = answered(POSTED, store(block())).next
    assert query_of(following) == {"startrecord": "46", "endrecord": "90", "perpage": "15"}
    assert form_of(following)["unitid"] == "5031616"
    short = answered(POSTED, store(block(count=15))).next
    assert query_of(short)["startrecord"] == "16", "a site that gives fewer than it was asked for loses nothing"
    assert answered(POSTED, store(block(1891, 38)), startrecord="1891", endrecord="1935").next is None
    assert answered(POSTED, store(block(count=44), total=None)).next is None
    assert answered(POSTED, store(block(), total=None)).next is not None


@pytest.mark.parametrize("body", [NOTHING, "", store([])], ids=["54 bytes", "nothing", "no records"])
@pytest.mark.parametrize("source", [DIRECT, POSTED], ids=["get", "post"])
def test_an_empty_block_is_the_end_of_a_list_and_never_a_list(source: Source, body: str) -> None:
    deep = {"page": "9"} if source is DIRECT else {"startrecord": "406", "endrecord": "450"}
    listing = answered(source, body, **deep)
    assert (listing.entries, listing.next) == ((), None)
    fetch = ENGINES["hanweb_jpage"].start(source)
    error = refusal(source, page(body, url=fetch.url, asked=fetch))
    assert "has no records; check params.columnid" in str(error)


def test_another_page_in_the_place_of_a_deep_block_is_an_error() -> None:
    fetch = ENGINES["hanweb_jpage"].start(DIRECT)
    other = page("<html><body>" + "<p>系统维护</p>" * 50 + "</body></html>", url=fetch.url.replace("page=1", "page=4"))
    assert "has no records" in str(refusal(DIRECT, other))
    shield = page("<html><script>document.cookie='__jsl_clearance=1|0|x'</script></html>", url=fetch.url)
    assert refusal(DIRECT, shield).verdict is Verdict.CHALLENGE


def test_a_block_that_breaks_off_says_so() -> None:
    cut = store(block())[:-700]
    listing = answered(DIRECT, cut)
    assert listing.partial
    assert 30 < len(listing.entries) < 45


@pytest.mark.parametrize(
    ("href", "url"),
    [
        pytest.param(
            "http://jtyst.example.cnart/2021/7/6/art_1_2.html",
            "http://jtyst.example.cn/art/2021/7/6/art_1_2.html",
            id="another host",
        ),
        pytest.param(
            "https://jxt.example.gov.cnart/2021/7/6/art_1_2.html",
            "https://jxt.example.gov.cn/art/2021/7/6/art_1_2.html",
            id="the site itself",
        ),
        pytest.param(
            "//jxt.example.gov.cncol/col1/art/2021/art_1_2.html",
            "https://jxt.example.gov.cn/col/col1/art/2021/art_1_2.html",
            id="without a scheme",
        ),
        pytest.param(
            "https://jxt.example.gov.cnarts.example/1.html",
            "https://jxt.example.gov.cnarts.example/1.html",
            id="a host that only begins so",
        ),
        pytest.param("https://mp.weixin.qq.com/s/abc", "https://mp.weixin.qq.com/s/abc", id="an account's post"),
        pytest.param(
            "/module/download/downfile.jsp?classid=0&filename=ab.pdf",
            "https://jxt.example.gov.cn/module/download/downfile.jsp?classid=0&filename=ab.pdf",
            id="a file",
        ),
    ],
)
def test_links_without_their_slash_are_mended(href: str, url: str) -> None:
    assert urls(answered(DIRECT, store([record(1, href=href)])).entries) == [url]


def test_records_without_a_link_are_no_entries() -> None:
    listing = answered(DIRECT, store([record(1), "<li>（空）</li>", "", record(2)]))
    assert [entry.title for entry in listing.entries] == ["关于第1号示例的通知", "关于第2号示例的通知"]


def test_braces_that_are_no_json_are_no_block() -> None:
    fetch = ENGINES["hanweb_jpage"].start(DIRECT)
    assert "has no records" in str(refusal(DIRECT, page("raw({broken})", url=fetch.url)))


def test_of_the_links_of_a_record_the_headline_is_taken() -> None:
    kind, more = '<a href="/col/col9/index.html">[通知]</a>', '<a href="/art/2023/7/6/art_1_9.html">详细</a>'
    text = f"<li>{kind}{record(5)[4:-5]}{more}</li>"
    (entry,) = answered(DIRECT, store([text])).entries
    assert entry.title == "关于第5号示例的通知"


def test_a_record_that_moved_is_one_entry() -> None:
    moved = record(5, href=f"/col/col1659217/art/2023/art_{'ab' * 16}.html")
    assert len(answered(DIRECT, store([record(5), moved, record(6)])).entries) == 2


def test_the_other_address_is_the_remedy_for_a_404() -> None:
    assert remedy(page("", url=PROXY + "?page=1")) == (
        "on part of the sites it is /module/web/jpage/dataproxy.jsp: correct the url"
    )
    assert "it is /module/jpage/dataproxy.jsp" in str(remedy(page("", url=PROXY.replace("/jpage", "/web/jpage"))))
    assert remedy(page("", url=OLD_COLUMN)) is None


#: Styles in which the fleet's column gives its later blocks in cipher: only the first one can be had.
@pytest.mark.parametrize("seed", range(30))
def test_a_dataproxy_of_the_fleet_is_read_to_its_end(seed: int) -> None:
    made = column("hanweb_jpage", seed, items=100)
    cipher = made.style.choice("group", "plain", "plain", "none", "cipher") == "cipher"
    by_post = made.entry.get("method") == "POST"
    found = walk(made)
    assert len(found.found) == (45 if cipher and not by_post else 100)
    assert wrong(found) == []
