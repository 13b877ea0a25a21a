"""Articles of TRS sites: four templates with the traps that theirs have."""

from collections.abc import Callable, Mapping, Sequence

from monitor.demo.sites.answers import Asked, escape
from monitor.demo.sites.kinds import Board, Item
from monitor.demo.sites.kinds.furniture import beside, foot, head

_Template = Callable[[Asked, Board, Item, Sequence[str], str], str]

_STYLE = '<style type="text/css">.TRS_Editor P{margin-top:0;margin-bottom:0;}.TRS_Editor TD{line-height:1.5;}</style>'


def _body(paragraphs: Sequence[str]) -> str:
    return "\n".join(f'<p style="text-align: justify;">　　{escape(paragraph)}</p>' for paragraph in paragraphs)


def _metas(asked: Asked, board: Board, item: Item) -> str:
    """The national standard's, as far as they are filled in."""
    return f"""<meta name="SiteName" content="{board.site_name}"><meta name="SiteDomain" content="www.example.gov.cn">
<meta name="SiteIDCode" content="bm04000007"><meta name="ColumnName" content="{board.column_name}">
<meta name="ColumnType" content="通知"><meta name="ArticleTitle" content="{escape(item.title)}">
<meta name="PubDate" content="{item.published:%Y-%m-%d %H:%M}">
<meta name="ContentSource" content="{escape(item.origin or "")}"><meta name="Keywords" content="">
<meta name="Author" content=""><meta name="Description" content=""><meta name="Url" content="{asked.root}/">"""


def _ndrc(asked: Asked, board: Board, item: Item, paragraphs: Sequence[str], pager: str) -> str:
    """The body twice and nested, a style before it, a source commented out, and the foot in the same editor's block."""
    body = _body(paragraphs)
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(item.title)}-{board.site_name}</title>
{_metas(asked, board, item)}</head><body>{head(asked, board)}
<div class="article article-pc"><h2 class="article_title">{escape(item.title)}</h2>
<div class="ly laiyuantext"><!--<span>来源：内部稿件</span>--><span>来源：{escape(item.origin or "")}</span>
<span class="time">发布时间：{item.published:%Y/%m/%d}</span></div>
<div class="article_con article_con_notitle"><div class="TRS_Editor">{_STYLE}<div class="TRS_Editor">
{body}
</div></div></div>{pager}</div>
<div class="article-m" style="display:none"><h2>{escape(item.title)}</h2>
<div class="article_con_m"><div class="TRS_Editor">{_STYLE}
{body}
</div></div></div>
<div class="tools"><a>打印</a> <a>关闭</a> 扫一扫在手机打开当前页</div>
<div class="TRS_Editor"><p>主办单位：{board.site_name}</p></div>
<div class="TRS_Editor"><p>备案号：示例备00000000号</p><p>网站标识码：bm04000007</p></div>
{foot(board)}</body></html>"""


def _gov(asked: Asked, board: Board, item: Item, paragraphs: Sequence[str], pager: str) -> str:
    """Metas of its own; and a part of the head that ends the document before the article has begun."""
    edge = board.style.choice("edge", " ", "-")
    published = f"{item.published:%Y-%m-%d}{edge}{item.published:%H:%M:%S}"
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8">
<title>{escape(item.title)}_{board.column_name}_{board.site_name}</title>
<meta name="firstpublishedtime" content="{published}"><meta name="lastmodifiedtime" content="{published}">
<meta name="author" content="{escape(item.origin or "")}"><meta name="keywords" content="示例;要闻">
<meta name="manuscriptId" content="6890000"><meta name="catalog" content="{board.column_name}"></head><body>
{head(asked, board)}</body></html>
<div class="article oneColumn pub_border"><h1 id="ti">{escape(item.title)}</h1>
<div class="pages-date">{item.published:%Y-%m-%d %H:%M}<span class="font">来源：{escape(item.origin or "")}</span>
<span class="font printIco">字号：默认 大 超大 | 打印</span></div>
<div class="pages_content" id="UCAP-CONTENT"><div class="trs_editor_view TRS_UEDITOR trs_paper_default trs_web">
{_body(paragraphs)}
</div></div>{pager}<div class="editor">责任编辑：{escape(item.editor or "")}</div></div>
{beside(asked, board)}{foot(board)}</body></html>"""


def _most(asked: Asked, board: Board, item: Item, paragraphs: Sequence[str], pager: str) -> str:
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(item.title)} -{board.site_name}</title>
{_metas(asked, board, item)}</head><body>{head(asked, board)}
<div class="xxgk_detail_head"><div class="xxgk_title">{escape(item.title)}</div>
<div class="gray12 lh22">日期：{item.published:%Y年%m月%d日 %H:%M}　来源：{escape(item.origin or "")}　
【字号：<a>大</a> <a>中</a> <a>小</a>】</div></div>
<div class="xlcontent" id="Zoom"><div class="TRS_UEDITOR">
{_body(paragraphs)}
</div></div>{pager}<div class="tool"><a>打印本页</a> <a>关闭窗口</a></div>
{beside(asked, board)}{foot(board)}</body></html>"""


def _stats(asked: Asked, board: Board, item: Item, paragraphs: Sequence[str], pager: str) -> str:
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(item.title)} - {board.site_name}</title>
{_metas(asked, board, item)}</head><body>{head(asked, board)}
<div class="detail-title"><h1>{escape(item.title)}</h1><div class="detail-title-des"><h2>
<p>{item.published:%Y/%m/%d %H:%M}</p><p>来源：<span>{escape(item.origin or "")}</span></p></h2>
<div class="zt">【大中小】 <a>打印</a></div></div></div>
<div class="detail-text-content"><div class="txt-content"><div class="trs_editor_view TRS_UEDITOR">
{_body(paragraphs)}
</div></div>{pager}</div>
{beside(asked, board)}{foot(board)}</body></html>"""


TEMPLATES: Mapping[str, _Template] = {"ndrc": _ndrc, "gov": _gov, "most": _most, "stats": _stats}
