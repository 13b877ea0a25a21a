"""Whether a parsed rule meets an article, and where. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from monitor.model import Hit, HitField
from monitor.rules.about import meets
from monitor.rules.nodes import About, All, Either, Near, Node, Not, Regex, Spanned, Times, Word
from monitor.rules.reading import FIELDS, Reading, Span
from monitor.rules.subject import Subject

Scope = frozenset[HitField]
EVERYWHERE: Scope = frozenset(HitField)

#: A page that repeats a word ten thousand times needs no ten thousand hits; the first ones are kept.
MOST_HITS = 500
#: Characters of the stored line that a hit's context shows on each side.
AROUND = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What came of a rule and an article. hits: the places that made it match; none where it did not."""

    matched: bool
    hits: tuple[Hit, ...]


def matches(node: Node, reading: Reading, scope: Scope) -> bool:  # noqa: PLR0911  # one for each kind of node
    """Whether the article meets the node."""
    match node:
        case Word() | Regex():
            return reading.holds(node, scope)
        case About():
            return meets(node, reading.subject)
        case Times(of=of, n=n):
            return reading.count(of, scope) >= n
        case Near():
            return any(reading.is_near(node, field, scope) for field in FIELDS)
        case Not(part=part):
            return not matches(part, reading, scope)
        case All(parts=parts):
            return all(matches(part, reading, scope) for part in parts)
        case Either(parts=parts):
            return any(matches(part, reading, scope) for part in parts)
        case _ as other:
            assert_never(other)


def evaluate(node: Node, subject: Subject, scope: Scope) -> Evaluation:
    """The verdict on one rule alone, with its evidence."""
    reading = Reading(subject)
    matched = matches(node, reading, scope)
    return Evaluation(matched=matched, hits=hits(node, reading, scope) if matched else ())


def hits(node: Node, reading: Reading, scope: Scope) -> tuple[Hit, ...]:
    """The places that made a matching node match, in their order, each once; the first MOST_HITS of them."""
    found = {
        (FIELDS.index(field), *reading.origin(span, field), span.term)
        for field, span in _evidence(node, reading, scope)
    }
    stored = [reading.stored[field] for field in FIELDS]
    return tuple(
        Hit(term=term, field=FIELDS[place], start=start, end=end, context=context(stored[place], start, end))
        for place, start, end, term in sorted(found)[:MOST_HITS]
    )


def _evidence(node: Node, reading: Reading, scope: Scope) -> Iterator[tuple[HitField, Span]]:
    """The places that made a matching node match."""
    match node:
        case Word() | Regex():
            yield from _spots(node, reading, scope)
        case Times(of=of):
            yield from _spots(of, reading, scope)
        case Near():
            for field in FIELDS:
                for span in reading.near(node, field, scope):
                    yield field, span
        case All(parts=parts) | Either(parts=parts):
            for part in parts:
                if matches(part, reading, scope):
                    yield from _evidence(part, reading, scope)
        case About() | Not():
            return
        case _ as other:
            assert_never(other)


def _spots(node: Spanned, reading: Reading, scope: Scope) -> Iterator[tuple[HitField, Span]]:
    for field in FIELDS:
        for span in reading.spans(node, field, scope):
            yield field, span


def around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and behind text[start:end] in its line, at most AROUND characters of each."""
    begin = max(text.rfind("\n", 0, start) + 1, start - AROUND)
    close = text.find("\n", end)
    stop = min(len(text) if close < 0 else close, end + AROUND)
    head = "…" if begin and text[begin - 1] != "\n" else ""
    tail = "…" if stop < len(text) and text[stop] != "\n" else ""
    return f"{head}{text[begin:start].lstrip()}", f"{text[end:stop].rstrip()}{tail}"


def context(text: str, start: int, end: int) -> str:
    """The line around text[start:end], at most AROUND characters of it on each side.

    >>> context("第一段\\n宁波数字经济\\n第三段", 6, 8)
    '宁波数字经济'
    """
    before, behind = around(text, start, end)
    return f"{before}{text[start:end]}{behind}"
