"""What people and programs see of a change: its summary and importance, what came back, and the lines that flip."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitor.corpus import Corpus, tables
from monitor.ingest import ingest, register_sources
from monitor.settings import load_settings
from monitor.web import Page
from tests.acceptance.test_web import Browser
from tests.commands import Chaoxun
from tests.contract.desk import NOW, OTHER, SOURCE, TEXT, desk, draft, visit, watch
from tests.loop import the_loop
from tests.shelf import write_config

#: One article that goes there, back, there again; and one with a line that flips.
BACK, FLIPPING = 1, 2


@dataclass(frozen=True)
class Shelf:
    run: Chaoxun
    browse: Browser


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    folder: Path = write_config(tmp_path_factory.mktemp("changes") / "config")
    corpus = Corpus.open(f"sqlite:///{folder}/corpus.db")
    with corpus.begin() as tx:
        register_sources(tx, [SOURCE, OTHER], now=NOW)
        tx.execute(sa.update(tables.source).values(baseline_at=NOW - timedelta(days=1)))
    edited = TEXT.replace("30家", "40家").replace("产业大脑", "示例大脑")
    for n, text in enumerate((TEXT, edited, TEXT)):
        ingest(corpus, visit(draft(text=text)), desk=desk(watch()), now=NOW + timedelta(hours=n))
    for n, word in enumerate("甲乙丙丁戊己"):
        flips = draft("天气与通车", f"大桥今天通车，市民可以步行上桥参观。\n今日天气：{word}级风")
        made = visit(flips, url="https://yw.example/a/9.html")
        ingest(corpus, made, desk=desk(watch()), now=NOW + timedelta(hours=n))
    loop = the_loop()
    page = Page(corpus, load_settings(folder, {}), now=lambda: NOW, trouble=lambda: "")
    loop.run(page.start())
    yield Shelf(Chaoxun(folder), Browser(page))
    loop.run(page.stop())
    corpus.close()


def test_show_says_of_each_revision_what_changed_and_what_it_weighs(shelf: Shelf) -> None:
    first, second, third = shelf.run.here("show", BACK, "--json").json["revisions"]
    assert "importance" not in first
    assert second["summary"] == "未来工厂 30→40 家，“产业”→“示例”"
    assert set(second["parts"]) == {"figures", "share", "watched"}
    assert second["importance"] == min(100, sum(second["parts"].values()))
    assert (third["back_to"], third["summary"].split("；")[0]) == (1, "恢复为第 1 版")
    lines = [line for line in shelf.run.here("show", BACK).out.splitlines() if line.startswith("revision ")]
    assert "importance" not in lines[0]
    assert f"未来工厂 30→40 家，“产业”→“示例” (importance {second['importance']}: figures 30, share " in lines[1]


def test_a_diff_says_what_is_stored_or_weighs_anew_what_is_no_step(shelf: Shelf) -> None:
    step = shelf.run.here("show", BACK, "--diff", "1..2", "--json").json
    assert (step["summary"], "watched" in step["parts"]) == ("未来工厂 30→40 家，“产业”→“示例”", True)
    leap = shelf.run.here("show", BACK, "--diff", "1..3", "--json").json
    assert (leap["changes"], leap["importance"], leap["parts"]) == ([], 0, {})
    out = shelf.run.here("show", BACK, "--diff", "2..3").out.splitlines()
    assert out[1].startswith("恢复为第 1 版；未来工厂 40→30 家")
    assert "(importance " in out[1]


def test_the_page_shows_the_importance_of_a_revision(shelf: Shelf) -> None:
    words = shelf.browse(f"/article/{BACK}").words
    assert "恢复为第 1 版" in words
    assert "重要性 " in words
    assert "（数字 30、篇幅 " in words


def test_the_lines_that_flip_are_shown_where_the_source_is(shelf: Shelf) -> None:
    (row,) = shelf.run.here("health", SOURCE.slug, "--json").json
    (line,) = row["volatile"]
    assert (line["template"], line["articles"]) == ("今日天气:*", 1)
    assert line["values"][-1] == "今日天气:戊级风"
    shown = shelf.run.here("health", SOURCE.slug).out
    assert "volatile line: 今日天气:* (since 2026-03-02T14:00:00+08:00" in shown
    words = shelf.browse("/sources").words
    assert "变动行（不算改动）：今日天气:*" in words
    assert len(shelf.run.here("show", FLIPPING, "--json").json["revisions"]) == 4
