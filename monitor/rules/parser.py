"""Rule text to nodes, by the grammar in rules.lark; refuses with line and column what could not mean anything."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from lark import Lark, Token, Tree, UnexpectedToken

from crawler.text.han import is_han
from monitor.model import HitField
from monitor.rules.about import comparable
from monitor.rules.error import RuleError
from monitor.rules.lexer import Field, Kind, Lexeme, Lexer
from monitor.rules.nodes import About, All, Either, EitherTerm, Near, Node, Not, Regex, Spanned, Times, Word
from monitor.rules.pattern import PatternError, compile_pattern
from monitor.text.fold import fold_text

_TEXTS = {Field.TITLE: HitField.TITLE, Field.BODY: HitField.BODY}


_Branch = Tree[Token]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A rule's nodes, and what its author should know though nothing is wrong."""

    root: Node
    warnings: tuple[str, ...]


def parse_nodes(rule: str) -> Parsed:
    """Parse a rule; raises RuleError."""
    lexer = Lexer(rule)
    lexemes = lexer.lexemes()
    if not lexemes:
        raise RuleError.at(rule, 0, "the rule is empty; write at least one term")
    builder = _Builder(rule, lexemes)
    root = builder.node(builder.tree())
    if not _is_positive(root):
        raise RuleError.at(rule, lexemes[0].start, "the rule only excludes; name at least one term that must be there")
    texts = [lexeme for at, lexeme in enumerate(lexemes) if not (at and _asks_a_fact(lexemes[at - 1]))]
    short = dict.fromkeys(lexeme.shown for lexeme in texts if _is_short(lexeme))
    hints = [f"{word} is a single character and will meet very much; use a longer word or ={word}" for word in short]
    return Parsed(root, (*lexer.warnings, *hints))


@cache
def _grammar() -> Lark:
    text = files(__package__).joinpath("rules.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="basic")


def _is_short(lexeme: Lexeme) -> bool:
    folded = fold_text(lexeme.value)
    return lexeme.kind in (Kind.WORD, Kind.PHRASE) and len(folded) == 1 and is_han(folded)


def _asks_a_fact(before: Lexeme) -> bool:
    """Whether what follows is looked for in what is known of an article: in `docno:号` one character says much."""
    return before.kind is Kind.FIELD and before.value not in _TEXTS


def _is_positive(node: Node) -> bool:
    """Whether something must be there for the node to hold. The branches of an OR have been asked before."""
    match node:
        case Not():
            return False
        case All(parts=parts):
            return any(map(_is_positive, parts))
        case _:
            return True


def _all_of(nodes: Iterable[Node]) -> Node:
    """What is said twice is looked for once: a pasted list of thousands costs what its words cost."""
    parts = tuple(dict.fromkeys(nodes))
    return parts[0] if len(parts) == 1 else All(parts)


def _one_of(nodes: Iterable[Node]) -> Node:
    parts = tuple(dict.fromkeys(nodes))
    return parts[0] if len(parts) == 1 else Either(parts)


def _spanned(node: Node) -> Spanned | None:
    """The node as NEAR and {n} take it; None for what has no places in a text."""
    match node:
        case Word() | Regex():
            return node
        case Either(parts=parts):
            spanned = [_spanned(part) for part in parts]
            known = tuple(part for part in spanned if part is not None)
            return EitherTerm(known) if len(known) == len(parts) else None
        case _:
            return None


class _Builder:
    """Makes nodes of one rule's tree. Every token carries the number of its lexeme as start_pos."""

    def __init__(self, rule: str, lexemes: list[Lexeme]) -> None:
        self._rule = rule
        self._lexemes = lexemes

    def tree(self) -> _Branch:
        """The grammar's tree."""
        parser = _grammar().parse_interactive()
        tokens = [Token(lexeme.kind.value, lexeme.shown, i) for i, lexeme in enumerate(self._lexemes)]
        try:
            for token in tokens:
                parser.feed_token(token)
            tree: _Branch = parser.feed_eof(tokens[-1])  # type: ignore[no-untyped-call]  # lark leaves it untyped
        except UnexpectedToken as unexpected:
            raise self._unexpected(unexpected.token) from None
        return tree

    def node(self, branch: _Branch | Token) -> Node:  # noqa: PLR0911  # one for each rule of the grammar
        """The node of a branch; raises RuleError."""
        assert isinstance(branch, Tree)
        match branch.data:
            case "term":
                return self._term(self._lexeme(branch.children[0]))
            case "either":
                return _one_of(map(self._alternative, branch.children))
            case "both":
                return _all_of(map(self.node, branch.children))
            case "near":
                return self._near(branch.children)
            case "excluded":
                return Not(self.node(branch.children[1]))
            case "fielded":
                field = self._lexeme(branch.children[0])
                return self._within(self.node(branch.children[1]), Field(field.value), field)
            case "counted":
                return self._counted(branch)
            case _:  # start and group: one child
                return self.node(branch.children[0])

    def _term(self, lexeme: Lexeme) -> Node:
        if lexeme.kind is Kind.REGEX:
            try:
                return Regex(lexeme.shown, compile_pattern(lexeme.value))
            except PatternError as error:
                raise self._error(lexeme, str(error)) from None
        return Word(lexeme.shown, fold_text(lexeme.value).strip(), lexeme.kind is Kind.EXACT)

    def _alternative(self, branch: _Branch | Token) -> Node:
        node = self.node(branch)
        if not _is_positive(node):
            message = "this side of OR only excludes; name in it a term that must be there, or move the exclusion out"
            raise self._error(self._first(branch), message)
        return node

    def _near(self, children: list[_Branch | Token]) -> Node:
        operands = [self._operand(child) for child in children[::2]]
        distances = [int(self._lexeme(token).value) for token in children[1::2]]
        return _all_of(map(Near, operands, operands[1:], distances))

    def _operand(self, branch: _Branch | Token) -> Spanned:
        operand = _spanned(self.node(branch))
        if operand is None:
            first = self._first(branch)
            remedy = "write NOT (A NEAR B)" if first.kind is Kind.NOT else "give it terms, or (A OR B)"
            message = f"NEAR takes terms, phrases, regexes and OR-groups of them; {remedy}"
            raise self._error(first, message)
        return operand

    def _counted(self, branch: _Branch) -> Node:
        inner, count = branch.children
        lexeme = self._lexeme(count)
        node = self._term(self._lexeme(inner)) if isinstance(inner, Token) else self.node(inner)
        counted = _spanned(node)
        if counted is None:
            raise self._error(lexeme, "only a term or an OR-group of terms can be counted; put {n} behind a term")
        return Times(counted, int(lexeme.value))

    def _within(self, node: Node, field: Field, at: Lexeme) -> Node:
        """The node with its terms looked for in `field` only."""
        match node:
            case Not(part=part):
                return Not(self._within(part, field, at))
            case All(parts=parts):
                return All(tuple(self._within(part, field, at) for part in parts))
            case Either(parts=parts):
                return Either(tuple(self._within(part, field, at) for part in parts))
            case Times(of=of, n=n) if field in _TEXTS:
                return Times(self._spanned_within(of, field, at), n)
            case Near(left=left, right=right, distance=distance) if field in _TEXTS:
                return Near(self._spanned_within(left, field, at), self._spanned_within(right, field, at), distance)
            case Word() | Regex():
                return self._term_within(node, field, at)
            case About():
                raise self._error(at, f"{at.shown} holds another field; name one field for each term")
            case _:
                raise self._error(at, f"NEAR and {{n}} look at title and body, not at {at.shown}; write them outside")

    def _spanned_within(self, node: Spanned, field: Field, at: Lexeme) -> Spanned:
        if isinstance(node, EitherTerm):
            return EitherTerm(tuple(self._spanned_within(part, field, at) for part in node.parts))
        inside = self._term_within(node, field, at)
        assert isinstance(inside, Word | Regex)
        return inside

    def _term_within(self, term: Word | Regex, field: Field, at: Lexeme) -> Word | Regex | About:
        if term.field is not None:
            raise self._error(at, f"{at.shown} holds another field; name one field for each term")
        if field in _TEXTS:
            return replace(term, field=_TEXTS[field])
        if isinstance(term, Regex):
            return About(field, term.shown, term.pattern)
        if term.exact:
            raise self._error(at, f"a word border (=) is known in title and body only; write {at.shown} without =")
        return About(field, term.shown, comparable(field, term.shown))

    def _unexpected(self, token: Token) -> RuleError:
        if token.type == "$END":
            last = self._lexemes[-1]
            return self._error(last, f"a term is missing behind {last.shown}; write one or delete {last.shown}")
        lexeme = self._lexeme(token)
        if lexeme.kind is Kind.NOT:
            return self._error(lexeme, "an exclusion cannot be excluded; delete one of the two")
        return self._error(lexeme, f"a term is missing before {lexeme.shown}; write one or delete {lexeme.shown}")

    def _lexeme(self, branch: _Branch | Token) -> Lexeme:
        assert isinstance(branch, Token) and branch.start_pos is not None
        return self._lexemes[branch.start_pos]

    def _first(self, branch: _Branch | Token) -> Lexeme:
        while isinstance(branch, Tree):
            branch = branch.children[0]
        return self._lexeme(branch)

    def _error(self, lexeme: Lexeme, message: str) -> RuleError:
        return RuleError.at(self._rule, lexeme.start, message)
