"""Why a rule met an article or did not: a line for each operator and term, with what stands around it."""

import pytest

from monitor.model import HitField
from monitor.rules import Subject, parse

SUBJECT = Subject.of(
    title="宁波新闻",
    text="宁波和義烏。宁波，产业大脑在优美的园区\n招聘公告（第2号）",
    region="义乌",
    issuer="义乌市府办",
)


@pytest.mark.parametrize(
    ("rule", "reasons"),
    [
        pytest.param("宁波", ["hit: 宁波 (title 1, body 2): [宁波]新闻"], id="a term"),
        pytest.param("温州", ["missed: 温州 (not found)"], id="a term that is not there"),
        pytest.param(
            "義烏", ["hit: 義烏 (body 1): 宁波和[義烏]。宁波，产业大脑在优美的园区"], id="the stored text is shown"
        ),
        pytest.param(
            "=美的", ["missed: =美的 (there, but never between word borders)"], id="a word inside another one"
        ),
        pytest.param("=温州", ["missed: =温州 (not found)"], id="a whole word that is not there"),
        pytest.param(r"/第\d号/", [r"hit: /第\d号/ (body 1): 招聘公告（[第2号]）"], id="a regex"),
        pytest.param("title:新闻", ["hit: title:新闻 (title 1): 宁波[新闻]"], id="a field of text"),
        pytest.param("region:义乌", ["hit: region:义乌 (region is 义乌)"], id="a field"),
        pytest.param("region:温州", ["missed: region:温州 (region is 义乌)"], id="another value"),
        pytest.param("origin:日报", ["missed: origin:日报 (the article has no origin)"], id="a field without a value"),
        pytest.param(
            "宁波 温州",
            [
                "missed: AND (1 of 2 parts hit, all wanted)",
                "hit: 宁波 (title 1, body 2): [宁波]新闻",
                "missed: 温州 (not found)",
            ],
            id="AND",
        ),
        pytest.param(
            "温州 OR region:义乌",
            [
                "hit: OR (1 of 2 parts hit, one wanted)",
                "missed: 温州 (not found)",
                "hit: region:义乌 (region is 义乌)",
            ],
            id="OR",
        ),
        pytest.param(
            "宁波 -招聘 -温州 -issuer:府办",
            [
                "missed: AND (2 of 4 parts hit, all wanted)",
                "hit: 宁波 (title 1, body 2): [宁波]新闻",
                "missed: NOT 招聘 (excluded, and there): [招聘]公告（第2号）",
                "hit: NOT 温州 (excluded, and not there)",
                "missed: NOT issuer:府办 (excluded, and there: issuer is 义乌市府办)",
            ],
            id="exclusions",
        ),
        pytest.param(
            "宁波 -(招聘 region:温州)",
            [
                "hit: AND (2 of 2 parts hit, all wanted)",
                "hit: 宁波 (title 1, body 2): [宁波]新闻",
                "hit: NOT (excluded, and what is excluded does not hold)",
                "missed: · AND (1 of 2 parts hit, all wanted)",
                "hit: · · 招聘 (body 1): [招聘]公告（第2号）",
                "missed: · · region:温州 (region is 义乌)",
            ],
            id="an excluded group",
        ),
        pytest.param(
            "宁波 NEAR/1 义乌",
            [
                "hit: 宁波 NEAR/1 义乌 (3 places within 1 characters): [宁波和義烏]。宁波，产业大脑在优美的园区",
                "hit: 宁波 (title 1, body 2): [宁波]新闻",
                "hit: 义乌 (body 1): 宁波和[義烏]。宁波，产业大脑在优美的园区",
            ],
            id="NEAR",
        ),
        pytest.param(
            "新闻 NEAR/3 (招聘 OR 温州)",
            [
                "missed: 新闻 NEAR/3 (招聘 OR 温州) "
                "(both are there, but not within 3 characters of each other in one field)",
                "hit: 新闻 (title 1): 宁波[新闻]",
                "hit: OR (1 of 2 parts hit, one wanted)",
                "hit: · 招聘 (body 1): [招聘]公告（第2号）",
                "missed: · 温州 (not found)",
            ],
            id="NEAR, too far",
        ),
        pytest.param(
            "宁波 NEAR/3 大脑",
            [
                "hit: 宁波 NEAR/3 大脑 (2 places within 3 characters): 宁波和義烏。[宁波，产业大脑]在优美的园区",
                "hit: 宁波 (title 1, body 2): [宁波]新闻",
                "hit: 大脑 (body 1): 宁波和義烏。宁波，产业[大脑]在优美的园区",
            ],
            id="NEAR, the pair that is",
        ),
        pytest.param(
            "宁波 NEAR/2 大脑",
            [
                "missed: 宁波 NEAR/2 大脑 (both are there, but 3 characters apart where they are nearest)",
                "hit: 宁波 (title 1, body 2): [宁波]新闻",
                "hit: 大脑 (body 1): 宁波和義烏。宁波，产业[大脑]在优美的园区",
            ],
            id="NEAR, not near enough",
        ),
        pytest.param(
            "宁波 NEAR 温州",
            [
                "missed: 宁波 NEAR/20 温州 (not both are there)",
                "hit: 宁波 (title 1, body 2): [宁波]新闻",
                "missed: 温州 (not found)",
            ],
            id="NEAR, one side is missing",
        ),
        pytest.param("宁波{4}", ["missed: 宁波{4} (3 times, 4 wanted): [宁波]新闻"], id="a count"),
        pytest.param(
            "(宁波 OR 温州){3}",
            [
                "hit: (宁波 OR 温州){3} (3 times, 3 wanted): [宁波]新闻",
                "hit: 宁波 (title 1, body 2): [宁波]新闻",
                "missed: 温州 (not found)",
            ],
            id="a counted group",
        ),
    ],
)
def test_each_part_says_what_hit_and_what_missed(rule: str, reasons: list[str]) -> None:
    assert list(parse(rule).explain(SUBJECT)) == reasons


def test_the_pair_that_is_shown_is_one_of_both_sides() -> None:
    twice = Subject.of(title="", text="宁波、宁波、义乌")
    assert parse("宁波 NEAR 义乌").explain(twice)[0].endswith("(3 places within 20 characters): 宁波、[宁波、义乌]")
    inside = Subject.of(title="", text="产业大脑")
    assert "not within 20 characters" in parse("产业大脑 NEAR 大脑").explain(inside)[0]


def test_the_scope_is_kept() -> None:
    assert parse("宁波 新闻 温州 =新闻").explain(SUBJECT, frozenset({HitField.BODY}))[1:] == (
        "hit: 宁波 (body 2): [宁波]和義烏。宁波，产业大脑在优美的园区",
        "missed: 新闻 (not in the body, where alone the watch looks)",
        "missed: 温州 (not found)",
        "missed: =新闻 (not in the body, where alone the watch looks)",
    )
    assert parse("title:义乌").explain(SUBJECT) == ("missed: title:义乌 (not found)",)


def test_the_first_line_is_the_verdict_and_each_is_one_line() -> None:
    wide = Subject.of(title="", text="宁\n波" + "长" * 300, region="义乌\n市")
    for rule in ("宁 NEAR/1 波", "region:义乌 -波", "波 (宁 OR 长{2})"):
        lines = parse(rule).explain(wide)
        assert lines[0].startswith("hit" if parse(rule).matches(wide) else "missed")
        assert all(line.startswith(("hit: ", "missed: ")) and "\n" not in line for line in lines)
