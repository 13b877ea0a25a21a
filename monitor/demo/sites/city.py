"""The sample government site: Hanweb unit columns in two hops, disclosure articles, and an old column in GBK."""

import json
from urllib.parse import urlencode

from crawler.records import BEIJING
from monitor.demo.sites.answers import Asked, Reply, SiteHandler, cut, escape, front_page, page_of, related, today_line
from monitor.demo.sites.articles import COLUMN_NAMES, SITE_NAMES, Column, SampleArticle, Site
from monitor.demo.sites.newsroom import Edition, Shelf

UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
COLUMN_PAGES = {
    Column.CITY_NEWS: "/col/col1229187001/index.html",
    Column.CITY_POLICY: "/col/col1229000001/index.html",
    Column.CITY_NOTICES: "/old/tzgg/index.html",
}
TAGS = {Column.CITY_NEWS: "新闻列表", Column.CITY_POLICY: "信息列表"}
_DECOY = "专题列表"
_PAGE_IDS = {"1229187001": Column.CITY_NEWS, "1229000001": Column.CITY_POLICY}
_ROWS = 15
_NAME = SITE_NAMES[Site.CITY]
_GBK_HTML = "text/html"
_LABELS = {
    "index_number": "索&nbsp;引&nbsp;号",
    "doc_number": "文号",
    "category": "组配分类",
    "issuer": "发布机构",
    "written_on": "成文日期",
    "openness": "公开方式",
}


def _front(asked: Asked, shelf: Shelf) -> Reply:
    return front_page(_NAME, {path: COLUMN_NAMES[column] for column, path in COLUMN_PAGES.items()}, asked.now)


# --- listings ---


def _query_data(page_id: str, tag: str, template: str) -> str:
    return (
        f"{{'webId':'3549','pageId':'{page_id}','parseType':'bulidstatic','pageType':'column',"
        f"'tagId':'{tag}','tplSetId':'{template}','editType':'null'}}"
    )


def _news_column(asked: Asked, shelf: Shelf) -> Reply:
    return _column_page(Column.CITY_NEWS)


def _policy_column(asked: Asked, shelf: Shelf) -> Reply:
    return _column_page(Column.CITY_POLICY)


def _column_page(column: Column) -> Reply:
    """The first hop. It is a static file: its validators stay while the list behind it moves on."""
    page_id = next(key for key, value in _PAGE_IDS.items() if value is column)
    units = [(TAGS[column], "zfHuSample0000000000001")]
    if column is Column.CITY_NEWS:
        units.insert(0, (_DECOY, "zfHuSample0000000000002"))
    scripts = "\n".join(
        f'<div class="unit"><script src="/script/0/unitbuild.js" url="{UNIT}" '
        f'queryData="{_query_data(page_id, tag, template)}"></script></div>'
        for tag, template in units
    )
    text = f"""<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
<title>{_NAME} {COLUMN_NAMES[column]}</title><meta name="SiteName" content="{_NAME}门户网站">
<meta name="SiteDomain" content="city.example"><meta name="SiteIDCode" content="3307990000">
<meta name="ColumnName" content="{COLUMN_NAMES[column]}"><meta name="ColumnType" content="信息公开"></head>
<body><div class="position">当前位置：<a href="/">首页</a> &gt; {COLUMN_NAMES[column]}</div>
{scripts}
<div class="foot">主办单位：{_NAME}办公室 网站标识码：3307990000</div></body></html>"""
    return Reply(body=text.encode(), column=column, etag=f'"column-{page_id}"')


def _unit(asked: Asked, shelf: Shelf) -> Reply:
    """The second hop. Bare requests are refused; a page number outside paramJson is silently ignored."""
    if "referer" not in asked.headers and "x-requested-with" not in asked.headers:
        return Reply(status=403, body=b"<html><body><h1>403 Forbidden</h1></body></html>")
    column = _PAGE_IDS.get(asked.query.get("pageId", ""))
    tag = asked.query.get("tagId", "")
    if column is None or tag not in (TAGS[column], _DECOY) or asked.query.get("parseType") != "bulidstatic":
        return _built("", (), column)
    number, size = _paging(asked.query.get("paramJson"))
    if tag == _DECOY:
        return _built(
            '<ul class="page-content"><li><a href="/col/col1229187009/index.html">专题</a></li></ul>', (), column
        )
    rows = shelf.newest(column, (number - 1) * size, size)
    items = "\n".join(
        f'<li class="clearfix"><a class="bt-left" title="{escape(e.article.title)}" href="{e.path}" target="_blank">'
        f'{escape(cut(e.article.title))}</a><span class="bt-right">{e.article.published:%Y-%m-%d}</span></li>'
        for e in rows
    )
    pager = (
        f'<div class="pagination" count="{shelf.count(column)}" rows="{size}" pageNo="{number}" unitUrl="{UNIT}" '
        f'queryData="{_query_data(asked.query.get("pageId", ""), tag, asked.query.get("tplSetId", ""))}"></div>'
    )
    html = f'<ul class="page-content">\n{items}</ul>{pager}' if rows else ""
    return _built(html, tuple(e.article.id for e in rows), column)


def _built(html: str, listed: tuple[str, ...], column: Column | None) -> Reply:
    answer = {"success": True, "code": "200", "message": "生成成功", "data": {"html": html}}
    # the gateway writes line breaks and tabs raw into its strings, which strict JSON readers refuse
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).replace("\\n", "\n\t")
    return Reply(body=text.encode(), content_type="application/json;charset=UTF-8", listed=listed, column=column)


def _paging(parameter: str | None) -> tuple[int, int]:
    try:
        given = json.loads(parameter or "{}")
        return max(1, int(given.get("pageNo", 1))), max(1, min(100, int(given.get("pageSize", _ROWS))))
    except (ValueError, AttributeError, TypeError):
        return 1, _ROWS


def _notices(asked: Asked, shelf: Shelf) -> Reply:
    """The old column: a table in GBK that says gb2312, without a charset in its header."""
    rows = shelf.newest(Column.CITY_NOTICES, 0, 20)
    items = "\n".join(
        f'<tr><td class="bt"><a href="{e.path}" title="{escape(e.article.title)}">'
        f'{escape(cut(e.article.title, 18))}</a></td><td class="rq">[{e.article.published:%Y-%m-%d}]</td></tr>'
        for e in rows
    )
    text = f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">
<title>{COLUMN_NAMES[Column.CITY_NOTICES]}</title></head><body>
<table width="100%"><tr><td>您的位置：<a href="/">首页</a> - {COLUMN_NAMES[Column.CITY_NOTICES]}</td></tr></table>
<table class="lb" id="lb">{items}</table></body></html>"""
    return Reply(
        body=text.encode("gbk", errors="xmlcharrefreplace"),
        content_type=_GBK_HTML,
        listed=tuple(e.article.id for e in rows),
        column=Column.CITY_NOTICES,
    )


# --- articles ---


def _metas(asked: Asked, edition: Edition) -> str:
    article = edition.article
    return f"""<meta name='Maketime' content='{asked.now.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}_{edition.rendition}'>
<meta name="SiteName" content="{_NAME}门户网站"><meta name="SiteDomain" content="city.example">
<meta name="SiteIDCode" content="3307990000"><meta name="ColumnName" content="{COLUMN_NAMES[article.column]}">
<meta name="ColumnType" content="信息公开"><meta name="ArticleTitle" content="{escape(article.title)}">
<meta name="PubDate" content="{article.published:%Y-%m-%d %H:%M}"><meta name="author" content="">
<meta name="description" content=""><meta name="keywords" content="">
<meta name="ContentSource" content="{escape(article.origin or "")}">
<meta name="url" content="{asked.root}{edition.path}">
<meta name="guid" content="示例{article.published.year}{edition.version}">"""


def _paragraphs(article: SampleArticle) -> str:
    return "\n".join(f'<p style="text-indent: 2em;">　　{escape(text)}</p>' for text in article.paragraphs)


def _news(asked: Asked, shelf: Shelf, edition: Edition) -> str:
    """The newer template: markers around the values, a TRS body between them, and a second TRS block in the foot."""
    article = edition.article
    published = f"{article.published:%Y-%m-%d %H:%M}"
    reporter = f"<span>作者：{escape(article.author)}</span>" if article.author else ""
    return f"""<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
<title>{escape(article.title)}</title>
{_metas(asked, edition)}</head>
<body><div class="top">{today_line(asked.now)} 您是第{100000 + asked.visits}位访客</div>
<div class="position">当前位置：<a href="/">首页</a> &gt;
<a href="{COLUMN_PAGES[article.column]}">{COLUMN_NAMES[article.column]}</a> &gt; 正文</div>
<div class="bt-box-1170 c1"><h1 class="bt"><!--<$[标题]>begin-->{escape(article.title)}<!--<$[标题]>end--></h1>
<div class="info"><span>发布时间：<!--<$[发布时间]>begin-->{published}<!--<$[发布时间]>end--></span>
<span>信息来源：<!--<$[信息来源]>begin-->{escape(article.origin or "")}<!--<$[信息来源]>end--></span>{reporter}
<span>访问次数：{asked.visits}</span><span>字体大小：<a>大</a> <a>中</a> <a>小</a></span></div>
<div id="zoom"><!--ZJEG_RSS.content.begin--><meta name="ContentStart">
<div class="TRS_Editor"><style type="text/css">.TRS_Editor P{{margin-top:0;}}</style>
{_paragraphs(article)}
</div><meta name="ContentEnd"><!--ZJEG_RSS.content.end--></div>
<div class="editor">责任编辑：{escape(article.editor or "")}</div>
<div class="sub-area"><a class="print">打印</a> <a class="close">关闭</a> 扫一扫在手机打开当前页</div>
{related(shelf, edition, heading="相关信息", kind="xgxx")}</div>
<div class="TRS_Editor foot"><p>主办单位：{_NAME}办公室</p><p>备案号：示例备00000000号</p></div></body></html>"""


def _disclosure(asked: Asked, shelf: Shelf, edition: Edition) -> str:
    """The disclosure template: the table of metadata, the printed title, a body in a class named zoom."""
    article = edition.article
    cells = [
        f"<td>{label}</td><td><!--<$[{key}]>-->{escape(article.government[key])}<!--<$[{key}]>--></td>"
        for key, label in _LABELS.items()
        if key in article.government
    ]
    rows = "".join(f"<tr>{''.join(cells[i : i + 2])}</tr>" for i in range(0, len(cells), 2))
    files = "".join(f'<p>附件：<a href="{escape(path)}">{escape(name)}</a></p>' for name, path in article.attachments)
    number = edition.path.rpartition("_")[2].removesuffix(".html")
    return f"""<!DOCTYPE html><html><head lang="en"><meta http-equiv="Content-Type" content="text/html; charset=UTF-8">
<title>{escape(article.title)}</title>
{_metas(asked, edition)}</head>
<body><div class="top">{today_line(asked.now)}</div>
<div id='hiddenLocation' style='display:none;'><span id='ss_webid'>3549</span><span id='col2_name'>政策文件</span>
<span id='col2_url'>{COLUMN_PAGES[article.column]}</span>
<span id='col1_name'>{COLUMN_NAMES[article.column]}</span></div>
<div class="xl_con"><table class="xxgk_article"><tbody>{rows}</tbody></table>
<style>.xxgk_article td{{padding:4px;}}</style>
<div class="xl_title"> {escape(article.title)} </div>
<div class="xl_doc"><span>发布时间：{article.published:%Y-%m-%d  %H:%M} </span>
<span>浏览次数：
<script src="/module/visitcount/articlehits.jsp?colid=1229000001&artid={number}"></script>{asked.visits}</span>
<span>信息来源： {escape(article.origin or "")} </span><span>字体大小：大 中 小</span></div>
<div class="zoom">
{_paragraphs(article)}
{files}</div>
<div class="sub-area"><a class="print"> 打印 </a><a class="close"> 关闭 </a></div>
{related(shelf, edition, heading="相关文件", kind="xgwj")}</div>
<iframe src='/module/visitcount/visit.jsp?{urlencode({"i_articleid": number})}' style="display:none"></iframe>
</body></html>"""


def _notice(asked: Asked, shelf: Shelf, edition: Edition) -> str:
    article = edition.article
    return f"""<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">
<title>{escape(article.title)}</title>
<meta name="ArticleTitle" content="{escape(article.title)}">
<meta name="PubDate" content="{article.published:%Y-%m-%d %H:%M}">
<meta name="ContentSource" content="{escape(article.origin or "")}"></head>
<body><table width="980" align="center"><tr><td class="date">{today_line(asked.now)}</td></tr>
<tr><td class="title"><b>{escape(article.title)}</b></td></tr>
<tr><td align="center">发布时间：{article.published:%Y-%m-%d %H:%M}  来源：{escape(article.origin or "")}
浏览次数：{asked.visits}  【字体：大 中 小】</td></tr>
<tr><td class="bt_content"><div id="zoom">
{_paragraphs(article)}
</div></td></tr><tr><td align="right">【打印本页】【关闭窗口】</td></tr></table>
{related(shelf, edition, heading="相关公告", kind="xggg")}</body></html>"""


def _article(asked: Asked, shelf: Shelf, edition: Edition) -> Reply:
    if edition.article.column is Column.CITY_NOTICES:
        return page_of(edition, _notice(asked, shelf, edition), charset="gbk", content_type=_GBK_HTML)
    if edition.article.government:
        return page_of(edition, _disclosure(asked, shelf, edition))
    return page_of(edition, _news(asked, shelf, edition))


#: robots.txt is missing here, as on many such hosts: no rules.
CITY = SiteHandler(
    site=Site.CITY,
    pages={
        "/": _front,
        UNIT: _unit,
        COLUMN_PAGES[Column.CITY_NEWS]: _news_column,
        COLUMN_PAGES[Column.CITY_POLICY]: _policy_column,
        COLUMN_PAGES[Column.CITY_NOTICES]: _notices,
    },
    article=_article,
)
