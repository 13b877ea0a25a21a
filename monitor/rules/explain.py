"""Why a rule meets an article or does not, part by part, in lines for a person. Pure."""

from collections.abc import Iterator

from monitor.model import HitField
from monitor.rules.about import values
from monitor.rules.evaluate import EVERYWHERE, Scope, around, matches
from monitor.rules.nodes import (
    About,
    All,
    Either,
    EitherTerm,
    Near,
    Node,
    Not,
    Regex,
    Spanned,
    Times,
    Word,
    described,
    name,
)
from monitor.rules.reading import FIELDS, Reading
from monitor.rules.subject import Subject

#: Before what stands inside an operator inside another one, once for each level.
_INSIDE = "· "


def explain(node: Node, subject: Subject, scope: Scope) -> tuple[str, ...]:
    """One line for each operator and term, the verdict first (hit or missed); dots say how deep a part stands.

    A term that is there is shown with the line around its first place, itself in brackets.
    """
    return tuple(_lines(node, Reading(subject), scope, 0))


def _lines(node: Node, reading: Reading, scope: Scope, depth: int) -> Iterator[str]:
    verdict = "hit" if matches(node, reading, scope) else "missed"
    yield f"{verdict}: {_INSIDE * (depth - 1)}{_said(node, reading, scope)}"
    for part in _parts(node):
        yield from _lines(part, reading, scope, depth + 1)


def _parts(node: Node) -> tuple[Node, ...]:
    """What stands under a node by lines of its own. An exclusion of one term needs none."""
    match node:
        case All(parts=parts) | Either(parts=parts):
            return parts
        case Not(part=All() | Either() | Near() | Times() as part):
            return (part,)
        case Near(left=left, right=right):
            return tuple(_node(side) for side in (left, right))
        case Times(of=EitherTerm() as group):
            return tuple(_node(part) for part in group.parts)
        case _:
            return ()


def _node(spanned: Spanned) -> Node:
    """An OR-group of terms as the same group of nodes, whose parts are shown each."""
    return Either(tuple(_node(part) for part in spanned.parts)) if isinstance(spanned, EitherTerm) else spanned


def _said(node: Node, reading: Reading, scope: Scope) -> str:  # noqa: PLR0911  # one for each kind of node
    match node:
        case All(parts=parts):
            met = sum(matches(part, reading, scope) for part in parts)
            return f"AND ({met} of {len(parts)} parts hit, all wanted)"
        case Either(parts=parts):
            met = sum(matches(part, reading, scope) for part in parts)
            return f"OR ({met} of {len(parts)} parts hit, one wanted)"
        case Not(part=part):
            return _said_not(part, reading, scope)
        case About(field=field):
            known = values(field, reading.subject)
            return f"{name(node)} ({f'{field} is {_cut(known)}' if known else f'the article has no {field}'})"
        case Times(of=of, n=n):
            return f"{described(node)} ({reading.count(of, scope)} times, {n} wanted){_where(of, reading, scope)}"
        case Near():
            return f"{described(node)} ({_distance(node, reading, scope)}){_first_near(node, reading, scope)}"
        case Word() | Regex():
            return f"{name(node)} ({_places(node, reading, scope)}){_where(node, reading, scope)}"


def _said_not(part: Node, reading: Reading, scope: Scope) -> str:
    there = matches(part, reading, scope)
    state = "there" if there else "not there"
    match part:
        case Word() | Regex():
            return f"NOT {name(part)} (excluded, and {state}){_where(part, reading, scope)}"
        case About(field=field):
            known = values(field, reading.subject)
            return f"NOT {name(part)} (excluded, and {state}{f': {field} is {_cut(known)}' if known else ''})"
        case _:
            return f"NOT (excluded, and {'what is excluded holds' if there else 'what is excluded does not hold'})"


def _cut(known: tuple[str, ...], most: int = 100) -> str:
    joined = ", ".join(" ".join(value.split()) for value in known)
    return joined if len(joined) <= most else f"{joined[:most]}…"


def _places(node: Spanned, reading: Reading, scope: Scope) -> str:
    counts = [(field, len(reading.spans(node, field, scope))) for field in FIELDS]
    found = ", ".join(f"{field} {n}" for field, n in counts if n)
    if found:
        return found
    if isinstance(node, Word) and node.exact and reading.holds(Word(node.shown, node.text, field=node.field), scope):
        return "there, but never between word borders"
    if reading.holds(node, EVERYWHERE):
        return f"not in the {' or '.join(sorted(scope))}, where alone the watch looks"
    return "not found"


def _where(node: Spanned, reading: Reading, scope: Scope) -> str:
    """The line around the first place, with what hit in brackets."""
    for field in FIELDS:
        for span in reading.spans(node, field, scope)[:1]:
            return _shown(reading, field, *reading.origin(span, field))
    return ""


def _distance(node: Near, reading: Reading, scope: Scope) -> str:
    found = sum(len(reading.near(node, field, scope)) for field in FIELDS)
    if found:
        return f"{found} places within {node.distance} characters"
    if not all(reading.holds(side, scope) for side in (node.left, node.right)):
        return "not both are there"
    pairs = filter(None, (reading.nearest(node, field, scope) for field in FIELDS))
    apart = min((behind.start - before.end for before, behind in pairs), default=None)
    if apart is None:
        return f"both are there, but not within {node.distance} characters of each other in one field"
    return f"both are there, but {apart} characters apart where they are nearest"


def _first_near(node: Near, reading: Reading, scope: Scope) -> str:
    """From one side to the other where they are nearest, in the first field in which they are near enough."""
    for field in FIELDS:
        pair = reading.nearest(node, field, scope) if reading.is_near(node, field, scope) else None
        if pair:
            starts, ends = zip(*(reading.origin(span, field) for span in pair), strict=True)
            return _shown(reading, field, min(starts), max(ends))
    return ""


def _shown(reading: Reading, field: HitField, start: int, end: int) -> str:
    text = reading.stored[field]
    before, behind = around(text, start, end)
    return " ".join(f": {before}[{text[start:end]}]{behind}".split())
