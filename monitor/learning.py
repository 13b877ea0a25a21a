"""Lets each look at an article teach which lines of its source flip, in the transaction that takes the look."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from crawler.records import Capture, NotModified, Visit
from monitor.corpus import Connection, learned
from monitor.corpus.storing import Stored
from monitor.differences import Revised
from monitor.judge import Judgement, Unchanged
from monitor.model import ArticleStatus, RevisionKind
from monitor.volatile import Look, Suspect, lines_of, observe, still

log = structlog.get_logger()


def learn(
    tx: Connection, item: Stored, visit: Visit, judgement: Judgement, suspects: Sequence[Suspect], *, now: datetime
) -> tuple[Suspect, ...]:
    """What is suspected of the source after this look, and stored. suspects: what was before it.

    Only a page that is there, was there before and was read by the same extractor teaches anything: never a
    withdrawal, what comes after one, a challenge, an outage or an upgrade.
    """
    after = _after(item, visit, judgement, suspects, now)
    if after == tuple(suspects):
        return after
    learned.save(tx, visit.source.slug, suspects, after)
    _say(visit.source.slug, suspects, after)
    return after


def _after(
    item: Stored, visit: Visit, judgement: Judgement, suspects: Sequence[Suspect], now: datetime
) -> tuple[Suspect, ...]:
    known, draft = item.known, visit.draft
    same = tuple(suspects)
    if known.status is not ArticleStatus.LIVE or not isinstance(judgement, Unchanged | Revised):
        return same
    if isinstance(visit.answer, NotModified):
        return still(suspects, item.id, lines_of(known.text, visit.source.noise), now) if suspects else same
    if not isinstance(visit.answer, Capture) or draft is None or draft.extractor != known.extractor:
        return same
    if isinstance(judgement, Revised) and judgement.kind not in (RevisionKind.BODY, RevisionKind.REORDERED):
        return same if not suspects else _seen(item, draft.text, visit, suspects, now)
    if not suspects and isinstance(judgement, Unchanged):
        return same
    return _seen(item, draft.text, visit, suspects, now)


def _seen(item: Stored, text: str, visit: Visit, suspects: Sequence[Suspect], now: datetime) -> tuple[Suspect, ...]:
    noise = visit.source.noise
    before, after = lines_of(item.known.text, noise), lines_of(text, noise)
    return observe(suspects, Look(article=item.id, before=before, after=after, at=now))


def _say(slug: str, before: Sequence[Suspect], after: Sequence[Suspect]) -> None:
    old, new = ({each.template: each for each in several if each.learned_at} for several in (before, after))
    for template in new.keys() - old.keys():
        each = new[template]
        said = {"flips": sum(each.flips.values()), "articles": len(each.flips), "values": list(each.values)[-3:]}
        log.info("volatile line learned", source=slug, line=template, **said)
    for template in old.keys() - new.keys():
        log.info("volatile line forgotten", source=slug, line=template)
