"""Decides when an article, or an entry that is none yet, is looked at again, and who goes first; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import RecheckPlan

#: An article that met a watch waits this share of the usual time, and so does one that was edited before; one of which
#: both is true waits this share of that.
SOONER = 0.5
#: Longest wait between two tries of an entry that does not become an article.
LONGEST_WAIT = timedelta(hours=6)
#: A page that is no article is not looked at for ever: after so many tries (a week or so) it is given up.
MOST_TRIES = 30
#: A list may show an entry hours before its page is copied to the web: so many times (two days) 404 means not yet.
MOST_GONE = 12

#: Re-checks have this share of the requests that a host's gap allows; listings and new articles take what they need.
SHARE = 0.5
#: The gate rests a little longer than the gap (`HOST_GAP_JITTER`, a half at most): so many gaps to a request.
TURN = 1.25
#: What a host that was left alone may be asked at once, as the time that it stands for: at a gap of 3 s that is 8
#: requests, behind which a listing waits half a minute at most.
SAVED = timedelta(minutes=1)
#: Where more are due, re-checks are handed out so many at a time, not each in a visit of its own.
SLICE = 4
#: An article that is looked at closely counts as so many times later than it is.
CLOSELY = 4.0
#: Re-checks that wait longer than this are worth a word to the operator.
BEHIND = timedelta(hours=1)


def next_check(
    *,
    plan: RecheckPlan,
    since: datetime,
    checks: int,
    now: datetime,
    matched: bool = False,
    edited: bool = False,
) -> datetime | None:
    """When an article is due for another look; None once the plan's time has passed.

    since: when it was first seen or last changed. checks: looks that found nothing new since then. matched: it met a
    watch. edited: it has changed before.
    """
    wait: timedelta = plan.first * SOONER ** (matched + edited)
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


# -- who goes first


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An article that is due for another look. host: the group of hosts that it stands on."""

    source: str
    url: str
    host: str
    due_at: datetime
    checked_at: datetime
    closely: bool = False
    gap: timedelta = timedelta(0)
    etag: str | None = None
    last_modified: str | None = None
    title: str | None = None


def cost(gap: timedelta) -> timedelta:
    """What a re-check takes of a host's time, given that re-checks have but their share of it. Pure."""
    return gap * (TURN / SHARE)


def urgency(due: Due, now: datetime) -> float:
    """How long an article is overdue, as a share of the wait that it was to have. Pure.

    It grows without end for whatever waits, the faster the more often the article is looked at: so the budget is shared
    in proportion, and nothing waits for ever.
    """
    wait = max(due.due_at - due.checked_at, timedelta(seconds=1))
    return (now - due.due_at) / wait * (CLOSELY if due.closely else 1.0)


def chosen(due: Iterable[Due], spent: Mapping[str, datetime], *, now: datetime) -> list[Due]:
    """What of it is looked at now, the most urgent first. Pure.

    spent: until when the re-checks that were handed out have used their share of a host's time, by host. A host has
    room again once that lies within SAVED, and then for SLICE of them, or for all where no more are due.
    """
    by_host: dict[str, list[Due]] = {}
    for each in due:
        by_host.setdefault(each.host, []).append(each)
    taken: list[Due] = []
    for host, waiting in by_host.items():
        waiting.sort(key=lambda each: (-urgency(each, now), each.due_at, each.url))
        taken += _affordable(waiting, max(spent.get(host, now), now), now)
    return sorted(taken, key=lambda each: (-urgency(each, now), each.due_at, each.url))


def _affordable(waiting: Sequence[Due], until: datetime, now: datetime) -> Sequence[Due]:
    found = 0
    for each in waiting:
        if until >= now + SAVED:
            break
        until += cost(each.gap)
        found += 1
    return waiting[:found] if found >= _slice(max(each.gap for each in waiting), len(waiting)) else ()


def _slice(gap: timedelta, due: int) -> int:
    """How many make a visit, of so many that are due. A host of a long gap is asked for one at a time."""
    return min(SLICE, due) if SLICE * cost(gap) <= SAVED else 1


def has_room(spent: datetime | None, *, gap: timedelta, due: int, now: datetime) -> bool:
    """Whether a host, so many of whose articles are due, may be asked now; spares a look at which they are. Pure."""
    return spent is None or spent + (_slice(gap, due) - 1) * cost(gap) < now + SAVED


def spending(
    taken: Iterable[tuple[str, timedelta]], spent: Mapping[str, datetime], *, now: datetime
) -> dict[str, datetime]:
    """Until when each host's share is used, once these are handed out. Pure.

    taken: host and gap of each; what has no gap costs nothing.
    """
    until: dict[str, datetime] = {}
    for host, gap in taken:
        if gap > timedelta(0):
            until[host] = until.get(host, max(spent.get(host, now), now)) + cost(gap)
    return until


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """The articles that are due for another look: how many, and since when the first of them."""

    due: int
    since: datetime | None


def lag(backlog: Backlog, now: datetime) -> str:
    """The backlog in a few words, where it is more than the next minutes' work; else "". Pure."""
    if backlog.since is None or now - backlog.since < BEHIND:
        return ""
    return f"rechecks due {backlog.due}, oldest {(now - backlog.since) / timedelta(hours=1):.0f} h"
