"""When articles and entries are looked at again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import RecheckPlan
from monitor.recheck import LONGEST_WAIT, MOST_GONE, MOST_TRIES, confirmation, next_check, next_try

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
PLAN = RecheckPlan(
    first=timedelta(minutes=30),
    factor=2,
    until=timedelta(days=30),
    confirm=3,
    confirm_every=timedelta(minutes=10),
)


def test_looks_become_rarer_and_end_with_the_plan() -> None:
    at, waits = NOW, []
    for checks in range(100):
        due = next_check(plan=PLAN, since=NOW, checks=checks, now=at)
        if due is None:
            break
        waits.append(due - at)
        at = due
    assert waits[:4] == [timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2), timedelta(hours=4)]
    assert waits == sorted(waits)
    assert at <= NOW + PLAN.until
    assert len(waits) == 10


def test_a_plan_of_equal_steps_ends_as_well() -> None:
    plan = RecheckPlan(first=timedelta(hours=1), factor=1, until=timedelta(hours=3))
    due = [next_check(plan=plan, since=NOW, checks=n, now=NOW + timedelta(hours=n)) for n in range(4)]
    assert due == [NOW + timedelta(hours=1), NOW + timedelta(hours=2), NOW + timedelta(hours=3), None]


def test_a_missing_article_is_looked_at_again_soon() -> None:
    assert confirmation(plan=PLAN, now=NOW) == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("tries", "gone", "seen", "expected"),
    [
        pytest.param(1, False, timedelta(0), timedelta(minutes=10), id="first failure"),
        pytest.param(3, False, timedelta(hours=1), timedelta(minutes=40), id="third failure"),
        pytest.param(12, False, timedelta(days=2), LONGEST_WAIT, id="never rarer than every six hours"),
        pytest.param(MOST_TRIES, False, timedelta(days=6), None, id="given up after many tries"),
        pytest.param(5, False, timedelta(days=30), None, id="given up after a month"),
        pytest.param(1, True, timedelta(0), timedelta(minutes=10), id="not there, or not yet"),
        pytest.param(MOST_GONE - 1, True, timedelta(days=1), LONGEST_WAIT, id="still not there"),
        pytest.param(MOST_GONE, True, timedelta(days=2), None, id="not there for two days"),
    ],
)
def test_an_entry_without_an_article_is_tried(
    tries: int, gone: bool, seen: timedelta, expected: timedelta | None
) -> None:
    due = next_try(plan=PLAN, tries=tries, gone=gone, seen_at=NOW - seen, now=NOW)
    assert due == (None if expected is None else NOW + expected)


@given(tries=st.integers(1, 1000), more=st.integers(0, 1000))
def test_waits_never_shrink_and_stay_within_bounds(tries: int, more: int) -> None:
    one = next_try(plan=PLAN, tries=tries, gone=False, seen_at=NOW, now=NOW)
    later = next_try(plan=PLAN, tries=tries + more, gone=False, seen_at=NOW, now=NOW)
    assert later is None or (one is not None and one <= later <= NOW + LONGEST_WAIT)


@given(checks=st.integers(0, 10_000), factor=st.floats(1, 10))
def test_any_number_of_checks_gives_a_time_within_the_plan(checks: int, factor: float) -> None:
    plan = RecheckPlan(factor=factor)
    due = next_check(plan=plan, since=NOW, checks=checks, now=NOW)
    assert due is None or NOW + plan.first <= due <= NOW + plan.until
