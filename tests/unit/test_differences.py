"""What a change is called, what is said of it in a line, and what it weighs."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import importance
from monitor.differences import Revised, Side, differences, is_same, together
from monitor.importance import POINTS, Part
from monitor.model import Change, RevisionKind
from monitor.telling import watched_words
from monitor.text.altered import altered
from monitor.text.figures import figures, replaced_figures
from monitor.text.names import names, replaced_names
from monitor.text.wording import compared

TEXT = (
    "示例会议今天在义乌召开。\n副市长王小明表示，2025年全市营收达2674.3亿元，同比增长5.2%。\n"
    "会议提出，到2027年建成未来工厂30家。\n由义乌市商务局牵头，依据《示例管理办法》执行。\n市民可以到场参观。"
)


def side(text: str = TEXT, title: str = "示例会议召开", **facts: Any) -> Side:
    return Side(title=title, text=text, facts=facts)


def revised(text: str = TEXT, title: str = "示例会议召开", **facts: Any) -> Revised:
    return together(differences(side(), side(text, title, **facts), ()))


def edited(*pairs: tuple[str, str]) -> Revised:
    text = TEXT
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    return revised(text)


@pytest.mark.parametrize(
    ("made", "kind", "summary", "parts"),
    [
        pytest.param(
            edited(("2674.3", "2764.3")),
            RevisionKind.BODY,
            "全市营收 2674.3→2764.3 亿元",
            {Part.FIGURES: 30, Part.SHARE: 37},
            id="a figure",
        ),
        pytest.param(
            edited(("2674.3亿", "2764.3亿"), ("5.2%", "5.8%"), ("30家", "40家")),
            RevisionKind.BODY,
            "全市营收 2674.3→2764.3 亿元，同比增长 5.2%→5.8%，未来工厂 30→40 家",
            {Part.FIGURES: 30, Part.SHARE: 50},
            id="three figures",
        ),
        pytest.param(
            edited(
                ("2674.3亿", "2764.3亿"), ("5.2%", "5.8%"), ("30家", "40家"), ("王小明", "李大力"), ("到场", "随时")
            ),
            RevisionKind.BODY,
            "全市营收 2674.3→2764.3 亿元，同比增长 5.2%→5.8%，未来工厂 30→40 家，另有 2 处改动",
            {Part.FIGURES: 30, Part.NAMES: 20, Part.SHARE: 50},
            id="more than is told",
        ),
        pytest.param(
            edited(("王小明", "李大力")),
            RevisionKind.BODY,
            "王小明→李大力",
            {Part.NAMES: 20, Part.SHARE: 37},
            id="a person",
        ),
        pytest.param(
            edited(("商务局", "财政局")),
            RevisionKind.BODY,
            "义乌市商务局→义乌市财政局",
            {Part.NAMES: 20, Part.SHARE: 27},
            id="an organisation",
        ),
        pytest.param(
            edited(("在义乌", "在宁波")), RevisionKind.BODY, "义乌→宁波", {Part.NAMES: 20, Part.SHARE: 19}, id="a place"
        ),
        pytest.param(
            edited(("管理办法》", "管理条例》")),
            RevisionKind.BODY,
            "《示例管理办法》→《示例管理条例》",
            {Part.NAMES: 20, Part.SHARE: 27},
            id="a document",
        ),
        pytest.param(
            edited(("市民", "游客")), RevisionKind.BODY, "“市民”→“游客”", {Part.SHARE: 16}, id="a word that is no name"
        ),
        pytest.param(
            edited(("\n市民可以到场参观。", "")),
            RevisionKind.BODY,
            "删去“市民可以到场参观。”",
            {Part.SHARE: 13},
            id="a sentence less",
        ),
        pytest.param(
            revised(title="示例会议闭幕"),
            RevisionKind.TITLE,
            "标题改为《示例会议闭幕》",
            {Part.TITLE: 40},
            id="the headline",
        ),
        pytest.param(
            revised(title="示例会议在宁波召开"),
            RevisionKind.TITLE,
            "标题改为《示例会议在宁波召开》",
            {Part.TITLE: 40, Part.NAMES: 10},
            id="a place in the headline",
        ),
        pytest.param(
            revised(attachments=[{"name": "名单.pdf", "url": "https://a.example/1.pdf"}]),
            RevisionKind.ATTACHMENTS,
            "附件增加 1 个（名单.pdf）",
            {Part.ATTACHMENTS: 20},
            id="an attachment",
        ),
        pytest.param(
            revised(origin="示例社"), RevisionKind.METADATA, "来源： → 来源：示例社", {Part.FACTS: 10}, id="a fact"
        ),
        pytest.param(
            revised(government={"issuer": "示例市商务局"}),
            RevisionKind.METADATA,
            "发布机构： → 发布机构：示例市商务局",
            {Part.NAMES: 20, Part.FACTS: 10},
            id="the issuer",
        ),
        pytest.param(
            revised("\n".join(reversed(TEXT.split("\n")))),
            RevisionKind.REORDERED,
            "段落换了次序",
            {},
            id="moved paragraphs",
        ),
    ],
)
def test_a_change_says_what_changed_and_states_what_it_weighs(
    made: Revised, kind: RevisionKind, summary: str, parts: dict[Part, int]
) -> None:
    assert (made.kind, made.summary, dict(made.parts)) == (kind, summary, parts)
    assert made.importance == min(100, sum(parts.values()))


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        pytest.param("示例OpenAi发布", "示例OpenAI发布", True, id="capitals"),
        pytest.param("示例OpenAI发布", "示例ＯｐｅｎＡＩ 發佈", False, id="width, blanks and script"),
        pytest.param("示例數(shù)字", "示例数字", False, id="a gloss"),
    ],
)
def test_capitals_of_a_headline_are_an_edit(old: str, new: str, changed: bool) -> None:
    for same_words in (True, False):
        found = differences(side(title=old), side(title=new), (), same_words=same_words)
        assert [each.kind for each in found] == ([RevisionKind.TITLE] if changed else [])
    assert is_same(side(title=old), side(title=new), ()) is not changed


def test_sentences_that_changed_places_within_a_line_are_told_as_moved() -> None:
    one, other = "会议强调要稳住增长。", "随后代表们参观了展厅。"
    found = together(differences(side(f"开头。{one}{other}"), side(f"开头。{other}{one}"), ()))
    assert (found.kind, found.summary) == (RevisionKind.BODY, "语句移动 1 处")


def test_the_whole_says_each_part_once() -> None:
    made = revised(TEXT.replace("30家", "40家"), "示例会议定下40家", origin="示例社")
    assert made.kind is RevisionKind.BODY
    assert made.summary == "标题改为《示例会议定下40家》；未来工厂 30→40 家；来源： → 来源：示例社"
    assert list(made.parts) == [Part.TITLE, Part.FIGURES, Part.SHARE, Part.FACTS]
    assert made.importance == min(100, 40 + 30 + made.parts[Part.SHARE] + 10) == 100


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("投资26743万元。", "投资267.4亿元。", ["投资 26743万元→267.4亿元"], id="another unit"),
        pytest.param(
            "5月1日开幕，为期三天。", "5月2日开幕，为期四天。", ["5月1日→5月2日", "为期 三→四 天"], id="a date is one"
        ),
        pytest.param(
            "出口额1,234.5万美元。", "出口额1,334.5万美元。", ["出口额 1,234.5→1,334.5 万美元"], id="thousands"
        ),
        pytest.param("营收２６７４亿元。", "营收２７６４亿元。", ["营收 ２６７４→２７６４ 亿元"], id="full width"),
        pytest.param("營收2674億元。", "營收2764億元。", ["營收 2674→2764 億元"], id="the other script"),
        pytest.param("营收2674亿元。", "營收２６７４億元。", [], id="the same in another guise"),
        pytest.param("5G基站已建。", "6G基站已建。", [], id="a number that is a name"),
        pytest.param("服务三农。", "服务两会。", [], id="a written number that counts nothing"),
        pytest.param("增长5.2%。", "增长5.2%，下降1%。", [], id="a figure that came took no one's place"),
    ],
)
def test_figures_are_paired_with_what_they_count(before: str, after: str, expected: list[str]) -> None:
    assert [pair.words() for pair in replaced_figures(compared(before, after))] == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("全年接待游客1200万人次", ("接待游客", "1200", "万人次")),
        ("截至目前，共有12人受伤", ("", "12", "人")),
        ("其中出口超过35.6亿美元", ("出口", "35.6", "亿美元")),
        ("会议投入12.5亿元", ("投入", "12.5", "亿元")),
        ("占比达到45%", ("占比", "45", "%")),
        ("9:30开会", ("", "9:30", "")),
        ("长5km的路", ("", "5", "km")),
    ],
)
def test_a_figure_knows_its_noun_and_its_unit(sentence: str, expected: tuple[str, str, str]) -> None:
    (found,) = figures(sentence)
    assert (found.noun, found.value, found.unit) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "义乌市商务局局长王小明表示，《示例办法》由示例集团起草。",
            ["义乌市商务局", "王小明", "《示例办法》", "示例集团"],
        ),
        ("据示例市公安局通报", ["示例市公安局"]),
        ("记者李明报道", ["李明"]),
        ("宁波舟山港集团有限公司", ["宁波舟山港集团有限公司"]),
        ("书记处召开会议，主任们参加，院长高度评价", []),
        ("政府工作报告提出的公司治理问题和大学生就业", []),
        ("市民可以步行游览", []),
    ],
)
def test_names_are_precise_rather_than_many(text: str, expected: list[str]) -> None:
    assert [name.text for name in names(text)] == expected


def test_a_name_that_both_sentences_have_did_not_change() -> None:
    assert replaced_names(compared("王某在义乌说。", "王某在义乌讲。")) == ()
    assert replaced_names(compared("在义乌和宁波召开。", "在宁波和义乌召开。")) == ()


def test_a_page_without_stops_is_read_where_it_differs() -> None:
    long = "甲乙丙丁" * 100_000
    (read,) = altered(
        [Change(field="body", op="replace", before=f"{long}，营收12亿元{long}", after=f"{long}，营收15亿元{long}")]
    )
    assert [pair.words() for pair in read.figures] == ["营收 12→15 亿元"]
    assert len(read.comparison.before) < 200
    (other,) = altered([Change(field="body", op="replace", before=long, after=long[::-1], rewritten=True)])
    assert len(other.comparison.before) <= 4_000


def test_watched_words_weigh_most_when_they_come_or_go() -> None:
    assert importance.of_words(Counter(甲=1), Counter(甲=2)) == {Part.WATCHED: POINTS[Part.WATCHED] // 2}
    assert importance.of_words(Counter(甲=1), Counter(乙=1)) == {Part.WATCHED: POINTS[Part.WATCHED]}
    assert importance.of_words(Counter(甲=1), Counter(甲=1)) == {}
    assert watched_words(["甲", "乙", "丙", "丁"], ["戊"]) == "新出现监控词：甲、乙、丙等，不再出现监控词：戊"


SENTENCES = st.lists(
    st.sampled_from(
        [
            "营收2674.3亿元。",
            "营收2764.3亿元。",
            "在义乌召开。",
            "在宁波召开。",
            "局长王小明说。",
            "市民参观。",
            "5月1日。",
            "。",
        ]
    ),
    max_size=12,
).map("\n".join)


@settings(max_examples=150, deadline=None)
@given(SENTENCES, SENTENCES)
def test_a_weight_is_the_sum_of_its_parts_within_bounds_and_the_same_again(old: str, new: str) -> None:
    found = differences(side(old), side(new), ())
    assert found == differences(side(old), side(new), ())
    for part in found:
        assert part.importance == importance.total(part.parts)
        assert 0 <= part.importance <= importance.MOST
        assert all(0 < points <= POINTS[name] for name, points in part.parts.items())
        assert part.summary
        assert "\n" not in part.summary


LINES = st.permutations(("营收2674.3亿元。", "在义乌召开。", "局长王小明说。"))
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "origin": st.sampled_from(("示例日报", "示例晚报")),
        "attachments": st.sampled_from(([], [{"name": "附件", "url": "https://a.example/1.pdf"}])),
    },
)
SIDES = st.builds(
    Side,
    title=st.sampled_from(("示例会议召开", "示例 会议召开", "示例会议延期")),
    text=st.one_of(SENTENCES, LINES.map("\n".join), LINES.map("".join)),
    facts=FACTS,
)


@settings(max_examples=300, deadline=None)
@given(SIDES, SIDES)
def test_two_states_are_the_same_where_no_difference_but_the_order_is_told(old: Side, new: Side) -> None:
    told = [part for part in differences(old, new, ()) if part.kind is not RevisionKind.REORDERED]
    assert is_same(old, new, ()) is (not told)
    assert is_same(old, old, ())
