"""When a source is due again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records import INTERVAL, CrawlPolicy, PollResult, PollStatus, Source
from monitor.model import Health, SourceState
from monitor.pacing import interval, next_poll

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in Beijing
SOURCE = Source(slug="yiwu-news", name="义乌要闻", engine="html_list")


def result(status: PollStatus = PollStatus.OK, *, listed: int = 20, **more: Any) -> PollResult:
    return PollResult(source="yiwu-news", status=status, listed=listed, started_at=NOW, **more)


def state(health: Health = Health.OK, **more: Any) -> SourceState:
    return SourceState(slug="yiwu-news", state=health, listed=20, last_ok_at=NOW, **more)


FAILED = result(PollStatus.FAILED, listed=0, error="yiwu-news: answers 500")
POLICY = CrawlPolicy(every=timedelta(minutes=30), off_hours_every=timedelta(hours=4))
NIGHT = NOW + timedelta(hours=12)


@pytest.mark.parametrize(
    ("source", "at", "expected"),
    [
        pytest.param(SOURCE, NOW, timedelta(minutes=30), id="by day"),
        pytest.param(SOURCE, NIGHT, timedelta(hours=4), id="by night"),
        pytest.param(replace(SOURCE, every=timedelta(seconds=2)), NIGHT, timedelta(seconds=2), id="its own pace"),
    ],
)
def test_a_healthy_source_is_due_after(source: Source, at: datetime, expected: timedelta) -> None:
    assert interval(source, policy=POLICY, now=at) == expected
    assert next_poll(source, state(), result(), policy=POLICY, jitter=0, now=at) == at + expected


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        pytest.param(1, timedelta(minutes=30), id="one"),
        pytest.param(2, timedelta(hours=1), id="two"),
        pytest.param(3, timedelta(hours=2), id="three"),
        pytest.param(99, timedelta(hours=6), id="the ceiling"),
    ],
)
def test_failures_make_the_wait_longer(failures: int, expected: timedelta) -> None:
    assert next_poll(SOURCE, state(failures=failures), FAILED, policy=POLICY, jitter=0, now=NOW) == NOW + expected


def test_a_sources_own_ceiling_counts() -> None:
    source = replace(SOURCE, interval=(timedelta(minutes=1), timedelta(hours=1)))
    assert next_poll(source, state(failures=9), FAILED, policy=POLICY, jitter=0, now=NOW) == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(timedelta(hours=2), timedelta(hours=2), id="longer than our wait"),
        pytest.param(timedelta(seconds=1), timedelta(minutes=30), id="shorter"),
        pytest.param(timedelta(days=400), timedelta(days=1), id="a day at most"),
    ],
)
def test_retry_after_is_kept(asked: timedelta, expected: timedelta) -> None:
    polled = replace(FAILED, retry_after=asked)
    assert next_poll(SOURCE, state(failures=1), polled, policy=POLICY, jitter=0, now=NOW) == NOW + expected


@given(jitter=st.floats(-1, 1), failures=st.integers(0, 10_000))
def test_the_next_poll_is_always_ahead_and_within_bounds(jitter: float, failures: int) -> None:
    due = next_poll(SOURCE, state(failures=failures), result(), policy=POLICY, jitter=jitter, now=NOW)
    assert POLICY.every * 0.89 <= due - NOW <= INTERVAL[1] * 1.11
