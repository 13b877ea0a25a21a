"""`chaoxun crawl` and `chaoxun source` as processes against the sample sites."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.demo.receivers import MailReceiver
from monitor.demo.sites import Column, Misbehaviour, SampleSites
from monitor.demo.sites.configuration import Pace
from tests.commands import Chaoxun
from tests.daemons import DaemonProcess

LINE = {"source", "status", "listed", "new", "changed", "withdrawn", "unchanged", "failed", "seconds"}
#: Re-checks are due at once, so that every crawl makes them.
BRISK = Pace(every="1h", recheck="1ms", confirm=2, confirm_every="1ms")
NEW, EDITED, WITHDRAWN = "sina-brain-chem", "city-future-factory", "portal-challenge-list"

Setup = Callable[..., Chaoxun]


@pytest.fixture
def sites() -> Iterator[SampleSites]:
    with SampleSites() as running:
        running.publish_backlog()
        yield running


@pytest.fixture
def setup(tmp_path: Path, sites: SampleSites, mail: MailReceiver) -> Setup:
    """A configuration that watches these columns and mails to `mail`."""

    def write(*columns: Column, pace: Pace = BRISK) -> Chaoxun:
        folder = sites.write_config(
            tmp_path / "config",
            columns=columns or tuple(Column),
            channels={"desk-mail": mail.url("desk@example.org")},
            pace=pace,
            bind="127.0.0.1:0",
        )
        return Chaoxun(folder)

    return write


def test_a_first_crawl_stores_the_backlog_and_alerts_nobody_even_when_asked(setup: Setup, mail: MailReceiver) -> None:
    chaoxun = setup()

    done = chaoxun("crawl", "--all", "--alert", "--json")

    assert done.code == 0, done.err
    lines = {line["source"]: line for line in done.lines}
    assert set(lines) == {str(column) for column in Column}
    for line in lines.values():
        assert set(line) >= LINE
        assert line["status"] == "ok"
        assert line["listed"] == line["new"] > 0
        assert (line["changed"], line["withdrawn"], line["failed"]) == (0, 0, 0)
        assert isinstance(line["seconds"], float)
    assert chaoxun.here("alert", "list", "--json").json == []
    assert mail.accepted.all() == []
    assert {row["state"] for row in chaoxun.here("health", "--json").json} == {"ok"}


def test_a_later_crawl_tells_new_changed_and_withdrawn_apart_and_delivers_before_it_ends(
    setup: Setup, sites: SampleSites, mail: MailReceiver
) -> None:
    chaoxun = setup(Column.SINA_CHINA, Column.CITY_NEWS, Column.PORTAL_NEWS)
    assert chaoxun("crawl", "--all").code == 0
    sites.publish(sites.written()[NEW])
    sites.edit(EDITED, swap=("智能工厂37家", "智能工厂39家"))
    sites.withdraw(WITHDRAWN)

    first = chaoxun("crawl", "--all", "--alert", "--json")  # 404 once: nothing is said yet
    second = chaoxun("crawl", "--all", "--alert", "--json")

    assert (first.code, second.code) == (0, 0), first.err + second.err
    before, after = ({line["source"]: line for line in done.lines} for done in (first, second))
    assert before["sina-china"]["new"] == 1
    assert before["city-news"]["changed"] == 1
    assert [before["portal-news"]["withdrawn"], after["portal-news"]["withdrawn"]] == [0, 1]
    kinds = [taken.kind for taken in mail.accepted.all()]
    assert set(kinds) == {"new", "changed", "withdrawn"}
    deliveries = chaoxun.here("alert", "list", "--json").json
    assert {row["state"] for row in deliveries} == {"sent"}
    assert len(deliveries) == len(kinds)


def test_without_alert_a_match_is_stored_as_baseline_and_the_command_says_so(
    setup: Setup, sites: SampleSites, mail: MailReceiver
) -> None:
    chaoxun = setup(Column.SINA_CHINA)
    first = chaoxun("crawl", "sina-china")
    assert first.code == 0
    assert first.out.startswith("sina-china: ok, 3 listed, 3 new, 0 changed, 0 withdrawn, 0 unchanged, 0 failed, ")
    assert len(first.out.splitlines()) == 1
    sites.publish(sites.written()[NEW])

    done = chaoxun("crawl", "sina-china", "--json")

    assert [(line["new"], line["unchanged"]) for line in done.lines] == [(1, 3)], "the re-checks were due"
    assert "baseline" in done.err and "--alert" in done.err
    assert mail.accepted.all() == []
    assert chaoxun.here("alert", "list", "--json").json == []
    assert chaoxun("crawl", "sina-china", "--alert").code == 0
    assert mail.accepted.all() == [], "what was baseline once stays silent"


def test_a_listing_that_did_not_change_has_the_status_unchanged(setup: Setup) -> None:
    chaoxun = setup(Column.CITY_NOTICES, pace=Pace(recheck="1h"))
    assert chaoxun("crawl", "city-notices").code == 0

    done = chaoxun("crawl", "city-notices", "--json")

    assert (done.code, [line["status"] for line in done.lines]) == (0, ["unchanged"])


def test_a_dead_source_and_a_blocked_one_are_named_and_the_others_go_on(setup: Setup, sites: SampleSites) -> None:
    chaoxun = setup(Column.SINA_CHINA, Column.CITY_NOTICES, Column.PORTAL_NEWS, Column.OUTLET_NEWS)
    sources = chaoxun.config / "sources" / "samples.yaml"
    closed = "http://127.0.0.1:9/list.html"  # the discard port: nobody listens
    text = sources.read_text(encoding="utf-8").replace(sites.listing_url(Column.CITY_NOTICES), closed)
    sources.write_text(text, encoding="utf-8")
    sites.misbehave(Column.OUTLET_NEWS, Misbehaviour.CHALLENGE_521)

    done = chaoxun("crawl", "--all", "--json")

    assert done.code == 1
    assert {line["source"]: line["status"] for line in done.lines} == {
        "sina-china": "ok",
        "portal-news": "ok",
        "city-notices": "failed",
        "outlet-news": "blocked",
    }
    assert any("city-notices" in line and "127.0.0.1:9" in line for line in done.err.splitlines()), done.err
    assert any("outlet-news" in line for line in done.err.splitlines()), done.err
    assert "Traceback" not in done.err
    states = {row["source"]: row for row in chaoxun.here("health", "--json").json}
    assert states["city-notices"]["failures"] == 1
    assert states["outlet-news"]["state"] == "blocked"
    assert chaoxun.here("search", "宁波", "--json").json["total"] > 0


def test_a_disabled_source_is_said_and_not_polled(setup: Setup, sites: SampleSites) -> None:
    chaoxun = setup(Column.SINA_CHINA)
    sources = chaoxun.config / "sources" / "samples.yaml"
    text = sources.read_text(encoding="utf-8").replace("  engine: ", "  disabled: moved house\n  engine: ")
    sources.write_text(text, encoding="utf-8")

    done = chaoxun("crawl", "--all", "--json")

    assert (done.code, [line["status"] for line in done.lines]) == (0, ["disabled"])
    assert "moved house" in done.err
    assert sites.ledger.requests == ()
    assert [row["state"] for row in chaoxun.here("health", "--json").json] == ["disabled"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["city-new"], "did you mean 'city-news'?", id="a slip of the pen"),
        pytest.param(["xx"], "known sources: ", id="no such source"),
        pytest.param([], "--all", id="nothing named"),
        pytest.param(["city-news", "--all"], "--all", id="both"),
    ],
)
def test_a_crawl_of_nothing_that_exists_is_wrong_usage(setup: Setup, words: list[str], said: str) -> None:
    done = setup().here("crawl", *words)

    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_beside_a_running_daemon_a_crawl_leaves_its_alerts_to_it(
    setup: Setup, sites: SampleSites, mail: MailReceiver
) -> None:
    chaoxun = setup(Column.SINA_CHINA, pace=Pace(every="1h", recheck="1h"))
    with DaemonProcess(chaoxun.config) as daemon:
        daemon.start().wait_ready()
        backlog = [article.id for article in sites.written().backlog if article.column is Column.SINA_CHINA]
        assert sites.ledger.wait_until(lambda ledger: all(ledger.first_served(key) for key in backlog), 60)
        daemon.wait(lambda: _baseline_is_over(chaoxun), "the first poll is stored")
        sites.publish(sites.written()[NEW])

        done = chaoxun("crawl", "sina-china", "--alert", "--json")

        assert (done.code, [line["new"] for line in done.lines]) == (0, [1]), done.err
        wanted = len(chaoxun.here("alert", "list", "--json").json)
        assert wanted > 0
        mail.accepted.wait_for(wanted)
        assert daemon.terminate() == 0
    assert len(mail.accepted.all()) == wanted
    assert {row["state"] for row in chaoxun.here("alert", "list", "--json").json} == {"sent"}


def _baseline_is_over(chaoxun: Chaoxun) -> bool:
    return all(row["state"] == "ok" for row in chaoxun.here("health", "--json").json)


def test_source_list_shows_what_is_configured(setup: Setup) -> None:
    chaoxun = setup(Column.SINA_CHINA, Column.CITY_NOTICES)

    rows = chaoxun.here("source", "list", "--json").json

    assert [(row["slug"], row["engine"], row["region"], row["disabled"]) for row in rows] == [
        ("sina-china", "sina_roll", "全国", None),
        ("city-notices", "html_list", "义乌", None),
    ]
    assert "city-notices" in chaoxun.here("source", "list").out


def test_source_try_previews_a_source_and_stores_nothing(setup: Setup) -> None:
    chaoxun = setup(Column.CITY_NOTICES)

    done = chaoxun("source", "try", "city-notices", "--json")

    assert (done.code, done.err) == (0, "")
    (preview,) = done.lines
    assert preview["status"] == "ok"
    assert len(preview["entries"]) == len(preview["articles"]) == 2
    assert all(article["title"] and article["text"] for article in preview["articles"])
    assert not (chaoxun.config / "chaoxun.db").exists()


def test_source_try_takes_a_file_and_says_what_is_wrong_with_its_sources(
    setup: Setup, sites: SampleSites, tmp_path: Path
) -> None:
    chaoxun = setup()
    file = tmp_path / "another.yaml"
    file.write_text(sites.sources_yaml([Column.SINA_CHINA, Column.CITY_NOTICES]), encoding="utf-8")
    sites.misbehave(Column.CITY_NOTICES, Misbehaviour.EMPTY_LISTING)

    done = chaoxun("source", "try", file)

    assert done.code == 1
    assert "sina-china (sina_roll): ok, 3 entries" in done.out
    assert "宁波轴承业接入产业大脑" in done.out
    assert "city-notices" in done.err


def test_source_try_of_a_wrong_file_names_file_line_and_key(setup: Setup, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("sources:\n  - slug: a-source\n    nmae: 一个来源\n", encoding="utf-8")

    done = setup().here("source", "try", file)

    assert (done.code, done.out) == (78, "")
    assert f"{file}:3: " in done.err and "nmae" in done.err
