"""What a poll says about its source, and when the operator hears of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.records import Checkpoint, Outcome, PollResult, PollStatus
from monitor.health import after_poll, worth_telling
from monitor.model import Health, SourceState
from monitor.rhythm import Rhythm

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # a Monday, 10:00 in Beijing
#: Ten a workday, by day; a silence in which fifteen were due is none that was ever seen.
RHYTHM = Rhythm(
    workday=10,
    day_off=1,
    hours=tuple(0.1 if 8 <= hour < 18 else 0.0 for hour in range(24)),
    limit=15,
    longest=timedelta(hours=20),
    counted=200,
    learned_at=NOW,
)


def result(status: PollStatus = PollStatus.OK, *, listed: int = 20, **more: Any) -> PollResult:
    values: dict[str, Any] = {"dated": listed, **more}
    return PollResult(source="yiwu-news", status=status, listed=listed, started_at=NOW, **values)


def state(health: Health = Health.OK, **more: Any) -> SourceState:
    """A source that was well ten minutes ago, unless `more` says something else."""
    values: dict[str, Any] = {
        "listed": 20,
        "usual_listed": 20,
        "dated": 20,
        "last_ok_at": NOW - timedelta(minutes=10),
        "last_poll_at": NOW - timedelta(minutes=10),
        "last_new_at": NOW - timedelta(hours=1),
        "moved_at": NOW - timedelta(hours=1),
        "rhythm": RHYTHM.as_json(),
        "quiet_at": RHYTHM.usual_until(NOW - timedelta(hours=1)),
        "newest_at": NOW - timedelta(hours=1),
        "newest_url": "https://www.example.gov.cn/art/9.html",
    }
    return SourceState(slug="yiwu-news", state=health, since=NOW - timedelta(days=9), **{**values, **more})


OK = result()
SAME = result(PollStatus.UNCHANGED)
FAILED = result(PollStatus.FAILED, listed=0, error="yiwu-news: answers 500")
BLOCKED = result(PollStatus.BLOCKED, listed=0, error="a shield")
EMPTY = result(listed=0)
UNDATED = result(dated=0)
SHORT = result(listed=1)
GARBLED = result(garbled=15)
GAVE_UP = result(PollStatus.FAILED, error="yiwu-news: 5 articles in a row had no answer", gave_up=True)
NEWS = result(outcomes={Outcome.NEW: 1})
SHUT = result(outcomes={Outcome.BLOCKED: 1})
FEW = result(outcomes={Outcome.REJECTED: 2})
MANY = result(outcomes={Outcome.REJECTED: 4})
ONE_GONE = result(outcomes={Outcome.REJECTED: 4, Outcome.MISSING: 1})
LOSSY = result(outcomes={Outcome.GARBLED: 2})
BACK = result(newest_at=NOW - timedelta(days=6))
RECHECKED = result(listing=False, listed=0, outcomes={Outcome.UNCHANGED: 1})


def after(polls: Sequence[PollResult], known: SourceState, *, every: timedelta = timedelta(minutes=10)) -> SourceState:
    for number, polled in enumerate(polls):
        known = after_poll(known, polled, rhythm=RHYTHM, now=NOW + every * number)
    return known


def told(polls: Sequence[PollResult], known: SourceState) -> list[Health]:
    """What the operator hears during these polls, ten minutes apart."""
    found = []
    for number, polled in enumerate(polls):
        later = after_poll(known, polled, rhythm=RHYTHM, now=NOW + timedelta(minutes=10) * number)
        if worth_telling(known, later):
            found.append(later.state)
        known = later
    return found


@pytest.mark.parametrize(
    ("polls", "expected", "why"),
    [
        pytest.param((FAILED, FAILED), Health.BROKEN, "yiwu-news: answers 500", id="fetching fails"),
        pytest.param((EMPTY, EMPTY), Health.BROKEN, "has lost its rows (it had 20)", id="the rows are gone"),
        pytest.param(
            (UNDATED, UNDATED),
            Health.BROKEN,
            "none of 20 rows carries a date any more, where 20 did",
            id="the dates are gone",
        ),
        pytest.param(
            (SHORT, SHORT), Health.BROKEN, "shows 1 rows, where it had 20 at the least", id="the list collapsed"
        ),
        pytest.param(
            (ONE_GONE, ONE_GONE),
            Health.BROKEN,
            "none of 4 pages could be read as an article",
            id="its pages are no articles, and one is gone",
        ),
        pytest.param(
            (MANY, MANY), Health.BROKEN, "none of 4 pages could be read as an article", id="its pages are no articles"
        ),
        pytest.param(
            (GAVE_UP, GAVE_UP), Health.BROKEN, "5 articles in a row had no answer", id="its articles have no answer"
        ),
        pytest.param(
            (GARBLED, GARBLED),
            Health.GARBLED,
            "15 of 20 titles in the listing are no text",
            id="its titles are no text",
        ),
        pytest.param(
            (LOSSY, LOSSY), Health.GARBLED, "none of 2 pages could be read as text", id="its pages are no text"
        ),
        pytest.param(
            (BACK, BACK), Health.STALE, "the listing went back by 6 days: its newest entry is 6 days old", id="a cache"
        ),
        pytest.param((FAILED, EMPTY), Health.BROKEN, "has lost its rows", id="one trouble and then another"),
        pytest.param((MANY, OK), Health.BROKEN, "none of 4 pages", id="pages that no later poll could try again"),
    ],
)
def test_a_trouble_is_noticed_within_two_polls(polls: Sequence[PollResult], expected: Health, why: str) -> None:
    once, twice = after(polls[:1], state()), after(polls, state())
    assert (once.state, once.since, worth_telling(state(), once)) == (Health.OK, state().since, False)
    assert (twice.state, twice.since) == (expected, NOW + timedelta(minutes=10))
    assert why in twice.why
    assert worth_telling(once, twice)


@pytest.mark.parametrize(
    ("polled", "why"),
    [
        pytest.param(BLOCKED, "a shield", id="before its list"),
        pytest.param(SHUT, "every article is a challenge page (1 of 1)", id="before its articles"),
    ],
)
def test_a_challenge_is_noticed_at_once(polled: PollResult, why: str) -> None:
    later = after((polled,), state())
    assert later.state is Health.BLOCKED
    assert why in later.why


@pytest.mark.parametrize(
    ("known", "polls"),
    [
        pytest.param(SourceState(slug="yiwu-news"), (OK,), id="its first poll"),
        pytest.param(SourceState(slug="yiwu-news"), (EMPTY, EMPTY, EMPTY), id="a list that was never full"),
        pytest.param(state(dated=0), (UNDATED, UNDATED), id="an engine that never dates"),
        pytest.param(state(dated=3), (UNDATED, UNDATED), id="a few dates were an accident"),
        pytest.param(state(usual_listed=4, listed=4, dated=4), (SHORT, SHORT), id="a short list"),
        pytest.param(state(), (result(listed=5), result(listed=5)), id="a quarter of the rows"),
        pytest.param(
            state(), (replace(SHORT, outcomes={Outcome.NEW: 1}), SHORT, SHORT), id="a list that begins anew each day"
        ),
        pytest.param(state(), (FEW, FEW), id="two pages that are no articles"),
        pytest.param(state(), (result(garbled=2), result(garbled=2)), id="a title that an editor pasted badly"),
        pytest.param(state(), (result(outcomes={Outcome.GARBLED: 1}),) * 3, id="one damaged page, tried again"),
        pytest.param(
            state(), (result(outcomes={Outcome.BLOCKED: 2, Outcome.NEW: 1}),) * 2, id="a challenge before some articles"
        ),
        pytest.param(
            state(), (result(newest_at=NOW - timedelta(hours=5)),) * 2, id="its newest article was taken down"
        ),
        pytest.param(
            state(newest_at=NOW + timedelta(days=900)), (OK, OK), id="an item that was kept on top by a date to come"
        ),
        pytest.param(state(), (FAILED, OK, FAILED, OK, FAILED, OK), id="every other poll fails"),
    ],
)
def test_these_are_no_trouble(known: SourceState, polls: Sequence[PollResult]) -> None:
    assert after(polls, known).state is Health.OK
    assert told(polls, known) == []


@pytest.mark.parametrize(
    ("polls", "expected"),
    [
        pytest.param((FAILED, FAILED, FAILED, BLOCKED, FAILED, OK, OK), [Health.BROKEN], id="one becomes another"),
        pytest.param((BLOCKED, BLOCKED, FAILED, EMPTY, OK), [Health.BLOCKED], id="and another"),
        pytest.param((EMPTY, EMPTY, EMPTY, OK), [Health.BROKEN], id="its rows"),
        pytest.param((UNDATED, UNDATED, UNDATED, OK), [Health.BROKEN], id="its dates"),
        pytest.param((SHORT, SHORT, SHORT, NEWS), [Health.BROKEN], id="most of its rows"),
        pytest.param((BACK, BACK, BACK, NEWS), [Health.STALE], id="an old copy of it"),
        pytest.param((GARBLED, GARBLED, GARBLED, OK), [Health.GARBLED], id="its titles"),
        pytest.param((GAVE_UP, OK, GAVE_UP, SAME, GAVE_UP, OK, NEWS), [Health.BROKEN], id="articles, now and then"),
        pytest.param((SHUT, OK, SHUT, OK, NEWS, OK), [Health.BLOCKED], id="challenges in the place of articles"),
        pytest.param((MANY, OK, FEW, OK, NEWS), [Health.BROKEN], id="pages that are no articles"),
        pytest.param((SHUT, OK, RECHECKED, OK), [Health.BLOCKED], id="over in a visit without a listing"),
        pytest.param((GAVE_UP, NEWS, GAVE_UP, NEWS), [], id="weather"),
    ],
)
def test_a_trouble_and_its_end_are_told_once_each(polls: Sequence[PollResult], expected: list[Health]) -> None:
    """B5.4: whatever the polls in between."""
    assert told(polls, state()) == [health for trouble in expected for health in (trouble, Health.OK)]
    known = after(polls, state())
    assert (known.state, known.failures, known.bad_polls) == (Health.OK, 0, 0)


@pytest.mark.parametrize(
    ("polls", "expected"),
    [
        pytest.param((BLOCKED, OK) * 10, [Health.BLOCKED], id="a challenge at every other poll"),
        pytest.param((FAILED, FAILED, OK) + (FAILED, OK) * 9, [Health.BROKEN, Health.OK], id="then every other poll"),
        pytest.param((FAILED, FAILED, OK) * 10, [Health.BROKEN, Health.OK, Health.BROKEN], id="two of three polls"),
        pytest.param(
            (FAILED, FAILED, OK, OK) * 10,
            [Health.BROKEN, Health.OK, Health.BROKEN, Health.OK, Health.BROKEN],
            id="two of four polls",
        ),
    ],
)
def test_what_comes_and_goes_is_not_told_each_time(polls: Sequence[PollResult], expected: list[Health]) -> None:
    assert told(polls, state()) == expected


def test_a_trouble_of_another_day_is_over_as_soon_as_the_first() -> None:
    known = state(relapses=4)
    assert known.since is not None and NOW - known.since > timedelta(days=1)
    assert told((FAILED, FAILED, OK), known) == [Health.BROKEN, Health.OK]


def test_why_says_how_far_it_is_on_its_way_back() -> None:
    known = after((BLOCKED, OK), state())
    assert known.why == "read again 1 times in a row; well after 2; it was: a shield"
    assert (known.state, known.failures) == (Health.BLOCKED, 0)


def test_a_listing_is_ok_again_only_when_it_is_really_read() -> None:
    """A visit that only re-checked articles, or a list without its dates, is no proof."""
    broken = after((FAILED, FAILED), state())
    assert after((RECHECKED, RECHECKED), broken).state is Health.BROKEN
    assert after((UNDATED, EMPTY, SHORT), broken).state is Health.BROKEN
    assert after((OK,), broken).state is Health.OK


def test_a_visit_that_only_rechecks_says_nothing_of_the_listing() -> None:
    before = state(Health.BROKEN, failures=3, bad_polls=3)
    assert after((replace(RECHECKED, outcomes={}),), before) == before


def test_a_failed_poll_forgets_nothing_about_the_good_ones() -> None:
    before = state(failures=1, bad_polls=1, suspected=Health.BROKEN)
    known = after((FAILED,), before)
    assert (known.listed, known.last_ok_at, known.failures) == (20, before.last_ok_at, 2)
    assert (known.dated, known.usual_listed, known.newest_at) == (20, 20, before.newest_at)


def test_a_poll_learns_what_the_listing_is_like() -> None:
    known = after((replace(OK, newest_at=NOW, newest_url="u", dated=18),), state())
    assert (known.dated, known.newest_at, known.newest_url, known.moved_at) == (18, NOW, "u", NOW)
    assert after((result(listed=60),), state()).usual_listed == 24, "several pages were read"
    assert after((result(listed=16),), state()).usual_listed == 16
    assert after((SAME,), state()).moved_at == state().moved_at
    walked = replace(OK, checkpoint=Checkpoint(body_hash="ab"))
    assert after((walked,), state(body_hash="ab")).moved_at == state().moved_at, "the daily walk reads it anyhow"
    assert after((walked,), state(body_hash="cd")).moved_at == NOW


# -- quiet and stale: the listing answers, and brings nothing

SILENT: Mapping[str, Any] = {
    "last_new_at": NOW - timedelta(days=4),
    "moved_at": NOW - timedelta(days=4),
    "quiet_at": NOW - timedelta(days=1),
}


def test_a_listing_that_lives_and_brings_nothing_is_quiet() -> None:
    known = after((OK,), state(**SILENT))
    assert known.state is Health.QUIET
    assert known.why == "nothing new for 4 days, where 10 a workday are usual, and the longest silence was 20 hours"


def test_a_listing_of_which_no_byte_changed_is_stale() -> None:
    known = after((SAME,), state(**SILENT))
    assert known.state is Health.STALE
    assert known.why.endswith("the listing has not changed by a byte since")


def test_one_poll_without_news_is_no_silence() -> None:
    """The poll before brought some, however long ago it was: the daemon may have stood still."""
    silent = state(**{**SILENT, "last_poll_at": SILENT["last_new_at"]})
    assert after((OK,), silent).state is Health.OK
    assert after((OK, OK), silent).state is Health.QUIET


def test_silence_is_over_with_the_first_article() -> None:
    known = after((SAME, NEWS), state(**SILENT))
    assert (known.state, known.why) == (Health.OK, "")
    assert known.quiet_at == RHYTHM.usual_until(NOW + timedelta(minutes=10))


def test_a_silence_that_ends_as_a_trouble_begins_is_told_as_one() -> None:
    assert told((SAME, FAILED, FAILED, OK, NEWS), state(**SILENT)) == [Health.STALE, Health.BROKEN, Health.OK]


def test_without_a_rhythm_no_silence_is_too_long() -> None:
    silent = {**SILENT, "quiet_at": None, "rhythm": None}
    assert after((OK, SAME), state(**silent)).state is Health.OK


def test_a_disabled_source_says_so() -> None:
    known = after((result(PollStatus.DISABLED, error="moved"),), state())
    assert (known.state, known.why) == (Health.DISABLED, "moved")


@pytest.mark.parametrize(
    ("before", "later", "expected"),
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
def test_the_operator_hears_of(before: Health, later: Health, expected: bool) -> None:
    assert worth_telling(state(before), state(later)) is expected
