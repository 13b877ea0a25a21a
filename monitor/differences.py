"""Says what differs between two states of an article, how it is called and how much it weighs; pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor.facts import fact_changes, squeezed
from monitor.model import Change, RevisionKind
from monitor.text.diff import changes as text_changes
from monitor.text.fingerprint import canonical_lines

_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """The article says something else now. `importance` is 0 to 100; `changes` are in the order of reading."""

    kind: RevisionKind
    summary: str
    changes: tuple[Change, ...] = field(default=())
    importance: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of two states of an article that are compared."""

    title: str
    text: str
    facts: Mapping[str, Any]


def changes_between(old: Side, new: Side) -> tuple[Change, ...]:
    """Everything that a reader would call different, in the order title, text, attachments, facts. Pure."""
    return tuple(change for part in differences(old, new, ()) for change in part.changes)


#: A revision is called by the first of these that it is.
_RANK = (
    RevisionKind.BODY,
    RevisionKind.TITLE,
    RevisionKind.ATTACHMENTS,
    RevisionKind.METADATA,
    RevisionKind.REORDERED,
)


def differences(old: Side, new: Side, noise: Sequence[str], *, same_words: bool = False) -> tuple[Revised, ...]:
    """Each part that differs, as a revision of its own, in the order title, text, attachments, facts. Pure.

    same_words: title and text are known to be alike.
    """
    return tuple(_differences(old, new, noise, same_words=same_words))


def together(parts: Sequence[Revised]) -> Revised:
    """The parts, at least one, as the one revision that they are. Pure."""
    return Revised(
        kind=min((part.kind for part in parts), key=_RANK.index),
        summary="；".join(part.summary for part in parts),
        changes=tuple(change for part in parts for change in part.changes),
        importance=min(100, sum(part.importance for part in parts)),
    )


def _differences(old: Side, new: Side, noise: Sequence[str], *, same_words: bool) -> Iterator[Revised]:
    if not same_words:
        if squeezed(new.title) != squeezed(old.title):
            change = Change(field="title", op="replace", before=old.title, after=new.title)
            yield Revised(kind=RevisionKind.TITLE, summary=f"标题改为《{new.title}》", changes=(change,), importance=40)
        body = _body(old.text, new.text, noise)
        if body is not None:
            yield body
    attachments = _attachments(old.facts.get("attachments") or (), new.facts.get("attachments") or ())
    if attachments is not None:
        yield attachments
    facts = tuple(fact_changes(old.facts, new.facts))
    if facts:
        summary = "；".join(f"{change.before} → {change.after}" for change in facts)
        yield Revised(kind=RevisionKind.METADATA, summary=summary, changes=facts, importance=10)


def _body(old: str, new: str, noise: Sequence[str]) -> Revised | None:
    old_lines, new_lines = canonical_lines(old, noise), canonical_lines(new, noise)
    if "".join(old_lines) == "".join(new_lines):  # where paragraphs break is the editor's tidying
        return None
    changes = text_changes(old, new, noise=noise)
    if sorted(old_lines) == sorted(new_lines):
        return Revised(kind=RevisionKind.REORDERED, summary="段落换了次序", changes=changes)
    return Revised(
        kind=RevisionKind.BODY,
        summary=_body_summary(changes),
        changes=changes,
        importance=_weight(changes, len(old) + len(new)),
    )


def _body_summary(changes: Sequence[Change]) -> str:
    if any(change.rewritten for change in changes):
        return "正文重写"
    moved = sum(change.moved for change in changes)
    edited = f"正文改动 {max(1, len(changes) - moved)} 处"
    return f"{edited}，另有 {moved} 处移动" if moved else edited


def _weight(changes: Sequence[Change], length: int) -> int:
    """10 for any change of the text, up to 40 for how much of it, 30 where a figure is another one."""
    touched = sum(len(change.before) + len(change.after) for change in changes if not change.moved)
    figures = any(_DIGITS.findall(change.before) != _DIGITS.findall(change.after) for change in changes)
    return 10 + min(40, 80 * touched // max(1, length)) + (30 if figures else 0)


def _attachments(old: Sequence[Mapping[str, str]], new: Sequence[Mapping[str, str]]) -> Revised | None:
    """By name and by the file's name: a download link carries tokens of the session."""
    before = {(item["name"], _file(item["url"])): item["name"] for item in old}
    after = {(item["name"], _file(item["url"])): item["name"] for item in new}
    gone = [Change(field="attachments", op="delete", before=before[key], after="") for key in before.keys() - after]
    come = [Change(field="attachments", op="insert", before="", after=after[key]) for key in after.keys() - before]
    if not gone and not come:
        return None
    order = sorted([*gone, *come], key=lambda change: (change.before, change.after))
    return Revised(
        kind=RevisionKind.ATTACHMENTS,
        summary=f"附件增加 {len(come)} 个、减少 {len(gone)} 个",
        changes=tuple(order),
        importance=20,
    )


def _file(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]
