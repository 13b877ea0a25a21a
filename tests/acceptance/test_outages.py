"""A host that is down, silent or busy, with many sources on it: what it is asked, and what everybody is told."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from aiohttp import web

from crawler.hub import Hub
from crawler.records import Answer, CrawlPolicy, Fetch, PollJob, PollStatus, Source, Trouble, Unreachable
from monitor.demo.sites.configuration import channels_yaml, watches_yaml, write_folder
from monitor.model import Health
from tests.hub import QUICK, capture, closed_port, hanging_up, silent, trouble, truncated
from tests.loop import HubLoop
from tests.site import Site
from tests.station import Station
from tests.visits import Book, feed, polled, rss

HOUR = timedelta(hours=1)
#: As many columns as stood on the host that ate another project's nights.
SOURCES = tuple(Source(slug=f"news-{number}", name="示例", engine="feed", every=HOUR) for number in range(22))
GAP = timedelta(hours=1)


@dataclass
class Clock:
    """Everything of ours goes by it; sleeping takes no time."""

    at: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


@dataclass
class Desk:
    """A hub on a clock of its own; whoever waits for a turn waits an hour of it."""

    loop: HubLoop
    clock: Clock
    hub: Hub

    def round(self, url: str) -> list[Answer]:
        """All sources ask at once, each for a page of its own."""
        return self.loop.run(self._round(url))

    async def _round(self, url: str) -> list[Answer]:
        asked = (self.hub.fetch(Fetch(url=f"{url}{source.slug}"), source) for source in SOURCES)
        return await asyncio.gather(*asked)

    def get(self, url: str) -> Answer:
        return self.loop.run(self.hub.fetch(Fetch(url=url), SOURCES[0]))


@contextlib.contextmanager
def opened(loop: HubLoop, **settings: object) -> Iterator[Desk]:
    clock = Clock()
    policy = CrawlPolicy(gap=GAP, allow_private=("127.0.0.0/8",), host_groups={})
    merged = {**QUICK, "RETRY_TIMES": 1, **settings}
    hub = Hub(policy, settings=merged, now=clock, clock=clock.monotonic, sleep=clock.sleep)
    loop.run(hub.start())
    try:
        yield Desk(loop, clock, hub)
    finally:
        loop.run(hub.stop())


@pytest.fixture
def desk(hub_loop: HubLoop) -> Iterator[Desk]:
    with opened(hub_loop) as desk:
        yield desk


@dataclass
class Slammed:
    """A port that takes connections, counts them, and shuts them before a byte of TLS is spoken."""

    loop: HubLoop
    accepted: int = 0
    silent: bool = False

    def __enter__(self) -> "Slammed":
        self._server = self.loop.run(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()
        self.loop.run(self._server.wait_closed())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self.silent:
            await reader.read()  # the client's patience ends it
        writer.close()


def troubles(answers: list[Answer]) -> list[Trouble]:
    return sorted(answer.trouble if isinstance(answer, Unreachable) else Trouble.OTHER for answer in answers)


def outages(answers: list[Answer]) -> set[str]:
    return {answer.outage for answer in answers if isinstance(answer, Unreachable)}


def test_twenty_two_sources_of_a_dead_host_make_one_attempt_a_round(hub_loop: HubLoop, desk: Desk) -> None:
    """robots.txt included, and no retry. https, since a closed port could not count."""
    with Slammed(hub_loop) as host:
        first = desk.round(host.url)
        assert host.accepted == 1
        assert desk.round(host.url)
        assert host.accepted == 1
        desk.clock.at += HOUR
        second = desk.round(host.url)
        assert host.accepted == 2
        desk.clock.at += HOUR  # by now the hold is twice as long
        desk.round(host.url)
        assert host.accepted == 2
    assert troubles(first) == troubles(second) == [Trouble.DOWN] * 21 + [Trouble.OTHER]
    assert len(outages([*first, *second])) == 1
    assert desk.clock.slept == []


def test_a_closed_port_refuses_one_and_the_others_are_told_why(desk: Desk) -> None:
    answers = desk.round(f"http://127.0.0.1:{closed_port()}/")
    assert troubles(answers) == [Trouble.DOWN] * 21 + [Trouble.REFUSED]
    for answer in answers:
        _, detail = trouble(answer)
        assert "refuses the connection; the server is down, or it is the wrong port" in detail
        assert isinstance(answer, Unreachable)
        assert answer.retry_after == 0.9 * HOUR
    _, detail = trouble(next(a for a in answers if isinstance(a, Unreachable) and a.trouble is Trouble.DOWN))
    assert "tried once since 03-02 10:00:00, again at 03-02 10:54:00" in detail


def test_a_name_that_cannot_be_resolved_is_looked_up_once(desk: Desk) -> None:
    answers = desk.round("http://no-such-host.invalid/")
    assert troubles(answers) == [Trouble.DNS] + [Trouble.DOWN] * 21


def test_a_host_that_is_back_is_asked_by_all_again(hub_loop: HubLoop, desk: Desk) -> None:
    port = closed_port()
    desk.round(f"http://127.0.0.1:{port}/")
    site = Site(hub_loop, port=port)
    try:
        assert trouble(desk.get(site.url("/early")))[0] is Trouble.DOWN
        assert site.paths() == []
        desk.clock.at += HOUR
        assert all(capture(answer).status == 404 for answer in desk.round(site.url("/")))
        assert len(site.hits) == 23
    finally:
        site.close()


def test_a_handshake_that_never_ends_is_given_up_before_the_time_for_an_answer(hub_loop: HubLoop) -> None:
    with opened(hub_loop, CONNECT_TIMEOUT=0.3, DOWNLOAD_TIMEOUT=60) as desk, Slammed(hub_loop, silent=True) as host:
        answers = desk.round(host.url)
        assert host.accepted == 1
    assert troubles(answers) == [Trouble.DOWN] * 21 + [Trouble.TIMEOUT]
    assert all("no connection within 0.3 s" in trouble(answer)[1] for answer in answers)


def test_a_host_that_stays_silent_costs_three_time_outs_and_not_forty(hub_loop: HubLoop, site: Site) -> None:
    site.handle("/robots.txt", silent)
    with opened(hub_loop, DOWNLOAD_TIMEOUT=0.3) as desk:
        answers = desk.round(site.url("/"))
    assert site.paths() == ["/robots.txt"] * 3
    assert troubles(answers) == [Trouble.DOWN] * 20 + [Trouble.TIMEOUT] * 2


@pytest.mark.parametrize(
    ("handler", "status"),
    [
        pytest.param(truncated, None, id="a body that is cut"),
        pytest.param(hanging_up, None, id="a server that hangs up"),
        pytest.param(None, 500, id="a server error"),
        pytest.param(None, 503, id="busy, without a word about how long"),
    ],
)
def test_a_bad_answer_is_not_a_dead_host(desk: Desk, site: Site, handler: object, status: int | None) -> None:
    if status is None:
        assert callable(handler)
        site.handle("/a", handler)
    else:
        site.answer("/a", status=status)
    site.answer("/b", "还在")
    for _ in range(3):
        desk.get(site.url("/a"))
    assert capture(desk.get(site.url("/b"))).body.decode() == "还在"


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    "said",
    [pytest.param("7200", id="seconds"), pytest.param("Mon, 02 Mar 2026 {:%H}:00:00 GMT", id="a date")],
)
def test_a_host_that_says_wait_is_left_alone_by_all(desk: Desk, site: Site, status: int, said: str) -> None:
    desk.get(site.url("/"))

    async def busy(_: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Retry-After": said.format(desk.clock.at + 2 * HOUR)})

    site.handle("/busy", busy)
    refused = capture(desk.get(site.url("/busy")))
    assert (refused.status, refused.retry_after) == (status, 2 * HOUR)
    asked = len(site.hits)
    answers = desk.round(site.url("/"))
    assert troubles(answers) == [Trouble.WAIT] * 22
    assert all(isinstance(answer, Unreachable) and answer.retry_after == 2 * HOUR for answer in answers)
    assert all(f"answers {status} and asks to be left alone" in trouble(answer)[1] for answer in answers)
    assert len(site.hits) == asked
    desk.clock.at += 2 * HOUR
    assert capture(desk.get(site.url("/"))).status == 404


def test_a_visit_whose_articles_are_told_to_wait_ends_and_says_until_when(desk: Desk, site: Site) -> None:
    """One article was asked for, of six; the schedule, too, waits as long as the host says."""
    source = feed(site)
    paths = [f"/{number}.html" for number in range(6)]
    site.answer("/rss.xml", rss(*map(site.url, paths)))
    for path in paths:
        site.answer(path, status=429, retry_after="7200")
    result = polled(desk.loop, desk.hub, PollJob(source=source), Book())
    assert (result.status, result.gave_up, result.retry_after) == (PollStatus.FAILED, True, 2 * HOUR)
    assert len(site.hits) == 3


def test_the_operator_hears_once_of_a_host_that_takes_twenty_two_sources_with_it(
    hub_loop: HubLoop, open_station: Callable[[Path], Station], tmp_path: Path
) -> None:
    with Slammed(hub_loop) as host:
        entries = [
            {"slug": s.slug, "name": f"栏目{s.slug}", "engine": "feed", "url": host.url + s.slug} for s in SOURCES
        ]
        text = yaml.safe_dump({"sources": entries}, allow_unicode=True)
        station = open_station(
            write_folder(
                tmp_path,
                sources=text,
                channels=channels_yaml({"desk": "json://127.0.0.1:9/nobody"}),
                watches=watches_yaml(),
                operator=["desk"],
            )
        )
        for number in range(1, 4):
            results = station.round()
            assert len(results) == 22
            assert host.accepted == number
    assert {known.state for known in station.health().values()} == {Health.BROKEN}
    (title,) = station.told()
    assert title.endswith("等 22 个信源：读取失败")
