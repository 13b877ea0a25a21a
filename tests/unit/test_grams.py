"""n-grams: what the search index proposes must include every text that holds the query."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.text.fold import fold_text
from monitor.text.grams import is_rare, query_grams, single_chars, text_grams

LAW = settings(max_examples=40, deadline=None)
FOLDED = st.text(alphabet="数字经济ab5 ,。\nр", max_size=20).map(fold_text)


@pytest.mark.parametrize(
    ("folded", "grams"),
    [
        pytest.param("数字经济", ["数字", "字经", "经济", "济"], id="one run"),
        pytest.param("数,字", ["数", "字"], id="punctuation ends a run"),
        pytest.param("ai大", ["ai", "i大", "大"], id="letters and Han make one run"),
        pytest.param("数数数", ["数数"], id="each gram once"),
        pytest.param("字经,数字", ["字经", "数字", "经"], id="a last character that begins another gram"),
        pytest.param(",.\n", [], id="nothing to index"),
    ],
)
def test_grams_of_a_text(folded: str, grams: list[str]) -> None:
    assert text_grams(folded) == grams


@pytest.mark.parametrize(
    ("folded", "grams"),
    [
        pytest.param("产业大脑", ["产业", "业大", "大脑"], id="pairs only"),
        pytest.param("工业互联网", ["工业", "互联", "联网"], id="five: every second pair, and the last"),
        pytest.param("一号发展工程", ["一号", "发展", "工程"], id="six: every second pair"),
        pytest.param("柯", ["柯"], id="one character"),
        pytest.param("5g+未来 a", ["5g", "未来", "a"], id="the parts between punctuation"),
        pytest.param("——", [], id="nothing that is indexed"),
    ],
)
def test_grams_of_a_query(folded: str, grams: list[str]) -> None:
    assert query_grams(folded) == grams


@LAW
@given(FOLDED, FOLDED, FOLDED)
def test_a_text_has_every_gram_of_what_stands_in_it(head: str, query: str, tail: str) -> None:
    text = head + query + tail
    grams = text_grams(text)
    for gram in query_grams(query):
        if len(gram) == 2:
            assert gram in grams
        else:
            assert any(known.startswith(gram) for known in grams)
            assert gram in single_chars(text)


def test_single_characters_are_those_of_the_runs() -> None:
    assert single_chars("数字,数a。") == ["数", "字", "a"]


@pytest.mark.parametrize(
    ("character", "rare"),
    [("鎏", True), ("〇", True), ("𠮷", True), ("柯", False), ("的", False), ("7", False), ("z", False)],
)
def test_rare_characters_are_those_outside_the_usual_ones(character: str, rare: bool) -> None:
    assert is_rare(character) is rare
