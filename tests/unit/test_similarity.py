"""How much two texts share, and that texts which share enough find each other."""

import random

import pytest

from monitor.text.similarity import BANDS, SHORTEST, bands, containment, jaccard, shingles

_HAN = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面"


def made(seed: int, length: int) -> str:
    """A key of so many characters that shares next to nothing with those of other seeds."""
    return "".join(random.Random(seed).choices(_HAN, k=length))


def test_bands_are_the_same_in_every_process() -> None:
    """They are stored: another number of an old text would part it from its copies."""
    assert bands(made(1, 300))[:3] == (17188175169223, 42082160025122, 51584856760571)


@pytest.mark.parametrize("length", [100, 400, 3000, 9000])
def test_a_text_has_one_number_for_each_band(length: int) -> None:
    found = bands(made(1, length))
    assert len(set(found)) == BANDS
    assert list(found) == sorted(found)
    assert all(0 <= number < 2**48 for number in found)


@pytest.mark.parametrize(
    "key", ["", "宁波", "数字经济" * 200, made(1, SHORTEST - 1)], ids=["none", "word", "chant", "short"]
)
def test_a_text_of_few_words_has_no_bands(key: str) -> None:
    assert bands(key) == ()


@pytest.mark.parametrize(("kept", "expected"), [(0.9, 60), (0.7, 60), (0.5, 45), (0.1, 0)])
def test_texts_find_each_other_by_how_much_they_share(kept: float, expected: int) -> None:
    """Of 60 texts cut to this share of their length."""
    found = 0
    for seed in range(60):
        key = made(seed, 800)
        found += bool(set(bands(key)) & set(bands(key[: int(len(key) * kept)])))
    assert found >= expected
    assert kept > 0.2 or found <= 3


def test_unrelated_texts_do_not_find_each_other() -> None:
    seen: set[int] = set()
    for seed in range(300):
        found = bands(made(seed, 500))
        assert not seen & set(found)
        seen.update(found)


def test_shares_of_shingles() -> None:
    whole, part = shingles(made(1, 205)), shingles(made(1, 205)[:105])
    assert len(whole) == 201
    assert containment(part, whole) == containment(whole, part) == 1.0
    assert jaccard(part, whole) == pytest.approx(len(part) / len(whole))
    assert jaccard(whole, shingles(made(2, 205))) == containment(whole, frozenset()) == 0.0
