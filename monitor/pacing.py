"""Decides when a source is due again: its interval, the pace that it finds, and what failures do to both; pure."""

import hashlib
from datetime import datetime, timedelta

from crawler.records import BEIJING, INTERVAL, CrawlPolicy, PollResult, PollStatus, Source
from monitor.model import Health, SourceState

#: What a listing without news does to the wait, what several new entries do, and what one full of news does. A source
#: that speeds up is followed at once, one that falls silent is left slowly.
LENGTHEN = 1.25
SHORTEN = 0.75
HALVE = 0.5
#: How far the pace may lead away from what was configured, where nobody has said it.
FARTHEST = 4
#: A shield that has noticed us forgets in hours, if at all.
BLOCKED = 8
#: The longest wait after failures: a source is never given up.
CEILING = timedelta(days=1)
LONGEST_RETRY_AFTER = timedelta(days=1)
#: After a restart everything overdue is polled within this time, or half its interval if that is shorter.
SPREAD = timedelta(minutes=5)
#: The share of the wait that chance takes or adds.
JITTER = 0.1


def interval(source: Source, *, policy: CrawlPolicy, now: datetime) -> timedelta:
    """The time between two polls that the configuration asks for at this hour; the pace departs from here. Pure.

    A source's own `every` holds round the clock unless it says `off_hours_every`; else the policy's hours count.
    """
    own, length = _configured(source, policy, now)
    limits = source.interval or (None if own else policy.interval)
    return length if limits is None else _within(length, limits)


def bounds(source: Source, *, policy: CrawlPolicy, now: datetime) -> tuple[timedelta, timedelta]:
    """The shortest and the longest wait to which the pace may lead at this hour; the interval lies between. Pure.

    A source's own `interval` binds, else the policy's. A source with its own `every` is led no farther than FARTHEST
    times from that, and is not held to a policy that it contradicts (a catalogue that is polled once a day).
    """
    own, _ = _configured(source, policy, now)
    if source.interval is not None:
        return source.interval
    if policy.interval is not None and not own:
        return policy.interval
    usual = interval(source, policy=policy, now=now)
    least, most = policy.interval or INTERVAL
    return min(usual, max(usual / FARTHEST, least)), max(usual, min(usual * FARTHEST, most))


def pace(source: Source, before: SourceState, result: PollResult, *, policy: CrawlPolicy, now: datetime) -> float:
    """The source's pace after a poll, as a factor on its interval: longer where all was known, shorter where several
    entries were new, much shorter where nearly all were. Pure.

    It settles where a poll finds about one new entry. To lengthen wherever two thirds are known would settle where a
    third of the list is new, hours behind a list of fifty rows.
    before: the state that the poll began with. The first listing ever says nothing: all of it is new.
    """
    if not result.listing or before.last_ok_at is None:
        return before.pace
    known, listed = (1, 1) if result.status is PollStatus.UNCHANGED else (result.known, result.listed)
    if result.status not in (PollStatus.OK, PollStatus.UNCHANGED) or listed == 0:
        return before.pace
    usual = interval(source, policy=policy, now=now)
    least, most = bounds(source, policy=policy, now=now)
    # The bounds stop the pace where it is and do not bring it back: those of the night are not those of the day.
    if known == listed:
        return max(before.pace, min(before.pace * LENGTHEN, most / usual))
    if listed - known == 1 < listed:
        return before.pace
    shorter = HALVE if 3 * known < listed else SHORTEN
    return min(before.pace, max(before.pace * shorter, least / usual))


def next_poll(
    source: Source, state: SourceState, result: PollResult, *, policy: CrawlPolicy, jitter: float, now: datetime
) -> datetime:
    """When the source is due again, `state` being what the poll left. Pure.

    Failures double the wait from the interval on, up to the source's own longest interval or else a day; a challenge
    waits for hours. What the site asks for by Retry-After is kept, for a day at most. jitter: -1 to 1.
    """
    usual = interval(source, policy=policy, now=now)
    well = not state.failures and not _is_blocked(state, result)
    wait = usual * state.pace if well else _after_failures(source, state, result, usual)
    if well:
        wait = _within(wait, bounds(source, policy=policy, now=now))
    due = now + wait * (1 + JITTER * jitter)
    if well:
        due = _by_morning(source, due, policy=policy, jitter=jitter, now=now)
    return max(due, now + min(result.retry_after or timedelta(0), LONGEST_RETRY_AFTER))


def after_restart(source: Source, *, policy: CrawlPolicy, now: datetime) -> datetime:
    """When a source that fell due while nothing ran is polled: soon, and not in the same second as all others. Pure."""
    share = int.from_bytes(hashlib.sha256(source.slug.encode()).digest()[:4], "big") / 2**32
    return now + share * min(interval(source, policy=policy, now=now) / 2, SPREAD)


def _configured(source: Source, policy: CrawlPolicy, now: datetime) -> tuple[bool, timedelta]:
    """Whether the source itself says how often it is polled at this hour, and how often that is."""
    by_day = _is_day(policy, now)
    own = source.every if by_day or source.off_hours_every is None else source.off_hours_every
    if own is not None:
        return True, own
    return False, policy.every if by_day else policy.off_hours_every


def _is_day(policy: CrawlPolicy, now: datetime) -> bool:
    here = now.astimezone(BEIJING)
    start, end = policy.hours
    return start <= here.hour * 60 + here.minute < end


def _within(length: timedelta, limits: tuple[timedelta, timedelta]) -> timedelta:
    return min(max(length, limits[0]), limits[1])


def _is_blocked(state: SourceState, result: PollResult) -> bool:
    """By its listing or by its articles; not any more once it was read again, though that is yet to be confirmed."""
    return result.status is PollStatus.BLOCKED or (state.state is Health.BLOCKED and not state.good_polls)


def _after_failures(source: Source, state: SourceState, result: PollResult, usual: timedelta) -> timedelta:
    blocked = _is_blocked(state, result)
    # A challenge waits for hours from the first one on, so its doubling begins later.
    doublings = min(max(state.failures - (2 if blocked else 1), 0), 16)
    wait = usual * (BLOCKED if blocked else 1) * (1 << doublings)
    ceiling = CEILING if blocked or source.interval is None else source.interval[1]
    return max(usual, min(wait, ceiling))


def _by_morning(source: Source, due: datetime, *, policy: CrawlPolicy, jitter: float, now: datetime) -> datetime:
    """`due`, or a time in the first interval of the day where a wait that began at night would lead far into it."""
    if _is_day(policy, now):
        return due
    here = now.astimezone(BEIJING)
    opens = here.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(minutes=policy.hours[0])
    if opens < here:
        opens += timedelta(days=1)
    by_day = interval(source, policy=policy, now=opens)
    return min(due, max(now + by_day, opens + by_day * (1 + jitter) / 2))
