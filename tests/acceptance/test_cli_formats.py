"""What `import` and `extract` take beside pages and feed items: exports and web archives; and `export` itself."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.commands import Chaoxun
from tests.shelf import write_config

ARTICLE = {
    "id": 77,
    "url": "https://yw.example/a/1.html",
    "title": "关于印发示例市产业大脑建设方案的通知",
    "published_at": "2026-03-01T09:12:00+08:00",
    "published_precision": "minute",
    "source": "yw-gov",
    "source_name": "示例市人民政府",
    "column": "政策文件",
    "origin": "示例市经信局",
    "author": "王某某",
    "editor": "李某某",
    "region": "示例",
    "language": "zh-Hans",
    "kind": "policy",
    "keywords": ["产业大脑", "制造业"],
    "text": "各镇街：\n现将《示例市产业大脑建设方案》印发给你们，请认真贯彻执行。\n本方案自印发之日起施行。",
    "stocks": [{"code": "sh600001", "name": "示例股份"}],
    "attachments": [{"name": "方案.pdf", "url": "https://yw.example/f.pdf", "type": "pdf"}],
    "government": {"doc_number": "示政发〔2026〕3号", "issuer": "示例市人民政府"},
    "status": "withdrawn",
    "quality": {"verdict": "article", "repaired": True, "notes": ["a note"]},
}
#: What only a corpus knows, and each knows by itself.
ITS_OWN = ("id", "first_seen_at", "checked_at", "revision", "revisions", "story")
PAGE = """\
<html><head><meta charset="utf-8"><title>{title}_示例市政府</title></head><body><h1>{title}</h1>
<p>2026-03-01 10:00 来源：示例日报</p><div class="article">
<p>记者从市经信局获悉，今年上半年全市新增未来工厂四家、智能工厂三十七家，数量均为历年同期最多。</p>
<p>相关负责人表示，下半年将围绕针织、饰品两个行业编制改造指南，让中小企业看得懂、学得会、用得起。</p>
</div></body></html>
"""


@pytest.fixture
def chaoxun(tmp_path: Path) -> Chaoxun:
    return Chaoxun(write_config(tmp_path / "config", mailbox="json://127.0.0.1:9/"), cwd=tmp_path)


def bare(article: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in article.items() if key not in ITS_OWN}


def written(path: Path, *lines: object) -> Path:
    path.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf-8")
    return path


def archive(*records: tuple[str, bytes, str, str], gzipped: bool = True) -> bytes:
    """A WARC of (URL, body, content type, status) behind its own description; each record a gzip member."""
    described = _record("warcinfo", "application/warc-fields", b"software: a test\r\n")
    answers = [
        _record(
            "response",
            "application/http; msgtype=response",
            f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n".encode() + body,
            f"WARC-Target-URI: {url}\r\n",
        )
        for url, body, kind, status in records
    ]
    return b"".join(gzip.compress(record) if gzipped else record for record in (described, *answers))


def _record(name: str, kind: str, block: bytes, more: str = "") -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {name}\r\n{more}WARC-Date: 2025-12-31T16:00:00Z\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def page(number: int) -> tuple[str, bytes, str, str]:
    body = PAGE.format(title=f"未来工厂名单第{number}批公布").encode("gb18030").replace(b"utf-8", b"gbk")
    return f"https://city.example/art/{number}.html", body, "text/html", "200 OK"


# -- exports


def test_what_export_prints_import_takes_in_again_as_the_same_articles(chaoxun: Chaoxun, tmp_path: Path) -> None:
    other = {**ARTICLE, "url": "https://yw.example/a/2.html", "title": "另一篇", "status": "live", "published_at": None}
    chaoxun.here("import", written(tmp_path / "first.jsonl", ARTICLE, other))
    exported = chaoxun.here("export")
    (tmp_path / "again.jsonl").write_text(exported.out, encoding="utf-8")
    second = Chaoxun(write_config(tmp_path / "second", mailbox="json://127.0.0.1:9/"), cwd=tmp_path)

    done = second.here("import", tmp_path / "again.jsonl", "--json")

    assert (done.code, [line["outcome"] for line in done.lines]) == (0, ["new", "new"]), done.err
    assert [line["line"] for line in done.lines] == [1, 2]
    assert [bare(line) for line in second.here("export").lines] == [bare(line) for line in exported.lines]


def test_every_field_of_an_article_is_kept(chaoxun: Chaoxun, tmp_path: Path) -> None:
    chaoxun.here("import", written(tmp_path / "one.jsonl", ARTICLE))

    shown = chaoxun.here("show", 1, "--json").json

    assert {key: shown[key] for key in bare(ARTICLE)} == bare(ARTICLE)


def test_an_export_can_be_narrowed_by_rule_source_and_time(chaoxun: Chaoxun, tmp_path: Path) -> None:
    later = {
        **ARTICLE,
        "url": "https://yw.example/a/3.html",
        "title": "通知二",
        "published_at": "2026-03-05T08:00:00+08:00",
    }
    other = {
        **later,
        "url": "https://yw.example/a/4.html",
        "title": "夜间公交",
        "text": "公交开通。",
        "source": "nb-gov",
    }
    chaoxun.here("import", written(tmp_path / "some.jsonl", ARTICLE, later, other))

    def titles(*words: object) -> list[str]:
        return [line["title"] for line in chaoxun.here("export", *words).lines]

    assert titles("产业大脑") == [later["title"], ARTICLE["title"]]
    assert titles("产业大脑", "--until", "2026-03-04") == [ARTICLE["title"]]
    assert titles("--since", "2026-03-04") == [later["title"], other["title"]]
    assert titles("--source", "nb-gov") == [other["title"]]
    assert chaoxun.here("export", "--source", "nbgov").code == 2


def test_an_article_as_show_prints_it_and_a_list_of_articles_are_taken_too(chaoxun: Chaoxun, tmp_path: Path) -> None:
    (tmp_path / "shown.json").write_text(json.dumps(ARTICLE, ensure_ascii=False, indent=2), encoding="utf-8")
    listed = [{**ARTICLE, "url": f"https://yw.example/l/{number}.html"} for number in range(2)]
    (tmp_path / "list.json").write_text(json.dumps(listed, indent=1), encoding="utf-8")

    done = chaoxun.here("import", tmp_path / "shown.json", tmp_path / "list.json", "--json")

    assert (done.code, [line["outcome"] for line in done.lines]) == (0, ["new"] * 3), done.err


def test_what_search_prints_has_no_text_and_says_so(chaoxun: Chaoxun, tmp_path: Path) -> None:
    chaoxun.here("import", written(tmp_path / "one.jsonl", ARTICLE))
    (tmp_path / "found.json").write_text(chaoxun.here("search", "产业大脑", "--json").out, encoding="utf-8")

    done = chaoxun.here("import", tmp_path / "found.json", "--json")

    assert (done.code, [line["outcome"] for line in done.lines]) == (1, ["failed"])
    assert "`chaoxun export` writes articles with theirs" in done.err


def test_a_line_that_is_no_article_fails_alone(chaoxun: Chaoxun, tmp_path: Path) -> None:
    file = tmp_path / "some.jsonl"
    lines = [
        json.dumps(ARTICLE),
        "{broken",
        "",
        "[]",
        json.dumps({"title": 3, "text": "x"}),
        json.dumps({**ARTICLE, "url": "u"}),
    ]
    file.write_text("\n".join(lines), encoding="utf-8")

    done = chaoxun.here("import", file, "--json")

    assert done.code == 1
    assert [(line["line"], line["outcome"]) for line in done.lines] == [
        (1, "new"),
        (2, "failed"),
        (5, "failed"),
        (6, "new"),
    ]
    assert f"{file}:2: is no JSON" in done.err
    assert "2 of 4 documents failed" in done.err


def test_the_source_that_is_told_wins_over_the_articles_own(chaoxun: Chaoxun, tmp_path: Path) -> None:
    chaoxun.here("import", "--source", "import", written(tmp_path / "one.jsonl", ARTICLE))

    assert chaoxun.here("show", 1, "--json").json["source"] == "import"


# -- web archives


@pytest.mark.parametrize("gzipped", [pytest.param(True, id="compressed"), pytest.param(False, id="plain")])
def test_the_pages_of_an_archive_become_articles(chaoxun: Chaoxun, tmp_path: Path, gzipped: bool) -> None:
    file = tmp_path / "pages"  # its content tells what it is
    image = ("https://city.example/1.png", b"\x89PNG", "image/png", "200 OK")
    gone = ("https://city.example/gone.html", b"<html>404</html>", "text/html", "404 Not Found")
    file.write_bytes(archive(page(1), image, gone, page(2), gzipped=gzipped))

    done = chaoxun.here("import", file, "--json")

    assert (done.code, [line["outcome"] for line in done.lines]) == (0, ["new", "new"]), done.err
    assert [line["url"] for line in done.lines] == [page(1)[0], page(2)[0]]
    assert 0 < done.lines[0]["offset"] < done.lines[1]["offset"]
    shown = chaoxun.here("show", 1, "--json").json
    assert (shown["url"], shown["title"], shown["origin"]) == (page(1)[0], "未来工厂名单第1批公布", "示例日报")
    assert chaoxun.here("db", "reextract").code == 0


def test_an_archive_that_breaks_off_keeps_what_came_before_and_names_the_place(
    chaoxun: Chaoxun, tmp_path: Path
) -> None:
    whole, plain = archive(page(1), page(2)), archive(page(1), page(2), gzipped=False)
    (tmp_path / "cut.warc.gz").write_bytes(whole[:-200])
    (tmp_path / "cut.warc").write_bytes(plain[:-200])
    (tmp_path / "garbage.warc").write_bytes(archive(page(1), gzipped=False) + b"\x00garbage\r\n\r\n" * 9)

    for name in ("cut.warc.gz", "cut.warc", "garbage.warc"):
        done = chaoxun.here("import", tmp_path / name, "--json")

        assert done.code == 1, name
        assert [line["outcome"] for line in done.lines][1:] == ["failed"], name
        assert f"(at byte {done.lines[-1]['offset']})" in done.err, name
        assert str(tmp_path / name) in done.err


def test_an_archive_compressed_as_a_whole_is_refused_with_the_remedy(chaoxun: Chaoxun, tmp_path: Path) -> None:
    (tmp_path / "whole.warc.gz").write_bytes(gzip.compress(archive(page(1), page(2), gzipped=False)))

    done = chaoxun.here("import", tmp_path / "whole.warc.gz", "--json")

    assert done.code == 1
    assert "warcio recompress" in done.err


# -- extract


def test_extract_tells_the_forms_apart_as_import_does(chaoxun: Chaoxun, tmp_path: Path) -> None:
    lines = written(tmp_path / "two.txt", ARTICLE, {**ARTICLE, "title": "另一篇"})
    (tmp_path / "pages.warc").write_bytes(archive(page(1), gzipped=False))

    exported = chaoxun.here("extract", lines, "--json")
    archived = chaoxun.here("extract", tmp_path / "pages.warc", "--json")

    assert [line["title"] for line in exported.lines] == [ARTICLE["title"], "另一篇"]
    assert exported.lines[0]["government"] == ARTICLE["government"]
    assert [line["url"] for line in archived.lines] == [page(1)[0]]


def test_extract_says_of_every_field_who_read_it(chaoxun: Chaoxun, tmp_path: Path) -> None:
    exported = chaoxun.here("extract", written(tmp_path / "one.txt", ARTICLE), "--json").lines[0]
    (tmp_path / "page.html").write_bytes(page(1)[1])
    shown = chaoxun.here("extract", tmp_path / "page.html", "--json").json

    assert set(exported["readers"].values()) == {"export"}
    assert shown["readers"]["text"] in ("block", "container")
    assert {name for name in shown["readers"] if not shown[name]} == set()
