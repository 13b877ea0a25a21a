"""Regexes of rules: the only file importing re2, whose matching takes linear time whatever a rule or a page says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import re2

from crawler.text.han import is_han
from monitor.text.fold import fold_text

LONGEST_PATTERN = 500
#: RE2's sign for one byte, of which a Chinese character has three: what it finds has no place in a text.
_BYTE = re.compile(r"(?<!\\)(?:\\\\)*\\C")
_MEMORY = 4 << 20  # bytes for one compiled pattern
#: Steps of a compiled pattern; .{1,500} has 4,500. What is larger does not fit into that memory when it runs, and takes
#: a thousand times as long: 20 s for .{1,1000}宁 on 300,000 characters.
_LARGEST = 5_000


class PatternError(ValueError):
    """A pattern that cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled regex, case-blind; equal to another of the same source.

    required: a run of Han, folded, without which no folded text is met; empty where none is sure. So what a byte shift
    left where the fold reads on is met by no regex that names it.
    """

    source: str
    required: str = field(compare=False)
    _program: re2._Regexp = field(compare=False, repr=False)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """The places in one paragraph, code points, without empty ones."""
        for found in self._program.finditer(_encodable(text)):
            start, end = found.span()
            if start < end:
                yield start, end


def compile_pattern(source: str) -> Pattern:
    """Compile a regex; raises PatternError."""
    if len(source) > LONGEST_PATTERN:
        raise PatternError(f"the regex is longer than {LONGEST_PATTERN} characters; split it with OR")
    if _BYTE.search(source):
        raise PatternError(r"\C is a byte and may be a part of a character; write . for any character")
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        program = re2.compile(_encodable(source), options)
    except re2.error as error:
        raise PatternError(_explained(error.args[0].decode(errors="replace"))) from None
    if program.programsize > _LARGEST:
        raise PatternError("the regex repeats too much; repeat at most 500 times in all, or say it with NEAR")
    if program.search("") is not None:
        raise PatternError("the regex meets the empty text, so every article; demand at least one character")
    return Pattern(source, fold_text(_required(source)), program)


def _explained(reason: str) -> str:
    what, _, where = reason.partition(": ")
    if what == "invalid perl operator" and where.startswith(("(?=", "(?!", "(?<=", "(?<!")):
        return f"look-around {where} is not possible in linear time; say it with AND, NOT or NEAR"
    if what == "invalid escape sequence" and where[1:2].isdigit():
        return f"the back-reference {where} is not possible in linear time; write both parts out"
    if what == "invalid escape sequence" and where == "\\u":
        return r"\u is not known here; write the character itself, or \x{4e00} for \u4e00"
    return f"the regex does not compile: {reason}; see https://github.com/google/re2/wiki/Syntax"


def _required(source: str) -> str:
    """The longest run of Han outside groups, classes and alternatives: cautious, for a filter before the regex."""
    if any(unclear in source for unclear in ("|", "\\Q", "[]", "[^]", "[:")):
        return ""
    runs, run, depth, in_class, escaped = [""], "", 0, False, False
    for character, following in zip(source, [*source[1:], ""], strict=True):
        plain = not (escaped or in_class or depth)
        if plain and is_han(character) and following not in ("?", "*", "{"):
            run += character
            if following != "+":
                continue
        runs.append(run)
        run = ""
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif in_class:
            in_class = character != "]"
        elif character == "[":
            in_class = True
        elif character in "()":
            depth += 1 if character == "(" else -1
    return max([*runs, run], key=len)


def _encodable(text: str) -> str:
    """re2 reads UTF-8, which has no lone surrogates: each becomes a question mark, so that places stay."""
    return text.encode("utf-8", "replace").decode()
