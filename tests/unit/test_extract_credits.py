"""Whom a page credits where it has no label for it, and what is no credit. Contents are invented."""

import pytest

from crawler.extract import extract
from crawler.extract.credits import byline, names, outlet, outlet_beside_time

PROSE = (
    "<p>示例市的试点今天开始，首批二十家企业参加，居民们反映良好，主办方说报名的人比预想的多。</p>"
    "<p>主办方介绍，平台把填报的表格从十二张减到一张，办理时间缩短一半，企业不必再跑几个地方。</p>"
    "<p>下一步，试点将扩大到全市，年底前再有五十家企业加入，明年起县里的企业也可以报名参加。</p>"
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2023-07-06 17:31:02 示例日报", "示例日报"),
        ("示例网 2023-07-06 17:31", "示例网"),
        ("http://www.example.com 2023年07月06日 17:31 《示例周刊》", "示例周刊"),
        ("2023-07-06 示例日报", None),
        ("2023-07-06 17:31 某甲", None),
        ("2023-07-06 17:31 我们将登录示例网报名，请准备好材料", None),
    ],
)
def test_an_outlet_beside_the_minute_needs_no_label(line: str, expected: str | None) -> None:
    assert outlet_beside_time([line]) == expected


@pytest.mark.parametrize("value", ["发布时间：10-08 12:00", "更新时间", "时间：昨天"])
def test_a_time_is_no_outlet(value: str) -> None:
    assert outlet(value) is None


def test_where_figures_are_from_is_not_where_the_article_is_from() -> None:
    head = "<h1>示例市的试点</h1><p>2023-07-06 17:31 来源: 示例网</p>"
    page = f"{head}<div id=zoom>{PROSE}<p>（资料来源：某报等）</p></div>"
    assert extract(page.encode()).origin == "示例网"


def test_a_block_that_is_all_prose_is_the_text_whatever_it_is_called() -> None:
    menu = "".join(f"<li><a href=/{n}.html>示例栏目第{n}条</a></li>" for n in range(12))
    text = f"<h1>示例市的试点</h1><div class=x1>{PROSE}</div>"
    page = f"<html><body><ul>{menu}</ul>{text}<p>示例公司版权所有</p></body></html>"
    lines = extract(page.encode(), url="https://www.example.com/a.html").text.split("\n")
    assert len(lines) == 3
    assert (lines[0][:6], lines[-1][-5:]) == ("示例市的试点", "报名参加。")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["□ 本报记者 王小明", "正文。"], "王小明"),
        (["【走基层】", "示例日报记者 王小明 张文", "正文。"], "王小明、张文"),
        (["要加快改革。", "本报记者罗小盈发自北京", "正文。"], "罗小盈"),
        (["正文。", "整合 示例日报·示例端记者 徐明", "素材来源 各地党报"], "徐明"),
        (["正文。", "本报记者 格桑小明"], "格桑小明"),
        (["正文。", "本报驻示例国记者张小明"], "张小明"),
        (["正文。", "记者林小明通讯员金小文"], "林小明、金小文"),
        (["【记者连线】", "正文。"], None),
        (["正文。", "（实习记者：王小明）"], "王小明"),
        (["正文。（姚小明 上海报道）"], "姚小明"),
        (["正文。（示例日报记者 王小明 摄）"], "王小明"),
        (["正文。", "本报记者走进基层一线"], None),
        (["记者会今天举行", "正文。"], None),
        (["正文。", "记者从现场了解到"], None),
        (["外交部答记者 温州市长", "正文。"], None),
        (["正文。（北京 上海报道）"], None),
        (["第一段。", "第二段。", "第三段。", "本报记者 王小明", "第五段。", "第六段。", "第七段。"], None),
    ],
)
def test_a_line_of_reporters_names_the_writers(lines: list[str], expected: str | None) -> None:
    assert byline(lines) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("本报记者徐小春陈晨", "徐小春、陈晨"),
        ("王小明李小红张亮", "王小明、李小红、张亮"),
        ("记者王小明实习生李小红", "王小明、李小红"),
        ("王马李小", "王马李小"),
        ("王李张小", "王李张小"),
        ("王李江马小", "王李江马小"),
        ("市委宣传部", "市委宣传部"),
        ("江宁区安监局", "江宁区安监局"),
        ("安徽省文旅厅", "安徽省文旅厅"),
    ],
)
def test_names_without_a_blank_are_parted_where_that_goes_in_one_way(value: str, expected: str) -> None:
    assert names(value) == expected
