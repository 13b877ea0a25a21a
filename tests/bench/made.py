"""Made articles whose pairs of characters are spread as in real news; the vocabulary is invented by a seed.

The sample sites' articles come from a dozen sentences: too few pairs to say anything of an index's size. 400 real items
of 582 characters had 0.66 distinct pairs a character and 62,000 in all; 400 of these have 0.75 and 63,000.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

#: Words that benchmarks look for, with the share of articles that hold them.
PLANTED: tuple[tuple[str, float], ...] = (
    ("高质量发展", 0.3),
    ("数字经济", 0.06),
    ("宁波", 0.017),
    ("工业互联网", 0.011),
    ("产业大脑", 0.0016),
    ("鎏金工艺", 0.0002),
)
WORDS = 30_000
#: Characters of an article on average, as in the collection that issue 4 was measured on.
LENGTH = 890
_ENDS = ("，", "。", "、", "；", "。\n")


@dataclass(frozen=True, slots=True)
class MadeArticle:
    title: str
    text: str


def vocabulary(seed: int = 0) -> list[str]:
    """Invented words of one to four of the 3,755 usual characters; the first ones are the most frequent."""
    draw = random.Random(seed)
    characters = [
        bytes((high, low)).decode("gb2312")
        for high in range(0xB0, 0xD8)
        for low in range(0xA1, 0xFF)
        if not (high == 0xD7 and low > 0xF9)
    ]
    draw.shuffle(characters)
    weights = [1 / (place + 30) for place in range(len(characters))]
    lengths = draw.choices((1, 2, 3, 4), (6, 72, 14, 8), k=WORDS)
    drawn = iter(draw.choices(characters, weights, k=sum(lengths)))
    return ["".join(next(drawn) for _ in range(length)) for length in lengths]


def made_articles(number: int, *, seed: int = 0, length: int = LENGTH) -> Iterator[MadeArticle]:
    """`number` articles, the same for the same arguments. length: characters on average; some are much longer."""
    draw = random.Random(seed)
    words = vocabulary()
    shares = list(accumulate((place + 4) ** -1.15 for place in range(WORDS)))
    for n in range(number):
        count = round(min(max(draw.lognormvariate(-0.32, 0.8), 0.03), 8) * length / 2.47)
        pieces = draw.choices(words, cum_weights=shares, k=max(count, 8))
        title = "".join(pieces[:7])
        for word, share in PLANTED:
            if draw.random() < share:
                pieces[draw.randrange(len(pieces))] += word
        for place in range(6, len(pieces), 7):
            pieces[place] += _ENDS[draw.randrange(len(_ENDS))]
        yield MadeArticle(f"{title}{n}", "".join(pieces).strip())
