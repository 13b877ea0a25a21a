"""Where terms stand in one article: spans in the folded title and body, each found once for all rules."""

import dataclasses
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.text.han import is_han
from monitor.model import HitField
from monitor.rules.nodes import Near, Regex, Spanned, Word, terms
from monitor.rules.segment import word_borders
from monitor.rules.subject import Subject
from monitor.text.fold import Folded, fold

FIELDS = (HitField.TITLE, HitField.BODY)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a folded text; `origin` the place in the stored text where it is known already."""

    start: int
    end: int
    term: str
    origin: tuple[int, int] | None = dataclasses.field(default=None, compare=False)


class Reading:
    """One article being read by rules. Not for keeping: it remembers what was found."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.stored = {HitField.TITLE: subject.title, HitField.BODY: subject.text}
        self.folded: dict[HitField, Folded] = {
            HitField.TITLE: subject.folded_title or fold(subject.title),
            HitField.BODY: subject.folded_text or fold(subject.text),
        }
        self._spans: dict[tuple[Word | Regex, HitField], tuple[Span, ...]] = {}
        self._borders: dict[str, frozenset[int]] = {}

    def spans(self, node: Spanned, field: HitField, scope: frozenset[HitField]) -> tuple[Span, ...]:
        """All places of a spanned node in one field, in order; they may overlap. A bare term keeps to the scope."""
        found: list[Span] = []
        for term in terms(node):
            if field is term.field or (term.field is None and field in scope):
                found.extend(self._places(term, field))
        return tuple(sorted(found)) if not isinstance(node, Word) else tuple(found)

    def count(self, node: Spanned, scope: frozenset[HitField]) -> int:
        """How many places can be taken that do not overlap, title and body together."""
        total = 0
        for field in FIELDS:
            reached = 0
            for span in sorted(self.spans(node, field, scope), key=lambda span: (span.end, -span.start)):
                if span.start >= reached and span.end > span.start:
                    total += 1
                    reached = span.end
        return total

    def near(self, node: Near, field: HitField, scope: frozenset[HitField]) -> tuple[Span, ...]:
        """The places of both sides that have a partner within the distance, in order."""
        left, right = self.spans(node.left, field, scope), self.spans(node.right, field, scope)
        if not left or not right:
            return ()
        return tuple(sorted({*_with_partner(left, right, node.distance), *_with_partner(right, left, node.distance)}))

    def origin(self, span: Span, field: HitField) -> tuple[int, int]:
        """The place of a span in the stored text."""
        return span.origin or self.folded[field].original(span.start, span.end)

    def _places(self, term: Word | Regex, field: HitField) -> tuple[Span, ...]:
        key = (term, field)
        known = self._spans.get(key)
        if known is None:
            found = self._words(term, field) if isinstance(term, Word) else self._patterns(term, field)
            known = self._spans[key] = tuple(found)
        return known

    def _words(self, word: Word, field: HitField) -> Iterator[Span]:
        text = self.folded[field].text
        start = text.find(word.text)
        while start >= 0:
            end = start + len(word.text)
            if _is_whole(text, start, end) and (not word.exact or self._at_borders(text, start, end)):
                yield Span(start, end, word.shown)
            start = text.find(word.text, start + 1)

    def _at_borders(self, text: str, start: int, end: int) -> bool:
        begin = text.rfind("\n", 0, start) + 1
        close = text.find("\n", end)
        line = text[begin : len(text) if close < 0 else close]
        if line not in self._borders:
            self._borders[line] = word_borders(line)
        return start - begin in self._borders[line] and end - begin in self._borders[line]

    def _patterns(self, regex: Regex, field: HitField) -> list[Span]:
        folded = self.folded[field]
        found: dict[tuple[int, int], Span] = {}
        for start, end in _by_paragraph(regex, self.stored[field]):
            found[start, end] = Span(*folded.folded(start, end), regex.shown, (start, end))
        if folded.text != self.stored[field]:
            for start, end in _by_paragraph(regex, folded.text):
                origin = folded.original(start, end)
                found.setdefault(origin, Span(start, end, regex.shown, origin))
        return sorted(found.values())


def _by_paragraph(regex: Regex, text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for paragraph in text.split("\n"):
        for start, end in regex.pattern.spans(paragraph):
            yield begin + start, begin + end
        begin += len(paragraph) + 1


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether no Latin or digit end of text[start:end] lies inside a token: a run of letters and digits, not Han."""
    if start and _is_latin(text[start]) and _is_token(text[start - 1]):
        return False
    return not (end < len(text) and _is_latin(text[end - 1]) and _is_token(text[end]))


def _is_token(character: str) -> bool:
    return character.isalnum() and not is_han(character)


def _is_latin(character: str) -> bool:
    """A digit of any script, or a letter of the Latin blocks: others (kana, Hangul) write words without borders."""
    if character.isalpha():
        return character < "\u0250" or "\u1e00" <= character <= "\u1eff"
    return character.isnumeric() and not is_han(character)


def _with_partner(these: tuple[Span, ...], those: tuple[Span, ...], distance: int) -> Iterator[Span]:
    """Those of `these` that have one of `those` behind or before them, at most `distance` characters between."""
    starts = [span.start for span in those]
    ends = sorted(span.end for span in those)
    for span in these:
        behind = bisect_left(starts, span.end)
        before = bisect_right(ends, span.start) - 1
        if (behind < len(starts) and starts[behind] - span.end <= distance) or (
            before >= 0 and span.start - ends[before] <= distance
        ):
            yield span
