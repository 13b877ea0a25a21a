"""What becomes of an entry that gives no article now: it is tried again, ever rarer, and given up at last."""

from datetime import datetime, timedelta

import structlog

from crawler.records import Answer, NotModified, Outcome, Trouble, Unreachable, Visit, iso
from monitor.corpus import Connection, pending
from monitor.judge import Blocked, Failed, Judgement, Missing, Rejected
from monitor.model import RecheckPlan
from monitor.pacing import LONGEST_RETRY_AFTER
from monitor.recheck import next_try

log = structlog.get_logger()


def try_again(
    tx: Connection,
    url: str,
    visit: Visit,
    waiting: pending.Waiting,
    *,
    missing: bool,
    why: str,
    plan: RecheckPlan,
    now: datetime,
) -> None:
    """Note that the entry gave no article, and when it is tried again. missing: the site says that there is none."""
    asked, not_before = _how_asked(visit.answer, now)
    tries = waiting.attempts + asked
    due = next_try(plan=plan, tries=max(tries, 1), gone=missing, seen_at=waiting.seen_at, now=now)
    due = max(due, not_before) if due else None
    pending.tried(tx, url, attempts=tries, next_try_at=due, error=why)
    said = {"source": visit.source.slug, "url": url, "why": why, "tries": tries}
    if due is None:
        log.warning("entry given up", **said)
    else:
        log.warning("entry gives no article yet", **said, next_try_at=iso(due))


def _how_asked(answer: Answer, now: datetime) -> tuple[bool, datetime]:
    """Whether the host was asked at all: one that is held has not failed to answer. And when it may be asked again."""
    asked = not isinstance(answer, Unreachable) or answer.trouble not in (Trouble.DOWN, Trouble.WAIT)
    wait = None if isinstance(answer, NotModified) else answer.retry_after
    return asked, now + min(wait or timedelta(0), LONGEST_RETRY_AFTER)


def no_article(judgement: Judgement) -> tuple[Outcome, str]:
    """What to call a visit that gave none, and why. Pure."""
    match judgement:
        case Missing():
            return Outcome.MISSING, "the site says that there is no such page"
        case Rejected(why=why, garbled=garbled):
            return Outcome.GARBLED if garbled else Outcome.REJECTED, why
        case Blocked(why=why):
            return Outcome.BLOCKED, why
        case Failed(why=why):
            return Outcome.FAILED, why
        case _:
            raise AssertionError(f"no outcome without an article: {judgement!r}")
