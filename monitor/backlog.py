"""Decides what in a listing is news and what stood there before we watched, and when a list is walked back; pure."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from crawler.records import Entry, Precision
from monitor.model import Health, SourceState

#: Two daily walks of one source are no closer together than this.
APART = timedelta(hours=12)
_LENGTHS = {
    Precision.SECOND: timedelta(seconds=1),
    Precision.MINUTE: timedelta(minutes=1),
    Precision.HOUR: timedelta(hours=1),
    Precision.DAY: timedelta(days=1),
}


def news(
    listed: Mapping[str, Entry], own: Collection[str], *, since: datetime, further_back: bool = False
) -> frozenset[str]:
    """The URLs of those entries that came into the list since the source is watched. Pure.

    listed: what one walk showed, in its order. own: those of it that earlier visits to this source found; what another
    source found says nothing about this list. since: when the source's baseline was complete.

    An entry is news if its listed time is later, or if it stands above an entry of which one of the two is sure: of
    the baseline nothing was left out, so what stands in it now was put there since, whatever its date. Below the last
    of those an older entry is archive, and one without a time is, too, where the list has been followed from its news
    down to what was known; where it was not, nothing is known of it, and what may be news is told. further_back: the
    walk began below the news, so what nothing speaks for is archive.
    """
    order = list(listed)
    sure = [number for number, url in enumerate(order) if url in own or _began_after(listed[url], since)]
    last = max(sure, default=-1)
    pinned = next((number for number, url in enumerate(order) if url not in own), len(order))
    found = order[: last + 1]
    for url in order[last + 1 :]:
        entry = listed[url]
        if not further_back and not _ended_before(entry, since) and last < pinned:
            found.append(url)
    return frozenset(found) - frozenset(own)


def _began_after(entry: Entry, moment: datetime) -> bool:
    return entry.published_at is not None and entry.published_at >= moment


def _ended_before(entry: Entry, moment: datetime) -> bool:
    if entry.published_at is None:
        return False
    return entry.published_at + _LENGTHS[entry.published_precision or Precision.SECOND] <= moment


def is_walk_due(state: SourceState, now: datetime) -> bool:
    """Whether the next poll is the daily one that walks further back. Pure.

    Once a day, each source at another time of it, and only while it is well. At once after a gap: where a walk broke
    off, the entries above are known now, and the next poll would end at them.
    """
    if state.baseline_at is None or state.state is Health.BLOCKED:
        return False
    walked = state.reconciled_at or state.baseline_at
    if state.gap_at is not None and state.gap_at > walked:
        return True
    if state.failures or state.state not in (Health.OK, Health.QUIET):
        return False
    return walked < _turn(state.slug, now) and now - walked >= APART


def _turn(slug: str, now: datetime) -> datetime:
    """The source's own time of day, the last one that has passed."""
    share = int.from_bytes(hashlib.sha256(slug.encode()).digest()[:4], "big") / 2**32
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    turn = midnight + share * timedelta(days=1)
    return turn if turn <= now else turn - timedelta(days=1)
