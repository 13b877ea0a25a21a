"""The sample site of Sina's kind: the roll API, and article pages with all the noise that such pages carry."""

from crawler.records import BEIJING
from monitor.demo.sites.answers import Asked, Reply, SiteHandler, as_json, escape, front_page, page_of, plain, related
from monitor.demo.sites.articles import SITE_NAMES, Column, SampleArticle, Site
from monitor.demo.sites.newsroom import Edition, Shelf

ROLL = "/api/roll/get"
#: pageid and lid must match, as on the real API
ROLLS = {("155", "1686"): Column.SINA_CHINA, ("155", "1688"): Column.SINA_LOCAL}
_NAME = SITE_NAMES[Site.SINA]
_JSON = "application/json; charset=utf-8"


def _robots(asked: Asked, shelf: Shelf) -> Reply:
    return plain("User-agent: *\nDisallow: /private/\n")


def _front(asked: Asked, shelf: Shelf) -> Reply:
    return front_page(_NAME, {ROLL: "滚动新闻"}, asked.now)


def _roll(asked: Asked, shelf: Shelf) -> Reply:
    column = ROLLS.get((asked.query.get("pageid", ""), asked.query.get("lid", "")))
    size = max(1, min(_integer(asked.query.get("num"), 50), 80))
    page = max(1, _integer(asked.query.get("page"), 1))
    rows = [] if column is None else shelf.newest(column, (page - 1) * size, size)
    now = int(asked.now.timestamp())
    result = {
        "status": {"code": 0, "msg": "succ"},
        "timestamp": asked.now.astimezone(BEIJING).strftime("%a %b %d %H:%M:%S %z %Y"),
        "top": [],
        "pdps": [],
        "cre": [],
        "total": 0 if column is None else shelf.count(column),
        "end": now - 86400,
        "start": now,
        "lid": _integer(asked.query.get("lid"), 0),
        "rtime": now,
        "data": [_row(asked.root, edition) for edition in rows],
    }
    text = as_json({"result": result})
    content_type = _JSON
    if callback := asked.query.get("callback"):
        text = f"try{{{callback}({text});}}catch(e){{}};"
        content_type = "application/javascript; charset=utf-8"
    return Reply(
        body=text.encode(),
        content_type=content_type,
        listed=tuple(edition.article.id for edition in rows),
        column=column,
    )


def _row(root: str, edition: Edition) -> dict[str, object]:
    article = edition.article
    published = int(article.published.timestamp())
    key = edition.path.rpartition("/doc-i")[2].removesuffix(".shtml")
    lid = next(lid for (_, lid), column in ROLLS.items() if column is article.column)
    return {
        "oid": "1",
        "docid": f"comos:{key}",
        "url": root + edition.path,
        "wapurl": f"{root}/wap/detail-i{key}.d.html",
        "title": article.title,
        "stitle": "",
        "summary": "",
        "wapsummary": "",
        "intro": article.paragraphs[0][:60] + "……",
        "ctime": str(published),
        "mtime": str(max(published, int(edition.at.timestamp()))),
        "intime": str(published + 4),
        "author": "",
        "authoruid": "",
        "level": "0",
        "img": {},
        "images": [],
        "commentid": f"cj:comos-{key}:0",
        "vid": "",
        "ipad_vid": "",
        "keywords": ",".join(article.keywords),
        "categoryid": "1",
        "channelid": "1",
        "mediaid": "1",
        "columnid": "1",
        "subjectid": "",
        "templateid": "",
        "productid": "",
        "lids": f"{lid},2509,2516",
        "mlids": "",
        "media_name": article.origin or "",
        "video_id": "",
        "video_time_length": "",
        "urls": "[]",
        "wapurls": "[]",
        "hqChart": as_json({"stockCharts": "daily", "stockCode": article.stocks[0][0][2:]}) if article.stocks else "",
        "icons": [],
        "is_cre_manual": 0,
    }


def _article(asked: Asked, shelf: Shelf, edition: Edition) -> Reply:
    article = edition.article
    published = article.published
    title, origin = escape(article.title), escape(article.origin or _NAME)
    keywords = escape(",".join(article.keywords))
    picture = (
        f'<div class="img_wrapper"><img src="/n/transform/{article.id}.jpg" alt="">'
        f'<span class="img_descr">{escape(article.caption)}</span></div>'
        if article.caption
        else ""
    )
    body = "\n".join(f'<p cms-style="font-L">　　{_linked(article, text)}</p>' for text in article.paragraphs)
    stocks = "&".join(code for code, _ in article.stocks)
    text = f"""<!DOCTYPE html>
<!-- [ published at {published:%Y-%m-%d %H:%M:%S} ] -->
<html><head><meta charset="utf-8"/><title>{title}_{_NAME}_示例网</title>
<meta name="keywords" content="{keywords}"/>
<meta property="og:type" content="news"/><meta property="og:title" content="{title}"/>
<meta property="og:url" content="{asked.root}{edition.path}"/>
<meta property="article:published_time" content="{published.isoformat(timespec="seconds")}"/>
<meta property="article:author" content="{origin}"/>
<script>var sinaads = {{"serial": {edition.rendition}}};</script></head>
<body><div class="sina-header"><a href="/">首页</a><a href="/roll/">滚动</a><a href="/stock/">股市</a></div>
<div class="main-content w1240"><h1 class="main-title">{title}</h1>
<div class="top-bar-wrap"><div class="top-bar-inner"><div class="date-source">
<span class="date">{published:%Y年%m月%d日 %H:%M}</span> <span class="source ent-source">{origin}</span></div>
<div class="page-tools"><span class="tool-font">缩小字体 放大字体 收藏 微博 微信 分享</span>
<span class="num">{asked.visits}</span>人参与</div>
</div></div>
<div class="article-content clearfix"><div class="article-content-left">
<div class="article" id="artibody">
<div id="left_hzh_ad"><a href="/promo/{asked.visits % 7}">广告位招租</a></div>
{picture}
{body}
<p cms-style="font-L"></p>
<ins class="sinaads" data-ad-pdps="PDPS000000000001"></ins>
<div class="appendQr_wrap"><style>.appendQr_wrap{{border:1px solid #E6E6E6;padding:8px;}}</style>
<div class="appendQr_normal_txt">海量资讯、精准解读，尽在{_NAME}APP</div></div>
<!--article_adlist[
<div class="ad_wrap"><p>本段为广告占位，不应出现在正文里，请忽略。</p></div>
]article_adlist-->
<!-- news_keyword_pub,stock,{stocks} -->
<p class="article-editor">责任编辑：{escape(article.editor or "")} </p>
</div>
<div class="keywords" id="keywords" data-wbkey="{keywords}"><span>文章关键词：</span>{keywords.replace(",", " ")}</div>
<div class="comment">网友评论 {asked.visits * 3 % 1000} 条</div>
{related(shelf, edition, heading="相关新闻", kind="related-news")}
</div></div></div>
<div class="tech-quotation">24小时滚动播报最新的财经资讯和视频</div>
<div class="footer">{_NAME} 版权所有</div></body></html>"""
    return page_of(edition, text)


def _linked(article: SampleArticle, text: str) -> str:
    """The paragraph with the first mention of each listed company linked, as Sina does it."""
    marked = escape(text)
    for code, name in article.stocks:
        link = (
            f'<span id="stock_{code}"><a href="/realstock/company/{code}/nc.shtml" class="keyword" '
            f'target="_blank">{name}</a></span><span id="quote_{code}"></span>'
        )
        marked = marked.replace(name, link, 1)
    return marked


def _integer(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() else default


SINA = SiteHandler(site=Site.SINA, pages={"/": _front, "/robots.txt": _robots, ROLL: _roll}, article=_article)
