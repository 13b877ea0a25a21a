"""Decides what a poll says about its source and when the operator hears of it; pure.

A trouble is told when two polls in a row show it (a challenge: at once), and its end when as many polls as it takes
to be sure could read the listing: one, and twice as many each time that the trouble comes back within a day.

- broken: fetching fails; the listing lost its rows or its dates, or has far fewer than ever; its articles are none
- blocked: a challenge answers
- garbled: titles or articles are no text
- quiet: the listing lives (its bytes change), but for longer than this source is ever silent it brought nothing new
- stale: the same silence, and not one byte of the listing changed in it; or the listing went back, to newest entries
  older than those that it had shown, by more than such a silence: a cache answers in the place of the site
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.records import Outcome, PollResult, PollStatus
from monitor.model import Health, SourceState
from monitor.rhythm import Rhythm, span

#: One bad poll is weather; so many in a row are a trouble.
TROUBLE_AFTER = 2
#: So many pages of one poll, none of which is an article, are no accident; of pages that are no text, so many.
NO_ARTICLES_FROM = 3
GARBLED_FROM = 2
#: A listing with a fifth of the rows that it had at the least has collapsed; one of fewer rows than this cannot.
COLLAPSED_TO = 5
#: A listing is garbled where so many of its titles are: one that an editor pasted badly is his.
GARBLED_SHARE = 0.25
#: A trouble that comes back so soon after its end is the same one.
RELAPSE = timedelta(days=1)
MOST_RELAPSES = 4
#: A time further ahead than this is a mistake, or keeps an item on top of its list.
AHEAD = timedelta(days=1)

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
_SHOWN = {Health.BROKEN, Health.BLOCKED, Health.GARBLED, Health.STALE}
_READ = {Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED, Outcome.RETURNED}


@dataclass(frozen=True, slots=True)
class _Sign:
    """A trouble that one poll shows. of_listing: its listing was not read as it should be."""

    health: Health
    why: str
    of_listing: bool = True


def after_poll(state: SourceState, result: PollResult, *, rhythm: Rhythm | None, now: datetime) -> SourceState:
    """What is known of the source once the poll's result is in. Pure.

    rhythm: as it is known now, this poll's articles included. A visit that only re-checked articles says nothing
    about the listing: it changes `last_new_at`, and ends a trouble that was the articles' own.
    """
    if result.outcomes.get(Outcome.NEW, 0):
        state = replace(
            state,
            last_new_at=now,
            rhythm=rhythm.as_json() if rhythm else None,
            quiet_at=rhythm.usual_until(now) if rhythm else None,
        )
    if result.status is PollStatus.DISABLED:
        since = state.since if state.state is Health.DISABLED else now
        return replace(state, state=Health.DISABLED, why=result.error or "no reason given", since=since)
    read = any(result.outcomes.get(outcome, 0) for outcome in _READ)
    lasting = _is_of_articles(state) and not read and not state.good_polls
    if not result.listing:
        return _good(state, now, idle=False) if read and _is_of_articles(state) else state
    sign = _sign(state, result, now)
    idle = state.last_new_at is not None and state.last_poll_at is not None and state.last_poll_at > state.last_new_at
    state = _read(state, result, sign, now, lasting=lasting)
    if sign is not None:
        return _bad(state, sign, now)
    if not lasting:
        return _good(state, now, idle=idle)
    # None of the articles that failed was due for another try, so that nothing shows that the trouble is over.
    return _bad(state, _Sign(state.suspected, state.why, of_listing=False), now) if state.suspected else state


def _is_of_articles(state: SourceState) -> bool:
    """Whether the source is in a trouble in which its listing had no part: the last poll could read it.

    Such a trouble lasts until an article is read again. The entries that failed are tried ever more rarely, and a poll
    between two tries finds a listing that is as well as before.
    """
    troubled = state.bad_polls > 0
    return troubled and state.last_ok_at is not None and state.last_ok_at == state.last_poll_at


def _read(state: SourceState, result: PollResult, sign: _Sign | None, now: datetime, *, lasting: bool) -> SourceState:
    """What the visit says about the listing, whether it is well or not."""
    listing_read = result.status in (PollStatus.OK, PollStatus.UNCHANGED) or result.gave_up
    if result.status in (PollStatus.FAILED, PollStatus.BLOCKED):
        state = replace(state, failures=state.failures + 1)
    else:
        state = replace(state, failures=state.failures if lasting else 0)
    if result.status is PollStatus.OK:
        empty = state.empty_polls + 1 if not result.listed and _had_rows(state) else 0
        # The daily walk reads the listing whether it has changed or not.
        same = result.checkpoint is not None and result.checkpoint.body_hash == state.body_hash is not None
        state = replace(state, listed=result.listed, empty_polls=empty, moved_at=state.moved_at if same else now)
    as_it_should = listing_read and not (sign is not None and sign.of_listing)
    if as_it_should and (result.status is PollStatus.OK or result.gave_up):
        state = _learned(state, result, now)
    return replace(state, last_poll_at=now, last_ok_at=now if as_it_should else state.last_ok_at)


def _learned(state: SourceState, result: PollResult, now: datetime) -> SourceState:
    """What a listing that is like itself says of what it is usually like."""
    least, newest_at, newest_url = state.usual_listed, state.newest_at, state.newest_url
    if result.listed:
        # Down at once, up by and by: a visit that read several pages shows more rows than the next one will.
        least = result.listed if not least or result.listed < least else least + (result.listed - least + 9) // 10
    if result.newest_at is None or (
        result.newest_at <= now + AHEAD and (not newest_at or result.newest_at > newest_at)
    ):
        newest_at, newest_url = result.newest_at or newest_at, result.newest_url or newest_url
    return replace(state, usual_listed=least, dated=result.dated, newest_at=newest_at, newest_url=newest_url)


def _had_rows(state: SourceState) -> bool:
    return state.listed > 0 or state.empty_polls > 0


# -- what a poll shows


def _sign(state: SourceState, result: PollResult, now: datetime) -> _Sign | None:
    """The trouble that this poll shows; None where it shows none."""
    why = result.error or "no reason given"
    match result.status:
        case PollStatus.BLOCKED:
            return _Sign(Health.BLOCKED, why, of_listing=not result.gave_up)
        case PollStatus.FAILED:
            trouble = Health.GARBLED if result.garbled and not result.listed else Health.BROKEN
            return _Sign(trouble, why, of_listing=not result.gave_up)
        case PollStatus.OK:
            return _sign_of_listing(state, result, now) or _sign_of_articles(result)
        case _:
            return _sign_of_articles(result)


def _sign_of_listing(state: SourceState, result: PollResult, now: datetime) -> _Sign | None:
    """What is wrong with a listing that answers."""
    listed, usual = result.listed, state.usual_listed
    advice = "run `chaoxun source try` on it"
    if not listed:
        why = f"the listing answers, but has lost its rows (it had {usual or 'some'}); {advice}"
        return _Sign(Health.BROKEN, why) if _had_rows(state) else None
    if result.garbled >= max(1.0, GARBLED_SHARE * listed):
        return _Sign(Health.GARBLED, f"{result.garbled} of {listed} titles in the listing are no text; {advice}")
    if state.dated and state.dated * 2 >= usual and not result.dated:
        why = f"none of {listed} rows carries a date any more, where {state.dated} did; {advice}"
        return _Sign(Health.BROKEN, why)
    fresh = result.outcomes.get(Outcome.NEW, 0)
    if listed * COLLAPSED_TO <= usual and not fresh:  # a list that was built anew may be shorter: its articles tell
        return _Sign(Health.BROKEN, f"the listing shows {listed} rows, where it had {usual} at the least; {advice}")
    return None if fresh else _sign_of_cache(state, result, now)


def _sign_of_cache(state: SourceState, result: PollResult, now: datetime) -> _Sign | None:
    shown, known = result.newest_at, state.newest_at
    if shown is None or known is None or shown >= known or state.rhythm is None:
        return None
    usual_until = Rhythm.from_json(state.rhythm).usual_until(shown)
    if usual_until is None or usual_until > now:  # a newest article that was taken down is no old list
        return None
    why = f"the listing went back by {span(known - shown)}: its newest entry is {span(now - shown)} old"
    return _Sign(Health.STALE, f"{why}, and a newer one was seen; a cache may answer for the site")


def _sign_of_articles(result: PollResult) -> _Sign | None:
    """What is wrong with the articles of a listing that is well."""
    opened = sum(result.outcomes.values())
    blocked, rejected, garbled = (
        result.outcomes.get(outcome, 0) for outcome in (Outcome.BLOCKED, Outcome.REJECTED, Outcome.GARBLED)
    )
    if blocked == opened > 0:
        why = f"the listing answers, but every article is a challenge page ({blocked} of {opened})"
        return _Sign(Health.BLOCKED, why, of_listing=False)
    if garbled == opened >= GARBLED_FROM:
        return _Sign(Health.GARBLED, f"none of {opened} pages could be read as text", of_listing=False)
    # What a page that is gone says of itself, it does not say of the others.
    opened -= result.outcomes.get(Outcome.MISSING, 0)
    if rejected + garbled + blocked == opened >= NO_ARTICLES_FROM:
        why = f"none of {opened} pages could be read as an article; `chaoxun source try` shows what they are"
        return _Sign(Health.BROKEN, why, of_listing=False)
    return None


# -- what it means


def _bad(state: SourceState, sign: _Sign, now: datetime) -> SourceState:
    """One more poll with a trouble: weather at first, then the state."""
    known = _is_in_trouble(state)
    polls = 1 if state.good_polls else state.bad_polls + 1
    state = replace(state, bad_polls=polls, good_polls=0, why=sign.why)
    if sign.health is not Health.BLOCKED and polls < TROUBLE_AFTER and not known:
        return replace(state, suspected=sign.health)
    since = state.since if sign.health is state.state else now
    relapses = state.relapses
    if state.state is Health.OK and state.since is not None and now - state.since > RELAPSE:
        relapses = 0
    return replace(state, state=sign.health, since=since, suspected=None, relapses=relapses)


def _is_in_trouble(state: SourceState) -> bool:
    """Whether its state is a trouble that polls have shown; a silence is another matter, also as STALE."""
    return state.bad_polls > 0 and not state.suspected and state.state in _SHOWN


def _good(state: SourceState, now: datetime, *, idle: bool) -> SourceState:
    """One more poll without a trouble. idle: the one before brought nothing new either."""
    polls, relapses = state.good_polls + 1, state.relapses
    if _is_in_trouble(state):
        wanted = 2**relapses
        if state.bad_polls < TROUBLE_AFTER:
            wanted = max(wanted, TROUBLE_AFTER)  # told at the first bad poll: it may be one of many, every other time
        if polls < wanted:
            why = f"read again {polls} times in a row; well after {wanted}; it was: {_it_was(state.why)}"
            return replace(state, good_polls=polls, why=why)
        relapses = min(relapses + 1, MOST_RELAPSES)
    state = replace(state, bad_polls=0, good_polls=polls, relapses=relapses, suspected=None)
    health, why = _silence(state, now, idle=idle)
    since = state.since if health is state.state else now
    return replace(state, state=health, why=why, since=since)


def _it_was(why: str) -> str:
    return why.partition("; it was: ")[2] or why


def _silence(state: SourceState, now: datetime, *, idle: bool) -> tuple[Health, str]:
    if state.quiet_at is None or now < state.quiet_at or state.last_new_at is None or state.rhythm is None:
        return Health.OK, ""
    if not idle and state.state not in (Health.QUIET, Health.STALE):
        return Health.OK, ""
    why = f"nothing new for {span(now - state.last_new_at)}, where {Rhythm.from_json(state.rhythm).words()}"
    if state.moved_at is None or state.moved_at <= state.last_new_at:
        return Health.STALE, f"{why}; the listing has not changed by a byte since"
    return Health.QUIET, why


def worth_telling(before: SourceState, after: SourceState) -> bool:
    """Whether the operator hears of the change: entry to a worse state, and the way back to a good one. Pure."""
    old, new = _LOUDNESS[before.state], _LOUDNESS[after.state]
    if after.state is Health.DISABLED:
        return False
    return new > old or (new == 0 and old > 0)
