"""Mistakes in the configuration: each is named with file, line and remedy before anything is polled or stored."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.demo.sites import Column, SampleSites, make_article
from tests.commands import Chaoxun
from tests.station import Crew, Station

NOBODY = "json://127.0.0.1:9/nobody"
CONFIG = 78

SOURCE = """\
sources:
  - slug: yiwu-news
    name: 义乌要闻
    engine: html_list
    url: https://yw.example/list
"""
WATCHES = """\
watches:
  - name: 产业大脑
    rule: 产业大脑
    channels: [desk]
"""


@pytest.fixture
def sites(crew: Crew) -> Iterator[SampleSites]:
    with SampleSites(clock=crew.clock) as sites:
        yield sites


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        pytest.param(
            "sources/yiwu.yaml",
            SOURCE + "    evry: 60m\n",
            "sources/yiwu.yaml:6: unknown key 'evry'; did you mean 'every'?",
            id="an unknown key",
        ),
        pytest.param(
            "sources/yiwu.yaml",
            SOURCE + '    rows: "ul[class=news"\n',
            "sources/yiwu.yaml:6: rows: 'ul[class=news' is not a CSS selector: ",
            id="a bad selector",
        ),
        pytest.param(
            "sources/yiwu.yaml",
            SOURCE.replace("yiwu-news", "city-notices"),
            "sources/yiwu.yaml:2: the slug 'city-notices' is taken by ",
            id="a duplicate slug",
        ),
        pytest.param(
            "sources/yiwu.yaml",
            SOURCE + "    every: 60x\n",
            "sources/yiwu.yaml:6: every: '60x' is not a duration; write a number and a unit: 500ms, 2s,",
            id="a bad duration",
        ),
        pytest.param(
            "sources/yiwu.yaml",
            SOURCE.replace("html_list", "html_lists"),
            "sources/yiwu.yaml:4: engine: there is no engine 'html_lists'; did you mean 'html_list'",
            id="an unknown engine",
        ),
        pytest.param(
            "watches.yaml",
            WATCHES.replace("rule: 产业大脑", "rule: (产业大脑 OR"),
            "watches.yaml:3: rule: ",
            id="a bad rule",
        ),
        pytest.param(
            "watches.yaml",
            WATCHES.replace("[desk]", "[desk-mail]"),
            "watches.yaml:4: channels: there is no channel 'desk-mail'",
            id="an unknown channel",
        ),
        pytest.param("watches.yaml", "watches: [\n", "watches.yaml:", id="no YAML"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(
    sites: SampleSites, tmp_path: Path, name: str, text: str, said: str
) -> None:
    folder = sites.write_config(tmp_path, columns=(Column.CITY_NOTICES,), channels={"desk": NOBODY})
    write(folder, name, text)
    done = Chaoxun(folder).here("crawl", "--all", "--json")
    assert (done.code, done.out) == (CONFIG, "")
    assert done.err.startswith(f"chaoxun: {folder / said}")
    assert done.err.count("\n") == 1
    assert sites.ledger.requests == ()
    assert not (folder / "chaoxun.db").exists()


def test_all_mistakes_are_named_at_once_and_what_is_stored_outlives_them(
    sites: SampleSites, open_station: Callable[[Path], Station], tmp_path: Path
) -> None:
    """A good configuration, a broken one under which neither `crawl` nor `run` starts, and the mended one."""
    columns = (Column.CITY_NOTICES, Column.PORTAL_NEWS)
    folder = sites.write_config(tmp_path, columns=columns, channels={"desk": NOBODY}, bind="127.0.0.1:0")
    chaoxun = Chaoxun(folder)
    articles = [make_article(number, column=columns[number % 2]) for number in range(1, 5)]
    for article in articles[:2]:
        sites.publish(article)
    station = open_station(folder)
    station.round()
    asked = len(sites.ledger.requests)
    sources = (folder / "sources" / "samples.yaml").read_text(encoding="utf-8")

    write(folder, "sources/more.yaml", SOURCE + "    evry: 60m\n    gap: 3x\n")
    write(folder, "sources/other.yaml", SOURCE + '    rows: "ul[class=news"\n')
    write(folder, "sources/samples.yaml", sources.replace("slug: portal-news", "slug: city-notices"))
    write(folder, "watches.yaml", WATCHES.replace("rule: 产业大脑", "rule: titel:产业大脑").replace("desk", "dsk"))
    for command in (("crawl", "--all", "--json"), ("run",)):
        done = chaoxun.here(*command)
        assert (done.code, done.out) == (CONFIG, "")
        for place in (
            "sources/more.yaml:6: unknown key 'evry'",
            "sources/more.yaml:7: gap: ",
            "sources/other.yaml:6: rows: ",
            "sources/samples.yaml:15: the slug 'city-notices' is taken by ",
            "watches.yaml:3: rule: ",
            "watches.yaml:4: channels: ",
        ):
            assert len([line for line in done.err.splitlines() if place in line]) == 1, done.err
        assert "Traceback" not in done.err
    assert len(sites.ledger.requests) == asked

    for article in articles[2:]:
        sites.publish(article)
    (folder / "sources" / "more.yaml").unlink()
    (folder / "sources" / "other.yaml").unlink()
    write(folder, "sources/samples.yaml", sources)
    write(folder, "watches.yaml", WATCHES)
    station.reload()
    station.round()
    stored = station.articles().values()
    assert {(a["title"], a["revision"]) for a in stored} == {(article.title, 1) for article in articles}
