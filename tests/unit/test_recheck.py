"""When articles and entries are looked at again, and who goes first where a host has no time for all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import RecheckPlan
from monitor.recheck import (
    CLOSELY,
    LONGEST_WAIT,
    MOST_GONE,
    MOST_TRIES,
    SAVED,
    SHARE,
    SLICE,
    TURN,
    Backlog,
    Due,
    chosen,
    confirmation,
    has_room,
    lag,
    next_check,
    next_try,
    spending,
    urgency,
)

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


@pytest.mark.parametrize(
    ("matched", "edited", "checks", "minutes"),
    [
        pytest.param(False, False, 0, 30, id="of no interest so far"),
        pytest.param(True, False, 0, 15, id="met a watch"),
        pytest.param(False, True, 0, 15, id="edited before"),
        pytest.param(True, True, 0, 7.5, id="both"),
        pytest.param(False, False, 3, 240, id="fourth look"),
        pytest.param(True, False, 3, 120, id="fourth look at what met a watch"),
    ],
)
def test_what_met_a_watch_or_was_edited_is_looked_at_sooner(
    matched: bool, edited: bool, checks: int, minutes: float
) -> None:
    due = next_check(plan=PLAN, since=NOW, checks=checks, now=NOW, matched=matched, edited=edited)
    assert due == NOW + timedelta(minutes=minutes)


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


# -- who goes first

MINUTE = timedelta(minutes=1)
GAP = timedelta(seconds=3)


def due(name: str, *, wait: timedelta = 30 * MINUTE, late: timedelta = MINUTE, **more: object) -> Due:
    """An article that was to be looked at again after `wait`, and is `late`."""
    at = NOW - late
    made = Due(source="a", url=name, host="h", due_at=at, checked_at=at - wait, gap=GAP)
    return replace(made, **more)  # type: ignore[arg-type]  # the fields as they are named


def names(found: list[Due]) -> list[str]:
    return [each.url for each in found]


@pytest.mark.parametrize(
    ("waiting", "first"),
    [
        pytest.param([due("a", late=MINUTE), due("b", late=2 * MINUTE)], "b", id="the one that waits longer"),
        pytest.param(
            [due("rare", wait=timedelta(days=2), late=60 * MINUTE), due("often", late=10 * MINUTE)],
            "often",
            id="late by a greater part of its wait",
        ),
        pytest.param([due("a", late=3 * MINUTE), due("b", late=MINUTE, closely=True)], "b", id="what met a watch"),
        pytest.param(
            [due("a", late=60 * MINUTE), due("b", late=MINUTE, closely=True)], "a", id="but not whatever the rest waits"
        ),
    ],
)
def test_the_most_urgent_goes_first(waiting: list[Due], first: str) -> None:
    assert names(chosen(waiting, {}, now=NOW))[0] == first


def test_a_host_that_was_left_alone_is_asked_for_a_minutes_worth_and_then_for_a_few_at_a_time() -> None:
    waiting = [due(f"{n:02}", late=(90 - n) * MINUTE) for n in range(40)]
    first = chosen(waiting, {}, now=NOW)
    assert names(first) == [f"{n:02}" for n in range(8)]
    spent = spending([("h", GAP)] * len(first), {}, now=NOW)
    assert spent == {"h": NOW + SAVED}
    rest = waiting[8:]
    for seconds in (0, 10, 20):
        at = NOW + timedelta(seconds=seconds)
        assert chosen(rest, spent, now=at) == []
        assert not has_room(spent["h"], gap=GAP, due=len(rest), now=at)
    at = NOW + timedelta(seconds=23)
    assert has_room(spent["h"], gap=GAP, due=len(rest), now=at)
    assert len(chosen(rest, spent, now=at)) == SLICE
    assert len(chosen(rest[:1], spent, now=NOW + timedelta(seconds=1))) == 1, "a single one need not wait for others"
    assert names(chosen([replace(rest[0], host="other")], spent, now=NOW)) == ["08"], "nor does another host"


def test_a_host_with_a_long_gap_is_asked_for_one_at_a_time_and_for_each_at_last() -> None:
    gap = timedelta(minutes=5)
    waiting, spent, at, served = [due(str(n), gap=gap) for n in range(5)], dict[str, datetime](), NOW, 0
    for _ in range(24 * 60):
        found = chosen(waiting, spent, now=at)
        assert len(found) <= 1
        spent |= spending([("h", gap)] * len(found), spent, now=at)
        served, waiting = served + len(found), [each for each in waiting if each not in found]
        at += MINUTE
    assert served == 5


def test_what_has_no_gap_has_no_budget() -> None:
    waiting = [due(str(n), gap=timedelta(0)) for n in range(100)]
    assert len(chosen(waiting, {}, now=NOW)) == 100
    assert spending([("h", timedelta(0))], {}, now=NOW) == {}


@given(ticks=st.lists(st.integers(1, 90), min_size=1, max_size=60), gap=st.sampled_from([1, 3, 20, 300]))
def test_rechecks_never_take_more_than_their_share_of_what_the_gap_allows(ticks: list[int], gap: int) -> None:
    """However many are due, and whenever they are asked for."""
    waiting = [due(str(n), gap=timedelta(seconds=gap)) for n in range(70)]
    spent, at, handed = dict[str, datetime](), NOW, 0
    for seconds in ticks:
        at += timedelta(seconds=seconds)
        found = chosen(waiting, spent, now=at)
        spent |= spending([(each.host, each.gap) for each in found], spent, now=at)
        handed += len(found)
    each_takes = gap * TURN / SHARE
    assert handed <= ((at - NOW) + SAVED).total_seconds() / each_takes + 1


@given(
    waits=st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=8),
)
def test_nobody_starves_where_there_is_time_for_one_at_a_time(waits: list[tuple[int, bool]]) -> None:
    """Each is served before the others have been served so often as their waits and weights say."""
    gap = timedelta(seconds=100)  # one at a time, every 250 s
    step = timedelta(seconds=250)
    articles = {
        str(n): due(str(n), wait=wait * step, late=timedelta(0), closely=closely, gap=gap)
        for n, (wait, closely) in enumerate(waits)
    }
    weight = {name: (CLOSELY if each.closely else 1.0) / (each.due_at - each.checked_at).total_seconds()
              for name, each in articles.items()}  # fmt: skip
    since, spent, at = dict.fromkeys(articles, NOW), dict[str, datetime](), NOW
    for _ in range(150):
        found = chosen([each for each in articles.values() if each.due_at <= at], spent, now=at)
        spent |= spending([(each.host, each.gap) for each in found], spent, now=at)
        for each in found:
            wait = each.due_at - each.checked_at
            since[each.url] = at + wait
            articles[each.url] = replace(each, checked_at=at, due_at=at + wait)
        for name, moment in since.items():
            turns = sum(weight[other] / weight[name] + 1 for other in articles)
            assert at - moment <= (turns + 2) * step, name
        at += step


@given(late=st.integers(0, 10**6), more=st.integers(1, 10**6), wait=st.integers(0, 10**6))
def test_urgency_grows_with_the_time_that_something_waits(late: int, more: int, wait: int) -> None:
    one = due("a", wait=timedelta(seconds=wait), late=timedelta(seconds=late))
    assert urgency(one, NOW) < urgency(one, NOW + timedelta(seconds=more))


@pytest.mark.parametrize(
    ("count", "hours", "words"),
    [
        pytest.param(0, None, "", id="nothing is due"),
        pytest.param(40, 0.5, "", id="the work of the next minutes"),
        pytest.param(4120, 7, "rechecks due 4120, oldest 7 h", id="behind"),
    ],
)
def test_a_backlog_is_told_where_it_is_one(count: int, hours: float | None, words: str) -> None:
    since = None if hours is None else NOW - timedelta(hours=hours)
    assert lag(Backlog(due=count, since=since), NOW) == words
