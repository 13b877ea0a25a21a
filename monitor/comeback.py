"""Decides whether a change only brings back what an article said before, and who hears of it; pure.

A page that goes from A to B and within a day back to A is told twice: the edit, and that it was taken back. What flips
on is stored and told to nobody, until it has stood for a day as something else than was told last, or a day has passed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from monitor.differences import Revised, Side, is_same
from monitor.importance import in_words
from monitor.volatile import without

DAY = timedelta(hours=24)
#: Nobody flips between more states within a day; older ones are not looked at.
MOST_PAST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A stored revision. change: what was noted of it (`noted`)."""

    n: int
    at: datetime
    side: Side
    change: Mapping[str, Any]

    @property
    def state(self) -> int:
        """The first revision that says what this one says, as far as that is known."""
        back_to: int = self.change.get("back_to") or self.n
        return back_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Comeback:
    """The article says again what revision `to` said. quiet: nobody is told; `told`, at `told_at`, was told last."""

    to: int
    quiet: bool
    told: int
    told_at: datetime


def comeback(
    past: Sequence[Past], new: Side, *, noise: Sequence[str], volatile: Collection[str], now: datetime
) -> Comeback | None:
    """What the new content brings back; None where it says what no revision of the last day said. Pure.

    past: the latest revisions, at least one, the oldest first; the last one is what the article says so far.
    """
    latest = past[-1]
    for before, after in pairwise(past):
        if now - after.at >= DAY or not _same(before.side, new, noise, volatile):
            continue
        told, told_at = _last_told(latest)
        quiet = "back_to" in latest.change and now - told_at < DAY
        return Comeback(to=before.state, quiet=quiet, told=told, told_at=told_at)
    return None


def _same(one: Side, other: Side, noise: Sequence[str], volatile: Collection[str]) -> bool:
    old, new = (Side(title=s.title, text=without(s.text, volatile), facts=s.facts) for s in (one, other))
    return is_same(old, new, noise)


def _last_told(latest: Past) -> tuple[int, datetime]:
    if latest.change.get("quiet"):
        return latest.change["told"], datetime.fromisoformat(latest.change["told_at"])
    return latest.state, latest.at


def entitled(revised: Revised, found: Comeback | None) -> Revised:
    """The revision as its summary should call it. Pure."""
    return revised if found is None else replace(revised, summary=f"恢复为第 {found.to} 版；{revised.summary}")


def came_to_rest(revised: Revised, change: Mapping[str, Any]) -> Revised:
    """What is said where an article stays what nobody was told. change: what is noted of its latest revision. Pure."""
    return replace(revised, summary=f"反复修改后停在第 {change['back_to']} 版；{revised.summary}")


def noted(revised: Revised, found: Comeback | None) -> dict[str, Any]:
    """What is kept with a revision: its importance with the parts, and whether it is a comeback. Pure."""
    weight = {"importance": revised.importance, "parts": {str(part): n for part, n in revised.parts.items()}}
    if found is None:
        return weight
    if not found.quiet:
        return {**weight, "back_to": found.to}
    return {**weight, "back_to": found.to, "quiet": True, "told": found.told, "told_at": found.told_at.isoformat()}


def carried_on(change: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """What is noted of a revision that only reads the same page anew: that nobody heard of it yet, if so. Pure."""
    return change if change is not None and change.get("quiet") else None


def change_lines(revised: Revised) -> list[str]:
    """What an alert says of a change beside its sentences. Pure."""
    parts = in_words(revised.parts)
    return [f"摘要：{revised.summary}", f"重要性：{revised.importance}/100{f'（{parts}）' if parts else ''}"]


def settled(change: Mapping[str, Any] | None, since: datetime | None, now: datetime) -> int | None:
    """The revision that was told last, where the article has stood for a day as something that nobody was told. Pure.

    change: what is noted of the latest revision; since: when it came.
    """
    if change is None or since is None or not change.get("quiet") or now - since < DAY:
        return None
    told: int = change["told"]
    return None if told == change["back_to"] else told
