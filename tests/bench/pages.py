"""Synthetic pages of a news site, of the sizes that real ones have: articles of 33 KB, lists of 40 rows and 25 KB."""

from datetime import UTC, datetime, timedelta
from html import escape

from monitor.demo.sites import SampleArticle, make_article

ROWS = 40
_BEGINNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_SCRIPT = "function turn(n){var e=document.getElementById('b'+n);if(e){e.className=e.className?'':'on';}}\n"


def article_page(number: int) -> str:
    """A page of about 33 KB of UTF-8: navigation, scripts, about 2,000 characters of text, related links, a footer."""
    made = _long(number)
    moment = _moment(number)
    body = "\n".join(f"<p>　　{escape(paragraph)}</p>" for paragraph in made.paragraphs)
    return f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(made.title)}_示例在线</title>
<meta name="ArticleTitle" content="{escape(made.title)}"><meta name="PubDate" content="{moment:%Y-%m-%d %H:%M}">
<meta name="ContentSource" content="示例日报"><meta name="keywords" content="{",".join(made.keywords)}">
<style>{".a{margin:0;padding:0;color:#333}" * 40}</style>
<script>{_SCRIPT * 90}</script></head>
<body><div class="top"><ul class="nav">{_links("频道", 60)}</ul></div>
<div class="crumbs"><a href="/">首页</a> &gt; <a href="/news/">新闻</a> &gt; 正文</div>
<div class="main"><h1 class="title">{escape(made.title)}</h1>
<div class="info"><span>{moment:%Y-%m-%d %H:%M}</span> <span>来源：示例日报</span>
<span>浏览次数：{number * 7}</span></div>
<div id="zoom" class="content">
{body}
<p class="editor">责任编辑：张三</p></div>
<div class="share">分享到： 打印 关闭</div>
<div class="related"><h3>相关新闻</h3><ul>{_links("示例在线报道的又一条相关消息", 50)}</ul></div></div>
<div class="side"><ul>{_links("排行榜上的一条消息标题", 30)}</ul></div>
<div class="footer"><p>版权所有 示例在线 未经许可不得转载</p>{_links("友情链接", 40)}</div>
<script>{_SCRIPT * 50}</script></body></html>"""


def list_page(numbers: list[int], *, visits: int = 0) -> str:
    """A list of about 25 KB that links /a/NUMBER.html for each number; visits: what its counter shows."""
    rows = "\n".join(
        f'<li><a href="/a/{number}.html" title="{escape(make_article(number).title)}" target="_blank">'
        f"{escape(make_article(number).title)}</a><span>{_moment(number):%Y-%m-%d}</span></li>"
        for number in numbers
    )
    return f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>要闻_示例在线</title><script>{_SCRIPT * 130}</script></head>
<body><ul class="nav">{_links("频道", 60)}</ul><p>访问次数：{visits}</p>
<ul class="rows">
{rows}
</ul><div class="footer">{_links("友情链接", 40)}</div></body></html>"""


def _long(number: int) -> SampleArticle:
    """A made article with the paragraphs of six; one in five is about a topic of the sample watches."""
    made = make_article(number)
    more = [make_article(number, seed=seed, topic_every=0).paragraphs for seed in range(1, 6)]
    return SampleArticle(
        id=made.id,
        column=made.column,
        title=made.title,
        paragraphs=tuple(paragraph for paragraphs in (made.paragraphs, *more) for paragraph in paragraphs),
        keywords=made.keywords,
    )


def _moment(number: int) -> datetime:
    return _BEGINNING + timedelta(minutes=number % 100_000)


def _links(text: str, count: int) -> str:
    return "".join(f'<li><a href="/c/{place}/index.html">{text}{place}</a></li>' for place in range(count))
