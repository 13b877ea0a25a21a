"""What probe makes of an interface: JSON of any shape, forms, Referers, and Sina's roll."""

import json
from pathlib import Path

from crawler.records import BEIJING, Fetch, Source
from tests.listpages import NEWEST, rows
from tests.offline import Page, Web, probed, read_back


def test_a_json_interface_is_described_by_its_shape(tmp_path: Path) -> None:
    url = "https://www.example.gov.cn/api/search?cate=7&p=1&n=20&q="
    listed = ",".join(
        f'{{"id":{n},"title":"<em>{row.title}</em>","link":"{row.path}","pubTime":"{row.day} 09:0{n}:00"}}'
        for n, row in enumerate(rows(5))
    )
    found = probed({url: Page(f'{{"code":200,"data":{{"list":[{listed}]}}}}', content_type="application/json")}, url)

    source = read_back(found, tmp_path)
    assert (source.engine, source.url, source.rows) == (
        "json_list",
        "https://www.example.gov.cn/api/search",
        "data.list",
    )
    assert (source.fields.url, source.fields.title, source.fields.published) == ("link", "title", "pubTime")
    assert source.params == {"cate": "7", "n": "20", "q": ""}
    assert source.page is not None and (source.page.param, source.page.first) == ("p", 1)
    assert found.best is not None
    assert found.best.entries[0].title == rows(1)[0].title
    assert found.best.entries[0].published_at is not None
    assert found.best.entries[0].published_at.astimezone(BEIJING).date() == NEWEST


def test_an_interface_that_wants_a_post_is_asked_with_what_the_person_gives(tmp_path: Path) -> None:
    url = "https://www.example.gov.cn/cms/JsonList"
    listed = ",".join(f'{{"topic":"{row.title}","infourl":"//www.example.gov.cn{row.path}"}}' for row in rows(5))

    def answer(fetch: Fetch, source: Source) -> Page:
        if fetch.body is None or b"channelCode=A1" not in fetch.body:
            return Page('{"code":400,"msg":"channelCode"}', content_type="application/json")
        return Page(f'{{"list":[{listed}]}}', content_type="application/json")

    body = b"channelCode=A1&perPage=20&pageno=1"
    found = probed({url: answer}, url, ask=Fetch(url=url, method="POST", body=body))

    source = read_back(found, tmp_path)
    assert (source.method, source.form) == ("POST", {"channelCode": "A1", "perPage": "20"})
    assert source.page is not None and source.page.param == "pageno"
    assert probed({url: answer}, url).best is None


def test_sinas_roll_page_is_known_by_its_fragment_and_needs_no_look_at_the_page() -> None:
    asked = "https://feed.mix.sina.com.cn/api/roll/get?num=50&page=1&pageid=153&lid=2510"
    listed = ",".join(
        f'{{"url":"https://news.sina.com.cn/c/2026-11-20/doc-imzexampl{n:07}.shtml","title":"{row.title}",'
        f'"ctime":"17956{n:05}","docid":"comos:mzexampl{n:07}"}}'
        for n, row in enumerate(rows(5))
    )
    answer = f'{{"result":{{"status":{{"code":0}},"total":5,"data":[{listed}]}}}}'
    web = Web({asked: Page(answer, content_type="application/json")})

    found = probed(web, "https://news.sina.com.cn/roll/#pageid=153&lid=2510&k=&num=50&page=1")

    assert found.best is not None, (found.trouble, web.asked)
    assert found.best.entry["engine"] == "sina_roll"
    assert found.best.entry["params"] == {"num": "50", "pageid": "153", "lid": "2510"}
    assert "url" not in found.best.entry


def test_rows_without_an_address_are_shown_as_far_as_they_are_understood() -> None:
    url = "https://www.example.gov.cn/api/list"
    listed = ",".join(f'{{"id":{n},"title":"{row.title}","publishDate":"{row.day}"}}' for n, row in enumerate(rows(5)))

    found = probed({url: Page(f'{{"body":{{"list":[{listed}]}}}}', content_type="application/json")}, url)

    assert found.best is None and found.trouble is not None
    assert "rows: body.list" in found.trouble and "title: title, published: publishDate" in found.trouble


def test_a_refused_interface_is_asked_with_the_referer_that_the_person_gives(tmp_path: Path) -> None:
    url, asks = "https://www.example.gov.cn/api/list", "https://www.example.gov.cn/search/list.html"
    listed = ",".join(f'{{"title":"{row.title}","url":"{row.path}"}}' for row in rows(5))

    def answer(fetch: Fetch, source: Source) -> Page:
        if {**source.headers, **fetch.headers}.get("Referer") != asks:
            return Page("", status=403)
        return Page(f"[{listed}]", content_type="application/json")

    refused = probed({url: answer}, url)
    found = probed({url: answer}, url, ask=Fetch(url=url, headers={"Referer": asks}))

    assert refused.trouble is not None and "--referer" in refused.trouble
    assert read_back(found, tmp_path).headers == {"Referer": asks}


def test_an_interface_that_wants_json_is_asked_with_json(tmp_path: Path) -> None:
    url = "https://www.example.gov.cn/api/page"
    listed = ",".join(f'{{"name":"{row.title}","href":"{row.path}","date":"{row.day}"}}' for row in rows(5))

    def answer(fetch: Fetch, source: Source) -> Page:
        wanted = fetch.body is not None and json.loads(fetch.body).get("channel") == 7
        return Page(f'{{"rows":[{listed if wanted else ""}]}}', content_type="application/json")

    body = json.dumps({"channel": 7, "pageNo": 1}).encode()
    found = probed(
        {url: answer},
        url,
        ask=Fetch(url=url, method="POST", headers={"Content-Type": "application/json"}, body=body),
    )

    source = read_back(found, tmp_path)
    assert (source.method, source.json) == ("POST", {"channel": 7, "pageNo": 1})


def test_rows_that_are_html_within_json_are_read_by_their_headlines(tmp_path: Path) -> None:
    url = "https://www.example.gov.cn/jsearch/cateSearch.do?websiteid=1&q=x"
    pieces = [
        f'<div><a class="mark" href="/site/1">县府办</a><div class="kuti"><a href="{row.path}">{row.title}</a></div>'
        f"<span>时间:{row.day}</span></div>"
        for row in rows(6)
    ]
    answer = json.dumps({"result": pieces}, ensure_ascii=False)

    found = probed({url: Page(answer, content_type="application/json")}, url)

    assert read_back(found, tmp_path).fields.url == ".kuti a::attr(href)"
    assert found.best is not None
    assert [entry.title for entry in found.best.entries] == [row.title for row in rows(6)]
