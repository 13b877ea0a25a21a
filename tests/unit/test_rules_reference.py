"""The rule language against a second reading of its contract, as naive as can be: rules and texts made by chance.

Each piece of a rule is made together with what it means: how it is written, and a function of the text.
"""

import random
from collections.abc import Callable, Sequence
from itertools import product

import pytest

from monitor.model import HitField
from monitor.rules import EVERYWHERE, RuleSet, Subject, parse
from monitor.text.fold import fold_text

#: Of a folded field: where something stands. Of the folded title and body: whether something holds.
Places = Callable[[str], list[tuple[int, int]]]
Verdict = Callable[[Sequence[str]], bool]

HAN = "数经济宁波"
SAME = {
    "數": "数",
    "經": "经",
    "Ａ": "a",
    "Ｉ": "i",
    "２": "2",
    "\u3000": " ",
    "，": ",",
    "（": "(",
    "“": '"',
    "-": "-",
}
PIECES = (*"数數经經宁波aAIＩ2２, -，.（“\u3000\n\u200b", "AI", "12", "數(shù)", "数 经 济", "宁 波 宁 波")
WORDS = (
    "数",
    "數经",
    "经济",
    "宁波",
    "ai",
    "Ａ",
    "2",
    "a2",
    "2.",
    "宁,",
    "数 经 济",
    "波 宁",
    "數(shù)经",
    "经\u200b济",
    "-",
)
QUOTES = (('"', '"'), ("“", "”"), ("「", "」"), ("『", "』"), ("＂", "＂"))
WIDE = str.maketrans("ANDORTE()|{}0123456789/-", "ＡＮＤＯＲＴＥ（）｜｛｝０１２３４５６７８９／－")  # as an IME types


def folded(text: str) -> str:
    text = text.replace("\u200b", "").replace("數(shù)", "数")
    text = "".join(SAME.get(character, character) for character in text).lower()
    kept, start = "", 0
    while start < len(text):
        end = start
        while is_single(text, end) and text[end + 1 : end + 2] == " " and is_single(text, end + 2):
            end += 2
        run = text[start : end + 1]
        kept += run.replace(" ", "") if end - start >= 4 else run
        start = end + 1
    return kept


def is_single(text: str, at: int) -> bool:
    return (
        at < len(text)
        and text[at] in HAN
        and (at == 0 or text[at - 1] not in HAN)
        and text[at + 1 : at + 2] not in tuple(HAN)
    )


def places_of(word: str) -> Places:
    wanted = folded(word).strip()

    def places(text: str) -> list[tuple[int, int]]:
        spans = [(at, at + len(wanted)) for at in range(len(text)) if text[at : at + len(wanted)] == wanted]
        return [(start, end) for start, end in spans if not cuts(text, start) and not cuts(text, end)]

    def cuts(text: str, at: int) -> bool:
        """A token of letters and digits lies on both sides."""
        return 0 < at < len(text) and all(one.isascii() and one.isalnum() for one in text[at - 1 : at + 1])

    return places


class Maker:
    """Makes rules by chance."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def typed(self, operator: str) -> str:
        return operator.translate(WIDE) if self.chance.random() < 0.2 else operator

    def word(self) -> tuple[str, Places]:
        word = self.chance.choice(WORDS)
        opening, closing = self.chance.choice(QUOTES)
        return f"{opening}{word}{closing}", places_of(word)

    def spanned(self) -> tuple[str, Places]:
        if self.chance.random() < 0.7:
            return self.word()
        pairs = [self.word(), self.word()]
        text = self.typed("(") + f" {self.typed('OR')} ".join(text for text, _ in pairs) + self.typed(")")
        return text, lambda field: [span for _, places in pairs for span in places(field)]

    def rule(self, depth: int) -> tuple[str, Verdict]:
        makers = [self.term, self.counted, self.near]
        return self.chance.choice(makers)() if depth == 0 else self.chance.choice([self.both, self.either])(depth)

    def term(self) -> tuple[str, Verdict]:
        text, places = self.word()
        name, fields = self.chance.choice([("", (0, 1)), ("title:", (0,)), ("标题：", (0,)), ("正文:", (1,))])
        return name + text, lambda article: any(places(article[field]) for field in fields)

    def counted(self) -> tuple[str, Verdict]:
        text, places = self.spanned()
        number = self.chance.randint(1, 3)

        def verdict(article: Sequence[str]) -> bool:
            total = 0
            for field in article:
                reached = 0
                for start, end in sorted(places(field), key=lambda span: span[1]):
                    if start >= reached:
                        total, reached = total + 1, end
            return total >= number

        return text + self.typed(f"{{{number}}}"), verdict

    def near(self) -> tuple[str, Verdict]:
        (left, these), (right, those) = self.spanned(), self.spanned()
        most = self.chance.choice([0, 1, 2, 5, 20])

        def verdict(article: Sequence[str]) -> bool:
            pairs = [pair for field in article for pair in product(these(field), those(field))]
            return any(0 <= b[0] - a[1] <= most or 0 <= a[0] - b[1] <= most for a, b in pairs)

        return f"{left} {self.typed(f'NEAR/{most}')} {right}", verdict

    def both(self, depth: int) -> tuple[str, Verdict]:
        (one, this), (two, that) = self.rule(depth - 1), self.rule(depth - 1)
        one, two = f"{self.typed('(')}{one}{self.typed(')')}", f"{self.typed('(')}{two}{self.typed(')')}"
        if self.chance.random() < 0.4:
            return (
                f"{one} {self.chance.choice(['-', '－', 'NOT ', 'AND NOT '])}{two}",
                lambda a: this(a) and not that(a),
            )
        return f"{one}{self.chance.choice([' ', '　', ' AND ', ' ＡＮＤ '])}{two}", lambda a: this(a) and that(a)

    def either(self, depth: int) -> tuple[str, Verdict]:
        (one, this), (two, that) = self.rule(depth - 1), self.rule(depth - 1)
        return f"({one} {self.typed(self.chance.choice(['OR', '|']))} {two})", lambda a: this(a) or that(a)


@pytest.mark.parametrize("seed", range(4))
def test_rules_mean_what_a_naive_reading_of_the_contract_says(seed: int) -> None:
    maker = Maker(seed)
    made = [maker.rule(maker.chance.choice([0, 0, 1, 2])) for _ in range(60)]
    rules = RuleSet({str(number): (parse(text), EVERYWHERE) for number, (text, _) in enumerate(made)})
    hits = 0
    for _ in range(20):
        title, body = ("".join(maker.chance.choices(PIECES, k=maker.chance.randint(0, most))) for most in (6, 25))
        subject = Subject.of(title=title, text=body)
        assert (fold_text(title), fold_text(body)) == (folded(title), folded(body))
        found = rules.evaluate(subject)
        for number, (text, verdict) in enumerate(made):
            assert (str(number) in found) is verdict((folded(title), folded(body))), (text, title, body)
        for hit in (hit for evaluation in found.values() for hit in evaluation.hits):
            stored = title if hit.field is HitField.TITLE else body
            assert folded(f"{stored[hit.start : hit.end]}").replace(" ", "") == folded(hit.term).replace(" ", "")
        hits += len(found)
    assert hits > 100, "rules that meet nothing test little"
