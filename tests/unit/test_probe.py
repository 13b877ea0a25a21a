"""What probe makes of an address, over a web of a few pages in memory: engines, traps, refusals, the printed entry."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest

from crawler.probing.probe import worth_of
from crawler.records import BEIJING, Entry, Fetch, Source, Trouble
from tests.listpages import TEMPLATES, Row, Template, long_navigation, page, rows
from tests.offline import COLUMN, NOW, Page, Web, probed, read_back


def shown(entries: tuple[Entry, ...]) -> dict[str, tuple[str | None, Any]]:
    return {
        entry.url: (entry.title, entry.published_at and entry.published_at.astimezone(BEIJING).date())
        for entry in entries
    }


# -- lists in plain HTML


@pytest.mark.parametrize(("template", "listed"), [pytest.param(*each, id=name) for name, each in TEMPLATES.items()])
def test_the_list_of_a_page_is_told_from_the_rest(template: Template, listed: tuple[Row, ...], tmp_path: Path) -> None:
    found = probed({COLUMN: Page(template(listed))})

    assert found.best is not None, found.trouble
    markup = template(listed)
    expected = {
        urljoin(COLUMN, row.path): (row.title, row.day if f"{row.day:%Y}" in markup + row.path else None)
        for row in listed
    }
    got = shown(found.best.entries)
    if "/n/" in listed[0].path:  # neither the page nor the addresses say a day
        expected = {url: (title, None) for url, (title, _) in expected.items()}
    assert got == expected
    assert read_back(found, tmp_path).engine == "html_list"


def test_a_page_without_a_list_is_none() -> None:
    found = probed({COLUMN: Page(page("<p>本栏目正在建设中，敬请关注示例县人民政府门户网站的其他栏目。</p>" * 9))})

    assert found.best is None
    assert found.trouble is not None and "no list can be recognised" in found.trouble


def test_a_navigation_alone_is_no_list() -> None:
    found = probed({COLUMN: Page(long_navigation(()))})

    assert found.best is None and found.trouble


@pytest.mark.parametrize(
    "charset", [pytest.param("gb18030", id="GB"), pytest.param("utf-8", id="UTF-8"), pytest.param("big5", id="Big5")]
)
def test_a_charset_that_nobody_names_is_recognised(charset: str, tmp_path: Path) -> None:
    listed = rows(12)
    markup = long_navigation(listed).replace('<meta charset="utf-8">', "")
    if charset == "big5":
        markup = markup.translate(str.maketrans("县办号备总个批动业农产进会关于", "縣辦號備總個批動業農產進會關於"))
    body = markup.encode(charset, errors="xmlcharrefreplace")

    found = probed({COLUMN: Page(body)})

    assert found.best is not None and len(found.best.entries) == 12
    assert all("\ufffd" not in (entry.title or "") for entry in found.best.entries)


# -- pages that lead on


def test_a_jump_within_the_site_is_followed_and_its_target_configured(tmp_path: Path) -> None:
    target = "https://www.example-county.gov.cn/xw/list/index.html"
    jump = '<html><head><meta http-equiv="refresh" content="0; url=list/index.html"></head><body></body></html>'

    found = probed({COLUMN: Page(jump), target: Page(long_navigation(rows(12)))})

    assert read_back(found, tmp_path).url == target
    assert found.best is not None and f"jumps to {target}" in found.best.candidate.evidence


def test_a_jump_to_another_site_is_not_followed() -> None:
    other = "https://www.elsewhere.com.cn/"
    web = Web({COLUMN: Page(f"<script>location.href='{other}'</script>"), other: Page(long_navigation(rows(12)))})

    found = probed(web)

    assert found.best is None and found.trouble
    assert [fetch.url for fetch in web.asked] == [COLUMN]


def test_the_column_of_an_article_is_found_by_its_breadcrumb(tmp_path: Path) -> None:
    article = "https://www.example-county.gov.cn/xw/202611/4100001.html"
    markup = page(
        '<div>当前位置：<a href="/">首页</a> &gt; <a href="/xw/index.html">工作动态</a></div><h1>甬城一项工作启动</h1>',
        head='<meta name="ArticleTitle" content="甬城一项工作启动"><meta name="PubDate" content="2026-11-20 09:00">'
        '<meta name="ColumnName" content="工作动态">',
    )

    found = probed({article: Page(markup), COLUMN: Page(long_navigation(rows(12)))}, article)

    assert read_back(found, tmp_path).url == COLUMN


def test_an_article_with_others_beside_it_is_not_taken_for_a_list() -> None:
    lines = (f"　　记者{n}日从示例县了解到，这项工作已经进入第{n}个阶段，预计今年年底以前全部完成。" for n in range(9))
    text = "".join(f"<p>{line}</p>" for line in lines)
    others = "".join(f'<li><a href="{row.path}">{row.title}</a><span>{row.day}</span></li>' for row in rows(9))
    title = "示例县一项重要工作取得新的进展"
    markup = f"<h1>{title}</h1><div>2026-11-20 09:00 来源：示例日报</div><div>{text}</div><div><ul>{others}</ul></div>"

    found = probed({COLUMN: Page(page(markup, title=title))})

    assert found.best is None
    assert found.trouble is not None and f"is an article (“{title}”)" in found.trouble


def test_a_feed_that_the_page_names_is_taken_where_the_page_lists_nothing(tmp_path: Path) -> None:
    feed = "https://www.example-county.gov.cn/rss.xml"
    items = "".join(
        f"<item><title>{row.title}</title><link>https://www.example-county.gov.cn{row.path}</link></item>"
        for row in rows(5)
    )
    head = '<link rel="alternate" type="application/rss+xml" href="/rss.xml">'
    pages = {
        COLUMN: Page(page("<p>欢迎来到示例县。</p>", head=head)),
        feed: Page(
            f'<rss version="2.0"><channel><title>示例县</title>{items}</channel></rss>', content_type="text/xml"
        ),
    }

    found = probed(pages)

    source = read_back(found, tmp_path)
    assert (source.engine, source.url) == ("feed", feed)


def test_a_page_that_shows_another_one_in_a_frame_is_configured_by_the_inner_address(tmp_path: Path) -> None:
    inner = "https://www.example-county.gov.cn/xw/inner.html"
    pages = {COLUMN: Page(page('<iframe src="inner.html"></iframe>')), inner: Page(long_navigation(rows(12)))}

    assert read_back(probed(pages), tmp_path).url == inner


# -- refusals


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(Page("", status=404), ("answers 404", "check the url"), id="404"),
        pytest.param(Page("", status=403), ("answers 403", "refuses"), id="403"),
        pytest.param(Page("<script>$_ts={}</script>", status=412), ("answers 412", "not solved"), id="River Security"),
        pytest.param(
            Page("<script>document.cookie='__jsl_clearance=1'</script>"), ("challenge", "hours"), id="Knownsec"
        ),
        pytest.param(Page("<h1>您访问的页面不存在</h1>"), ("soft 404",), id="soft 404"),
        pytest.param(Page("", status=405), ("answers 405", "--post"), id="405"),
        pytest.param(Page(""), ("empty page",), id="empty"),
        pytest.param(
            Page('<html><body><div id="app"></div><script src="/js/app.8f3e1c2a.js"></script></body></html>'),
            ("client-rendered", "network view"),
            id="a shell",
        ),
        pytest.param(
            Page('{"code":500,"msg":"缺少参数"}', content_type="application/json"),
            ("code 500", "--post"),
            id="JSON error",
        ),
        pytest.param(Page("<urlset><url></url></urlset>", content_type="text/xml"), ("sitemap",), id="a sitemap"),
        pytest.param(Page("<p>数字".encode() + b"\xff\xfe\xff\x81" * 20 + b"</p>"), ("lost", "charset"), id="garbled"),
        pytest.param(Trouble.ROBOTS, ("robots.txt",), id="robots.txt"),
        pytest.param(Trouble.DNS, ("dns",), id="no such host"),
    ],
)
def test_what_is_no_list_is_said_with_what_to_do(answer: Any, words: tuple[str, ...]) -> None:
    found = probed({COLUMN: answer})

    assert found.best is None and found.trouble is not None
    assert all(word in found.trouble for word in words), found.trouble


def test_a_site_that_wants_a_referer_gets_one_and_the_entry_says_so(tmp_path: Path) -> None:
    def answer(fetch: Fetch, source: Source) -> Page:
        given = {**source.headers, **fetch.headers}.get("Referer")
        return Page(long_navigation(rows(12))) if given else Page("403", status=403)

    found = probed({COLUMN: answer})

    assert read_back(found, tmp_path).headers == {"Referer": "https://www.example-county.gov.cn/"}


def test_a_cookie_gate_is_passed_with_cookies_and_the_entry_says_so(tmp_path: Path) -> None:
    class Gate(Web):
        async def fetch(self, fetch: Fetch, source: Source) -> Any:
            pages = self.pages if source.cookies else {fetch.url: Trouble.REDIRECTS}
            return await Web(pages).fetch(fetch, source)

    found = probed(Gate({COLUMN: Page(long_navigation(rows(12)))}))

    assert read_back(found, tmp_path).cookies


@pytest.mark.parametrize(
    ("target", "words"),
    [
        pytest.param("https://www.example-county.gov.cn/", "front page", id="the front page"),
        pytest.param("https://www.example-county.gov.cn/login.html", "login", id="a login"),
    ],
)
def test_a_column_that_redirects_elsewhere_is_gone_whatever_is_listed_there(target: str, words: str) -> None:
    found = probed({COLUMN: Page(long_navigation(rows(12)), final_url=target)})

    assert found.best is None
    assert found.trouble is not None and words in found.trouble and target in found.trouble


def test_of_several_units_the_best_is_taken_and_the_others_are_named(tmp_path: Path) -> None:
    """Each tag is a unit of its own; their names say nothing here."""
    interface = "https://www.example-county.gov.cn/api-gateway/jpaas-publish-server/front/page/build/unit"
    lists = {"甲": rows(4, first=90), "乙": rows(15), "丙": ()}
    query = "{{'webId':'1','pageId':'2','parseType':'x','tagId':'{tag}'}}"
    units = "".join(f"<script url='{interface}' queryData=\"{query.format(tag=tag)}\"></script>" for tag in lists)
    pages: dict[str, Any] = {COLUMN: Page(page(units))}
    for tag, listed in lists.items():
        markup = "".join(f"<li><a href='{row.path}'>{row.title}</a><span>{row.day}</span></li>" for row in listed)
        asked = urlencode({"webId": "1", "pageId": "2", "parseType": "x", "tagId": tag})
        answer = json.dumps({"data": {"html": f"<ul>{markup}</ul>"}}, ensure_ascii=False)
        pages[f"{interface}?{asked}"] = Page(answer, content_type="application/json")

    found = probed(pages)

    assert found.best is not None and found.best.entry["tag"] == "乙"
    assert [(other.entry["tag"], len(other.entries)) for other in found.others] == [("甲", 4)]


def test_nothing_is_asked_for_twice() -> None:
    web = Web({COLUMN: Page(long_navigation(rows(12)))})

    probed(web)

    assert [fetch.url for fetch in web.asked] == [COLUMN]


# -- what is printed


def test_names_region_and_column_come_from_what_the_page_says_of_itself(tmp_path: Path) -> None:
    head = '<meta name="SiteName" content="德清县人民政府门户网站"><meta name="ColumnName" content="通知公告">'
    markup = long_navigation(rows(12)).replace("</head>", f"{head}</head>")

    source = read_back(probed({COLUMN: Page(markup)}), tmp_path)

    assert (source.slug, source.name) == ("example-county-xw", "德清县人民政府·通知公告")
    assert (source.region, source.column) == ("湖州", "通知公告")


def test_a_slug_that_is_taken_gets_a_number() -> None:
    found = probed({COLUMN: Page(long_navigation(rows(12)))}, taken={"example-county-xw", "example-county-xw-2"})

    assert found.best is not None and found.best.entry["slug"] == "example-county-xw-3"


def test_a_page_cannot_have_the_environment_printed_into_its_entry() -> None:
    """Loading a configuration fills ${NAME}: no address or tag that a page gives may hold one."""
    unit = (
        "<script url='/api-gateway/jpaas-publish-server/front/page/build/unit' "
        "queryData=\"{'webId':'1','pageId':'2','parseType':'x','tagId':'${credential:password}'}\"></script>"
    )
    web = Web({COLUMN: Page(page(unit * 2))})

    found = probed(web)

    assert found.best is None
    assert [fetch.url for fetch in web.asked] == [COLUMN]


def test_a_page_cannot_have_the_environment_printed_into_its_name() -> None:
    """A name is shown on the page and goes out with every alert."""
    metas = '<meta name="SiteName" content="${HOME}"><meta name="ColumnName" content="${credential:password}">'
    found = probed({COLUMN: Page(long_navigation(rows(12)).replace("<body>", f"{metas}<body>"))})

    assert found.best is not None and "column" not in found.best.entry
    assert found.best.entry["name"] == "www.example-county.gov.cn"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("示例\u2028市 # : 'x' \"y\"", id="quotes and a line separator"),
        pytest.param("- 示例: [市]", id="marks of YAML"),
        pytest.param("yes", id="a word that YAML takes for a boolean"),
    ],
)
def test_whatever_a_page_calls_itself_the_entry_can_be_loaded(name: str, tmp_path: Path) -> None:
    markup = long_navigation(rows(12)).replace(
        "</head>", f"<meta name=\"SiteName\" content='{name.replace(chr(39), '’')}'></head>"
    )

    assert read_back(probed({COLUMN: Page(markup)}), tmp_path).engine == "html_list"


def test_entries_are_worth_what_headlines_addresses_and_dates_make_them() -> None:
    menu = tuple(Entry(url=f"https://example.cn/col/col{n}/index.html", title="机构") for n in range(9))
    listed = tuple(Entry(url=f"https://example.cn{row.path}", title=row.title, published_at=NOW) for row in rows(9))

    assert worth_of(()) == 0.0
    assert worth_of(menu) < 0.1
    assert worth_of(listed) == 1.0
