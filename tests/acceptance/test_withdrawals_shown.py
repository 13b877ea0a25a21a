"""The history of a withdrawn article as `chaoxun show` and its page have it, whatever its site said."""

import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from crawler.records import MadeUp, Odd, Oddity, Verdict, Visit
from monitor.corpus import Corpus
from monitor.ingest import ingest, register_sources
from monitor.model import RecheckPlan
from monitor.settings import load_settings
from monitor.web import Page
from tests.commands import Chaoxun
from tests.contract.desk import NOW, SOURCE, desk, draft, gone, visit
from tests.loop import HubLoop, the_loop
from tests.shelf import SCRIPT, write_config

HOUR = timedelta(hours=1)
NOTHING = "https://yw.example/a/9999999.html"


def odd() -> Visit:
    said = Odd(
        how=Oddity.SOFT_404, said=f"HTTP 200; {SCRIPT}", made_up=MadeUp.SAME, made_up_url=NOTHING, made_up_said=SCRIPT
    )
    return replace(visit(draft("提示信息", "", verdict=Verdict.SOFT404)), odd=said)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One article: withdrawn by a 404, returned, withdrawn by a soft 404, returned with another text, missing again."""
    folder = write_config(tmp_path_factory.mktemp("absences") / "config")
    corpus = Corpus.open(f"sqlite:///{folder}/corpus.db")
    with corpus.begin() as tx:
        register_sources(tx, [SOURCE], now=NOW)
    edited = visit(draft(text="产业大脑建设推进会改期。\n具体时间另行通知，请各单位留意。"))
    visits = [visit(draft()), gone(), visit(draft()), odd(), edited]
    for n, each in enumerate(visits):
        ingest(corpus, each, desk=desk(plan=RecheckPlan(confirm=1)), now=NOW + n * HOUR)
    ingest(corpus, gone(), desk=desk(), now=NOW + 9 * HOUR)
    corpus.close()
    return folder


def test_show_has_every_withdrawal_with_its_looks_and_every_return(folder: Path) -> None:
    shown = Chaoxun(folder).here("show", "1")
    assert shown.code == 0, shown.err
    lines = [line.strip() for line in shown.out.splitlines()]
    history = lines[lines.index(next(line for line in lines if line.startswith("withdrawn"))) :]
    assert [line for line in history if not line.startswith("story")] == [
        "withdrawn  2026-03-02T11:00:00+08:00  1 checks, missing since 2026-03-02T11:00:00+08:00, last there"
        " 2026-03-02T10:00:00+08:00",
        "2026-03-02T11:00:00+08:00  not found  HTTP 404  https://yw.example/a/1.html",
        "returned  2026-03-02T12:00:00+08:00  after 1:00:00, as it was",
        "withdrawn  2026-03-02T13:00:00+08:00  1 checks, missing since 2026-03-02T13:00:00+08:00, last there"
        " 2026-03-02T12:00:00+08:00",
        f"2026-03-02T13:00:00+08:00  soft 404  HTTP 200  https://yw.example/a/1.html  HTTP 200; {SCRIPT}",
        f"{NOTHING}, which cannot exist: {SCRIPT}",
        f"returned  2026-03-02T14:00:00+08:00  after 1:00:00, {_summary(folder)}",
        "missing  since 2026-03-02T19:00:00+08:00, not confirmed",
        "2026-03-02T19:00:00+08:00  not found  HTTP 404  https://yw.example/a/1.html",
    ]


def _summary(folder: Path) -> str:
    summary: str = Chaoxun(folder).here("show", "1", "--json").json["revisions"][-1]["summary"]
    return summary


def test_show_json_has_the_same_as_events(folder: Path) -> None:
    found: dict[str, Any] = Chaoxun(folder).here("show", "1", "--json").json
    assert [event["kind"] for event in found["events"]] == ["withdrawn", "returned", "withdrawn", "returned"]
    assert (found["events"][3]["seconds"], found["events"][3]["differs"]) == (3600, True)
    assert found["events"][2]["checks"][0]["made_up_url"] == NOTHING
    assert (found["missing"]["since"], found["status"]) == ("2026-03-02T19:00:00+08:00", "live")


@pytest.fixture
def page(folder: Path) -> Iterator[Page]:
    loop: HubLoop = the_loop()
    corpus = Corpus.open(f"sqlite:///{folder}/corpus.db")
    page = Page(corpus, load_settings(folder, {}), now=lambda: NOW + 10 * HOUR, trouble=lambda: "")
    loop.run(page.start())
    yield page
    loop.run(page.stop())
    corpus.close()


def test_the_page_of_an_article_tells_its_history_and_runs_nothing_of_it(page: Page) -> None:
    with urllib.request.urlopen(f"{page.address}/article/1", timeout=30) as answer:
        body = answer.read().decode()
    tree: Any = html.fromstring(body)
    words = " ".join(tree.find("body").text_content().split())
    assert "2026-03-02 11:00 撤下：核查 1 次均不可见，自 2026-03-02 11:00 起，最后正常 2026-03-02 10:00" in words
    assert "2026-03-02 12:00 恢复：2026-03-02 11:00 撤下，内容与撤下前相同" in words
    assert f"虚构网址 {NOTHING}" in words
    assert "2026-03-02 19:00 起不可见，尚未确认" in words
    assert tree.findall(".//script") == []
