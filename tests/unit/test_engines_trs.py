"""TRS columns: rows of every dialect, pages counted from zero, stubs at the end; and the articles of the fleet's."""

import pytest

from crawler.engines import read_listing
from crawler.records import Fetch, Source, Verdict
from monitor.demo.sites.kinds.trs_pages import TEMPLATES
from tests.listings import ROOT, ask, column, page, read_article, refusal, urls, walk, wrong

FOLDER = "https://www.example.gov.cn/xxgk/zcfb/tz/"
NDRC = Source(slug="ndrc-notices", name="通知", engine="trs_static", url=FOLDER)


def listed(rows: str, *, script: str = "", url: str = FOLDER) -> str:
    return (
        '<html><body><ul class="menu"><li><a href="/">首页</a></li><li><a href="../">政策发布</a></li></ul>'
        f'<div>{rows}</div><script>{script}</script><ul><li><a href="https://www.example.com/">示例省人民政府门户网站</a></li></ul>'
        "</body></html>"
    )


def rows_of(count: int = 5) -> str:
    return "".join(
        f'<li><a href="./202307/t2023070{n}_135{n}.html" title="关于印发第{n}批示例办法的通知">关于印发第{n}…</a>'
        f"<span>2023/07/0{n}</span></li>"
        for n in range(1, count + 1)
    )


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(
            '<ul class="u-list"><li><a href="{}" title="{}">关于…</a><span>2023/07/06</span></li></ul>', id="NDRC"
        ),
        pytest.param('<ul><li><a href="{}">{}</a><span class="date">2023-07-06</span></li></ul>', id="MOST, a list"),
        pytest.param(
            '<div class="list-main"><a class="list-main-li-item" href="{}"><div class="w_list_title">{}</div>'
            '<div class="w_list_fwzh">国科发〔2023〕8号</div><div class="w_list_rq">2023年07月06日</div></a></div>',
            id="MOST, cards with document numbers",
        ),
        pytest.param(
            '<div class="list-content"><ul><li><a class="pchide" title="{1}" href="{0}">短…</a>'
            '<a class="mhide" href="{0}">短</a>'
            "<span>2023-07-06</span></li></ul></div>",
            id="stats, doubled for telephones",
        ),
        pytest.param(
            '<div class="news_box"><div class="list"><li><h4><a href="{}">{}</a>'
            '<span class="date">2023-07-06</span></h4></li><li class="line"></li></div></div>',
            id="gov.cn, with lines between",
        ),
        pytest.param('<ul class="infolist"><li><a href="{}">{}</a><b>2023.07.06</b></li></ul>', id="gov.cn, infolist"),
        pytest.param(
            '<table class="zz"><tr><td>·</td><td><a href="{}">{}</a></td><td>[2023-07-06]</td></tr></table>',
            id="a table",
        ),
    ],
)
def test_rows_are_read_whatever_their_names(row: str) -> None:
    """The rows' addresses have no day, so that it must be the row's own."""
    titles = [f"关于第{n}项示例工作的通知" for n in range(4)]
    body = "".join(row.format(f"./content_{10_000 + n}.html", title) for n, title in enumerate(titles))
    entries = read_listing(NDRC, page(listed(body), url=FOLDER)).entries
    assert [entry.title for entry in entries] == titles
    assert urls(entries) == [f"{FOLDER}content_{10_000 + n}.html" for n in range(4)]
    assert {str(entry.published_at)[:16] for entry in entries} == {"2023-07-05 16:00"}


def test_rows_of_other_hosts_and_sections_are_entries_and_navigation_is_none() -> None:
    body = (
        f'<ul class="k7">{rows_of(3)}<li><a href="https://www.elsewhere.gov.cn/zhengce/202307/content_6890000.htm">'
        "别处转载的一份政策文件</a><span>2023/07/04</span></li>"
        '<li><a href="../../../zt/202307/t20230703_1359.html">专题里的一篇示例文章</a><span>2023/07/03</span></li></ul>'
    )
    entries = read_listing(NDRC, page(listed(body), url=FOLDER)).entries
    assert urls(entries)[3:] == [
        "https://www.elsewhere.gov.cn/zhengce/202307/content_6890000.htm",
        "https://www.example.gov.cn/zt/202307/t20230703_1359.html",
    ]
    assert len(entries) == 5


def test_the_day_in_the_address_serves_where_the_row_has_none() -> None:
    body = (
        "<ul>"
        + "".join(f'<li><a href="./202307/t20230706_{n}.html">关于第{n}项示例的通知</a></li>' for n in range(3))
        + "</ul>"
    )
    assert {str(entry.published_at)[:10] for entry in read_listing(NDRC, page(listed(body), url=FOLDER)).entries} == {
        "2023-07-05"
    }


@pytest.mark.parametrize(
    ("url", "script", "following"),
    [
        pytest.param(FOLDER, 'createPageHTML(25, 0, "index", "html");', "index_1.html", id="page two is index_1"),
        pytest.param(f"{FOLDER}index.htm", 'createPageHTML(9, 0, "index", "htm");', "index_1.htm", id="a file"),
        pytest.param(f"{FOLDER}index_1.shtml", 'createPageHTML(9,1,"index","shtml")', "index_2.shtml", id="page three"),
        pytest.param(
            f"{FOLDER}index_3.html", 'createPageHTML(9, 0, "index", "html");', "index_4.html", id="a stale counter"
        ),
        pytest.param(f"{FOLDER}index_24.html", 'createPageHTML(25, 24, "index", "html");', None, id="the last page"),
        pytest.param(FOLDER, 'createPageHTML(1, 0, "index", "html");', None, id="the only page"),
        pytest.param(
            FOLDER,
            "var a = 0; //from zero\nvar b=25;createPageHTML(b, a, 'list', '.html');",
            "list_1.html",
            id="variables",
        ),
        pytest.param(
            FOLDER,
            "<!--\nfunction createPageHTML(a,b,c,d){}\n//createPageHTML(9,0,'x','jsp')\n"
            "createPageHTML(9,0,'y','html')\n//-->",
            "y_1.html",
            id="a definition and a comment before the call",
        ),
        pytest.param(FOLDER, "/* createPageHTML(9,0,'x','html') */", None, id="nothing but a comment"),
        pytest.param(FOLDER, "createPageHTML('page_div',50, 1,'fj','htm',1000);", "fj_2.htm", id="counted from one"),
        pytest.param(
            f"{FOLDER}fj_50.htm", "createPageHTML('page_div',50, 50,'fj','htm',1000);", None, id="from one, at its end"
        ),
        pytest.param(FOLDER, "createPageHTML(total, now);", None, id="a call that says nothing"),
        pytest.param(FOLDER, "", "index_1.html", id="a script elsewhere: the software's rule"),
        pytest.param(f"{FOLDER}index.shtml", "", "index_1.shtml", id="the rule keeps the file's suffix"),
        pytest.param(f"{FOLDER}index_1.html", "", None, id="the rule is for the first page"),
    ],
)
def test_the_next_page_is_what_the_script_counts_to(url: str, script: str, following: str | None) -> None:
    listing = read_listing(NDRC, page(listed(f"<ul>{rows_of()}</ul>", script=script), url=url))
    assert (listing.next and listing.next.url) == (following and FOLDER + following)


def test_a_deep_page_without_rows_ends_the_list_and_a_first_page_without_rows_is_an_error() -> None:
    stub = "<html><head><title>示例</title></head><body></body></html>"
    assert read_listing(NDRC, page(stub, url=f"{FOLDER}index_30.html")).entries == ()
    assert read_listing(NDRC, page("", url=f"{FOLDER}index_30.html")).next is None
    assert "no list of articles" in str(refusal(NDRC, page(stub, url=FOLDER)))
    assert "no list of articles" in str(refusal(NDRC, page("", url=FOLDER)))


def test_a_challenge_in_place_of_a_deep_page_is_no_end_of_the_list() -> None:
    shield = "<html><script>document.cookie='__jsl_clearance=1|0|x'</script></html>"
    assert refusal(NDRC, page(shield, url=f"{FOLDER}index_2.html")).verdict is Verdict.CHALLENGE


def test_a_young_column_is_read_although_a_longer_list_stands_beside_it() -> None:
    beside = "".join(
        f'<li><a href="/xwdt/202307/t2023070{n}_9{n}.html">别的栏目的第{n}条新闻报道</a><span>2023-07-0{n}</span></li>'
        for n in range(1, 9)
    )
    body = listed(f'<ul class="a">{rows_of(1)}</ul><div><h3>新闻动态</h3><ul class="b">{beside}</ul></div>')
    assert urls(read_listing(NDRC, page(body, url=FOLDER)).entries) == [f"{FOLDER}202307/t20230701_1351.html"]


def test_a_page_that_broke_off_is_partial() -> None:
    body = listed(f"<ul>{rows_of()}</ul>")
    assert not read_listing(NDRC, page(body, url=FOLDER)).partial
    assert read_listing(NDRC, page(body.partition("<script")[0], url=FOLDER)).partial


def test_rows_behind_an_early_end_of_the_document_are_read() -> None:
    body = f"<html><body><div>头</div></body></html><ul>{rows_of()}</ul></body></html>"
    assert len(read_listing(NDRC, page(body, url=FOLDER)).entries) == 5


# --- the fleet's columns ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_columns_of_the_fleet_are_read_to_their_end_with_names_never_seen(seed: int) -> None:
    found = walk(column("trs", seed, items=45))
    assert (len(found.found), found.pages, wrong(found)) == (45, 3, [])


@pytest.mark.parametrize("items", [1, 2, 3])
@pytest.mark.parametrize("seed", range(6))
def test_columns_with_hardly_an_item_are_read(seed: int, items: int) -> None:
    found = walk(column("trs", seed, items=items))
    assert (len(found.found), wrong(found)) == (items, [])


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("pages", [1, 3])
def test_articles_are_read_once_without_style_copies_and_foot(template: str, pages: int) -> None:
    """Nested, repeated and doubled editor blocks, a source in a comment, an early end, and several pages."""
    url = {"ndrc": "/xxgk/zcfb/tz/", "gov": "/yaowen/index.htm", "most": "/tztg/", "stats": "/sj/zxfb/"}[template]
    for seed in range(3):
        made = column("trs", seed, entry={"engine": "trs_static", "url": f"{ROOT}{url}"}, items=6, pages=pages)
        for entry, item in walk(made).found:
            draft = read_article(made, entry)
            assert (draft.title, draft.text) == (item.title, "\n".join(item.paragraphs))
            assert (draft.origin, draft.published_at) == (item.origin, item.published)
            assert len(draft.more) == 0


def test_the_pages_of_an_article_are_asked_for_by_their_numbers() -> None:
    made = column("trs", 1, entry={"engine": "trs_static", "url": f"{ROOT}/xxgk/zcfb/tz/"}, items=1, pages=3)
    ((entry, _),) = walk(made).found
    suffix = entry.url.rpartition(".")[2]
    second = entry.url.removesuffix(f".{suffix}") + f"_1.{suffix}"
    assert ask(Fetch(url=second), made)[0].status == 200
    assert ask(Fetch(url=second.replace("_1.", "_3.")), made)[0].status == 404


@pytest.mark.parametrize(
    "url",
    [
        "https://www.ndrc.gov.cn/xxgk/zcfb/tz/",
        "https://www.ndrc.gov.cn/xwdt/xwfb/",
        "https://www.gov.cn/yaowen/index.htm",
        "https://www.gov.cn/lianbo/bumen/index.htm",
        "https://www.most.gov.cn/xxgk/xinxifenlei/fdzdgknr/fgzc/gfxwj/",
    ],
)
def test_shipped_columns_are_read_at_their_own_addresses(url: str) -> None:
    found = walk(column("trs", 5, entry={"engine": "trs_static", "url": url}, items=25))
    assert (len(found.found), wrong(found)) == (25, [])
    assert found.asked[0].url == ROOT + url.partition(".cn")[2]


def test_a_gate_leads_to_itself_until_the_cookie_comes_back() -> None:
    made = column("trs", 1, entry={"engine": "trs_static", "url": f"{ROOT}/sj/zxfb/", "cookies": True}, items=5)
    shut, reply = ask(Fetch(url=f"{ROOT}/sj/zxfb/"), made)
    assert (shut.status, reply.headers["Location"]) == (302, "/sj/zxfb/")
    cookie = reply.headers["Set-Cookie"].partition(";")[0]
    assert ask(Fetch(url=f"{ROOT}/sj/zxfb/", headers={"Cookie": cookie}), made)[0].status == 200
