"""A live feed whose bytes were lost on the way: its items come whole, so there is no page to ask for them again."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from aiohttp import web

from crawler.records import BEIJING
from monitor.demo.sites import Column, SampleSites
from monitor.model import AlertKind, Health
from tests.site import Site
from tests.station import Crew, Station

NOBODY = "json://127.0.0.1:9/nobody"
FEED = "/api/zhibo/feed"
ROWS = 10
PAGES = 4


class Ticker:
    """A room of flashes, a minute apart, ten of them on a page; `spoil` is what becomes of an answer on its way."""

    def __init__(self, site: Site, now: datetime) -> None:
        self.site = site
        self.published = 0
        self.spoil: Callable[[bytes], bytes] = bytes
        self._first = now.astimezone(BEIJING) - timedelta(hours=2)
        site.handle(FEED, self._answer)

    def publish(self, count: int) -> None:
        self.published += count

    async def _answer(self, request: web.Request) -> web.Response:
        page = int(request.query["page"])
        newest = range(self.published - 1, -1, -1)
        rows = [self._row(number) for number in newest[(page - 1) * ROWS : page * ROWS]]
        feed = {"list": rows, "page_info": {"totalPage": PAGES, "page": page}}
        answer = json.dumps({"result": {"status": {"code": 0}, "data": {"feed": feed}}}, ensure_ascii=False)
        return web.Response(body=self.spoil(answer.encode()), content_type="application/json")

    def _row(self, number: int) -> dict[str, object]:
        at = self._first + timedelta(minutes=number)
        text = f"【义乌第{number}号车间开工】义乌市第{number}号车间今天开工，产量是{number * 13 + 7}件，工人都到了岗。"
        return {"id": 9000 + number, "zhibo_id": 5, "rich_text": text, "create_time": f"{at:%Y-%m-%d %H:%M:%S}"}


@pytest.fixture
def ticker(crew: Crew) -> Iterator[Ticker]:
    site = Site(crew.loop)
    yield Ticker(site, crew.clock())
    site.close()


@pytest.fixture
def station(ticker: Ticker, crew: Crew, open_station: Callable[[Path], Station], tmp_path: Path) -> Station:
    with SampleSites(clock=crew.clock) as sites:
        sites.write_config(tmp_path, columns=(Column.CITY_NOTICES,), channels={"desk": NOBODY})
    for file in (tmp_path / "sources").glob("*.yaml"):
        file.unlink()
    source = {
        "slug": "own",
        "name": "自办",
        "engine": "sina_live",
        "url": ticker.site.url(FEED),
        "params": {"zhibo_id": 5, "tag_id": 0},
    }
    (tmp_path / "sources" / "own.yaml").write_text(yaml.safe_dump({"sources": [source]}, allow_unicode=True))
    ticker.publish(20)
    station = open_station(tmp_path)
    station.round()
    assert (station.health()["own"].state, len(station.articles())) == (Health.OK, 20)
    return station


def lossy(answer: bytes) -> bytes:
    """Every third byte of a character is lost; JSON that it still is."""
    return bytes(255 if byte > 127 and place % 3 == 0 else byte for place, byte in enumerate(answer))


def torn(answer: bytes) -> bytes:
    """The same, and no JSON any more."""
    return lossy(answer)[:-9]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(lossy, "10 of 10 titles in the listing are no text", id="JSON still"),
        pytest.param(torn, "is no text, as gb18030, and is not JSON", id="no JSON any more"),
    ],
)
def test_a_garbled_feed_is_told_as_garbled_and_loses_nothing(
    ticker: Ticker, station: Station, spoil: Callable[[bytes], bytes], why: str
) -> None:
    ticker.spoil = spoil
    ticker.publish(5)
    station.round()
    ticker.publish(5)
    station.round()
    known = station.health()["own"]
    assert (known.state, why in known.why) == (Health.GARBLED, True), known.why
    assert station.pending() == {}
    ticker.publish(12)  # so that what came first is no longer on the first page when the feed is well
    station.round()
    assert station.told() == ["【告警】自办：乱码"]

    ticker.spoil = bytes
    station.round()
    station.round()
    assert station.health()["own"].state is Health.OK
    assert station.told() == ["【告警】自办：乱码", "【恢复】自办：恢复正常"]
    titles = {article["title"] for article in station.articles().values()}
    assert titles == {f"义乌第{number}号车间开工" for number in range(42)}
    assert station.told(AlertKind.CHANGED, AlertKind.WITHDRAWN) == []


def test_one_item_that_is_no_text_keeps_no_other_one_back(ticker: Ticker, station: Station) -> None:
    ticker.publish(3)
    bad = "第21号".encode()
    ticker.spoil = lambda answer: answer.replace(bad, b"\xff\xff\xff21\xff\xff\xff")
    station.round()
    titles = {article["title"] for article in station.articles().values()}
    assert {f"义乌第{number}号车间开工" for number in (20, 22)} <= titles
    assert not any("\ufffd" in title for title in titles)
    ticker.spoil = bytes
    station.round()
    assert "义乌第21号车间开工" in {article["title"] for article in station.articles().values()}
