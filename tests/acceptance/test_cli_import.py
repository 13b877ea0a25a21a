"""`chaoxun import` and `chaoxun extract`: documents from files, into the corpus and without it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import psutil
import pytest

from monitor.demo.receivers import MailReceiver
from tests.commands import Chaoxun, Done

SHARED = Path(__file__).resolve().parents[3] / "shared"
#: Root may read everything, so it gives up that right.
WITHOUT_ROOTS_RIGHTS = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
B2_EXTRACT = [
    "url",
    "title",
    "published_at",
    "published_precision",
    "source_name",
    "column",
    "origin",
    "author",
    "editor",
    "language",
    "kind",
    "keywords",
    "text",
    "text_length",
    "stocks",
    "attachments",
    "government",
    "quality",
]
CONFIG = """\
database: sqlite:///{folder}/corpus.db
web: {{bind: "127.0.0.1:0"}}
operator: [desk-mail]
"""
WATCHES = "watches:\n  - {name: 产业大脑, rule: 产业大脑, channels: [desk-mail]}\n"
SOURCES = """\
sources:
  - {slug: yiwu-news, name: 义乌要闻, engine: html_list, url: "https://yw.example/list", region: 义乌, column: 要闻}
"""
URL = "https://news.example/2026/1.html"
MARKDOWN = """\
---
title: '{title}'
url: '{url}'
author: 示例日报
date: '2026-03-02 08:30:00'
---

<p>产业大脑在义乌上线，首批接入企业一百二十家，覆盖设备四千台。</p>
<p>{second}</p>
<p>下一步还将接入物流与检测两类服务，小厂不必自建检测室。</p>
"""
HTML = """\
<html><head><meta charset="utf-8"><title>未来工厂名单公布_示例市政府</title>
<meta name="ArticleTitle" content="未来工厂名单公布"><meta name="PubDate" content="2026-03-01 10:00">
<link rel="canonical" href="https://city.example/art/2.html"></head><body><div class="article">
<p>记者从市经信局获悉，今年上半年全市新增未来工厂四家、智能工厂三十七家，数量均为历年同期最多。</p>
<p>相关负责人表示，下半年将围绕针织、饰品两个行业编制改造指南，让中小企业看得懂、学得会、用得起。</p>
</div></body></html>
"""
PLAIN = """\
示例镇开通夜间公交

2026年2月3日 来源：示例日报

示例镇昨天开通两条夜间公交线路，首班车二十二时发出，沿途设站十九处，票价两元。
镇里的夜市从此有了回家的车，摊主们说生意比去年同期好了三成，打算把收摊时间推迟一小时。
"""


@pytest.fixture
def chaoxun(tmp_path: Path, mail: MailReceiver) -> Chaoxun:
    folder = tmp_path / "config"
    (folder / "sources").mkdir(parents=True)
    (folder / "chaoxun.yaml").write_text(CONFIG.format(folder=tmp_path / "var"), encoding="utf-8")
    (folder / "watches.yaml").write_text(WATCHES, encoding="utf-8")
    (folder / "sources" / "zhejiang.yaml").write_text(SOURCES, encoding="utf-8")
    channel = f'channels:\n  desk-mail: {{url: "{mail.url("desk@example.org")}"}}\n'
    (folder / "channels.yaml").write_text(channel, encoding="utf-8")
    return Chaoxun(folder, cwd=tmp_path)


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A folder with one document of each kind, and a file that is none."""
    folder = tmp_path / "papers"
    (folder / "deeper").mkdir(parents=True)
    (folder / "item.md").write_text(markdown(), encoding="utf-8")
    (folder / "page.html").write_text(HTML, encoding="utf-8")
    (folder / "deeper" / "plain.txt").write_text(PLAIN, encoding="utf-8")
    (folder / "notes.json").write_text("{}", encoding="utf-8")
    return folder


def markdown(title: str = "产业大脑义乌上线", second: str = "平台按工序和交期自动匹配。", url: str = URL) -> str:
    return MARKDOWN.format(title=title, second=second, url=url)


def outcomes(done: Done) -> list[str]:
    assert all(set(line) >= {"path", "outcome", "id"} for line in done.lines)
    return [line["outcome"] for line in done.lines]


def test_a_folder_is_imported_once_however_often_it_is_given(chaoxun: Chaoxun, papers: Path) -> None:
    first, second = (chaoxun("import", papers, "--json") for _ in range(2))

    assert (first.code, second.code) == (0, 0), first.err + second.err
    assert outcomes(first) == ["new"] * 3
    assert outcomes(second) == ["unchanged"] * 3
    assert [line["path"] for line in first.lines] == [
        str(papers / name) for name in ("deeper/plain.txt", "item.md", "page.html")
    ]
    assert [line["id"] for line in first.lines] == [line["id"] for line in second.lines] == [1, 2, 3]


def test_html_markdown_and_plain_text_become_articles_with_their_own_address(chaoxun: Chaoxun, papers: Path) -> None:
    chaoxun.here("import", papers)

    plain, item, page = (chaoxun.here("show", number, "--json").json for number in (1, 2, 3))

    assert item["url"] == URL
    assert item["published_at"] == "2026-03-02T08:30:00+08:00"
    assert (page["url"], page["title"]) == ("https://city.example/art/2.html", "未来工厂名单公布")
    assert "智能工厂三十七家" in page["text"]
    assert (plain["title"], plain["origin"]) == ("示例镇开通夜间公交", "示例日报")
    assert plain["url"].startswith("urn:"), "made of its content, as it says none"


def test_for_people_each_file_has_its_line(chaoxun: Chaoxun, papers: Path) -> None:
    done = chaoxun.here("import", papers / "item.md", papers / "page.html")

    assert done.out.splitlines() == [f"{papers / 'item.md'}: new 1", f"{papers / 'page.html'}: new 2"]
    assert done.err == ""


def test_other_text_under_the_same_address_is_a_revision_and_an_earlier_one_is_none(
    chaoxun: Chaoxun, tmp_path: Path
) -> None:
    before, after = tmp_path / "a.md", tmp_path / "b.md"
    before.write_text(markdown(), encoding="utf-8")
    after.write_text(markdown(second="平台按工序、精度和交期自动匹配。"), encoding="utf-8")

    done = [outcomes(chaoxun.here("import", file, "--json")) for file in (before, after, before)]

    assert done == [["new"], ["changed"], ["unchanged"]]
    shown = chaoxun.here("show", 1, "--json").json
    assert shown["revision"] == len(shown["revisions"]) == 2
    assert "精度" in shown["text"]


def test_the_source_gives_region_and_column(chaoxun: Chaoxun, papers: Path) -> None:
    assert chaoxun.here("import", "--source", "yiwu-news", papers / "item.md").code == 0

    shown = chaoxun.here("show", 1, "--json").json

    assert (shown["source"], shown["region"], shown["column"]) == ("yiwu-news", "义乌", "要闻")
    assert chaoxun.here("search", "region:义乌", "--json").json["total"] == 1


def test_without_a_source_it_is_import(chaoxun: Chaoxun, papers: Path) -> None:
    chaoxun.here("import", papers / "item.md")

    assert chaoxun.here("show", 1, "--json").json["source"] == "import"


def test_a_source_that_is_not_configured_is_taken_and_said(chaoxun: Chaoxun, papers: Path) -> None:
    done = chaoxun.here("import", "--source", "yiwu-new", papers / "item.md", "--json")

    assert (done.code, outcomes(done)) == (0, ["new"])
    assert "did you mean 'yiwu-news'?" in done.err


def test_alerts_go_out_only_when_asked_for(chaoxun: Chaoxun, papers: Path, mail: MailReceiver, tmp_path: Path) -> None:
    chaoxun.here("import", papers)
    assert chaoxun.here("alert", "list", "--json").json == []
    another = tmp_path / "another.md"
    another.write_text(
        markdown("宁波也有产业大脑", "宁波的平台另有打算。", "https://news.example/2.html"), encoding="utf-8"
    )

    done = chaoxun("import", "--alert", another)

    assert done.code == 0, done.err
    (taken,) = mail.accepted.all()
    assert taken.kind == "new"
    assert "宁波也有产业大脑" in str(taken.parsed["Subject"])
    (row,) = chaoxun.here("alert", "list", "--json").json
    assert (row["state"], row["id"]) == ("sent", taken.alert_ids[0])


def test_a_file_that_cannot_be_read_fails_alone(chaoxun: Chaoxun, papers: Path) -> None:
    unreadable = Path("/proc/self/mem")  # a file to look at, and an error to read, for root too

    done = chaoxun("import", papers / "item.md", unreadable, papers / "page.html", "--json")

    assert done.code == 1
    assert outcomes(done) == ["new", "failed", "new"]
    assert done.lines[1]["id"] is None
    assert str(unreadable) in done.err and "cannot be read" in done.err
    assert "1 of 3 files failed" in done.err


def test_a_file_with_nothing_in_it_fails_and_says_why(chaoxun: Chaoxun, papers: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty.html"
    empty.write_text("<html><body></body></html>", encoding="utf-8")

    done = chaoxun.here("import", empty, papers / "item.md", "--json")

    assert (done.code, outcomes(done)) == (1, ["failed", "new"])
    assert str(empty) in done.err
    assert chaoxun.here("search", "产业大脑", "--json").json["total"] == 1


def test_an_interrupted_import_keeps_what_it_has_said_and_leaves_no_worker(chaoxun: Chaoxun, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(8000):
        text = markdown(f"第{number}篇", f"它说的是第{number}件事。", f"https://news.example/many/{number}.html")
        (folder / f"{number:04}.md").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "monitor.cli", "--config", str(chaoxun.config), "import", str(folder), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        said = [json.loads(process.stdout.readline())]
        workers = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        said += [json.loads(line) for line in out.splitlines()]

    assert (process.returncode, err) == (130, "")
    assert 0 < len(said) < 8000
    total = chaoxun.here("search", "url:many", "--limit", "1", "--json").json["total"]
    assert total >= min(len(said), 1000)
    assert workers and not any(worker.is_running() for worker in workers)


@pytest.mark.parametrize(
    "name",
    [pytest.param("nowhere", id="a path that is not there"), pytest.param("bare", id="a folder without documents")],
)
def test_a_path_with_nothing_to_import_is_wrong_usage(chaoxun: Chaoxun, tmp_path: Path, name: str) -> None:
    (tmp_path / "bare").mkdir()

    done = chaoxun.here("import", tmp_path / name)

    assert (done.code, done.out) == (2, "")
    assert str(tmp_path / name) in done.err


def test_a_pipe_is_no_file_to_import(chaoxun: Chaoxun, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.html")

    done = chaoxun.here("import", tmp_path / "pipe.html")

    assert (done.code, done.out) == (2, "")
    assert "save what it holds to a file first" in done.err


def test_a_folder_that_holds_itself_is_imported_once(chaoxun: Chaoxun, papers: Path) -> None:
    (papers / "deeper" / "again").symlink_to(papers)
    (papers / "deeper" / "gone.html").symlink_to(papers / "nowhere.html")

    assert outcomes(chaoxun.here("import", papers, "--json")) == ["new"] * 3


@pytest.mark.skipif(
    os.geteuid() == 0 and shutil.which("setpriv") is None,
    reason="as root every folder can be read without setpriv; get it: apt-get install util-linux",
)
def test_a_folder_within_that_cannot_be_read_is_said(chaoxun: Chaoxun, papers: Path) -> None:
    (papers / "deeper").chmod(0)

    done = chaoxun("import", papers, "--json", before=WITHOUT_ROOTS_RIGHTS if os.geteuid() == 0 else ())

    (papers / "deeper").chmod(0o755)
    assert (done.code, outcomes(done)) == (1, ["failed", "new", "new"]), done.err
    assert f"{papers / 'deeper'}: cannot be read: Permission denied" in done.err


def test_extract_answers_the_article_json_without_configuration_or_database(chaoxun: Chaoxun, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(HTML, encoding="utf-8")
    bare = Chaoxun(tmp_path / "no-config", cwd=tmp_path)

    from_file, from_stdin = bare("extract", page, "--json"), bare("extract", "-", "--json", stdin=HTML.encode())

    assert (from_file.code, from_file.err) == (0, "")
    assert set(from_file.json) >= set(B2_EXTRACT)
    assert from_file.json["title"] == "未来工厂名单公布"
    assert from_file.json["text_length"] == len(from_file.json["text"])
    assert from_file.json["quality"]["verdict"] == "article"
    assert from_stdin.json["text"] == from_file.json["text"]
    assert not {"id", "status", "revision", "story"} & set(from_file.json)


def test_extract_takes_the_url_and_the_content_type_as_words(chaoxun: Chaoxun, tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.write_bytes(HTML.replace('<meta charset="utf-8">', "").replace("canonical", "none").encode("gbk"))

    done = chaoxun.here("extract", page, "--url", URL, "--content-type", "text/html; charset=gbk", "--json")

    assert (done.json["url"], done.json["title"]) == (URL, "未来工厂名单公布")


def test_extract_for_people_shows_fields_verdict_and_text(chaoxun: Chaoxun, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(HTML, encoding="utf-8")

    lines = chaoxun.here("extract", page).out.splitlines()

    assert "title: 未来工厂名单公布" in lines
    assert "quality: article" in lines
    assert lines[-1].endswith("让中小企业看得懂、学得会、用得起。")


def test_extract_of_a_missing_file_is_wrong_usage(chaoxun: Chaoxun, tmp_path: Path) -> None:
    done = chaoxun.here("extract", tmp_path / "none.html", "--json")

    assert (done.code, done.out) == (2, "")
    assert str(tmp_path / "none.html") in done.err


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the seed documents (../shared/seeds) are not beside us")
def test_the_seeds_are_four_articles_and_three_are_found(chaoxun: Chaoxun) -> None:
    seeds = sorted((SHARED / "seeds").glob("*.txt"))

    done = chaoxun("import", *seeds, "--json")

    assert (done.code, outcomes(done)) == (0, ["new"] * 4), done.err
    assert chaoxun.here("search", "产业大脑", "--json").json["total"] == 3


@pytest.mark.skipif(
    not (SHARED / "corpus" / "feeditems").is_dir(),
    reason="the feed items (../shared/corpus/feeditems) are not beside us",
)
def test_five_hundred_feed_items_are_taken_and_the_second_time_nothing_is_new(chaoxun: Chaoxun) -> None:
    items = sorted((SHARED / "corpus" / "feeditems").glob("*.md"))
    some = items[:: len(items) // 500][:500]

    first, second = (chaoxun("import", *some, "--json") for _ in range(2))

    assert (first.code, second.code) == (0, 0), first.err + second.err
    assert len(first.lines) == len(second.lines) == 500
    assert not Counter(outcomes(first))["failed"]
    assert Counter(outcomes(second)) == {"unchanged": 500}
    total = json.loads(chaoxun.here("db", "check", "--json").out)
    assert total == {"ok": True, "problems": []}
