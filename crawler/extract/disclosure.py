"""The disclosure table of government articles (索引号, 发布机构, 公开方式 …): cells, list items, or flattened lines."""

import re
from collections.abc import Iterator, Sequence

from crawler.extract.labels import Label, cell_label, cells, fold_line, labelled
from crawler.extract.times import read_stamp

#: The keys of `government` in the article JSON.
_KEYS = (
    Label.INDEX_NUMBER,
    Label.DOC_NUMBER,
    Label.ISSUER,
    Label.OPENNESS,
    Label.WRITTEN_ON,
    Label.PUBLISHED_ON,
    Label.CATEGORY,
    Label.VALIDITY,
    Label.INTERPRETER_UNIT,
    Label.INTERPRETER,
    Label.PHONE,
)
_DAYS = (Label.WRITTEN_ON, Label.PUBLISHED_ON)
#: One of these says that the page is a government's; the others occur elsewhere, too.
_PROOF = (Label.INDEX_NUMBER, Label.DOC_NUMBER, Label.OPENNESS, Label.INTERPRETER_UNIT)
_INDEX = re.compile(r"[0-9A-Za-z]{6,18}[/-]\d{4}[-/][0-9A-Za-z-]{2,12}|[A-Z0-9]{9,}/\S{4,20}")
_DOC = re.compile(
    r"[\u4e00-\u9fff]{1,14}(?:[（(][\u4e00-\u9fff]{1,6}[)）])?\s?[〔［\[（(【]\s?(?:19|20)\d{2}\s?[〕］\]）)】]\s?第?\s?\d{1,5}\s?号"
    r"|[\u4e00-\u9fff]{2,12}令\s?第?\s?[\d〇一二三四五六七八九十百]{1,6}\s?号"
)
_OPEN = ("主动公开", "依申请公开", "不予公开", "免予公开", "主动公示")


def read(head: Sequence[str], tail: Sequence[str] = ()) -> tuple[dict[str, str], str | None]:
    """The government keys that these lines give, and the title of the table, if any. Pure.

    head: lines around the title, where the table stands. tail: last lines of the text (解读单位, 联系电话).
    Without a sign of a government's page there are no keys.
    """
    found: dict[Label, str] = {}
    for label, value in (*_pairs(head), *_flattened(head)):
        if value and _plausible(label, value):
            found.setdefault(label, value)
    for label, value in _pairs(tail):
        if label in (Label.INTERPRETER_UNIT, Label.INTERPRETER) and value and len(value) <= 40:
            found.setdefault(label, value)
    if Label.INTERPRETER_UNIT in found or Label.INTERPRETER in found:
        for label, value in _pairs(tail):
            if label is Label.PHONE and re.search(r"\d{5}", value):
                found[label] = value
    else:
        found.pop(Label.PHONE, None)
    title = found.pop(Label.TITLE, None)
    if not any(label in found for label in _PROOF) and len([k for k in found if k in _KEYS]) < 3:
        return {}, None
    return {label.value: _normal(label, found[label]) for label in _KEYS if label in found}, title


def doc_number(text: str) -> str | None:
    """The 文号 that a text is, or that stands in brackets at its end. Pure.

    >>> doc_number("示政发〔2023〕30号")
    '示政发〔2023〕30号'
    """
    stripped = text.strip().strip("()（）").strip()
    match = _DOC.fullmatch(stripped)
    if match is None:
        match = re.search(rf"[（(]({_DOC.pattern})[)）]\s*$", text)
        return None if match is None else match[1]
    return match[0]


def index_number(text: str) -> str | None:
    """The index number that a line is, or None. Pure."""
    match = _INDEX.fullmatch(text.strip())
    return None if match is None or (read_stamp(text) is not None and len(text.strip()) <= 10) else match[0]


def openness(text: str) -> str | None:
    return text.strip() if fold_line(text.strip()) in _OPEN else None


def _pairs(lines: Sequence[str]) -> Iterator[tuple[Label, str]]:
    for i, line in enumerate(lines):
        if len(line) > 400:
            continue
        if " | " in line:
            yield from cells(line)
        for found in labelled(line):
            value = found.value.split(" | ")[0].strip()
            if value:
                yield found.label, value
            elif found.end >= len(line.rstrip()) and i + 1 < len(lines) and not labelled(lines[i + 1]):
                yield found.label, lines[i + 1].strip()  # the label in one line, its value in the next
        alone = cell_label(line) if ":" not in fold_line(line) else None
        if alone is not None and i + 1 < len(lines) and cell_label(lines[i + 1]) is None:
            yield alone, lines[i + 1].strip()


def _flattened(lines: Sequence[str]) -> Iterator[tuple[Label, str]]:
    """A table that lost its labels: known by its index number; issuer and openness stand near it."""
    start = next((i for i, line in enumerate(lines) if index_number(line)), None)
    if start is None:
        return
    yield Label.INDEX_NUMBER, lines[start].strip()
    for line in lines[start + 1 : start + 8]:
        if openness(line):
            yield Label.OPENNESS, line.strip()
        elif looks_like_an_office(line):
            yield Label.ISSUER, line.strip()


_OFFICE = re.compile(
    r"[\u4e00-\u9fff、()（）]{1,28}(?:局|委|办|厅|院|部|处|府|会|委员会|中心|办公室|政府|管委会|街道|镇|乡|站|队|公司|银行|法院|检察院|署|社|所)"
)


def looks_like_an_office(line: str) -> bool:
    """Whether a line is nothing but the name of an office. Pure."""
    return len(line) <= 30 and _OFFICE.fullmatch(fold_line(line.strip())) is not None


def _plausible(label: Label, value: str) -> bool:
    if label in _DAYS:
        return read_stamp(value) is not None
    if label is Label.INDEX_NUMBER:
        return 4 <= len(value) <= 60 and any(c.isdigit() for c in value)
    if label is Label.DOC_NUMBER:
        return 4 <= len(value) <= 60 and any(c.isdigit() for c in value)
    if label is Label.OPENNESS:
        return len(value) <= 20
    return len(value) <= (300 if label is Label.TITLE else 80)


def _normal(label: Label, value: str) -> str:
    stamp = read_stamp(value) if label in _DAYS else None
    return value if stamp is None else stamp.day
