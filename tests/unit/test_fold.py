"""Folding: what becomes equal, what stays apart, and the way back to the original."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.text.table import FOLD_VERSION, fold_table
from monitor.text.fold import fold, fold_text

LAW = settings(max_examples=40, deadline=None)
ALPHABET = st.sampled_from(
    [*"數数经經济ab5Ａ，。 \u3000\u00a0\n(（)）\u200b\ufeff\u00ad", "(shù)", "(jīng)", "數 字 經 濟"]
)
TEXTS = st.lists(ALPHABET, max_size=24).map("".join)
#: Nothing of it is ever deleted, whatever stands together.
PLAIN = st.text(alphabet="數数经經济乾瞭ab5ＡB，。\n-·", max_size=30)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("數字經濟", "数字经济", id="traditional"),
        pytest.param("ＡＩ　２６７４．３％", "ai 2674.3%", id="full width"),
        pytest.param("“产业大脑”，《意见》【2023】", '"产业大脑",<意见>[2023]', id="Chinese punctuation"),
        pytest.param("「未來」『工廠』", '"未来""工厂"', id="corner brackets"),
        pytest.param("瞭解 了解 反覆 反复 乾燥 干燥", "了解 了解 反复 反复 干燥 干燥", id="variants meet"),
        pytest.param("計畫 計劃 计划", "计画 计画 计画", id="variants meet on neither spelling"),
        pytest.param("什麼 什么 着 著", "什么 什么 着 着", id="common words stay readable"),
        pytest.param("⼈⺠政府、⾭年⻓⻛", "人民政府,青年长风", id="radicals, as in the text of a PDF file"),
        pytest.param("鄕村 戸口 砲台 污汚", "乡村 户口 炮台 污污", id="old forms"),
        pytest.param("數(shù)字經(jīng)濟", "数字经济", id="glosses"),
        pytest.param("數字經濟(jì)", "数字经济", id="gloss at the end"),
        pytest.param("數（shù）字", "数字", id="gloss in full-width brackets"),
        pytest.param("數\u200b(sh\u200bù)字", "数字", id="gloss with zero-width characters in it"),
        pytest.param("数 字 经 济", "数字经济", id="letter-spaced"),
        pytest.param("數(shù) 字 經(jīng) 濟", "数字经济", id="letter-spaced and glossed"),
        pytest.param("发\u3000布\u3000会", "发布会", id="letter-spaced with wide blanks"),
        pytest.param("李 强", "李 强", id="two characters are no letter-spacing"),
        pytest.param("数  字  经", "数  字  经", id="two blanks are no letter-spacing"),
        pytest.param("危机经济受损 民众负担沉重", "危机经济受损 民众负担沉重", id="a blank between clauses stays"),
        pytest.param("今天 数 字 经 济 发展", "今天 数字经济 发展", id="letter-spacing among words"),
        pytest.param("数\n字\n经", "数\n字\n经", id="paragraphs are no letter-spacing"),
        pytest.param("数\u200b字\ufeff经\u00ad济\ufe0f", "数字经济", id="characters without a shape"),
        pytest.param("数\ud800字", "数字", id="half a character"),
        pytest.param("㈱½…", "㈱½…", id="what would change its length stays"),
        pytest.param("第一段\r\n第二段\t表", "第一段 \n第二段 表", id="blanks of all kinds"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold_text(text) == folded


@pytest.mark.parametrize(
    ("text", "word", "original"),
    [
        pytest.param("發展數(shù)字經(jīng)濟。", "数字经济", "數(shù)字經(jīng)濟", id="across glosses"),
        pytest.param("數(shù)字經(jīng)濟(jì)。", "济", "濟", id="without the gloss behind it"),
        pytest.param("發 展 數 字。", "展数", "展 數", id="letter-spaced"),
        pytest.param("\ufeff\u200b宁波", "宁波", "宁波", id="behind a deleted head"),
        pytest.param("宁\u200b波\u200b", "宁波", "宁\u200b波", id="deleted inside and at the end"),
        pytest.param("寧波 Ａｉ", "ai", "Ａｉ", id="nothing deleted"),
    ],
)
def test_a_hit_leads_back_to_the_original(text: str, word: str, original: str) -> None:
    folded = fold(text)
    place = folded.text.index(word)
    start, end = folded.original(place, place + len(word))
    assert text[start:end] == original
    assert folded.folded(start, end) == (place, place + len(word))


def test_an_empty_span_stays_empty() -> None:
    assert fold("數(shù)字").original(1, 1) == (6, 6)


def test_a_deleted_span_is_empty_in_the_fold() -> None:
    folded = fold("\u200b數(shù)字")
    assert folded.folded(2, 7) == (1, 1)
    assert folded.folded(0, 1) == (0, 0)


@LAW
@given(TEXTS)
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold_text(text)
    assert fold_text(once) == once


@LAW
@given(TEXTS)
def test_every_folded_character_leads_back_to_the_one_it_was(text: str) -> None:
    folded = fold(text)
    for place, character in enumerate(folded.text):
        start, end = folded.original(place, place + 1)
        assert end == start + 1
        assert text[start].translate(fold_table()) == character
        assert folded.folded(start, end) == (place, place + 1)


@LAW
@given(PLAIN, PLAIN, PLAIN)
def test_a_part_of_a_text_without_deletions_folds_to_a_part_of_its_fold(head: str, part: str, tail: str) -> None:
    assert fold_text(head + part + tail) == fold_text(head) + fold_text(part) + fold_text(tail)


@LAW
@given(TEXTS, PLAIN.filter(lambda part: part[:1] not in "(" and part != ""), TEXTS)
def test_a_plain_part_stands_in_the_fold_of_the_whole(head: str, part: str, tail: str) -> None:
    """Newlines around it are the borders across which nothing is deleted."""
    assert fold_text(part) in fold_text(f"{head}\n{part}\n{tail}")


def test_the_table_leads_in_one_step_to_characters_that_stay() -> None:
    table = fold_table()
    assert [source for source, target in table.items() if len(target) != 1] == []
    assert {target for target in table.values() if ord(target) in table} == set()
    assert ord("\n") not in table
    assert FOLD_VERSION.isdigit()
