"""Sites that do not answer, or answer something else than their list: said once, the others go on, nothing is lost."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.demo.receivers import HookReceiver
from monitor.demo.sites import Column, Misbehaviour, SampleArticle, SampleSites, Site, make_article
from monitor.model import AlertKind, Health
from tests.commands import Chaoxun
from tests.hub import closed_port
from tests.site import Site as OwnSite
from tests.station import TIMEOUT, Crew, Station

#: One column of every engine goes wrong; two stay well, one of them on a host that misbehaves elsewhere.
BAD = (Column.SINA_CHINA, Column.CITY_NEWS, Column.PORTAL_NEWS, Column.OUTLET_NEWS)
GOOD = (Column.CITY_POLICY, Column.CITY_NOTICES)
NAMES = {
    Column.SINA_CHINA: "示例财经·国内滚动",
    Column.CITY_NEWS: "示例市人民政府·示例要闻",
    Column.PORTAL_NEWS: "示例在线·经济新闻",
    Column.OUTLET_NEWS: "示例企业网·创新创业",
}
STEER = "json://127.0.0.1:9/nobody"
#: What an operator is advised where the answer is no list of that engine.
NO_LIST = {
    Column.SINA_CHINA: "is not JSON; check url and params",
    Column.CITY_NEWS: "names no list unit (no script with queryData); set fallback, or another engine",
    Column.PORTAL_NEWS: "answers with an HTML page instead of a feed; check the url",
    Column.OUTLET_NEWS: "has no links where rows says: ul.ntq-list > li; the page has changed: correct rows and fields",
}
NO_ROWS = {
    **NO_LIST,
    Column.SINA_CHINA: "has no rows; check that params.pageid and params.lid belong together",
    Column.CITY_NEWS: "gives a list without rows; the template has changed, or tag is wrong",
    Column.PORTAL_NEWS: "has no items; check the feed in a browser",
}


#: A page that takes a second to give up is served to two engines only, those that read HTML.
SLOW = {Misbehaviour.HUGE_TAG, Misbehaviour.DEEP_NEST}


def same(words: str) -> Mapping[Column, str]:
    return dict.fromkeys(BAD, words)


@pytest.fixture
def sites(crew: Crew) -> Iterator[SampleSites]:
    with SampleSites(clock=crew.clock) as sites:
        yield sites


def publish(sites: SampleSites, edition: int, columns: tuple[Column, ...] = BAD + GOOD) -> list[SampleArticle]:
    made = [make_article(edition * 100 + 5 * place, column=column) for place, column in enumerate(columns)]
    for article in made:
        sites.publish(article)
    return made


def titles(station: Station) -> list[str]:
    return sorted(article["title"] for article in station.articles().values())


def titles_of(*groups: list[SampleArticle]) -> list[str]:
    return sorted(article.title for group in groups for article in group)


def assert_untouched(station: Station) -> None:
    """No article was revised or withdrawn, and nobody was told that one was."""
    assert {(a["status"], a["revision"]) for a in station.articles().values()} == {("live", 1)}
    assert station.told(AlertKind.CHANGED, AlertKind.WITHDRAWN, AlertKind.RETURNED) == []


def assert_each_told_once(station: Station, *groups: list[SampleArticle]) -> None:
    """Every article raised one alert: the sample watches look for topics, and each of these has one."""
    told = sorted(station.told(AlertKind.NEW))
    assert told == sorted(f"【新】{a.topics[0]}：{a.title}" for group in groups for a in group)


@pytest.mark.parametrize(
    ("how", "health", "why"),
    [
        pytest.param(how, health, why, id=how.replace(" ", "-"))
        for how, health, why in [
            (Misbehaviour.ERROR_500, Health.BROKEN, same("answers 500; it is tried again at the next poll")),
            (Misbehaviour.ALL_404, Health.BROKEN, same("answers 404; the column has moved: correct the url")),
            (Misbehaviour.HANG, Health.BROKEN, same(f"no complete answer within {TIMEOUT:g} s; it is tried again")),
            (Misbehaviour.TRUNCATED, Health.BROKEN, same("the answer broke off half-way; it is tried again")),
            (Misbehaviour.RESET, Health.BROKEN, same("the connection broke (DownloadFailedError); it is tried again")),
            (Misbehaviour.CHALLENGE_521, Health.BLOCKED, same("answers 521; a shield stands before it: wait some")),
            (Misbehaviour.CHALLENGE_412, Health.BLOCKED, same("answers 412; a shield stands before it: wait some")),
            (
                Misbehaviour.CHALLENGE_200,
                Health.BLOCKED,
                same("a challenge page (__jsl_clearance) instead of its list"),
            ),
            (Misbehaviour.EMPTY_LISTING, Health.BROKEN, NO_ROWS),
            (Misbehaviour.SOFT_404, Health.BROKEN, NO_LIST),
            (Misbehaviour.TO_FRONT_PAGE, Health.BROKEN, same("is the site's front page, to which http")),
            (Misbehaviour.STUB, Health.BROKEN, NO_LIST),
            (Misbehaviour.HUGE_TAG, Health.BROKEN, NO_LIST),
            (Misbehaviour.DEEP_NEST, Health.BROKEN, NO_LIST),
        ]
    ],
)
def test_a_listing_that_fails_is_told_once_and_caught_up_with(
    *,
    sites: SampleSites,
    open_station: Callable[[Path], Station],
    tmp_path: Path,
    how: Misbehaviour,
    health: Health,
    why: Mapping[Column, str],
) -> None:
    bad = (Column.CITY_NEWS, Column.OUTLET_NEWS) if how in SLOW else BAD
    before = publish(sites, 1, bad + GOOD)
    station = open_station(sites.write_config(tmp_path, columns=bad + GOOD, channels={"desk": STEER}))
    station.round()
    for column in bad:
        sites.misbehave(column, how)
    missed, seen = publish(sites, 2, bad), publish(sites, 3, GOOD)
    results = [station.round(), station.round()]

    assert {results[-1][column].status.value for column in bad} <= {"failed", "blocked"}
    assert {column: results[-1][column].error for column in GOOD} == dict.fromkeys(GOOD)
    states = station.health()
    for column in bad:
        assert states[column].state is health
        assert states[column].why.startswith(f"{column}: ")
        assert why[column] in states[column].why
        assert {e["why"] for e in station.logs if e["log_level"] == "warning" and e["source"] == column} == {
            states[column].why
        }
    word = {Health.BROKEN: "读取失败", Health.BLOCKED: "被拦截"}[health]
    alarms = sorted(f"【告警】{NAMES[column]}：{word}" for column in bad)
    assert sorted(station.told()) == alarms
    assert titles(station) == titles_of(before, seen)

    sites.behave()
    later = publish(sites, 4, bad + GOOD)
    station.round()
    station.round()
    assert titles(station) == titles_of(before, missed, seen, later)
    assert station.pending() == {}
    assert {state.state for state in station.health().values()} == {Health.OK}
    assert sorted(station.told()) == sorted([*alarms, *(f"【恢复】{NAMES[column]}：恢复正常" for column in bad)])
    assert_untouched(station)
    assert_each_told_once(station, missed, seen, later)


def add_sources(folder: Path, *sources: Mapping[str, Any]) -> None:
    text = yaml.safe_dump({"sources": list(sources)}, allow_unicode=True)
    (folder / "sources" / "more.yaml").write_text(text, encoding="utf-8")


def test_a_host_that_cannot_be_reached_is_told_once_and_caught_up_with(
    sites: SampleSites, open_station: Callable[[Path], Station], tmp_path: Path, crew: Crew
) -> None:
    """A closed port and a name that nobody has: the first opens later, the second is corrected."""
    port = closed_port()
    closed = {"slug": "closed", "name": "关门", "engine": "feed", "url": f"http://127.0.0.1:{port}/rss.xml"}
    nameless = {"slug": "nameless", "name": "无名", "engine": "feed", "url": "http://no-such-host.invalid/rss.xml"}
    before = publish(sites, 1, GOOD)
    folder = sites.write_config(tmp_path, columns=GOOD, channels={"desk": STEER})
    add_sources(folder, closed, nameless)
    station = open_station(folder)
    station.round()
    more = publish(sites, 2, GOOD)
    station.round()
    station.round()

    states = station.health()
    assert {slug: states[slug].state for slug in ("closed", "nameless")} == {
        "closed": Health.BROKEN,
        "nameless": Health.BROKEN,
    }
    assert states["closed"].why.startswith(f"closed: 127.0.0.1:{port}: refuses the connection; the server is down")
    assert states["nameless"].why.startswith(
        "nameless: no-such-host.invalid: the name cannot be resolved; check the spelling, or this machine's DNS"
    )
    assert sorted(station.told()) == ["【告警】关门：读取失败", "【告警】无名：读取失败"]
    assert titles(station) == titles_of(before, more)

    opened = OwnSite(crew.loop, port=port)
    body = "".join(f"<p>第{n}段：两地的企业今天都开了工，记者在现场看到一派忙碌的景象。</p>" for n in range(8))
    for name in ("first", "second"):
        page = f"<html><head><title>开门{name}</title></head><body><h1>开门{name}</h1>{body}</body></html>"
        opened.answer(f"/{name}.html", page, content_type="text/html; charset=utf-8")
        item = f"<item><title>开门{name}</title><link>{opened.url(f'/{name}.html')}</link></item>"
        feed = f'<rss version="2.0"><channel><title>t</title>{item}</channel></rss>'
        opened.answer("/rss.xml" if name == "first" else "/second.xml", feed, content_type="application/rss+xml")
    add_sources(folder, closed, {**nameless, "url": opened.url("/second.xml")})
    station.reload()
    station.round()
    station.round()
    opened.close()
    assert titles(station) == sorted([*titles_of(before, more), "开门first", "开门second"])
    assert sorted(station.told()[2:]) == ["【恢复】关门：恢复正常", "【恢复】无名：恢复正常"]
    assert_untouched(station)


def test_a_truncated_feed_gives_its_whole_items_and_later_the_rest(
    sites: SampleSites, open_station: Callable[[Path], Station], tmp_path: Path
) -> None:
    """Cut in the middle of an item, under a status and a length that say all is well."""
    folder = sites.write_config(tmp_path, columns=(Column.PORTAL_NEWS,), channels={"desk": STEER})
    made = [make_article(number, column=Column.PORTAL_NEWS) for number in range(1, 8)]
    for article in made:
        sites.publish(article)
    sites.misbehave(Column.PORTAL_NEWS, Misbehaviour.CUT_SHORT)
    station = open_station(folder)
    station.round()
    some = titles(station)
    assert 1 <= len(some) < len(made)
    assert set(some) < {article.title for article in made}
    assert station.round()["portal-news"].status.value == "ok", "its validators were kept, and hide the rest"
    assert titles(station) == some

    sites.behave()
    station.round()
    assert titles(station) == titles_of(made)
    assert station.pending() == {}
    assert station.told() == []
    assert_untouched(station)


def test_the_command_says_of_each_bad_source_what_to_do_and_polls_the_others(
    sites: SampleSites, open_station: Callable[[Path], Station], tmp_path: Path
) -> None:
    """`crawl --all --json` as people run it: JSON alone on stdout, one line per bad source on stderr, exit code 1."""
    port = closed_port()
    with HookReceiver() as hook:
        folder = sites.write_config(tmp_path, columns=BAD + GOOD, channels={"desk": hook.url()})
        add_sources(
            folder,
            {"slug": "closed", "name": "关门", "engine": "feed", "url": f"http://127.0.0.1:{port}/rss.xml"},
            {"slug": "nameless", "name": "无名", "engine": "feed", "url": "http://no-such-host.invalid/rss.xml"},
        )
        before = publish(sites, 1)
        station = open_station(folder)
        station.round()
        sites.misbehave(Column.SINA_CHINA, Misbehaviour.ERROR_500)
        sites.misbehave(Column.CITY_NEWS, Misbehaviour.CHALLENGE_521)
        sites.misbehave(Column.PORTAL_NEWS, Misbehaviour.EMPTY_LISTING)
        sites.misbehave(Site.OUTLET, Misbehaviour.RESET)
        publish(sites, 2, BAD)
        seen = publish(sites, 3, GOOD)
        done = Chaoxun(folder)("crawl", "--all", "--alert", "--json")
        posted = [entry.json for entry in hook.posted.all()]

    rows = {row["source"]: row for row in done.lines}
    assert done.code == 1
    assert {slug for slug, row in rows.items() if row["status"] == "ok"} == set(GOOD)
    assert {slug for slug, row in rows.items() if row["status"] == "blocked"} == {"city-news"}
    assert {row["status"] for row in rows.values()} == {"ok", "blocked", "failed"}
    assert [rows[column]["new"] for column in GOOD] == [1, 1]
    for slug, advice in {
        "sina-china": "answers 500; it is tried again at the next poll",
        "city-news": "answers 521; a shield stands before it: wait some hours",
        "portal-news": "has no items; check the feed in a browser",
        "outlet-news": "the connection broke",
        "closed": "refuses the connection; the server is down, or it is the wrong port",
        "nameless": "the name cannot be resolved; check the spelling, or this machine's DNS",
    }.items():
        said = [line for line in done.err.splitlines() if line.startswith(f"{slug}: ")]
        assert len(said) == 1 and advice in said[0], done.err
        assert rows[slug]["error"] == said[0]
    assert "Traceback" not in done.err

    health = {row["source"]: row for row in Chaoxun(folder).here("health", "--json").json}
    assert {slug: health[slug]["why"] for slug in rows} == {slug: row["error"] or "" for slug, row in rows.items()}
    # a challenge counts at once; a failure is weather until it comes twice, as it has for two of them
    broken = {slug for slug, row in health.items() if row["state"] == "broken"}
    assert (health["city-news"]["state"], broken) == ("blocked", {"closed", "nameless"})
    assert titles(station) == titles_of(before, seen)
    alarms = [f"【告警】{NAMES[Column.CITY_NEWS]}：被拦截", "【告警】关门：读取失败", "【告警】无名：读取失败"]
    news = [f"【新】{article.topics[0]}：{article.title}" for article in seen]
    assert sorted(entry["title"] for entry in posted) == sorted([*alarms, *news])
