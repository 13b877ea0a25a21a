"""List pages as templates' authors write them, each with a trap: the list must be told from the rest by its shape."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

NEWEST = date(2026, 11, 20)
_THINGS = ("老旧小区改造", "内河码头扩建", "数字经济创新", "夜间公交线路", "农产品检测", "企业用工服务", "城市书房开放")
_VERBS = ("全面启动", "通过验收", "公开征求意见", "有了新进展", "今年完成过半", "明天开始报名")
_COLUMNS = (
    "政府信息公开指南和目录",
    "部门统计数据发布平台",
    "行政规范性文件数据库",
    "人大代表建议和政协提案办理",
    "重点领域信息公开专栏",
    "优化营商环境专题专栏",
    "领导信箱和在线咨询平台",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One article of the list."""

    title: str
    path: str
    day: date


def rows(count: int, *, path: str = "/xw/{day:%Y%m}/{number}.html", first: int = 0) -> tuple[Row, ...]:
    """So many rows, newest first, all different."""
    made = []
    for number in range(first, first + count):
        day = NEWEST - timedelta(days=number)
        title = f"甬城{_THINGS[number % 7]}{_VERBS[number % 6]}第{number + 1}批"
        made.append(Row(title, path.format(day=day, number=4_100_000 + number), day))
    return tuple(made)


def page(body: str, *, title: str = "工作动态 - 示例县人民政府", head: str = "") -> str:
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>'
        f'<div id="qwtop"><a href="/">首页</a> <a href="/login.html">登录个人中心</a></div>{body}'
        '<div id="qwend"><a href="http://www.example.gov.cn/">示例省人民政府门户网站</a>'
        '<a href="/about.html">关于我们</a>'
        "<p>主办单位：示例县人民政府办公室 备案号：示例备00000000号</p></div></body></html>"
    )


def _nav() -> str:
    return "".join(f'<li><a href="/col/col{130 + n}/index.html">{name}</a></li>' for n, name in enumerate(_COLUMNS))


def _plain(listed: Sequence[Row]) -> str:
    return "".join(f'<li><a href="{row.path}">{row.title}</a><span>{row.day}</span></li>' for row in listed)


def long_navigation(listed: Sequence[Row]) -> str:
    return page(f'<ul class="bolu">{_nav()}</ul><ul class="mike">{_plain(listed)}</ul><ul class="bolu2">{_nav()}</ul>')


def ranking_beside(listed: Sequence[Row]) -> str:
    """The most read, of the same addresses and more of them, without dates."""
    others = rows(20, first=200)
    ranked = "".join(f'<li><em>{n}</em><a href="{row.path}">{row.title}</a></li>' for n, row in enumerate(others, 1))
    main = f'<div class="sazo"><ul>{_plain(listed)}</ul></div>'
    return page(f'<div class="tufi"><h3>阅读排行</h3><ul>{ranked}</ul></div>{main}')


def two_lists(listed: Sequence[Row]) -> str:
    """A second column's newest beside the list, dated too."""
    others = rows(6, path="/gg/{day:%Y%m}/{number}.html", first=300)
    side = (
        f'<div class="kepa"><h2>通知公告</h2><ul>{_plain(others)}</ul><a href="/gg/index.html">更多&gt;&gt;</a></div>'
    )
    return page(f'{side}<div class="rime"><ul class="vota">{_plain(listed)}</ul></div>')


def table(listed: Sequence[Row]) -> str:
    """Cells for a number, the department and the day; the first row heads the columns."""
    body = "".join(
        f'<tr><td>{n}</td><td><a href="/bm/{n % 3}/">县发改局</a></td><td><a title="{row.title}" href="{row.path}">'
        f"{row.title[:14]}…</a></td><td>示发改〔2026〕{n}号</td><td>[{row.day}]</td></tr>"
        for n, row in enumerate(listed, 1)
    )
    head = "<tr><th>序号</th><th>部门</th><th>标题</th><th>文号</th><th>日期</th></tr>"
    return page(f'<table><tr><td><ul>{_nav()}</ul></td><td><table class="wiri">{head}{body}</table></td></tr></table>')


def div_soup(listed: Sequence[Row]) -> str:
    """No element is named, and the day stands within the link."""
    body = "".join(
        f'<div><div><a href="{row.path}"><div>{row.title}</div><div>{row.day:%Y/%m/%d}</div></a></div></div>'
        for row in listed
    )
    nav = "".join(f'<div><a href="/zt/{n}/">{name}</a></div>' for n, name in enumerate(_COLUMNS))
    return page(f"<div><div>{nav}</div><div><div>{body}</div></div></div>")


def no_dates(listed: Sequence[Row]) -> str:
    body = "".join(f'<p><a href="{row.path}" target="_blank">{row.title}</a></p>' for row in listed)
    return page(f'<ul>{_nav()}</ul><div class="lunu">{body}</div>')


def dates_in_links(listed: Sequence[Row]) -> str:
    body = "".join(f'<li><a href="{row.path}">[{row.day}] {row.title}</a></li>' for row in listed)
    return page(f'<ul class="dofa">{_nav()}</ul><ul class="hiso">{body}</ul>')


def cards(listed: Sequence[Row]) -> str:
    """Picture, headline, lead and a button, all to the same address."""
    body = "".join(
        f'<div class="card"><a href="{row.path}"><img src="/i/{n}.jpg"></a>'
        f'<h4><a href="{row.path}">{row.title}</a></h4>'
        f"<p>记者从县里了解到，这项工作涉及十二个乡镇，预计今年内完成。</p><i>{row.day:%Y年%m月%d日}</i>"
        f'<a class="go" href="{row.path}">查看详细</a></div>'
        for n, row in enumerate(listed)
    )
    return page(f'<div class="grid">{body}</div><div class="list"><ul>{_nav()}</ul></div>')


def large_days(listed: Sequence[Row]) -> str:
    """The day large over year and month."""
    body = "".join(
        f"<dl><dt><b>{row.day:%d}</b><span>{row.day:%Y-%m}</span></dt>"
        f'<dd><a href="{row.path}">{row.title}</a></dd></dl>'
        for row in listed
    )
    return page(f'<div class="pune">{body}</div>')


def pager_below(listed: Sequence[Row]) -> str:
    numbers = "".join(f'<a href="index_{n}.html">{n}</a>' for n in range(2, 11))
    more = '<a href="index_2.html">下一页</a><a href="index_30.html">尾页</a>'
    return page(f'<div class="zo"><ul>{_plain(listed)}</ul><div class="fege"><span>1</span>{numbers}{more}</div></div>')


def departments_before(listed: Sequence[Row]) -> str:
    """Each row begins with the link of its department's own page."""
    body = "".join(
        f'<li>[<a href="/dept/{n % 4}/index.html">县农业农村局</a>] <a href="{row.path}">{row.title}</a>'
        f"<span>{row.day}</span></li>"
        for n, row in enumerate(listed)
    )
    return page(f'<ul class="nizu">{body}</ul>')


def ruled(listed: Sequence[Row]) -> str:
    """Lists of five with a rule between them, as one template of thousands of sites writes them."""
    blocks = [listed[n : n + 5] for n in range(0, len(listed), 5)]
    return page("".join(f'<ul class="lo">{_plain(block)}</ul><div class="line"></div>' for block in blocks))


def elsewhere(listed: Sequence[Row]) -> str:
    """Every second row leads to another site, as republished news does."""
    body = "".join(
        f'<li><a href="{row.path}" title="{row.title}">{row.title}</a><span>{row.day}</span></li>' for row in listed
    )
    return page(f'<ul class="wude">{body}</ul><div><h3>友情链接</h3><ul>{_nav()}</ul></div>')


def pinned(listed: Sequence[Row]) -> str:
    """The first two are dressed up and marked."""
    top = "".join(
        f'<li class="top"><b>[置顶]</b><a href="{row.path}"><font color="red"><b>{row.title}</b></font></a>'
        f"<span>{row.day}</span></li>"
        for row in listed[:2]
    )
    return page(f'<ul class="gami">{top}{_plain(listed[2:])}</ul>')


def old_tags(listed: Sequence[Row]) -> str:
    """Upper case, no quotes, nothing closed."""
    body = "".join(
        f"<TR><TD height=26>·<A href={row.path} target=_blank>{row.title}</A><TD align=right>{row.day:%Y-%m-%d}"
        for row in listed
    )
    return page(f"<TABLE width=760 border=0><TR><TD><TABLE width=100%>{body}</TABLE></TABLE>")


def base_elsewhere(listed: Sequence[Row]) -> str:
    body = "".join(
        f'<li><a href="{row.path.removeprefix("/")}">{row.title}</a><span>{row.day}</span></li>' for row in listed
    )
    return page(f'<ul class="reno">{body}</ul>', head='<base href="/">')


Template = Callable[[Sequence[Row]], str]
#: By a name that says the trap; and the rows that stand in each.
TEMPLATES: Mapping[str, tuple[Template, tuple[Row, ...]]] = {
    "a navigation of long names": (long_navigation, rows(12)),
    "a ranking beside the list": (ranking_beside, rows(12)),
    "a second dated list": (two_lists, rows(12)),
    "a table in a table": (table, rows(12)),
    "nameless divs, dates in links": (div_soup, rows(12)),
    "no dates": (no_dates, rows(12, path="/n/{number}.html")),
    "dates before titles in links": (dates_in_links, rows(12)),
    "cards with buttons": (cards, rows(9)),
    "days set large": (large_days, rows(10)),
    "a pager": (pager_below, rows(15)),
    "departments before titles": (departments_before, rows(12)),
    "blocks of five": (ruled, rows(15)),
    "rows that lead to other sites": (
        elsewhere,
        tuple(
            Row(
                row.title,
                f"https://news.example{n}.cn/{row.day:%Y-%m/%d}/content_{n}81.htm" if n % 2 else row.path,
                row.day,
            )
            for n, row in enumerate(rows(12))
        ),
    ),
    "pinned rows": (pinned, rows(12)),
    "tags of 1998": (old_tags, rows(12)),
    "a base address": (base_elsewhere, rows(12)),
    "addresses with a query": (long_navigation, rows(12, path="/show.asp?id={number}")),
    "addresses with dates alone": (no_dates, rows(12, path="/system/{day:%Y/%m/%d}/0{number}.shtml")),
}
