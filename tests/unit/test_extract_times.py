"""When a page was published: which of the times on it is taken, and how exactly. Contents are invented."""

from datetime import UTC, datetime

import pytest

from crawler.extract import extract
from crawler.extract.rare import completed, rare_stamp
from crawler.extract.times import read_stamp
from crawler.records import Entry, Hints, Precision, iso

TITLE = "示例市的试点开始了"
PROSE = (
    "<p>示例市的试点今天开始，首批二十家企业参加，居民们反映良好。</p>"
    "<p>主办方介绍，平台把填报的表格从十二张减到一张，办理时间缩短一半。</p>"
    "<p>下一步，试点将扩大到全市，年底前再有五十家企业加入。</p>"
)
DAY = "2005-03-04T00:00:00+08:00"
MINUTE = "2005-03-04T09:12:00+08:00"
SECOND = "2005-03-04T09:12:33+08:00"


def told(body: str, *, head: str = "", url: str | None = None, entry: Entry | None = None) -> str | None:
    page = f'<html><head><meta charset="utf-8"><title>{TITLE}</title>{head}</head><body>{body}</body></html>'
    return iso(extract(page.encode(), url=url, hints=Hints(entry=entry)).published_at)


def article(before: str = "", behind: str = "") -> str:
    return f"<h1>{TITLE}</h1>{before}<div class=TRS_Editor>{PROSE}</div>{behind}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("http://www.example.com 2005年03月04日 09:12 《示例周刊》", MINUTE),
        ("http://www.example.com 2005-03-04 09:12:33 来源: 示例日报", SECOND),
        ("（2005年3月4日 9:12）", MINUTE),
        ("2005年03月04日, 星期五 09:12", MINUTE),
        ("2005年3月4日(周五) 上午9时12分", MINUTE),
        ("2005年3月4日 09:12 AM", MINUTE),
        ("2005-03-04 9:12 18人评论", MINUTE),
        ("发布日期：3/4/2005 9:12:33 AM", SECOND),
        ("Posted on March 4, 2005 9:12 AM", MINUTE),
        ("4 Mar 2005 09:12:33", SECOND),
        ("发信站: 示例站 (Fri Mar  4 09:12:33 2005), 站内", SECOND),
        ("09:12:33 2005-03-04", SECOND),
        ("<span>2005</span><span>03/04</span> <span>09:12:33</span>", SECOND),
        ("<p>2005-03-04</p><p>09:12</p>", MINUTE),
        ("05-03-04 09:12", MINUTE),
        ("31/03/2005", "2005-03-31T00:00:00+08:00"),
        ("03/04/2005", None),
    ],
)
def test_a_time_near_the_headline_is_read_in_any_form_that_says_one_thing(line: str, expected: str | None) -> None:
    assert told(article(f"<div>{line}</div>")) == expected


@pytest.mark.parametrize(
    "behind",
    [
        "<p>发表于 2005年03月04日 09:12 - (阅读:3727;评论:63)</p><p># re: 试点 2005-03-04 10:46 某甲</p>",
        "<p>〓 示例 发布时间 2005/03/04 09:12 by 某甲 〓</p><p>〓 示例 发布时间 2005/03/05 10:00 by 某乙 〓</p>",
        "<p>本贴由某甲于2005年3月4日09:12在〖示例〗发表.</p><p>原标题:【试点】是某甲在2005年3月4日09:10:13发表</p>",
    ],
    ids=["a journal", "a forum", "a board"],
)
def test_the_first_post_says_when_it_was_posted_behind_its_text(behind: str) -> None:
    assert told(article(behind=behind)) == MINUTE


@pytest.mark.parametrize(
    "markup",
    [
        "<!--[1,3,2443] published at 2005-03-04 09:12:33 from #1 by 4-->",
        "<input type=hidden name=pubtime value='2005-03-04 09:12:33'>",
        "<script>var ct = '1109898753';</script>",
        '<script>window.data = {"publish_time": "2005-03-04 09:12:33", "id": 7}</script>',
    ],
    ids=["a signature", "a form field", "seconds in a script", "a field in a script"],
)
@pytest.mark.parametrize("shown", ["", "2005-03-04"], ids=["nothing shown", "a day shown"])
def test_what_only_the_markup_says_stands_in_for_what_is_not_shown(markup: str, shown: str) -> None:
    assert told(article(f"<div>{shown}</div>", markup)) == SECOND


def test_another_day_in_a_script_does_not_touch_the_day_that_is_shown() -> None:
    assert told(article("<div>2005-03-04</div>", "<script>var ct = '1609898753';</script>")) == DAY


@pytest.mark.parametrize(
    ("line", "expected"),
    [("03-04 09:12 来源：示例日报", MINUTE), ("09:12:33", SECOND), ("03-05 09:12", DAY), ("10:3 胜", DAY)],
    ids=["without the year", "the clock alone", "of another day", "a result"],
)
def test_a_clock_is_completed_by_the_day_in_the_address(line: str, expected: str) -> None:
    assert told(article(f"<div>{line}</div>"), url="https://www.example.com/2005-03-04/doc-1.shtml") == expected


@pytest.mark.parametrize(
    ("line", "head", "expected"),
    [
        ("2005-03-04 09:12", '<meta property="article:published_time" content="2005-03-04T14:40:00+08:00">', MINUTE),
        ("2005-03-04 09:12", '<meta name="weibo: article:create_at" content="2005-03-04 14:40:00">', MINUTE),
        ("成文日期：2005-02-01", '<meta name="PubDate" content="2005-03-04 09:12">', MINUTE),
        ("成文日期：2005-02-01 发布日期：2005-03-04", "", DAY),
        ("生成日期：2005-02-01", "", None),
        ("更新时间以2005-02-01 08:00为准", '<meta name="PubDate" content="2005-03-04 09:12">', MINUTE),
        ("2005-03-04 00:00:00", "", DAY),
        ("2005-03-04", "", DAY),
        ("", '<script type="application/ld+json">{"@type": "Article", "datePublished": "2005-03-04T01:12Z"}</script>',
         MINUTE),
        ("更新时间：2005-03-04 09:12", "", MINUTE),
        ("更新时间：2005-03-05 09:12 发布时间：2005-03-04 09:12", "", MINUTE),
    ],
)  # fmt: skip
def test_what_is_shown_comes_first_and_the_day_of_writing_never(line: str, head: str, expected: str | None) -> None:
    assert told(article(f"<div>{line}</div>"), head=head) == expected


def test_a_time_in_the_listing_comes_before_a_post_somewhere_on_the_page() -> None:
    entry = Entry(
        url="https://example.com/a",
        title=TITLE,
        published_at=datetime(2005, 3, 4, 1, 12, tzinfo=UTC),
        published_precision=Precision.MINUTE,
    )
    behind = "<p>某乙 发表于 2005-03-09 10:00</p>"
    assert told(article(behind=behind), entry=entry) == MINUTE
    assert told(article(behind=behind)) == "2005-03-09T10:00:00+08:00"


@pytest.mark.parametrize(
    ("shown", "expected", "precision"),
    [
        ("Thu, 03 Mar 2005 23:54:04 GMT", "2005-03-04T07:54:04+08:00", Precision.SECOND),
        ("2005-03-03T23:54Z", "2005-03-04T07:54:00+08:00", Precision.MINUTE),
        ("2005年3月4日 下午3:05", "2005-03-04T15:05:00+08:00", Precision.MINUTE),
        ("2005-03-04 12:05 AM", "2005-03-04T00:05:00+08:00", Precision.MINUTE),
        ("2005-03-04 12:05 PM", "2005-03-04T12:05:00+08:00", Precision.MINUTE),
        ("2005年3月4日9时12分33秒", SECOND, Precision.SECOND),
        ("2005-03-04 09:12 33条", MINUTE, Precision.MINUTE),
        ("2005年3月4日9时", "2005-03-04T09:00:00+08:00", Precision.HOUR),
        ("2005-03-04", DAY, Precision.DAY),
    ],
)
def test_a_written_time_is_beijings_and_no_more_exact_than_it_says(
    shown: str, expected: str, precision: Precision
) -> None:
    stamp = read_stamp(shown)
    assert stamp is not None
    assert (iso(stamp.at), stamp.precision) == (expected, precision)


@pytest.mark.parametrize(
    "line",
    ["04/12/2005", "13/13/2005", "第3-4-05号 09:1", "比分 21:23 2005", "May 2005", "编号 2005-99-99", "", "30/2/2005"],
)
def test_what_may_be_read_in_two_ways_or_none_is_no_time(line: str) -> None:
    assert rare_stamp(line) is None


def test_a_clock_without_its_day_belongs_only_to_the_day_it_may_be_of() -> None:
    assert completed("04-03 09:12", "2005-03-04") is None
    assert completed("会议定于09:12开始", "2005-03-04") is None


def test_the_last_guess_is_made_only_where_nobody_says() -> None:
    guessed = article(behind='<div class="foot"><abbr class="published" title="2005-03-09">x</abbr></div>')
    assert told(guessed) == "2005-03-09T00:00:00+08:00"
    assert told(guessed, url="https://www.example.com/200503/t20050304_1.html") == DAY
