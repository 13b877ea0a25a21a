"""Decides when an article, or an entry that is none yet, is looked at again; pure."""

from datetime import datetime, timedelta

from monitor.model import RecheckPlan

#: Longest wait between two tries of an entry that does not become an article.
LONGEST_WAIT = timedelta(hours=6)
#: A page that is no article is not looked at for ever: after so many tries (a week or so) it is given up.
MOST_TRIES = 30
#: A list may show an entry hours before its page is copied to the web: so many times (two days) 404 means not yet.
MOST_GONE = 12


def next_check(*, plan: RecheckPlan, since: datetime, checks: int, now: datetime) -> datetime | None:
    """When an article is due for another look; None once the plan's time has passed.

    since: when it was first seen or last changed. checks: looks that found nothing new since then.
    """
    wait: timedelta = plan.first
    for _ in range(checks):
        wait = min(wait * plan.factor, plan.until)
    due = now + wait
    return due if due <= since + plan.until else None


def confirmation(*, plan: RecheckPlan, now: datetime) -> datetime:
    """When an article that was missing is looked at again."""
    return now + plan.confirm_every


def next_try(*, plan: RecheckPlan, tries: int, gone: bool, seen_at: datetime, now: datetime) -> datetime | None:
    """When an entry that gave no article is tried again; None: it is given up.

    tries: made so far, at least 1. gone: the site says that there is no such page (404 or 410).
    """
    if tries >= (MOST_GONE if gone else MOST_TRIES) or now - seen_at >= plan.until:
        return None
    wait: timedelta = plan.confirm_every * 2 ** min(tries - 1, 16)
    return now + min(wait, LONGEST_WAIT)
