"""What files hold, whatever they are called and wherever they break off: documents, or the reason why there is none."""

import gzip
import io
import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest
import zstandard

from crawler.documents import LONGEST, HandedIn, documents_of
from crawler.extract import extract
from crawler.records import Verdict
from crawler.webarchive import LARGEST

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
URL = "https://city.example/art/9.html"
PAGE = (
    '<html><head><meta charset="{charset}"><title>未来工厂名单公布</title></head><body><h1>未来工厂名单公布</h1><div>'
    "<p>记者从市经信局获悉，今年上半年全市新增未来工厂四家、智能工厂三十七家，数量均为历年同期最多。</p>"
    "<p>相关负责人表示，下半年将围绕针织、饰品两个行业编制改造指南，让中小企业看得懂、学得会、用得起。</p></div></body></html>"
)
BODY = PAGE.format(charset="utf-8").encode()
ARTICLE = {"url": URL, "title": "未来工厂名单公布", "text": "全市新增未来工厂四家。"}
LINE = json.dumps(ARTICLE, ensure_ascii=False).encode()
NO_JSON = "is no JSON, or breaks off"


def held(body: bytes, name: str = "file") -> list[HandedIn]:
    return list(documents_of(io.BytesIO(body), Path(name), now=NOW))


# -- exports that break off


@pytest.mark.parametrize(
    ("body", "name", "why"),
    [
        pytest.param(LINE[:-30], "cut.jsonl", [NO_JSON], id="a single line that is cut"),
        pytest.param(LINE[:-30], "cut", [NO_JSON], id="one that no name tells"),
        pytest.param(LINE[:-30] + b"\n" + LINE + b"\n", "some", [NO_JSON, None], id="the first of two lines"),
        pytest.param(b"{broken\n" + LINE, "some.jsonl", [NO_JSON, None], id="a first line that is something else"),
        pytest.param(b"# mine\n" + LINE, "some.ndjson", [NO_JSON, None], id="a comment above"),
        pytest.param(json.dumps([ARTICLE], indent=1).encode()[:-40], "list.json", [NO_JSON], id="a list on many lines"),
    ],
)
def test_what_breaks_off_is_said_and_is_no_text(body: bytes, name: str, why: list[str | None]) -> None:
    assert [document.why for document in held(body, name)] == why


def test_a_text_that_begins_with_a_bracket_is_one() -> None:
    (found,) = held("[综合消息]示例镇开通夜间公交\n\n首班车二十二时发出，沿途设站十九处。".encode())
    assert found.why is None
    assert "首班车" in extract(found.page.body).text


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "gb18030"])
def test_pieces_of_json_are_no_article(codec: str) -> None:
    body = (LINE + b"\n" + LINE[:-20]).decode(errors="ignore").encode(codec)
    assert extract(body).quality.verdict is Verdict.ERROR


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "//city.example/1", "u"])
def test_an_article_of_ours_keeps_no_address_that_is_none_of_the_web(url: str) -> None:
    draft = extract(json.dumps({**ARTICLE, "url": url}).encode())
    assert (draft.url, draft.title) == (None, ARTICLE["title"])


# -- files of other kinds


def test_a_packed_file_is_refused_with_the_remedy() -> None:
    (found,) = held(gzip.compress(LINE), "export.jsonl.gz")
    assert found.why is not None
    assert "gunzip" in found.why


@pytest.mark.parametrize("start", [b"<html>", b"{"], ids=["a page", "JSON"])
def test_a_file_larger_than_any_document_is_not_read_to_its_end(start: bytes) -> None:
    file = io.BytesIO(start + b" " * (LONGEST + 1000))
    (found,) = documents_of(file, Path("large"), now=NOW)
    assert found.why == "is larger than 32 MB, as no document is"
    assert file.tell() <= LONGEST + 1


def saved(charset: str = "utf-8", *, end: str = "\n", url: str | None = URL) -> bytes:
    """A page as a browser saves it in one file."""
    letter = MIMEMultipart("related")
    letter["Date"] = "Mon, 02 Mar 2026 08:30:00 +0800"
    page = MIMEText(PAGE.format(charset=charset), "html", charset)
    if url is not None:
        page["Content-Location"] = url
    letter.attach(page)
    letter.attach(MIMEText("p{margin:0}", "css"))
    return letter.as_bytes().replace(b"\n", end.encode())


@pytest.mark.parametrize(
    ("body", "url"),
    [
        pytest.param(saved(), URL, id="UTF-8"),
        pytest.param(saved("gb2312", end="\r\n"), URL, id="gb2312"),
        pytest.param(
            b"From: <Saved by Blink>\nSnapshot-Content-Location: " + URL.encode() + b"\n" + saved(), URL, id="its head"
        ),
        pytest.param(saved(url="file:///C:/page.htm"), "", id="a page that no site gave"),
        pytest.param(saved(url=None), "", id="without an address"),
    ],
)
def test_a_page_that_was_saved_as_one_file_is_that_page(body: bytes, url: str) -> None:
    (found,) = held(body, "page.mht")
    draft = extract(found.page.body, url=found.page.final_url or None, content_type=found.page.content_type)
    assert (found.page.final_url, found.page.fetched_at) == (url, datetime(2026, 3, 2, 0, 30, tzinfo=UTC))
    assert (draft.title, draft.text[:6]) == ("未来工厂名单公布", "记者从市经信")


def test_a_letter_without_a_page_is_said_to_hold_none() -> None:
    (found,) = held(saved().split(b"--=")[0], "page.mht")
    assert found.why == "holds no page"


# -- web archives


def archived(body: bytes, *, date: str = "2025-12-31T16:00:00Z", **headers: str) -> bytes:
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{head}\r\n".encode() + body
    about = (
        f"WARC-Type: response\r\nWARC-Target-URI: {URL}\r\nWARC-Date: {date}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return b"WARC/1.0\r\nContent-Type: application/http; msgtype=response\r\n" + about.encode() + block + b"\r\n\r\n"


def chunked(body: bytes) -> bytes:
    return b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"


@pytest.mark.parametrize("transfer", [None, "chunked"])
@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("zstd", zstandard.ZstdCompressor().compress),
        pytest.param("br", bytes, id="br that its crawler unpacked"),
        pytest.param("zstd", bytes, id="zstd that its crawler unpacked"),
    ],
)
def test_the_page_of_a_record_is_unpacked(coding: str, pack: Callable[[bytes], bytes], transfer: str | None) -> None:
    body = chunked(pack(BODY)) if transfer else pack(BODY)
    more = {"Transfer_Encoding": transfer} if transfer else {}
    (found,) = held(archived(body, Content_Encoding=coding, **more))
    assert (found.why, found.page.body) == (None, BODY)


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("br", brotli.compress), ("zstd", zstandard.ZstdCompressor().compress), ("gzip", gzip.compress)],
)
def test_a_page_that_unpacks_to_more_than_one_may_weigh_is_refused(coding: str, pack: Callable[[bytes], bytes]) -> None:
    (found,) = held(archived(pack(b"<p>x</p>" * LARGEST), Content_Encoding=coding))
    assert found.why is not None
    assert "larger than 5 MB" in found.why


@pytest.mark.parametrize("date", ["yesterday", "20251231160000", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", ""])
def test_a_record_whose_date_is_none_keeps_its_page(date: str) -> None:
    (found,) = held(archived(BODY, date=date))
    assert (found.why, found.page.body, found.page.fetched_at) == (None, BODY, NOW)
