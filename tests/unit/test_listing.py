"""How far a listing is walked, decided on pages that are written as a letter a row."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.listing import DEEPEST, Seen, Step, after, is_past, newest
from crawler.records import Entry

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def walked(*pages: str) -> list[Seen]:
    """K: the corpus knows the row. U: it does not. R: an earlier page had it."""
    seen = []
    for number, letters in enumerate(pages):
        rows = [(f"https://example.gov.cn/{number}/{row}", letter) for row, letter in enumerate(letters)]
        seen.append(
            Seen(
                entries=tuple(Entry(url=url) for url, letter in rows if letter != "R"),
                known=frozenset(url for url, letter in rows if letter == "K"),
                rows=len(rows),
            )
        )
    return seen


@pytest.mark.parametrize(
    ("pages", "step"),
    [
        pytest.param(["KKKK"], Step.DONE, id="nothing new"),
        pytest.param(["UKKK"], Step.ON, id="one new: a back-dated one may stand further down"),
        pytest.param(["KUUU"], Step.ON, id="pinned"),
        pytest.param(["KKUK"], Step.ON, id="back-dated"),
        pytest.param(["UKKK", "KKKK"], Step.DONE, id="a whole page of known entries"),
        pytest.param(["UKKK", "RKKK"], Step.DONE, id="the same, moved down by a row while we read"),
        pytest.param(["UUUU", "UUKK", "KKUK"], Step.DONE, id="as many as max_pages where the known has been reached"),
        pytest.param(["UUKK", "UUUU", "UUUU"], Step.DONE, id="archive below the known is no reason to go deeper"),
        pytest.param(["UUUU", "UUUU", "UUUU"], Step.ON, id="nothing known so far"),
        pytest.param(["KUUU", "UUUU", "UUUU"], Step.ON, id="nothing known so far but what is pinned"),
        pytest.param(["UUUU"] * 4 + ["UKKK"], Step.DONE, id="reached beyond max_pages"),
        pytest.param(["UUUU"] * (DEEPEST - 1), Step.ON, id="one page before the deepest"),
        pytest.param(["UUUU"] * DEEPEST, Step.GAP, id="the deepest"),
        pytest.param(["UUUU", "RRRR"], Step.GAP, id="paging ignored, and nothing known"),
        pytest.param(["UUKK", "RRRR"], Step.DONE, id="paging ignored, and no harm done"),
        pytest.param(["UUUU", ""], Step.DONE, id="the list has ended"),
    ],
)
def test_a_walk_ends_at_a_whole_page_of_known_entries(pages: list[str], step: Step) -> None:
    assert after(walked(*pages), first=False, max_pages=3) is step


@pytest.mark.parametrize(
    ("pages", "max_pages", "step"),
    [
        pytest.param(["UUUU"], 3, Step.ON, id="a second page"),
        pytest.param(["KKKK"], 3, Step.ON, id="whoever knows the first one"),
        pytest.param(["UUUU", "UUUU"], 3, Step.DONE, id="and no third"),
        pytest.param(["UUUU"], 1, Step.DONE, id="a source of one page"),
        pytest.param(["UUUU", "RRRR"], 3, Step.DONE, id="paging ignored"),
    ],
)
def test_a_first_poll_reads_what_later_ones_can_see(pages: list[str], max_pages: int, step: Step) -> None:
    assert after(walked(*pages), first=True, max_pages=max_pages) is step


def test_a_source_may_allow_more_pages_than_we_would_read_by_ourselves() -> None:
    assert after(walked(*["UUUU"] * (DEEPEST + 5)), first=False, max_pages=DEEPEST + 10) is Step.ON
    assert after(walked(*["UUUU"] * (DEEPEST + 10)), first=False, max_pages=DEEPEST + 10) is Step.GAP


def page(*ages: float | None, known: bool = False) -> Seen:
    """Entries of so many days ago; None: without a time."""
    entries = tuple(
        Entry(url=f"https://example.gov.cn/{number}", published_at=None if age is None else NOW - age * DAY)
        for number, age in enumerate(ages)
    )
    return Seen(entries=entries, known=frozenset(entry.url for entry in entries if known), rows=len(entries))


@pytest.mark.parametrize(
    ("seen", "watched", "past"),
    [
        pytest.param(page(3, 4), 10, False, id="within our watching"),
        pytest.param(page(12, 14), 10, True, id="older than our watching"),
        pytest.param(page(9, 14), 10, False, id="partly"),
        pytest.param(page(10.5, 14), 10, False, id="of the day that we began"),
        pytest.param(page(40, 50), 365, True, id="older than a month"),
        pytest.param(page(None, 5), 10, False, id="some without a time"),
        pytest.param(page(None, None, known=True), 10, False, id="without times, and known"),
        pytest.param(page(None, None), 10, True, id="without times, and never seen"),
    ],
)
def test_the_daily_walk_ends_where_nothing_is_to_be_found(seen: Seen, watched: float, past: bool) -> None:
    assert is_past(seen, since=NOW - watched * DAY, now=NOW) is past


def test_the_newest_entry_is_the_first_with_the_latest_time_and_else_the_first() -> None:
    pinned, old, new, twin = (
        Entry(url=f"https://example.gov.cn/{name}", published_at=moment)
        for name, moment in (("pin", NOW - 90 * DAY), ("old", NOW - DAY), ("new", NOW), ("twin", NOW))
    )
    undated = Entry(url="https://example.gov.cn/undated")
    assert newest([pinned, undated, old, new, twin]) == new
    assert newest([undated, Entry(url="https://example.gov.cn/second")]) == undated
    assert newest([]) is None
