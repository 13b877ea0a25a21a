"""Articles as gov.cn serves them: its own metas, the metadata table of documents, the text in #UCAP-CONTENT."""

import re
from urllib.parse import urlsplit

from monitor.demo.sites.answers import Asked, Reply, escape, today_line
from monitor.demo.sites.kinds import Board, Item
from monitor.demo.sites.kinds.json_pages import by_number, number_of, others, page_reply, paragraphs

_ARTICLE = re.compile(r"/zhengce/(?:zhengceku/\d{4}-\d{2}/\d{2}/|content/\d{6}/|\d{6}/)content_(\d{1,20})\.htm")


def article_path(folder: str, item: Item) -> str:
    """`/zhengce/content/202607/content_1.htm`, or with the day as a folder in the library of the ministries."""
    if folder == "zhengceku":
        return f"/zhengce/zhengceku/{item.published:%Y-%m/%d}/content_{number_of(item)}.htm"
    return f"/zhengce/{folder}{'/' if folder else ''}{item.published:%Y%m}/content_{number_of(item)}.htm"


def found(asked: Asked, board: Board) -> Item | None:
    match = _ARTICLE.fullmatch(asked.path)
    return None if match is None else by_number(board, match[1])


def article_page(asked: Asked, board: Board, item: Item, *, with_table: bool) -> Reply:
    style = board.style
    time = f"{item.published:%Y-%m-%d %H:%M}:00"
    stamp = time.replace(" ", style.choice("between day and time", " ", "-"))
    place = urlsplit(str(board.entry["url"])).path
    text = f"""<!DOCTYPE html>
<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8" />
<meta name="firstpublishedtime" content="{stamp}" /><meta name="lastmodifiedtime" content="{stamp}" />
<meta name="author" content="" /><meta name="keywords" content="{escape(item.title[:4])};{escape(item.title[4:8])}" />
<meta name="manuscriptId" content="{item.number}" /><meta name="catalog" content="{board.column_name}" />
<title>{escape(item.title)}_{board.column_name}_{board.site_name}</title></head><body>
<div class="header">{today_line(asked.now)}
<a href="/">首页</a> | <a href="{place}">简</a> | <a href="/big5">繁</a></div>
<div class="{style.name("main")}">{_table(item) if with_table else ""}
<div class="article"><h1 id="ti">{escape(item.title)}</h1>
<div class="pages-date">{time[:-3]} <span class="font">来源：{escape(item.origin or "")}</span>
<div class="fontsize">字号：默认 大 超大 | 打印 | 收藏</div></div>
<div class="pages_content mhide"><div id="UCAP-CONTENT" class="trs_editor_view TRS_UEDITOR">
<style>#UCAP-CONTENT p{{line-height:2em}}</style>{paragraphs(item)}</div></div>
<div class="editor">责任编辑：{escape(item.editor or "")}</div></div></div>
{others(board, item, style.name("beside"), place)}
<div class="footer">主办单位：{board.site_name} 网站标识码bm00000000</div></body></html>"""
    return page_reply(board, item, text)


def _table(item: Item) -> str:
    day = f"{item.published.year}年{item.published.month:02d}月{item.published.day:02d}日"
    cells = (
        ("索　引　号：", f"000014349/{item.published.year}-{item.number % 100_000:05d}"),
        ("主题分类：", "工业、交通\\其他"),
        ("发文机关：", item.origin or ""),
        ("成文日期：", day),
        ("标　　题：", item.title),
        ("发文字号：", item.doc_number or ""),
        ("发布日期：", day),
    )
    rows = "".join(f"<tr><td><b>{name}</b></td><td>{escape(value)}</td></tr>" for name, value in cells)
    return f'<table class="bd1">{rows}</table>'
