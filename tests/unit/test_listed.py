"""Which articles a listing gives cause to look at: what it shows otherwise, and what it shows no more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records import Precision
from monitor.listed import AGAIN, LATEST, Shown, hints, is_heard, is_other_time, is_other_title

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        pytest.param("大桥今日通车", "大桥推迟通车", True, id="another headline"),
        pytest.param("关于印发示例办法的通知", "关于印发示例办法的通知（更正）", True, id="a word added"),
        pytest.param("关于印发示例办法的…", "关于印发示例办法的通知", False, id="cut"),
        pytest.param("关于印发示例办...", "关于印发示例办法的……", False, id="cut here and there"),
        pytest.param("关于印发示例办法的…", "关于废止示例办法的…", True, id="cut, and another"),
        pytest.param("大桥今日通车", "[置顶] 大桥今日通车", False, id="pinned"),
        pytest.param("大桥今日通车（图）", "【头条】大桥今日通车", False, id="marked"),
        pytest.param("大桥 今日通车", "大桥今日通车", False, id="a blank"),
        pytest.param("數字經濟大會召開", "数字经济大会召开", False, id="the other script"),
        pytest.param("大桥今日通车", None, False, id="no title any more"),
        pytest.param("……", "大桥今日通车", False, id="nothing but marks"),
    ],
)
def test_a_title_of_a_list_is_another_one(one: str | None, other: str | None, differs: bool) -> None:
    assert is_other_title(one, other) is differs
    assert is_other_title(other, one) is differs


def shown(at: datetime | None = NOW, precision: Precision | None = Precision.MINUTE, title: str = "题") -> Shown:
    return Shown(title=title, at=at, precision=precision)


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        pytest.param(shown(), shown(NOW + MINUTE), True, id="another minute"),
        pytest.param(shown(), shown(NOW + timedelta(seconds=30)), False, id="the same minute"),
        pytest.param(shown(precision=Precision.DAY), shown(NOW + HOUR), False, id="no more than a day was shown"),
        pytest.param(shown(precision=Precision.DAY), shown(NOW + 24 * HOUR), True, id="another day"),
        pytest.param(shown(None), shown(), False, id="no time was shown"),
        pytest.param(shown(precision=Precision.HOUR), shown(NOW + 40 * MINUTE), False, id="the same hour"),
    ],
)
def test_a_time_of_a_list_is_another_one(one: Shown, other: Shown, differs: bool) -> None:
    assert is_other_time(one, other) is differs


def listing(names: str, **changed: Shown) -> dict[str, Shown]:
    """One entry a letter, an hour between two."""
    entries = {name: shown(NOW - n * HOUR, title=f"第{n}篇{name}") for n, name in enumerate("zabcdefgh")}
    return {name: changed.get(name, entries[name]) for name in names}


@pytest.mark.parametrize(
    ("now", "found"),
    [
        pytest.param(listing("abcdef"), [], id="nothing"),
        pytest.param(listing("zabcde"), [], id="a new one, and the last has moved on to the next page"),
        pytest.param(listing("abdef"), ["c"], id="one is gone, those below it are there"),
        pytest.param(listing("abce"), [], id="gone with next to nothing below"),
        pytest.param(listing("abcd"), [], id="a shorter page"),
        pytest.param(listing("ef"), [], id="a list that was made anew"),
        pytest.param(listing("fedcba"), [], id="another order"),
        pytest.param(listing("abcdef", b=shown(title="更正")), ["b"], id="a title"),
        pytest.param(listing("abcdef", b=shown(NOW + HOUR, title="第2篇b")), ["b"], id="a time"),
        pytest.param(
            listing("abdef", e=shown(title="更正"), a=shown(NOW + HOUR, title="第1篇a")),
            ["e", "c", "a"],
            id="the surest first",
        ),
        pytest.param(
            {name: replace(each, at=NOW - n * HOUR) for n, (name, each) in enumerate(listing("abcdef").items())},
            [],
            id="a list that says how long ago",
        ),
    ],
)
def test_a_listing_gives_cause_to_look_at(now: dict[str, Shown], found: list[str]) -> None:
    assert hints(listing("abcdef"), now) == found


def test_a_first_listing_gives_none() -> None:
    assert hints({}, listing("abcdef")) == []


def test_what_comes_to_nothing_is_followed_ever_rarer() -> None:
    waits = []
    for count in range(12):
        wait = timedelta(0)
        while not is_heard(hints=count, checked_at=NOW - wait, now=NOW):
            wait += 30 * MINUTE
        waits.append(wait)
    assert waits[:5] == [timedelta(0), AGAIN, 2 * AGAIN, 4 * AGAIN, 8 * AGAIN]
    assert waits == sorted(waits)
    assert waits[-1] == LATEST


ENTRIES = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.builds(
        Shown,
        title=st.one_of(st.none(), st.text("大桥通车…[置顶] ", max_size=8)),
        at=st.one_of(st.none(), st.integers(0, 9).map(lambda n: NOW + n * HOUR)),
        precision=st.sampled_from([None, *Precision]),
    ),
    max_size=8,
)


@given(before=ENTRIES, now=ENTRIES)
def test_hints_are_of_what_was_listed_before_each_once_and_none_of_the_same_list(
    before: dict[str, Shown], now: dict[str, Shown]
) -> None:
    found = hints(before, now)
    assert len(found) == len(set(found)) and set(found) <= before.keys()
    assert hints(now, now) == []
    assert Shown.from_json(shown().as_json()) == shown()
