"""The lines above and below a text in which sites say when, where from and by whom: one page, many wordings."""

import pytest

from crawler.extract import extract
from crawler.records import Draft, iso

TITLE = "示例市首批产业大脑今天上线"
PROSE = (
    "<p>示例市的试点今天开始，首批二十家企业参加，居民们反映良好，主办方说报名的人比预想的多。</p>"
    "<p>主办方介绍，平台把填报的表格从十二张减到一张，办理时间缩短一半，企业不必再跑几个地方。</p>"
    "<p>下一步，试点将扩大到全市，年底前再有五十家企业加入，明年起县里的企业也可以报名参加。</p>"
)
MENU = "".join(f"<li><a href=/c{i}/>栏目{i}频道</a></li>" for i in range(8))
MINUTE, SECOND, DAY = "2024-03-05T09:05:00+08:00", "2024-03-05T09:05:33+08:00", "2024-03-05T00:00:00+08:00"
NOON = "2024-03-05T15:05:00+08:00"


def page(above: str, *, inside: str = "", below: str = "", url: str | None = None, head: str = "") -> Draft:
    return extract(
        (
            f'<html><head><meta charset="utf-8"><title>{TITLE}-示例网</title>{head}</head><body><ul>{MENU}</ul>'
            f"<h1>{TITLE}</h1>{above}<div class=xx>{PROSE}{inside}</div>{below}"
            "<div>主办单位：示例网</div></body></html>"
        ).encode(),
        url=url,
    )


@pytest.mark.parametrize(
    ("above", "published", "origin", "author", "editor"),
    [
        ("<p>2024年3月5日 9时05分　来源：示例日报</p>", MINUTE, "示例日报", None, None),
        ("<p>2024年3月5日9时5分 来源: 示例日报 作者: 张小明</p>", MINUTE, "示例日报", "张小明", None),
        ("<p>发布日期：[2024-03-05 09:05:33] 信息来源：[示例市发改委]</p>", SECOND, "示例市发改委", None, None),
        ("<p>发布日期：2024-03-05 09:05 稿件来源：示例日报 浏览次数：123 次</p>", MINUTE, "示例日报", None, None),
        ("<p>信息来源：示例市经信局　发布时间：2024/3/5 9:05　阅读量：3022</p>", MINUTE, "示例市经信局", None, None),
        ("<p>来源：示例日报 作者：张小明 2024-03-05 09:05</p>", MINUTE, "示例日报", "张小明", None),
        (
            "<p>来源：示例日报作者：张小明编辑：李小红 时间：2024-03-05 09:05</p>",
            MINUTE,
            "示例日报",
            "张小明",
            "李小红",
        ),
        (
            "<p>來源：示例日報　發佈時間：2024-03-05 09:05　責任編輯：王某某　撰文：張小明</p>",
            MINUTE,
            "示例日報",
            "張小明",
            "王某某",
        ),
        ("<p>發布時間：2024-03-05 09:05:33 記者：張小明 資料來源：某處</p>", SECOND, None, "張小明", None),
        ("<p>2024.03.05 09:05:33</p><p>来源 | 示例日报</p>", SECOND, "示例日报", None, None),
        ("<p>2024-03-05 09:05</p><p>来源丨示例日报</p>", MINUTE, "示例日报", None, None),
        ("<p>时间：2024-03-05 09:05:33</p><p>来源：</p><p>示例日报</p>", SECOND, "示例日报", None, None),
        (
            "<div><span>2024-03-05</span><span>09:05</span><span>来源：<a href=/x>示例日报</a></span></div>",
            MINUTE,
            "示例日报",
            None,
            None,
        ),
        ("<p>发表于：2024-03-05 09:05 分类：要闻 作者：示例君</p>", MINUTE, None, "示例君", None),
        (
            "<p>【信息时间：2024-03-05  阅读次数：<script>x()</script>】【字号 大 中 小】【我要打印】【关闭】</p>",
            DAY,
            None,
            None,
            None,
        ),
        (
            "<p>[ 2024-03-05 09:05 ] [ 来源：示例市政府办公室 ] [ 字体：大 中 小 ]</p>",
            MINUTE,
            "示例市政府办公室",
            None,
            None,
        ),
        (
            "<p>日期：2024-03-05 09:05 来源：示例市人民政府办公室 访问次数： 字号：[大 中 小]</p>",
            MINUTE,
            "示例市人民政府办公室",
            None,
            None,
        ),
        ("<p>文章来源：示例日报  发布人：管理员  发布时间：2024年03月05日 09:05</p>", MINUTE, "示例日报", None, None),
        (
            "<p>发布时间： 2024年03月05日 09:05:33 来源： 示例市统计局 【打印】 【关闭】</p>",
            SECOND,
            "示例市统计局",
            None,
            None,
        ),
        ("<p>2024-03-05 星期二 09:05 示例日报</p>", MINUTE, "示例日报", None, None),
        ("<p>2024年03月05日（星期二） 09:05 来源：《示例日报》（第03版）</p>", MINUTE, "示例日报", None, None),
        ("<p>2024-03-05T09:05:33+08:00 来源:示例日报</p>", SECOND, "示例日报", None, None),
        ("<p>更新时间：2024-03-05 09:05 来源：示例日报</p>", MINUTE, "示例日报", None, None),
        ("<p>新华社 2024-03-05 09:05</p>", MINUTE, "新华社", None, None),
        ("<p>2024-03-05 09:05·示例日报</p>", MINUTE, "示例日报", None, None),
        ("<p>示例日报客户端 | 记者 张小明 | 2024-03-05 09:05</p>", MINUTE, "示例日报客户端", "张小明", None),
        ("<p>潮新闻 记者 张小明</p><p>2024-03-05 09:05</p>", MINUTE, None, "张小明", None),
        (
            "<p>2024-03-05 09:05:33　　来源：示例日报　　编辑：李小红　　校对：赵某　　审核：钱某</p>",
            SECOND,
            "示例日报",
            None,
            "李小红",
        ),
        ("<p>发布时间：2024-03-05 09:05   来源：浙江日报 记者 张小明</p>", MINUTE, "浙江日报", "张小明", None),
        ("<p>发布时间：2024-03-05 09:05 下午</p>", MINUTE, None, None, None),
        ("<p>2024-03-05 下午 3:05</p>", NOON, None, None, None),
        ("<p>2024年3月5日 下午3时05分 来源：示例网</p>", NOON, "示例网", None, None),
        ("<p>发布：2024-03-05 09:05</p>", MINUTE, None, None, None),
        ("<p>信源：示例日报 2024-03-05 09:05</p>", MINUTE, "示例日报", None, None),
        ("<p>来源于：示例日报 2024-03-05 09:05</p>", MINUTE, "示例日报", None, None),
        ("<p>来源：示例日报（作者：张小明） 2024-03-05 09:05</p>", MINUTE, "示例日报", "张小明", None),
        ("<p>2024-03-05 09:05 | 来源：示例日报 | 评论：0 | 阅读：88</p>", MINUTE, "示例日报", None, None),
        ("<p>供稿：示例镇 发布时间：2024-03-05 09:05</p>", MINUTE, None, None, None),
        ("<p>来　　源：示例日报　　发布时间：2024-03-05 09:05</p>", MINUTE, "示例日报", None, None),
        ("<p>来源：&nbsp;&nbsp;示例日报&nbsp;&nbsp;&nbsp;2024-03-05&nbsp;09:05</p>", MINUTE, "示例日报", None, None),
        ("<p>Source: 示例日报 2024-03-05 09:05</p>", MINUTE, "示例日报", None, None),
    ],
)
def test_the_lines_above_a_text_say_when_where_from_and_by_whom(
    above: str, published: str, origin: str | None, author: str | None, editor: str | None
) -> None:
    draft = page(above)
    assert (iso(draft.published_at), draft.origin, draft.author, draft.editor) == (published, origin, author, editor)
    assert draft.title == TITLE
    assert (draft.text[:6], draft.text[-5:]) == ("示例市的试点", "报名参加。")


@pytest.mark.parametrize(
    ("above", "url"),
    [
        ("<p>03-05 09:05 来源：示例日报</p>", "https://www.example.cn/2024/0305/a.html"),
        ("<p>03-05 09:05 来源：示例日报</p>", "https://www.example.cn/n1/2024/0305/c1001-1.html"),
        ("<p>03月05日 09:05 | 示例日报</p>", "https://www.example.cn/202403/t20240305_12.html"),
        ("<p>3-5 09:05 来源：示例日报</p>", "https://www.example.cn/2024-03/05/content_12.htm"),
    ],
)
def test_a_time_without_its_year_takes_it_from_the_address(above: str, url: str) -> None:
    draft = page(above, url=url)
    assert (iso(draft.published_at), draft.origin) == (MINUTE, "示例日报")


def test_a_day_and_month_that_are_not_the_addresss_are_no_time() -> None:
    draft = page("<p>04-09 09:05 来源：示例日报</p>", url="https://www.example.cn/2024/0305/a.html")
    assert iso(draft.published_at) == DAY


@pytest.mark.parametrize("place", ["inside", "below"])
@pytest.mark.parametrize(
    ("credit", "author", "editor"),
    [
        ("<p>(编辑：李小红)</p>", None, "李小红"),
        ("<p>（责任编辑：李小红）</p>", None, "李小红"),
        ("<p>责编：李小红　审核：钱某</p>", None, "李小红"),
        ("<p>值班编辑 李小红</p>", None, "李小红"),
        ("<p>值班编辑：李小红</p>", None, "李小红"),
        ("<p>编辑 李小红 校对 赵某</p>", None, "李小红"),
        ("<p>[责任编辑: 李小红 ]</p>", None, "李小红"),
        ("<p>責任編輯：李小紅</p>", None, "李小紅"),
        ("<p>作者：张小明　编辑：李小红</p>", "张小明", "李小红"),
        ("<p>文/张小明 图/赵某</p>", "张小明", None),
        ("<p>撰文 | 张小明</p><p>编辑 | 李小红</p>", "张小明", "李小红"),
        ("<p>来源：示例日报 | 撰稿：张小明 | 责编：李小红 | 审核：钱某</p>", "张小明", "李小红"),
        ("<p>标签：产业大脑</p><p>责任编辑：李小红</p>", None, "李小红"),
        ("<p>编辑丨李小红　责编丨赵小刚</p>", None, "赵小刚"),
        ("<div>责任编辑：李小红(EN001)</div>", None, "李小红"),
        ("<p>本文作者：张小明</p>", "张小明", None),
        ("<p>文字：张小明　摄影：赵某　编辑：李小红</p>", "张小明", "李小红"),
        ("<p>网络编辑：李小红</p>", None, "李小红"),
        ("<p>编　辑：李小红</p>", None, "李小红"),
    ],
)
def test_the_lines_below_a_text_say_by_whom_and_are_none_of_it(
    credit: str, author: str | None, editor: str | None, place: str
) -> None:
    draft = page("<p>2024-03-05 09:05</p>", **{place: credit})
    assert (draft.author, draft.editor) == (author, editor)
    assert draft.text.endswith("报名参加。")


def test_reporters_named_in_brackets_stay_in_the_text() -> None:
    draft = page("<p>2024-03-05 09:05</p>", inside="<p>（记者 张小明 通讯员 王大力）</p>")
    assert (draft.author, draft.text[-5:]) == ("张小明、王大力", " 王大力）")


@pytest.mark.parametrize("line", ["编辑 出版 发行", "本报 记者站 今天 成立"])
def test_words_behind_a_role_are_no_people_unless_they_look_like_names(line: str) -> None:
    draft = page("<p>2024-03-05 09:05</p>", inside=f"<p>{line}</p><p>活动于当天结束，参加的人都说来年还要再来。</p>")
    assert (draft.author, draft.editor) == (None, None)
    assert line in draft.text


@pytest.mark.parametrize("value", ['size="20"', "<b>示例</b>", "转载文章", "本网", "=示例日报"])
def test_markup_and_words_that_name_nobody_are_no_origin(value: str) -> None:
    escaped = value.replace("<", "&lt;")
    assert page(f"<p>2024-03-05 09:05 来源：{escaped}</p>").origin is None


class TestFounder:
    """Founder's software says in a comment what the page is, and in two others where its text is."""

    PROPERTY = (
        "<!--enpproperty <articleid>1</articleid><date>2024-03-05 09:05:33:0</date><author>张小明</author>"
        f"<title>{TITLE}</title><subtitle></subtitle><nodename>要闻</nodename><sourcename>示例日报</sourcename>"
        "<keyword></keyword>/enpproperty-->"
    )

    def read(self, text: str = PROSE) -> Draft:
        return extract(
            (
                f'<html><head><meta charset="utf-8"><title>示例日报</title></head><body><ul>{MENU}</ul>'
                f"<founder-pretitle>试点</founder-pretitle><founder-title>{TITLE}</founder-title>"
                f"<founder-content><!--enpcontent-->{text}<!--/enpcontent-->{self.PROPERTY}</founder-content>"
                f"<div><p>下一篇的导语在正文的标记之外，它也是完整的一句话，而且不短，但不是这篇文章的。</p></div></body></html>"
            ).encode()
        )

    def test_the_comment_gives_title_time_author_outlet_and_column(self) -> None:
        draft = self.read()
        assert (draft.title, iso(draft.published_at), draft.author) == (TITLE, SECOND, "张小明")
        assert (draft.origin, draft.column) == ("示例日报", "要闻")

    def test_the_text_stands_between_the_marks(self) -> None:
        assert self.read().text.count("\n") == 2

    def test_a_short_notice_between_the_marks_is_an_article(self) -> None:
        assert (
            self.read("<p>明天上午八时起，示例路停水四小时，请提前储水。</p>").text
            == "明天上午八时起，示例路停水四小时，请提前储水。"
        )


def test_a_title_in_the_national_platforms_own_element_is_read() -> None:
    html = (
        f'<html><head><meta charset="utf-8"><title>示例市政府网</title></head><body><ul>{MENU}</ul>'
        f"<div class=t1><ucaptitle>{TITLE}</ucaptitle></div><p>发布时间：2024-03-05 09:05</p>"
        f"<ucapcontent>{PROSE}</ucapcontent></body></html>"
    )
    draft = extract(html.encode())
    assert (draft.title, iso(draft.published_at)) == (TITLE, MINUTE)
    assert draft.text.startswith("示例市的试点")


def test_a_wechat_page_names_its_account_and_time() -> None:
    html = (
        f'<html><head><meta charset="utf-8"><meta property="og:title" content="{TITLE}"></head><body>'
        f'<h1 id="activity-name">{TITLE}</h1><a id="js_name">示例发布</a><em id="publish_time"></em>'
        f'<div id="js_content" style="visibility: hidden;">{PROSE}</div>'
        '<script>var ct = "1709600733";</script></body></html>'
    )
    draft = extract(html.encode(), url="https://mp.weixin.qq.com/s/AAAA")
    assert (draft.title, iso(draft.published_at), draft.origin) == (TITLE, SECOND, "示例发布")
    assert draft.text.count("\n") == 2


def test_a_heading_is_the_title_where_the_head_names_the_site_only() -> None:
    html = (
        f'<html><head><meta charset="utf-8"><title>示例市人民政府门户网站</title></head><body><ul>{MENU}</ul>'
        f'<div class="xl_title">{TITLE}</div><p>2024-03-05 09:05</p><div>{PROSE}</div></body></html>'
    )
    assert extract(html.encode()).title == TITLE
