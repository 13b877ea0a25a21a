"""The facts that a page states beside title and text: which of them changed, and what a new revision keeps; pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from crawler.records import Draft
from monitor.model import Change
from monitor.text.fold import fold_text

#: Facts that a page states and whose change is news, with the word that a change is told by.
_FACTS = {
    "origin": "来源",
    "author": "作者",
    "editor": "编辑",
}
_GOVERNMENT = {
    "index_number": "索引号",
    "doc_number": "文号",
    "issuer": "发布机构",
    "openness": "公开方式",
    "written_on": "成文日期",
    "published_on": "公开日期",
    "category": "分类",
    "validity": "有效性",
    "interpreter_unit": "解读单位",
    "interpreter": "解读人",
    "phone": "电话",
}
#: How much of an ISO time each precision means.
_MEANT = {"day": 10, "hour": 13, "minute": 16, "second": 19}


def fact_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Facts that differ, or that the page states for the first time.

    A fact that merely became unknown is no change: a listing told it once, or the page's layout moved.
    """
    before, after = _meant(old, new)
    if before != after:
        yield _replaced("发布时间", before, after)
    for words, then, now in (
        (_FACTS, old, new),
        (_GOVERNMENT, old.get("government") or {}, new.get("government") or {}),
    ):
        for key, word in words.items():
            if now.get(key) and squeezed(then.get(key) or "") != squeezed(now[key]):
                yield _replaced(word, then.get(key) or "", now[key])


def _meant(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, str]:
    """Both times as far as both are exact: 2023-05-01 and 2023-05-01 09:12 say the same. "" where one is unknown."""
    before, after = old.get("published_at"), new.get("published_at")
    if not before or not after:
        return "", ""
    length = min(_MEANT.get(facts.get("published_precision") or "second", 19) for facts in (old, new))
    return before[:length].replace("T", " "), after[:length].replace("T", " ")


def _replaced(word: str, before: str, after: str) -> Change:
    return Change(field="metadata", op="replace", before=f"{word}：{before}", after=f"{word}：{after}")


def squeezed(text: str) -> str:
    """The text without blanks, folded: what two spellings of one thing have in common. Pure."""
    return "".join(fold_text(text).split())


def merged(known: Mapping[str, Any], draft: Draft) -> dict[str, Any]:
    """The facts of a new revision: those of the draft, and what only an earlier visit was told. Pure."""
    facts = facts_of(draft)
    for key, value in facts.items():
        if key in _LASTING and not value:
            facts[key] = known.get(key)
    before, after = _meant(known, facts)
    if not draft.published_at or (_coarser(facts, known) and before == after):
        facts["published_at"] = known.get("published_at")
        facts["published_precision"] = known.get("published_precision")
    facts["government"] = {**(known.get("government") or {}), **facts["government"]}
    return facts


_LASTING = frozenset({"source_name", "column", "origin", "author", "editor", "language", "keywords", "stocks"})


def _coarser(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    mine, theirs = (_MEANT.get(facts.get("published_precision") or "second", 19) for facts in (one, other))
    return bool(other.get("published_at")) and mine < theirs


#: What a revision keeps in columns of its own, and what is of extraction alone.
_ELSEWHERE = frozenset({"url", "title", "text", "text_length", "readers"})


def facts_of(draft: Draft) -> dict[str, Any]:
    """The article JSON of a draft without url, title, text and readers: what a revision keeps as its `fields`. Pure."""
    return {key: value for key, value in draft.as_json().items() if key not in _ELSEWHERE}
