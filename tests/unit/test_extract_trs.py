"""Pages of TRS WCM as they really come: editors several times, nested, doubled for phones, with styles inside."""

import pytest

from crawler.extract import extract
from crawler.records import Draft, Precision, Verdict, iso

TITLE = "关于组织申报示例试点的通知"
LINES = (
    "各县（市、区）有关单位：",
    "为加快平台建设，现就试点申报有关事项通知如下，请认真组织。",
    "一、申报单位应当具备独立法人资格，近三年无不良信用记录。",
    "二、申报材料一式三份，于八月底前报送，逾期不再受理申报。",
    "示例市发展改革委",
    "2026年7月6日",
)
SHORT = ("经研究，同意设立示例试点，请按程序办理。",)
STYLE = '<style type="text/css">.TRS_Editor P{margin:0 0 1em;line-height:2}.TRS_Editor DIV{color:#333}</style>'
FOOT = (
    '<div class="foot"><div class="TRS_Editor"><p>主办单位：示例市发展改革委　承办单位：示例市发展改革委信息中心</p>'
    "<p>网站标识码：3300000000　示例备00000000号　示例公网安备33000000000000号　联系电话：0000-0000000</p>"
    "<p>地址：示例市示例路1号　邮编：000000　建议使用分辨率为1024*768以上的显示器浏览本网站</p></div></div>"
)


def body(lines: tuple[str, ...] = LINES, tag: str = "p") -> str:
    return "".join(f"<{tag}>　　{line}</{tag}>" for line in lines)


def read(inside: str, *, info: str = "2026-07-06 17:31　来源：示例市发展改革委", foot: str = FOOT) -> Draft:
    html = (
        f'<html><head><meta charset="utf-8"><title>{TITLE}-示例市发展改革委</title></head><body>'
        '<div class="nav"><a href="/">首页</a><a href="/xxgk/">信息公开</a><a href="/zcfb/">政策发布</a></div>'
        f'<div class="article"><div class="article_title">{TITLE}</div><div class="time">{info}</div>{inside}</div>'
        f"{foot}</body></html>"
    )
    return extract(html.encode(), url="https://fzggw.example.gov.cn/zcfb/202607/t20260706_1234567.html")


@pytest.mark.parametrize(
    "inside",
    [
        pytest.param(f'<div class="TRS_Editor">{body()}</div>', id="plain"),
        pytest.param(f'<div class="TRS_Editor">{STYLE}{body()}</div>', id="style first"),
        pytest.param(
            f'<div class="TRS_Editor"><style>p{{}}</style><!--[if gte mso 9]><xml>x</xml><![endif]-->{body()}</div>',
            id="an office's comments",
        ),
        pytest.param(
            f'<div class="TRS_Editor"><div class="TRS_Editor"><div class="TRS_Editor">{body()}</div></div></div>',
            id="nested",
        ),
        pytest.param(
            f'<div class="TRS_Editor"><div class="Custom_UnionStyle">{STYLE}{body(tag="div")}</div></div>', id="divs"
        ),
        pytest.param(
            f'<div class="TRS_Editor">{body()}</div><div class="TRS_Editor">{body()}</div>', id="doubled, side by side"
        ),
        pytest.param(
            f'<div class="pc"><div class="TRS_Editor">{body()}</div></div>'
            f'<div class="phone" style="display:none"><div class="TRS_Editor">{body(tag="div")}</div></div>',
            id="desktop and phone",
        ),
        pytest.param(
            f'<div class="phone"><div class="TRS_Editor">{body(tag="div")}</div></div>'
            f'<div class="pc"><div class="TRS_Editor">{body()}</div></div>',
            id="phone and desktop",
        ),
        pytest.param(
            f'<div class="article_con"><div class="pc"><div class="TRS_Editor">{body()}</div></div>'
            f'<div class="phone"><div class="TRS_Editor">{body()}</div></div></div>',
            id="both in one container",
        ),
        pytest.param(f'<div class="TRS_Editor">{body()}{body()}</div>', id="doubled in one editor"),
        pytest.param(
            f'<div class="TRS_UEDITOR trs_paper_default trs_editor_view">{body()}</div>', id="the newer editor"
        ),
        pytest.param(
            f'<div class="article_con article_con_notitle"><div class="TRS_Editor">{STYLE}{body()}</div>'
            '<div class="enclosure"></div></div>',
            id="the ministry's",
        ),
        pytest.param(f'<div class="xlcontent">{body()}</div>', id="without an editor"),
        pytest.param(
            f"<div class=TRS_Editor>{body()}</div><div class=TRS_Editor></div><div class=TRS_Editor> </div>",
            id="empty ones",
        ),
        pytest.param(
            f'<div class="TRS_PreAppend"><div class="TRS_Editor">{body()}</div></div><div class="TRS_Editor">'
            "<p>扫一扫在手机打开当前页</p></div>",
            id="a widget in another",
        ),
    ],
)
def test_the_text_is_read_once_whatever_the_template(inside: str) -> None:
    draft = read(inside)
    assert draft.quality.verdict is Verdict.ARTICLE
    assert draft.text.split("\n") == list(LINES)
    assert (draft.title, draft.origin) == (TITLE, "示例市发展改革委")
    assert (iso(draft.published_at), draft.published_precision) == ("2026-07-06T17:31:00+08:00", Precision.MINUTE)


def test_a_footer_that_says_more_than_a_short_article_is_no_article() -> None:
    draft = read(f'<div class="TRS_Editor">{body(SHORT)}</div>')
    assert draft.text.split("\n") == list(SHORT)


def test_of_two_editors_the_one_with_more_text_is_the_article() -> None:
    draft = read(
        f'<div class="TRS_Editor"><p>编者按：本栏目刊登各地经验。</p></div><div class="TRS_Editor">{body()}</div>'
    )
    assert draft.text.split("\n") == list(LINES)


def test_a_source_that_is_commented_out_is_none() -> None:
    draft = read(
        f'<div class="TRS_Editor">{body()}</div>',
        info="2026-07-06 17:31 <!--<span>来源：示例日报</span>--><span></span>",
    )
    assert draft.origin is None


def test_paragraphs_that_an_article_repeats_stay() -> None:
    """A chorus is no second copy of the body."""
    lines = (
        "示例之歌，唱出示例的风采。",
        "第一段讲的是山，山上有青松。",
        "示例之歌，唱出示例的风采。",
        "第二段讲的是水，水里有游鱼。",
    )
    assert read(f'<div class="TRS_Editor">{body(lines)}</div>').text.split("\n") == list(lines)
