"""What the Hanweb kinds share: where a column is, both forms of an article's address, and the article's templates."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from crawler.records import BEIJING
from monitor.demo.sites.answers import Asked, Reply, cut, escape, not_found, today_line
from monitor.demo.sites.kinds import Board, Item

_NUMBERED = re.compile(r"/col/col(\d+)/")
#: Of sixteen articles so many stand under the old form of address; a column that moved has both.
_OLD = 6
#: What the software's templates call the body, as (attribute, name).
_BODIES = (
    'id="zoom"',
    'class="bt_content"',
    'class="wrapper_detail_text"',
    'class="article-content"',
    'class="nr"',
    'id="ivs_content"',
    'id="mainText"',
    'class="zc_article_con"',
    'class="ccontent" id="con_con"',
)


@dataclass(frozen=True, slots=True)
class Column:
    """number: as it stands in addresses and forms. folder: of its articles of the new form. dated: it has old ones."""

    number: str
    folder: str
    dated: bool


def said(board: Board, name: str) -> str | None:
    """What the entry says about its list, in `params` or in its address."""
    url = str(board.entry.get("url", ""))
    given: Mapping[str, Any] = {**dict(parse_qsl(urlsplit(url).query)), **board.entry.get("params", {})}
    return str(given[name]) if name in given else None


def column_of(board: Board) -> Column:
    """By the address of the entry; ministries have a path where others have a number."""
    path = urlsplit(str(board.entry.get("url", ""))).path
    numbered = _NUMBERED.search(path)
    told = said(board, "columnid") or (said(board, "divid") or "").removeprefix("div") or None
    number = numbered[1] if numbered else told or str(1_229_000_000 + board.number)
    if numbered is None and "/module/" not in path:
        return Column(number, path.rpartition("/")[0], dated=False)
    return Column(number, path.rpartition("/")[0] if numbered else f"/col/col{number}", dated=True)


def article_path(board: Board, item: Item) -> str:
    """`/col/col…/art/2026/art_….html` with 32 hex digits, or `/art/2026/3/7/art_…_….html` without leading zeros."""
    column, day = column_of(board), item.published
    if column.dated and int(item.key[-1], 16) < _OLD:
        return f"/art/{day.year}/{day.month}/{day.day}/art_{column.number}_{int(item.key, 16)}.html"
    return f"{column.folder}/art/{day.year}/art_{item.key * 2}.html"


def article(asked: Asked, board: Board) -> Reply | None:
    """The article at the address, as long as it is one of this column."""
    key = _key(asked.path, column_of(board))
    if key is None:
        return None
    item = board.find(key)
    if item is None or article_path(board, item) != asked.path:
        return not_found(board.site_name)
    if item.gone is not None:
        return Reply(status=item.gone, body=not_found(board.site_name).body, article=item.key)
    template = board.style.choice("template", "news", "disclosure")
    text = _disclosure(asked, board, item) if template == "disclosure" else _news(asked, board, item)
    return Reply(body=text.encode(), article=item.key, version=item.version)


def _key(path: str, column: Column) -> str | None:
    new = re.fullmatch(rf"{re.escape(column.folder)}/art/\d{{4}}/art_([0-9a-f]{{16}})\1\.html", path)
    old = re.fullmatch(rf"/art/\d{{4}}/\d{{1,2}}/\d{{1,2}}/art_{column.number}_(\d{{1,20}})\.html", path)
    if new is not None:
        return new[1]
    return f"{int(old[1]):016x}" if old is not None and column.dated else None


def link(asked: Asked, board: Board, item: Item) -> str:
    """The article's address as this column's template writes it: a path, without a scheme, or whole."""
    path, host = article_path(board, item), asked.root.partition("://")[2]
    return {"path": path, "bare": f"//{host}{path}", "whole": asked.root + path}[
        board.style.choice("link", "path", "bare", "whole")
    ]


def cut_title(item: Item) -> str:
    return escape(cut(item.title, 24))


def digest(text: str, length: int = 32) -> str:
    """Opaque ids, as templates and pages below a column have them."""
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def column_head(board: Board, title: str | None = None) -> str:
    """The head of a column's page: of the national metas it has those of the site and the column alone."""
    return f"""<head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
<title>{board.site_name} {title or board.column_name}</title>
<meta name="SiteName" content="{board.site_name}"><meta name="SiteDomain" content="www.example.gov.cn">
<meta name="SiteIDCode" content="3307990000"><meta name="ColumnName" content="{board.column_name}">
<meta name="ColumnDescription" content=""><meta name="ColumnKeywords" content="">
<meta name="ColumnType" content="信息公开"></head>"""


def column_page(board: Board, list_markup: str) -> str:
    """A column's page around its list, with the navigation and the foot that all pages of the site have."""
    style = board.style
    links = "".join(
        f'<li><a href="/col/col{1_400_000 + i}/index.html">{name}</a></li>'
        for i, name in enumerate(("政务公开", "政民互动", "网上办事", "走进我市"))
    )
    return f"""<!DOCTYPE html><html>{column_head(board)}
<body><div class="{style.name("top")}"><ul class="{style.name("nav")}"><li><a href="/">首页</a></li>{links}</ul></div>
<div class="{style.name("position")}">当前位置：<a href="/">首页</a> &gt; {board.column_name}</div>
<div class="{style.name("list")}">
{list_markup}
</div><iframe src="/module/visitcount/visit.jsp?type=2&i_webid={_site_number(board)}" style="display:none"></iframe>
<div class="{style.name("foot")}">主办单位：{board.site_name} 网站标识码：3307990000</div></body></html>"""


def _site_number(board: Board) -> str:
    return said(board, "webid") or str(3000 + board.number)


# --- articles ---


def _metas(asked: Asked, board: Board, item: Item) -> str:
    """The national standard, with the deviations that sites are known for; Maketime changes with every answer."""
    style, published = board.style, item.published
    pub_date = style.choice(
        "PubDate", f"{published:%Y-%m-%d %H:%M}", f"{published:%Y-%m-%d %H:%M:%S}", f"{published:%Y-%m-%d}"
    )
    source = escape(item.origin or "") if style.choice("ContentSource", "full", "empty") == "full" else ""
    address = style.choice("Url", article_path(board, item), "/")
    end = style.choice("meta end", ">", "/>")
    pairs = {
        "SiteName": board.site_name,
        "SiteDomain": "www.example.gov.cn",
        "SiteIDCode": "3307990000",
        "ColumnName": board.column_name,
        "ColumnType": "信息公开",
        "ArticleTitle": escape(item.title),
        "PubDate": pub_date,
        "Author": "",
        "Description": "",
        "Keywords": "",
        "ContentSource": source,
        "Url": asked.root + address,
    }
    made = f"<meta name='Maketime' content='{asked.now.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}_{asked.visits % 1000}'>"
    return "\n".join([made, *(f'<meta name="{name}" content="{value}"{end}' for name, value in pairs.items())])


def _paragraphs(item: Item) -> str:
    return "\n".join(f'<p style="text-indent: 2em;">　　{escape(text)}</p>' for text in item.paragraphs)


def _related(asked: Asked, board: Board, item: Item) -> str:
    """Changes with every article that is published."""
    others = [other for other in board.newest(0, 6) if other.key != item.key][:5]
    rows = "".join(f'<li><a href="{link(asked, board, o)}">{escape(o.title)}</a></li>' for o in others)
    return f'<div class="xgxx"><h3>相关信息</h3><ul>{rows}</ul></div>'


def _counter(board: Board, item: Item, column: Column) -> str:
    return (
        f"<iframe src='/module/visitcount/visit.jsp?type=3&i_webid={_site_number(board)}&i_columnid={column.number}"
        f'&i_articleid={int(item.key, 16)}\' style="display:none"></iframe>'
    )


def _news(asked: Asked, board: Board, item: Item) -> str:
    """The newer template: markers around the values, comments around the body, sometimes an editor's block in it."""
    column = column_of(board)
    shown, origin = f"{item.published:%Y-%m-%d %H:%M}", escape(item.origin or "")
    body, inner = board.style.choice("body", *_BODIES), _paragraphs(item)
    if board.style.choice("editor", "plain", "TRS") == "TRS":
        style = '<style type="text/css">.TRS_Editor P{margin-top:0;}</style>'
        inner = f'<div class="TRS_Editor">{style}\n{inner}\n</div>'
    marked = board.style.choice("marks", "ZJEG", "new", "none")
    begin, end = {
        "ZJEG": (
            '<!--ZJEG_RSS.content.begin--><meta name="ContentStart">',
            '<meta name="ContentEnd"><!--ZJEG_RSS.content.end-->',
        ),
        "new": ("<!--<$[信息内容]>begin-->", "<!--<$[信息内容]>end-->"),
        "none": ("", ""),
    }[marked]
    return f"""<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
<title>{escape(item.title)}</title>
{_metas(asked, board, item)}</head>
<body><div class="top">{today_line(asked.now)} 您是第{100000 + asked.visits}位访客</div>
<div class="position">当前位置：<a href="/">首页</a> &gt; <a href="{column.folder}/index.html">{board.column_name}</a>
&gt; 正文</div>
<h1 class="bt"><!--<$[标题]>begin-->{escape(item.title)}<!--<$[标题]>end--></h1>
<div class="info"><span>发布时间：<!--<$[发布时间]>begin-->{shown}<!--<$[发布时间]>end--></span>
<span>信息来源：<!--<$[信息来源]>begin-->{origin}<!--<$[信息来源]>end--></span>
<span>访问次数：</span><span>字体大小：<a>大</a> <a>中</a> <a>小</a></span></div>
<div {body}>{begin}
{inner}
{end}</div>
<div class="sub-area"><a class="print">打印</a> <a class="close">关闭</a> 扫一扫在手机打开当前页</div>
{_related(asked, board, item)}
<div class="TRS_Editor foot"><p>主办单位：{board.site_name}</p><p>备案号：示例备00000000号</p></div>
{_counter(board, item, column)}</body></html>"""


def _disclosure(asked: Asked, board: Board, item: Item) -> str:
    """The disclosure template: the table of metadata with markers in its cells, and a body in a class named zoom."""
    column, origin = column_of(board), escape(item.origin or "")
    day = f"{item.published:%Y-%m-%d}"
    cells = {
        "索引号": f"330799000000/{item.published.year}-{item.number % 1_000_000:06}",
        "文&nbsp;&nbsp;号": escape(item.doc_number or ""),
        "组配分类": board.column_name,
        "发布机构": origin,
        "成文日期": day,
        "公开方式": "主动公开",
    }
    marked = [f"<td>{name}</td><td><!--<$[SYH]>-->{value}<!--<$[SYH]>--></td>" for name, value in cells.items()]
    rows = "".join(f"<tr>{''.join(marked[i : i + 2])}</tr>" for i in range(0, len(marked), 2))
    table = board.style.choice("table", "xxgk_article", "fgwj_xxgk_head", "xxgk_table")
    artid = int(item.key, 16)
    return f"""<!DOCTYPE html><html><head lang="en"><meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
<title>{escape(item.title)}</title>
{_metas(asked, board, item)}</head>
<body><div class="top">{today_line(asked.now)}</div>
<div id='hiddenLocation' style='display:none;'><span id='ss_webid'>{_site_number(board)}</span>
<span id='col1_name'>{board.column_name}</span><span id='col1_url'>{column.folder}/index.html</span></div>
<div class="xl_con"><table class="{table}"><tbody>{rows}</tbody></table><style>.{table} td{{padding:4px;}}</style>
<div class="xl_title"> {escape(item.title)} </div>
<div class="xl_doc"><span>发布时间：{item.published:%Y-%m-%d  %H:%M} </span><span>浏览次数：
<script src="/module/visitcount/articlehits.jsp?colid={column.number}&artid={artid}"></script></span>
<span>信息来源： {origin} </span></div>
<div class="zoom">
{_paragraphs(item)}
</div><div class="sub-area"><a class="print"> 打印 </a><a class="close"> 关闭 </a></div></div>
{_related(asked, board, item)}
{_counter(board, item, column)}</body></html>"""
