"""What a parsed rule is made of: frozen nodes without behaviour."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

from monitor.model import HitField
from monitor.rules.lexer import Field
from monitor.rules.pattern import Pattern


@dataclass(frozen=True, slots=True)
class Word:
    """A literal in title or body. shown: as written; text: folded; exact: at word borders only; field: None = bare."""

    shown: str
    text: str
    exact: bool = False
    field: HitField | None = None


@dataclass(frozen=True, slots=True)
class Regex:
    """A regex on title and paragraphs. field: None = bare."""

    shown: str
    pattern: Pattern
    field: HitField | None = None


@dataclass(frozen=True, slots=True)
class About:
    """A term on what is known of the article. wanted: a text as that field compares it, or a regex."""

    field: Field
    shown: str
    wanted: str | Pattern


@dataclass(frozen=True, slots=True)
class Times:
    """`of` at least n times, occurrences that do not overlap, title and body together."""

    of: "Spanned"
    n: int


@dataclass(frozen=True, slots=True)
class Near:
    """At most `distance` folded characters between the two, either order, in one field."""

    left: "Spanned"
    right: "Spanned"
    distance: int


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


@dataclass(frozen=True, slots=True)
class All:
    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class EitherTerm:
    """An OR-group of terms alone, as NEAR and {n} take it."""

    parts: "tuple[Spanned, ...]"


#: What has places in a text.
Spanned = Word | Regex | EitherTerm
Node = Word | Regex | About | Times | Near | Not | All | Either


def terms(node: Spanned) -> Iterator[Word | Regex]:
    """The single terms of a spanned node, in the order written."""
    if isinstance(node, EitherTerm):
        for part in node.parts:
            yield from terms(part)
    else:
        yield node


def leaves(node: Node) -> Iterator[Word | Regex | About]:
    """The terms of a rule, excluded ones too, in the order written."""
    match node:
        case Word() | Regex() | About():
            yield node
        case Times(of=of):
            yield from terms(of)
        case Near(left=left, right=right):
            yield from terms(left)
            yield from terms(right)
        case Not(part=part):
            yield from leaves(part)
        case All(parts=parts) | Either(parts=parts):
            for part in parts:
                yield from leaves(part)
        case _ as other:
            assert_never(other)


def name(term: Word | Regex | About) -> str:
    """A single term as a person would write it."""
    if isinstance(term, About):
        return f"{term.field}:{term.shown}"
    border = "=" if isinstance(term, Word) and term.exact else ""
    return f"{term.field}:{border}{term.shown}" if term.field else f"{border}{term.shown}"


def described(node: Spanned | Near | Times) -> str:
    """The node as a person would write it."""
    match node:
        case Times(of=of, n=n):
            return f"{described(of)}{{{n}}}"
        case Near(left=left, right=right, distance=distance):
            return f"{described(left)} NEAR/{distance} {described(right)}"
        case EitherTerm(parts=parts):
            return f"({' OR '.join(described(part) for part in parts)})"
        case Word() | Regex():
            return f"{node.field}:{node.shown}" if node.field else node.shown
        case _ as other:
            assert_never(other)
