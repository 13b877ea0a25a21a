"""Which differences of two texts an editor makes, and which make another text of it."""

import pytest

from monitor.text.divergence import Divergence, diverge
from monitor.text.fingerprint import canonical_lines

TEXT = (
    "义乌市政府3月2日召开未来工厂培育推进会，恒泰公司等30家企业参加。\n"
    "会议指出，全市规模以上工业增加值增长5.6%，完成技术改造投资12.5亿元，居全省第三位。\n"
    "会议要求各镇街加快项目落地，王强副市长出席并讲话，有关部门负责人作了发言。"
)


def compared(new: str, old: str = TEXT) -> Divergence:
    found = diverge(canonical_lines(old), canonical_lines(new))
    assert found is not None
    return found


def edited(before: str, after: str) -> Divergence:
    assert before in TEXT
    return compared(TEXT.replace(before, after, 1))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("30家", "三十家", id="a number written otherwise"),
        pytest.param("3月2日", "3月3日", id="a day"),
        pytest.param("3月2日", "近日", id="a day made vague"),
        pytest.param("第三位", "第四位", id="a rank"),
        pytest.param("恒泰公司", "鑫源公司", id="a firm"),
        pytest.param("恒泰公司", "恒太公司", id="a firm that sounds alike"),
        pytest.param("恒泰公司", "公司", id="a firm gone"),
        pytest.param("义乌市政府", "诸暨市政府", id="a place"),
        pytest.param("市政府", "县政府", id="the rank of a place"),
        pytest.param("义乌市政府", "义乌市江湾镇政府", id="a place within"),
        pytest.param("王强", "王刚", id="a person"),
        pytest.param("王强", "王墙", id="a person who sounds alike"),
        pytest.param("增长5.6%", "下降5.6%", id="the direction"),
        pytest.param("出席并讲话", "未出席", id="a negation"),
        pytest.param("加快项目落地", "暂缓项目落地", id="a verb"),
        pytest.param("居全省", "居全国", id="one character that sounds otherwise"),
    ],
)
def test_another_fact_is_seen(before: str, after: str) -> None:
    assert edited(before, after).facts


@pytest.mark.parametrize(
    ("before", "after", "figures"),
    [
        pytest.param("5.6%", "6.5%", [("5.6%", "6.5%")], id="a rate"),
        pytest.param("5.6%", "-5.6%", [("5.6%", "-5.6%")], id="a sign"),
        pytest.param("12.5亿元", "125亿元", [("12.5", "125")], id="a decimal point"),
        pytest.param("30家", "40家", [("30", "40")], id="a count"),
    ],
)
def test_a_mere_figure_is_told_from_other_facts(before: str, after: str, figures: list[tuple[str, str]]) -> None:
    found = edited(before, after)
    assert found.figures == figures
    assert not found.facts


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(f"新华社义乌3月3日电（记者李明）{TEXT}", id="a dateline"),
        pytest.param(f"{TEXT}（本报记者 李明）", id="a reporter at the end"),
        pytest.param(f"来源：义乌发布\n{TEXT}\n责任编辑：小王\n原标题：义乌开会", id="a frame"),
        pytest.param(f"{TEXT}\n会议现场。李明摄", id="a caption"),
        pytest.param(f"{TEXT} 【纠错】", id="a button"),
        pytest.param(TEXT.replace("，", "。").replace("。", "！"), id="punctuation"),
        pytest.param(TEXT.replace("\n", ""), id="paragraphs"),
        pytest.param("\n".join(TEXT.split("\n")[::-1]), id="the order of paragraphs"),
    ],
)
def test_what_stands_around_a_text_is_no_difference(new: str) -> None:
    found = compared(new)
    assert (found.facts, found.figures, found.added, found.dropped) == ([], [], [], [])


@pytest.mark.parametrize(
    ("before", "after"),
    [("召开", "招开"), ("作了", "做了"), ("有关部门", "有关的部门"), ("加快", "加加快"), ("参加", "参加了")],
)
def test_a_slip_is_no_fact(before: str, after: str) -> None:
    found = edited(before, after)
    assert (found.facts, found.figures, len(found.slips)) == ([], [], 1)


def test_the_same_slip_twice_is_a_name() -> None:
    old = "会议由带娣主持。\n随后代表发言，带娣作了总结，大家表示赞同。"
    assert compared(old.replace("带娣", "代娣"), old).facts
    assert not compared(old.replace("带娣", "代娣", 1), old).facts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("华晨上市。", "华辰上市。", id="a short name"),
        pytest.param("浙江恒泰科技股份有限公司获奖。", "浙江恒太科技股份有限公司获奖。", id="a firm"),
        pytest.param("由闵健国主持。", "由闵剑国主持。", id="a person with a rare surname"),
    ],
)
def test_what_only_sounds_alike_is_another_name(one: str, other: str) -> None:
    assert compared(f"{TEXT}\n{other}", f"{TEXT}\n{one}").facts


def test_what_only_one_side_says_is_added_or_dropped() -> None:
    more = "与会企业代表建议进一步降低用能成本。"
    assert compared(f"{TEXT}\n{more}").added == ["与会企业代表建议进一步降低用能成本"]
    assert compared(TEXT, f"{TEXT}\n{more}").dropped == ["与会企业代表建议进一步降低用能成本"]


def test_cells_that_change_places_are_no_move() -> None:
    found = compared("甲县\n6.2%\n乙县\n5.1%\n丙县\n7.3%", "甲县\n5.1%\n乙县\n6.2%\n丙县\n7.3%")
    assert found.figures or found.facts


@pytest.mark.parametrize(
    ("one", "other", "days"),
    [
        ("3月2", "3月2", 0),
        ("3月2", "3月3", 1),
        ("3月2", "9", 7),
        ("31", "1", 1),
        ("3月31", "4月1", 1),
        ("3月3", "12月3", 91),
        ("2025年3月3", "2024年3月3", 365),
        ("2024年12月31", "1月1", 1),
    ],
)
def test_datelines_are_days_apart(one: str, other: str, days: int) -> None:
    old, new = (f"新华社杭州{day}日电 {TEXT}" for day in (one, other))
    assert compared(new, old).days == days


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        pytest.param("本报义乌3月3日讯 ", "本报诸暨3月3日讯 ", True, id="a paper from two towns"),
        pytest.param("恒泰股份3月3日消息，", "鑫源股份3月3日消息，", True, id="two firms"),
        pytest.param("恒泰公司消息，", "鑫源公司消息，", True, id="two firms without a day"),
        pytest.param("新华社义乌3月3日电 ", "本报义乌3月3日讯 ", False, id="two papers from one town"),
        pytest.param("财联社3月3日电，", "新华社义乌3月3日电 ", False, id="an agency from nowhere"),
        pytest.param("据义乌发布消息，", "据央视新闻报道，", False, id="two outlets"),
    ],
)
def test_a_dateline_names_a_place_or_a_firm(one: str, other: str, apart: bool) -> None:
    assert bool(compared(other + TEXT, one + TEXT).facts) is apart


def test_names_that_change_places_are_no_move() -> None:
    form = "第一中标候选人：{}\n第二中标候选人：{}\n特此公示，欢迎监督。"
    firms = "义乌恒泰塑料制品有限公司", "绍兴鑫源五金机械有限公司"
    found = compared(form.format(*firms), form.format(*firms[::-1]))
    assert found.facts or (found.added and found.dropped)


@pytest.mark.parametrize("word", ["取消", "拟", "疑似", "不", "前", "美"])
def test_one_word_more_may_turn_a_sentence(word: str) -> None:
    assert edited("召开未来", f"{word}召开未来").facts


@pytest.mark.parametrize("sign", ["√", "×", "Ⅱ", "⑩", "▲"])
def test_a_sign_that_stands_alone_is_a_fact(sign: str) -> None:
    assert compared(f"{TEXT}\n结论：{sign}", f"{TEXT}\n结论：□").facts


def test_texts_with_thousands_of_differences_are_not_compared() -> None:
    old, new = ("\n".join(f"{word}第{n}项" for n in range(1600)) for word in ("甲", "乙"))
    assert diverge(canonical_lines(old), canonical_lines(new)) is None
