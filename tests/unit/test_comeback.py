"""What counts as there and back, to the second: whether it is one, who hears of it, and when it is at rest."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.comeback import (
    DAY,
    MOST_PAST,
    Comeback,
    Past,
    carried_on,
    comeback,
    entitled,
    noted,
    settled,
)
from monitor.differences import Revised, Side
from monitor.importance import Part
from monitor.model import RevisionKind

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
REVISED = Revised(kind=RevisionKind.BODY, summary="正文改动 1 处", parts={Part.FIGURES: 30, Part.SHARE: 12})


def side(text: str, **facts: Any) -> Side:
    return Side(title="题", text=f"{text}句。\n另一句话。", facts=facts)


def past(*states: tuple[str, datetime, Mapping[str, Any]]) -> list[Past]:
    return [Past(n=n, at=at, side=side(text), change=change) for n, (text, at, change) in enumerate(states, 1)]


def back(several: list[Past], text: str, now: datetime = NOW, **more: Any) -> Comeback | None:
    return comeback(several, side(text), **{"noise": (), "volatile": (), "now": now, **more})


FIRST: tuple[str, datetime, Mapping[str, Any]] = ("甲", NOW - 90 * DAY, {})


@pytest.mark.parametrize(("ago", "is_one"), [(HOUR, True), (DAY - SECOND, True), (DAY, False), (2 * DAY, False)])
def test_a_comeback_is_one_within_a_day(ago: timedelta, is_one: bool) -> None:
    found = back(past(FIRST, ("乙", NOW - ago, {})), "甲")
    assert (found is not None) == is_one
    if found is not None:
        assert (found.to, found.quiet, found.told, found.told_at) == (1, False, 2, NOW - ago)
        assert entitled(REVISED, found).summary == "恢复为第 1 版；正文改动 1 处"


def test_what_nobody_said_before_is_no_comeback() -> None:
    assert back(past(FIRST, ("乙", NOW - HOUR, {})), "丙") is None
    assert entitled(REVISED, None) is REVISED
    assert back(past(FIRST), "乙") is None


def test_a_comeback_of_a_comeback_is_quiet_until_a_day_after_the_last_word() -> None:
    told = past(FIRST, ("乙", NOW - 3 * HOUR, {}), ("甲", NOW - HOUR, {"back_to": 1}))
    found = back(told, "乙")
    assert found == Comeback(to=2, quiet=True, told=1, told_at=NOW - HOUR)
    note = noted(REVISED, found)
    assert note == {
        "importance": 42,
        "parts": {"figures": 30, "share": 12},
        "back_to": 2,
        "quiet": True,
        "told": 1,
        "told_at": (NOW - HOUR).isoformat(),
    }
    flips = [*told, Past(n=4, at=NOW, side=side("乙"), change=note)]
    for later, quiet in ((HOUR, True), (DAY - HOUR - SECOND, True), (DAY - HOUR, False)):
        again = back(flips, "甲", NOW + later)
        assert again == Comeback(to=1, quiet=quiet, told=1, told_at=NOW - HOUR), later


def test_noise_and_lines_that_flip_do_not_hide_a_comeback() -> None:
    several = past(FIRST, ("乙", NOW - HOUR, {}))
    flipped = Side(title="题", text=f"{side('甲').text}\n热点：丁\n访问次数：12", facts={})
    assert comeback(several, flipped, noise=(), volatile=("热点:*",), now=NOW) is not None
    assert comeback(several, flipped, noise=("^热点",), volatile=(), now=NOW) is not None
    assert comeback(several, flipped, noise=(), volatile=(), now=NOW) is None


def test_rest_is_a_day_in_another_state_than_was_told() -> None:
    quiet = {"back_to": 2, "quiet": True, "told": 1, "told_at": NOW.isoformat()}
    assert settled(quiet, NOW, NOW + DAY) == 1
    assert settled(quiet, NOW, NOW + DAY - SECOND) is None
    assert settled({**quiet, "told": 2}, NOW, NOW + 9 * DAY) is None
    assert settled({**quiet, "quiet": False}, NOW, NOW + 9 * DAY) is None
    assert settled({"back_to": 2}, NOW, NOW + 9 * DAY) is None
    assert settled(None, NOW, NOW + 9 * DAY) is None
    assert (carried_on(quiet), carried_on({"back_to": 2}), carried_on(None)) == (quiet, None, None)


def test_the_first_revision_that_said_it_is_named_however_often_it_flips() -> None:
    states = [FIRST, ("乙", NOW - 12 * HOUR, {})]
    states += [("甲乙"[n % 2], NOW - (11 - n) * HOUR, {"back_to": 1 + n % 2}) for n in range(11)]
    several = past(*states)[-MOST_PAST:]
    for text, first in (("甲", 1), ("乙", 2)):
        found = back(several, text)
        assert found is not None
        assert found.to == first
