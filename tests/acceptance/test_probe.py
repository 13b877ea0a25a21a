"""`chaoxun source probe` and `record` on sites that they have never seen: real HTTP, real workers, real commands."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.recording import EXCHANGES, EXPECTED, SOURCE
from crawler.records import Fetch
from monitor.cli.probing import entry_json
from monitor.demo.sites import Column, SampleSites
from monitor.demo.sites.fleet import Fleet
from monitor.demo.sites.kinds.registry import KINDS
from tests.commands import Chaoxun
from tests.probing import faults, probed, question
from tests.station import Crew

#: Of the fleet's names and dialects; tests.bench.probing takes many more.
SEED = 4711


@pytest.fixture
def fleet(crew: Crew) -> Iterator[Fleet]:
    with Fleet(clock=crew.clock) as fleet:
        yield fleet


@pytest.fixture
def sites() -> Iterator[SampleSites]:
    with SampleSites() as running:
        running.publish_backlog()
        yield running


@pytest.fixture
def chaoxun(tmp_path: Path, sites: SampleSites) -> Chaoxun:
    """A configuration without a single source, whose policy lets loopback through."""
    folder = sites.write_config(tmp_path / "config", columns=(), channels={}, bind="127.0.0.1:0")
    return Chaoxun(folder, tmp_path)


# -- on every kind of site


def test_nine_columns_of_ten_are_configured_right_without_a_person(crew: Crew, fleet: Fleet, tmp_path: Path) -> None:
    wrong = {}
    for name in KINDS:
        column = fleet.add(name, seed=SEED)
        fleet.publish(column, 35, every=timedelta(hours=7))
        if found := faults(crew, fleet, column, tmp_path):
            wrong[name] = found

    assert len(wrong) <= len(KINDS) * 0.1, wrong


def test_what_robots_txt_forbids_is_not_asked_for_and_said(crew: Crew, fleet: Fleet) -> None:
    column = fleet.add("plain", robots="User-agent: *\nDisallow: /\n")
    fleet.publish(column, 9)

    found = probed(crew, question(fleet.source(column)))

    assert found.best is None
    assert found.trouble is not None and "robots.txt" in found.trouble
    assert fleet.ledger.requests_of(column.slug) == ()


# -- the commands


def test_what_probe_prints_can_be_pasted_and_shows_the_same_entries(
    chaoxun: Chaoxun, crew: Crew, sites: SampleSites, tmp_path: Path
) -> None:
    url = sites.listing_url(Column.CITY_NEWS)
    best = probed(crew, Fetch(url=url)).best

    printed = chaoxun("source", "probe", url)
    file = tmp_path / "probed.yaml"
    file.write_text(printed.out, encoding="utf-8")
    tried = chaoxun("source", "try", file, "--json")

    assert (printed.code, tried.code) == (0, 0), (printed.err, tried.err)
    assert printed.out.startswith("sources:\n  - slug: ")
    assert "hanweb_unit: a build/unit script, tag 新闻列表" in printed.err
    assert "城西花市本周末开市 两百个摊位免收租金" in printed.err
    (preview,) = tried.lines
    assert best is not None and preview["entries"] == [entry_json(entry) for entry in best.entries] != []
    assert all(article["text"] for article in preview["articles"])


def test_without_a_configuration_it_runs_on_the_defaults_and_guards_the_private_network(
    tmp_path: Path, sites: SampleSites
) -> None:
    words = [sys.executable, "-m", "monitor.cli", "source", "probe", sites.listing_url(Column.CITY_NEWS), "--json"]
    environ = {name: value for name, value in os.environ.items() if name != "CHAOXUN_CONFIG"}
    bare = subprocess.run(words, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False)
    named = Chaoxun(tmp_path / "not-there", tmp_path).here("source", "probe", "https://www.example.gov.cn/")

    assert bare.returncode == 1
    assert json.loads(bare.stdout).keys() >= {"engine", "evidence", "entries", "source"}
    assert json.loads(bare.stdout)["source"] is None
    assert "address not allowed" in bare.stderr and "crawl.allow_private" in bare.stderr
    assert named.code == 78


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        pytest.param(("ftp://example.cn/",), "http://", id="no web address"),
        pytest.param(("https://[",), "http://", id="no address at all"),
        pytest.param(("https://example.cn/", "--slug", "Yiwu News"), "yiwu-news", id="a slug that is none"),
        pytest.param(("https://example.cn/", "--post", "{1"), "not valid JSON", id="JSON that is none"),
    ],
)
def test_wrong_words_are_refused_before_anything_is_asked(
    chaoxun: Chaoxun, words: tuple[str, ...], remedy: str
) -> None:
    done = chaoxun.here("source", "probe", *words)

    assert (done.code, done.out) == (2, "")
    assert remedy in done.err


def test_a_source_is_recorded_and_its_expectation_renewed(tmp_path: Path, sites: SampleSites) -> None:
    folder = sites.write_config(tmp_path / "config", columns=(Column.CITY_NEWS,), channels={}, bind="127.0.0.1:0")
    chaoxun, recording = Chaoxun(folder, tmp_path), tmp_path / "tests" / "recordings" / "city-news"

    done = chaoxun("source", "record", "city-news")
    expected = json.loads((recording / EXPECTED).read_text(encoding="utf-8"))
    (recording / EXPECTED).write_text(json.dumps({**expected, "entries": []}), encoding="utf-8")
    renewed = chaoxun("source", "record", "city-news", "--update")

    assert (done.code, renewed.code) == (0, 0), (done.err, renewed.err)
    assert {path.name for path in recording.iterdir()} == {SOURCE, EXCHANGES, EXPECTED, "1.html", "2.json", "3.html"}
    assert expected["article"]["text"] and [entry["title"] for entry in expected["entries"]]
    assert json.loads((recording / EXPECTED).read_text(encoding="utf-8")) == expected
    assert f"entries: 0 are now {len(expected['entries'])}" in renewed.out
