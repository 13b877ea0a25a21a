"""The list of a page that nobody described: told from menus, rankings and other columns, whatever it is made of."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from crawler.lists.headlines import Likeness, likeness_of
from crawler.lists.rowdates import row_stamp
from crawler.lists.rows import parse
from crawler.lists.shape import find_rows
from crawler.records import BEIJING, Entry, Precision
from monitor.demo.sites.kinds import Style
from monitor.demo.sites.kinds.dialects import DIALECTS
from tests.listings import column, walk, wrong

BASE = "https://www.example.gov.cn/xwzx/bmdt/index.html"
NOW = datetime(2026, 3, 12, 8, 0, tzinfo=UTC)
MENU = "".join(f'<li><a href="/c{n}/index.html">第{n}个栏目的名称</a></li>' for n in range(12))
FRIENDS = "".join(f'<li><a href="https://www.example{n}.gov.cn/">示例省第{n}个厅的网站</a></li>' for n in range(9))


def found(body: str, base: str = BASE) -> tuple[Entry, ...]:
    around = f"<ul>{MENU}</ul>{body}<div><b>友情链接</b><ul>{FRIENDS}</ul></div>"
    root = parse(f"<html><head><title>部门动态-示例市</title></head><body>{around}</body></html>")
    assert root is not None
    return find_rows(root, base, now=NOW)


def links(count: int, where: str = "/art/2026/3", *, first: int = 0, words: str = "某地推进示例工作") -> list[str]:
    return [f'<a href="{where}/{1000 + n}.html">{words}的第{n}条消息</a>' for n in range(first, first + count)]


def listed(items: Sequence[str], tag: str = "li") -> str:
    return "".join(f"<{tag}>{item}</{tag}>" for item in items)


def numbers(entries: Sequence[Entry]) -> list[int]:
    return [int(entry.url.rpartition("/")[2].partition(".")[0]) - 1000 for entry in entries]


def days(entries: Sequence[Entry]) -> list[str]:
    return [f"{entry.published_at.astimezone(BEIJING):%m-%d}" if entry.published_at else "" for entry in entries]


# --- all dialects -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_of_rows_is_read_with_names_never_seen(dialect: str) -> None:
    seeds = [seed for seed in range(400) if Style(seed).choice("dialect", *DIALECTS) == dialect][:3]
    assert len(seeds) == 3
    for seed in seeds:
        for kind in ("trs", "hangzhou", "cnnb"):
            read = walk(column(kind, seed, items=12))
            assert (len(read.found), wrong(read)) == (12, [])


# --- what is the list ---------------------------------------------------------------------------------------------


def test_three_rows_are_a_list_and_two_of_elsewhere_are_none() -> None:
    assert numbers(found(f"<ul>{listed(links(3))}</ul>")) == [0, 1, 2]
    assert found(f"<ul>{listed(links(2))}</ul>") == ()


def test_one_dated_row_below_the_page_s_own_address_is_a_list() -> None:
    row = '<ul><li><a href="202603/t20260312_1000.html">某地推进示例工作的第一条消息</a><i>2026-03-12</i></li></ul>'
    (entry,) = found(row)
    assert entry.url == "https://www.example.gov.cn/xwzx/bmdt/202603/t20260312_1000.html"
    assert found(row.replace("<i>2026-03-12</i>", "").replace("202603/t20260312_", "p")) == ()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="navigation and friendly links alone"),
        pytest.param(f"<div><h3>点击排行</h3><ul>{listed(links(10))}</ul></div>", id="nothing but a ranking"),
        pytest.param(f"<ol>{listed(links(10))}</ol>", id="numbered by its element"),
        pytest.param(f"<aside><ul>{listed(links(10))}</ul></aside>", id="an aside"),
        pytest.param(f'<div class="footer"><ul>{listed(links(10))}</ul></div>', id="a foot"),
        pytest.param("<p>正文里<a href='/a/1.html'>有一个很长很长的链接</a>。</p>", id="one link in a text"),
    ],
)
def test_a_page_without_its_list_has_none(body: str) -> None:
    assert found(body) == ()


def test_a_ranking_is_not_the_list_although_it_is_longer() -> None:
    ranking = f"<div><h3>热门排行</h3><ul>{listed(links(20, first=100))}</ul></div>"
    assert numbers(found(f"{ranking}<div><ul>{listed(links(6))}</ul></div>")) == list(range(6))


def test_a_block_under_another_column_s_name_is_not_the_list_and_one_under_its_own_is() -> None:
    notices = f'<div class="a"><h3>通知公告</h3><ul>{listed(links(8, first=50))}</ul></div>'
    body = f'{notices}<div class="b"><ul>{listed(links(4))}</ul></div>'
    assert numbers(found(body)) == [0, 1, 2, 3]
    root = parse(f"<html><head><title>通知公告-示例市人民政府</title></head><body>{body}</body></html>")
    assert root is not None
    assert numbers(find_rows(root, BASE)) == list(range(50, 58))


def test_dates_tell_the_list_from_undated_headlines() -> None:
    dated = [f"{link}<span>2026-03-0{n + 1}</span>" for n, link in enumerate(links(4))]
    body = f'<div class="a"><ul>{listed(links(9, first=50))}</ul></div><div class="b"><ul>{listed(dated)}</ul></div>'
    assert numbers(found(body)) == [0, 1, 2, 3]


def test_the_pager_stands_with_the_list() -> None:
    other = f'<div class="a"><ul>{listed(links(9, first=50))}</ul></div>'
    body = f'{other}<div class="b"><ul>{listed(links(4))}</ul><p><a href="index_1.html">下一页</a></p></div>'
    assert numbers(found(body)) == [0, 1, 2, 3]
    assert numbers(found(body.replace("下一页", "下载中心"))) == list(range(50, 59))


def test_rows_of_one_list_in_several_groups_are_one_list() -> None:
    groups = "".join(f"<ul>{listed(links(5, first=first))}</ul><hr>" for first in (0, 5, 10))
    assert numbers(found(f'<div class="x">{groups}</div>')) == list(range(15))


def test_panels_of_tabs_are_one_list_whatever_their_state() -> None:
    panels = "".join(
        f'<div class="panel{n} {"active" if n == 0 else ""}" id="tab{n}"><ul>{listed(links(4, first=4 * n))}</ul></div>'
        for n in range(3)
    )
    assert numbers(found(f'<div class="tabs">{panels}</div>')) == list(range(12))


def test_panels_with_names_of_their_own_are_one_list_and_a_block_with_a_heading_is_another() -> None:
    panels = "".join(
        f'<div class="{name}">{listed(links(4, first=n), "p")}</div>' for n, name in ((0, "ka"), (4, "lu"))
    )
    headed = f'<div class="mo"><h4>别的栏目</h4>{listed(links(3, first=90), "p")}</div>'
    assert numbers(found(f"<div>{panels}{headed}</div>")) == list(range(8))


def test_blocks_of_a_front_page_are_one_list() -> None:
    blocks = "".join(
        f'<div class="b{"xyz"[n]}"><h3>栏目{n}</h3><ul>{listed(links(4, first=4 * n))}</ul></div>' for n in range(3)
    )
    assert numbers(found(blocks, "https://www.example.cn/")) == list(range(12))
    assert numbers(found(blocks, "https://www.example.cn/a/list.html")) == list(range(12))


def test_a_short_block_under_another_name_is_no_list_when_the_page_s_own_is_gone() -> None:
    beside = listed([f"{link}<span>2026-03-01</span>" for link in links(8)])
    assert found(f'<div class="own"><ul></ul></div><div class="b"><h3>通知公告</h3><ul>{beside}</ul></div>') == ()


def test_a_pinned_row_in_other_dress_is_a_row() -> None:
    plain = listed([f"{link}<span>2026-03-01</span>" for link in links(4, first=1)])
    dressed = f'<h3><font color="red"><b>{links(1)[0]}</b></font></h3>'
    pinned = f'<li class="top">{dressed}<em>置顶</em><span>2026-02-01</span></li>'
    assert numbers(found(f"<ul>{pinned}{plain}</ul>")) == [0, 1, 2, 3, 4]


def test_an_original_and_its_interpretation_in_one_row_share_the_date() -> None:
    rows = [
        f"{one}{other}<span>2026-03-0{n + 1}</span>"
        for n, (one, other) in enumerate(zip(*[iter(links(8))] * 2, strict=True))
    ]
    entries = found(f"<ul>{listed(rows)}</ul>")
    assert numbers(entries) == list(range(8))
    assert days(entries) == ["03-01", "03-01", "03-02", "03-02", "03-03", "03-03", "03-04", "03-04"]


def test_files_and_other_hosts_are_rows_too() -> None:
    rows = [
        *links(3),
        '<a href="/files/2026plan.pdf">示例规划全文下载版本</a>',
        '<a href="https://mp.weixin.qq.com/s/abc">公众号里的一篇示例</a>',
    ]
    assert len(found(f"<ul>{listed(rows)}</ul>")) == 5


# --- titles -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        pytest.param('<a href="{}" title="{}">某地推进…</a>', id="cut short, whole in the attribute"),
        pytest.param('<a href="{}" title="点击查看">{}</a>', id="an attribute that says what to do"),
        pytest.param('<a href="{0}">某地<b></b></a><a href="{0}" title="{1}">某地推进</a>', id="twice in a row"),
        pytest.param('<a href="{0}"><img src="1.jpg"></a><h4><a href="{0}">{1}</a></h4>', id="a picture before"),
        pytest.param('<a href="{}"><h3>{}</h3><p>一段很长很长的摘要，说的是别的事。</p></a>', id="a card"),
        pytest.param('<a href="{}"><div><h3>{}</h3><p>摘要</p></div></a>', id="a card in a box"),
        pytest.param('<a href="{}"><i>1</i><span>{}</span><em>2026-03-12</em></a>', id="a card with a rank"),
        pytest.param('<a href="{}">{}<span>2026-03-12</span></a>', id="the date within the link"),
        pytest.param('<h3>{1}</h3><p>摘要</p><a href="{0}">查看详情&gt;&gt;</a>', id="a button below the headline"),
        pytest.param('<i>1</i><div>{1}</div><a href="{0}"><b>[详细]</b></a>', id="a button below words alone"),
        pytest.param('<a href="{}"><h3> </h3><div>{}</div></a>', id="a card with an empty heading"),
    ],
)
def test_the_title_is_the_headline(row: str) -> None:
    titles = [f"某地推进示例工作的第{n}条消息" for n in range(4)]
    body = listed([row.format(f"/art/2026/3/{1000 + n}.html", title) for n, title in enumerate(titles)])
    assert [entry.title for entry in found(f"<ul>{body}</ul>")] == titles


def test_an_attribute_that_is_the_same_for_all_rows_is_no_title() -> None:
    rows = [link.replace("<a ", '<a title="示例市人民政府门户网站" ') for link in links(4)]
    assert {str(entry.title)[:4] for entry in found(f"<ul>{listed(rows)}</ul>")} == {"某地推进"}


# --- dates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pieces", "day"),
    [
        pytest.param(["2023/07/06"], "2023-07-06", id="slashes"),
        pytest.param(["[", "2023-07-06", "]"], "2023-07-06", id="brackets of their own"),
        pytest.param(["日期：2018-08-01"], "2018-08-01", id="a label"),
        pytest.param(["2023年07月06日"], "2023-07-06", id="in words"),
        pytest.param(["06", "2023-07"], "2023-07-06", id="the day over its month"),
        pytest.param(["2023.07", "06"], "2023-07-06", id="the month over its day"),
        pytest.param(["07-06", "2023"], "2023-07-06", id="the year below"),
        pytest.param(["2023", "7月6日"], "2023-07-06", id="the year above"),
        pytest.param(["03-11"], "2026-03-11", id="without a year"),
        pytest.param(["(12-30)"], "2025-12-30", id="of last year"),
        pytest.param(["03-13"], "2026-03-13", id="a page a day ahead"),
        pytest.param(["02-29"], None, id="no such day in these years"),
        pytest.param(["成文日期：2023-07-01", "发布日期：2023-07-06"], "2023-07-06", id="written, then published"),
        pytest.param(
            ["会议定于2023年9月1日至3日在示例市举行，届时将有多家企业参加。"], None, id="a date in a sentence"
        ),
        pytest.param(["今天是2026年3月12日 星期四"], None, id="today"),
        pytest.param(["增长7.06%"], None, id="a number"),
        pytest.param(["2023.13", "06"], None, id="no such month"),
        pytest.param(["7.06", "亿元"], "2025-07-06", id="what cannot be told from a date"),
        pytest.param(["3:12"], None, id="a length"),
        pytest.param([], None, id="nothing"),
    ],
)
def test_a_row_s_date_is_what_stands_for_one(pieces: list[str], day: str | None) -> None:
    stamp = row_stamp(pieces, now=NOW)
    assert (stamp and stamp.day) == day


def test_a_date_without_a_year_says_nothing_where_the_year_is_not_known() -> None:
    assert row_stamp(["03-11"]) is None


def test_date_and_time_in_neighbouring_cells_are_one_time() -> None:
    stamp = row_stamp(["2023-07-06", "17:31"])
    assert stamp is not None
    assert stamp.at == datetime(2023, 7, 6, 17, 31, tzinfo=BEIJING)


def test_a_time_of_day_without_a_year_is_a_minute() -> None:
    stamp = row_stamp(["[03-11 17:31]"], now=NOW)
    assert stamp is not None
    assert (stamp.at, stamp.precision) == (datetime(2026, 3, 11, 17, 31, tzinfo=BEIJING), Precision.MINUTE)


def test_a_text_around_a_single_link_is_no_row() -> None:
    """Its dates are not the link's."""
    text = "这是一段很长的介绍文字，与列表没有关系。" * 30
    link = '<a href="202603/t20260312_1000.html">某地推进示例工作的第一条</a>'
    assert found(f"<div><p>更新于 2020-01-01</p><p>{text}</p>{link}</div>") == ()


@pytest.mark.parametrize("make", ["{0}{1}<br>", "{1}{0}<br>", "<p>{0}</p><p>{1}</p>", "<dt>{0}</dt><dd>{1}</dd>"])
def test_dates_behind_or_before_headlines_are_each_their_own(make: str) -> None:
    rows = "".join(make.format(link, f"<i>2026-03-0{n + 1}</i>") for n, link in enumerate(links(5)))
    assert days(found(f"<div>{rows}</div>")) == ["03-01", "03-02", "03-03", "03-04", "03-05"]


def test_a_date_in_the_summary_is_not_the_row_s_where_the_address_has_one() -> None:
    rows = [
        f'<a href="202603/t2026030{n}_{1000 + n}.html">某地推进示例工作的第{n}条消息</a>'
        "<p>这项工作从2019年5月1日开始，到现在已经有好几年了，还要继续做下去。</p>"
        for n in range(1, 5)
    ]
    assert days(found(f"<ul>{listed(rows)}</ul>")) == ["03-01", "03-02", "03-03", "03-04"]


# --- addresses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "likeness"),
    [
        ("https://www.example.gov.cn/xxgk/202307/t20230706_1350000.html", Likeness.ARTICLE),
        ("https://www.example.gov.cn/art/2023/7/6/art_1228971341_58945012.html", Likeness.ARTICLE),
        ("https://www.example.gov.cn/col/col1229/art/2026/art_0123456789abcdef0123456789abcdef.html", Likeness.ARTICLE),
        ("https://www.example.gov.cn/yaowen/liebiao/202307/content_6890000.htm", Likeness.ARTICLE),
        ("http://news.example.cn/system/2026/03/10/012345678.shtml", Likeness.ARTICLE),
        ("http://www.example.cn/news_show.asp?id=77", Likeness.ARTICLE),
        ("http://www.example.cn/show.asp?ClassID=8&id=77", Likeness.ARTICLE),
        ("https://mp.weixin.qq.com/s/abcDEF", Likeness.ARTICLE),
        ("https://www.example.gov.cn/files/plan.pdf", Likeness.ARTICLE),
        ("http://www.example.cn/news_list.asp?ClassID=8", Likeness.PLAIN),
        ("https://www.example.cn/about-the-paper.html", Likeness.PLAIN),
        ("https://www.example.gov.cn/", Likeness.INDEX),
        ("https://www.example.gov.cn", Likeness.INDEX),
        ("https://www.example.gov.cn/col/col1229187636/index.html", Likeness.INDEX),
        ("https://www.example.gov.cn/col/col1229187636", Likeness.INDEX),
        ("https://hznews.example.cn/xinzheng/node_15890.htm", Likeness.INDEX),
        ("https://www.example.gov.cn/xwzx/index_2.shtml", Likeness.INDEX),
    ],
)
def test_an_address_looks_like_what_it_is(url: str, likeness: Likeness) -> None:
    assert likeness_of(url) is likeness


def test_a_page_built_to_hold_us_does_not() -> None:
    rows = "".join(f"<p><a href=/a/2023{n:06}.html>一条新闻的标题第{n}号</a></p>" for n in range(8_000))
    root = parse("<div>" * 150 + rows)
    assert root is not None
    assert 0 < len(find_rows(root, BASE)) <= 3000
