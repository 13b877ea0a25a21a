"""JSON as sites answer it: decoded leniently, and looked into by JMESPath (the library is imported here only)."""

import json
import re
from collections.abc import Mapping
from typing import Any

import jmespath
from jmespath import exceptions
from jmespath.functions import Functions

#: JSONP: `callback({…});`, with a comment before it, or wrapped as `try{callback({…});}catch(e){};`.
_WRAPPED = re.compile(
    r"(?:/\*.{0,200}?\*/\s*)?(?:try\s*\{\s*)?[\w.$]{1,100}\s*\(\s*([\[{].*[\]}])\s*\)\s*;?\s*(?:\}\s*catch\b.{0,200})?;?",
    re.DOTALL,
)
#: Where answers say how it went, what they say, and what means well. They disagree on that, so it is asked only of an
#: answer that lacks what it should hold.
_CODES = ("success", "ok", "code", "status", "errcode", "errCode", "errno", "error_code", "ret", "resultCode")
_MESSAGES = ("message", "msg", "errmsg", "errMsg", "error_msg", "error", "info", "desc")
_WELL = frozenset({"", "0", "1", "200", "0000", "00000", "20000", "ok", "success", "succ", "true", "null", "none"})


def read_json(text: str) -> Any:
    """The value that an answer holds: a byte order mark, raw control characters in strings and a JSONP wrapper are no
    matter. Pure; raises ValueError where it is no JSON.

    >>> read_json('cb({"title": "甬城\\t试点"});')
    {'title': '甬城\\t试点'}
    """
    stripped = text.lstrip("\ufeff").strip()
    wrapped = None if stripped.startswith(("{", "[", '"')) else _WRAPPED.fullmatch(stripped)
    try:
        return json.loads(wrapped[1] if wrapped else stripped, strict=False)
    except RecursionError:
        raise ValueError("nested too deep") from None


def check_path(path: str) -> None:
    """Raises ValueError where a text is no JMESPath expression, saying in which column. Pure."""
    try:
        functions = _functions(jmespath.compile(path).parsed)
    except exceptions.JMESPathError as error:
        at = getattr(error, "lex_position", getattr(error, "lexer_position", None))
        if isinstance(error, exceptions.IncompleteExpressionError) or at is None:
            raise ValueError(f"{path!r} is not a JMESPath expression: it stops short") from None
        raise ValueError(
            f"{path!r} is not a JMESPath expression: column {at + 1}, at {path[at : at + 12]!r}, is not understood"
        ) from None
    for name in functions - set(Functions.FUNCTION_TABLE):
        raise ValueError(f"{path!r} is not a JMESPath expression: there is no function {name!r}")


def _functions(node: Mapping[str, Any]) -> set[str]:
    """The names of the functions that a parsed expression calls."""
    found = {str(node["value"])} if node.get("type") == "function_expression" else set()
    return found.union(*(_functions(child) for child in node.get("children", ()) if isinstance(child, dict)))


def find(path: str | None, document: Any) -> Any:
    """What an expression finds in a document; None for no expression, nothing found, or a function that it cannot be
    given to (a list to join that holds a null). Pure.

    >>> find("join('', ['/detail?id=', to_string(id)])", {"id": 7})
    '/detail?id=7'
    """
    if not path:
        return None
    try:
        return jmespath.search(path, document)
    except (exceptions.JMESPathError, RecursionError, TypeError):
        return None


def find_text(path: str | None, document: Any) -> str | None:
    """What an expression finds as text: a string, or a number's digits; None for anything else. Pure."""
    value = find(path, document)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def said(document: Any) -> str:
    """The message that an answer carries beside its data, on one line; empty where it has none. Pure."""
    if not isinstance(document, dict):
        return ""
    words = next((document[name] for name in _MESSAGES if isinstance(document.get(name), str)), "")
    return " ".join(str(words).split())[:80]


def complaint(document: Any) -> str | None:
    """What an answer says has gone wrong, where it says so: `code 500 系统繁忙`. Pure."""
    if not isinstance(document, dict):
        return None
    for name in _CODES:
        value = document.get(name)
        if isinstance(value, bool):
            bad = not value and name in ("success", "status", "ok")
        else:
            bad = isinstance(value, int | str) and str(value).strip().lower() not in _WELL
        if bad:
            shown = json.dumps(value) if isinstance(value, bool) else str(value)[:40]
            return f"{name} {shown} {said(document)}".rstrip()
    return None
