"""Decides what one visit to an article means, given what we know of the article; pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crawler.records import BREAKS_OFF, ELSEWHERE, GARBLED, Capture, Draft, NotModified, Unreachable, Verdict, Visit
from crawler.text import titles
from monitor.differences import Revised, Side, differences, together
from monitor.model import ArticleStatus, RecheckPlan, RevisionKind
from monitor.text.fingerprint import fingerprint
from monitor.volatile import without
from monitor.withdrawal import NO_ABSENCE, Absence, Sign, is_enough, sign


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
class Missing:
    """The site says that the page is gone; not yet confirmed. `misses`: so often in a row, as far as it counts."""

    misses: int
    sign: Sign | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """Gone, and confirmed. sign: the last one."""

    misses: int
    sign: Sign | None = field(default=None, compare=False)


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
    absence: Absence = NO_ABSENCE,
    volatile: Collection[str] = (),
) -> Judgement:
    """What the visit means. Pure.

    well: the host can be trusted to mean it: its listing and another article of it could be read. One that has lost
    them, too, has an outage of the kind that answers 404 to everything, and no article of it was withdrawn.
    absence: what is known of it so far, where the article was missing before. volatile: the source's lines that flip,
    which are no change (monitor.volatile).

    imported: a document that somebody hands in: short ones count, content that any earlier revision had is no news, and
    none shows that a site has put anything back. before: the last capture as the present extractor reads it, where
    another one read it then; what differs from `before` is the site's doing, what differs from the stored revision
    alone is the extractor's.
    """
    match visit.answer:
        case NotModified():
            return _present(known, None)
        case Unreachable() as trouble:
            return Failed(why=f"{trouble.trouble}: {trouble.detail}" if trouble.detail else str(trouble.trouble))
        case Capture() as page:
            draft = visit.draft
            other = _no_article(known, page, draft, imported) or _elsewhere(known, page, draft) or _half(known, draft)
            found = sign(visit, known.text if known else None)
            if found is not None:
                return _missed(known, found, absence, plan, now, well=well)
            if other is not None:
                return other
            if known is None or draft is None:
                return New()
            noise = visit.source.noise
            revised = _compare(known, draft, noise, imported=imported, before=before, volatile=volatile)
            return revised or Unchanged() if imported else _present(known, revised)


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


def _missed(
    known: Known | None, found: Sign, absence: Absence, plan: RecheckPlan, now: datetime, *, well: bool
) -> Judgement:
    """The site says that it is gone. A look before its time (a command beside the daemon) confirms nothing."""
    if known is None:
        return Missing(misses=1, sign=found)
    if known.status is ArticleStatus.WITHDRAWN:
        return Unchanged()
    if not well or (known.misses and now < known.checked_at + plan.confirm_every):
        return Missing(misses=known.misses, sign=found)
    misses = known.misses + 1
    if is_enough(misses=misses, found=found, absence=absence, confirm=plan.confirm, now=now):
        return Withdrawn(misses=misses, sign=found)
    return Missing(misses=misses, sign=found)


def _compare(
    known: Known,
    draft: Draft,
    noise: Sequence[str],
    *,
    imported: bool,
    before: Draft | None,
    volatile: Collection[str],
) -> Revised | None:
    title = draft.title or known.title
    print_ = fingerprint(title, draft.text, noise)
    if imported and print_ in known.earlier:
        return None
    old = Side(title=known.title, text=without(known.text, volatile), facts=known.facts)
    new = _side(draft, title, volatile)
    found = differences(old, new, noise, same_words=print_ == known.fingerprint)
    if not found:
        return None
    if known.extractor != draft.extractor:
        # Without the old page at hand nobody knows what the site itself changed, and an upgrade must raise no flood.
        changed = () if before is None else differences(_side(before, title, volatile), new, noise)
        if not changed:
            summary = "提取程序更新后重新提取"
            return Revised(kind=RevisionKind.REEXTRACTED, summary=summary, changes=together(found).changes)
        found = changed
    return together(found)


def _side(draft: Draft, title: str, volatile: Collection[str]) -> Side:
    """title: what stands where the draft has none."""
    return Side(title=draft.title or title, text=without(draft.text, volatile), facts=draft.as_json())
