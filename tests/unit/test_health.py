"""What a poll says about its source, and when the operator hears of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.records import Outcome, PollResult, PollStatus, Source
from monitor.health import Usual, after_poll, worth_telling
from monitor.model import Health, SourceState

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # 10:00 in Beijing
SOURCE = Source(slug="yiwu-news", name="义乌要闻", engine="html_list")
USUAL = Usual(gap=timedelta(hours=6), counted=20)


def result(status: PollStatus = PollStatus.OK, *, listed: int = 20, **more: Any) -> PollResult:
    return PollResult(source="yiwu-news", status=status, listed=listed, started_at=NOW, **more)


def state(health: Health = Health.OK, **more: Any) -> SourceState:
    values: dict[str, Any] = {"listed": 20, "last_ok_at": NOW, "last_new_at": NOW - timedelta(hours=1)}
    return SourceState(slug="yiwu-news", state=health, since=NOW - timedelta(days=9), **{**values, **more})


FAILED = result(PollStatus.FAILED, listed=0, error="yiwu-news: answers 500")
BLOCKED = result(PollStatus.BLOCKED, listed=0, error="a shield")
EMPTY = result(listed=0)
GAVE_UP = result(PollStatus.FAILED, error="yiwu-news: 5 articles in a row had no answer", gave_up=True)
SHUT: Mapping[Outcome, int] = {Outcome.BLOCKED: 1}
NEWS: Mapping[Outcome, int] = {Outcome.NEW: 1}
FEW: Mapping[Outcome, int] = {Outcome.REJECTED: 2}
MANY: Mapping[Outcome, int] = {Outcome.REJECTED: 4}
SILENT = NOW - timedelta(days=10)


@pytest.mark.parametrize(
    ("before", "polled", "expected"),
    [
        pytest.param(SourceState(slug="yiwu-news"), result(), Health.OK, id="first poll"),
        pytest.param(SourceState(slug="yiwu-news"), EMPTY, Health.OK, id="a list that was never full"),
        pytest.param(state(), FAILED, Health.OK, id="one failure is weather"),
        pytest.param(state(failures=1), FAILED, Health.BROKEN, id="two failures"),
        pytest.param(state(Health.NEW, failures=1), FAILED, Health.BROKEN, id="a new source that never worked"),
        pytest.param(state(Health.BROKEN, failures=5), result(), Health.OK, id="it works again"),
        pytest.param(state(), BLOCKED, Health.BLOCKED, id="a challenge"),
        pytest.param(state(), EMPTY, Health.OK, id="empty once"),
        pytest.param(state(listed=0, empty_polls=1), EMPTY, Health.BROKEN, id="empty twice"),
        pytest.param(state(Health.BROKEN, listed=0, empty_polls=5), result(), Health.OK, id="its rows are back"),
        pytest.param(state(), result(outcomes={Outcome.BLOCKED: 2}), Health.BLOCKED, id="every article is a challenge"),
        pytest.param(
            state(), result(outcomes={Outcome.BLOCKED: 2, Outcome.NEW: 1}), Health.OK, id="one of them is not"
        ),
        pytest.param(state(), result(outcomes=MANY), Health.GARBLED, id="no page can be read"),
        pytest.param(state(), result(outcomes=FEW), Health.OK, id="two pages are an accident"),
        pytest.param(state(Health.GARBLED), result(), Health.GARBLED, id="garbled, nothing opened since"),
        pytest.param(state(Health.GARBLED), result(outcomes={Outcome.NEW: 1}), Health.OK, id="readable again"),
        pytest.param(state(last_new_at=SILENT), result(), Health.QUIET, id="nothing new for days"),
        pytest.param(state(last_new_at=SILENT), result(PollStatus.UNCHANGED), Health.STALE, id="the list stands still"),
        pytest.param(
            state(Health.QUIET, last_new_at=SILENT), result(outcomes={Outcome.NEW: 1}), Health.OK, id="news again"
        ),
        pytest.param(state(), result(PollStatus.DISABLED, error="moved"), Health.DISABLED, id="disabled"),
    ],
)
def test_a_poll_leaves_the_source(before: SourceState, polled: PollResult, expected: Health) -> None:
    after = after_poll(before, polled, usual=USUAL, now=NOW)
    assert after.state is expected
    assert after.since == (before.since if expected is before.state else NOW)


@pytest.mark.parametrize(
    "usual",
    [
        pytest.param(None, id="no rhythm known"),
        pytest.param(Usual(gap=timedelta(hours=6), counted=3), id="too few to tell"),
        pytest.param(Usual(gap=timedelta(days=2), counted=20), id="a slow source"),
    ],
)
def test_silence_is_measured_by_what_is_usual(usual: Usual | None) -> None:
    assert after_poll(state(last_new_at=SILENT), result(), usual=usual, now=NOW).state is Health.OK


def test_a_visit_that_only_rechecks_says_nothing_of_the_listing() -> None:
    before = state(Health.BROKEN, failures=3)
    assert after_poll(before, result(listing=False, listed=0), usual=USUAL, now=NOW) == before


def test_a_failed_poll_forgets_nothing_about_the_good_ones() -> None:
    before = state(failures=1)
    after = after_poll(before, FAILED, usual=USUAL, now=NOW)
    assert (after.listed, after.last_ok_at, after.failures) == (20, before.last_ok_at, 2)
    assert after.why == "yiwu-news: answers 500"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(Health.NEW, Health.OK, False, id="a good start"),
        pytest.param(Health.OK, Health.OK, False, id="all the time well"),
        pytest.param(Health.OK, Health.BROKEN, True, id="it breaks"),
        pytest.param(Health.NEW, Health.BROKEN, True, id="it never worked"),
        pytest.param(Health.BROKEN, Health.BROKEN, False, id="once is enough"),
        pytest.param(Health.BROKEN, Health.BLOCKED, False, id="another trouble of the same weight"),
        pytest.param(Health.QUIET, Health.BROKEN, True, id="it gets worse"),
        pytest.param(Health.BROKEN, Health.QUIET, False, id="it gets better, not well"),
        pytest.param(Health.BROKEN, Health.OK, True, id="it is back"),
        pytest.param(Health.QUIET, Health.OK, True, id="news again"),
        pytest.param(Health.BROKEN, Health.DISABLED, False, id="the operator's own doing"),
    ],
)
def test_the_operator_hears_of(before: Health, after: Health, expected: bool) -> None:
    assert worth_telling(state(before), state(after)) is expected


@pytest.mark.parametrize(
    ("polls", "expected"),
    [
        pytest.param((FAILED, FAILED, FAILED, BLOCKED, FAILED, result(), result()), [Health.BROKEN], id="the listing"),
        pytest.param((EMPTY, EMPTY, EMPTY, result()), [Health.BROKEN], id="its rows"),
        pytest.param(
            (GAVE_UP, result(), GAVE_UP, result(PollStatus.UNCHANGED), GAVE_UP, result(), result(outcomes=NEWS)),
            [Health.BROKEN],
            id="articles without an answer, tried in every second poll",
        ),
        pytest.param(
            (result(outcomes=SHUT), result(), result(outcomes=SHUT), result(), result(outcomes=NEWS)),
            [Health.BLOCKED],
            id="challenges in the place of articles",
        ),
        pytest.param(
            (result(outcomes=MANY), result(), result(outcomes=FEW), result(), result(outcomes=NEWS)),
            [Health.GARBLED],
            id="pages that are no articles",
        ),
        pytest.param(
            (result(outcomes=SHUT), result(), result(listing=False, listed=0, outcomes=NEWS), result()),
            [Health.BLOCKED],
            id="over in a visit without a listing",
        ),
        pytest.param((GAVE_UP, result(outcomes=NEWS), GAVE_UP, result(outcomes=NEWS)), [], id="weather"),
    ],
)
def test_a_trouble_and_its_end_are_told_once_each(polls: Sequence[PollResult], expected: list[Health]) -> None:
    """B5.4: whatever the polls in between."""
    known, told = state(last_poll_at=NOW), []
    for number, polled in enumerate(polls, 1):
        after = after_poll(known, polled, usual=USUAL, now=NOW + timedelta(minutes=number))
        if worth_telling(known, after):
            told.append(after.state)
        known = after
    assert told == [health for trouble in expected for health in (trouble, Health.OK)]
    assert (known.state, known.failures) == (Health.OK, 0)
