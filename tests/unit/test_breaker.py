"""When a host is held, for how long, and for whom; on a clock that the test moves."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.breaker import Breaker, Host, HostDown, Outage, retry_after
from crawler.records import Tls

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in Beijing
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
HOST = Host.of("https://www.example.gov.cn/col/1.html", Tls())
OTHER = Host.of("https://news.example.gov.cn/", Tls())
REFUSES = "www.example.gov.cn: refuses the connection"


@dataclass
class Clock:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(now=clock)


def fail(breaker: Breaker, host: Host = HOST, *, interval: timedelta = HOUR) -> Outage:
    return breaker.failed(host, REFUSES, interval=interval)


def held(breaker: Breaker, host: Host = HOST) -> Outage | None:
    try:
        breaker.check(host)
    except HostDown as error:
        return error.outage
    return None


@pytest.mark.parametrize(
    ("url", "name"),
    [
        pytest.param("https://www.example.gov.cn/a", "www.example.gov.cn:443", id="the scheme's port"),
        pytest.param("http://www.Example.gov.cn/a", "www.example.gov.cn:80", id="http is another"),
        pytest.param("http://127.0.0.1:8001/a", "127.0.0.1:8001", id="a port of its own"),
        pytest.param("http://[::1]:8001/a", "[::1]:8001", id="six"),
    ],
)
def test_a_host_is_a_name_and_a_port(url: str, name: str) -> None:
    assert Host.of(url, Tls()).name == name


def test_a_host_that_nobody_has_asked_is_not_held(breaker: Breaker) -> None:
    assert held(breaker) is None


def test_a_failed_connection_holds_the_host_and_no_other(breaker: Breaker) -> None:
    fail(breaker)
    assert held(breaker) is not None
    assert held(breaker, OTHER) is None
    assert held(breaker, Host.of("http://www.example.gov.cn/", Tls())) is None


def test_what_strict_tls_cannot_reach_a_source_that_accepts_less_may(breaker: Breaker) -> None:
    fail(breaker)
    assert held(breaker, Host.of("https://www.example.gov.cn/", Tls(verify=False))) is None


def test_the_hold_ends_before_the_sources_next_poll(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, interval=HOUR)
    clock.at = NOW + 54 * MINUTE - SECOND
    assert held(breaker) is not None
    clock.at = NOW + 54 * MINUTE
    assert held(breaker) is None


def test_each_failure_doubles_the_hold_up_to_a_day(breaker: Breaker, clock: Clock) -> None:
    holds = []
    for _ in range(12):
        outage = fail(breaker, interval=HOUR)
        holds.append(outage.until - clock.at)
        clock.at = outage.until
    assert holds[:4] == [54 * MINUTE, 108 * MINUTE, 216 * MINUTE, 432 * MINUTE]
    assert holds[-1] == 24 * HOUR
    assert holds == sorted(holds)


@given(failures=st.integers(1, 200), seconds=st.integers(1, 30 * 86400))
def test_no_host_is_ever_given_up(failures: int, seconds: int) -> None:
    clock = Clock()
    breaker = Breaker(now=clock)
    for _ in range(failures):
        outage = fail(breaker, interval=seconds * SECOND)
        assert timedelta() < outage.until - clock.at <= 24 * HOUR
        clock.at = outage.until
    assert held(breaker) is None


def test_an_outage_keeps_its_name_until_an_answer_ends_it(breaker: Breaker, clock: Clock) -> None:
    first = fail(breaker)
    assert first.name == "www.example.gov.cn:443 2026-03-02T10:00:00+08:00"
    clock.at += 2 * HOUR
    second = fail(breaker)
    assert (second.name, second.failures) == (first.name, 2)
    breaker.answered(HOST)
    assert held(breaker) is None
    third = fail(breaker)
    assert (third.name == first.name, third.failures) == (False, 1)
    assert third.until - clock.at == 54 * MINUTE


def test_who_is_kept_from_a_host_is_told_what_happened_since_when_and_until_when(
    breaker: Breaker, clock: Clock
) -> None:
    fail(breaker)
    clock.at += HOUR
    fail(breaker)
    with pytest.raises(HostDown) as raised:
        breaker.check(HOST)
    assert str(raised.value) == (
        f"{REFUSES} (not asked this time: tried 2 times in a row since 03-02 10:00:00, again at 03-02 12:48:00)"
    )


def test_slow_pages_are_no_outage_but_three_silences_in_a_row_are(breaker: Breaker) -> None:
    for expected in (False, False, True):
        assert (breaker.timed_out(HOST, "silent", interval=HOUR) is not None) is expected
        assert (held(breaker) is not None) is expected


def test_an_answer_between_silences_shows_that_the_host_is_there(breaker: Breaker) -> None:
    for _ in range(2):
        breaker.timed_out(HOST, "silent", interval=HOUR)
    breaker.answered(HOST)
    for _ in range(2):
        breaker.timed_out(HOST, "silent", interval=HOUR)
    assert held(breaker) is None


def test_a_silent_host_that_is_tried_again_is_held_at_the_first_silence(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        outage = breaker.timed_out(HOST, "silent", interval=HOUR)
    assert outage is not None
    clock.at = outage.until
    again = breaker.timed_out(HOST, "silent", interval=HOUR)
    assert again is not None
    assert again.until - clock.at == 108 * MINUTE


@pytest.mark.parametrize(
    ("wait", "expected"),
    [
        pytest.param(2 * MINUTE, 2 * MINUTE, id="as long as it says"),
        pytest.param(timedelta(days=7), 24 * HOUR, id="a day at most"),
    ],
)
def test_a_host_that_says_wait_is_left_alone(
    breaker: Breaker, clock: Clock, wait: timedelta, expected: timedelta
) -> None:
    breaker.told_to_wait(HOST, "www.example.gov.cn:443: answers 429", wait=wait)
    outage = held(breaker)
    assert outage is not None
    assert (outage.told, outage.until) == (True, NOW + expected)
    assert str(outage).startswith("www.example.gov.cn:443: answers 429; not asked before 03-0")
    clock.at = NOW + expected
    assert held(breaker) is None


def test_to_be_told_to_wait_is_no_failed_attempt(breaker: Breaker, clock: Clock) -> None:
    told = breaker.told_to_wait(HOST, "answers 429", wait=MINUTE)
    clock.at = told.until
    down = fail(breaker)
    assert (down.failures, down.told, down.since) == (1, False, clock.at)


def test_hosts_that_left_long_ago_are_forgotten_and_those_that_are_held_are_not(breaker: Breaker, clock: Clock) -> None:
    for number in range(5000):
        fail(breaker, Host.of(f"http://h{number}.example/", Tls()))
    clock.at += timedelta(days=30)
    last = Host.of("http://last.example/", Tls())
    fail(breaker, last)
    assert held(breaker, last) is not None
    assert len(breaker._records) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("120", timedelta(minutes=2), id="seconds"),
        pytest.param("Mon, 02 Mar 2026 02:05:00 GMT", timedelta(minutes=5), id="a date"),
        pytest.param("Mon, 02 Mar 2026 10:05:00 +0800", timedelta(minutes=5), id="a date elsewhere"),
        pytest.param("Mon, 02 Mar 2026 01:00:00 GMT", timedelta(0), id="a date that is past"),
        pytest.param("99999999999999999999", timedelta(days=7), id="for ever"),
        pytest.param("soon", None, id="words"),
        pytest.param("-5", None, id="a negative number"),
        pytest.param("", None, id="nothing"),
        pytest.param(None, None, id="no header"),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str | None, expected: timedelta | None) -> None:
    assert retry_after(value, NOW) == expected
