"""What an article must have for a rule to meet it: a filter for the search index that may propose too much, never too
little."""

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import assert_never

from monitor.model import HitField
from monitor.rules.lexer import Field
from monitor.rules.nodes import About, All, Either, EitherTerm, Near, Node, Not, Regex, Times, Word


@dataclass(frozen=True, slots=True)
class Literal:
    """A folded text, at least one character, that occurs in the folded title, the folded body, or either."""

    text: str
    field: OneOf["title", "body", "any"] = "any"


@dataclass(frozen=True, slots=True)
class FieldIs:
    """Something known of the article holds `text`, which stands as monitor.rules.about.comparable() makes it."""

    field: Field
    text: str


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: "tuple[Need, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: "tuple[Need, ...]"


@dataclass(frozen=True, slots=True)
class Anything:
    """Nothing can be said: every article is a candidate."""


Need = Literal | FieldIs | AllOf | AnyOf | Anything

#: Of what is nested deeper nothing is said: databases read conditions with a stack of 100 places.
DEEPEST = 12


def need(node: Node | EitherTerm, depth: int = DEEPEST) -> Need:  # noqa: PLR0911  # one for each kind of node
    """The need of a parsed rule, as deep as `depth`. Pure."""
    if depth == 0:
        return Anything()
    match node:
        case Word(text=text, field=field):
            return Literal(text, _place(field))
        case Regex(pattern=pattern, field=field):
            return Literal(pattern.required, _place(field)) if pattern.required else Anything()
        case About(field=field, wanted=wanted):
            return FieldIs(field, wanted) if isinstance(wanted, str) else Anything()
        case Times(of=of):
            return need(of, depth)
        case Near(left=left, right=right):
            return _all_of((need(left, depth - 1), need(right, depth - 1)))
        case Not():
            return Anything()
        case All(parts=parts):
            return _all_of(tuple(need(part, depth - 1) for part in parts))
        case Either(parts=parts) | EitherTerm(parts=parts):
            return _any_of(tuple(need(part, depth - 1) for part in parts))
        case _ as other:
            assert_never(other)


def anchors(wanted: Need) -> frozenset[Literal | FieldIs] | None:
    """Things of which an article must have at least one; None where there is no such set. Pure.

    Of several sets the one with the longest shortest literal is taken: it hits least. A field is the last choice, since
    a region or a source is that of many articles.
    """
    match wanted:
        case Literal() | FieldIs():
            return frozenset([wanted])
        case Anything():
            return None
        case AnyOf(parts=parts):
            sets = [anchors(part) for part in parts]
            known = [found for found in sets if found is not None]
            return frozenset().union(*known) if len(known) == len(sets) else None
        case AllOf(parts=parts):
            return max(filter(None, map(anchors, parts)), key=_rarity, default=None)
        case _ as other:
            assert_never(other)


def _rarity(found: frozenset[Literal | FieldIs]) -> tuple[bool, int, int]:
    in_text = all(isinstance(anchor, Literal) for anchor in found)
    return in_text, min(len(anchor.text) for anchor in found), -len(found)


def _place(field: HitField | None) -> OneOf["title", "body", "any"]:
    match field:
        case HitField.TITLE:
            return "title"
        case HitField.BODY:
            return "body"
        case None:
            return "any"
        case _ as other:
            assert_never(other)


def _all_of(parts: tuple[Need, ...]) -> Need:
    kept = tuple(dict.fromkeys(part for part in parts if part != Anything()))
    if not kept:
        return Anything()
    return kept[0] if len(kept) == 1 else AllOf(kept)


def _any_of(parts: tuple[Need, ...]) -> Need:
    kept = tuple(dict.fromkeys(parts))
    if Anything() in kept:
        return Anything()
    return kept[0] if len(kept) == 1 else AnyOf(kept)
