"""Extraction over pages, feed items and flattened text of the shapes that real sources have; contents are invented."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract import EXTRACTOR_VERSION, extract
from crawler.records import ArticleKind, Draft, Entry, Hints, Precision, Selectors, Stock, Verdict, iso

FIXTURES = Path(__file__).parent.parent / "fixtures" / "extract"


def read(name: str, *, url: str | None = None, hints: Hints | None = None) -> Draft:
    return extract((FIXTURES / name).read_bytes(), url=url, hints=hints)


def page(body: str, head: str = "") -> bytes:
    return f'<html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'.encode()


PROSE = (
    "<p>示例市的试点今天开始，首批二十家企业参加，居民们反映良好。</p>"
    "<p>主办方介绍，平台把填报的表格从十二张减到一张，办理时间缩短一半。</p>"
    "<p>下一步，试点将扩大到全市，年底前再有五十家企业加入。</p>"
)


class TestHanwebDisclosurePage:
    """The national metas, the disclosure table, the content between Hanweb's own comments."""

    draft = read("hanweb.html", url="https://www.example.gov.cn/art/2024/5/8/art_1_1.html")

    def test_the_head_tells_title_time_site_and_column(self) -> None:
        assert self.draft.quality.verdict is Verdict.ARTICLE
        assert self.draft.title == "关于开展示例平台试点申报的通知"
        assert iso(self.draft.published_at) == "2024-05-08T09:30:00+08:00"
        assert self.draft.published_precision is Precision.MINUTE
        assert (self.draft.source_name, self.draft.column) == ("示例市政府门户网站", "市政府文件")
        assert self.draft.origin == "市府办"
        assert self.draft.keywords == ("平台", "试点")

    def test_the_table_gives_the_government_keys_and_no_others(self) -> None:
        assert dict(self.draft.government) == {
            "index_number": "330000000000/2024-500001",
            "doc_number": "示政办发〔2024〕12号",
            "issuer": "示例市人民政府办公室",
            "openness": "主动公开",
            "written_on": "2024-05-01",
            "category": "市政府文件",
        }
        assert self.draft.kind is ArticleKind.POLICY

    def test_the_text_is_the_document_with_its_tables_and_signature(self) -> None:
        assert self.draft.text.split("\n") == [
            "各县（市、区）人民政府：",
            "为加快平台建设，现就试点申报有关事项通知如下。",
            "类别 | 名额",
            "综合 | 3",
            "一、申报条件。申报单位应当具备独立法人资格。",
            "示例市人民政府办公室",
            "2024年5月1日",
            "附件：1. 申报表.pdf",
        ]

    def test_attachments_are_absolute_links(self) -> None:
        (attachment,) = self.draft.attachments
        assert attachment.type == "pdf"
        assert attachment.url == "https://www.example.gov.cn/module/download/downfile.jsp?classid=0&filename=aa11.pdf"


class TestSinaPage:
    draft = read("sina.html", url="https://finance.example.com.cn/2023-05-08/doc-x.shtml")

    def test_the_visible_time_wins_over_the_later_meta(self) -> None:
        assert iso(self.draft.published_at) == "2023-05-08T08:39:00+08:00"

    def test_the_first_paragraph_credits_the_origin(self) -> None:
        assert self.draft.origin == "示例经济报"

    def test_editor_is_no_author(self) -> None:
        assert (self.draft.editor, self.draft.author) == ("某甲乙", None)

    def test_the_keywords_below_the_text_win_over_the_meta(self) -> None:
        assert self.draft.keywords == ("示例企业", "智能产线")

    def test_shares_are_named_where_the_text_names_them(self) -> None:
        assert self.draft.stocks == (Stock(code="sh600001", name="示例股份"), Stock(code="sz000002", name=""))

    def test_the_text_keeps_names_and_captions_and_loses_the_rest(self) -> None:
        assert self.draft.text.split("\n") == [
            "走进示例股份的车间，机械臂正在搬运零件，工人只需看管屏幕。",
            "智能产线一角。",
            "企业负责人表示，新产线让生产周期缩短了三成，能耗也下降了。",
        ]


class TestUnknownPortal:
    """A site that no container and no selector of ours knows."""

    draft = read("portal.html")

    def test_everything_comes_from_what_a_reader_sees(self) -> None:
        assert self.draft.title == "示例县河道整治见成效"
        assert iso(self.draft.published_at) == "2024-03-07T09:05:06+08:00"
        assert (self.draft.origin, self.draft.author, self.draft.editor) == ("示例晚报", "王某某", "李某某")
        assert self.draft.kind is ArticleKind.NEWS

    def test_the_text_has_neither_navigation_nor_related_lists(self) -> None:
        lines = self.draft.text.split("\n")
        assert (lines[0][:7], lines[-1][-7:]) == ("示例县河道整治", "明年底前完成。")
        assert len(lines) == 4


class TestFeedItem:
    draft = read("feeditem.md")

    def test_front_matter_gives_title_time_address_and_feed(self) -> None:
        assert self.draft.title == "示例港：数据平台让货船少等半天"
        assert iso(self.draft.published_at) == "2023-07-06T07:54:04+08:00"
        assert self.draft.published_precision is Precision.SECOND
        assert self.draft.url == "https://finance.example.com/2023/doc-1.shtml"
        assert (self.draft.source_name, self.draft.author) == ("示例财经", None)
        assert self.draft.keywords == ("金融", "示例财经")

    def test_the_post_gives_origin_editor_shares_and_text(self) -> None:
        assert (self.draft.origin, self.draft.editor) == ("示例参考报", "某丙")
        assert self.draft.stocks == (Stock(code="sz000003", name="示例港务"),)
        assert self.draft.text == (
            "示例港今年上半年吞吐量同比增长一成，数据平台功不可没。\n"
            "港口负责人介绍，示例港务把泊位、拖轮和引航信息汇到一处。"
        )


class TestFlattenedDisclosure:
    draft = read("flat_disclosure.txt")

    def test_a_table_without_labels_is_read_by_its_shape(self) -> None:
        assert self.draft.title == "[局長解讀]《示例市數字港口建設辦法》的政策解讀(市港口局)"
        assert dict(self.draft.government) == {
            "index_number": "330000000000/2024-000777",
            "issuer": "市港口局",
            "openness": "主動公開",
            "interpreter_unit": "市港口局",
            "interpreter": "某丁",
            "phone": "0500-00000000",
        }
        assert self.draft.kind is ArticleKind.INTERPRETATION
        assert iso(self.draft.published_at) == "2024-06-03T16:20:00+08:00"

    def test_glosses_go_and_closing_lines_stay(self) -> None:
        assert self.draft.quality.repaired
        assert self.draft.language == "zh-Hant"
        assert self.draft.text.startswith("問:為什么要出臺")
        assert self.draft.text.endswith("解讀單位:市港口局\n解讀人:某丁\n聯系電話:0500-00000000")

    def test_a_lost_byte_is_noted(self) -> None:
        assert any(note.startswith("damaged") for note in self.draft.quality.notes)


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        pytest.param("數(shù)字經(jīng)濟發(fā)展迅速，全市上下都在努力。", True, id="three, as a mirror leaves them"),
        pytest.param("數(shù)字經(jīng)濟發展迅速，全市上下都在努力。", False, id="two may be a writer's own"),
        pytest.param("數(zì)字經(shù)濟發(dà)展迅速，全市上下都在努力。", False, id="readings of other characters"),
        pytest.param("數(shù)字經(jīng)濟發(dà)展迅速，全市上下都在努力。", False, id="two of three"),
    ],
)
def test_glosses_go_from_a_page_that_shows_at_least_three(text: str, repaired: bool) -> None:
    draft = extract(page(f"<h1>示例市的發展</h1><div id=zoom><p>{text}</p>{PROSE}</div>"))
    assert (text in draft.text) is not repaired
    assert draft.quality.repaired is repaired
    assert ("數字經濟發展" in draft.text) is repaired


@pytest.mark.parametrize(
    "line",
    [
        "字體大?。?/span>大 中 小",
        "訪問次數(shù):",
        "【打印本页】【关闭窗口】",
        "分享到：微信 新浪微博 QQ空间",
        "阅读量：1.2万",
        "扫一扫在手机打开当前页",
    ],
)
def test_what_is_left_of_widgets_is_none_of_the_text(line: str) -> None:
    draft = extract(
        page(f"<h1>示例市的試點</h1><p>2024-03-05 09:05</p><div id=zoom><p>{line}</p>{PROSE}<p>{line}</p></div>")
    )
    assert draft.text.count("\n") == 2
    assert draft.text.startswith("示例市的试点")


def test_a_reprint_names_where_it_stood_and_where_it_came_from() -> None:
    draft = read("flat_reprint.txt")
    assert (draft.source_name, draft.origin, draft.column) == ("示例資訊網", "示例區科技局", "創新動態")
    assert iso(draft.published_at) == "2022-09-05T08:05:09+08:00"
    assert draft.text.count("今年以來") == 1
    assert draft.text.endswith("課題由一線提出。")


def test_a_feature_ends_at_its_editor_and_has_no_time() -> None:
    draft = read("flat_feature.txt")
    assert (draft.column, draft.origin, draft.editor) == ("文旅", "示例新闻", "某戊")
    assert draft.published_at is None
    assert draft.text.startswith("▲老街入口处的新招牌。")
    assert draft.text.endswith("关门的只有两家。")
    assert ".jpg" not in draft.text


@pytest.mark.parametrize(
    ("shown", "meta", "expected", "precision"),
    [
        pytest.param("2024-03-07", "2024-03-07 09:05", "2024-03-07T09:05:00+08:00", "minute", id="the head is finer"),
        pytest.param("2024-03-07", None, "2024-03-07T00:00:00+08:00", "day", id="a day alone stays a day"),
        pytest.param("2024年03月07日12时", None, "2024-03-07T12:00:00+08:00", "hour", id="an hour alone"),
        pytest.param("2024-03-07 00:00:00", None, "2024-03-07T00:00:00+08:00", "day", id="midnight is nobody's minute"),
        pytest.param(
            "成文日期：2023-12-01", "2024-03-07 09:05", "2024-03-07T09:05:00+08:00", "minute", id="成文日期 is none"
        ),
        pytest.param(
            "发布时间：2024-03-07 10:00", "2024-03-09 09:05", "2024-03-07T10:00:00+08:00", "minute", id="shown wins"
        ),
    ],
)
def test_publication_is_what_the_page_shows(shown: str, meta: str | None, expected: str, precision: str) -> None:
    head = "<title>示例市的试点开始了</title>" + (f'<meta name="PubDate" content="{meta}">' if meta else "")
    draft = extract(page(f"<h1>示例市的试点开始了</h1><div>{shown}</div><div class='TRS_Editor'>{PROSE}</div>", head))
    assert (iso(draft.published_at), draft.published_precision) == (expected, precision)


def test_a_second_container_with_the_foot_of_the_page_is_not_the_text() -> None:
    foot = "<div class='TRS_Editor'><p>主办单位：示例市人民政府</p><p>备案号：示例备00000000号</p></div>"
    draft = extract(page(f"<h1>示例市的试点开始了</h1><div class='nr'>{PROSE}</div>{foot}"))
    assert draft.text == extract(page(f"<h1>示例市的试点开始了</h1><div class='nr'>{PROSE}</div>")).text
    assert draft.text_length > 40


def test_a_listing_fills_in_what_the_page_does_not_say() -> None:
    entry = Entry(
        url="https://example.com/a",
        title="示例市的试点开始了",
        published_at=datetime(2024, 3, 7, 1, 5, tzinfo=UTC),
        published_precision=Precision.MINUTE,
        origin="示例日报",
    )
    draft = extract(page(f"<div id='zoom'>{PROSE}</div>"), hints=Hints(entry=entry))
    assert (draft.title, draft.origin, iso(draft.published_at)) == (
        "示例市的试点开始了",
        "示例日报",
        "2024-03-07T09:05:00+08:00",
    )


def test_the_sources_own_kind_and_selectors_win() -> None:
    body = f"<h2 class=x>真正的标题在这里</h2><i id=t>2024-01-02 03:04</i><b id=o>示例台</b><div class=y>{PROSE}</div>"
    hints = Hints(
        kind=ArticleKind.FLASH,
        selectors=Selectors(title="h2.x", body="//div[@class='y']", published="#t", origin="#o::text"),
    )
    draft = extract(page(body, "<title>另一个标题</title>"), hints=hints)
    assert (draft.title, draft.origin, draft.kind) == ("真正的标题在这里", "示例台", ArticleKind.FLASH)
    assert iso(draft.published_at) == "2024-01-02T03:04:00+08:00"
    assert draft.text.count("\n") == 2


@pytest.mark.parametrize(
    "shown", ["来源：示例台", "信息来源： 示例台", "发布时间：2024-01-02 03:04　来源：示例台 字号：大 中 小"]
)
def test_a_selector_may_point_at_the_outlets_label_too(shown: str) -> None:
    hints = Hints(selectors=Selectors(origin="#o"))
    draft = extract(page(f"<h1>试点今天开始</h1><b id=o>{shown}</b><div id=zoom>{PROSE}</div>"), hints=hints)
    assert draft.origin == "示例台"


def test_the_feeds_author_that_is_no_person_is_the_outlet() -> None:
    for author, origin, writer in (("示例日报", "示例日报", None), ("张三", None, "张三")):
        entry = Entry(url="https://example.com/a", title="示例市的试点", author=author)
        draft = extract(page(f"<h1>示例市的试点</h1><div id=zoom>{PROSE}</div>"), hints=Hints(entry=entry))
        assert (draft.origin, draft.author) == (origin, writer)


@pytest.mark.parametrize(
    ("shown", "told", "expected"),
    [
        ("2024年01月02日 03:04", "2024-01-02T03:04:31+08:00", ("2024-01-02T03:04:31+08:00", Precision.SECOND)),
        ("2024年01月02日 03:04", "2024-01-02T03:05:31+08:00", ("2024-01-02T03:04:00+08:00", Precision.MINUTE)),
        ("2024年01月02日03时", "2024-01-02T03:05:31+08:00", ("2024-01-02T03:05:31+08:00", Precision.SECOND)),
        ("2024年01月02日 03:04:05", "2024-01-02 03:04", ("2024-01-02T03:04:05+08:00", Precision.SECOND)),
    ],
    ids=["the same minute", "a later minute", "the same hour", "less than is shown"],
)
def test_the_head_may_say_more_exactly_what_the_page_shows(
    shown: str, told: str, expected: tuple[str, Precision]
) -> None:
    head = f'<meta property="article:published_time" content="{told}">'
    draft = extract(page(f"<h1>试点今天开始</h1><p>{shown}</p><div id=zoom>{PROSE}</div>", head))
    assert (iso(draft.published_at), draft.published_precision) == expected


def test_the_feeds_own_name_stands_where_the_page_names_no_site() -> None:
    entry = Entry(url="https://example.com/a", title="示例市的试点", site="示例订阅")
    body = f"<h1>示例市的试点</h1><div id=zoom>{PROSE}</div>"
    assert extract(page(body), hints=Hints(entry=entry)).source_name == "示例订阅"
    named = page(body, '<meta name="SiteName" content="示例市政府">')
    assert extract(named, hints=Hints(entry=entry)).source_name == "示例市政府"


def test_a_full_text_feed_entry_is_all_article() -> None:
    entry = Entry(url="https://example.com/a", title="短讯", body="<p>示例市今日降雨。</p>")
    draft = extract(b"", url="https://example.com/a", hints=Hints(entry=entry))
    assert (draft.quality.verdict, draft.title, draft.text) == (Verdict.ARTICLE, "短讯", "示例市今日降雨。")


@pytest.mark.parametrize(
    ("title", "column", "expected"),
    [
        pytest.param("《示例办法》政策解读", "政策文件", ArticleKind.INTERPRETATION, id="interpretation"),
        pytest.param("关于开展示例工作的通知", "", ArticleKind.NOTICE, id="notice"),
        pytest.param("2023年国民经济运行情况", "统计数据", ArticleKind.DATA, id="data"),
        pytest.param("市长调研港口建设", "要闻", ArticleKind.NEWS, id="news"),
        pytest.param("示例办法（示政发〔2024〕3号）", "", ArticleKind.POLICY, id="a number in the title"),
    ],
)
def test_kind_follows_title_and_column(title: str, column: str, expected: ArticleKind) -> None:
    head = (
        f'<title>{title}</title><meta name="ArticleTitle" content="{title}"><meta name="ColumnName" content="{column}">'
    )
    draft = extract(page(f"<div id='zoom'>{PROSE}</div>", head), url="https://www.example.gov.cn/art/1.html")
    assert draft.kind is expected


@pytest.mark.parametrize("depth", [200, 255, 1_000, 20_000])
def test_no_depth_of_nesting_loses_the_text(depth: int) -> None:
    body = "<h1>嵌套很深的示例页面</h1>" + "<div>" * depth + PROSE + "</div>" * depth
    draft = extract(page(body, "<title>嵌套很深的示例页面</title>"))
    assert "首批二十家企业参加" in draft.text
    assert any("nested deeper" in note for note in draft.quality.notes) == (depth >= 255)


@pytest.mark.parametrize(
    "tag",
    [
        pytest.param('<div data-x="' + "x" * 1_200_000 + '">', id="one attribute of 1.2 MB"),
        pytest.param("<div " + " ".join(f"a{i}=1" for i in range(100_000)) + ">", id="100,000 attributes"),
        pytest.param("<div " + " ".join(f'a{i}=">"' for i in range(20_000)) + ">", id="attributes that hold >"),
    ],
)
def test_an_oversized_start_tag_is_cut_and_the_article_is_read(tag: str) -> None:
    draft = extract(
        page(f"<h1>一则普通的示例新闻</h1>{tag}<div id=zoom>{PROSE}</div></div>", "<title>一则普通的示例新闻</title>")
    )
    assert draft.title == "一则普通的示例新闻"
    assert "首批二十家企业参加" in draft.text
    assert any(note.startswith("start tag <div>") for note in draft.quality.notes)


def test_a_garbled_page_is_an_error_and_has_no_text() -> None:
    body = page("<h1>示例标题一则</h1><div id=zoom>" + "<p>数字\ufffd经济\ufffd试点开始了</p>" * 10 + "</div>")
    draft = extract(body)
    assert (draft.quality.verdict, draft.text) == (Verdict.ERROR, "")
    assert "garbled" in draft.quality.notes


def test_every_draft_names_the_extractor() -> None:
    assert extract(b"").extractor == extract("示例文章\n正文一句。".encode()).extractor == EXTRACTOR_VERSION


def test_entities_and_markup_do_not_reach_titles() -> None:
    head = '<title>x</title><meta name="ArticleTitle" content="做强平台&lt;div&gt;——示例的路&lt;/div&gt;">'
    assert extract(page(f"<div id=zoom>{PROSE}</div>", head)).title == "做强平台——示例的路"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=600), st.sampled_from([None, "text/html", "text/html; charset=gbk", "application/json"]))
def test_any_bytes_give_a_draft(body: bytes, content_type: str | None) -> None:
    draft = extract(body, url="http://[half", content_type=content_type)
    assert draft.text == "" or draft.quality.verdict is Verdict.ARTICLE


@pytest.mark.parametrize("name", sorted(path.name for path in FIXTURES.iterdir()))
def test_mutated_pages_give_a_draft(name: str) -> None:
    dice = random.Random(name)  # the same damage in every run
    original = (FIXTURES / name).read_bytes()
    for _ in range(25):
        body = bytearray(original)
        for _ in range(dice.randint(1, 30)):
            at = dice.randrange(len(body) + 1)
            body[at : at + dice.randint(0, 40)] = dice.choice(
                [b"<", b'"', b"<!--", b"</div>", b"\x00", b"\xff\xfe", b"---\n", b"&#1114112;", b"<table><tr>", b""]
            )
        assert extract(bytes(body)).quality.verdict in Verdict


def test_a_feed_item_that_lost_characters_before_it_came_to_us_is_kept_and_noted() -> None:
    item = "---\ntitle: 示例公司预告\n---\n\n示例公司预计归属\ufffd\ufffd上市公司股东的净利润增长一成。".encode()
    draft = extract(item)
    assert draft.quality.verdict is Verdict.ARTICLE and "净利润增长一成" in draft.text
    assert "garbled" in draft.quality.notes


def test_a_feed_item_with_a_title_and_a_picture_alone_is_kept_and_noted() -> None:
    draft = extract(b'---\ntitle: \xe4\xb8\x80\xe5\x9b\xbe\xe8\xaf\xbb\xe6\x87\x82\n---\n\n<p><img src="x.png"></p>\n')
    assert (draft.quality.verdict, draft.title, draft.text) == (Verdict.ARTICLE, "一图读懂", "")
    assert "no text found" in draft.quality.notes


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        pytest.param(
            b'<script>document.cookie="__jsl_clearance_s=1|a";</script>', Verdict.CHALLENGE, id="bare challenge"
        ),
        pytest.param(b"404 Not Found\nnginx", Verdict.SOFT404, id="a server's plain words"),
        pytest.param("<div>页面不存在</div>".encode(), Verdict.SOFT404, id="soft 404 without a frame"),
        pytest.param(b"ok", Verdict.STUB, id="two bytes"),
    ],
)
@pytest.mark.parametrize(
    "entry", [None, Entry(url="https://news.example.cn/1.html", title="示例：一条新闻")], ids=["re-check", "new entry"]
)
def test_what_a_site_answers_without_a_frame_is_no_article(body: bytes, verdict: Verdict, entry: Entry | None) -> None:
    draft = extract(body, url="https://news.example.cn/1.html", hints=Hints(entry=entry))
    assert (draft.quality.verdict, draft.text) == (verdict, "")
