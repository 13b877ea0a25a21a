"""When a source is due again: by day and by night, fast and slow, after failures, challenges and restarts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records import CrawlPolicy, PollResult, PollStatus, Source
from monitor.model import Health, SourceState
from monitor.pacing import after_restart, bounds, interval, next_poll, pace

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in Beijing
NIGHT = NOW + timedelta(hours=12)
SOURCE = Source(slug="yiwu-news", name="义乌要闻", engine="html_list")
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
POLICY = CrawlPolicy(every=30 * MINUTE, off_hours_every=4 * HOUR)
NAMED = replace(POLICY, interval=(2 * MINUTE, 6 * HOUR))


def source(every: timedelta | None = None, **more: Any) -> Source:
    return replace(SOURCE, every=every, **more)


def result(status: PollStatus = PollStatus.OK, *, known: int = 20, listed: int = 20, **more: Any) -> PollResult:
    return PollResult(source="yiwu-news", status=status, known=known, listed=listed, started_at=NOW, **more)


def state(health: Health = Health.OK, **more: Any) -> SourceState:
    return SourceState(slug="yiwu-news", state=health, listed=20, last_ok_at=NOW, **more)


FAILED = result(PollStatus.FAILED, listed=0, error="yiwu-news: answers 500")
BLOCKED = result(PollStatus.BLOCKED, listed=0, error="a shield")


@pytest.mark.parametrize(
    ("of", "policy", "at", "expected"),
    [
        pytest.param(SOURCE, POLICY, NOW, 30 * MINUTE, id="by day"),
        pytest.param(SOURCE, POLICY, NIGHT, 4 * HOUR, id="by night"),
        pytest.param(source(2 * SECOND), POLICY, NIGHT, 2 * SECOND, id="its own, round the clock"),
        pytest.param(source(HOUR, off_hours_every=5 * HOUR), POLICY, NOW, HOUR, id="its own by day"),
        pytest.param(source(HOUR, off_hours_every=5 * HOUR), POLICY, NIGHT, 5 * HOUR, id="its own by night"),
        pytest.param(source(off_hours_every=5 * HOUR), POLICY, NIGHT, 5 * HOUR, id="its own by night only"),
        pytest.param(source(off_hours_every=5 * HOUR), POLICY, NOW, 30 * MINUTE, id="and the policy's by day"),
        pytest.param(SOURCE, replace(POLICY, interval=(HOUR, 2 * HOUR)), NOW, HOUR, id="the policy's least"),
        pytest.param(SOURCE, replace(POLICY, interval=(HOUR, 2 * HOUR)), NIGHT, 2 * HOUR, id="the policy's most"),
        pytest.param(source(interval=(HOUR, 2 * HOUR)), POLICY, NOW, HOUR, id="its own least"),
        pytest.param(source(9 * HOUR, interval=(HOUR, 2 * HOUR)), POLICY, NOW, 2 * HOUR, id="its own most"),
        pytest.param(source(24 * HOUR), NAMED, NOW, 24 * HOUR, id="a daily one under a policy of six hours"),
        pytest.param(source(2 * SECOND), NAMED, NOW, 2 * SECOND, id="a brisk one under a policy of two minutes"),
    ],
)
def test_the_interval_is_the_one_that_is_configured(
    of: Source, policy: CrawlPolicy, at: datetime, expected: timedelta
) -> None:
    assert interval(of, policy=policy, now=at) == expected
    least, most = bounds(of, policy=policy, now=at)
    assert least <= expected <= most


@pytest.mark.parametrize(
    ("of", "policy", "expected"),
    [
        pytest.param(SOURCE, POLICY, (7.5 * MINUTE, 2 * HOUR), id="four times either way"),
        pytest.param(source(HOUR), POLICY, (15 * MINUTE, 4 * HOUR), id="of its own interval as well"),
        pytest.param(source(4 * MINUTE), POLICY, (2 * MINUTE, 16 * MINUTE), id="not under two minutes"),
        pytest.param(source(3 * HOUR), POLICY, (45 * MINUTE, 6 * HOUR), id="not over six hours"),
        pytest.param(source(2 * SECOND), POLICY, (2 * SECOND, 8 * SECOND), id="unless it is under them already"),
        pytest.param(source(24 * HOUR), POLICY, (6 * HOUR, 24 * HOUR), id="or over them"),
        pytest.param(SOURCE, NAMED, (2 * MINUTE, 6 * HOUR), id="the policy's, where they were written down"),
        pytest.param(source(HOUR), NAMED, (15 * MINUTE, 4 * HOUR), id="but no farther from its own interval"),
        pytest.param(source(24 * HOUR), NAMED, (6 * HOUR, 24 * HOUR), id="which may lie outside of them"),
        pytest.param(source(HOUR, interval=(MINUTE, 9 * HOUR)), NAMED, (MINUTE, 9 * HOUR), id="its own before all"),
    ],
)
def test_the_pace_is_bounded(of: Source, policy: CrawlPolicy, expected: tuple[timedelta, timedelta]) -> None:
    assert bounds(of, policy=policy, now=NOW) == expected


@pytest.mark.parametrize(
    ("before", "polled", "expected"),
    [
        pytest.param(state(), result(known=20), 1.25, id="all known"),
        pytest.param(state(), result(known=19, listed=20), 1.0, id="one new"),
        pytest.param(state(), result(known=2, listed=3), 1.0, id="one new of three"),
        pytest.param(state(), result(known=0, listed=1), 0.5, id="a list of one, and that is new"),
        pytest.param(state(), result(known=18, listed=20), 0.75, id="two new"),
        pytest.param(state(), result(known=7, listed=20), 0.75, id="most are new"),
        pytest.param(state(), result(known=6, listed=20), 0.5, id="a little less than that"),
        pytest.param(state(pace=2.0), result(known=0), 1.0, id="all new"),
        pytest.param(state(), result(PollStatus.UNCHANGED, known=0, listed=0), 1.25, id="the same bytes as before"),
        pytest.param(state(pace=2.0), result(known=0, listed=0), 2.0, id="a listing without rows"),
        pytest.param(state(pace=2.0), FAILED, 2.0, id="a listing that was not read"),
        pytest.param(state(pace=2.0), BLOCKED, 2.0, id="a challenge"),
        pytest.param(state(pace=2.0), result(listing=False), 2.0, id="a visit without a listing"),
        pytest.param(replace(state(), last_ok_at=None), result(known=0), 1.0, id="the first poll of all"),
        pytest.param(state(pace=3.9), result(), 4.0, id="no longer than the bounds"),
        pytest.param(state(pace=0.26), result(known=0), 0.25, id="no shorter than the bounds"),
        pytest.param(state(pace=9.0), result(), 9.0, id="what other bounds have allowed stays"),
    ],
)
def test_a_poll_sets_the_pace(before: SourceState, polled: PollResult, expected: float) -> None:
    assert pace(SOURCE, before, polled, policy=POLICY, now=NOW) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("of", "slowest"),
    [
        pytest.param(source(2 * SECOND), 8 * SECOND, id="2 s"),
        pytest.param(source(HOUR), 4 * HOUR, id="60 min"),
        pytest.param(source(24 * HOUR), 24 * HOUR, id="a day"),
    ],
)
def test_a_silent_source_drifts_so_far_and_no_farther(of: Source, slowest: timedelta) -> None:
    known = state()
    for _ in range(100):
        known = replace(known, pace=pace(of, known, result(), policy=NAMED, now=NOW))
    due = next_poll(of, known, result(), policy=NAMED, jitter=0, now=NOW)
    assert due - NOW == pytest.approx(slowest, abs=timedelta(milliseconds=1))


@given(pages=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=60), night=st.booleans())
def test_no_history_leads_the_wait_out_of_its_bounds(pages: list[tuple[int, int]], night: bool) -> None:
    at, known = NIGHT if night else NOW, state()
    for known_rows, rows in pages:
        polled = result(known=min(known_rows, rows), listed=rows)
        known = replace(known, pace=pace(SOURCE, known, polled, policy=POLICY, now=at))
    least, most = bounds(SOURCE, policy=POLICY, now=at)
    assert least <= next_poll(SOURCE, known, result(), policy=POLICY, jitter=0, now=at) - at <= most


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        pytest.param(1, 30 * MINUTE, id="one"),
        pytest.param(2, HOUR, id="two"),
        pytest.param(3, 2 * HOUR, id="three"),
        pytest.param(6, 16 * HOUR, id="six"),
        pytest.param(99, 24 * HOUR, id="the ceiling"),
        pytest.param(10_000, 24 * HOUR, id="and no end"),
    ],
)
def test_failures_double_the_wait_from_the_interval_on(failures: int, expected: timedelta) -> None:
    tired = state(failures=failures, pace=3.0)
    assert next_poll(SOURCE, tired, FAILED, policy=NAMED, jitter=0, now=NOW) == NOW + expected


@pytest.mark.parametrize(
    ("health", "failures", "polled", "expected"),
    [
        pytest.param(Health.BLOCKED, 1, BLOCKED, 4 * HOUR, id="once"),
        pytest.param(Health.BLOCKED, 2, BLOCKED, 4 * HOUR, id="twice"),
        pytest.param(Health.BLOCKED, 3, BLOCKED, 8 * HOUR, id="three times"),
        pytest.param(Health.BLOCKED, 50, BLOCKED, 24 * HOUR, id="the ceiling"),
        pytest.param(Health.BLOCKED, 0, result(), 4 * HOUR, id="its articles only"),
        pytest.param(Health.BLOCKED, 3, FAILED, 8 * HOUR, id="a failure while it is blocked"),
    ],
)
def test_a_challenge_is_left_alone_for_hours(
    health: Health, failures: int, polled: PollResult, expected: timedelta
) -> None:
    shut = state(health, failures=failures)
    assert next_poll(SOURCE, shut, polled, policy=POLICY, jitter=0, now=NOW) == NOW + expected


def test_a_challenge_that_seems_over_is_looked_after_at_the_usual_pace() -> None:
    back = state(Health.BLOCKED, good_polls=1)
    assert next_poll(SOURCE, back, result(), policy=POLICY, jitter=0, now=NOW) == NOW + 30 * MINUTE


def test_a_sources_own_ceiling_counts_for_failures_and_not_for_challenges() -> None:
    impatient = source(interval=(MINUTE, HOUR))
    assert next_poll(impatient, state(failures=9), FAILED, policy=POLICY, jitter=0, now=NOW) == NOW + HOUR
    shut = state(Health.BLOCKED, failures=1)
    assert next_poll(impatient, shut, BLOCKED, policy=POLICY, jitter=0, now=NOW) == NOW + 4 * HOUR


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(2 * HOUR, 2 * HOUR, id="longer than our wait"),
        pytest.param(SECOND, 30 * MINUTE, id="shorter"),
        pytest.param(timedelta(days=400), 24 * HOUR, id="a day at most"),
    ],
)
@pytest.mark.parametrize("status", [PollStatus.FAILED, PollStatus.OK])
def test_retry_after_is_kept(asked: timedelta, expected: timedelta, status: PollStatus) -> None:
    polled = result(status, retry_after=asked)
    failures = 1 if status is PollStatus.FAILED else 0
    assert next_poll(SOURCE, state(failures=failures), polled, policy=POLICY, jitter=0, now=NOW) == NOW + expected


def test_chance_takes_nothing_from_retry_after() -> None:
    polled = result(retry_after=HOUR)
    assert next_poll(SOURCE, state(), polled, policy=POLICY, jitter=-1, now=NOW) == NOW + HOUR


@given(jitter=st.floats(-1, 1), failures=st.integers(0, 10_000))
def test_the_next_poll_is_always_ahead_and_within_a_day(jitter: float, failures: int) -> None:
    due = next_poll(SOURCE, state(failures=failures), result(), policy=POLICY, jitter=jitter, now=NOW)
    assert POLICY.every * 0.89 <= due - NOW <= 24 * HOUR * 1.11


@pytest.mark.parametrize(
    ("at", "jitter", "due"),
    [
        pytest.param("22:00", 0, "02:00", id="in the night"),
        pytest.param("06:00", -1, "08:00", id="the first of the morning"),
        pytest.param("06:00", 0, "08:15", id="its middle"),
        pytest.param("06:00", 1, "08:30", id="the last of the morning"),
        pytest.param("07:55", -1, "08:25", id="not sooner than by day"),
        pytest.param("10:00", 0, "10:30", id="by day"),
        pytest.param("19:50", 0, "20:20", id="in the evening"),
    ],
)
def test_a_wait_that_began_at_night_ends_in_the_first_interval_of_the_day(at: str, jitter: float, due: str) -> None:
    began = datetime.fromisoformat(f"2026-03-02T{at}:00+08:00")
    ends = next_poll(SOURCE, state(), result(), policy=POLICY, jitter=jitter, now=began)
    assert ends.astimezone(began.tzinfo).strftime("%H:%M") == due


def test_after_a_restart_what_is_overdue_is_spread_and_kept_from_nobody_for_long() -> None:
    sources = [source(30 * MINUTE, slug=f"news-{number}") for number in range(300)]
    due = sorted(after_restart(one, policy=POLICY, now=NOW) for one in sources)
    assert NOW <= due[0] < due[-1] < NOW + 5 * MINUTE
    # No minute has more than twice its share.
    assert all(sum(start <= at < start + MINUTE for at in due) <= 120 for start in (NOW + n * MINUTE for n in range(5)))
    assert after_restart(source(2 * SECOND), policy=POLICY, now=NOW) < NOW + SECOND
