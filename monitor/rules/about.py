"""How a term meets what is known of an article: source, region, issuer, origin, docno, stock, url."""

import re

from monitor.rules.lexer import Field
from monitor.rules.nodes import About
from monitor.rules.pattern import Pattern
from monitor.rules.subject import Subject
from monitor.text.fold import fold_text

_BRACKETS = str.maketrans("({<", "[[[") | str.maketrans(")}>", "]]]") | {ord(" "): None}
#: sh600933, 600933.sh, hk00700, 600933
_CODE = re.compile(r"(?:([a-z]{2,3})[._:]?)?(\d{4,6})(?:\.([a-z]{2,3}))?")
#: The number of a stock's code, which every spelling of it holds.
_NUMBER = re.compile(r"\d{4,6}")
_FIELDS = tuple(field for field in Field if field not in {Field.TITLE, Field.BODY})
_MARKETS = {"ss": "sh", "xshg": "sh", "xshe": "sz"}


def comparable(field: Field, text: str) -> str:
    """A term or a value as the field compares it: folded; a doc number with one kind of brackets; a URL as it is.

    >>> comparable(Field.DOCNO, "浙政发（２０２３） 1号")
    '浙政发[2023]1号'
    """
    if field is Field.URL:
        return text
    folded = fold_text(text).strip()
    return folded.translate(_BRACKETS) if field is Field.DOCNO else folded


def values(field: Field, subject: Subject) -> tuple[str, ...]:
    """What is known of the article under a field, as stored."""
    match field:
        case Field.SOURCE:
            return tuple(dict.fromkeys(filter(None, (subject.source, *subject.source_names))))
        case Field.STOCK:
            return tuple(part for stock in subject.stocks for part in stock)
        case Field.URL:
            return tuple(filter(None, (subject.url, *subject.addresses)))
        case _:
            value = {
                Field.REGION: subject.region,
                Field.ISSUER: subject.issuer,
                Field.ORIGIN: subject.origin,
                Field.DOCNO: subject.doc_number,
            }[field]
            return (value,) if value else ()


def facts(subject: Subject) -> str:
    """What field terms look into, one value a line, as the rules compare it. Pure."""
    return "\n".join(comparable(field, value) for field in _FIELDS for value in values(field, subject))


def sought(field: Field, wanted: str) -> str:
    """A text that stands in the facts of every article that meets the field term. Pure.

    >>> sought(Field.STOCK, "600933.sh"), sought(Field.REGION, "宁波")
    ('600933', '宁波')
    """
    number = _NUMBER.search(wanted) if field is Field.STOCK else None
    return number[0] if number else wanted


def meets(about: About, subject: Subject) -> bool:
    """Whether what is known of the article holds the term."""
    wanted = about.wanted
    known = values(about.field, subject)
    if isinstance(wanted, Pattern):
        return any(_found(wanted, value) for value in known)
    if about.field is Field.STOCK:
        return any(_is_code(wanted, code) or wanted in fold_text(name) for code, name in subject.stocks)
    return any(wanted in comparable(about.field, value) for value in known)


def _found(pattern: Pattern, value: str) -> bool:
    return any(True for text in dict.fromkeys((value, fold_text(value))) for _ in pattern.spans(text))


def _is_code(wanted: str, code: str) -> bool:
    """A stock code is met as a whole, with its market or without."""
    known = fold_text(code)
    if wanted == known:
        return True
    a, b = _CODE.fullmatch(wanted), _CODE.fullmatch(known)
    return a is not None and b is not None and a[2] == b[2] and _market(a) in ("", _market(b))


def _market(code: re.Match[str]) -> str:
    market = code[1] or code[3] or ""
    return _MARKETS.get(market, market)
