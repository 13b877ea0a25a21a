"""Sina's two interfaces: the rolls with their twins and wrappers, and the live feed whose rows are the articles."""

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from crawler.engines import ENGINES, read_listing
from crawler.extract import extract
from crawler.records import BEIJING, ArticleKind, Entry, Fetch, Hints, Precision, Source, Verdict
from tests.listings import ask, column, page, query_of, refusal, source_of, urls, walk, wrong

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


def test_rows_that_shift_while_we_page_are_told_apart_by_their_address() -> None:
    """One is published between two requests: the last row of page 1 comes again as the first of page 2."""
    first = read_listing(SINA, page(roll([row(2), row(1)]), url=ROLL)).entries
    second = read_listing(SINA, page(roll([row(1), row(0)]), url=ROLL.replace("page=1", "page=2"))).entries
    assert len({entry.url for entry in (*first, *second)}) == 3


def test_a_later_page_without_rows_is_the_end_and_no_error() -> None:
    listing = read_listing(SINA, page(roll([]), url=ROLL.replace("page=1", "page=9")))
    assert (listing.entries, listing.next) == ((), None)


@pytest.mark.parametrize("nothing", [[], "", {}, None], ids=["array", "string", "object", "null"])
def test_what_php_writes_for_nothing_is_borne_in_every_field(nothing: object) -> None:
    names = ("title", "wapurl", "media_name", "keywords", "ctime", "intime", "img", "ext", "hqChart", "docid")
    (entry,) = read_listing(SINA, page(roll([row(1, **dict.fromkeys(names, nothing))]), url=ROLL)).entries
    assert (entry.title, entry.published_at, entry.keywords, entry.origin) == (None, None, (), None)


def test_json_inside_a_string_and_numbers_for_strings_are_borne() -> None:
    chart = json.dumps({"stockCharts": "daily", "stockCode": "600177", "stockMarket": "sh"})
    odd = row(1, hqChart=chart, docid=17, ctime=1688636401, title="甬城&#123;试点&#125;")
    (entry,) = read_listing(
        SINA, page(roll([odd, {**odd, "url": "https://k.sina.com.cn/article_2_a.html"}]), url=ROLL)
    ).entries
    assert (entry.title, entry.published_at) == ("甬城{试点}", datetime.fromtimestamp(1688636401, UTC))


def test_rows_that_came_as_a_numbered_object_are_rows() -> None:
    assert len(read_listing(SINA, page(roll({"0": row(1), "2": row(2)}), url=ROLL)).entries) == 2


def test_pictures_and_videos_are_no_articles() -> None:
    others = [row(2, docid="a", url="https://slide.news.sina.com.cn/c/slide_1_2_3.html")]
    others.append(row(3, docid="b", url="http://video.sina.com.cn/p/finance/2023-07-06/detail-i1.d.html"))
    entries = read_listing(SINA, page(roll([row(1), *others]), url=ROLL)).entries
    assert urls(entries) == ["https://finance.sina.com.cn/china/2023-07-06/doc-imzexampl0000001.shtml"]


def test_the_mobile_address_serves_where_the_other_is_missing() -> None:
    (entry,) = read_listing(SINA, page(roll([row(1, url="")]), url=ROLL)).entries
    assert entry.url == "https://finance.sina.cn/2023-07-06/detail-imzexampl0000001.d.html"


def test_only_sinas_own_addresses_become_https() -> None:
    (entry,) = read_listing(SINA, page(roll([row(1, url="http://notsina.com.cn.example/1.html")]), url=ROLL)).entries
    assert entry.url == "http://notsina.com.cn.example/1.html"


def test_half_a_character_that_json_can_hold_is_dropped() -> None:
    text = (
        roll([row(1), row(2)])
        .replace("甬城试点  第1批", r"甬城\ud83d试点")
        .replace("doc-imzexampl0000002", r"doc-\ud83d")
    )
    listing = read_listing(SINA, page(text, url=ROLL))
    assert [entry.title for entry in listing.entries] == ["甬城 试点产业大脑", "甬城试点 第2批产业大脑"]
    assert listing.entries[1].url == "https://finance.sina.cn/2023-07-06/detail-imzexampl0000002.d.html"


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


@pytest.mark.parametrize("seed", range(4))
def test_a_roll_of_the_fleet_is_read_to_its_end(seed: int) -> None:
    found = walk(column("sina_roll", seed, items=120))
    assert (len(found.found), found.pages) == (120, 3)
    assert wrong(found) == []


# --- sina_live ----------------------------------------------------------------------------------------------------

LIVE = Source(slug="sina-live", name="7×24", engine="sina_live", params={"zhibo_id": "152"}, kind=ArticleKind.FLASH)
FEED = "https://zhibo.sina.com.cn/api/zhibo/feed?page=1&page_size=20&tag_id=0&zhibo_id=152"
OWN_PAGE = "https://finance.sina.cn/7x24/2023-07-06/detail-x1.d.html"


def flash(number: object = 3000001, **more: object) -> dict[str, object]:
    return {
        "id": number,
        "zhibo_id": 152,
        "rich_text": "【甬城试点】上半年新增企业86家。",
        "create_time": "2023-07-06 17:31:05",
        "creator": "someone@example.com",
        "docurl": "",
        "multimedia": "",
        "tag": [{"id": "1", "name": "宏观"}, {"id": "3", "name": "公司"}],
        "ext": "",
        **more,
    }


def live(rows: object, *, code: object = 0, **feed: object) -> str:
    data = {"feed": {"list": rows, **feed}}
    return json.dumps({"result": {"status": {"code": code, "msg": "ok"}, "data": data}}, ensure_ascii=False)


def one(**more: object) -> Entry:
    (entry,) = read_listing(LIVE, page(live([flash(**more)]), url=FEED)).entries
    return entry


def test_a_flash_is_whole_in_its_row() -> None:
    entry = one()
    assert entry.whole
    assert entry.body == "<p>【甬城试点】上半年新增企业86家。</p>"
    assert (entry.title, entry.keywords) == ("甬城试点", ("宏观", "公司"))
    assert entry.published_at == datetime(2023, 7, 6, 17, 31, 5, tzinfo=BEIJING)
    assert entry.published_precision is Precision.SECOND


def test_the_live_request_names_channel_and_tag() -> None:
    source = Source(slug="x", name="x", engine="sina_live", params={"zhibo_id": "155", "tag_id": "7"})
    fetch = ENGINES["sina_live"].start(source)
    query = query_of(fetch)
    assert fetch.url.startswith("https://zhibo.sina.com.cn/api/zhibo/feed?")
    assert (query["zhibo_id"], query["tag_id"], query["page"]) == ("155", "7", "1")
    own = Source(slug="x", name="x", engine="sina_live", url="http://127.0.0.1:1/live?dire=b", params={"zhibo_id": "1"})
    moved = ENGINES["sina_live"].start(own)
    assert moved.url.startswith("http://127.0.0.1:1/live?")
    assert query_of(moved)["zhibo_id"] == "1"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        pytest.param(" 【甬城试点：首批】上半年……", "甬城试点：首批", id="the leading bracket"),
        pytest.param("央行今日开展逆回购。中标利率不变。", "央行今日开展逆回购", id="the first sentence"),
        pytest.param("央行：【临时】开展逆回购！", "央行：【临时】开展逆回购！", id="a bracket within is no headline"),
        pytest.param("甲" * 60 + "。", "甲" * 40 + "…", id="a long sentence is cut"),
        pytest.param("第一行<br/>第二行", "第一行", id="the first line"),
        pytest.param("。", "。", id="no sentence"),
        pytest.param("<b>甬城</b>&nbsp;试点&amp;推广", "甬城 试点&推广", id="markup is no text"),
    ],
)
def test_the_headline_is_found_in_the_text(text: str, title: str) -> None:
    assert one(rich_text=text).title == title


def test_the_body_holds_the_text_and_no_markup_of_the_row() -> None:
    body = one(rich_text="利率<b>低于</b>3% & a<b>c<br><script>x()</script>第二段<!-- y -->").body
    assert body == "<p>利率低于3% &amp; ac</p>\n<p>第二段</p>"


@pytest.mark.parametrize(
    ("more", "url"),
    [
        pytest.param({"docurl": OWN_PAGE}, OWN_PAGE, id="docurl"),
        pytest.param({"ext": json.dumps({"docurl": OWN_PAGE.replace("https", "http")})}, OWN_PAGE, id="docurl in ext"),
        pytest.param(
            {"docurl": "https://finance.sina.com.cn/china/2023-07-06/doc-imzexampl0000001.shtml"},
            "https://zhibo.sina.com.cn/api/zhibo/feed?zhibo_id=152&id=3000001",
            id="the article that it points to keeps its address",
        ),
        pytest.param(
            {}, "https://zhibo.sina.com.cn/api/zhibo/feed?zhibo_id=152&id=3000001", id="none: the row's number"
        ),
        pytest.param(
            {"ext": [], "docurl": []},
            "https://zhibo.sina.com.cn/api/zhibo/feed?zhibo_id=152&id=3000001",
            id="what PHP writes for none",
        ),
        pytest.param(
            {"ext": "{broken"}, "https://zhibo.sina.com.cn/api/zhibo/feed?zhibo_id=152&id=3000001", id="broken ext"
        ),
    ],
)
def test_a_flash_has_one_address_at_every_poll(more: dict[str, object], url: str) -> None:
    assert one(**more).url == url
    later = page(live([flash(), flash(3000000), flash(**more)]), url=FEED.replace("page=1", "page=2"))
    assert url in urls(read_listing(LIVE, later).entries)


def test_the_companies_of_a_flash_are_the_articles_stocks() -> None:
    stocks: list[dict[str, object]] = [{"market": "cn", "symbol": "sh600177", "key": "示例股份"}]
    stocks += [{"market": "us", "symbol": "ABC", "key": "x"}, {"symbol": "sz000001", "key": []}]
    entry = one(rich_text="【示例股份】示例股份公布半年报。", ext=json.dumps({"stocks": stocks}))
    draft = extract((entry.body or "").encode(), url=entry.url, content_type="text/html", hints=Hints.of(LIVE, entry))
    assert [(stock.code, stock.name) for stock in draft.stocks] == [
        ("sh600177", "示例股份"),
        ("sz000001", ""),
    ]
    assert draft.text == "【示例股份】示例股份公布半年报。"


@pytest.mark.parametrize("text", ["降准。", "【甬城试点】", "央行：开展逆回购。", "沪指涨1%，报3200点。"])
def test_a_flash_is_an_article_however_short(text: str) -> None:
    entry = one(rich_text=text)
    draft = extract((entry.body or "").encode(), url=entry.url, content_type="text/html", hints=Hints.of(LIVE, entry))
    assert (draft.quality.verdict, draft.text, draft.kind) == (Verdict.ARTICLE, text, ArticleKind.FLASH)
    assert draft.title == entry.title
    assert draft.published_precision is Precision.SECOND


def test_the_next_page_is_the_next_ten_whatever_was_asked_for() -> None:
    listing = read_listing(LIVE, page(live([flash(n) for n in range(10)]), url=FEED))
    assert query_of(listing.next)["page"] == "2"
    assert query_of(listing.next)["zhibo_id"] == "152"
    told = live([flash()], page_info={"totalPage": 1})
    assert read_listing(LIVE, page(told, url=FEED)).next is None


def test_a_later_page_without_flashes_is_the_end() -> None:
    listing = read_listing(LIVE, page(live(""), url=FEED.replace("page=1", "page=5")))
    assert (listing.entries, listing.next) == ((), None)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(live([flash()], code=3), "status 3 ok; check params.zhibo_id", id="a status that is not 0"),
        pytest.param(live([]), "has no flashes", id="no rows"),
        pytest.param(live([flash(rich_text="")]), "has no flashes", id="rows without text"),
        pytest.param(live([flash(rich_text=[])]), "has no flashes", id="rows with what PHP writes for no text"),
        pytest.param(live([flash(id="")]), "has no flashes", id="rows without number and address"),
        pytest.param('{"result":{"status":{"code":0},"data":[]}}', "has no flashes", id="no feed"),
        pytest.param('{"result":{"status":[]}}', "answers status None", id="no status"),
        pytest.param("busy", "is not JSON", id="text"),
    ],
)
def test_a_live_feed_that_fails_is_an_error(body: str, words: str) -> None:
    assert words in str(refusal(LIVE, page(body, url=FEED)))


def test_a_time_that_cannot_be_read_is_none() -> None:
    assert one(create_time="刚刚").published_at is None


def test_midnight_is_meant_to_the_second() -> None:
    assert one(create_time="2023-07-06 00:00:00").published_precision is Precision.SECOND


@pytest.mark.parametrize("seed", range(4))
def test_a_live_feed_of_the_fleet_is_read_to_its_end(seed: int) -> None:
    made = column("sina_live", seed, items=34)
    found = walk(made)
    assert len(found.found) == 34
    assert {entry.published_at for entry, _ in found.found} == {item.published for _, item in found.found}
    assert wrong(found) == []
    assert all(entry.whole and entry.body for entry, _ in found.found)


def test_a_roll_article_of_the_fleet_is_read_without_its_noise() -> None:
    made = column("sina_roll", 1, items=3)
    entry, item = walk(made).found[0]
    capture, _ = ask(Fetch(url=entry.url), made)
    hints = Hints.of(source_of(made), entry)
    draft = extract(capture.body, url=capture.url, content_type=capture.content_type, hints=hints)
    assert (draft.title, draft.text) == (item.title, "\n".join(item.paragraphs))
    assert (draft.origin, draft.editor, draft.published_at) == (item.origin, item.editor, item.published)
