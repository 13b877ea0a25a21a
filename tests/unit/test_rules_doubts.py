"""Terms that stand across word borders: 地产 in 当地|产业."""

import pytest

from monitor.rules import Subject, parse
from monitor.rules.doubts import Crossing, crossing
from monitor.rules.nodes import Word


def found(term: str, *texts: str) -> Crossing | None:
    word = parse(term).root
    assert isinstance(word, Word)
    return crossing(word, [Subject.of(title="", text=text) for text in texts])


@pytest.mark.parametrize(
    ("term", "text", "examples"),
    [
        pytest.param("地产", "當地產業", ("当地|产业",), id="the end of one word and the beginning of another"),
        pytest.param("美的", "优美的风景", ("优美|的",), id="the end of a word and a particle"),
        pytest.param("美的", "优美的风景，最美的乡村，更优美的", ("优美|的", "最美|的"), id="each way once"),
        pytest.param("人大", "全国人大常委会", (), id="inside one word"),
        pytest.param("数字经济", "发展数字经济", (), id="two whole words"),
        pytest.param("宁波", "宁波", (), id="a word"),
    ],
)
def test_a_term_across_a_word_border_is_shown_with_the_words_that_it_tears(
    term: str, text: str, examples: tuple[str, ...]
) -> None:
    crossed = found(term, text)
    assert crossed is not None
    assert crossed.examples == examples
    assert bool(crossed.across) is bool(examples)


@pytest.mark.parametrize(
    ("texts", "doubtful"),
    [
        pytest.param(["优美的"] * 5, True, id="every place"),
        pytest.param(["优美的"] * 4, False, id="too few to say"),
        pytest.param(["优美的"] * 3 + ["美的集团"] * 3, False, id="half of them"),
        pytest.param(["优美的"] * 4 + ["美的集团"] * 3, True, id="more than half"),
        pytest.param(["无关"], False, id="none"),
    ],
)
def test_it_is_doubtful_where_most_places_are_across(texts: list[str], doubtful: bool) -> None:
    crossed = found("美的", *texts)
    assert crossed is not None
    assert crossed.is_doubtful is doubtful


def test_title_and_line_are_looked_at_alone() -> None:
    word = parse("地产").root
    assert isinstance(word, Word)
    crossed = crossing(word, [Subject.of(title="当地产业", text="第一行\n当地产业\n地\n产")])
    assert crossed == Crossing(places=2, across=2, examples=("当地|产业",))


@pytest.mark.parametrize("term", ["=美的", "的", "AI", "5G大脑", "《办法》"])
def test_terms_of_one_character_of_other_scripts_or_with_a_border_are_not_asked(term: str) -> None:
    assert found(term, "优美的AI《办法》5G大脑") is None


def test_no_more_places_than_needed_are_counted() -> None:
    crossed = found("美的", "优美的" * 150, "优美的" * 150)
    assert crossed is not None
    assert crossed.places == 200
