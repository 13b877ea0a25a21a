"""A source's rhythm is learned from when its articles came; how long a silence is usual follows from it."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from crawler.records import BEIJING, Precision
from monitor.holidays import is_day_off
from monitor.rhythm import Arrival, Rhythm, arrival, is_outdated, learn
from tests.publishing import KINDS, START, office, until

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def learned(moments: Sequence[datetime]) -> Rhythm:
    rhythm = learn([Arrival(at=moment) for moment in moments[-5000:]], now=moments[-1])
    assert rhythm is not None
    return rhythm


@pytest.mark.parametrize(
    ("kind", "days", "longest"),
    [
        pytest.param("flashes", 12, 3 * HOUR, id="flashes"),
        pytest.param("ten a day, round the clock", 60, 36 * HOUR, id="ten a day"),
        pytest.param("ten a workday", 60, 2 * DAY, id="ten a workday"),
        pytest.param("one every other workday", 200, 40 * DAY, id="three a week"),
    ],
)
def test_a_source_that_falls_silent_is_noticed(kind: str, days: int, longest: timedelta) -> None:
    """From a Wednesday noon on."""
    end = START + timedelta(days=days - (days % 7) + 2, hours=12)
    came = until(office(random.Random(1), **KINDS[kind]), end)
    quiet_at = learned(came).usual_until(came[-1])
    assert quiet_at is not None
    assert timedelta(hours=1) <= quiet_at - came[-1] <= longest


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        pytest.param("ten a day, round the clock", 150, id="ten a day"),
        pytest.param("ten a workday", 150, id="ten a workday"),
        pytest.param("one every other workday", 720, id="three a week"),
    ],
)
def test_a_healthy_source_is_hardly_ever_called_quiet(kind: str, days: int) -> None:
    """Nights, weekends and Spring Festival are no silence. The benchmark `silences` has the figures of years."""
    alarms = 0
    for seed in range(2):
        came = until(office(random.Random(seed), **KINDS[kind]), START + timedelta(days=days))
        rhythm, quiet_at = learn([Arrival(at=at) for at in came[:20]], now=came[19]), None
        for number, at in enumerate(came[20:], 20):
            alarms += quiet_at is not None and at > quiet_at
            if is_outdated(rhythm, at):
                rhythm = learn([Arrival(at=before) for before in came[: number + 1]], now=at)
            quiet_at = rhythm.usual_until(at) if rhythm else None
    assert alarms <= 1


def test_a_notice_board_sleeps_over_the_weekend() -> None:
    came = until(office(random.Random(1), a_day=10), START + 60 * DAY)
    friday = START.replace(month=4, day=11, hour=18)
    rhythm = learned(came)
    assert rhythm.expected(friday, friday + 2 * DAY + 14 * HOUR) < 1
    assert rhythm.expected(friday - 8 * HOUR, friday) > 6


def test_spring_festival_is_no_silence() -> None:
    rhythm = learned(until(office(random.Random(1), a_day=10), START + 60 * DAY))
    eve = datetime(2026, 2, 13, 18, tzinfo=BEIJING)  # a Friday; the holidays begin on Monday
    quiet_at = rhythm.usual_until(eve)
    assert quiet_at is not None
    assert quiet_at > datetime(2026, 2, 24, tzinfo=BEIJING)


def test_a_day_is_enough_for_one_that_comes_every_day() -> None:
    """A newspaper: forty articles at once each morning. The first morning without them is told a day later."""
    came = [START + timedelta(days=day, hours=7, seconds=n) for day in range(60) for n in range(40)]
    quiet_at = learned(came).usual_until(came[-1])
    assert quiet_at is not None
    assert DAY < quiet_at - came[-1] <= timedelta(days=2.5)


@pytest.mark.parametrize(
    "came",
    [
        pytest.param([], id="nothing"),
        pytest.param([START + n * DAY for n in range(6)], id="six articles"),
        pytest.param([START + timedelta(seconds=n) for n in range(100)], id="one batch"),
    ],
)
def test_too_little_tells_no_rhythm(came: list[datetime]) -> None:
    assert learn([Arrival(at=at) for at in came], now=START) is None


def test_pinned_items_of_years_ago_do_not_slow_the_rhythm() -> None:
    recent = until(office(random.Random(1), a_day=5), START + 10 * DAY)
    pinned = [START - timedelta(days=days) for days in (400, 800, 1500)]
    assert learned([*pinned[::-1], *recent]).workday == pytest.approx(learned(recent).workday, rel=0.1)


def test_articles_of_which_only_the_day_is_known_count_once_a_day() -> None:
    days = [START + n * DAY for n in range(28) if not is_day_off((START + n * DAY).date()) for _ in range(3)]
    rhythm = learn([Arrival(at=at, day_only=True) for at in days], now=START + 28 * DAY)
    assert rhythm is not None
    assert rhythm.workday == pytest.approx(1, rel=0.1)
    assert sum(rhythm.hours[8:18]) == pytest.approx(1)


def test_a_rhythm_survives_its_storage() -> None:
    rhythm = learned(until(office(random.Random(1), a_day=10), START + 30 * DAY))
    again = Rhythm.from_json(rhythm.as_json())
    assert again.words() == rhythm.words()
    since = START + 31 * DAY
    a, b = again.usual_until(since), rhythm.usual_until(since)
    assert a is not None
    assert b is not None
    assert abs(a - b) < timedelta(minutes=5)
    assert Rhythm.from_json(again.as_json()) == again


NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("published", "precision", "baseline", "expected"),
    [
        pytest.param(MORNING, Precision.MINUTE, False, Arrival(at=MORNING), id="its own time"),
        pytest.param(MORNING, Precision.MINUTE, True, Arrival(at=MORNING), id="its own time, of the backlog"),
        pytest.param(MIDNIGHT, Precision.DAY, False, Arrival(at=NOON), id="today, when we saw it"),
        pytest.param(MIDNIGHT, Precision.DAY, True, Arrival(at=MIDNIGHT, day_only=True), id="some day of the backlog"),
        pytest.param(
            MIDNIGHT - DAY, Precision.DAY, False, Arrival(at=MIDNIGHT - DAY, day_only=True), id="yesterday, seen today"
        ),
        pytest.param(None, None, False, Arrival(at=NOON), id="no time, when we saw it"),
        pytest.param(None, None, True, None, id="no time, of the backlog"),
        pytest.param(NOON - 9 * DAY, Precision.MINUTE, False, Arrival(at=NOON), id="back-dated, when it was shown"),
        pytest.param(NOON + 9 * DAY, Precision.MINUTE, False, Arrival(at=NOON), id="a time to come"),
        pytest.param(NOON + 9 * DAY, Precision.MINUTE, True, None, id="a time to come, of the backlog"),
    ],
)
def test_an_article_came(
    published: datetime | None, precision: Precision | None, baseline: bool, expected: Arrival | None
) -> None:
    assert arrival(published, precision, first_seen_at=NOON, baseline=baseline) == expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        pytest.param((2026, 3, 2), False, id="a Monday"),
        pytest.param((2026, 3, 1), True, id="a Sunday"),
        pytest.param((2026, 2, 18), True, id="Spring Festival"),
        pytest.param((2026, 10, 1), True, id="National Day"),
        pytest.param((2026, 9, 25), True, id="Mid-Autumn"),
        pytest.param((2026, 6, 19), True, id="Dragon Boat"),
        pytest.param((2060, 2, 3), False, id="a year that no table knows"),
    ],
)
def test_days_off(at: tuple[int, int, int], expected: bool) -> None:
    assert is_day_off(datetime(*at, tzinfo=BEIJING).date()) is expected
