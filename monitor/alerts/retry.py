"""Decides when a delivery is tried again; pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Retryable, Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPlan:
    """How patient we are: the wait doubles from `first` to `longest`; after `attempts` tries a person must act.

    With these figures that is after about three days, so that a weekend's outage of a mail server loses nothing.
    """

    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(hours=6)
    attempts: int = 20
    #: A receiver that asks for more is asked again after this; it may have meant another clock.
    asked_at_most: timedelta = timedelta(days=1)


def next_attempt(
    attempts: int, failure: Retryable | Unknown, now: datetime, *, jitter: float, plan: RetryPlan
) -> datetime | None:
    """When to try a delivery again; None: give up, and say so where a person sees it. Pure.

    attempts: tries made so far, at least 1. jitter: from 0 to 1, spreads what failed together by up to a half; waits
    never shrink from one attempt to the next whatever it is. What the receiver asked for (`retry_after`) is honoured.
    """
    if attempts >= plan.attempts:
        return None
    doublings = min(attempts - 1, 40)  # above it the figure is beyond any `longest`, and would overflow
    wait = min(plan.first * (2.0**doublings * (1 + jitter / 2)), plan.longest)
    asked = failure.retry_after if isinstance(failure, Retryable) and failure.retry_after else timedelta()
    return now + max(wait, min(asked, plan.asked_at_most))
