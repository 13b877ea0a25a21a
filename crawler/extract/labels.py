"""Labelled values in lines of text (来源：…, 責任編輯：…), in both scripts, letter-spaced or not.

Labels are looked for in the folded line, which is as long as the line itself, and values are cut from the original.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

from crawler.text.table import fold_table


class Label(StrEnum):
    """What a label means, whatever its wording."""

    ORIGIN = "origin"
    EDITOR = "editor"
    AUTHOR = "author"
    PUBLISHED = "published"
    INDEX_NUMBER = "index_number"
    DOC_NUMBER = "doc_number"
    ISSUER = "issuer"
    OPENNESS = "openness"
    WRITTEN_ON = "written_on"
    PUBLISHED_ON = "published_on"
    CATEGORY = "category"
    VALIDITY = "validity"
    INTERPRETER_UNIT = "interpreter_unit"
    INTERPRETER = "interpreter"
    PHONE = "phone"
    TITLE = "title"
    KEYWORDS = "keywords"
    LEAD = "lead"
    ORIGINAL_TITLE = "original_title"
    OTHER = "other"


#: What ends a label. Only wordings that are listed with one of the others take it: 文/某甲, 编辑丨某乙.
_MARK = re.compile(r"[:/|丨]")
_WORD = re.compile(r"[\u4e00-\u9fffa-z0-9]")
#: Spans without a blank between them: 2023-07-06 17:31来源：示例日报.
_TIME_END = re.compile(r"(?:\d:\d\d|\d[-/月]\d{1,2}日?)\Z")
_BRACKETS = " []【】():"
_OPENING = re.compile(r"[\s\[【(（]+\Z")
_LONGEST = 10
#: No line of credits is as long; what is, was made to be slow.
_LONGEST_LINE = 2_000


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled value. start, end: the place of label and value together in the line."""

    label: Label
    value: str
    start: int
    end: int


@lru_cache(maxsize=2_048)  # every reader asks about the same few lines
def fold_line(line: str) -> str:
    """The line as labels are looked for: one character for each, so that places hold in both. Pure."""
    return line.translate(fold_table())


@lru_cache(maxsize=1_024)
def labelled(line: str) -> tuple[Labelled, ...]:
    """Every labelled value of a line, in order; a value ends where the next label begins. Pure.

    >>> [(found.label.value, found.value) for found in labelled("來源：示例日報 作者：某甲 責任編輯：某乙")]
    [('origin', '示例日報'), ('author', '某甲'), ('editor', '某乙')]
    >>> [found.value for found in labelled("2023-07-06 17:31来源：示例日报")]
    ['示例日报']
    """
    if len(line) > _LONGEST_LINE:
        return ()
    marks: list[tuple[int, int, Label]] = []
    folded = fold_line(line)
    for mark in _MARK.finditer(folded):
        found = _label_before(folded, mark.start(), joined=bool(marks))
        if found is not None and (not marks or found[0] >= marks[-1][1]):
            marks.append((found[0], mark.end(), found[1]))
    ends = [*(start for start, _, _ in marks), len(line)][1:]
    return tuple(
        Labelled(label, _value(line[after:end]), start, end)
        for (start, after, label), end in zip(marks, ends, strict=True)
    )


def _label_before(folded: str, mark: int, *, joined: bool) -> tuple[int, Label] | None:
    """The label that ends at a mark, letter-spaced or not, and where it begins; the longest wording wins.

    joined: a label may follow the value before it without a blank (来源：示例日报作者：某甲).
    """
    word = folded[mark] if folded[mark] != ":" else ""
    best: tuple[int, Label] | None = None
    at = mark
    while at > 0 and len(word) < _LONGEST:
        before = folded[at - 1]
        if before == " ":
            if mark - at > 3 * _LONGEST or folded[max(0, at - 3) : at] == "   ":
                break
            at -= 1
            continue
        word = before + word
        at -= 1
        label = _wordings().get(word)
        if label is not None and (
            joined or at == 0 or not _WORD.match(folded[at - 1]) or _TIME_END.search(folded[:at])
        ):
            best = at, label
    return best


@cache
def _wordings() -> dict[str, Label]:
    """Wording -> label, from labels.txt."""
    found: dict[str, Label] = {}
    for line in files(__package__).joinpath("labels.txt").read_text(encoding="utf-8").splitlines():
        name, _, words = line.partition(": ")
        if not name.startswith("#"):
            found.update(dict.fromkeys(words.split(), Label(name)))
    return found


def cells(line: str) -> Iterator[tuple[Label, str]]:
    """Label and value where a row of a table has them in neighbouring cells (rendered with ` | ` between). Pure."""
    parts = [part.strip() for part in line.split(" | ")]
    i = 0
    while i + 1 < len(parts):
        label = cell_label(parts[i])
        if label is not None and cell_label(parts[i + 1]) is None:
            yield label, _value(parts[i + 1])
            i += 2
        else:
            i += 1


def cell_label(text: str) -> Label | None:
    """What a text means that is nothing but a label."""
    if len(text) > 20:
        return None
    return _wordings().get(fold_line(text).strip(_BRACKETS).replace(" ", ""))


def values(lines: Iterable[str], *wanted: Label) -> Iterator[str]:
    """The non-empty values of these labels in lines of prose or of tables, in order. Pure."""
    for line in lines:
        for found in labelled(line):
            if found.label in wanted and found.value:
                yield found.value
        if " | " in line:
            yield from (value for label, value in cells(line) if label in wanted and value)


def _value(text: str) -> str:
    text = _OPENING.sub("", text.strip())
    text = text.strip(" \t\u3000|丨;；,，、】]")
    while text.endswith((")", "）")) and text.count("(") + text.count("（") < text.count(")") + text.count("）"):
        text = text[:-1].rstrip()
    return text
