"""Where terms stand in one article: spans in the folded title and body, each found once for all rules."""

import dataclasses
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crawler.text.han import is_han
from monitor.model import HitField
from monitor.rules.nodes import EitherTerm, Near, Regex, Spanned, Word, terms
from monitor.rules.segment import word_borders
from monitor.rules.subject import Subject
from monitor.text.fold import Folded, fold_to_match

FIELDS = (HitField.TITLE, HitField.BODY)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a folded text; `origin` the place in the stored text where it is known already."""

    start: int
    end: int
    term: str
    origin: tuple[int, int] | None = dataclasses.field(default=None, compare=False)


#: Where literals start in title and body, for every literal that may be asked for and occurs at all.
Places = Mapping[str, tuple[list[int], list[int]]]


class Reading:
    """One article being read by rules. Not for keeping: it remembers what was found.

    places: where the literals of all words stand, from one pass over the text; without it each is looked for.
    """

    def __init__(self, subject: Subject, places: Places | None = None) -> None:
        self.subject = subject
        self.stored = {HitField.TITLE: subject.title, HitField.BODY: subject.text}
        self.folded: dict[HitField, Folded] = {
            HitField.TITLE: subject.folded_title or fold_to_match(subject.title),
            HitField.BODY: subject.folded_text or fold_to_match(subject.text),
        }
        self._literals = places
        self._starts: dict[tuple[str, bool, HitField], list[int]] = {}
        self._patterns: dict[tuple[Regex, HitField], list[Span]] = {}
        self._borders: dict[str, frozenset[int]] = {}

    def holds(self, node: Spanned, scope: frozenset[HitField]) -> bool:
        """Whether a spanned node stands anywhere."""
        match node:
            case Word():
                for field in _fields(node, scope):  # noqa: SIM110  # any() would cost a third of a large rule set's time
                    if self._places(node, field):
                        return True
                return False
            case Regex():
                return any(self._matches(node, field) for field in _fields(node, scope))
            case EitherTerm(parts=parts):
                return any(self.holds(part, scope) for part in parts)

    def spans(self, node: Spanned, field: HitField, scope: frozenset[HitField]) -> list[Span]:
        """All places of a spanned node in one field, in order; they may overlap. A bare term keeps to the scope."""
        match node:
            case EitherTerm():
                return sorted(span for term in terms(node) for span in self.spans(term, field, scope))
            case _ if field not in _fields(node, scope):
                return []
            case Word(text=text, shown=shown):
                return [Span(start, start + len(text), shown) for start in self._places(node, field)]
            case Regex():
                return self._matches(node, field)

    def count(self, node: Spanned, scope: frozenset[HitField]) -> int:
        """How many places can be taken that do not overlap, title and body together."""
        total = 0
        for field in FIELDS:
            reached = 0
            # in the stored text, since the folded one may have nothing left of what a regex found
            for end, start in sorted(self.origin(span, field)[::-1] for span in self.spans(node, field, scope)):
                if start >= reached:
                    total += 1
                    reached = end
        return total

    def near(self, node: Near, field: HitField, scope: frozenset[HitField]) -> list[Span]:
        """The places of both sides that have a partner within the distance, in order."""
        left, right = self._sides(node, field, scope)
        return sorted({*_with_partner(left, right, node.distance), *_with_partner(right, left, node.distance)})

    def is_near(self, node: Near, field: HitField, scope: frozenset[HitField]) -> bool:
        """Whether some place has a partner; what is one's partner has a partner itself."""
        return any(_with_partner(*self._sides(node, field, scope), node.distance))

    def nearest(self, node: Near, field: HitField, scope: frozenset[HitField]) -> tuple[Span, Span] | None:
        """Of both sides the two that stand nearest to each other, however far, in their order; None where none do."""
        left, right = self._sides(node, field, scope)
        pairs = [*_neighbours(left, right), *_neighbours(right, left)]
        return min(pairs, key=lambda pair: (pair[1].start - pair[0].end, pair[0].start), default=None)

    def _sides(self, node: Near, field: HitField, scope: frozenset[HitField]) -> tuple[list[Span], list[Span]]:
        """The places of both sides, or of none. What a regex found in deleted characters is near to nothing."""
        left = [span for span in self.spans(node.left, field, scope) if span.start < span.end]
        right = [span for span in self.spans(node.right, field, scope) if span.start < span.end] if left else []
        return (left, right) if right else ([], [])

    def origin(self, span: Span, field: HitField) -> tuple[int, int]:
        """The place of a span in the stored text."""
        return span.origin or self.folded[field].original(span.start, span.end)

    def _places(self, word: Word, field: HitField) -> list[int]:
        literal = word.text
        if self._literals is not None and literal not in self._literals:
            return []
        key = (literal, word.exact, field)
        known = self._starts.get(key)
        if known is None:
            known = self._starts[key] = [*self._occurrences(literal, field)]
            if known and (word.exact or _is_latin(literal[0]) or _is_latin(literal[-1])):
                text, length = self.folded[field].text, len(literal)
                known[:] = [
                    start
                    for start in known
                    if _is_whole(text, start, start + length)
                    and (not word.exact or self._at_borders(text, start, start + length))
                ]
        return known

    def _occurrences(self, literal: str, field: HitField) -> Iterable[int]:
        if self._literals is None:
            return occurrences(self.folded[field].text, literal)
        return self._literals[literal][FIELDS.index(field)]

    def _at_borders(self, text: str, start: int, end: int) -> bool:
        begin = text.rfind("\n", 0, start) + 1
        close = text.find("\n", end)
        line = text[begin : len(text) if close < 0 else close]
        if line not in self._borders:
            self._borders[line] = word_borders(line)
        return start - begin in self._borders[line] and end - begin in self._borders[line]

    def _matches(self, regex: Regex, field: HitField) -> list[Span]:
        known = self._patterns.get((regex, field))
        if known is not None:
            return known
        folded = self.folded[field]
        if regex.pattern.required not in folded.text:
            return []
        found: dict[tuple[int, int], Span] = {}
        for start, end in _by_paragraph(regex, self.stored[field]):
            found[start, end] = Span(*folded.folded(start, end), regex.shown, (start, end))
        if folded.text != self.stored[field]:
            for start, end in _by_paragraph(regex, folded.text):
                origin = folded.original(start, end)
                found.setdefault(origin, Span(start, end, regex.shown, origin))
        known = self._patterns[regex, field] = sorted(found.values())
        return known


def occurrences(text: str, literal: str) -> Iterator[int]:
    """Where a literal starts in a text; the places may overlap."""
    start = text.find(literal)
    while start >= 0:
        yield start
        start = text.find(literal, start + 1)


def _fields(term: Word | Regex, scope: frozenset[HitField]) -> Collection[HitField]:
    """Where a term is looked for: in its own field, a bare one in the scope."""
    return scope if term.field is None else (term.field,)


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


def _neighbours(these: Sequence[Span], those: Sequence[Span]) -> Iterator[tuple[Span, Span]]:
    """Each of `these` with the first of `those` that begins behind it."""
    starts = [span.start for span in those]
    for span in these:
        behind = bisect_left(starts, span.end)
        if behind < len(those):
            yield span, those[behind]


def _with_partner(these: Sequence[Span], those: Sequence[Span], distance: int) -> Iterator[Span]:
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
