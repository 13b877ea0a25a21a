"""`chaoxun db reextract`: what the extractor of today makes of the pages that we kept."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crawler.extract import EXTRACTOR_VERSION
from tests.commands import Chaoxun
from tests.shelf import write_config

ITEM = """\
---
title: '示例镇第{number}条公交'
url: 'https://news.example/{number}.html'
date: '2026-03-02 08:30:00'
---

<p>示例镇昨天开通第{number}条夜间公交线路，首班车二十二时发出，沿途设站十九处，票价两元。</p>
<p>摊主们说生意比去年同期好了三成，打算把收摊时间推迟一小时，第{number}次这样说。</p>
"""


@pytest.fixture
def chaoxun(tmp_path: Path) -> Chaoxun:
    """Three imported articles; of the second an older extractor read less, of the first as much."""
    command = Chaoxun(write_config(tmp_path / "config", mailbox="json://127.0.0.1:9/"))
    for number in (1, 2, 3):
        (tmp_path / f"{number}.md").write_text(ITEM.format(number=number), encoding="utf-8")
    done = command.here("import", *(tmp_path / f"{number}.md" for number in (1, 2, 3)))
    assert done.code == 0, done.err
    with closing(sqlite3.connect(command.config / "corpus.db")) as database, database:
        database.execute("UPDATE revision SET extractor = 'old' WHERE article_id < 3")
        database.execute("UPDATE revision SET text = substr(text, 1, 20) WHERE article_id = 2")
    return command


def test_it_shows_what_would_change_and_writes_nothing(chaoxun: Chaoxun) -> None:
    done = chaoxun.here("db", "reextract")

    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0] == "2  示例镇第2条公交  (text)"
    assert any("摊主们说" in line for line in lines)
    assert any(line.startswith("1 would change, 1 say the same, 0 are no article any more") for line in lines)
    assert chaoxun.here("show", 2, "--json").json["revision"] == 1


def test_applied_it_is_a_revision_and_done_once(chaoxun: Chaoxun) -> None:
    first, second = (chaoxun.here("db", "reextract", "--apply", "--json") for _ in range(2))

    assert (first.code, second.code) == (0, 0), first.err + second.err
    (change, last) = first.lines
    assert (change["id"], change["outcome"], change["fields"]) == (2, "changed", ["text"])
    assert last["summary"] == {
        **{"extractor": EXTRACTOR_VERSION, "applied": True},
        **{"changed": 1, "same": 1, "refused": 0, "overtaken": 0, "failed": 0},
    }
    assert [line["summary"]["changed"] + line["summary"]["same"] for line in second.lines] == [0]
    article = chaoxun.here("show", 2, "--json").json
    assert [line["kind"] for line in article["revisions"]] == ["first", "reextracted"]
    assert "收摊时间" in article["text"]
    assert chaoxun.here("alert", "list", "--json").json == []


def test_a_limit_is_kept_and_an_unknown_source_refused(chaoxun: Chaoxun) -> None:
    some = chaoxun.here("db", "reextract", "--limit", 1, "--json")
    none = chaoxun.here("db", "reextract", "--source", "imporr", "--json")

    assert [line.get("summary", {}).get("same") for line in some.lines] == [1]
    assert none.code == 2
    assert "did you mean 'import'?" in none.err
