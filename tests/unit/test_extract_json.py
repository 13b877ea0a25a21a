"""Articles that come as JSON, flashes that are their listing's own words, and pages that only lead on."""

import json
from typing import Any

import pytest

from crawler.extract import extract
from crawler.jump import jump_address, jump_target
from crawler.records import ArticleKind, Detail, Draft, Entry, Hints, Precision, Verdict, iso

URL = "https://policy.example.gov.cn/webapi/PolicyInfo/detail?id=7"
DETAIL = Detail(
    method="POST",
    title="body.title",
    body="body.content || body.content_trim",
    published="body.publishdate",
    origin="body.department",
)
LISTED = Entry(url=URL, title="列表里的标题…")
MARKUP = (
    '<style>p{margin:0}</style><p style="text-indent:2em">各有关企业：</p>'
    "<p>　　为支持企业技术改造，现将申报事项通知如下。</p>"
    "<table><tr><td>档次</td><td>补助</td></tr><tr><td>一</td><td>20万元</td></tr></table>"
    '<p>附件：<a href="/files/form.docx">申报表.docx</a></p>'
)


def answer(status: int = 1, message: str | None = None, **body: Any) -> dict[str, Any]:
    parts = {
        "title": "关于组织申报技术改造补助的通知",
        "code": "示经信〔2026〕8号",
        "department": "示例市经信局",
        "publishdate": "2026-07-06 17:31:05",
        "content": MARKUP,
        "content_trim": "各有关企业：",
    }
    return {"status": status, "message": message, "body": {**parts, **body}}


def read(
    document: Any, *, detail: Detail | None = DETAIL, entry: Entry | None = LISTED, kind: ArticleKind | None = None
) -> Draft:
    body = document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode()
    return extract(
        body,
        url="https://policy.example.gov.cn/webapi/PolicyInfo/detail",
        content_type="application/json;charset=UTF-8",
        hints=Hints(detail=detail, entry=entry, kind=kind),
    )


def test_the_parts_of_a_json_article_stand_where_the_source_says() -> None:
    draft = read(answer())
    assert draft.quality.verdict is Verdict.ARTICLE
    assert draft.url == URL
    assert draft.title == "关于组织申报技术改造补助的通知"
    assert draft.text.split("\n") == [
        "各有关企业：",
        "为支持企业技术改造，现将申报事项通知如下。",
        "档次 | 补助",
        "一 | 20万元",
        "附件：申报表.docx",
    ]
    assert iso(draft.published_at) == "2026-07-06T17:31:05+08:00"
    assert draft.published_precision is Precision.SECOND
    assert draft.origin == "示例市经信局"
    assert [(a.name, a.url) for a in draft.attachments] == [
        ("申报表.docx", "https://policy.example.gov.cn/files/form.docx")
    ]
    assert draft.kind is ArticleKind.NOTICE


@pytest.mark.parametrize(
    ("written", "expected", "precision"),
    [
        pytest.param(1783330265, "2026-07-06T17:31:05+08:00", Precision.SECOND, id="seconds"),
        pytest.param("1783330265000", "2026-07-06T17:31:05+08:00", Precision.SECOND, id="thousandths in a string"),
        pytest.param("2026.07.06", "2026-07-06T00:00:00+08:00", Precision.DAY, id="day with points"),
        pytest.param(1783296000000, "2026-07-06T00:00:00+08:00", Precision.DAY, id="midnight in Greenwich is a day"),
        pytest.param("2026-07-06 17:31", "2026-07-06T17:31:00+08:00", Precision.MINUTE, id="minute"),
        pytest.param("20260706173105", "2026-07-06T17:31:05+08:00", Precision.SECOND, id="fourteen digits"),
    ],
)
def test_the_time_of_a_json_article_is_read_in_every_form(written: Any, expected: str, precision: Precision) -> None:
    draft = read(answer(publishdate=written))
    assert (iso(draft.published_at), draft.published_precision) == (expected, precision)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("第一段说明申报条件。\n\n第二段说明申报时间。\n", id="plain text"),
        pytest.param(
            "&lt;p&gt;第一段说明申报条件。&lt;/p&gt;&lt;p&gt;第二段说明申报时间。&lt;/p&gt;", id="escaped twice"
        ),
        pytest.param("<div>第一段说明申报条件。<br>第二段说明申报时间。</div>", id="markup"),
    ],
)
def test_the_body_may_be_markup_or_text(content: str) -> None:
    assert read(answer(content=content)).text.split("\n") == ["第一段说明申报条件。", "第二段说明申报时间。"]


def test_a_short_json_article_is_one() -> None:
    draft = read(answer(content="见附件。"))
    assert (draft.quality.verdict, draft.text) == (Verdict.ARTICLE, "见附件。")


def test_what_the_answer_does_not_say_the_listing_may() -> None:
    entry = Entry(url=URL, title="列表里的标题")
    draft = read({"body": {"content": "正文只有这一句话。"}}, entry=entry)
    assert (draft.title, draft.text) == ("列表里的标题", "正文只有这一句话。")


@pytest.mark.parametrize(
    ("body", "verdict", "evidence"),
    [
        pytest.param(
            {"status": 0, "message": "系统繁忙", "body": None},
            Verdict.ERROR,
            "JSON without an article at body.content || body.content_trim (系统繁忙)",
            id="error in JSON",
        ),
        pytest.param(
            {"code": 500, "msg": "参数错误", "body": {}},
            Verdict.ERROR,
            "JSON without an article at body.content || body.content_trim (code 500 参数错误)",
            id="error code in JSON",
        ),
        pytest.param(
            {"success": False, "body": {"content": "   "}},
            Verdict.ERROR,
            "JSON without an article at body.content || body.content_trim (success false)",
            id="blank body",
        ),
        pytest.param(
            [],
            Verdict.ERROR,
            "JSON without an article at body.content || body.content_trim (it says no more)",
            id="a list",
        ),
        pytest.param(
            {"status": 0, "message": "该信息不存在或已被删除", "body": None},
            Verdict.SOFT404,
            "soft 404 (信息不存在)",
            id="an answer that the article is gone",
        ),
        pytest.param(
            "<html><title>示例政务服务平台</title><body><p>欢迎使用本平台，请从左侧菜单选择您要办理的事项。平台开放时间为每个工作日的上午八点到下午六点，节假日除外。</p></body></html>".encode(),
            Verdict.ERROR,
            "a page in the place of JSON (示例政务服务平台)",
            id="a page",
        ),
        pytest.param(
            b"<html><script>var a='__jsl_clearance_s=1';document.cookie=a</script></html>",
            Verdict.CHALLENGE,
            "challenge page (__jsl_clearance)",
            id="a challenge",
        ),
    ],
)
def test_what_is_no_article_says_so_and_has_no_text(body: Any, verdict: Verdict, evidence: str) -> None:
    draft = read(body)
    assert draft.quality.verdict is verdict
    assert draft.quality.notes == (evidence,)
    assert draft.text == ""


def test_json_that_no_source_declares_is_no_article() -> None:
    draft = read(answer(), detail=None)
    assert draft.quality.verdict is Verdict.ERROR
    assert draft.quality.notes[0].startswith("JSON in the place of a page")


# --- flashes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "listed", "title", "text"),
    [
        pytest.param(
            "【示例快讯】甬城今日开工。", None, "示例快讯", "【示例快讯】甬城今日开工。", id="with a headline"
        ),
        pytest.param("甬城今日开工", None, "甬城今日开工", "甬城今日开工", id="six characters"),
        pytest.param(
            "甬城今日开工。后续另报。", "甬城开工", "甬城开工", "甬城今日开工。后续另报。", id="listed headline"
        ),
        pytest.param(
            "系统维护：请先登录", None, "系统维护：请先登录", "系统维护：请先登录", id="says what error pages say"
        ),
        pytest.param('{"甬城": 1}', None, '{"甬城": 1}', '{"甬城": 1}', id="looks like JSON"),
        pytest.param(
            "<b>甬城</b>今日开工。<br>后续另报。", None, "甬城今日开工", "甬城今日开工。\n后续另报。", id="markup"
        ),
    ],
)
def test_a_flash_is_an_article_however_short(body: str, listed: str | None, title: str, text: str) -> None:
    entry = Entry(url="https://live.example.cn/7x24/1", title=listed, body=body, whole=True)
    draft = extract(body.encode(), url=entry.url, content_type="text/html; charset=utf-8", hints=Hints(entry=entry))
    assert draft.quality.verdict is Verdict.ARTICLE
    assert (draft.title, draft.text, draft.kind) == (title, text, ArticleKind.FLASH)


def test_the_source_says_what_kind_its_flashes_are() -> None:
    entry = Entry(url="https://live.example.cn/1", body="甬城今日开工。", whole=True)
    draft = extract(b"", hints=Hints(entry=entry, kind=ArticleKind.NEWS))
    assert (draft.text, draft.kind, draft.url) == ("甬城今日开工。", ArticleKind.NEWS, entry.url)


# --- jump pages ---------------------------------------------------------------------------------------------------

AT = "https://www.example.gov.cn/art/1.html"


@pytest.mark.parametrize(
    ("markup", "target"),
    [
        pytest.param('<meta http-equiv="refresh" content="0;url=/art/2.html">', "/art/2.html", id="refresh"),
        pytest.param("<META CONTENT='0; URL=2.html' HTTP-EQUIV=Refresh>", "/art/2.html", id="attributes turned round"),
        pytest.param("<meta http-equiv=refresh content=0;url=2.html>", "/art/2.html", id="no quotes"),
        pytest.param(
            "<script>window.location.href = '/art/2.html?a=1&b=2';</script>", "/art/2.html?a=1&b=2", id="href"
        ),
        pytest.param('<script>top.location.replace("\\/art\\/2.html")</script>', "/art/2.html", id="replace"),
        pytest.param("<script>location='//www.example.gov.cn/art/2.html#top'</script>", "/art/2.html", id="no scheme"),
        pytest.param("<script>location.href='/art/'+id+'.html'</script>", None, id="put together by a script"),
        pytest.param("<script>location.href='javascript:void(0)'</script>", None, id="a script"),
        pytest.param("<script>location.href='1.html#part'</script>", None, id="the page itself"),
        pytest.param('<meta http-equiv="refresh" content="300">', None, id="reloads itself"),
        pytest.param("<script>var myLocation = '/art/2.html'</script>", None, id="another variable"),
        pytest.param('<meta http-equiv="refresh" content="0;url=http://[x/">', None, id="an address that is none"),
        pytest.param('<meta http-equiv="refresh" content="0;url=mailto:a@example.cn">', None, id="another scheme"),
        pytest.param("<p>甬城</p>", None, id="no jump"),
    ],
)
def test_a_jump_page_says_where_it_leads(markup: str, target: str | None) -> None:
    expected = None if target is None else f"https://www.example.gov.cn{target}"
    assert jump_target(markup, AT) == expected
    draft = extract(f"<html><head>{markup}</head><body></body></html>".encode(), url=AT)
    assert draft.jump == expected
    assert expected is None or draft.quality.verdict is Verdict.STUB


def test_an_address_that_a_script_puts_together_makes_a_jump_page_all_the_same() -> None:
    assert jump_address("<script>location.href='/art/'+id</script>") == "/art/"


def test_an_article_that_holds_a_script_with_a_jump_is_an_article() -> None:
    text = "<p>示例市的试点今天开始，首批二十家企业参加，居民们反映良好。</p>" * 5
    page = f"<html><script>if(phone)location.href='/m/1.html'</script><body><h1>甬城试点</h1>{text}</body></html>"
    draft = extract(page.encode(), url=AT)
    assert (draft.quality.verdict, draft.jump) == (Verdict.ARTICLE, None)
