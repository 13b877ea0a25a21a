"""Says what differs between two states of an article, how it is called and how much it weighs; pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from crawler.text.glosses import strip_glosses
from monitor import importance
from monitor.facts import fact_changes, squeezed
from monitor.importance import POINTS, Part, Parts
from monitor.model import Change, RevisionKind
from monitor.telling import body_words
from monitor.text.altered import altered
from monitor.text.diff import changes as text_changes
from monitor.text.fingerprint import canonical_lines

#: So many attachments are named.
_MOST_FILES = 2

_LATIN = re.compile(r"[A-Za-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """The article says something else now. `parts` are what it weighs; `changes` are in the order of reading."""

    kind: RevisionKind
    summary: str
    changes: tuple[Change, ...] = field(default=())
    parts: Parts = field(default_factory=dict)

    @property
    def importance(self) -> int:
        """0 to 100."""
        return importance.total(self.parts)


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


def is_same(old: Side, new: Side, noise: Sequence[str]) -> bool:
    """Whether at most the order of the lines differs: what differences() would say, without reading the words. Pure."""
    if not same_title(old.title, new.title) or _lines(old.text, new.text, noise) is _Lines.OTHER:
        return False
    attachments = _attachments(old.facts.get("attachments") or (), new.facts.get("attachments") or ())
    return attachments is None and not any(fact_changes(old.facts, new.facts))


def together(parts: Sequence[Revised]) -> Revised:
    """The parts, at least one, as the one revision that they are. Pure."""
    return Revised(
        kind=min((part.kind for part in parts), key=_RANK.index),
        summary="；".join(part.summary for part in parts),
        changes=tuple(change for part in parts for change in part.changes),
        parts=importance.together(part.parts for part in parts),
    )


def _differences(old: Side, new: Side, noise: Sequence[str], *, same_words: bool) -> Iterator[Revised]:
    if not same_title(old.title, new.title):  # same words, too, may be spelt otherwise: iphone, iPhone
        yield _title(old.title, new.title)
    if not same_words:
        body = _body(old.text, new.text, noise)
        if body is not None:
            yield body
    attachments = _attachments(old.facts.get("attachments") or (), new.facts.get("attachments") or ())
    if attachments is not None:
        yield attachments
    facts = tuple(fact_changes(old.facts, new.facts))
    if facts:
        yield _metadata(facts, issuer=_issuer(old) != _issuer(new))


def same_title(one: str, other: str) -> bool:
    """Whether two headlines are one but for blanks, width and script; capitals count. Pure.

    >>> same_title("數字經濟 ＡＩ", "数字经济AI"), same_title("数字经济AI", "数字经济ai")
    (True, False)
    """
    return squeezed(one) == squeezed(other) and _capitals(one) == _capitals(other)


def _capitals(title: str) -> list[bool]:
    letters = _LATIN.findall(strip_glosses(unicodedata.normalize("NFKC", title)))
    return [letter.isupper() for letter in letters]


def _title(old: str, new: str) -> Revised:
    change = Change(field="title", op="replace", before=old, after=new)
    parts = importance.together([{Part.TITLE: POINTS[Part.TITLE]}, importance.of_wording(altered([change]))])
    return Revised(kind=RevisionKind.TITLE, summary=f"标题改为《{new}》", changes=(change,), parts=parts)


def _metadata(facts: tuple[Change, ...], *, issuer: bool) -> Revised:
    parts = {Part.NAMES: POINTS[Part.NAMES]} if issuer else {}
    return Revised(
        kind=RevisionKind.METADATA,
        summary="；".join(f"{change.before} → {change.after}" for change in facts),
        changes=facts,
        parts={**parts, Part.FACTS: POINTS[Part.FACTS]},
    )


def _issuer(side: Side) -> str:
    return squeezed((side.facts.get("government") or {}).get("issuer") or "")


def _body(old: str, new: str, noise: Sequence[str]) -> Revised | None:
    lines = _lines(old, new, noise)
    if lines is _Lines.SAME:
        return None
    changes = text_changes(old, new, noise=noise)
    if lines is _Lines.REORDERED:
        return Revised(kind=RevisionKind.REORDERED, summary="段落换了次序", changes=changes)
    read = altered(changes)
    parts = importance.together([importance.of_wording(read), importance.of_share(changes, len(old) + len(new))])
    return Revised(kind=RevisionKind.BODY, summary=body_words(changes, read), changes=changes, parts=parts)


class _Lines(Enum):
    """How the lines of a text stand to those of another; where they break counts for nothing."""

    SAME = auto()
    REORDERED = auto()
    OTHER = auto()


def _lines(old: str, new: str, noise: Sequence[str]) -> _Lines:
    old_lines, new_lines = canonical_lines(old, noise), canonical_lines(new, noise)
    if "".join(old_lines) == "".join(new_lines):  # where paragraphs break is the editor's tidying
        return _Lines.SAME
    return _Lines.REORDERED if sorted(old_lines) == sorted(new_lines) else _Lines.OTHER


def _attachments(old: Sequence[Mapping[str, str]], new: Sequence[Mapping[str, str]]) -> Revised | None:
    """By name and by the file's name: a download link carries tokens of the session."""
    before = {(item["name"], _file(item["url"])): item["name"] for item in old}
    after = {(item["name"], _file(item["url"])): item["name"] for item in new}
    gone = [Change(field="attachments", op="delete", before=before[key], after="") for key in before.keys() - after]
    come = [Change(field="attachments", op="insert", before="", after=after[key]) for key in after.keys() - before]
    if not gone and not come:
        return None
    order = sorted([*gone, *come], key=lambda change: (change.before, change.after))
    lost, won = {change.before for change in gone}, {change.after for change in come}
    said = [
        f"附件{word} {len(names)} 个（{'、'.join(sorted(names)[:_MOST_FILES])}{more}）"
        for word, names in (("更换", lost & won), ("增加", won - lost), ("减少", lost - won))
        if names
        for more in ("等" if len(names) > _MOST_FILES else "",)
    ]
    return Revised(
        kind=RevisionKind.ATTACHMENTS,
        summary="，".join(said),
        changes=tuple(order),
        parts={Part.ATTACHMENTS: POINTS[Part.ATTACHMENTS]},
    )


def _file(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]
