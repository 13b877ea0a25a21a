"""What is a sign of a withdrawal, how many make one, and what people are told of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records import (
    Capture,
    Draft,
    MadeUp,
    NotModified,
    Odd,
    Oddity,
    Quality,
    Source,
    Trouble,
    Unreachable,
    Verdict,
    Visit,
)
from monitor.judge import Missing, Withdrawn, judge
from monitor.model import RecheckPlan
from monitor.withdrawal import (
    WORDS,
    Absence,
    By,
    Sign,
    evidence,
    is_enough,
    kept,
    patience,
    returned_lines,
    sign,
    withdrawn_lines,
)
from tests.unit.test_judge import LIVE, MISSED_TWICE, PLAN

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
URL = "https://yw.example/a/58945012.html"
FRONT = "https://yw.example/"
SOURCE = Source(slug="yiwu-news", name="义乌要闻", engine="html_list")
TEXT = "大桥今天通车，全长2674米，双向六车道。\n市民可步行游览。"
NOT_FOUND = Sign(by=By.NOT_FOUND, status=404, url=URL)
DOUBTFUL = Sign(by=By.FRONT_PAGE, status=200, url=FRONT, sure=False)


def draft(verdict: Verdict, text: str = "", title: str | None = "提示") -> Draft:
    return Draft(url=URL, title=title, text=text, quality=Quality(verdict=verdict), extractor="1")


def visit(
    verdict: Verdict = Verdict.SOFT404,
    *,
    status: int = 200,
    how: Oddity | None = None,
    made_up: MadeUp = MadeUp.SAME,
    text: str = "",
) -> Visit:
    answer = Capture(url=URL, final_url=URL, status=status, body=b"x", fetched_at=NOW)
    odd = None if how is None else Odd(how=how, said="HTTP 200; 提示", made_up=made_up, made_up_url=f"{URL}9")
    return Visit(source=SOURCE, url=URL, entry=None, answer=answer, draft=draft(verdict, text), odd=odd)


def without_answer(trouble: Trouble) -> Visit:
    answer = Unreachable(url=URL, trouble=trouble, detail="", fetched_at=NOW)
    return Visit(source=SOURCE, url=URL, entry=None, answer=answer)


@pytest.mark.parametrize(
    ("visited", "expected"),
    [
        pytest.param(visit(status=404), (By.NOT_FOUND, True), id="404"),
        pytest.param(visit(status=410), (By.NOT_FOUND, True), id="410"),
        pytest.param(replace(visit(status=404), draft=None), (By.NOT_FOUND, True), id="404 that was not read"),
        *(
            pytest.param(visit(how=how), (by, True), id=f"{how}, as for what cannot exist")
            for how, by in (
                (Oddity.FRONT_PAGE, By.FRONT_PAGE),
                (Oddity.ELSEWHERE, By.ELSEWHERE),
                (Oddity.SOFT_404, By.SOFT_404),
                (Oddity.OTHER_PAGE, By.SAME_AS_NOTHING),
            )
        ),
        *(
            pytest.param(visit(how=how, made_up=MadeUp.OTHER), (by, False), id=f"{how}, unlike what cannot exist")
            for how, by in (
                (Oddity.FRONT_PAGE, By.FRONT_PAGE),
                (Oddity.ELSEWHERE, By.ELSEWHERE),
                (Oddity.SOFT_404, By.SOFT_404),
            )
        ),
        pytest.param(visit(how=Oddity.OTHER_PAGE, made_up=MadeUp.OTHER), None, id="another headline is an edit"),
        *(
            pytest.param(visit(how=how, made_up=MadeUp.UNCLEAR), None, id=f"{how}, and nothing to compare with")
            for how in Oddity
        ),
        *(
            pytest.param(visit(Verdict.ARTICLE, how=how, text=f"编者按\n{TEXT}"), None, id=f"{how}, the text is there")
            for how in (Oddity.OTHER_PAGE, Oddity.ELSEWHERE)
        ),
        *(pytest.param(visit(status=status), None, id=str(status)) for status in (200, 301, 403, 412, 429, 500, 521)),
        pytest.param(visit(Verdict.CHALLENGE, status=404), None, id="a challenge that says 404"),
        pytest.param(visit(Verdict.CHALLENGE, how=Oddity.FRONT_PAGE), None, id="a challenge at the front"),
        *(pytest.param(without_answer(trouble), None, id=str(trouble)) for trouble in Trouble),
        pytest.param(
            Visit(source=SOURCE, url=URL, entry=None, answer=NotModified(url=URL, fetched_at=NOW)), None, id="304"
        ),
    ],
)
def test_a_visit_is_a_sign(visited: Visit, expected: tuple[By, bool] | None) -> None:
    found = sign(visited, TEXT)
    assert (found and (found.by, found.sure)) == expected


def test_an_odd_page_of_what_is_not_known_is_no_sign() -> None:
    assert sign(visit(how=Oddity.FRONT_PAGE), None) is None


@pytest.mark.parametrize(
    ("misses", "found", "absence", "expected"),
    [
        pytest.param(2, NOT_FOUND, Absence(), False, id="too few"),
        pytest.param(3, NOT_FOUND, Absence(), True, id="three that are sure"),
        pytest.param(3, DOUBTFUL, Absence(doubts=2), False, id="three that are doubtful"),
        pytest.param(6, DOUBTFUL, Absence(doubts=5), True, id="six that are doubtful"),
        pytest.param(4, NOT_FOUND, Absence(doubts=2), True, id="two of each"),
        pytest.param(3, NOT_FOUND, Absence(doubts=1), False, id="one of three is doubtful"),
    ],
)
def test_so_many_signs_are_enough(misses: int, found: Sign, absence: Absence, expected: bool) -> None:
    assert is_enough(misses=misses, found=found, absence=absence, confirm=3, now=NOW) is expected


@pytest.mark.parametrize(("hours", "expected"), [(23, False), (24, True)])
def test_what_came_back_often_has_to_be_away_for_long(hours: int, expected: bool) -> None:
    absence = Absence(since=NOW - timedelta(hours=hours), patience=patience(2))
    assert is_enough(misses=9, found=NOT_FOUND, absence=absence, confirm=3, now=NOW) is expected
    first = Absence(patience=patience(2))
    assert not is_enough(misses=1, found=NOT_FOUND, absence=first, confirm=1, now=NOW)


@given(
    signs=st.lists(st.sampled_from([NOT_FOUND, DOUBTFUL]), min_size=1, max_size=12),
    confirm=st.integers(1, 5),
)
def test_no_mixture_of_signs_is_enough_before_as_many_checks_as_are_wanted(signs: list[Sign], confirm: int) -> None:
    """And twice as many are enough, whatever they are."""
    plan = RecheckPlan(confirm=confirm, confirm_every=timedelta(minutes=10))
    doubts, held = 0, LIVE
    for n, found in enumerate(signs, 1):
        judged = judge(held, _as_visit(found), plan=plan, now=NOW, absence=Absence(doubts=doubts))
        if n < confirm:
            assert judged == Missing(misses=n)
        if n >= 2 * confirm:
            assert judged == Withdrawn(misses=n)
        if isinstance(judged, Withdrawn):
            return
        doubts += not found.sure
        held = replace(held, misses=n, checked_at=NOW - timedelta(hours=1))


def _as_visit(found: Sign) -> Visit:
    if found.by is By.NOT_FOUND:
        return visit(status=404)
    return visit(how=Oddity.FRONT_PAGE, made_up=MadeUp.SAME if found.sure else MadeUp.OTHER)


def test_signs_of_every_kind_count_on() -> None:
    assert judge(MISSED_TWICE, visit(how=Oddity.SOFT_404), plan=PLAN, now=NOW) == Withdrawn(misses=3)
    assert judge(MISSED_TWICE, visit(how=Oddity.FRONT_PAGE), plan=PLAN, now=NOW) == Withdrawn(misses=3)


def test_the_first_and_the_last_checks_are_kept() -> None:
    checks: list[dict[str, Any]] = [{"n": n} for n in range(100)]
    some = [check["n"] for check in kept(checks)]
    assert some == [*range(5), *range(85, 100)]
    assert kept(checks[:20]) == checks[:20]


def test_an_alert_says_what_was_seen_when_and_what_it_was_compared_with() -> None:
    soft = Sign(
        by=By.SOFT_404,
        status=200,
        url=URL,
        said="HTTP 200; 提示信息",
        made_up_url="https://yw.example/a/99999999.html",
        made_up_said="HTTP 404; 提示信息",
    )
    checks = [
        evidence(NOT_FOUND, NOW),
        evidence(DOUBTFUL, NOW + timedelta(minutes=10)),
        evidence(soft, NOW + timedelta(minutes=20)),
    ]
    detail = {
        "since": "2026-03-02T10:00:00+08:00",
        "last_good_at": "2026-03-01T20:00:00+08:00",
        "count": 3,
        "checks": checks,
    }
    assert withdrawn_lines(detail) == [
        "最后正常：2026-03-01 20:00",
        "核查：3 次均不可见，自 2026-03-02 10:00 起",
        "  2026-03-02 10:00 HTTP 404 页面不存在",
        "  2026-03-02 10:10 HTTP 200 跳转到首页 https://yw.example/",
        "  2026-03-02 10:20 HTTP 200 页面称内容不存在：HTTP 200; 提示信息",
        "对照：同站虚构网址 https://yw.example/a/99999999.html 的回应：HTTP 404; 提示信息",
    ]
    many = withdrawn_lines({**detail, "count": 12, "checks": [checks[0]] * 12})
    assert len([line for line in many if line.startswith(" ")]) == 4
    assert set(WORDS) == set(By)


@pytest.mark.parametrize(
    ("seconds", "differs", "expected"),
    [
        pytest.param(59, False, "离线：不到 1 分钟（2026-03-02 10:00 撤下）；内容与撤下前相同", id="a moment"),
        pytest.param(
            183_600, True, "离线：2 天 3 小时（2026-03-02 10:00 撤下）；内容有改动（正文改动 1 处）", id="days"
        ),
        pytest.param(None, False, "离线：时长未知；内容与撤下前相同", id="handed in as withdrawn"),
    ],
)
def test_an_alert_says_how_long_it_was_away(seconds: int | None, differs: bool, expected: str) -> None:
    since = None if seconds is None else "2026-03-02T10:00:00+08:00"
    detail = {"since": since, "seconds": seconds, "differs": differs, "summary": "正文改动 1 处" if differs else ""}
    assert returned_lines(detail) == [expected]
