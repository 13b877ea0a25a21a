"""Hanweb's disclosure catalogue: the posted form, its rows and its pager, columns that lead to it."""

from datetime import datetime
from urllib.parse import urlsplit

import pytest

from crawler.engines import ENGINES, read_listing
from crawler.records import BEIJING, Fetch, Listing, Source
from tests.listings import column, form_of, page, query_of, refusal, walk, wrong

SEARCH = "https://www.example.gov.cn/module/xxgk/search.jsp"
CATALOGUE = {"infotypeId": "C0201", "jdid": "3096"}
XXGK = Source(slug="disclosure", name="公开目录", engine="hanweb_xxgk", url=SEARCH, params=CATALOGUE)
XXGK_COLUMN = "https://www.example.gov.cn/col/col1229017138/index.html"
BY_COLUMN = Source(slug="disclosure", name="公开目录", engine="hanweb_xxgk", url=XXGK_COLUMN)


def catalogue_row(number: int, *, gkfs: str | None = "主动公开") -> str:
    marked = "" if gkfs is None else f' gkfs="{gkfs}"'
    return (
        f'<tr><td>{number}</td><td><a{marked} href="/art/2023/7/{number}/art_1229_{number}.html" target="_blank" '
        f'title="关于第{number}项公开的通知">关于第{number}项…</a></td><td>2023-07-0{number}</td></tr>'
    )


def catalogue(rows: str, links: str = "") -> str:
    return f'<table>{rows}</table><table><tr><td align="right">共386条 {links}</td></tr></table>'


PAGER = '<a href="javascript:goPage(2)">下一页</a>&nbsp;<a href="javascript:goPage(20)">尾 页</a>'
ROWS = "".join(catalogue_row(number) for number in range(1, 6))


def searched(body: str, source: Source = XXGK, **form: str) -> Listing:
    fetch = ENGINES["hanweb_xxgk"].start(source)
    posted = "&".join(f"{name}={value}" for name, value in {**form_of(fetch), **form}.items())
    asked = Fetch(url=fetch.url, method="POST", headers=fetch.headers, body=posted.encode())
    return read_listing(source, page(body, url=fetch.url, asked=asked))


def test_the_catalogue_is_asked_for_by_its_form() -> None:
    params = {**CATALOGUE, "divid": "div1229017138", "area": "002482429,002482430"}
    fetch = ENGINES["hanweb_xxgk"].start(Source(slug="x", name="x", engine="hanweb_xxgk", url=SEARCH, params=params))
    form = form_of(fetch)
    assert fetch.url == SEARCH
    assert {name: form[name] for name in params} == params
    assert (form["currpage"], form["sortfield"]) == ("1", ",compaltedate:0")
    assert {"vc_title", "vc_number", "vc_filenumber", "vc_all", "texttype", "fbtime"} <= form.keys()
    assert fetch.headers["X-Requested-With"] == "XMLHttpRequest"
    assert fetch.headers["Referer"] == XXGK_COLUMN


def test_disclosed_rows_are_the_entries() -> None:
    extra = catalogue_row(6, gkfs="依申请公开") + "<tr><td><a href='/art/2020/1/1/art_1_1.html'>热点</a></td></tr>"
    listing = searched(catalogue(ROWS + extra, PAGER))
    assert [entry.title for entry in listing.entries] == [f"关于第{n}项公开的通知" for n in range(1, 6)]
    assert listing.entries[0].url == "https://www.example.gov.cn/art/2023/7/1/art_1229_1.html"
    assert listing.entries[0].published_at == datetime(2023, 7, 1, tzinfo=BEIJING)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(ROWS.replace("主动公开", "公开"), id="another word"),
        pytest.param(ROWS.replace('"', "'"), id="other quotes"),
        pytest.param(ROWS.replace('gkfs="主动公开"', ""), id="no such attribute"),
        pytest.param(ROWS.replace("主动公开", " 主动公开 "), id="blanks in it"),
    ],
)
def test_rows_that_say_it_otherwise_are_borne(rows: str) -> None:
    assert len(searched(catalogue(rows + "<a href='/about.html'>关于</a>")).entries) == 5


@pytest.mark.parametrize(
    ("links", "number", "following"),
    [
        pytest.param(PAGER, "1", "2", id="goPage"),
        pytest.param(PAGER.replace("goPage(2)", "goPage(3)"), "2", "3", id="the second page"),
        pytest.param('<a href="?infotypeId=C0201&currpage=2">下一页</a>', "1", "2", id="an address, and no last page"),
        pytest.param('<a href="javascript:void(0)" onclick="jump(4)">尾页</a>', "3", "4", id="a handler"),
        pytest.param('<a href="javascript:goPage(20)">尾 页</a>', "20", None, id="the last page"),
        pytest.param("", "1", None, id="no pager"),
        pytest.param('<a href="javascript:goPage(1)">首 页</a>', "1", None, id="only a way back"),
    ],
)
def test_the_pagers_links_hold_the_number_of_the_page(links: str, number: str, following: str | None) -> None:
    found = searched(catalogue(ROWS, links), currpage=number).next
    assert (None if found is None else form_of(found)["currpage"]) == following
    assert found is None or form_of(found)["infotypeId"] == "C0201"


def test_a_number_that_the_address_wants_too_is_kept_in_step() -> None:
    url = "https://www.example.gov.cn/module/xxgk/xxgk_rulebase_search.jsp?currpage="
    source = Source(slug="x", name="x", engine="hanweb_xxgk", url=url, params=CATALOGUE)
    assert query_of(ENGINES["hanweb_xxgk"].start(source)) == {"currpage": "1"}
    following = searched(catalogue(ROWS, PAGER), source).next
    assert (query_of(following), form_of(following)["currpage"]) == ({"currpage": "2"}, "2")


def test_a_later_page_of_the_catalogue_without_rows_is_its_end() -> None:
    listing = searched(catalogue(""), currpage="21")
    assert (listing.entries, listing.next) == ((), None)


def test_a_catalogue_without_rows_is_an_error() -> None:
    fetch = ENGINES["hanweb_xxgk"].start(XXGK)
    for body in (catalogue(""), ""):
        assert "lists nothing; check params.infotypeId" in str(refusal(XXGK, page(body, url=SEARCH, asked=fetch)))


def by_column(body: str, source: Source = BY_COLUMN) -> Listing:
    return read_listing(source, page(f"<html><body>{body}</body></html>", url=XXGK_COLUMN))


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(
            '<script>$.ajax({type:"post",url:"/module/xxgk/search.jsp",data:"infotypeId=C0201&jdid=3096&area="});</script>',
            id="a query",
        ),
        pytest.param("<script>var p = {'infotypeId':'C0201', jdid: '3096'};</script>", id="an object"),
        pytest.param("<script>var webid = '3096', infotypeId = 'C0201';</script>", id="the site's number as webid"),
        pytest.param(
            '<input name="q" value="x">'
            '<input type="hidden" name="infotypeId" value="C0201"><input type="hidden" name="jdid" value="3096">',
            id="hidden fields",
        ),
    ],
)
def test_a_column_leads_to_its_catalogue(script: str) -> None:
    hot = '<a href="/art/2020/1/1/art_1_1.html">热点文章的题目</a>'
    listing = by_column(hot + script)
    assert listing.hop is not None
    assert listing.hop.url == SEARCH
    form = form_of(listing.hop)
    assert (form["infotypeId"], form["jdid"], form["divid"]) == ("C0201", "3096", "div1229017138")
    assert listing.hop.headers["Referer"] == XXGK_COLUMN


def test_the_configuration_counts_for_more_than_the_column() -> None:
    source = Source(slug="x", name="x", engine="hanweb_xxgk", url=XXGK_COLUMN, params={"infotypeId": "A1", "jdid": "9"})
    form = form_of(by_column("<script>infotypeId='C0201'; jdid='1'</script>", source).hop)
    assert (form["infotypeId"], form["jdid"]) == ("A1", "9")


def test_a_column_that_shows_its_first_rows_goes_on_by_form() -> None:
    script = "<script>$.post('/module/xxgk/xxgk_rulebase_search.jsp', {infotypeId:'C0201', jdid:'3096'})</script>"
    listing = by_column(catalogue(ROWS, PAGER) + script)
    assert len(listing.entries) == 5
    assert listing.next is not None
    assert urlsplit(listing.next.url).path == "/module/xxgk/xxgk_rulebase_search.jsp"
    assert form_of(listing.next)["currpage"] == "2"
    assert by_column(catalogue(ROWS, PAGER)).next is None


def test_a_catalogue_in_a_frame_is_looked_for_there() -> None:
    src = "/col/col12290171388/index.html?df=/col/col1229017138/index.html&isgk=1"
    listing = by_column(f"<iframe id='xxgk_col_iframe' src='{src}'></iframe>")
    assert listing.hop is not None
    assert listing.hop.url == "https://www.example.gov.cn" + src


def test_a_column_of_plain_links_to_articles_is_read() -> None:
    assert len(by_column(catalogue(ROWS.replace('gkfs="主动公开"', "")) + "<a href='/x.html'>其他</a>").entries) == 5


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param("<html><p>欢迎</p></html>", "shows no catalogue; set params", id="nothing of the kind"),
        pytest.param("", "is empty", id="nothing"),
    ],
)
def test_a_column_without_a_catalogue_says_what_to_do(body: str, words: str) -> None:
    assert words in str(refusal(BY_COLUMN, page(body, url=XXGK_COLUMN)))


@pytest.mark.parametrize("seed", range(16))
def test_a_catalogue_of_the_fleet_is_read_to_its_end(seed: int) -> None:
    found = walk(column("hanweb_xxgk", seed, items=47))
    assert (len(found.found), found.pages) == (47, 3)
    assert wrong(found) == []
