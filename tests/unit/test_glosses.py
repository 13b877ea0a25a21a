"""Pinyin glosses: what is one, what is not, and what is left."""

import re
from pathlib import Path

import pytest

from crawler.text.glosses import find_glosses, strip_glosses

SEEDS = Path(__file__).resolve().parents[3] / "shared" / "seeds"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        pytest.param("數(shù)字經(jīng)濟", "數字經濟", id="traditional characters"),
        pytest.param("产(chǎn)业（yè）", "产业", id="simplified characters, full-width brackets"),
        pytest.param("數(shu\u0300)字", "數字", id="tone as a combining mark"),
        pytest.param("創(chuɑ\u0300nɡ)新", "創新", id="phonetic letters for a and g"),
        pytest.param("聯(LIÁN)網", "聯網", id="capitals"),
        pytest.param("綠(lǜ)色", "綠色", id="u with two marks"),
        pytest.param("長(cháng)(zhǎng)", "長", id="two readings of one character"),
        pytest.param("訪問次數(shù):", "訪問次數:", id="before punctuation"),
    ],
)
def test_a_reading_behind_its_own_character_is_a_gloss(text: str, plain: str) -> None:
    assert strip_glosses(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("數(zì)字", id="the reading of another character"),
        pytest.param("數(shu)字", id="no tone"),
        pytest.param("数字(2023)", id="a year"),
        pytest.param("产业(AI)发展", id="a name in letters"),
        pytest.param("a(shù)", id="behind a letter"),
        pytest.param("(shù)字", id="behind nothing"),
        pytest.param("數 (shù)", id="behind a blank"),
        pytest.param("數(shù字", id="never closed"),
        pytest.param("咖啡(café)", id="a French word"),
    ],
)
def test_other_brackets_stay(text: str) -> None:
    assert find_glosses(text) == []
    assert strip_glosses(text) == text


def test_spans_hold_the_brackets() -> None:
    assert find_glosses("數(shù)字經(jīng)濟") == [(1, 6), (8, 14)]


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed documents are not here")
def test_all_glosses_of_the_seeds_are_found() -> None:
    looks_like_one = re.compile(r"(?<=[\u4e00-\u9fff])[(（][a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ]{1,6}[)）]")
    found = wanted = 0
    for path in SEEDS.glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        found += len(find_glosses(text))
        wanted += len(looks_like_one.findall(text))
        assert looks_like_one.search(strip_glosses(text)) is None
    assert (found, wanted) == (331, 331)
