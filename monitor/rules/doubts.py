"""What the author of a rule should know of its terms once there are articles to try them on. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from crawler.text.han import is_han
from monitor.model import HitField
from monitor.rules.nodes import Word
from monitor.rules.reading import FIELDS, Reading
from monitor.rules.segment import words_of
from monitor.rules.subject import Subject

#: Fewer places say nothing, and more say nothing new.
_ENOUGH, _MOST = 5, 200
#: A term of which a larger share stands across word borders is doubted.
_DOUBTED = 0.5
_EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Where a term was found: in how many places, and in how many of them it begins or ends inside one word and goes on
    in another. examples: the words of some of those, the borders marked."""

    places: int
    across: int
    examples: tuple[str, ...]

    @property
    def is_doubtful(self) -> bool:
        return self.places >= _ENOUGH and self.across > _DOUBTED * self.places


def crossing(word: Word, subjects: Iterable[Subject]) -> Crossing | None:
    """How a term stands to the borders of words in some articles; None where the question makes no sense for it.

    地产 in 当地|产业 goes across a border. 人大 in 全国人大常委会 does not: it is a part of one word; nor does 数字经济
    in 数字|经济: it is two whole ones.
    """
    if word.exact or len(word.text) < 2 or not all(map(is_han, word.text)):
        return None
    places = across = 0
    examples: dict[str, None] = {}
    for subject in subjects:
        reading = Reading(subject)
        for field in FIELDS:
            for span in reading.spans(word, field, frozenset(HitField)):
                if places == _MOST:
                    break
                places += 1
                torn = _torn(reading.folded[field].text, span.start, span.end)
                if torn is not None:
                    across += 1
                    examples[torn] = None
    return Crossing(places=places, across=across, examples=tuple(examples)[:_EXAMPLES])


def _torn(text: str, start: int, end: int) -> str | None:
    """The words that text[start:end] reaches into, where it tears one of them and holds a border."""
    begin = text.rfind("\n", 0, start) + 1
    close = text.find("\n", end)
    touched = [
        (first, last)
        for first, last in words_of(text[begin : len(text) if close < 0 else close])
        if begin + first < end and begin + last > start
    ]
    whole = begin + touched[0][0] == start and begin + touched[-1][1] == end
    if whole or len(touched) == 1:
        return None
    return "|".join(text[begin + first : begin + last] for first, last in touched)
