"""The gate: who shares a turn, how long a host rests, and that a turn always ends."""

import asyncio
import itertools
import random
import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.politeness import HostGate

GAP = timedelta(milliseconds=40)
GROUPS = {"zj.gov.cn": ("*.zj.gov.cn",), "sina": ("*.sina.com.cn", "*.sina.cn")}


def gate(*, gap: timedelta = GAP, jitter: float = 0.0) -> HostGate:
    return HostGate(gap=gap, groups=GROUPS, jitter=jitter)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        pytest.param("https://fzggw.zj.gov.cn/x", "zj.gov.cn", id="a host of a group"),
        pytest.param("https://www.zj.gov.cn:443/x", "zj.gov.cn", id="the group's port is no matter"),
        pytest.param("https://zj.gov.cn/x", "zj.gov.cn", id="the group's own name"),
        pytest.param("https://kj.ZJ.gov.cn/x", "zj.gov.cn", id="capital letters"),
        pytest.param("https://notzj.gov.cn/x", "notzj.gov.cn", id="a name that only ends alike"),
        pytest.param("https://finance.sina.cn/x", "sina", id="a group of several patterns"),
        pytest.param("http://example.org/x", "example.org", id="a host of its own"),
        pytest.param("http://example.org:80/x", "example.org", id="the scheme's port"),
        pytest.param("http://127.0.0.1:8001/x", "127.0.0.1:8001", id="another port is another host"),
    ],
)
def test_hosts_queue_under_their_group(url: str, key: str) -> None:
    assert gate().key(url) == key


async def _requests(host_gate: HostGate, urls: list[str], *, gap: timedelta | None = None) -> list[tuple[float, float]]:
    turns: list[tuple[float, float]] = []

    async def request(url: str) -> None:
        async with host_gate.turn(url, gap):
            start = time.monotonic()
            await asyncio.sleep(0)
            turns.append((start, time.monotonic()))

    await asyncio.gather(*(request(url) for url in urls))
    return turns


def _rests(turns: list[tuple[float, float]]) -> list[float]:
    return [later[0] - earlier[1] for earlier, later in itertools.pairwise(turns)]


def test_a_host_rests_between_the_end_of_one_request_and_the_start_of_the_next() -> None:
    turns = asyncio.run(_requests(gate(), ["http://a.example/1", "http://a.example/2", "http://a.example/3"]))
    assert len(turns) == 3
    assert all(rest >= GAP.total_seconds() for rest in _rests(turns))


def test_two_hosts_of_a_group_share_the_rest() -> None:
    turns = asyncio.run(_requests(gate(), ["http://a.zj.gov.cn/", "http://b.zj.gov.cn/"]))
    assert _rests(turns)[0] >= GAP.total_seconds()


def test_two_hosts_do_not_wait_for_each_other() -> None:
    async def both() -> None:
        host_gate = gate(gap=timedelta(hours=1))
        async with asyncio.timeout(5), host_gate.turn("http://a.example/"), host_gate.turn("http://b.example/"):
            pass

    asyncio.run(both())


def test_a_source_may_say_its_own_gap() -> None:
    host_gate = gate(gap=timedelta(hours=1))
    turns = asyncio.run(_requests(host_gate, ["http://a.example/", "http://a.example/"], gap=timedelta(0)))
    assert len(turns) == 2


def test_a_crawl_delay_counts_where_it_is_longer_than_the_gap() -> None:
    host_gate = gate(gap=timedelta(0))
    host_gate.slow_down("http://a.example/", GAP)
    turns = asyncio.run(_requests(host_gate, ["http://a.example/", "http://a.example/"]))
    assert _rests(turns)[0] >= GAP.total_seconds()


@pytest.mark.parametrize(("drawn", "expected"), [(0.0, 3.0), (0.25, 3.75), (0.5, 4.5)])
def test_the_rest_is_the_gap_and_up_to_half_of_it_more(drawn: float, expected: float) -> None:
    bounds: list[tuple[float, float]] = []
    # The end of the first request; a look that finds 1 ms missing; one after it; the end of the second request.
    times = iter([0.0, expected - 0.001, expected, expected])

    def draw(low: float, high: float) -> float:
        bounds.append((low, high))
        return drawn

    host_gate = HostGate(gap=timedelta(seconds=3), groups={}, jitter=0.5, clock=times.__next__, uniform=draw)

    async def two() -> None:
        async with host_gate.turn("http://a.example/"):
            pass
        async with host_gate.turn("http://a.example/"):
            pass

    asyncio.run(two())
    assert bounds == [(0.0, 0.5)]
    assert list(times) == []


class Virtual:
    """A clock on which sleeping takes no time, and every rest is written down."""

    def __init__(self) -> None:
        self.at = 1000.0
        self.rests: list[float] = []

    def __call__(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.at += seconds


@given(
    waits=st.lists(st.floats(0, 10), min_size=2, max_size=20),
    gap=st.floats(0, 5),
    delay=st.floats(0, 5),
    jitter=st.floats(0, 1),
)
def test_no_gap_is_ever_undercut(waits: list[float], gap: float, delay: float, jitter: float) -> None:
    clock = Virtual()
    host_gate = HostGate(
        gap=timedelta(seconds=gap), groups=GROUPS, jitter=jitter, clock=clock, sleep=clock.sleep, uniform=random.uniform
    )
    host_gate.slow_down("http://a.zj.gov.cn/", timedelta(seconds=delay))
    turns: list[tuple[float, float]] = []

    async def scenario() -> None:
        for number, wait in enumerate(waits):
            async with host_gate.turn(f"http://{'ab'[number % 2]}.zj.gov.cn/"):
                start = clock.at
                clock.at += wait
                turns.append((start, clock.at))

    asyncio.run(scenario())
    least = max(round(gap, 6), round(delay, 6))  # a timedelta has microseconds
    assert all(rest >= least - 1e-9 for rest in _rests(turns))
    assert all(rest <= least * (1 + jitter) + 1e-5 for rest in clock.rests)


def test_who_has_nothing_to_ask_any_more_costs_the_next_no_rest() -> None:
    """A host that turned out to be down: everybody who waits for it goes away at once."""
    clock = Virtual()
    host_gate = HostGate(gap=timedelta(hours=1), groups={}, jitter=0, clock=clock, sleep=clock.sleep)

    def down() -> None:
        raise ConnectionError

    async def scenario() -> None:
        async with host_gate.turn("http://a.example/"):
            pass
        for _ in range(21):
            with pytest.raises(ConnectionError):
                async with host_gate.turn("http://a.example/", ask=down):
                    raise AssertionError("the turn was used")
        assert clock.rests == []
        async with host_gate.turn("http://a.example/"):
            pass
        assert clock.rests == [3600]

    asyncio.run(scenario())


def test_a_turn_ends_when_its_request_fails() -> None:
    async def scenario() -> None:
        host_gate = gate(gap=timedelta(0))
        with pytest.raises(OSError, match="broken"):
            async with host_gate.turn("http://a.example/"):
                raise OSError("broken")
        async with asyncio.timeout(5), host_gate.turn("http://a.example/"):
            pass

    asyncio.run(scenario())


def test_a_turn_ends_when_its_request_is_cancelled_waiting_or_running() -> None:
    async def hold(host_gate: HostGate, held: asyncio.Event) -> None:
        async with host_gate.turn("http://a.example/"):
            held.set()
            await asyncio.Event().wait()

    async def scenario() -> None:
        host_gate, held = gate(gap=timedelta(0)), asyncio.Event()
        running = asyncio.create_task(hold(host_gate, held))
        await held.wait()
        waiting = asyncio.create_task(hold(host_gate, held))
        await asyncio.sleep(0)
        waiting.cancel()
        running.cancel()
        await asyncio.gather(waiting, running, return_exceptions=True)
        async with asyncio.timeout(5), host_gate.turn("http://a.example/"):
            pass

    asyncio.run(scenario())


def test_hosts_at_rest_are_forgotten_and_hosts_in_use_are_not() -> None:
    now = [0.0]
    host_gate = HostGate(gap=timedelta(0), groups={}, jitter=0.0, clock=lambda: now[0])

    async def scenario() -> None:
        async with host_gate.turn("http://held.example/"):
            for number in range(5000):
                async with host_gate.turn(f"http://h{number}.example/"):
                    now[0] += 1.0

    asyncio.run(scenario())
    assert len(host_gate._hosts) < 5000
    assert "held.example" in host_gate._hosts
