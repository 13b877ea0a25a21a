"""What of a listing is news, on lists that are written row by row; and when a list is walked back."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from crawler.records import Entry, Precision
from monitor.backlog import is_walk_due, news
from monitor.model import Health, SourceState

SINCE = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

#: One row: an age in days against the beginning of our watching (+ is later), and whether the source knows it.
NEW, OLD = SINCE + DAY, SINCE - 9 * DAY


def listed(*rows: tuple[str, datetime | None]) -> tuple[dict[str, Entry], set[str]]:
    """Rows by a name that says what they are: those that begin with `known` are the source's own."""
    entries = {
        f"{number}-{name}": Entry(url=name, published_at=at, published_precision=Precision.MINUTE if at else None)
        for number, (name, at) in enumerate(rows)
    }
    return entries, {url for url in entries if "-known" in url}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([("new", NEW), ("known", OLD)], ["new"], id="later than our watching"),
        pytest.param([("back-dated", OLD), ("known", OLD)], ["back-dated"], id="old, and above what was known"),
        pytest.param([("undated", None), ("known", None)], ["undated"], id="without a time, above what was known"),
        pytest.param([("known", OLD), ("archive", OLD)], [], id="old, below all that was known"),
        pytest.param([("new", NEW), ("known", None), ("archive", None)], ["new"], id="without a time, below it"),
        pytest.param([("known pin", None), ("new", None)], ["new"], id="below a pinned row alone: in doubt it is told"),
        pytest.param([("new", None), ("newer", None)], ["new", "newer"], id="nothing known at all"),
        pytest.param([("back-dated", OLD), ("new", NEW), ("archive", OLD)], ["back-dated", "new"], id="above news"),
        pytest.param([("known", None), ("new", NEW)], ["new"], id="a list that grows at its end"),
    ],
)
def test_what_came_into_the_list_since_we_watch_is_news(
    rows: list[tuple[str, datetime | None]], expected: list[str]
) -> None:
    entries, own = listed(*rows)
    assert sorted(url.partition("-")[2] for url in news(entries, own, since=SINCE)) == sorted(expected)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([("back-dated", OLD), ("known", OLD)], ["back-dated"], id="above what was known"),
        pytest.param([("missed", NEW), ("archive", OLD)], ["missed"], id="later than our watching"),
        pytest.param([("archive", None), ("archive", None)], [], id="nothing speaks for it"),
        pytest.param([("known", None), ("archive", None)], [], id="below what was known"),
    ],
)
def test_below_the_news_only_what_polls_should_have_seen_was_missed(
    rows: list[tuple[str, datetime | None]], expected: list[str]
) -> None:
    entries, own = listed(*rows)
    found = news(entries, own, since=SINCE, further_back=True)
    assert [url.partition("-")[2] for url in found] == expected


def test_a_day_is_no_moment() -> None:
    """An entry of the day on which we began may have come before or after that: its place decides."""
    day = SINCE.replace(hour=0)
    entries = {
        name: Entry(url=name, published_at=at, published_precision=Precision.DAY)
        for name, at in (("a", day), ("known", day), ("b", day), ("c", day - DAY))
    }
    assert news(entries, {"known"}, since=SINCE) == {"a"}


# -- the daily walk


def known(**more: object) -> SourceState:
    values = {"slug": "yiwu-news", "state": Health.OK, "baseline_at": SINCE, **more}
    return SourceState(**values)  # type: ignore[arg-type]  # values of several types


def walks(slug: str, *, hours: int) -> list[datetime]:
    """When a source that is polled every hour is walked back."""
    state, found = known(slug=slug), []
    for hour in range(1, hours):
        now = SINCE + hour * HOUR
        if is_walk_due(state, now):
            found.append(now)
            state = known(slug=slug, reconciled_at=now)
    return found


def test_a_source_is_walked_back_once_a_day_and_not_in_its_first_hours() -> None:
    times = walks("yiwu-news", hours=24 * 5)
    assert len(times) in (4, 5)
    assert times[0] - SINCE >= 12 * HOUR
    assert {later - earlier for earlier, later in pairwise(times[1:])} == {DAY}


def test_sources_are_walked_back_all_over_the_day() -> None:
    hours = Counter(walks(f"source-{n}", hours=72)[-1].hour for n in range(240))
    assert len(hours) == 24
    assert max(hours.values()) < 30


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"baseline_at": None}, id="never polled"),
        pytest.param({"failures": 1}, id="failing"),
        pytest.param({"state": Health.BROKEN}, id="broken"),
        pytest.param({"state": Health.BLOCKED}, id="blocked"),
        pytest.param({"reconciled_at": SINCE + 10 * DAY - HOUR}, id="walked an hour ago"),
    ],
)
def test_a_source_is_not_walked_back_while_there_is_something_wrong(more: dict[str, object]) -> None:
    now = SINCE + 10 * DAY
    assert is_walk_due(known(), now)
    assert not is_walk_due(known(**more), now)


def test_a_gap_is_looked_into_at_once() -> None:
    now = SINCE + HOUR
    assert not is_walk_due(known(), now)
    assert is_walk_due(known(gap_at=now - HOUR / 2), now)
    assert not is_walk_due(known(gap_at=now - HOUR / 2, reconciled_at=now), now)
