"""Every answer of a draft says who read it: one page per kind of reader, and what `extract --json` shows of it."""

import json
from datetime import UTC, datetime

import pytest

from crawler.extract import extract
from crawler.records import Draft, Entry, Hints, Precision, Reader, Selectors
from tests.pdfs import pdf

TITLE = "示例市首批产业大脑今天上线"
PROSE = (
    "<p>示例市的试点今天开始，首批二十家企业参加，居民们反映良好，主办方说报名的人比预想的多。</p>"
    "<p>主办方介绍，平台把填报的表格从十二张减到一张，办理时间缩短一半，企业不必再跑几个地方。</p>"
    "<p>下一步，试点将扩大到全市，年底前再有五十家企业加入，明年起县里的企业也可以报名参加。</p>"
)


def page(body: str = "", head: str = "", *, url: str | None = None, hints: Hints | None = None) -> Draft:
    html = f'<html><head><meta charset="utf-8">{head}</head><body>{body}<div>{PROSE}</div></body></html>'
    return extract(html.encode(), url=url, hints=hints)


def meta(**values: str) -> str:
    return "".join(f'<meta name="{name.replace("__", ":")}" content="{value}">' for name, value in values.items())


NATIONAL = meta(
    ArticleTitle=TITLE, PubDate="2024-03-05 09:05", ContentSource="示例日报", ColumnName="要闻", SiteName="示例市"
)
LINKED = json.dumps(
    {
        "@type": "NewsArticle",
        "headline": TITLE,
        "datePublished": "2024-03-05T09:05:33+08:00",
        "author": {"name": "张小明"},
        "publisher": {"name": "示例网"},
        "articleSection": "要闻",
    },
    ensure_ascii=False,
)
TABLE = (
    "<table><tr><td>索引号</td><td>330000000000/2024-500001</td><td>发布机构</td><td>示例市政府办公室</td></tr>"
    f"<tr><td>标题</td><td>{TITLE}</td><td>发布日期</td><td>2024-03-05</td></tr></table>"
)
FLAT = f"<p>330000000000/2024-500001</p><p>{TITLE}</p><p>示例市人民政府办公室</p><p>主动公开</p>"
SINA = (
    f'<h1>{TITLE}</h1><div class="date-source"><span class="date">2024年03月05日 09:05</span>'
    '<span class="source">示例日报</span></div>'
)
SHOWN = f"<h1>{TITLE}</h1><p>2024-03-05 09:05 來源：示例日報 撰文：張小明 責任編輯：王某某</p>"
ENTRY = Entry(
    url="https://www.example.cn/a.html",
    title=TITLE,
    published_at=datetime(2024, 3, 5, 1, 5, tzinfo=UTC),
    published_precision=Precision.MINUTE,
    site="示例网",
    origin="示例日报",
)
CHOSEN = Hints(selectors=Selectors(title=".a", published=".b", origin=".c", body=".d"))
CHOSEN_PAGE = (
    f'<p class=a>{TITLE}</p><p class=b>2024-03-05 09:05</p><p class=c>示例日报</p><div class="d">{PROSE}</div>'
)


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        pytest.param(
            page(head=NATIONAL),
            {"title": "meta", "published_at": "meta", "origin": "meta", "column": "meta", "source_name": "meta"},
            id="the national meta standard",
        ),
        pytest.param(page(TABLE), {"title": "table", "government": "table", "published_at": "lines"}, id="a table"),
        pytest.param(page(FLAT), {"government": "table"}, id="a table that lost its labels"),
        pytest.param(page(SINA), {"title": "heading", "published_at": "lines", "origin": "sina"}, id="Sina's places"),
        pytest.param(
            page(head=meta(**{"weibo__article__create_at": "2024-03-05 09:05:33"})),
            {"published_at": "sina"},
            id="Sina's metas",
        ),
        pytest.param(
            page(head=f'<script type="application/ld+json">{LINKED}</script>'),
            {
                "title": "json_ld",
                "published_at": "json_ld",
                "author": "json_ld",
                "source_name": "json_ld",
                "column": "json_ld",
            },
            id="JSON-LD",
        ),
        pytest.param(
            page(
                head=f'<meta property="og:title" content="{TITLE}"><meta property="og:site_name" content="示例网">'
                '<meta property="article:published_time" content="2024-03-05T09:05:33+08:00">'
            ),
            {"title": "open_graph", "source_name": "open_graph", "published_at": "open_graph"},
            id="Open Graph",
        ),
        pytest.param(
            page(SHOWN),
            {"published_at": "lines", "origin": "lines", "author": "lines", "editor": "lines", "title": "heading"},
            id="lines that a reader sees, in the traditional script",
        ),
        pytest.param(page(head=f"<title>{TITLE}_示例网</title>"), {"title": "title_tag"}, id="the title tag"),
        pytest.param(
            page(url="https://www.example.cn/2024-03/05/content_1.htm"), {"published_at": "url"}, id="the address"
        ),
        pytest.param(
            page('<script>var pubTime = "2024-03-05 09:05:33";</script>'), {"published_at": "script"}, id="a script"
        ),
        pytest.param(
            page(head='<meta name="dcterms.created" content="2024-03-05">', body=f"<h1>{TITLE}</h1>"),
            {"published_at": "htmldate"},
            id="htmldate, the last",
        ),
        pytest.param(
            page(hints=Hints(entry=ENTRY)),
            {"title": "listing", "published_at": "listing", "origin": "listing", "source_name": "listing"},
            id="the list",
        ),
        pytest.param(
            page(CHOSEN_PAGE, url="https://www.example.cn/a", hints=CHOSEN),
            {
                "title": "configuration",
                "published_at": "configuration",
                "origin": "configuration",
                "text": "configuration",
            },
            id="the source's own selectors",
        ),
        pytest.param(
            extract(f"---\ntitle: {TITLE}\ndate: 2024-03-05 01:05:00\nauthor: 示例财经\n---\n{PROSE}".encode()),
            {"title": "front_matter", "published_at": "front_matter", "text": "whole"},
            id="the front matter of a feed's item",
        ),
        pytest.param(
            extract(json.dumps({"title": TITLE, "text": "文。", "origin": "示例日报"}).encode()),
            {"title": "export", "text": "export", "origin": "export"},
            id="an export",
        ),
        pytest.param(
            extract(pdf([TITLE, "示例市的试点今天开始，首批二十家企业参加，居民们反映良好。"])),
            {"text": "pdf"},
            id="a PDF",
        ),
        pytest.param(page(), {"text": "block"}, id="the block behind the headline"),
    ],
)
def test_an_answer_says_who_read_it(draft: Draft, expected: dict[str, str]) -> None:
    assert {name: draft.readers.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("box", "reader"),
    [
        ('<div class="TRS_Editor">{}</div>', Reader.CONTAINER),
        ("<!--ZJEG_RSS.content.begin-->{}<!--ZJEG_RSS.content.end-->", Reader.MARKED),
        ("<!--enpcontent-->{}<!--/enpcontent-->", Reader.MARKED),
    ],
)
def test_the_text_says_how_it_was_found(box: str, reader: Reader) -> None:
    html = f'<html><head><meta charset="utf-8"></head><body><h1>{TITLE}</h1>{box.format(PROSE)}</body></html>'
    assert extract(html.encode()).readers["text"] is reader


def test_no_reader_is_named_for_what_nobody_read() -> None:
    draft = page()
    values = {**draft.as_json(), "text": draft.text}
    assert [name for name in draft.readers if not values[name]] == []
    assert {"author", "editor", "origin", "government"}.isdisjoint(draft.readers)
