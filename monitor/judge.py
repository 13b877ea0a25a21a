"""Decides what one visit to an article means, given what we know of the article; pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crawler.records import BREAKS_OFF, ELSEWHERE, GARBLED, Capture, Draft, NotModified, Unreachable, Verdict, Visit
from crawler.text import titles
from monitor.model import ArticleStatus, Change, RecheckPlan, RevisionKind
from monitor.text.diff import changes as text_changes
from monitor.text.fingerprint import canonical_lines, fingerprint
from monitor.text.fold import fold_text

GONE = frozenset({404, 410})

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
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the corpus knows of an article: its latest revision, and how the last visits went.

    facts: the article JSON of the latest revision without title and text. earlier: the fingerprints of all revisions.
    """

    title: str
    text: str
    facts: Mapping[str, Any]
    fingerprint: str
    extractor: str
    earlier: frozenset[str] = frozenset()
    status: ArticleStatus = ArticleStatus.LIVE
    misses: int = 0
    checked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """An article that the corpus does not hold yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """Nothing that a reader would call a change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """The article says something else now. `importance` is 0 to 100; `changes` are in the order of reading."""

    kind: RevisionKind
    summary: str
    changes: tuple[Change, ...] = field(default=())
    importance: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The site says that the page is gone; not yet confirmed. `misses`: so often in a row."""

    misses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """Gone, and confirmed."""

    misses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A withdrawn article is there again, `revised` where it says something else than before."""

    revised: Revised | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The page answers, but is no article. garbled: it may be one, and nobody can read it."""

    why: str
    garbled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """A challenge page stands in front of it."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """No usable answer, which says nothing about the article."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of two states of an article that are compared."""

    title: str
    text: str
    facts: Mapping[str, Any]


Judgement = New | Unchanged | Revised | Missing | Withdrawn | Returned | Rejected | Blocked | Failed


def judge(
    known: Known | None,
    visit: Visit,
    *,
    plan: RecheckPlan,
    now: datetime,
    imported: bool = False,
    before: Draft | None = None,
    well: bool = True,
) -> Judgement:
    """What the visit means. Pure.

    well: the source's listing could be read at the last poll. A host that has lost its listing, too, has an outage of
    the kind that answers 404 to everything, and no article of it was withdrawn.

    imported: a document that somebody hands in: short ones count, and content that any earlier revision had is no
    news. before: the last capture as the present extractor reads it, where another one read it then; what differs from
    `before` is the site's doing, what differs from the stored revision alone is the extractor's.
    """
    match visit.answer:
        case NotModified():
            return _present(known, None)
        case Unreachable() as trouble:
            return Failed(why=f"{trouble.trouble}: {trouble.detail}" if trouble.detail else str(trouble.trouble))
        case Capture() as page:
            draft = visit.draft
            other = _no_article(known, page, draft, imported) or _elsewhere(known, page, draft) or _half(known, draft)
            if page.status in GONE and not isinstance(other, Blocked):
                return _missed(known, plan, now, well=well)
            if other is not None:
                return other
            if known is None or draft is None:
                return New()
            return _present(known, _compare(known, draft, visit.source.noise, imported=imported, before=before))


def _no_article(known: Known | None, page: Capture, draft: Draft | None, imported: bool) -> Judgement | None:
    """What the answer says where it is no article; None where it is one."""
    if draft is not None and draft.quality.verdict is Verdict.CHALLENGE:
        return Blocked(why=_reason(draft, f"a challenge page (HTTP {page.status})"))
    if not 200 <= page.status < 300:
        return Failed(why=f"HTTP {page.status}")
    if draft is None:
        return Failed(why="the page was not read")
    if not _is_article(known, draft, imported):
        why = _reason(draft, f"no article but: {draft.quality.verdict}")
        return Rejected(why=why, garbled=GARBLED in draft.quality.notes)
    return None


def _is_article(known: Known | None, draft: Draft, imported: bool) -> bool:
    """A file (PDF) has no headline of its own: the listing told it, and what we hold still has it."""
    if draft.quality.verdict is Verdict.ARTICLE:
        return bool(draft.title) or (known is not None and ELSEWHERE not in draft.quality.notes)
    return imported and bool(draft.title) and bool(draft.text.strip()) and draft.quality.verdict is Verdict.STUB


def _reason(draft: Draft, otherwise: str) -> str:
    return f"{otherwise} ({'; '.join(draft.quality.notes)})" if draft.quality.notes else otherwise


def breaks_off(draft: Draft) -> bool:
    """Whether the page had no end, so that the rest of the article may be missing. Pure."""
    return BREAKS_OFF in draft.quality.notes


def _elsewhere(known: Known | None, page: Capture, draft: Draft | None) -> Rejected | None:
    """A redirect to what is called otherwise is a dead link: sites that move give old numbers to new articles."""
    if known is None or draft is None or ELSEWHERE not in draft.quality.notes:
        return None
    if titles.agree(known.title, draft.title or ""):
        return None
    return Rejected(why=f"{ELSEWHERE}: {page.final_url} is called {draft.title}, not {known.title}")


def _half(known: Known | None, draft: Draft | None) -> Failed | None:
    """Less than what we hold, of a page that had an end when we read it: some sites never write one."""
    if known is None or draft is None or not breaks_off(draft) or len(draft.text) >= len(known.text):
        return None
    notes = (known.facts.get("quality") or {}).get("notes") or ()
    return None if BREAKS_OFF in notes else Failed(why=f"{BREAKS_OFF}; it is looked at again")


def _present(known: Known | None, revised: Revised | None) -> Judgement:
    if known is None:
        return Failed(why="HTTP 304 for a page that we do not hold")
    if known.status is ArticleStatus.WITHDRAWN:
        return Returned(revised=revised)
    return revised or Unchanged()


def _missed(known: Known | None, plan: RecheckPlan, now: datetime, *, well: bool) -> Judgement:
    """404 or 410. A look that comes before its time (a command beside the daemon) confirms nothing."""
    if known is None:
        return Missing(misses=1)
    if known.status is ArticleStatus.WITHDRAWN:
        return Unchanged()
    if not well or (known.misses and now < known.checked_at + plan.confirm_every):
        return Missing(misses=known.misses)
    misses = known.misses + 1
    return Withdrawn(misses=misses) if misses >= plan.confirm else Missing(misses=misses)


def _compare(
    known: Known, draft: Draft, noise: Sequence[str], *, imported: bool, before: Draft | None
) -> Revised | None:
    title = draft.title or known.title
    print_ = fingerprint(title, draft.text, noise)
    if imported and print_ in known.earlier:
        return None
    old = Side(title=known.title, text=known.text, facts=known.facts)
    new = _side(draft, title)
    found = list(_differences(old, new, noise, same_words=print_ == known.fingerprint))
    if not found:
        return None
    if known.extractor != draft.extractor:
        # Without the old page at hand nobody knows what the site itself changed, and an upgrade must raise no flood.
        changed = [] if before is None else list(_differences(_side(before, title), new, noise, same_words=False))
        if not changed:
            return Revised(kind=RevisionKind.REEXTRACTED, summary="提取程序更新后重新提取", changes=_all(found))
        found = changed
    kind = min((part.kind for part in found), key=_RANK.index)
    return Revised(
        kind=kind,
        summary="；".join(part.summary for part in found),
        changes=_all(found),
        importance=min(100, sum(part.importance for part in found)),
    )


def _side(draft: Draft, title: str) -> Side:
    """title: what stands where the draft has none."""
    return Side(title=draft.title or title, text=draft.text, facts=draft.as_json())


def changes_between(old: Side, new: Side) -> tuple[Change, ...]:
    """Everything that a reader would call different, in the order title, text, attachments, facts. Pure."""
    return _all(list(_differences(old, new, (), same_words=False)))


#: A revision is called by the first of these that it is.
_RANK = (
    RevisionKind.BODY,
    RevisionKind.TITLE,
    RevisionKind.ATTACHMENTS,
    RevisionKind.METADATA,
    RevisionKind.REORDERED,
)


def _all(parts: Sequence[Revised]) -> tuple[Change, ...]:
    return tuple(change for part in parts for change in part.changes)


def _differences(old: Side, new: Side, noise: Sequence[str], *, same_words: bool) -> Iterator[Revised]:
    """Each part that differs, as a revision of its own. same_words: title and text are known to be alike."""
    if not same_words:
        if _squeezed(new.title) != _squeezed(old.title):
            change = Change(field="title", op="replace", before=old.title, after=new.title)
            yield Revised(kind=RevisionKind.TITLE, summary=f"标题改为《{new.title}》", changes=(change,), importance=40)
        body = _body(old.text, new.text, noise)
        if body is not None:
            yield body
    attachments = _attachments(old.facts.get("attachments") or (), new.facts.get("attachments") or ())
    if attachments is not None:
        yield attachments
    facts = tuple(_facts(old.facts, new.facts))
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


def _facts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
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
            if now.get(key) and _squeezed(then.get(key) or "") != _squeezed(now[key]):
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


def _squeezed(text: str) -> str:
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


def facts_of(draft: Draft) -> dict[str, Any]:
    """The article JSON of a draft without url, title and text: what a revision keeps as its `fields`. Pure."""
    return {key: value for key, value in draft.as_json().items() if key not in {"url", "title", "text", "text_length"}}
