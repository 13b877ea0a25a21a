"""Fingerprints: what is no change, and what is one."""

import pytest

from monitor.text.fingerprint import canonical_lines, fingerprint, lines_set_hash, story_key

TITLE = "宁波数字经济核心产业营收2674.3亿元"
TEXT = "发布时间：2024-05-01 10:00 访问次数：12\n宁波市发布数据。\n营收2674.3亿元，同比增长35%。"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(TEXT.replace("12", "9,981"), id="the counter moved"),
        pytest.param(TEXT.replace("访问次数：12", "访问次数："), id="the counter has not come"),
        pytest.param(TEXT + "\n字体：大 中 小", id="a font-size widget"),
        pytest.param("今天是2024年5月1日 星期三\n" + TEXT, id="today's date"),
        pytest.param("今天是2024年5月2日 星期四\n" + TEXT, id="tomorrow's date"),
        pytest.param(TEXT + "\n打印 关闭\n分享到：微信", id="buttons"),
        pytest.param(TEXT + "\n———————\n【】", id="lines without a word"),
        pytest.param(TEXT.replace("\n", "\n\n　　"), id="blanks and empty lines"),
        pytest.param(TEXT.replace("，", ", ").replace("%", "％"), id="width"),
        pytest.param(TEXT.replace("发布数据。\n", "发布数据。"), id="a paragraph's border"),
        pytest.param(TEXT.replace("数据", "數(shù)據(jù)"), id="script and glosses"),
        pytest.param(TEXT + "\n版权声明 4711", id="a line that the source calls noise"),
    ],
)
def test_noise_is_no_change(other: str) -> None:
    assert fingerprint(TITLE, other, ["^版权声明"]) == fingerprint(TITLE, TEXT, ["^版权声明"])


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(TEXT.replace("2674.3", "2764.3"), id="a figure"),
        pytest.param(TEXT.replace("05-01 10", "05-02 10"), id="the publishing date"),
        pytest.param(TEXT + "\n景区访问量达120万人次", id="a sentence about visitors"),
        pytest.param(TEXT + "\n2024年5月1日 星期三", id="a date that is not today's"),
        pytest.param("\n".join(reversed(TEXT.split("\n"))), id="the order"),
        pytest.param(TEXT + "\n版权声明 4711", id="a line that nobody calls noise"),
    ],
)
def test_content_is_a_change(other: str) -> None:
    assert fingerprint(TITLE, other) != fingerprint(TITLE, TEXT)


def test_a_title_is_content() -> None:
    assert fingerprint(TITLE + "（更正）", TEXT) != fingerprint(TITLE, TEXT)
    assert fingerprint(TITLE.replace("2674", "２６７４"), TEXT) == fingerprint(TITLE, TEXT)


def test_moved_paragraphs_keep_the_order_free_hash() -> None:
    moved = "\n".join(reversed(TEXT.split("\n")))
    assert lines_set_hash(moved) == lines_set_hash(TEXT)
    assert lines_set_hash(TEXT.replace("35%", "36%")) != lines_set_hash(TEXT)


def test_canonical_lines_are_what_counts() -> None:
    assert canonical_lines(TEXT + "\n打印") == [
        "发布时间:2024-05-0110:00",
        "宁波市发布数据.",
        "营收2674.3亿元,同比增长35%.",
    ]


def test_noise_is_looked_for_as_stored_and_as_folded() -> None:
    assert canonical_lines("責任編輯：甲\n宁波", ["^责任编辑:"]) == ["宁波"]
    assert canonical_lines("責任編輯：甲\n宁波", ["^責任編輯："]) == ["宁波"]


def test_the_same_text_elsewhere_has_the_same_story_key() -> None:
    text = "宁波市数字经济核心产业实现营收稳步增长。" * 6
    mirror = text.replace("数", "數(shù)").replace("。", ".\n") + "\n浏览次数：77"
    assert story_key(text) == story_key(mirror) is not None
    assert story_key(text) != story_key(text.replace("营收", "利润"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.25%", "12.5%"),
        ("-5%", "5%"),
        ("5%", "5‰"),
        ("1-2月", "12月"),
        ("3，64名", "36，4名"),
        ("Ⅱ级", "Ⅲ级"),
        ("√", "×"),
        ("AA+级", "AA-级"),
    ],
)
def test_points_and_signs_are_in_the_story_key(one: str, other: str) -> None:
    text = "宁波市数字经济核心产业实现营收稳步增长，结果为{}，特此公布。"
    assert story_key(text.format(one)) != story_key(text.format(other))
    assert story_key(text.format(one)) == story_key(text.format(one).replace("，", ";").replace("。", "\n"))


def test_a_short_text_has_no_story_key() -> None:
    assert story_key("宁波" * 9) is None
    assert story_key("宁波" * 10) is not None
