"""Articles of several pages: what their pagers lead to, what they must not lead to, and how they are joined."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract import extract
from crawler.extract.pages import split
from crawler.records import Draft, Entry, Hints, Precision, Verdict, iso

TITLE = "甬城试点新一批产业大脑"
PARTS = (
    (
        "示例市的试点今天开始，首批二十家企业参加，居民们反映良好。",
        "主办方介绍，平台把表格从十二张减到一张，时间缩短一半。",
    ),
    (
        "在示例区的车间里，机械臂正在搬运零件，工人只需要看管屏幕。",
        "企业负责人表示，新产线让生产周期缩短了三成，能耗也下降。",
    ),
    (
        "下一步，试点将扩大到全市，年底前再有五十家企业加入进来。",
        "专家认为，这样的做法值得在更多的行业和地区里推广开来。",
    ),
)
TRS = "https://news.example.cn/zjnews/202607/t20260706_24512345.shtml"
FOUNDER = "https://news.example.cn/it/content/2026-07/06/content_7654321.htm"


def page(
    *paragraphs: str, pager: str = "", title: str = TITLE, foot: str = "", box: str = '<div class="TRS_Editor">'
) -> str:
    text = "".join(f"<p>　　{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<html><head><meta charset="utf-8"><title>{title}_示例新闻网</title></head><body>'
        f'<div class="nav"><a href="/">首页</a> <a href="/zjnews/index.shtml">新闻</a></div><h1>{title}</h1>'
        f"<div class='info'>2026年07月06日 17:31　来源：示例日报</div>{box}{text}</div>{pager}{foot}"
        '<div class="footer">主办单位：示例新闻网 备案号：示例备00000000号</div></body></html>'
    )


def first(pager: str, url: str = TRS) -> Draft:
    return extract(page(*PARTS[0], pager=pager).encode(), url=url)


def joined(*pages: str | bytes, url: str = TRS, content_type: str = "text/html; charset=utf-8") -> Draft:
    """What extraction makes of the capture that a poll puts together of these pages."""
    bodies = [text if isinstance(text, bytes) else text.encode() for text in pages]
    starts = [sum(map(len, bodies[:i])) for i in range(len(bodies))]
    return extract(b"".join(bodies), url=url, content_type=f"{content_type}; pages={','.join(map(str, starts))}")


def script(total: int, stem: str) -> str:
    return f'<script>createPageHTML({total}, 0, "{stem}", "shtml");</script>'


def to(href: str, says: str) -> str:
    return f'<a href="{href}">{says}</a>'


def beside(url: str, *names: str) -> tuple[str, ...]:
    return tuple(url.rpartition("/")[0] + "/" + name for name in names)


# --- what follows -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "pager", "names"),
    [
        pytest.param(
            TRS,
            '<script>createPageHTML(3, 0, "t20260706_24512345", "shtml");</script>',
            ("t20260706_24512345_1.shtml", "t20260706_24512345_2.shtml"),
            id="TRS counts in a script",
        ),
        pytest.param(
            TRS,
            "<script>document.write(1);createPageHTML('2','0','t20260706_24512345','shtml')</script>",
            ("t20260706_24512345_1.shtml",),
            id="TRS with quotes of the other kind",
        ),
        pytest.param(
            TRS,
            f"<div>1 {to('./t20260706_24512345_1.shtml', '2')} {to('t20260706_24512345_2.shtml', '3')}</div>",
            ("t20260706_24512345_1.shtml", "t20260706_24512345_2.shtml"),
            id="TRS with links",
        ),
        pytest.param(
            FOUNDER,
            '<div class="pages"><span>1</span><a href="content_7654321_2.htm">[2]</a>'
            '<a href="content_7654321_3.htm">[3]</a></div>',
            ("content_7654321_2.htm", "content_7654321_3.htm"),
            id="numbers in brackets, the first page is bare",
        ),
        pytest.param(
            FOUNDER,
            f'<ul class="pages"><li>{to("content_7654321_1.htm", "1")}</li><li>{to("content_7654321_2.htm", "2")}</li>'
            f'<li class="page-all">{to("content_7654321_0.htm", "阅读全文")}</li></ul>',
            ("content_7654321_0.htm",),
            id="one page has the full text",
        ),
        pytest.param(
            FOUNDER.replace("4321.htm", "4321_0.htm"),
            '<ul class="pages"><li>1</li><li><a href="content_7654321_1.htm">2</a></li>'
            '<li><a href="content_7654321_2.htm">3</a></li></ul>',
            ("content_7654321_1.htm", "content_7654321_2.htm"),
            id="the first page is number 0",
        ),
        pytest.param(
            "https://news.example.cn/a/98765.html",
            f"<p>{to('/a/98765_2.html', '2')} {to('/a/98765_3.html', '3')} … {to('/a/98765_6.html', '尾页')}</p>",
            tuple(f"98765_{n}.html" for n in range(2, 7)),
            id="a long pager shows some of its pages",
        ),
        pytest.param(
            "https://news.example.cn/a/98765.html",
            '<div>共4页 <a href="98765_2.html">下一页</a></div>',
            ("98765_2.html", "98765_3.html", "98765_4.html"),
            id="a total and a link to the next page",
        ),
        pytest.param(
            "http://www.example.com.cn/a/show.asp?id=55&ClassID=8",
            '<a href="show.asp?ClassID=8&id=55&page=2">下一页</a>',
            ("show.asp?ClassID=8&id=55&page=2",),
            id="a parameter",
        ),
        pytest.param(
            "http://www.example.com.cn/show.asp?id=55",
            to("?id=55&page=2", "2") + to("?id=55&page=4", "尾页"),
            ("show.asp?id=55&page=2", "show.asp?id=55&page=3", "show.asp?id=55&page=4"),
            id="a long pager with a parameter",
        ),
        pytest.param(
            "http://www.example.com.cn/show.asp?id=55&page=1",
            to("?id=55", "1") + to("?id=55&page=2", "2"),
            ("show.asp?id=55&page=2",),
            id="the first page has a number too",
        ),
        pytest.param(
            "https://news.example.cn/a/98765.html",
            "".join(f'<a href="98765_{n}.html">{n}</a> ' for n in range(2, 60)),
            tuple(f"98765_{n}.html" for n in range(2, 21)),
            id="no more than twenty pages",
        ),
        pytest.param(
            "https://news.example.cn/a/98765.html",
            '<a href="98765-2.html#main"><img src="n.gif">下一页 &gt;</a>',
            ("98765-2.html",),
            id="a hyphen, a fragment, a picture",
        ),
    ],
)
def test_a_pager_leads_to_the_following_pages(url: str, pager: str, names: tuple[str, ...]) -> None:
    assert first(pager, url).more == beside(url, *names)


@pytest.mark.parametrize(
    ("url", "pager"),
    [
        pytest.param(TRS, "", id="no pager"),
        pytest.param(TRS, script(1, "t20260706_24512345"), id="one page"),
        pytest.param(TRS, script(40, "index"), id="the pager of a column"),
        pytest.param(TRS, "<script>function createPageHTML(_nCount, _nIndex, 'x', 'y') {}</script>", id="its code"),
        pytest.param(TRS, to("t20260706_24512346.shtml", "下一页"), id="the next article"),
        pytest.param(TRS, to("t20260706_24512345_1.shtml", "下一篇"), id="the words for the next article"),
        pytest.param(TRS, to("t20260706_245123456_1.shtml", "2"), id="an article whose number begins alike"),
        pytest.param(TRS, to("index_2.shtml", "下一页") + to("/zjnews/index_3.shtml", "3"), id="a list"),
        pytest.param(TRS, to(TRS.replace("news.", "other.").replace(".shtml", "_1.shtml"), "2"), id="another host"),
        pytest.param(TRS, to("javascript:;", "下一页") + to("#2", "2"), id="scripts and fragments"),
        pytest.param(TRS, f'<div id="comment-list">{to("?page=2", "2")}{to("?page=2", "下一页")}</div>', id="comments"),
        pytest.param(TRS, to("t20260706_24512345_1.shtml", "见附表2"), id="a link in the text"),
        pytest.param(TRS, to("t20260706_24512345_ext.shtml", "2"), id="a variant"),
        pytest.param(TRS, to("http://[news/", "2") + to("http://x.cn:x/", "3"), id="addresses that are none"),
        pytest.param(TRS, to("t20260706_24512345.shtml?id=1&page=2", "2"), id="another parameter"),
        pytest.param(TRS, to("t20260706_24512345.shtml?from=2", "2"), id="a parameter that counts nothing"),
        pytest.param("http://[news/1.html", to("1_2.html", "2"), id="an own address that is none"),
        pytest.param(
            TRS.replace("45.s", "45_1.s"),
            to("t20260706_24512345.shtml", "上一页") + to("t20260706_24512345_2.shtml", "下一页"),
            id="the second page",
        ),
        pytest.param(FOUNDER.replace("21.h", "21_3.h"), to("content_7654321_4.htm", "下一页"), id="the third page"),
        pytest.param("https://www.example.gov.cn/xwzx/index.html", to("index_1.html", "下一页"), id="a column"),
        pytest.param("https://www.example.gov.cn/xwzx/", to("index_1.html", "2") + to("?page=2", "2"), id="a folder"),
        pytest.param(
            "http://www.example.com.cn/news_list.asp?ClassID=8",
            to("news_list.asp?ClassID=8&page=2", "下一页"),
            id="a list with a parameter",
        ),
        pytest.param("http://www.example.com.cn/show.asp?id=55", to("show.asp?id=56", "下一页"), id="the next number"),
        pytest.param(
            "https://www.example.gov.cn/art/2026/7/6/art_1229000001_58945012.html",
            to("art_1229000001_58945013.html", "下一页"),
            id="Hanweb's next article",
        ),
    ],
)  # fmt: skip
def test_what_is_no_page_of_this_article_is_not_followed(url: str, pager: str) -> None:
    draft = first(pager, url)
    assert draft.quality.verdict is Verdict.ARTICLE
    assert draft.more == ()


def test_what_is_no_article_has_no_following_pages() -> None:
    html = f"<html><body>您访问的页面不存在<a href='{TRS.replace('.shtml', '_1.shtml')}'>2</a></body></html>"
    draft = extract(html.encode(), url=TRS)
    assert (draft.quality.verdict, draft.more) == (Verdict.SOFT404, ())


@pytest.mark.parametrize(
    "pager",
    [
        pytest.param(f"<p>1 {to('9_2.html', '2')} {to('9_3.html', '3')} {to('9_2.html', '下一页')}</p>", id="one line"),
        pytest.param(
            f"<ul><li><span>1</span></li><li>{to('9_2.html', '2')}</li><li>{to('9_2.html', '下一页')}</li></ul>",
            id="a block each",
        ),
        pytest.param(f"<div>共 3 页 [1] {to('9_2.html', '[2]')} {to('9_3.html', '[3]')}</div>", id="brackets"),
        pytest.param(f"1 {to('9_2.html', '2')} {to('9_2.html', '下一页')}", id="bare"),
    ],
)
def test_a_pager_inside_the_text_is_no_text(pager: str) -> None:
    html = page(*PARTS[0]).replace("</p></div>", f"</p>{pager}</div>")
    draft = extract(html.encode(), url="https://news.example.cn/a/9.html")
    assert draft.text.split("\n") == list(PARTS[0])
    assert draft.more[0] == "https://news.example.cn/a/9_2.html"


# --- joined -------------------------------------------------------------------------------------------------------

PAGER = '<script>createPageHTML(3, 0, "t20260706_24512345", "shtml");</script>'


def test_the_pages_of_an_article_are_one_text() -> None:
    draft = joined(page(*PARTS[0], pager=PAGER), page(*PARTS[1]), page(*PARTS[2], foot="<p>责任编辑：某甲乙</p>"))
    assert draft.text.split("\n") == [paragraph for part in PARTS for paragraph in part]
    assert (draft.title, draft.origin, draft.editor) == (TITLE, "示例日报", "某甲乙")
    assert (iso(draft.published_at), draft.published_precision) == ("2026-07-06T17:31:00+08:00", Precision.MINUTE)
    assert (draft.url, draft.more, draft.quality.verdict) == (TRS, (), Verdict.ARTICLE)


def test_a_joined_capture_answers_the_same_whenever_it_is_read() -> None:
    pages = page(*PARTS[0], pager=PAGER), page(*PARTS[1]), page(*PARTS[2])
    assert joined(*pages) == joined(*pages)


def test_pages_in_gbk_are_parted_by_bytes() -> None:
    pages = [page(*part).replace("utf-8", "gb2312").encode("gb18030") for part in PARTS]
    draft = joined(*pages, content_type="text/html")
    assert draft.text.split("\n") == [paragraph for part in PARTS for paragraph in part]


def test_what_every_page_repeats_is_said_once() -> None:
    lead, close = (
        "核心提示 试点把表格减到一张，这是各页都有的导读。",
        "（本组稿件由示例区的同事采写，图片由示例区提供）",
    )
    draft = joined(*(page(lead, *part, close, pager=PAGER) for part in PARTS))
    assert draft.text.split("\n") == [lead, *(paragraph for part in PARTS for paragraph in part), close]


def test_titles_with_the_number_of_their_page_are_not_repeated() -> None:
    numbered = [page(*part, title=f"{TITLE}({n})" if n > 1 else TITLE) for n, part in enumerate(PARTS, 1)]
    assert joined(*numbered).text.split("\n") == [paragraph for part in PARTS for paragraph in part]


def test_a_page_with_the_full_text_stands_for_all() -> None:
    pager = '<li class="page-all"><a href="content_7654321_0.htm">阅读全文</a></li>'
    everything = [paragraph for part in PARTS for paragraph in part]
    draft = joined(page(*PARTS[0], pager=pager), page(*everything), url=FOUNDER)
    assert draft.text.split("\n") == everything


def test_the_full_text_counts_although_page_one_breaks_off_within_a_sentence() -> None:
    everything = [paragraph for part in PARTS for paragraph in part]
    cut = [*PARTS[0], PARTS[1][0][:12], "（未完待续，请翻页）"]
    assert joined(page(*cut), page(*everything)).text.split("\n") == everything


def test_a_page_that_only_says_the_first_again_adds_nothing() -> None:
    assert joined(page(*PARTS[0]), page(*PARTS[0]), page(*PARTS[1])).text.split("\n") == [*PARTS[0], *PARTS[1]]


def test_the_attachments_of_all_pages_are_the_articles() -> None:
    first = f"<p>附件：{to('/f/1.pdf', '1.pdf')}</p>"
    second = f"<p>附件：{to('/f/1.pdf', '1.pdf')} {to('/f/2.doc', '2.doc')}</p>"
    bodies = zip(PARTS, (first, second), strict=False)
    draft = joined(*(page(*part).replace("</p></div>", f"</p>{files}</div>") for part, files in bodies))
    assert [attachment.url for attachment in draft.attachments] == [
        "https://news.example.cn/f/1.pdf",
        "https://news.example.cn/f/2.doc",
    ]


@pytest.mark.parametrize(
    ("second", "verdict"),
    [
        pytest.param("<script>var x='__jsl_clearance_s'</script>", Verdict.CHALLENGE, id="a challenge"),
        pytest.param("<html><body>系统维护中，请稍后再访问本站的页面</body></html>", Verdict.ERROR, id="maintenance"),
    ],
)
def test_a_page_that_came_as_something_else_makes_the_whole_unreadable(second: str, verdict: Verdict) -> None:
    draft = joined(page(*PARTS[0]), second, page(*PARTS[2]))
    assert (draft.quality.verdict, draft.text) == (verdict, "")
    assert draft.quality.notes[0].startswith("page 2 of 3: ")


def test_a_page_that_does_not_exist_is_left_out_and_noted() -> None:
    draft = joined(page(*PARTS[0]), "<html><body>您访问的页面不存在，请检查地址</body></html>", page(*PARTS[2]))
    assert draft.quality.verdict is Verdict.ARTICLE
    assert draft.text.split("\n") == [*PARTS[0], *PARTS[2]]
    assert [note[:23] for note in draft.quality.notes] == ["page 2 of 3 is left out"]


def test_where_page_one_is_no_article_the_others_make_none() -> None:
    draft = joined("<html><body>您访问的页面不存在，请检查地址</body></html>", page(*PARTS[1]))
    assert (draft.quality.verdict, draft.text) == (Verdict.SOFT404, "")


def test_the_listing_tells_a_joined_article_what_its_pages_do_not() -> None:
    html = page(*PARTS[0]).replace("2026年07月06日 17:31　来源：示例日报", "")
    body = html.encode() + page(*PARTS[1]).encode()
    entry = Entry(url=TRS, title=TITLE, origin="示例晚报")
    kind = f"text/html; charset=utf-8; pages=0,{len(html.encode())}"
    draft = extract(body, url=TRS, content_type=kind, hints=Hints(entry=entry))
    assert (draft.origin, draft.text.count("\n")) == ("示例晚报", 3)


@pytest.mark.parametrize(
    ("content_type", "parts", "kind"),
    [
        pytest.param(
            "text/html; charset=gbk; pages=0,3,5", (b"one", b"tw", b"o34"), "text/html; charset=gbk", id="three"
        ),
        pytest.param("text/html;pages=0", (b"onetwo34",), "text/html", id="one"),
        pytest.param("text/html; pages=1,3", (b"onetwo34",), "text/html", id="does not begin at the beginning"),
        pytest.param("text/html; pages=0,5,3", (b"onetwo34",), "text/html", id="not rising"),
        pytest.param("text/html; pages=0,8", (b"onetwo34",), "text/html", id="an empty last page"),
        pytest.param("text/html; pages=0,99", (b"onetwo34",), "text/html", id="behind the end"),
        pytest.param("text/html; pages=a", (b"onetwo34",), "text/html; pages=a", id="no numbers"),
        pytest.param("text/html", (b"onetwo34",), "text/html", id="not said"),
        pytest.param(None, (b"onetwo34",), None, id="no content type"),
    ],
)
def test_a_capture_is_parted_where_its_content_type_says(
    content_type: str | None, parts: tuple[bytes, ...], kind: str | None
) -> None:
    assert split(b"onetwo34", content_type) == (parts, kind)


@given(st.binary(max_size=40), st.lists(st.integers(0, 50), max_size=6))
def test_parting_a_capture_loses_no_byte(body: bytes, starts: list[int]) -> None:
    parts, _ = split(body, f"text/html; pages={','.join(map(str, starts))}")
    assert b"".join(parts) == body
    assert len(parts) in (1, len(starts))
