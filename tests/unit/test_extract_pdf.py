"""PDF files: their text by paragraphs, and a verdict for those that have none or cannot be read."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.extract import extract
from crawler.extract.attached import IN_PDF
from crawler.extract.pdffile import MOST_PAGES
from crawler.records import Draft, Entry, Hints, Verdict
from tests.pdfs import pdf

ROOT = Path(__file__).parents[2]
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


NOTICE = "https://www.example.gov.cn/art/2026/3/1/art_1_1.html"
FILE = "https://www.example.gov.cn/files/plan.pdf"


def shown(body: str, *, url: str = NOTICE) -> Draft:
    head = f"<title>{ENTRY.title}</title></head><body><h1>{ENTRY.title}</h1><p>发布时间：2026-03-01 09:12</p>"
    return extract(f'<html><head><meta charset="utf-8">{head}<div>{body}</div></body></html>'.encode(), url=url)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('<iframe src="/files/plan.pdf"></iframe>', id="an iframe"),
        pytest.param('<embed src="/files/plan.pdf#toolbar=0" type="application/pdf">', id="an embed"),
        pytest.param('<object data="../../../../files/plan.pdf"><p>您的浏览器不支持</p></object>', id="an object"),
        pytest.param('<iframe src="/pdfjs/web/viewer.html?file=/files/plan.pdf"></iframe>', id="a viewer"),
        pytest.param('<iframe src="/pdfjs/web/viewer.html?file=%2Ffiles%2Fplan.pdf&page=1"></iframe>', id="escaped"),
        pytest.param(
            '<iframe src="/v/show?fileUrl=https%3A%2F%2Fwww.example.gov.cn%2Ffiles%2Fplan.pdf"></iframe>',
            id="a whole address",
        ),
        pytest.param('<a href="/pdfjs/viewer.html?file=../files/plan.pdf">在线查看</a>', id="a link to a viewer"),
        pytest.param(
            '<iframe src="/files/plan.pdf"></iframe><a href="/files/plan.pdf">下载</a>', id="shown and offered"
        ),
        pytest.param('<script>var pdfurl = "/files/plan.pdf";</script>', id="a script"),
    ],
)
def test_a_page_that_only_shows_a_pdf_says_so_and_names_it(body: str) -> None:
    draft = shown(body)

    assert (draft.quality.verdict, draft.title) == (Verdict.ARTICLE, ENTRY.title)
    assert [file.url for file in draft.attachments] == [FILE]
    assert [note for note in draft.quality.notes if note.startswith(IN_PDF)]
    assert draft.more == (FILE,)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param('<iframe src="/player.html?file=/v/1.mp4"></iframe>', id="a film"),
        pytest.param('<iframe src="https://map.example/embed?path=a"></iframe>', id="a map"),
        pytest.param(
            '<iframe src="javascript:void(0)"></iframe><object data="data:text/html,x.pdf"></object>', id="no address"
        ),
        pytest.param('<iframe src="http://[broken/plan.pdf"></iframe>', id="a broken address"),
    ],
)
def test_what_shows_no_file_is_no_attachment(body: str) -> None:
    assert shown(body).attachments == ()


def test_a_page_with_a_text_keeps_it_and_lists_the_file_that_it_shows() -> None:
    text = "".join(f"<p>{line}，请各单位结合实际认真贯彻执行，并报市经信局。</p>" for line in LINES[2:6])
    draft = shown(f'{text}<iframe src="/files/plan.pdf" title="建设方案"></iframe>')

    assert [(file.name, file.url) for file in draft.attachments] == [("建设方案", FILE)]
    assert "贯彻执行" in draft.text
    assert (draft.more, [note for note in draft.quality.notes if IN_PDF in note]) == ((), [])


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


def test_pypdf_is_imported_by_who_meets_a_pdf_and_by_nobody_else() -> None:
    """It takes as long as all of lxml, and a worker starts anew every 2,000 calls."""
    code = (
        "import sys; from crawler.extract import extract; from tests.pdfs import pdf\n"
        "extract(b'<html><body><p>x</p></body></html>'); before = 'pypdf' in sys.modules\n"
        "extract(pdf(['x'])); print(before, 'pypdf' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == ["False", "True"]
