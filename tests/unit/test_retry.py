"""When deliveries are tried again, and when a channel may speak."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.pace import LONGEST_REST, TOLERATED, Pace, quiet_until
from monitor.alerts.retry import RetryPlan, next_attempt
from monitor.model import Quiet, Retryable, Unknown

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 10:00 in Beijing
PLAN = RetryPlan()
FAILURE = Retryable(why="451 try later")
UNIT = st.floats(min_value=0, max_value=1)


def wait(attempts: int, *, jitter: float = 0.0, failure: Retryable | Unknown = FAILURE) -> timedelta:
    moment = next_attempt(attempts, failure, NOW, jitter=jitter, plan=PLAN)
    assert moment is not None
    return moment - NOW


@given(st.integers(min_value=1, max_value=PLAN.attempts - 2), UNIT, UNIT)
def test_waits_never_shrink_and_stay_within_bounds(attempts: int, one: float, other: float) -> None:
    first, second = wait(attempts, jitter=one), wait(attempts + 1, jitter=other)
    assert PLAN.first <= first <= second <= PLAN.longest


def test_the_first_wait_is_the_plans() -> None:
    assert wait(1) == PLAN.first


def test_it_gives_up_after_about_three_days() -> None:
    patience = sum((wait(attempts) for attempts in range(1, PLAN.attempts)), timedelta())
    assert timedelta(days=2, hours=12) < patience < timedelta(days=4)
    assert next_attempt(PLAN.attempts, FAILURE, NOW, jitter=0, plan=PLAN) is None
    assert next_attempt(PLAN.attempts + 5, FAILURE, NOW, jitter=0, plan=PLAN) is None


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(timedelta(minutes=10), timedelta(minutes=10), id="longer than ours is honoured"),
        pytest.param(timedelta(seconds=1), PLAN.first, id="shorter than ours is not"),
        pytest.param(timedelta(days=300), timedelta(days=1), id="beyond reason is a day"),
    ],
)
def test_what_the_receiver_asks_for(asked: timedelta, expected: timedelta) -> None:
    assert wait(1, failure=Retryable(why="429", retry_after=asked)) == expected


def test_an_unknown_result_is_tried_again_like_a_failure() -> None:
    assert wait(3, failure=Unknown(why="time-out")) == wait(3)


@pytest.mark.parametrize(
    ("quiet", "moment", "until"),
    [
        pytest.param("22:00-07:00", "2026-11-20 21:59", None, id="before the night"),
        pytest.param("22:00-07:00", "2026-11-20 22:00", "2026-11-21 07:00", id="the night begins"),
        pytest.param("22:00-07:00", "2026-11-21 03:00", "2026-11-21 07:00", id="after midnight"),
        pytest.param("22:00-07:00", "2026-11-21 07:00", None, id="the night is over"),
        pytest.param("12:00-13:30", "2026-11-20 12:15", "2026-11-20 13:30", id="inside one day"),
        pytest.param("12:00-13:30", "2026-11-20 11:59", None, id="not yet"),
        pytest.param("20:00-24:00", "2026-11-20 23:00", "2026-11-21 00:00", id="until midnight"),
    ],
)
def test_quiet_hours_are_beijings(quiet: str, moment: str, until: str | None) -> None:
    start, end = ((int(clock[:2]) * 60 + int(clock[3:])) for clock in quiet.split("-"))
    found = quiet_until(Quiet(start=start, end=end), beijing(moment))
    assert found == (None if until is None else beijing(until))


def test_without_quiet_hours_nothing_waits() -> None:
    assert quiet_until(None, NOW) is None


@pytest.mark.parametrize(
    ("rate", "burst", "second"),
    [
        pytest.param(20.0, 20, 60.0, id="20 a minute"),
        pytest.param(60.0, 1, 1.0, id="one a second"),
        pytest.param(0.5, 1, 120.0, id="30 an hour"),
        pytest.param(100.0, 1, 0.6, id="100 a minute are spread"),
    ],
)
def test_a_rate_is_kept_in_every_window(rate: float, burst: int, second: float) -> None:
    pace = Pace(rate)
    for _ in range(burst):
        assert pace.wait(100.0) == 0
        pace.take()
        pace.spoke(100.0)
    assert pace.wait(100.0) == pytest.approx(second)
    assert pace.wait(100.0 + second) == 0


def test_without_a_rate_a_channel_never_waits() -> None:
    pace = Pace(None)
    for _ in range(1000):
        pace.take()
        pace.spoke(5.0)
    assert pace.wait(5.0) == 0


def test_a_channel_that_keeps_failing_rests_ever_longer() -> None:
    pace = Pace(None)
    rests = []
    for _ in range(TOLERATED + 10):
        pace.failed(50.0, None)
        rests.append(pace.rest(50.0))
    assert rests[:TOLERATED] == [0.0] * TOLERATED
    assert rests == sorted(rests)
    assert rests[-1] == LONGEST_REST
    pace.worked()
    assert pace.rest(50.0) == 0


def test_a_receivers_wish_to_be_left_alone_holds_for_the_whole_channel() -> None:
    pace = Pace(None)
    pace.failed(50.0, timedelta(seconds=30))
    assert pace.rest(60.0) == 20.0
    assert pace.rest(80.0) == 0.0


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)
