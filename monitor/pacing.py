"""Decides when a source is due again: its interval, the pace that it finds, and what failures do to both; pure."""

from datetime import datetime, timedelta

from crawler.records import BEIJING, INTERVAL, CrawlPolicy, PollResult, Source
from monitor.model import SourceState

LONGEST_RETRY_AFTER = timedelta(days=1)


def next_poll(
    source: Source, state: SourceState, result: PollResult, *, policy: CrawlPolicy, jitter: float, now: datetime
) -> datetime:
    """When the source is due again. Pure.

    A source's own `every` holds round the clock; else the policy's hours count. Failures double the wait up to the
    upper bound of `interval`; what the site asks for by Retry-After is kept, for a day at most. jitter: -1 to 1, of a
    tenth of the wait.
    """
    wait = interval(source, policy=policy, now=now)
    _, longest = source.interval or policy.interval or INTERVAL
    if state.failures:
        wait = max(wait, min(wait * 2 ** min(state.failures - 1, 16), longest))
    wait += wait * 0.1 * jitter
    asked = min(result.retry_after or timedelta(0), LONGEST_RETRY_AFTER)
    return now + max(wait, asked)


def interval(source: Source, *, policy: CrawlPolicy, now: datetime) -> timedelta:
    """The time between two polls of a healthy source at this hour. Pure."""
    if source.every is not None:
        return source.every
    here = now.astimezone(BEIJING)
    start, end = policy.hours
    return policy.every if start <= here.hour * 60 + here.minute < end else policy.off_hours_every
