"""json_list: the interfaces of single sites as configured entries, walked page by page, and what breaks them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from crawler.engines import ENGINES, read_listing
from crawler.extract import extract
from crawler.records import BEIJING, Capture, Entry, Fetch, Hints, Listing, ListingError, Precision, Source, Verdict
from crawler.sources import load_source_file
from crawler.yamlfile import ConfigError
from monitor.demo.sites.answers import Asked
from monitor.demo.sites.fleet_columns import FleetColumn
from monitor.demo.sites.kinds import (
    Kind,
    Style,
    json_cac,
    json_govcn_latest,
    json_govcn_library,
    json_huiqi,
    json_miit,
    json_yongpai,
    json_zj_search,
)

ROOT = "http://127.0.0.1:8800"
AT = datetime(2026, 7, 6, 9, 31, tzinfo=UTC)
DAY = datetime(2026, 7, 6, tzinfo=BEIJING)
MINUTE = datetime(2026, 7, 6, 17, 31, tzinfo=BEIJING)
SECOND = datetime(2026, 7, 6, 17, 31, 5, tzinfo=BEIJING)
KINDS: Mapping[str, Kind] = {
    "govcn_library": json_govcn_library,
    "govcn_latest": json_govcn_latest,
    "cac": json_cac,
    "miit": json_miit,
    "zj_search": json_zj_search,
    "huiqi": json_huiqi,
    "yongpai": json_yongpai,
}
#: Templates that between them use every variant of the kinds.
SEEDS = (1, 2, 6, 8, 10, 12)
#: Kinds whose lists show the day of an article only.
BY_DAY = {"govcn_library", "govcn_latest", "zj_search"}


def source_of(tmp_path: Path, entry: Mapping[str, Any]) -> Source:
    path = tmp_path / "sources.yaml"
    keys = {"slug": "some-list", "name": "示例", **entry}
    path.write_text(json.dumps({"sources": [keys]}, ensure_ascii=False), encoding="utf-8")
    (source,) = load_source_file(path, environ={})
    return source


def column_of(name: str, entry: Mapping[str, Any], style: Style, items: int) -> FleetColumn:
    column = FleetColumn(
        kind_name=name,
        kind=KINDS[name],
        host="a",
        root=ROOT,
        number=3,
        style=style,
        entry=entry,
        validators=False,
        is_free=lambda item: True,
    )
    for n in range(items):
        at = AT - timedelta(hours=5 * (items - n))
        column.publish(at, listed_at=at)
    return column


def ask(column: FleetColumn, fetch: Fetch, source: Source) -> Capture:
    parts = urlsplit(fetch.url)
    asked = Asked(
        path=parts.path,
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in {**source.headers, **fetch.headers}.items()},
        root=ROOT,
        now=AT,
        visits=1,
        method=fetch.method,
        form=dict(parse_qsl((fetch.body or b"").decode(), keep_blank_values=True)),
        body=fetch.body or b"",
    )
    reply = column.kind.answer(asked, column)
    assert reply is not None, f"{fetch.method} {fetch.url} {fetch.body!r} is none of this column's"
    return Capture(
        url=fetch.url,
        final_url=fetch.url,
        status=reply.status,
        body=reply.body,
        content_type=reply.content_type,
        asked=fetch,
        fetched_at=AT,
    )


def walk(column: FleetColumn, source: Source) -> list[Listing]:
    pages: list[Listing] = []
    request: Fetch | None = ENGINES[source.engine].start(source)
    while request is not None:
        capture = ask(column, request, source)
        assert capture.status == 200
        pages.append(read_listing(source, capture))
        request = pages[-1].next
    return pages


# --- the sites ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", KINDS)
def test_every_row_of_every_page_of_a_site_is_listed(name: str, seed: int, tmp_path: Path) -> None:
    style = Style(seed)
    entry = KINDS[name].entry(ROOT, 3, style)
    items = 33
    column, source = column_of(name, entry, style, items), source_of(tmp_path, entry)
    listed = [row for page in walk(column, source) for row in page.entries]
    published = {item.title: item for item in column.items()}
    assert len({row.url for row in listed}) == len(listed) == items
    assert sorted(row.title or "" for row in listed) == sorted(published)
    for row in listed:
        item = published[row.title or ""]
        day = item.published.replace(hour=0, minute=0)
        assert row.published_at is not None
        assert (
            (row.published_at in (item.published, day))
            if name == "miit"
            else (row.published_at == (day if name in BY_DAY else item.published))
        )
        assert row.origin in (None, item.origin)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", KINDS)
def test_the_articles_of_a_site_are_read_from_its_own_markup(name: str, seed: int, tmp_path: Path) -> None:
    style = Style(seed)
    entry = KINDS[name].entry(ROOT, 3, style)
    column, source = column_of(name, entry, style, 3), source_of(tmp_path, entry)
    by_title = {item.title: item for item in column.items()}
    for listed in walk(column, source)[0].entries:
        item = by_title[listed.title or ""]
        page = ask(column, asked_for(listed, source), source)
        draft = extract(page.body, url=page.final_url, content_type=page.content_type, hints=Hints.of(source, listed))
        assert draft.quality.verdict is Verdict.ARTICLE, draft.quality
        assert (draft.title, draft.text) == (item.title, "\n".join(item.paragraphs))
        assert draft.published_at == item.published
        assert draft.origin == item.origin
        assert name != "govcn_library" or draft.government["doc_number"] == item.doc_number


def asked_for(entry: Entry, source: Source) -> Fetch:
    """What a poll asks for an article: with POST, the query of its address goes as a form."""
    if source.detail is None or source.detail.method != "POST":
        return Fetch(url=entry.url, headers={"Referer": source.url or ""})
    parts = urlsplit(entry.url)
    return Fetch(url=parts._replace(query="").geturl(), method="POST", body=parts.query.encode())


def test_the_library_answers_in_both_shapes() -> None:
    rows = {KINDS["govcn_library"].entry(ROOT, 3, Style(seed))["rows"] for seed in SEEDS}
    assert rows == {"searchVO.listVO", "searchVO.catMap.*.listVO[]"}


def test_the_ministry_answers_in_both_shapes_and_only_to_its_own_page(tmp_path: Path) -> None:
    fields = {KINDS["miit"].entry(ROOT, 3, Style(seed))["fields"]["url"] for seed in SEEDS}
    assert fields == {"data.url", "groupData[0].data.url"}
    entry = {**KINDS["miit"].entry(ROOT, 3, Style(1)), "headers": {}}
    source = source_of(tmp_path, entry)
    assert ask(column_of("miit", entry, Style(1), 3), ENGINES["json_list"].start(source), source).status == 403


def test_an_apps_list_is_an_entry_of_few_keys(tmp_path: Path) -> None:
    entry = {
        "engine": "json_list",
        "url": "http://app.example.com.cn/api3.php?&class_id=4",
        "rows": "data",
        "fields": {"url": "shareurl", "title": "title", "published": "add_time"},
        "page": {"param": "page", "size": 1},
    }
    source = source_of(tmp_path, entry)
    asked = ENGINES["json_list"].start(source)
    row = {"title": "甬城试点", "shareurl": "http://h5.example.com.cn/a/1.html", "add_time": "1783330265"}
    listing = read_listing(source, page([row], asked=asked))
    assert asked.url == "http://app.example.com.cn/api3.php?class_id=4&page=1"
    assert listing.entries[0].published_at == SECOND
    assert listing.next == Fetch(url="http://app.example.com.cn/api3.php?class_id=4&page=2")


def test_a_page_counter_that_the_site_ignores_is_no_list_without_end(tmp_path: Path) -> None:
    """The same rows come again; the poll sees that nothing is fresh, and the engine's next page is another request."""
    source = source_of(tmp_path, {**LIST, "params": {"pageSize": 2}, "page": {"param": "p", "size": 2}})
    first = ENGINES["json_list"].start(source)
    again = read_listing(source, page([ROW, OTHER], asked=first)).next
    assert again is not None
    assert read_listing(source, page([ROW, OTHER], asked=again)).next != again


# --- requests -------------------------------------------------------------------------------------------------------

LIST: Mapping[str, Any] = {
    "engine": "json_list",
    "url": "https://api.example.gov.cn/list?fixed=1",
    "rows": "data",
    "fields": {"url": "link", "title": "name", "published": "time", "origin": "by"},
}
ROW = {"link": "/a/1.html", "name": "甬城试点", "time": "2026-07-06", "by": "示例局"}
OTHER = {"link": "/a/2.html", "name": "另一篇", "time": "2026-07-05"}
ANSWER = json.dumps({"data": [{**ROW, "name": "甬城RAW试点"}]}, ensure_ascii=False).encode()
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def page(rows: Any, *, asked: Fetch | None = None, url: str = "https://api.example.gov.cn/list") -> Capture:
    document = {"data": rows} if isinstance(rows, list) else rows
    body = document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode()
    asked = asked or Fetch(url=url)
    return Capture(url=asked.url, final_url=url, status=200, body=body, asked=asked, fetched_at=AT)


@pytest.mark.parametrize(
    ("keys", "first", "second"),
    [
        pytest.param(
            {"params": {"n": 1, "q": "数字 经济"}, "page": {"param": "p", "size": 1}},
            Fetch(url=f"https://api.example.gov.cn/list?fixed=1&{urlencode({'n': 1, 'q': '数字 经济', 'p': 1})}"),
            Fetch(url=f"https://api.example.gov.cn/list?fixed=1&{urlencode({'n': 1, 'q': '数字 经济', 'p': 2})}"),
            id="query",
        ),
        pytest.param(
            {"form": {"code": "A1"}, "params": {"v": 2}, "page": {"param": "no", "first": 0, "size": 1}},
            Fetch(url="https://api.example.gov.cn/list?fixed=1&v=2", method="POST", headers=FORM, body=b"code=A1&no=0"),
            Fetch(url="https://api.example.gov.cn/list?fixed=1&v=2", method="POST", headers=FORM, body=b"code=A1&no=1"),
            id="form, counted from 0",
        ),
        pytest.param(
            {"form": {"code": "A1"}, "params": {"p": 1}, "page": {"param": "p", "size": 1}},
            Fetch(url="https://api.example.gov.cn/list?fixed=1&p=1", method="POST", headers=FORM, body=b"code=A1"),
            Fetch(url="https://api.example.gov.cn/list?fixed=1&p=2", method="POST", headers=FORM, body=b"code=A1"),
            id="form, and the counter in the query",
        ),
        pytest.param(
            {"json": {"page": {"size": 1}, "q": "浙"}, "page": {"param": "page.no", "size": 1}},
            Fetch(
                url="https://api.example.gov.cn/list?fixed=1",
                method="POST",
                headers={"Content-Type": "application/json"},
                body='{"page": {"size": 1, "no": 1}, "q": "浙"}'.encode(),
            ),
            Fetch(
                url="https://api.example.gov.cn/list?fixed=1",
                method="POST",
                headers={"Content-Type": "application/json"},
                body='{"page": {"size": 1, "no": 2}, "q": "浙"}'.encode(),
            ),
            id="JSON body with a path",
        ),
        pytest.param(
            {"method": "post", "page": {"param": "p", "size": 1}},
            Fetch(url="https://api.example.gov.cn/list?fixed=1", method="POST", headers=FORM, body=b"p=1"),
            Fetch(url="https://api.example.gov.cn/list?fixed=1", method="POST", headers=FORM, body=b"p=2"),
            id="POST of nothing but the counter",
        ),
        pytest.param({}, Fetch(url="https://api.example.gov.cn/list?fixed=1"), None, id="no pages"),
        pytest.param(
            {"json": [1, 2]},
            Fetch(
                url="https://api.example.gov.cn/list?fixed=1",
                method="POST",
                headers={"Content-Type": "application/json"},
                body=b"[1, 2]",
            ),
            None,
            id="JSON body without pages",
        ),
    ],
)
def test_the_page_is_asked_for_where_the_other_parameters_are(
    keys: Mapping[str, Any], first: Fetch, second: Fetch | None, tmp_path: Path
) -> None:
    source = source_of(tmp_path, {**LIST, **keys})
    assert ENGINES["json_list"].start(source) == first
    assert read_listing(source, page([ROW], asked=first)).next == second


@pytest.mark.parametrize(
    ("size", "rows", "goes_on"),
    [
        pytest.param(2, [ROW, OTHER], True, id="full"),
        pytest.param(2, [ROW, ROW], True, id="full, with a row twice"),
        pytest.param(2, [ROW], False, id="fewer rows"),
        pytest.param(None, [ROW], True, id="no size is known"),
    ],
)
def test_a_page_with_fewer_rows_than_its_size_is_the_last(
    size: int | None, rows: list[Any], goes_on: bool, tmp_path: Path
) -> None:
    counter = {"param": "p"} if size is None else {"param": "p", "size": size}
    source = source_of(tmp_path, {**LIST, "page": counter})
    assert (read_listing(source, page(rows)).next is not None) is goes_on


@pytest.mark.parametrize("rows", [pytest.param([], id="empty"), pytest.param({"data": None}, id="null")])
def test_no_rows_behind_the_last_page_end_the_list(rows: Any, tmp_path: Path) -> None:
    source = source_of(tmp_path, {**LIST, "page": {"param": "p"}})
    second = read_listing(source, page([ROW])).next
    assert read_listing(source, page(rows, asked=second)) == Listing()


# --- answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "title"),
    [
        pytest.param(json.dumps({"data": [ROW]}).encode("utf-8-sig"), "甬城试点", id="byte order mark"),
        pytest.param(ANSWER.replace(b"RAW", b"\n\t"), "甬城 试点", id="raw control characters"),
        pytest.param(ANSWER.replace(b"RAW", b"<em>\\/<\\/em>&amp;"), "甬城/&试点", id="markup, escapes, entities"),
        pytest.param(b"cb_1(" + ANSWER + b");", "甬城RAW试点", id="JSONP"),
        pytest.param(b"/**/try{jQuery1.cb(" + ANSWER + b");}catch(e){};", "甬城RAW试点", id="guarded JSONP"),
        pytest.param(ANSWER.decode().encode("gb18030"), "甬城RAW试点", id="GBK"),
        pytest.param(
            json.dumps({"data": [None, 7, {}, {"link": "#"}, ROW, ROW]}).encode(), "甬城试点", id="other rows"
        ),
        pytest.param(json.dumps({"code": 20000, "data": [ROW]}).encode(), "甬城试点", id="an unknown code, and rows"),
    ],
)
def test_answers_are_read_as_sites_write_them(body: bytes, title: str, tmp_path: Path) -> None:
    (entry,) = read_listing(source_of(tmp_path, LIST), page(body)).entries
    assert (entry.url, entry.title) == ("https://api.example.gov.cn/a/1.html", title)
    assert (entry.published_precision, entry.origin) == (Precision.DAY, "示例局")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param({"time": 1783330265}, (SECOND, "second"), id="seconds"),
        pytest.param({"time": "1783330265000"}, (SECOND, "second"), id="ms"),
        pytest.param({"time": 1783296000000}, (DAY, "day"), id="midnight UTC"),
        pytest.param({"time": 1783267200}, (DAY, "day"), id="midnight here"),
        pytest.param({"time": "2026.07.06"}, (DAY, "day"), id="points"),
        pytest.param({"time": "2026-07-06 17:31:05"}, (SECOND, "second"), id="text"),
        pytest.param({"time": "时间:2026-07-06 17:31"}, (MINUTE, "minute"), id="label"),
        pytest.param({"time": 20260706}, (DAY, "day"), id="a number that is a day"),
        pytest.param({"time": 12}, (None, None), id="a number that is none"),
        pytest.param({"time": True}, (None, None), id="no time"),
        pytest.param({"time": None, "link": "/202607/t20260706_1.html"}, (DAY, "day"), id="the address's"),
    ],
)
def test_times_keep_what_they_say(row: Mapping[str, Any], expected: tuple[Any, Any], tmp_path: Path) -> None:
    (entry,) = read_listing(source_of(tmp_path, LIST), page([{**ROW, **row}])).entries
    assert (entry.published_at, entry.published_precision) == expected


@pytest.mark.parametrize(
    ("link", "url"),
    [
        pytest.param("//www.example.gov.cn/c_1.htm", "https://www.example.gov.cn/c_1.htm", id="no scheme"),
        pytest.param("?id=3&amp;x=1", "https://api.example.gov.cn/list?id=3&x=1", id="an entity"),
        pytest.param(
            "/visit/link.do?url=https%3A%2F%2Fw.gov.cn%2F1.html&q=a", "https://w.gov.cn/1.html", id="redirector"
        ),
        pytest.param("http://w.cn/link?url=http://x.cn/1", "http://w.cn/link?url=http://x.cn/1", id="another host's"),
        pytest.param(
            "/show?url=http://x.cn/1", "https://api.example.gov.cn/show?url=http://x.cn/1", id="no redirector"
        ),
    ],
)
def test_addresses_become_whole(link: str, url: str, tmp_path: Path) -> None:
    (entry,) = read_listing(source_of(tmp_path, LIST), page([{**ROW, "link": link}])).entries
    assert entry.url == url


def test_an_address_may_be_made_of_an_id_and_a_row_without_one_has_none(tmp_path: Path) -> None:
    fields = {**LIST["fields"], "url": "id && join('', ['/detail?id=', to_string(id), part])"}
    rows = [{"id": 7, "part": "a"}, {"id": None, "part": "a"}, {"id": 8, "part": None}, {}]
    entries = read_listing(source_of(tmp_path, {**LIST, "fields": fields}), page(rows)).entries
    assert [entry.url for entry in entries] == ["https://api.example.gov.cn/detail?id=7a"]


def test_the_document_itself_may_be_the_list(tmp_path: Path) -> None:
    keys = {name: value for name, value in LIST.items() if name != "rows"}
    body = json.dumps([ROW, OTHER]).encode()
    assert len(read_listing(source_of(tmp_path, keys), page(body)).entries) == 2


def test_rows_of_html_are_read_by_css(tmp_path: Path) -> None:
    fields = {"url": "a::attr(href)", "title": "a::text", "published": ".t::text", "origin": ".t > span::text"}
    credits = "<p class=t><span>来源:示例局</span><span>时间:2026-07-06</span></p>"
    hit = f"<div><a href='/1.html'>甬城<em>试点</em>&amp;</a>{credits}</div>"
    (entry,) = read_listing(source_of(tmp_path, {**LIST, "fields": fields}), page([hit, hit, "", 3])).entries
    assert (entry.url, entry.title, entry.origin) == ("https://api.example.gov.cn/1.html", "甬城试点&", "示例局")
    assert (entry.published_at, entry.published_precision) == (DAY, "day")


def test_rows_of_html_need_no_more_than_their_address(tmp_path: Path) -> None:
    hit = "<div><a href='/1.html' title='甬城试点新一批产业大脑'>甬城试点…</a> 2026-07-06</div>"
    (entry,) = read_listing(source_of(tmp_path, {**LIST, "fields": {"url": "a::attr(href)"}}), page([hit])).entries
    assert (entry.title, entry.published_precision) == ("甬城试点新一批产业大脑", "day")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({"code": 500, "msg": "系统繁忙"}, "an error instead of its list: code 500 系统繁忙", id="code"),
        pytest.param(
            {"code": "401", "message": "请登录", "data": []}, "code 401 请登录", id="code in a string, no rows"
        ),
        pytest.param({"success": False, "data": [ROW]}, "success false", id="no success, though rows"),
        pytest.param({"status": "error", "error": "no such channel"}, "status error no such channel", id="status"),
        pytest.param({"data": []}, "has no rows at rows: data (it holds data)", id="empty"),
        pytest.param(
            {"list": [ROW], "message": "操作成功"}, "(it holds list, message and says “操作成功”)", id="elsewhere"
        ),
        pytest.param({"data": {"list": []}}, "has no rows at rows: data", id="no array"),
        pytest.param(b"[]", "has no rows at rows: data (it is no object)", id="an array"),
        pytest.param(b'"x"', "has no rows at rows: data (it is no object)", id="a string"),
        pytest.param({"data": [{"name": "x"}]}, "has 1 rows and in none of them an address at link", id="no address"),
        pytest.param(b"", "answers with something that is not JSON", id="nothing"),
        pytest.param(b"[" * 100_000, "answers with something that is not JSON", id="nested without end"),
        pytest.param(
            "<html><title>系统 维护</title>".encode(), "with the page “系统 维护” that is not JSON", id="a page"
        ),
    ],
)
def test_what_is_no_list_is_said(body: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(ListingError) as caught:
        read_listing(source_of(tmp_path, LIST), page(body))
    assert str(caught.value).startswith("some-list: https://api.example.gov.cn/list ")
    assert words in str(caught.value)
    assert caught.value.verdict is Verdict.ERROR


def test_a_challenge_in_the_place_of_a_list_is_one(tmp_path: Path) -> None:
    with pytest.raises(ListingError) as caught:
        read_listing(source_of(tmp_path, LIST), page(b"<html><script>var a='__jsl_clearance_s'</script></html>"))
    assert caught.value.verdict is Verdict.CHALLENGE


def test_an_error_on_a_later_page_is_no_end_of_the_list(tmp_path: Path) -> None:
    source = source_of(tmp_path, {**LIST, "page": {"param": "p"}})
    second = read_listing(source, page([ROW])).next
    with pytest.raises(ListingError, match="code 500"):
        read_listing(source, page({"code": 500, "data": None}, asked=second))


def test_rows_of_html_under_fields_for_values_are_said(tmp_path: Path) -> None:
    with pytest.raises(ListingError, match="in none of them an address at link"):
        read_listing(source_of(tmp_path, LIST), page(["<a href='/1'>x</a>"]))


# --- the configuration ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        pytest.param({"rows": "data.["}, "rows: 'data.[' is not a JMESPath expression: it stops short", id="rows"),
        pytest.param(
            {"fields": {"url": "link", "title": "a b"}},
            "fields.title: 'a b' is not a JMESPath expression: column 3, at 'b', is not understood",
            id="field",
        ),
        pytest.param(
            {"fields": {"url": "joined(link)"}}, "there is no function 'joined'", id="a function that there is not"
        ),
        pytest.param({"fields": {"title": "name"}}, "fields: url is missing", id="no address"),
        pytest.param(
            {"fields": {"url": "a::attr(href)", "title": "a[[::text"}}, "'a[[::text' is not a CSS selector", id="CSS"
        ),
        pytest.param({"detail": {"title": "t"}}, "detail: body is missing", id="detail without a body"),
        pytest.param({"detail": {"body": "a..b"}}, "detail.body: 'a..b' is not a JMESPath", id="detail"),
        pytest.param({"form": {"a": 1}, "json": {}}, "json: form is set too", id="two bodies"),
        pytest.param(
            {"form": {"a": 1}, "method": "GET"}, "method: form and json are sent with POST", id="GET with a body"
        ),
    ],
)
def test_mistakes_of_an_entry_are_named_with_their_place(keys: Mapping[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        source_of(tmp_path, {**LIST, **keys})
    assert "sources.yaml:1" in str(caught.value)
    assert message in str(caught.value)
