"""The watch language, read: what a rule means, and what is refused with its place and a remedy."""

import pickle

import pytest

from monitor.rules import RuleError, parse
from monitor.rules.lexer import DEEPEST, LONGEST_RULE


def meaning(rule: str) -> object:
    return parse(rule).root


@pytest.mark.parametrize(
    ("rule", "same"),
    [
        pytest.param("宁波 AND 义乌", "宁波 义乌", id="a blank is AND"),
        pytest.param("宁波　义乌", "宁波 义乌", id="a wide blank is a blank"),
        pytest.param("宁波\n  义乌\t温州", "宁波 义乌 温州", id="a line break is a blank"),
        pytest.param("宁波 | 义乌", "宁波 OR 义乌", id="a bar is OR"),
        pytest.param("宁波|义乌", "宁波 OR 义乌", id="a bar needs no blanks"),
        pytest.param("宁波 -招聘", "宁波 NOT 招聘", id="a minus is NOT"),
        pytest.param("宁波 -招聘", "宁波 AND NOT 招聘", id="AND NOT"),
        pytest.param("+宁波 +义乌", "宁波 义乌", id="a plus means nothing"),
        pytest.param("宁波 -+招聘", "宁波 -招聘", id="a plus behind a minus"),
        pytest.param("a OR b c", "a OR (b c)", id="AND binds tighter than OR"),
        pytest.param("a b OR c d", "(a b) OR (c d)", id="on both sides"),
        pytest.param("a NEAR/5 b c", "(a NEAR/5 b) c", id="NEAR binds tighter than AND"),
        pytest.param("a -b OR c", "(a (-b)) OR c", id="NOT binds tightest"),
        pytest.param("a NEAR b", "a NEAR/20 b", id="NEAR alone is 20"),
        pytest.param("a NEAR/5 b NEAR c", "(a NEAR/5 b) (b NEAR/20 c)", id="a chain is its neighbouring pairs"),
        pytest.param("(a)(b)", "a b", id="groups side by side"),
        pytest.param("爱柯迪(600933)", "爱柯迪 600933", id="a group touching a word"),
        pytest.param("走进“5G+未来工厂”", '走进 "5G+未来工厂"', id="a phrase touching a word"),
        pytest.param("（产业大脑　ＯＲ　未来工厂）　－招聘", "(产业大脑 OR 未来工厂) -招聘", id="full-width operators"),
        pytest.param("产业大脑｜未来工厂　＋宁波", "产业大脑|未来工厂 +宁波", id="full-width bar and plus"),
        pytest.param("a ＮＥＡＲ／５ b", "a NEAR/5 b", id="full-width NEAR"),
        pytest.param("TITLE:宁波", "title:宁波", id="field names ignore case"),
        pytest.param("title: 宁波", "title:宁波", id="a blank behind the colon"),
        pytest.param("title:(a OR b)", "title:a OR title:b", id="a field takes a group"),
        pytest.param("title:(a -b c{2})", "title:a -title:b title:c{2}", id="whatever is in it"),
        pytest.param("region:(宁波 OR 义乌)", "region:宁波 OR region:义乌", id="a field of the article takes a group"),
        pytest.param("\ufeff宁波 \u200b-招聘", "宁波 -招聘", id="pasted zero-width characters"),
        pytest.param("宁波 \u200b 招聘", "宁波 招聘", id="a zero-width word is none"),
        pytest.param("宁波 \u00ad 招聘", "宁波 招聘", id="a soft hyphen is none"),
        pytest.param("宁波 义乌 宁波", "宁波 义乌", id="twice is once"),
        pytest.param("宁波 OR (宁波 OR 宁波)", "宁波", id="twice is once in an OR"),
        pytest.param("a NEAR b NEAR a NEAR b", "(a NEAR b) (b NEAR a)", id="twice is once in a chain"),
    ],
)
def test_two_spellings_mean_the_same(rule: str, same: str) -> None:
    assert meaning(rule) == meaning(same)


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("标题：x", "title:x"),
        ("標題:x", "title:x"),
        ("正文:x", "body:x"),
        ("信源：x", "source:x"),
        ("地区：x", "region:x"),
        ("发布机构：x", "issuer:x"),
        ("来源：x", "origin:x"),
        ("文号：x", "docno:x"),
        ("股票：x", "stock:x"),
    ],
)
def test_fields_have_chinese_names(chinese: str, english: str) -> None:
    assert meaning(chinese) == meaning(english)


@pytest.mark.parametrize("quotes", ['""', "“”", "「」", "『』", "””", "＂＂"])
def test_quotes_of_every_keyboard_make_a_phrase(quotes: str) -> None:
    assert parse(f"{quotes[0]}未来 工厂{quotes[1]}").need == parse('"未来 工厂"').need


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("5G+未来工厂", id="a plus inside"),
        pytest.param("数字-经济", id="a minus inside"),
        pytest.param("12:30", id="a time"),
        pytest.param("http://www.yw.gov.cn/col", id="an address"),
        pytest.param("宁波：发力数字经济", id="a pasted headline"),
        pytest.param("5/6", id="a slash inside"),
        pytest.param("and", id="a lower-case operator"),
        pytest.param("ANDROID", id="an operator's letters"),
        pytest.param("NEARBY", id="NEAR's letters"),
        pytest.param("a=b", id="an equals sign inside"),
        pytest.param("35%", id="a percentage"),
    ],
)
def test_what_looks_like_an_operator_is_text(text: str) -> None:
    assert parse(text).need == parse(f'"{text}"').need


def test_a_headline_with_a_full_width_colon_is_one_word() -> None:
    assert parse("宁波：发力").need == parse('"宁波:发力"').need


def test_a_pasted_gloss_is_no_group() -> None:
    assert parse("數(shù)字經(jīng)濟").need == parse("数字经济").need


@pytest.mark.parametrize(
    ("rule", "line", "column", "says"),
    [
        pytest.param("", 1, 1, "empty", id="nothing"),
        pytest.param("   ", 1, 1, "empty", id="blanks"),
        pytest.param("-招聘", 1, 1, "only excludes", id="only an exclusion"),
        pytest.param("NOT (a b)", 1, 1, "only excludes", id="only an excluded group"),
        pytest.param("义乌 OR -招聘", 1, 7, "this side of OR", id="an OR branch of its own"),
        pytest.param("宁波 (义乌 OR -招聘)", 1, 11, "this side of OR", id="an OR branch in a group"),
        pytest.param("-a OR b", 1, 1, "this side of OR", id="the first OR branch"),
        pytest.param("--招聘 宁波", 1, 2, "cannot be excluded", id="a double exclusion"),
        pytest.param("宁波 NOT", 1, 4, "behind NOT", id="nothing excluded"),
        pytest.param("宁波 AND", 1, 4, "behind AND", id="nothing behind AND"),
        pytest.param("OR 宁波", 1, 1, "before OR", id="nothing before OR"),
        pytest.param("宁波 AND OR 义乌", 1, 8, "before OR", id="two operators"),
        pytest.param("宁波 ()", 1, 5, "before )", id="an empty group"),
        pytest.param("(宁波", 1, 1, "never closed", id="an open group"),
        pytest.param("url:a\udcffb", 1, 6, "no character", id="a byte of the command line that is not UTF-8"),
        pytest.param("宁波 title:=", 1, 10, "= is no term", id="a border of nothing, in a field"),
        pytest.param("宁波\x00", 1, 3, "no character", id="a NUL"),
        pytest.param("title:(宁波", 1, 7, "never closed", id="an open group of a field"),
        pytest.param("-(宁波", 1, 2, "never closed", id="an open excluded group"),
        pytest.param("宁波）", 1, 3, "closes nothing", id="a group never opened"),
        pytest.param("宁波 “义乌", 1, 4, "quote is never closed", id="an open phrase"),
        pytest.param('宁波 ""', 1, 4, "phrase is empty", id="an empty phrase"),
        pytest.param('宁波 "\u200b"', 1, 4, "phrase is empty", id="a phrase of nothing visible"),
        pytest.param("titel:x", 1, 1, "did you mean title:", id="a misspelt field"),
        pytest.param("宁波\n  標体:x", 2, 3, "did you mean 标题:", id="a misspelt Chinese field"),
        pytest.param("作家:x", 1, 1, "the fields are title, body", id="a field that is none"),
        pytest.param("宁波 doc_no:x", 1, 4, "did you mean docno:", id="a field with an underscore"),
        pytest.param("title:", 1, 1, "nothing to look for", id="a field without a term"),
        pytest.param("title:\u00ad", 1, 1, "behind title:", id="a field with nothing visible"),
        pytest.param("(title:)", 1, 2, "nothing to look for", id="a field before a bracket"),
        pytest.param("title:-x", 1, 7, "-title:", id="a minus behind a field"),
        pytest.param("title:(body:x)", 1, 1, "another field", id="a field in a field"),
        pytest.param("region:(origin:x)", 1, 1, "another field", id="a field in a field of the article"),
        pytest.param("title:(region:x)", 1, 1, "another field", id="a field of the article in a text"),
        pytest.param("region:宁波{2}", 1, 1, "title and body", id="a count on a field of the article"),
        pytest.param("source:(a NEAR b)", 1, 1, "title and body", id="NEAR on a field of the article"),
        pytest.param("source:=新浪", 1, 1, "without =", id="a border on a field of the article"),
        pytest.param("词{0}", 1, 2, "no count", id="never"),
        pytest.param("词{x}", 1, 2, "no count", id="no number"),
        pytest.param("词{", 1, 2, "no count", id="an open brace"),
        pytest.param("{3}", 1, 1, "no term", id="a count of nothing"),
        pytest.param("宁波 {3}", 1, 4, "touches the term", id="a count that touches nothing"),
        pytest.param("宁波{3}{2}", 1, 6, "touches the term", id="two counts"),
        pytest.param("=(宁波 OR 义乌)", 1, 1, "(=甲 OR =乙)", id="a border before a group"),
        pytest.param("=title:宁波", 1, 1, "title:=词", id="a border before a field"),
        pytest.param("=/宁/", 1, 1, "for a text", id="a border before a regex"),
        pytest.param("宁波 /ai/i", 1, 4, "a blank or a bracket behind it", id="a regex with flags"),
        pytest.param(r"/[\u4e00-\u9fa5]/", 1, 1, r"\x{4e00}", id="an escape that RE2 does not know"),
        pytest.param("(a b){3}", 1, 6, "OR-group", id="a counted AND"),
        pytest.param("(region:a){3}", 1, 11, "OR-group", id="a counted field of the article"),
        pytest.param("a NEAR/x b", 1, 3, "no distance", id="no distance"),
        pytest.param("a NEAR/ b", 1, 3, "no distance", id="an empty distance"),
        pytest.param("a NEAR/5 -b", 1, 10, "NOT (A NEAR B)", id="NEAR an exclusion"),
        pytest.param("-a NEAR/5 b", 1, 1, "NOT (A NEAR B)", id="an exclusion NEAR"),
        pytest.param("a NEAR (b c)", 1, 9, "OR-groups", id="NEAR an AND"),
        pytest.param("a NEAR b{2}", 1, 8, "OR-groups", id="NEAR a count"),
        pytest.param("a NEAR region:x", 1, 8, "OR-groups", id="NEAR a field of the article"),
        pytest.param("a NEAR (b OR region:x)", 1, 9, "OR-groups", id="NEAR a group with one"),
        pytest.param("宁波 /a(/", 1, 4, "does not compile", id="a regex that does not compile"),
        pytest.param("/(?=宁)波/", 1, 1, "look-around", id="look-ahead"),
        pytest.param("/(?<!宁)波/", 1, 1, "look-around", id="look-behind"),
        pytest.param(r"/(a)\1/", 1, 1, "back-reference", id="a back-reference"),
        pytest.param(r"宁波 /\\\C/", 1, 4, "write . for any", id="a byte, which is no character"),
        pytest.param("/x*/", 1, 1, "meets the empty text", id="a regex that meets everything"),
        pytest.param(f"/{'宁' * 501}/", 1, 1, "longer than 500", id="an endless regex"),
        pytest.param("/abc", 1, 1, "regex is never closed", id="an open regex"),
        pytest.param("宁" * (LONGEST_RULE + 1), 1, LONGEST_RULE + 1, "longer than", id="an endless rule"),
        pytest.param("(" * (DEEPEST + 1), 1, DEEPEST + 1, "nested deeper", id="a deep rule"),
    ],
)
def test_a_wrong_rule_is_refused_with_its_place(rule: str, line: int, column: int, says: str) -> None:
    with pytest.raises(RuleError) as refusal:
        parse(rule)
    assert (refusal.value.line, refusal.value.column) == (line, column)
    assert says in refusal.value.message
    assert str(refusal.value) == f"line {line}, column {column}: {refusal.value.message}"


def test_a_refusal_survives_the_way_between_processes() -> None:
    again = pickle.loads(pickle.dumps(RuleError("no", 2, 3)))
    assert (again.message, again.line, again.column) == ("no", 2, 3)


@pytest.mark.parametrize(
    ("rule", "warning"),
    [
        pytest.param("柯 宁波", "柯 is a single character", id="a single character"),
        pytest.param("宁波 - 招聘", "the - at column 4 stands alone", id="a minus that touches nothing"),
        pytest.param("宁波 + 招聘", "the + at column 4 stands alone", id="a plus that touches nothing"),
        pytest.param("宁波 / 招聘 /", "the / at column 4 stands alone", id="a slash that touches nothing"),
        pytest.param("宁波 =", "the = at column 4 stands alone", id="an equals sign that touches nothing"),
        pytest.param("宁波 and 义乌", "and at column 4 is looked for as a word", id="an operator in lower case"),
        pytest.param("宁波 near/5 义乌", "near/5 at column 4 is looked for as a word", id="NEAR in lower case"),
        pytest.param("宁波 ＆＆ 义乌", "&& at column 4 is looked for as a word; the operator is AND", id="&&"),
        pytest.param("宁波 ！招聘", "the ! at column 4 is looked for as it stands", id="an exclamation mark"),
        pytest.param("宁波 NEAR 5 义乌", "NEAR 5 at column 4 looks for 5", id="a distance apart"),
    ],
)
def test_what_is_allowed_and_unwise_is_said(rule: str, warning: str) -> None:
    assert any(said.startswith(warning) for said in parse(rule).warnings)


def test_a_sound_rule_has_no_warnings() -> None:
    rule = '(产业大脑 OR 未来工厂) AND (宁波 OR 义乌) -招聘 =柯 a "and" NEAR 5G ! docno:号'
    assert parse(rule).warnings == ()
