"""What no newsroom writes: every piece of it gets a verdict from a parse worker, within its time and memory."""

import asyncio
import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.records import Capture, Draft, Hints, Verdict
from crawler.workers import Pool
from tests.commands import Chaoxun
from tests.pdfs import pdf

SAID = "记者从市经信局获悉，今年上半年全市新增未来工厂四家，数量为历年同期最多。下半年将编制改造指南，让小企业用得起。"
PAGE = f"<html><head><title>未来工厂名单</title></head><body><h1>未来工厂名单</h1><p>{SAID}</p>{{}}</body></html>"
BOMB = (
    "<!DOCTYPE x [<!ENTITY a0 '"
    + "啊" * 50
    + "'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    + "]>"
)
YAML_BOMB = "---\ntitle: x\na: &a [1,2]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)
A, E = Verdict.ARTICLE, Verdict.ERROR
STUB, LIST = Verdict.STUB, Verdict.LIST

#: id -> (bytes, content type, the verdicts that are right, what the text must then hold).
CASES: dict[str, tuple[bytes, str | None, set[Verdict], str]] = {
    "nothing": (b"", "text/html", {STUB}, ""),
    "blanks": (b" \r\n\t" * 500, "text/html", {STUB}, ""),
    "one tag": (b"<p>", "text/html", {STUB}, ""),
    "one tag that never closes": (b"<html " + b"a" * 5000, "text/html", {STUB, E}, ""),
    "a tag of 1.2 MB": (
        PAGE.format("<p " + "a='b' " * 200_000 + ">尾段。</p>").encode(),
        "text/html; charset=utf-8",
        {A},
        "未来工厂四家",
    ),
    "100,000 nests": (PAGE.format("<div>" * 100_000 + "底" + "</div>" * 100_000).encode(), "text/html", {A}, SAID[:12]),
    "50,000 paragraphs": (PAGE.format(f"<p>{SAID}</p>" * 50_000).encode(), "text/html", {A}, SAID[:12]),
    "20,000 teasers": (
        PAGE.format("<ul>" + f"<li><a href=/x>别处的一条标题在这里</a><p>{SAID}</p></li>" * 20_000 + "</ul>").encode(),
        "text/html",
        {A, LIST},
        "",
    ),
    "blocks that are never closed": (
        PAGE.format("".join(f"<div><p>第{n}段：{SAID}</p>" for n in range(240))).encode(),
        "text/html",
        {A},
        "第239段",
    ),
    "a property comment that never ends": (
        PAGE.format("<!--enpproperty <title>" * 20_000).encode(),
        "text/html",
        {A},
        SAID[:12],
    ),
    "viewers of files of viewers": (
        PAGE.format("<iframe src='/v?file=/v?file=%2Fa.pdf'></iframe>" * 5_000).encode(),
        "text/html",
        {A},
        SAID[:12],
    ),
    "roles without end": (PAGE.format(f"<p>{'编辑 王某某 ' * 13}</p>" * 3_000).encode(), "text/html", {A}, SAID[:12]),
    "broken entities": (
        PAGE.format("<p>&#x110000;&#xD800;&#0;&nosuch;&amp&lt;&#99999999999;" + "&" * 50 + "</p>").encode(),
        "text/html",
        {A, E},
        "",
    ),
    "nested frames": (
        ("<html><title>框架</title>" + "<frameset><frame src='a.html'>" * 3000).encode(),
        "text/html",
        {STUB, E},
        "",
    ),
    "frames in frames about a text": (
        PAGE.format("<iframe srcdoc='<iframe srcdoc=x>'>" * 3000).encode(),
        "text/html",
        {A},
        SAID[:12],
    ),
    "GBK of which nobody says so": (PAGE.format("").encode("gbk"), "text/html", {A}, SAID[:12]),
    "GBK that is said to be UTF-8": (PAGE.format("").encode("gbk"), "text/html; charset=utf-8", {A}, SAID[:12]),
    "UTF-8 that is said to be Big5": (PAGE.format("").encode(), "text/html; charset=big5", {A}, SAID[:12]),
    "a charset that there is not": (PAGE.format("").encode(), "text/html; charset=kein-satz", {A}, SAID[:12]),
    "binary as a page": (bytes(range(256)) * 2000, "text/html", {E, STUB}, ""),
    "a picture as text": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400, "text/plain", {E}, ""),
    "a picture that nobody names": (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 30, None, {E}, ""),
    "a page that is packed": (gzip.compress(PAGE.format("").encode() * 3), "text/html", {E}, ""),
    "a page with a NUL before each tag": (
        PAGE.format(f"<p>{SAID}</p>" * 12).replace("<", "\0<").encode(),
        "text/html",
        {A},
        SAID[:12],
    ),
    "XML with entities": (
        f"<?xml version='1.0'?>{BOMB}<html><body><p>&a9;</p><p>{SAID}</p></body></html>".encode(),
        "application/xhtml+xml",
        {A, STUB, E},
        "",
    ),
    "XML with an outside entity": (
        f"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><html><body><h1>题目在此</h1>"
        f"<p>{SAID}&f;</p></body></html>".encode(),
        "text/xml",
        {A},
        SAID[:12],
    ),
    "front matter that is none": (f"---\n: : [\n- x\n---\n{SAID}".encode(), None, {A, STUB}, ""),
    "front matter without an end": (f"---\ntitle: 未来工厂\n{SAID}\n".encode() * 200, None, {A, STUB, LIST}, ""),
    "front matter that grows": (f"{YAML_BOMB}---\n{SAID}".encode(), None, {A}, SAID[:12]),
    "front matter of lists": (
        b"---\ntitle: [[[[[[[[[[" + b"[" * 9000 + b"\n---\n" + SAID.encode(),
        None,
        {A, STUB},
        "",
    ),
    "an article of ours with wrong types": (
        b'{"title": [1], "text": {"a": 2}, "published_at": 3, "stocks": "x"}',
        "application/json",
        {E},
        "",
    ),
    "JSON of 100,000 nests": (b'{"a":' * 100_000, "application/json", {E, STUB}, ""),
    "a PDF of nothing": (b"%PDF-1.4\n%%EOF", "application/pdf", {E}, ""),
    "a PDF in which pages hold themselves": (
        pdf(("一行。",)).replace(b"/Kids [6 0 R]", b"/Kids [2 0 R]"),
        "application/pdf",
        {A, STUB, E},
        "",
    ),
    "pages that begin nowhere": (PAGE.format("").encode(), "text/html; pages=0,99999999,5", {A}, SAID[:12]),
}


@pytest.fixture(scope="module")
def drafts() -> dict[str, Draft]:
    """A draft of each, all from one pool; a worker that died or was late gives one whose note says so."""

    async def read() -> dict[str, Draft]:
        async with Pool(size=1) as pool:
            found = {}
            for name, (body, content_type, _, _) in CASES.items():
                url = "" if content_type is None else "https://bad.example/2026/1.html"
                page = Capture(
                    url=url,
                    final_url=url,
                    status=200,
                    body=body,
                    content_type=content_type,
                    fetched_at=datetime(2026, 3, 2, tzinfo=UTC),
                )
                found[name] = await pool.extract(page, Hints())
            return found

    return asyncio.run(read())


@pytest.mark.parametrize("name", CASES)
def test_it_gets_a_verdict(drafts: dict[str, Draft], name: str) -> None:
    _, _, verdicts, words = CASES[name]
    draft = drafts[name]
    assert not any("worker" in note for note in draft.quality.notes), draft.quality.notes
    assert draft.quality.verdict in verdicts, draft.quality
    assert words in draft.text
    assert "root:" not in draft.text


#: What a command reads within a test's patience; the rest of the table is a worker's.
SMALL = 100_000


def test_the_command_gives_each_a_verdict_and_no_traceback(tmp_path: Path, drafts: dict[str, Draft]) -> None:
    chaoxun = Chaoxun(tmp_path, cwd=tmp_path)
    for number, (name, (body, content_type, verdicts, _)) in enumerate(CASES.items()):
        if len(body) > SMALL:
            continue
        file = tmp_path / f"{number}.bin"
        file.write_bytes(body)
        told = ["--content-type", content_type, "--url", "https://bad.example/2026/1.html"] if content_type else []
        done = chaoxun.here("extract", file, *told, "--json")
        assert (done.code, done.err) == (0, ""), name
        assert done.json["quality"]["verdict"] in {*map(str, verdicts), str(drafts[name].quality.verdict)}, name
