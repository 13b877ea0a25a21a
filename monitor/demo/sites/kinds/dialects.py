"""The rows of a list as templates write them: fourteen ways that were seen, each with names nobody has seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from monitor.demo.sites.answers import cut, escape
from monitor.demo.sites.kinds import Board, Item, Style

#: Where a template leaves out the year, the article's address may have the day.
_DATES = ("%Y-%m-%d", "[%Y-%m-%d]", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d", "%Y-%m-%d %H:%M", "%m-%d")


@dataclass(frozen=True, slots=True)
class ListRow:
    """One item as the list shows it. href: as the template writes it."""

    item: Item
    href: str
    date: str

    @property
    def whole(self) -> str:
        return escape(self.item.title)

    @property
    def short(self) -> str:
        return escape(cut(self.item.title, 20))

    @property
    def lead(self) -> str:
        return escape(self.item.paragraphs[0][:60]) + "……"


def list_rows(
    board: Board, items: Sequence[Item], href: Callable[[Item], str], *, dates: bool = True, years: bool = False
) -> str:
    """The items in the dialect of the board's style. dates: the list shows days. years: and never without the year."""
    style = board.style
    form = style.choice("date", *(_DATES[:-1] if years else _DATES)) if dates else ""
    rows = [ListRow(item, escape(href(item)), item.published.strftime(form)) for item in items]
    return DIALECTS[style.choice("dialect", *DIALECTS)](style, rows)


def _marked(row: ListRow) -> str:
    """The mark of a pinned row, beside its link."""
    return "<em>置顶</em>" if row.item.pinned else ""


def _behind(style: Style, rows: Sequence[ListRow]) -> str:
    lines = (
        f'<li>{_marked(row)}<a href="{row.href}" title="{row.whole}" target="_blank">{row.short}</a>'
        f"<span>{row.date}</span></li>"
        for row in rows
    )
    return f'<ul class="{style.name("rows")}">{"".join(lines)}</ul>'


def _before(style: Style, rows: Sequence[ListRow]) -> str:
    name = style.name("date")
    lines = (f'<li><span class="{name}">{row.date}</span><a href="{row.href}">{row.whole}</a></li>' for row in rows)
    return f'<div class="{style.name("rows")}"><ul>{"".join(lines)}</ul></div>'


def _table(style: Style, rows: Sequence[ListRow]) -> str:
    lines = (
        f'<tr class="{style.name(f"row {place % 2}")}"><td>{place}</td>'
        f'<td><a href="{row.href}" title="{row.whole}">{row.short}</a></td><td nowrap>{row.date}</td></tr>'
        for place, row in enumerate(rows, 1)
    )
    heads = "<tr><th>序号</th><th>标题</th><th>日期</th></tr>"
    return f'<table width="100%" class="{style.name("rows")}">{heads}{"".join(lines)}</table>'


def _tables(style: Style, rows: Sequence[ListRow]) -> str:
    return "".join(
        f'<table width="100%" border="0"><tr><td width="3%"><img src="/images/dot.gif"></td>'
        f'<td><a href="{row.href}" target="_blank">{row.whole}</a></td><td align="right">{row.date}</td></tr></table>'
        for row in rows
    )


def _definitions(style: Style, rows: Sequence[ListRow]) -> str:
    lines = (f'<dt><a href="{row.href}">{row.whole}</a></dt><dd>{row.date}</dd>' for row in rows)
    return f'<dl class="{style.name("rows")}">{"".join(lines)}</dl>'


def _cards(style: Style, rows: Sequence[ListRow]) -> str:
    name = style.name("row")
    lines = (
        f'<div class="{name}"><h3>{_marked(row)}<a href="{row.href}">{row.whole}</a></h3>'
        f"<p>{row.lead}</p><span>{row.date}</span></div>"
        for row in rows
    )
    return f'<div class="{style.name("rows")}">{"".join(lines)}</div>'


def _wrapped(style: Style, rows: Sequence[ListRow]) -> str:
    """The whole row is the link, with a number of a document beside the date."""
    row_name, title, date = style.name("row"), style.name("title"), style.name("date")
    lines = (
        f'<a class="{row_name}" href="{row.href}"><div class="{title}">{row.whole}</div>'
        f'<div class="{style.name("number")}">{escape(row.item.doc_number or "")}</div>'
        f'<div class="{date}">{row.date}</div></a>'
        for row in rows
    )
    return f'<div class="{style.name("rows")}">{"".join(lines)}</div>'


def _calendar(style: Style, rows: Sequence[ListRow]) -> str:
    """The day stands large over its month."""
    name = style.name("day")
    lines = (
        f'<li><div class="{name}"><b>{row.item.published:%d}</b><i>{row.item.published:%Y-%m}</i></div>'
        f'<a href="{row.href}" title="{row.whole}">{row.short}</a></li>'
        for row in rows
    )
    return f'<ul class="{style.name("rows")}">{"".join(lines)}</ul>'


def _flat(style: Style, rows: Sequence[ListRow]) -> str:
    """Nothing holds a row together: a link, a date, a line break."""
    lines = (
        f'·<a href="{row.href}" target=_blank>{row.whole}</a> <font color="#999">{row.date}</font><br>' for row in rows
    )
    return f'<div class="{style.name("rows")}">{"".join(lines)}</div>'


def _paragraphs(style: Style, rows: Sequence[ListRow]) -> str:
    lines = (f'<p>·{_marked(row)}<a href="{row.href}">{row.whole}</a> {row.date}</p>' for row in rows)
    return f'<div class="{style.name("rows")}">{"".join(lines)}</div>'


def _doubled(style: Style, rows: Sequence[ListRow]) -> str:
    """Every headline twice, for desks and for telephones."""
    wide, narrow = style.name("wide"), style.name("narrow")
    lines = (
        f'<li><a class="{wide}" href="{row.href}" title="{row.whole}">{row.short}</a>'
        f'<a class="{narrow}" href="{row.href}">{escape(cut(row.item.title, 12))}</a><span>{row.date}</span></li>'
        for row in rows
    )
    return f'<ul class="{style.name("rows")}">{"".join(lines)}</ul>'


def _groups(style: Style, rows: Sequence[ListRow]) -> str:
    """Five and a line; a template's loop cannot count otherwise."""
    lines = []
    for place, row in enumerate(rows, 1):
        lines.append(f'<li><h4><a href="{row.href}">{row.whole}</a><span>{row.date}</span></h4></li>')
        lines += ['<li class="line"></li>'] if place % 5 == 0 else []
    return f'<div class="{style.name("rows")}"><ul>{"".join(lines)}</ul></div>'


def _pictures(style: Style, rows: Sequence[ListRow]) -> str:
    lines = (
        f'<li><a href="{row.href}"><img src="/images/{place}.jpg" alt=""></a>'
        f'<div><h4><a href="{row.href}">{row.whole}</a></h4>'
        f"<p>{row.lead}</p><span>{row.date}</span></div></li>"
        for place, row in enumerate(rows)
    )
    return f'<ul class="{style.name("rows")}">{"".join(lines)}</ul>'


def _sorted(style: Style, rows: Sequence[ListRow]) -> str:
    """Each headline behind the name of a column, which is a link too."""
    lines = (
        f'<li><a href="/c{place % 3}/index.html">[动态]</a><a href="{row.href}" title="{row.whole}">{row.short}</a>'
        f"<span>{row.date}</span></li>"
        for place, row in enumerate(rows)
    )
    return f'<ul class="{style.name("rows")}">{"".join(lines)}</ul>'


def _buttons(style: Style, rows: Sequence[ListRow]) -> str:
    """The headline is no link: the button below it is."""
    name = style.name("row")
    lines = (
        f'<div class="{name}"><h3>{row.whole}</h3><p>{row.lead}</p><span>{row.date}</span>'
        f'<a href="{row.href}">查看详情&gt;&gt;</a></div>'
        for row in rows
    )
    return f'<div class="{style.name("rows")}">{"".join(lines)}</div>'


DIALECTS: Mapping[str, Callable[[Style, Sequence[ListRow]], str]] = {
    "behind": _behind,
    "before": _before,
    "table": _table,
    "tables": _tables,
    "definitions": _definitions,
    "cards": _cards,
    "wrapped": _wrapped,
    "calendar": _calendar,
    "flat": _flat,
    "paragraphs": _paragraphs,
    "doubled": _doubled,
    "groups": _groups,
    "pictures": _pictures,
    "sorted": _sorted,
    "buttons": _buttons,
}
