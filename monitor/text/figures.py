"""Finds the figures of a sentence with what they count, and pairs those that were replaced; pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from monitor.text.wording import Comparison, Token, tokens

#: What stands behind a figure and says what it is a number of. The longest that fits counts.
_MONEY = r"(?:人民币|美元|欧元|日元|英镑|港元|港币|元|块)"
_MEASURE = (
    r"平方公里|平方千米|平方米|立方米|公里|千米|厘米|毫米|米|公顷|亩|公斤|千克|克|吨|标箱|千瓦时|兆瓦时|万千瓦|千瓦|兆瓦|度"
    r"|个百分点|百分点|人次|车次|班次|人|户|家|个|项|件|台|套|辆|架|艘|列|趟|次|名|位|例|起|种|类|条|座|处|所|栋|幢|间|场|届|批|份|张|期"
    r"|小时|分钟|秒|个月|年|月|日|天|周|岁|倍|成|℃|摄氏度|级|分|点|层|车道"
)
_UNIT = re.compile(rf"(km|kg|kw|mw|gw|cm|mm|(?:余|多)?[十百千万亿]*(?:{_MONEY}|{_MEASURE})?)")
_HAN = re.compile(r"[\u3400-\u9fffa-z]")
#: Where the words before a figure begin to be about it.
_BORDER = re.compile(
    r".*(?:其中|实现|完成|建成|新建|新增|预计|投入|安排|会议|提出|年底前|以来|截至|目前|今年|去年|全年|[的了和与及将已被年月日时在把到让使])(?=..)"
)
#: Words between what is counted and its figure, which say neither.
_VERB = re.compile(
    r"(?:达到了?|达|为|约为|约|共计|共有|共|合计|总计|超过|突破|接近|将近|近|超|逾|至|有|是|计|不低于|不少于|不超过)+$"
)
_LONGEST_NOUN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of a sentence. noun: what it counts, as far as the words before it say so; "" where they do not."""

    noun: str
    value: str
    unit: str

    @property
    def amount(self) -> tuple[str, str]:
        return self.value, self.unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """One figure that stands where another one stood."""

    before: Figure
    after: Figure

    def words(self) -> str:
        """Both in a line: `营收 2674.3→2764.3 亿元`."""
        before, after = self.before, self.after
        noun = after.noun or before.noun
        if before.unit != after.unit or after.unit == "%":
            said = f"{before.value}{before.unit}→{after.value}{after.unit}"
        else:
            said = f"{before.value}→{after.value} {after.unit}".rstrip()
        return f"{noun} {said}".lstrip()


def figures(sentence: str) -> list[Figure]:
    """The figures of a text in their order; dates and times are one each. Pure.

    >>> figures("2024年全市营收达2674.3亿元")[1]
    Figure(noun='全市营收', value='2674.3', unit='亿元')
    """
    words = tokens(sentence)
    return [_figure(words, at) for at, word in enumerate(words) if word.is_figure]


def same_figures(comparison: Comparison) -> bool:
    """Whether both sentences name the same figures, however they stand. Pure."""
    old, new = (Counter(word.key for word in words if word.is_figure) for words in (comparison.old, comparison.new))
    return old == new


def replaced_figures(comparison: Comparison) -> tuple[Replaced, ...]:
    """The figures that others took the place of. Pure.

    >>> from monitor.text.wording import compared
    >>> [pair.words() for pair in replaced_figures(compared("营收2674.3亿元，第一。", "营收2764.3亿元，第二。"))]
    ['营收 2674.3→2764.3 亿元']
    """
    old, new = comparison.old, comparison.new
    found: list[Replaced] = []
    for gone, come in comparison.spans:
        lost, won = _places(old, gone), _places(new, come)
        if len(lost) == len(won):
            pairs = [Replaced(before=_figure(old, a), after=_figure(new, b)) for a, b in zip(lost, won, strict=True)]
            found += [pair for pair in pairs if pair.before.amount != pair.after.amount]
    return tuple(found)


def _places(words: Sequence[Token], span: range) -> list[int]:
    return [at for at in span if words[at].is_figure]


def _figure(words: Sequence[Token], at: int) -> Figure:
    value = words[at].text
    if words[at].is_date:
        return Figure(noun=_noun(words, at), value=value, unit="")
    behind = words[at + 1 : at + 8]
    if behind and behind[0].key == "%":
        unit = "%"
    else:
        match = _UNIT.match("".join(word.key for word in behind))
        unit = "".join(word.text for word in behind)[: match.end()] if match else ""
    return Figure(noun=_noun(words, at), value=value, unit=unit)


def _noun(words: Sequence[Token], at: int) -> str:
    """The words right before a figure, without what leads to them: 全市营收达 -> 全市营收."""
    run = list(
        takewhile(lambda word: _HAN.match(word.key) and not word.is_figure, reversed(words[max(0, at - 24) : at]))
    )
    shown = "".join(word.text for word in reversed(run))
    folded = _VERB.sub("", "".join(word.key for word in reversed(run)))
    start = len(folded) - len(_BORDER.sub("", folded)[-_LONGEST_NOUN:])
    noun = shown[start : len(folded)]
    return noun if len(noun) > 1 else ""  # one character is a measure word or a particle
