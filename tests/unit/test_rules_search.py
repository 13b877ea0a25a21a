"""Many rules at once, and rules as filters: what is proposed includes whatever a rule would meet."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import HitField
from monitor.rules import (
    EVERYWHERE,
    AllOf,
    AnyOf,
    Anything,
    Field,
    FieldIs,
    Literal,
    Need,
    RuleError,
    RuleSet,
    Subject,
    parse,
)
from monitor.rules.about import comparable, values
from monitor.rules.need import anchors
from monitor.rules.pattern import compile_pattern
from monitor.text.fold import fold_text

LAW = settings(max_examples=50, deadline=None)


def satisfies(need: Need, subject: Subject) -> bool:
    """What a database does with a need, in Python."""
    match need:
        case AllOf(parts=parts):
            return all(satisfies(part, subject) for part in parts)
        case AnyOf(parts=parts):
            return any(satisfies(part, subject) for part in parts)
        case Literal(text=text, field=field):
            places = {"title": [subject.title], "body": [subject.text], "any": [subject.title, subject.text]}[field]
            return any(text in fold_text(place) for place in places)
        case FieldIs(field=Field.STOCK):
            return bool(subject.stocks)
        case FieldIs(field=field, text=text):
            return any(text in comparable(field, value) for value in values(field, subject))
        case Anything():
            return True


@pytest.mark.parametrize(
    ("rule", "need"),
    [
        pytest.param("數字經濟", Literal("数字经济"), id="a word, folded"),
        pytest.param("title:宁波", Literal("宁波", "title"), id="in the title"),
        pytest.param("body:宁波", Literal("宁波", "body"), id="in the body"),
        pytest.param("宁波 义乌", AllOf((Literal("宁波"), Literal("义乌"))), id="AND"),
        pytest.param("宁波 OR 义乌", AnyOf((Literal("宁波"), Literal("义乌"))), id="OR"),
        pytest.param("宁波 宁波", Literal("宁波"), id="the same twice"),
        pytest.param("宁波 -招聘", Literal("宁波"), id="an exclusion says nothing"),
        pytest.param("宁波 NEAR 义乌", AllOf((Literal("宁波"), Literal("义乌"))), id="NEAR"),
        pytest.param("宁波{3}", Literal("宁波"), id="a count"),
        pytest.param("(宁波 OR 义乌){3}", AnyOf((Literal("宁波"), Literal("义乌"))), id="a counted group"),
        pytest.param("=宁波", Literal("宁波"), id="a border"),
        pytest.param(r"/\d+/", Anything(), id="a regex without a sure part"),
        pytest.param(r"/浙政辦发\d+/", Literal("浙政办发"), id="a regex with one, folded"),
        pytest.param(r"宁波 OR /\d/", Anything(), id="OR with anything"),
        pytest.param("region:宁波", FieldIs(Field.REGION, "宁波"), id="a field"),
        pytest.param("docno:浙政发（2023）1号", FieldIs(Field.DOCNO, "浙政发[2023]1号"), id="a doc number"),
        pytest.param("region:/宁./", Anything(), id="a field's regex"),
    ],
)
def test_needs(rule: str, need: Need) -> None:
    assert parse(rule).need == need


@pytest.mark.parametrize(
    ("source", "required"),
    [
        ("浙政办发〔20", "浙政办发"),
        ("宁波市?", "宁波"),
        ("宁波市*", "宁波"),
        ("宁波市{2}", "宁波"),
        ("宁波市+长江", "宁波市"),
        ("宁波|义乌", ""),
        ("(宁波)?x", ""),
        ("[宁波]x市", "市"),
        (r"\[宁波\]", "宁波"),
        (r"[\]宁波]x", ""),
        ("[]宁波]x", ""),
        ("[^]宁波]x", ""),
        ("[[:digit:]年月]{4}", ""),
        (r"\Q宁波?\E", ""),
        ("(a(宁)波)市长", "市长"),
        (r"\p{Han}号", "号"),
        ("abc", ""),
    ],
)
def test_the_sure_part_of_a_regex(source: str, required: str) -> None:
    assert compile_pattern(source).required == required


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("宁波", {"宁波"}),
        ("宁波 产业大脑", {"产业大脑"}),
        ("宁波 OR 产业大脑", {"宁波", "产业大脑"}),
        ("(宁波 OR 产业大脑) 义乌市", {"义乌市"}),
        ("宁波 region:x", {"宁波"}),
        ("宁 region:宁波市", {"宁"}),
        ("region:x", {("region", "x")}),
        ("宁波 OR region:x", {"宁波", ("region", "x")}),
        ("region:x region:xyz", {("region", "xyz")}),
        (r"region:x OR /\d/", None),
        (r"/\d/", None),
    ],
)
def test_anchors(rule: str, expected: set[str | tuple[str, str]] | None) -> None:
    found = anchors(parse(rule).need)
    named = {(str(a.field), a.text) if isinstance(a, FieldIs) else a.text for a in found or ()}
    assert (None if found is None else named) == expected


RULES = {
    "产业": ("产业大脑 -招聘", EVERYWHERE),
    "义乌": ("义乌 OR 義烏市場", EVERYWHERE),
    "文号": (r"/〔20\d\d〕/", EVERYWHERE),
    "地区": ("region:义乌", EVERYWHERE),
    "标题": ("产业", frozenset({HitField.TITLE})),
    "大脑": ("大脑 NEAR/5 宁波", EVERYWHERE),
    "股票": ("stock:600933.sh OR stock:爱柯迪", EVERYWHERE),
    "不在": ("stock:600934 OR region:宁波 OR source:x", EVERYWHERE),
    "两段": ('"义乌新闻\n产业"', EVERYWHERE),
}


def rule_set() -> RuleSet:
    return RuleSet({name: (parse(rule), scope) for name, (rule, scope) in RULES.items()})


def test_a_rule_set_answers_the_rules_that_match_in_their_order() -> None:
    subject = Subject.of(
        title="义乌新闻", text="產業大腦在宁波，浙〔2023〕1号", region="义乌", stocks=[("sh600933", "愛柯迪")]
    )
    found = rule_set().evaluate(subject)
    assert list(found) == ["产业", "义乌", "文号", "地区", "大脑", "股票"]
    assert all(evaluation.matched for evaluation in found.values())
    assert found["产业"] == parse("产业大脑 -招聘").evaluate(subject)


@pytest.mark.parametrize(("rule", "expected"), [("/未来工.{2}已/", True), ("/蠢垂./", False), ("/[蠢垂]./", True)])
def test_a_regex_meets_damaged_text_alone_as_it_does_among_many(rule: str, expected: bool) -> None:
    """What the fold reads on is found by no index any more as it was."""
    subject = Subject.of(title="", text="灯会!拔蠢垂こА币呀ǔ闪")

    assert parse(rule).evaluate(subject).matched is expected
    assert bool(RuleSet({"": (parse(rule), EVERYWHERE)}).evaluate(subject)) is expected


def test_a_rule_set_is_a_mapping_of_its_rules() -> None:
    rules = rule_set()
    assert (len(rules), list(rules), rules["地区"].text) == (9, list(RULES), "region:义乌")


def test_a_rule_that_was_parsed_is_not_parsed_again() -> None:
    assert parse("宁波 NEAR/7 义乌") is parse("宁波 NEAR/7 义乌")


def test_no_rules_match_nothing() -> None:
    assert RuleSet({}).evaluate(Subject.of(title="", text="宁波")) == {}


WORDS = st.sampled_from(
    ["宁波", "寧波", "波", "数字", "數(shù)字", "AI", "600933", "a", "-", "，", " ", "\n", "数 字 经", "招聘"]
)
TEXTS = st.lists(WORDS, max_size=12).map("".join)
TERMS = st.sampled_from(
    [
        "宁波",
        "波",
        "数字",
        "ai",
        "600933",
        '"数 字 经"',
        "=宁波",
        "/宁.?/",
        r"/\d+/",
        "title:波",
        "body:数字",
        "region:义乌",
        "字{2}",
        "(波 OR 数字){2}",
        "source:日报",
    ]
)
SPANNED = st.sampled_from(["宁波", "波", "数字", "/a./", "(宁波 OR ai)"])
PARTS = st.one_of(
    TERMS,
    st.builds("{} NEAR/{} {}".format, SPANNED, st.integers(0, 6), SPANNED),
    st.builds("({} OR {})".format, TERMS, TERMS),
    st.builds("NOT {}".format, TERMS),
)
RULE_TEXTS = st.lists(PARTS, min_size=1, max_size=4).map(" ".join)
SUBJECTS = st.builds(
    lambda title, text, region, names: Subject.of(title=title, text=text, region=region, source_names=names),
    TEXTS,
    TEXTS,
    st.sampled_from([None, "义乌", "義烏市"]),
    st.sampled_from([(), ("示例日報", "样")]),
)


@LAW
@given(RULE_TEXTS, SUBJECTS)
def test_whatever_a_rule_meets_satisfies_its_need_and_is_found_among_many(text: str, subject: Subject) -> None:
    try:
        rule = parse(text)
    except RuleError:
        return  # only exclusions
    result = rule.evaluate(subject)
    assert rule.matches(subject) is result.matched
    among_many = RuleSet({"it": (rule, EVERYWHERE), "other": (parse("温州"), EVERYWHERE)}).evaluate(subject)
    assert among_many == ({"it": result} if result.matched else {})
    if result.matched:
        assert satisfies(rule.need, subject)
    assert bool(result.hits) <= result.matched


@LAW
@given(st.sampled_from(["宁波", "数字", "600933", "AI"]), SUBJECTS)
def test_every_hit_of_a_word_folds_to_the_word(word: str, subject: Subject) -> None:
    for hit in parse(word).evaluate(subject).hits:
        stored = subject.title if hit.field is HitField.TITLE else subject.text
        found = stored[hit.start : hit.end]
        assert fold_text(found).replace(" ", "") == fold_text(word)
        assert found == found.strip()


@LAW
@given(st.text(alphabet='宁波 ()|-+="/{3}:NOTAD OR NEAR/5“”title：', max_size=20))
def test_any_text_is_a_rule_or_refused_with_its_place(text: str) -> None:
    try:
        parse(text).evaluate(Subject.of(title="宁波", text="宁波"))
    except RuleError as error:
        lines = text.split("\n")
        assert 1 <= error.line <= len(lines)
        assert 1 <= error.column <= len(lines[error.line - 1]) + 1
