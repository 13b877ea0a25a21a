"""Cuts a rule into tokens; here stands everything that depends on a character and its neighbours.

Blanks, quotes, full-width operators of a Chinese IME, a minus that touches its term, a colon that makes a field.
"""

import difflib
import re
from dataclasses import dataclass, field
from enum import StrEnum

from crawler.text.glosses import find_glosses
from monitor.rules.error import RuleError
from monitor.text.fold import fold_text

LONGEST_RULE = 100_000
DEEPEST = 50


class Field(StrEnum):
    """Where a term may be looked for; title and body are the texts, the others what is known of an article."""

    TITLE = "title"
    BODY = "body"
    SOURCE = "source"
    REGION = "region"
    ISSUER = "issuer"
    ORIGIN = "origin"
    DOCNO = "docno"
    STOCK = "stock"
    URL = "url"


FIELD_NAMES = {
    **{name.value: name for name in Field},
    "标题": Field.TITLE,
    "正文": Field.BODY,
    "信源": Field.SOURCE,
    "地区": Field.REGION,
    "发布机构": Field.ISSUER,
    "来源": Field.ORIGIN,
    "文号": Field.DOCNO,
    "股票": Field.STOCK,
}


class Kind(StrEnum):
    """The names of the tokens in rules.lark."""

    WORD = "WORD"
    PHRASE = "PHRASE"
    EXACT = "EXACT"
    REGEX = "REGEX"
    FIELD = "FIELD"
    COUNT = "COUNT"
    NEAR = "NEAR"
    NOT = "NOT"
    OR = "_OR"
    AND = "_AND"
    OPEN = "_OPEN"
    CLOSE = "_CLOSE"


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One token. shown: as it was written; value: what it means; start: its code point in the rule."""

    kind: Kind
    shown: str
    value: str
    start: int


#: Full-width ASCII to ASCII, every blank to one: operators may be typed either way.
_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)}
_BLANKS = dict.fromkeys(map(ord, "\t\n\v\f\r\x85\xa0\u2002\u2003\u2009\u200a\u2028\u2029\u202f\u3000"), ord(" "))
_QUOTES = {'"': '"', "“": "”", "”": "”", "「": "」", "『": "』", "„": "”"}
#: A pasted byte order mark or zero-width blank before an operator must not make a word of it.
_SHAPELESS = re.compile("[\u200b-\u200f\u2060\ufeff]*")
#: What no database takes, nor any text holds: NUL, and what bytes that are not UTF-8 became on the command line.
_NO_CHARACTER = re.compile("[\x00\ud800-\udfff]")
_NAME = re.compile(r"([^\W\d]+):")
_WORD = re.compile(r'[^\s()|{"“”„「『]+')
#: 浙政发(2023)1号: brackets that touch a doc number belong to it.
_DOC_NUMBER = re.compile(r'[^\s()|{"“”„「『]+(?:\([^\s()|{]*\)[^\s()|{"“”„「『]*)*')
_NEAR = re.compile(r"NEAR(?:/(\d{1,5}))?")
_COUNT = re.compile(r"\{ *(\d{1,5}) *\}")
_REGEX = re.compile(r"/(?! )(?:[^/\\]|\\.|/(?![\s()|{]|$))+/(?=[\s()|{]|$)", re.DOTALL)
#: In url: a blank ends the regex, so that a path, /art/2023, is none only because a slash comes later.
_URL_REGEX = re.compile(r"/(?:[^/\\\s]|\\\S|/(?![\s()|{]|$))+/(?=[\s()|{]|$)")
_OPERATORS = {"AND": Kind.AND, "OR": Kind.OR, "NOT": Kind.NOT}
#: Words that were hardly meant as words, as other search engines write operators.
_LOOKALIKE = re.compile(r"(?P<operator>and|or|not|near(?:/\d*)?)|(?P<both>&&?)|!(?P<excluded>.+)", re.IGNORECASE)
_NEAR_NUMBER = re.compile(r"NEAR +(\d+)(?=[ )]|$)")
_IN_QUOTES = "put the text in quotes"
_REMEDIES = {
    "{": "a count touches the term before it: 词{3}",
    "(": "= stands before one term: (=甲 OR =乙)",
}


@dataclass(slots=True)
class Lexer:
    """One pass over one rule. `warnings` fills as it goes."""

    rule: str
    warnings: list[str] = field(default_factory=list)
    _plain: str = ""
    _at: int = 0
    #: Where each open group began, and the field that it is the value of.
    _open: list[tuple[int, str]] = field(default_factory=list)
    _found: list[Lexeme] = field(default_factory=list)

    def lexemes(self) -> list[Lexeme]:
        """All tokens of the rule; raises RuleError."""
        if len(self.rule) > LONGEST_RULE:
            raise self._error(LONGEST_RULE, f"the rule is longer than {LONGEST_RULE} characters; split it")
        if broken := _NO_CHARACTER.search(self.rule):
            raise self._error(broken.start(), "this is no character; write the rule in UTF-8")
        plain = self.rule
        for start, end in find_glosses(plain):
            plain = plain[:start] + "\u200b" * (end - start) + plain[end:]
        self._plain = plain.translate(_WIDTH | _BLANKS)
        while self._at < len(self._plain):
            self._step()
        if self._open:
            raise self._error(self._open[-1][0], "this ( is never closed; write ) where the group ends")
        return self._found

    def _step(self) -> None:
        here = self._skip_blanks()
        character = self._plain[here : here + 1]
        if character == "(":
            self._open_group(here)
        elif character == ")":
            if not self._open:
                raise self._error(here, "this ) closes nothing; delete it, or open its group with (")
            self._open.pop()
            self._add(Kind.CLOSE, here, here + 1)
            self._count()
        elif character == "|":
            self._add(Kind.OR, here, here + 1)
        elif character:
            self._prefixed(here)

    def _skip_blanks(self) -> int:
        while self._at < len(self._plain):
            shapeless = _SHAPELESS.match(self._plain, self._at)
            self._at = shapeless.end() if shapeless else self._at
            if self._plain[self._at : self._at + 1] != " ":
                break
            self._at += 1
        return self._at

    def _open_group(self, here: int) -> None:
        if len(self._open) == DEEPEST:
            raise self._error(here, f"groups are nested deeper than {DEEPEST}; split the rule")
        self._open.append((here, self._field_here()))
        self._add(Kind.OPEN, here, here + 1)

    def _prefixed(self, here: int) -> None:
        """A term, with the operators that touch it."""
        bare = True
        while self._plain[here : here + 1] in ("-", "+"):
            if self._touches_nothing(here + 1):
                self._lone(here)
                return
            if self._plain[here] == "-":
                self._add(Kind.NOT, here, here + 1)
            here += 1
            bare = False
        if self._plain[here] == "(":
            self._open_group(here)
        elif self._plain[here] in "=/" and self._touches_nothing(here + 1):
            self._lone(here)
        elif not (bare and self._operator(here)) and not self._field(here):
            self._value(here)

    def _touches_nothing(self, place: int) -> bool:
        return self._plain[place : place + 1] in ("", " ", ")", "|")

    def _lone(self, here: int) -> None:
        sign = self._plain[here]
        self._warn(here, f"the {sign}", f"stands alone and is ignored; to use it, let it touch its term: {sign}词")
        self._at = here + 1

    def _operator(self, here: int) -> bool:
        word = _WORD.match(self._plain, here)
        if word is None:
            return False
        if word[0] in _OPERATORS:
            self._add(_OPERATORS[word[0]], here, word.end())
            return True
        near = _NEAR.fullmatch(word[0])
        if near:
            if number := _NEAR_NUMBER.match(self._plain, here):
                self._warn(here, number[0], f"looks for {number[1]}; a distance touches its operator: NEAR/{number[1]}")
            self._add(Kind.NEAR, here, word.end(), near[1] or "20")
            return True
        if word[0].startswith("NEAR/"):
            raise self._error(here, f"{word[0]} is no distance; write NEAR/20, with a number of characters")
        return False

    def _field(self, here: int) -> bool:
        """`name:`, and the value behind it."""
        found = _NAME.match(self._plain, here)
        if found is None:
            return False
        name = fold_text(found[1])
        if name not in FIELD_NAMES:
            if self.rule[found.end() - 1] != ":" or self._plain.startswith("//", found.end()):
                return False
            near = difflib.get_close_matches(name, FIELD_NAMES, n=1, cutoff=0.4)
            remedy = f"did you mean {near[0]}:" if near else f"the fields are {', '.join(FIELD_NAMES)}"
            raise self._error(here, f"{found[1]}: is no field; {remedy} (a text with a colon stands in quotes)")
        self._add(Kind.FIELD, here, found.end(), FIELD_NAMES[name].value)
        value = self._skip_blanks()
        character = self._plain[value : value + 1]
        if character in ("", ")", "|"):
            raise self._error(here, f"{found[1]}: has nothing to look for; write the term behind the colon")
        if character in ("-", "+"):
            raise self._error(value, f"a {character} stands before the field, not behind it: {character}{found[1]}:词")
        if character == "(":
            self._open_group(value)
        else:
            self._value(value)
        return True

    def _value(self, here: int) -> None:
        """A word, a phrase, a word with a border wanted, or a regex; and its count."""
        character = self._plain[here]
        exact = character == "="
        start = here + 1 if exact else here
        first = self._plain[start : start + 1]
        if first in _QUOTES:
            self._phrase(here, start, exact)
        elif character == "/" and self._regex(here):
            pass
        else:
            word = (_DOC_NUMBER if self._field_here() == Field.DOCNO else _WORD).match(self._plain, start)
            if word is None:
                remedy = _REMEDIES.get(first, _IN_QUOTES)
                raise self._error(here, f"{self._plain[here : here + 2]} is no term; {remedy}")
            if exact:
                self._refuse_border(here, start)
            elif start == here:
                self._doubt(here, word[0])
            self._add_text(Kind.EXACT if exact else Kind.WORD, here, word.end(), self.rule[start : word.end()])
        self._count()

    def _refuse_border(self, here: int, start: int) -> None:
        """The = stands before a word or a phrase, and behind a field."""
        name = _NAME.match(self._plain, start)
        if name and fold_text(name[1]) in FIELD_NAMES:
            raise self._error(here, f"= stands behind the field, not before it: {name[1]}:=词")
        if _REGEX.match(self._plain, start):
            raise self._error(here, "a word border (=) is for a text; in a regex write \\b, or leave the = out")

    def _doubt(self, here: int, word: str) -> None:
        """Warn of a word that looks like an operator."""
        found = _LOOKALIKE.fullmatch(word)
        if found is None:
            return
        if excluded := found["excluded"]:
            self._warn(here, "the !", f"is looked for as it stands; to exclude write -{excluded}")
        else:
            operator = "AND" if found["both"] else word.upper()
            self._warn(here, word, f"is looked for as a word; the operator is {operator}; put a word like it in quotes")

    def _field_here(self) -> str:
        """The field whose value begins here; empty for a bare term."""
        if self._found and self._found[-1].kind is Kind.FIELD:
            return self._found[-1].value
        return self._open[-1][1] if self._open else ""

    def _phrase(self, here: int, start: int, exact: bool) -> None:
        closing = _QUOTES[self._plain[start]]
        end = self._plain.find(closing, start + 1)
        if end < 0:
            raise self._error(start, f"this quote is never closed; write {closing} where the phrase ends")
        text = self.rule[start + 1 : end].strip()
        if not fold_text(text).strip():
            raise self._error(start, "this phrase is empty; write a text between the quotes or delete them")
        self._add_text(Kind.EXACT if exact else Kind.PHRASE, here, end + 1, text)

    def _regex(self, here: int) -> bool:
        in_url = self._field_here() == Field.URL
        found = (_URL_REGEX if in_url else _REGEX).match(self._plain, here)
        if found:
            self._add(Kind.REGEX, here, found.end(), self.rule[here + 1 : found.end() - 1])
            return True
        if in_url:
            return False  # a path
        remedy = "write / where it ends, a blank or a bracket behind it, or put a text with / in quotes"
        raise self._error(here, f"this regex is never closed; {remedy}")

    def _count(self) -> None:
        if self._plain[self._at : self._at + 1] != "{":
            return
        found = _COUNT.match(self._plain, self._at)
        if found is None or int(found[1]) == 0:
            raise self._error(
                self._at, "this is no count; write 词{3} for at least three times, and the brace itself in quotes"
            )
        self._add(Kind.COUNT, self._at, found.end(), found[1])

    def _add_text(self, kind: Kind, start: int, end: int, text: str) -> None:
        """A term of text; one that folds to nothing (a stray zero-width blank) is dropped."""
        if fold_text(text).strip():
            self._found.append(Lexeme(kind, text, text, start))
        self._at = end

    def _add(self, kind: Kind, start: int, end: int, value: str = "") -> None:
        self._found.append(Lexeme(kind, self.rule[start:end], value, start))
        self._at = end

    def _warn(self, here: int, what: str, why: str) -> None:
        self.warnings.append(f"{what} at column {self._error(here, '').column} {why}")

    def _error(self, place: int, message: str) -> RuleError:
        return RuleError.at(self.rule, place, message)
