"""The sample outlet that reposts others: a classic ASP list and pages that print their lead twice."""

from monitor.demo.sites.answers import Asked, Reply, SiteHandler, cut, escape, front_page, gloss, plain, related
from monitor.demo.sites.articles import COLUMN_NAMES, SITE_NAMES, Column, Site
from monitor.demo.sites.newsroom import Edition, Shelf

LIST = "/news_list.asp"
_NAME = SITE_NAMES[Site.OUTLET]
_COLUMN = Column.OUTLET_NEWS
_ROWS = 20


def _robots(asked: Asked, shelf: Shelf) -> Reply:
    return plain("User-agent: *\nAllow: /\n")


def _front(asked: Asked, shelf: Shelf) -> Reply:
    return front_page(_NAME, {f"{LIST}?ClassID=113": COLUMN_NAMES[_COLUMN]}, asked.now)


def _list(asked: Asked, shelf: Shelf) -> Reply:
    given = asked.query.get("page", "1")
    number = max(1, int(given)) if given.isdecimal() else 1
    rows = shelf.newest(_COLUMN, (number - 1) * _ROWS, _ROWS)
    items = "\n".join(
        f'<li><span class="vvv"><a href="{e.path}" title="{escape(e.article.title)}">'
        f"{escape(cut(e.article.title, 18))}</a></span> "
        f'<span class="rq">日期：{e.article.published:%Y-%m-%d}</span></li>'
        for e in rows
    )
    more = (
        f'<a class="next" href="{LIST}?ClassID=113&amp;page={number + 1}">下一页</a>'
        if shelf.count(_COLUMN) > number * _ROWS
        else ""
    )
    text = f"""<html><head><meta charset="utf-8"><title>{COLUMN_NAMES[_COLUMN]} - {_NAME}</title></head><body>
<div class="nav"><a href="/">首页</a> | <a href="{LIST}?ClassID=8">财经产经</a> |
<a href="{LIST}?ClassID=155">行业资讯</a></div>
<ul class="ntq-list">
{items}
</ul><div class="page">共{shelf.count(_COLUMN)}条 {more}</div></body></html>"""
    return Reply(body=text.encode(), listed=tuple(e.article.id for e in rows), column=_COLUMN)


def _article(asked: Asked, shelf: Shelf, edition: Edition) -> Reply:
    """An own piece names its source once, in the head; a repost names the outlet there, its true origin at the end.

    No page here has validators: every answer is made anew, as classic ASP does it.
    """
    article = edition.article
    published = article.published
    clock = f"{published.year}/{published.month}/{published.day} {published.hour}:{published:%M:%S}"

    def shown(text: str) -> str:
        return escape(gloss(text) if article.glossed else text)

    body = "\n".join(f"<p>　　{shown(text)}</p>" for text in article.paragraphs)
    head = _NAME if article.repost_of else article.origin or _NAME
    end = f"<p>来源：{escape(article.origin or '')}</p>" if article.repost_of else ""
    text = f"""<html><head><meta charset="utf-8"><title>{shown(article.title)} - {_NAME}</title></head><body>
<div class="nav"><a href="/">首页</a> &gt; <a href="{LIST}?ClassID=113">{COLUMN_NAMES[_COLUMN]}</a> &gt; 详细内容</div>
<div class="ntq-news2"><h1 class="znn">{shown(article.title)}</h1>
<div class="from">{clock} 来源：{escape(head)} 浏览：{asked.visits}次</div>
<div class="ssevg">导言：{shown(article.paragraphs[0])}</div>
<div id="articlecon">
{body}
{end}</div>
<div class="segg">[责任编辑：{escape(article.editor or "")}]</div>
<div class="tag">标签：{escape(" ".join(article.keywords))}</div>
{related(shelf, edition, heading="相关网文", kind="xgww")}
<div class="rank"><h3>一周新闻资讯点击排行</h3><ol><li>排行第{asked.visits % 10 + 1}位的旧闻</li></ol></div></div>
<div class="foot">返回 顶部 {_NAME}</div></body></html>"""
    return Reply(body=text.encode(), article=article.id, version=edition.version)


OUTLET = SiteHandler(site=Site.OUTLET, pages={"/": _front, "/robots.txt": _robots, LIST: _list}, article=_article)
