"""Differences: whole sentences for the alert, whole numbers inside them."""

import pytest

from monitor.model import Change
from monitor.text.diff import changes, marked

BEFORE = "第一句讲宁波。第二句营收2674.3亿元。\n第三句讲义乌。第四句结束。"


def change(op: str, before: str = "", after: str = "") -> Change:
    return Change(field="body", op=op, before=before, after=after)


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


def test_noise_of_the_source_is_no_change() -> None:
    assert changes("正文。\n热点：甲", "正文。\n热点：乙", noise=["^热点"]) == ()
    assert len(changes("正文。\n热点：甲", "正文。\n热点：乙")) == 1


def test_a_rewritten_text_is_one_change() -> None:
    before = "".join(f"旧的第{n}句。" for n in range(20))
    after = "".join(f"新的第{n}句。" if n < 13 else f"旧的第{n}句。" for n in range(20))
    assert changes(before, after, field="body") == (change("replace", before, after),)
    slightly = before.replace("第3句", "第三句")
    assert changes(before, slightly) == (change("replace", "旧的第3句。", "旧的第三句。"),)


def test_a_rewritten_text_with_a_common_head_is_one_change() -> None:
    before = "同一句。" + "".join(f"旧的第{n}句。" for n in range(20))
    after = "同一句。" + "".join(f"新的第{n}句。" for n in range(20))
    assert changes(before, after) == (change("replace", before, after),)


def test_two_endless_texts_are_not_compared_sentence_by_sentence() -> None:
    before, after = "".join(f"甲{n}。" for n in range(2100)), "".join(f"乙{n}。" for n in range(2100))
    assert changes(before, after) == (change("replace", before, after),)


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
