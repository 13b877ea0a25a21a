"""Whether a parsed rule meets an article, where, and why (not). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from monitor.model import Hit, HitField
from monitor.rules.about import meets, values
from monitor.rules.nodes import About, All, Either, Near, Node, Not, Regex, Spanned, Times, Word, described
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
    """What came of a rule and an article. reasons: one line for each part of the rule, beginning with hit or missed."""

    matched: bool
    hits: tuple[Hit, ...]
    reasons: tuple[str, ...]


def matches(node: Node, reading: Reading, scope: Scope) -> bool:  # noqa: PLR0911  # one for each kind of node
    """Whether the article meets the node."""
    match node:
        case Word() | Regex():
            return any(reading.spans(node, field, scope) for field in FIELDS)
        case About():
            return meets(node, reading.subject)
        case Times(of=of, n=n):
            return reading.count(of, scope) >= n
        case Near():
            return any(reading.near(node, field, scope) for field in FIELDS)
        case Not(part=part):
            return not matches(part, reading, scope)
        case All(parts=parts):
            return all(matches(part, reading, scope) for part in parts)
        case Either(parts=parts):
            return any(matches(part, reading, scope) for part in parts)
        case _ as other:
            assert_never(other)


def evaluation(node: Node, reading: Reading, scope: Scope) -> Evaluation:
    """The verdict with its evidence."""
    matched = matches(node, reading, scope)
    return Evaluation(
        matched=matched,
        hits=_hits(node, reading, scope) if matched else (),
        reasons=tuple(reasons(node, reading, scope)),
    )


def evaluate(node: Node, subject: Subject, scope: Scope) -> Evaluation:
    """evaluation() of one rule alone."""
    return evaluation(node, Reading(subject), scope)


def _hits(node: Node, reading: Reading, scope: Scope) -> tuple[Hit, ...]:
    found: dict[tuple[HitField, int, int, str], None] = {}
    for field, span in _evidence(node, reading, scope):
        found[(field, *reading.origin(span, field), span.term)] = None
    ordered = sorted(found, key=lambda hit: (FIELDS.index(hit[0]), *hit[1:]))
    return tuple(
        Hit(term=term, field=field, start=start, end=end, context=context(reading.stored[field], start, end))
        for field, start, end, term in ordered[:MOST_HITS]
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


def context(text: str, start: int, end: int) -> str:
    """The line around text[start:end], at most AROUND characters of it on each side.

    >>> context("第一段\\n宁波数字经济\\n第三段", 6, 8)
    '宁波数字经济'
    """
    begin = max(text.rfind("\n", 0, start) + 1, start - AROUND)
    close = text.find("\n", end)
    stop = min(len(text) if close < 0 else close, end + AROUND)
    head = "…" if begin and text[begin - 1] != "\n" else ""
    tail = "…" if stop < len(text) and text[stop] != "\n" else ""
    return f"{head}{text[begin:stop].strip()}{tail}"


def reasons(node: Node, reading: Reading, scope: Scope) -> Iterator[str]:
    """One line for each part of the rule that can hold or fail by itself."""
    match node:
        case All(parts=parts) | Either(parts=parts):
            for part in parts:
                yield from reasons(part, reading, scope)
        case Not(part=part):
            present = matches(part, reading, scope)
            verdict = "missed: excluded, and there" if present else "hit: excluded, and not there"
            yield f"{verdict}: {' AND '.join(_names(part))}"
        case _:
            verdict = "hit" if matches(node, reading, scope) else "missed"
            yield f"{verdict}: {_names(node)[0]}{_why(node, reading, scope)}"


def _names(node: Node) -> list[str]:
    """How the parts of a node are called in a reason."""
    match node:
        case About(field=field, shown=shown):
            return [f"{field}:{shown}"]
        case Not(part=part):
            return [f"NOT {' AND '.join(_names(part))}"]
        case All(parts=parts):
            return [name for part in parts for name in _names(part)]
        case Either(parts=parts):
            return [f"({' OR '.join(' AND '.join(_names(part)) for part in parts)})"]
        case _:
            return [described(node)]


def _why(node: Word | Regex | About | Times | Near, reading: Reading, scope: Scope) -> str:
    match node:
        case About(field=field):
            known = values(field, reading.subject)
            return f" ({field} is {', '.join(known)})" if known else f" (the article has no {field})"
        case Times(of=of, n=n):
            return f" ({reading.count(of, scope)} times, {n} wanted)"
        case Near():
            return _why_near(node, reading, scope)
        case _:
            return f" ({_places(node, reading, scope)})"


def _why_near(node: Near, reading: Reading, scope: Scope) -> str:
    found = sum(len(reading.near(node, field, scope)) for field in FIELDS)
    if found:
        return f" ({found} places within {node.distance} characters)"
    for side in (node.left, node.right):
        if not any(reading.spans(side, field, scope) for field in FIELDS):
            return f" ({described(side)}: {_places(side, reading, scope)})"
    return f" (both are there, but not within {node.distance} characters of each other)"


def _places(node: Spanned, reading: Reading, scope: Scope) -> str:
    counts = [(field, len(reading.spans(node, field, scope))) for field in FIELDS]
    return ", ".join(f"{field} {n}" for field, n in counts if n) or "not found"
