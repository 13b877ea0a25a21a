"""Listings that answer, and are not what they were: noticed at the second poll, told once, and once when it is over."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from crawler.records import BEIJING
from monitor.demo.sites import Column, SampleSites
from monitor.model import AlertKind, Health
from tests.site import Site
from tests.station import Crew, Station

NOBODY = "json://127.0.0.1:9/nobody"
ROWS = 12
TITLES = tuple(
    f"{place}的{n}家企业今天开工" for place in ("义乌", "宁波", "杭州", "湖州", "温州", "金华") for n in range(2, 9)
)
BODY = "".join(
    f"<p>第{n}家企业今天在当地开了工，今年计划投入{n * 37}万元，用于改造老车间和招收新员工。</p>" for n in range(1, 9)
)


class Board:
    """A column of our own: a page of rows with dates, an article a day behind them."""

    def __init__(self, site: Site, now: datetime) -> None:
        self.site = site
        self.published = 0
        self._first = now.astimezone(BEIJING).replace(hour=10, minute=0) - timedelta(days=20)

    def day(self, number: int) -> datetime:
        return self._first + timedelta(days=number)

    def publish(self, count: int) -> None:
        for number in range(self.published, self.published + count):
            title = TITLES[number % len(TITLES)] + "了" * (number // len(TITLES))
            at = f"<meta name=PubDate content='{self.day(number):%Y-%m-%d %H:%M}'>"
            head = f"<head><meta charset=utf-8><title>{title}</title>{at}</head>"
            page = f"<html>{head}<body><h1>{title}</h1><div id=zoom>{BODY}</div></body></html>"
            self.site.answer(f"/art/{number:06}.html", page, content_type="text/html; charset=utf-8")
        self.published += count
        self.show()

    def rows(self, newest: int) -> list[str]:
        return [
            f"<li><a href='/art/{n:06}.html'>{TITLES[n % len(TITLES)]}</a><span>{self.day(n):%Y-%m-%d}</span></li>"
            for n in range(newest, max(-1, newest - ROWS), -1)
        ]

    def show(self, rows: list[str] | None = None, *, around: str = "") -> None:
        shown = "".join(self.rows(self.published - 1) if rows is None else rows)
        self.site.answer(
            "/list.html",
            "<html><head><meta charset=utf-8><title>要闻_示例</title></head>"
            f"<body>{around}<ul class=list>{shown}</ul></body></html>",
            content_type="text/html; charset=utf-8",
        )


@pytest.fixture
def board(crew: Crew) -> Iterator[Board]:
    site = Site(crew.loop)
    yield Board(site, crew.clock())
    site.close()


@pytest.fixture
def station(board: Board, crew: Crew, open_station: Callable[[Path], Station], tmp_path: Path) -> Station:
    """One source on the board, polled once; another column of a sample site stands beside it, so that all is usual."""
    with SampleSites(clock=crew.clock) as sites:
        sites.write_config(tmp_path, columns=(Column.CITY_NOTICES,), channels={"desk": NOBODY})
    source = {
        "slug": "own",
        "name": "自办",
        "engine": "html_list",
        "url": board.site.url("/list.html"),
        "rows": "ul.list > li",
        "max_pages": 1,
    }
    for file in (tmp_path / "sources").glob("*.yaml"):
        file.unlink()
    (tmp_path / "sources" / "own.yaml").write_text(yaml.safe_dump({"sources": [source]}, allow_unicode=True))
    board.publish(20)
    station = open_station(tmp_path)
    station.round()
    assert (station.health()["own"].state, station.told()) == (Health.OK, [])
    return station


def undated(board: Board) -> None:
    board.show([row.partition("<span>")[0].replace("<a", "<a class=x") + "</li>" for row in board.rows(19)])


def navigation(board: Board) -> None:
    board.show(["<li><a href='/about.html'>关于我们网站的说明</a><span>2026-01-05</span></li>"])


def garbled(board: Board) -> None:
    rows = "".join(board.rows(19))
    lossy = "".join(c if c.isascii() or n % 3 else "\ufffd" for n, c in enumerate(rows))
    board.show([lossy])


def no_rows(board: Board) -> None:
    board.show([])


def challenged(board: Board) -> None:
    page = "<html><title>访问验证</title><body>您的访问过于频繁，请完成安全验证。</body></html>".encode("gbk")
    board.site.answer("/list.html", page, content_type="text/html; charset=gbk")


def maintained(board: Board) -> None:
    page = "<html><title>公告</title><body>网站正在维护中，请稍后访问。</body></html>"
    board.site.answer("/list.html", page, content_type="text/html; charset=utf-8")


def asks_who_we_are(board: Board) -> None:
    page = "<html><title>统一身份认证</title><body>请先登录</body></html>"
    board.site.answer("/list.html", page, content_type="text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("how", "health", "word", "why"),
    [
        pytest.param(
            undated, Health.BROKEN, "读取失败", "none of 12 rows carries a date any more, where 12 did", id="dates"
        ),
        pytest.param(
            navigation, Health.BROKEN, "读取失败", "shows 1 rows, where it had 12 at the least", id="collapsed"
        ),
        pytest.param(
            garbled, Health.GARBLED, "乱码", "12 of 12 titles in the listing are no text", id="garbled titles"
        ),
        pytest.param(no_rows, Health.BROKEN, "读取失败", "has no links where rows says", id="no rows"),
        pytest.param(challenged, Health.BLOCKED, "被拦截", "a challenge page (访问验证)", id="a challenge in GBK"),
        pytest.param(maintained, Health.BROKEN, "读取失败", "what came: error page (网站正在维护中)", id="maintenance"),
        pytest.param(asks_who_we_are, Health.BROKEN, "读取失败", "what came: login page (统一身份认证)", id="a login"),
    ],
)
def test_a_listing_that_is_not_like_itself_is_told_once(
    *, board: Board, station: Station, how: Callable[[Board], None], health: Health, word: str, why: str
) -> None:
    how(board)
    station.round()
    first = station.health()["own"]
    assert first.state is (Health.BLOCKED if health is Health.BLOCKED else Health.OK)
    station.round()
    second = station.health()["own"]
    assert second.state is health
    assert why in second.why
    for _ in range(3):
        station.round()
    assert station.told() == [f"【告警】自办：{word}"]

    board.publish(1)
    for _ in range(3):
        station.round()
    assert station.health()["own"].state is Health.OK
    assert station.told() == [f"【告警】自办：{word}", "【恢复】自办：恢复正常"]
    assert len(station.articles()) == 13
    assert {(a["status"], a["revision"]) for a in station.articles().values()} == {("live", 1)}
    assert station.told(AlertKind.CHANGED, AlertKind.WITHDRAWN, AlertKind.RETURNED) == []
    assert not any("�" in a["title"] for a in station.articles().values())


def test_a_shield_at_every_other_poll_is_told_once(board: Board, station: Station) -> None:
    for _ in range(4):
        challenged(board)
        station.round()
        board.show()
        station.round()
    assert station.told() == ["【告警】自办：被拦截"]
    station.round()
    station.round()
    assert station.told() == ["【告警】自办：被拦截", "【恢复】自办：恢复正常"]


@pytest.mark.parametrize("live", [True, False], ids=["quiet", "stale"])
def test_a_silence_is_told_by_the_sources_own_rhythm(board: Board, station: Station, *, live: bool) -> None:
    """One article a day, and none for three weeks: of a page that changes with every visit, and of a frozen one."""
    clock = station.crew.clock
    for number in range(20, 30):
        clock.at = max(clock.at, (board.day(number) + timedelta(minutes=5)).astimezone(UTC))
        board.publish(1)
        station.round()
    for visit in range(6):
        station.round(after=timedelta(days=1))
        assert (station.told(), visit) == ([], visit)
    for visit in range(30):
        board.show(around=f"<p>访问 {visit}</p>" if live else "")
        station.round(after=timedelta(days=1))
    known = station.health()["own"]
    assert known.state is (Health.QUIET if live else Health.STALE)
    assert "a workday" in known.why
    assert station.told() == [f"【告警】自办：{'久无更新' if live else '内容停滞'}"]
    board.publish(1)
    station.round()
    assert station.told()[1:] == ["【恢复】自办：恢复正常"]
