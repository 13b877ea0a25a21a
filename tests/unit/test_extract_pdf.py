"""PDF files: their text by paragraphs, and a verdict for those that have none or cannot be read."""

from dataclasses import replace

import pytest

from crawler.extract import extract
from crawler.extract.pdf import MOST_PAGES
from crawler.records import Entry, Hints, Verdict
from tests.pdfs import pdf

URL = "https://www.example.gov.cn/files/notice.pdf"
LINES = (
    "关于印发示例市产业大脑建设方案的通知",
    "示政发〔2026〕3号",
    "各镇人民政府、街道办事处，市政府各部门：",
    "现将《示例市产业大脑建设方案》印发给你们，请结合实际认真",
    "贯彻执行，并于三月底前把落实情况报市经信局，由其汇总后专",
    "题报告市政府。",
    "一、总体要求",
    "以企业需要为准，不搞一刀切，先易后难，成熟一个上线一个。",
    "- 1 -",
)
ENTRY = Entry(url=URL, title="示例市产业大脑建设方案")


def listed(title: str | None = ENTRY.title) -> Hints:
    return Hints(entry=replace(ENTRY, title=title))


def test_lines_that_fill_the_page_are_one_paragraph_and_page_numbers_go() -> None:
    draft = extract(pdf(LINES), url=URL, content_type="application/pdf", hints=listed())

    assert draft.quality.verdict is Verdict.ARTICLE
    assert draft.title == "示例市产业大脑建设方案"
    assert (
        "现将《示例市产业大脑建设方案》印发给你们，请结合实际认真贯彻执行，并于三月底前把落实情况报市经信局，"
        "由其汇总后专题报告市政府。"
    ) in draft.text.split("\n")
    assert "一、总体要求" in draft.text.split("\n")
    assert "- 1 -" not in draft.text
    assert draft.government["doc_number"] == "示政发〔2026〕3号"


@pytest.mark.parametrize(
    ("hints", "named", "expected"),
    [
        pytest.param(listed(), "产业大脑建设方案（定稿）", ENTRY.title, id="the listing knows best"),
        pytest.param(listed(None), "产业大脑建设方案（定稿）", "产业大脑建设方案（定稿）", id="then the file"),
        pytest.param(listed(None), "Microsoft Word - 方案.doc", LINES[0], id="a file name is no title"),
        pytest.param(listed(None), None, LINES[0], id="else its first line"),
    ],
)
def test_the_title(hints: Hints, named: str | None, expected: str) -> None:
    assert extract(pdf(LINES, title=named), url=URL, hints=hints).title == expected


def test_what_it_is_stands_in_its_bytes_whatever_the_header_says() -> None:
    draft = extract(b"\r\n" + pdf(LINES), url="https://yw.example/down?id=7", content_type="text/html", hints=listed())

    assert "总体要求" in draft.text


def test_a_scanned_file_is_an_article_without_text() -> None:
    draft = extract(pdf((), ()), url=URL, hints=listed())

    assert (draft.quality.verdict, draft.title, draft.text) == (Verdict.ARTICLE, ENTRY.title, "")
    assert "a scanned PDF: 2 pages without text" in draft.quality.notes
    assert [(file.url, file.type) for file in draft.attachments] == [(URL, "pdf")]


def test_pages_that_are_pictures_among_others_are_noted() -> None:
    draft = extract(pdf(LINES, ()), url=URL, hints=listed())

    assert "1 of 2 pages have no text" in draft.quality.notes


def test_of_a_long_file_the_beginning_is_read() -> None:
    draft = extract(pdf(*([("第一行说的是一件事。",)] * (MOST_PAGES + 5))), url=URL, hints=listed())

    assert f"the first {MOST_PAGES} of {MOST_PAGES + 5} pages were read" in draft.quality.notes
    assert draft.text.count("一件事") == MOST_PAGES


LOCK = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >> /ID [<00112233><00112233>] "


@pytest.mark.parametrize(
    ("body", "note"),
    [
        pytest.param(pdf(LINES, trailer=LOCK), "an encrypted PDF", id="a password"),
        pytest.param(b"%PDF-1.7\n" + b"\x00\xff" * 400, "a broken PDF", id="garbage"),
        pytest.param(b"%PDF-", "a broken PDF", id="no more than the magic"),
        pytest.param(pdf(LINES)[:700], "", id="broken off"),
        pytest.param(pdf(LINES).replace(b"/Kids [6 0 R]", b"/Kids [2 0 R]"), "", id="pages that hold themselves"),
        pytest.param(pdf(LINES).replace(b"/Pages 2 0 R", b"/Pages 9 0 R"), "", id="no pages"),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_reason(body: bytes, note: str) -> None:
    draft = extract(body, url=URL, hints=listed(None))

    assert draft.text == ""
    assert draft.quality.verdict in (Verdict.ERROR, Verdict.STUB)
    assert any(note in said for said in draft.quality.notes), draft.quality.notes
