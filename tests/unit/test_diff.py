"""Differences: whole sentences for the alert, whole numbers inside them."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Change
from monitor.text.diff import changes, marked
from monitor.text.fewedits import few_edits
from monitor.text.fingerprint import canonical
from monitor.text.fold import fold_text

BEFORE = "第一句讲宁波。第二句营收2674.3亿元。\n第三句讲义乌。第四句结束。"


def change(op: str, before: str = "", after: str = "", *, rewritten: bool = False) -> Change:
    return Change(field="body", op=op, before=before, after=after, rewritten=rewritten)


def moved(text: str) -> Change:
    return Change(field="body", op="replace", before=text, after=text, moved=True)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(BEFORE, BEFORE, [], id="nothing"),
        pytest.param(BEFORE, BEFORE + "\n访问次数：12", [], id="a widget came"),
        pytest.param(BEFORE, BEFORE.replace("讲", "講").replace("。", "．"), [], id="script and width"),
        pytest.param(
            BEFORE,
            BEFORE.replace("2674.3", "2764.3"),
            [change("replace", "第二句营收2674.3亿元。", "第二句营收2764.3亿元。")],
            id="a figure",
        ),
        pytest.param(BEFORE, BEFORE + "新增一句。", [change("insert", after="新增一句。")], id="a new sentence"),
        pytest.param(
            BEFORE, BEFORE.replace("第三句讲义乌。", ""), [change("delete", "第三句讲义乌。")], id="a sentence less"
        ),
        pytest.param(
            BEFORE,
            BEFORE.replace("宁波", "温州").replace("2674.3", "1"),
            [
                change("replace", "第一句讲宁波。", "第一句讲温州。"),
                change("replace", "第二句营收2674.3亿元。", "第二句营收1亿元。"),
            ],
            id="two neighbours, one by one",
        ),
        pytest.param(
            BEFORE,
            BEFORE.replace("第二句营收2674.3亿元。\n第三句讲义乌。", "改。"),
            [change("replace", "第二句营收2674.3亿元。\n第三句讲义乌。", "改。")],
            id="two become one, the paragraph kept",
        ),
        pytest.param(
            BEFORE,
            BEFORE.replace("宁波", "温州").replace("第四", "第五"),
            [change("replace", "第一句讲宁波。", "第一句讲温州。"), change("replace", "第四句结束。", "第五句结束。")],
            id="two apart",
        ),
        pytest.param("", "从无到有。", [change("insert", after="从无到有。")], id="from nothing"),
        pytest.param(
            "甲说：“好。”乙说！？",
            "甲说：“好。”乙走。",
            [change("replace", "乙说！？", "乙走。")],
            id="quotes and marks",
        ),
    ],
)
def test_changed_sentences_stand_whole(before: str, after: str, expected: list[Change]) -> None:
    assert list(changes(before, after)) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("甲段。\n乙段。\n丙段。", "丙段。\n甲段。\n乙段。", [moved("丙段。")], id="a paragraph"),
        pytest.param("甲。乙。丙。丁。", "乙。丙。丁。甲。", [moved("甲。")], id="a sentence"),
        pytest.param("甲。\n乙。丙。\n丁。", "甲。\n丁。\n乙。丙。", [moved("丁。")], id="over two sentences"),
        pytest.param("甲。乙。丙。丁。戊。", "丙。丁。戊。甲。乙。", [moved("甲。乙。")], id="two that stay together"),
        pytest.param("甲。乙。丙。", "丙。乙。甲。", [moved("丙。"), moved("乙。")], id="turned round"),
        pytest.param(
            "甲1。\n乙。\n丙。\n丁。",
            "丁。\n甲2。\n乙。\n丙。",
            [change("replace", "甲1。", "甲2。"), moved("丁。")],
            id="and a figure elsewhere",
        ),
        pytest.param("甲。乙。甲。", "甲。乙。", [change("delete", "甲。")], id="one of two alike is gone"),
        pytest.param("數字經濟。\n乙。丙。", "乙。丙。\n数字经济。", [moved("数字经济。")], id="in the other script"),
    ],
)
def test_what_only_stands_elsewhere_is_moved(before: str, after: str, expected: list[Change]) -> None:
    assert list(changes(before, after)) == expected


def test_moved_sentences_make_no_rewritten_text() -> None:
    lines = [f"第{n}句讲的是{n}。" for n in range(20)]
    assert {change.moved for change in changes("\n".join(lines), "\n".join(reversed(lines)))} == {True}


LINES = st.lists(
    st.sampled_from(["宁波。", "义乌。甲。", "2674.3亿元。", "訪問。", "访问。", "", "。", "甲"]), max_size=8
)


@settings(max_examples=100, deadline=None)
@given(LINES, LINES)
def test_the_changes_lead_from_one_text_to_the_other(old: list[str], new: list[str]) -> None:
    """What stays and what was before is the one text, what stays and what is after the other."""

    def counted(text: str) -> Counter[str]:
        sentences = re.findall("[^。\n]+。?|。", text)
        return Counter(key for sentence in sentences if (key := canonical(fold_text(sentence))))

    found = changes("\n".join(old), "\n".join(new))
    lost = counted("\n".join(change.before for change in found))
    come = counted("\n".join(change.after for change in found))
    first, second = counted("\n".join(old)), counted("\n".join(new))
    first.subtract(lost)
    second.subtract(come)
    assert first == second


def test_noise_of_the_source_is_no_change() -> None:
    assert changes("正文。\n热点：甲", "正文。\n热点：乙", noise=["^热点"]) == ()
    assert len(changes("正文。\n热点：甲", "正文。\n热点：乙")) == 1


def test_a_rewritten_text_is_one_change() -> None:
    before = "".join(f"旧的第{n}句。" for n in range(20))
    after = "".join(f"新的第{n}句。" if n < 13 else f"旧的第{n}句。" for n in range(20))
    assert changes(before, after, field="body") == (change("replace", before, after, rewritten=True),)
    slightly = before.replace("第3句", "第三句")
    assert changes(before, slightly) == (change("replace", "旧的第3句。", "旧的第三句。"),)


def test_a_rewritten_text_with_a_common_head_is_one_change() -> None:
    before = "同一句。" + "".join(f"旧的第{n}句。" for n in range(20))
    after = "同一句。" + "".join(f"新的第{n}句。" for n in range(20))
    assert changes(before, after) == (change("replace", before, after, rewritten=True),)


def test_two_endless_texts_are_not_compared_sentence_by_sentence() -> None:
    before, after = "".join(f"甲{n}。" for n in range(2100)), "".join(f"乙{n}。" for n in range(2100))
    assert changes(before, after) == (change("replace", before, after, rewritten=True),)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            "营收2674.3亿元。", "营收2764.3亿元。", "营收[-2674.3-]{+2764.3+}亿元。", id="a number stays whole"
        ),
        pytest.param(
            "同比增长35%，居首。",
            "同比增长3.5%，居首。",
            "同比增长[-35%-]{+3.5%+}，居首。",
            id="a percentage stays whole",
        ),
        pytest.param("总量位居全省第二。", "总量居全省第二位。", "总量[-位-]居全省第二{+位+}。", id="characters move"),
        pytest.param(
            "使用OpenAI的产品。", "使用Open的产品。", "使用[-OpenAI-]{+Open+}的产品。", id="a Latin word stays whole"
        ),
        pytest.param("同样。", "同样。", "同样。", id="nothing"),
        pytest.param("全部改掉。", "换成别的话！", "[-全部改掉。-]{+换成别的话！+}", id="little in common: both whole"),
        pytest.param("甲" * 2001, "乙", f"[-{'甲' * 2001}-]{{+乙+}}", id="too long"),
    ],
)
def test_words_are_marked_inside_a_sentence(before: str, after: str, expected: str) -> None:
    assert marked(before, after) == expected


def test_two_edits_in_a_text_of_thousands_of_lines_are_two_changes() -> None:
    lines = [f"第{row}行 | {row * 7} | 合格" for row in range(6000)]
    new = list(lines)
    new[100], new[5900] = "第100行 | 701 | 合格", "第5900行 | 41300 | 不合格"
    assert [each.before for each in changes("\n".join(lines), "\n".join(new))] == [lines[100], lines[5900]]


def test_three_lines_more_among_thousands_of_equal_ones_are_three_changes() -> None:
    old = ["同一行。"] * 9000
    new = [*old[:2000], "甲。", *old[:4000], "乙。", *old[:3000], "丙。"]
    found = changes("\n".join(old), "\n".join(new))
    assert [(each.op, each.after) for each in found] == [("insert", "甲。"), ("insert", "乙。"), ("insert", "丙。")]


def test_thousands_of_lines_that_are_all_others_are_a_rewrite() -> None:
    old, new = ("\n".join(f"{word}{row}" for row in range(3000)) for word in ("甲", "乙"))
    assert [each.rewritten for each in changes(old, new)] == [True]


def test_a_line_that_breaks_elsewhere_is_no_change_beside_one() -> None:
    before = "前一段没有句号\n后一段接着说。\n中间一段。\n营收12亿元。"
    after = "前一段没有句号后一段接着说。\n中间一段。\n营收13亿元。"
    assert changes(before, after) == (change("replace", "营收12亿元。", "营收13亿元。"),)


@given(
    st.lists(st.sampled_from("abc"), max_size=12),
    st.lists(st.sampled_from("abcd"), max_size=12),
)
def test_few_edits_finds_the_longest_common_part(old: list[str], new: list[str]) -> None:
    found = few_edits(old, new, most=24)
    at = other = 0
    for i, j, size in found:
        assert at <= i
        assert other <= j
        assert old[i : i + size] == new[j : j + size]
        at, other = i + size, j + size
    longest = max((len(part) for part in parts(old) if is_part(part, new)), default=0) if len(old) < 9 else 0
    assert sum(size for _, _, size in found) >= longest


def test_few_edits_gives_up_beyond_its_number() -> None:
    assert few_edits("abc", "xyz", most=5) == []
    assert few_edits("abcx", "xabc", most=2) == [(0, 1, 3)]


def parts(words: list[str]) -> Iterator[list[str]]:
    for chosen in product((False, True), repeat=len(words)):
        yield [word for word, kept in zip(words, chosen, strict=True) if kept]


def is_part(part: list[str], words: list[str]) -> bool:
    left = iter(words)
    return all(word in left for word in part)
