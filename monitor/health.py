"""Decides what a poll says about its source and when the operator hears of it; pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.records import Outcome, PollResult, PollStatus
from monitor.model import Health, SourceState

#: One bad poll is weather; so many in a row are a trouble.
TROUBLE_AFTER = 2
#: A source is quiet when nothing new came for so many times its usual gap, and at least for SILENCE.
USUAL_GAPS = 10
SILENCE = timedelta(days=3)
#: Fewer new articles than this tell no usual gap.
FEWEST_GAPS = 5
#: So many pages of one poll, none of which could be read, are no accident.
GARBLED_FROM = 3

_LOUDNESS = {
    Health.DISABLED: 0,
    Health.NEW: 0,
    Health.OK: 0,
    Health.QUIET: 1,
    Health.STALE: 1,
    Health.GARBLED: 2,
    Health.BROKEN: 2,
    Health.BLOCKED: 2,
}
_READ = {Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.RETURNED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """How often a source brings news: `gap` on average over `counted` articles."""

    gap: timedelta
    counted: int


def after_poll(state: SourceState, result: PollResult, *, usual: Usual | None, now: datetime) -> SourceState:
    """What is known of the source once the poll's result is in. Pure.

    A visit that only re-checked articles says nothing about the listing: it changes `last_new_at`, and ends a trouble
    that was the articles' own.
    """
    fresh = result.outcomes.get(Outcome.NEW, 0) > 0
    state = replace(state, last_new_at=now if fresh else state.last_new_at)
    of_articles = _is_of_articles(state)
    lasting = of_articles and not any(result.outcomes.get(outcome, 0) for outcome in _READ)
    if not result.listing:
        return state if lasting or not of_articles else _well(state, now)
    state = replace(state, last_poll_at=now)
    if result.status in (PollStatus.FAILED, PollStatus.BLOCKED):
        ok_at = now if result.gave_up else state.last_ok_at
        state = replace(state, failures=state.failures + 1, last_ok_at=ok_at)
    elif result.status is PollStatus.OK:
        had_rows = state.listed > 0 or state.empty_polls > 0
        empty = state.empty_polls + 1 if had_rows and result.listed == 0 else 0
        failures = state.failures if lasting else 0
        state = replace(state, failures=failures, listed=result.listed, empty_polls=empty, last_ok_at=now)
    elif result.status is PollStatus.UNCHANGED:
        state = replace(state, failures=state.failures if lasting else 0, last_ok_at=now)
    health, why = _judge(state, result, usual, now, lasting=lasting)
    since = state.since if health is state.state else now
    return replace(state, state=health, why=why, since=since)


def _is_of_articles(state: SourceState) -> bool:
    """Whether the source is in a trouble in which its listing had no part: the last poll could read it.

    Such a trouble lasts until an article is read again. The entries that failed are tried ever more rarely, and a poll
    between two tries finds a listing that is as well as before.
    """
    if state.state is Health.GARBLED:
        return True
    troubled = state.failures > 0 or state.state in (Health.BLOCKED, Health.BROKEN)
    read = state.last_ok_at is not None and state.last_ok_at == state.last_poll_at
    return troubled and read and state.empty_polls == 0


def _well(state: SourceState, now: datetime) -> SourceState:
    since = state.since if state.state is Health.OK else now
    return replace(state, state=Health.OK, why="", since=since, failures=0)


def _judge(
    state: SourceState, result: PollResult, usual: Usual | None, now: datetime, *, lasting: bool
) -> tuple[Health, str]:
    """The new health and the one line that explains it; below the threshold the old one stays.

    lasting: a trouble of the articles that nothing has shown to be over.
    """
    why = result.error or "no reason given"
    match result.status:
        case PollStatus.DISABLED:
            return Health.DISABLED, why
        case PollStatus.BLOCKED:
            return Health.BLOCKED, why
        case PollStatus.FAILED:
            return (Health.BROKEN if state.failures >= TROUBLE_AFTER else state.state), why
        case PollStatus.OK | PollStatus.UNCHANGED:
            told = _judge_rows(state, result)
            if told is None and lasting:
                return state.state, state.why
            return told or _silence(state, result, usual, now)


def _judge_rows(state: SourceState, result: PollResult) -> tuple[Health, str] | None:
    """What is wrong with a listing that answers; None: nothing."""
    if state.empty_polls > 0:
        why = "the listing answers, but has lost its rows; run `chaoxun source try` on it"
        return (Health.BROKEN if state.empty_polls >= TROUBLE_AFTER else state.state), why
    opened = sum(result.outcomes.values())
    if result.outcomes.get(Outcome.BLOCKED, 0) == opened > 0:
        return Health.BLOCKED, "the listing answers, but every article is a challenge page"
    if result.outcomes.get(Outcome.REJECTED, 0) == opened >= GARBLED_FROM:
        return Health.GARBLED, f"none of {opened} pages could be read as an article"
    return None


def _silence(state: SourceState, result: PollResult, usual: Usual | None, now: datetime) -> tuple[Health, str]:
    if usual is None or usual.counted < FEWEST_GAPS or state.last_new_at is None:
        return Health.OK, ""
    silent = now - state.last_new_at
    if silent < max(SILENCE, usual.gap * USUAL_GAPS):
        return Health.OK, ""
    why = f"nothing new for {_span(silent)}, where it usually takes {_span(usual.gap)}"
    if result.status is PollStatus.UNCHANGED:
        return Health.STALE, f"{why}; the listing itself never changes"
    return Health.QUIET, why


def worth_telling(before: SourceState, after: SourceState) -> bool:
    """Whether the operator hears of the change: entry to a worse state, and the way back to a good one. Pure."""
    old, new = _LOUDNESS[before.state], _LOUDNESS[after.state]
    if after.state is Health.DISABLED:
        return False
    return new > old or (new == 0 and old > 0)


def _span(length: timedelta) -> str:
    hours = length / timedelta(hours=1)
    return f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.0f} hours"
