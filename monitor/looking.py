"""What a look at an article leaves in its row: that its page answered, and when it is looked at next. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.records import Capture, Visit
from monitor.corpus.storing import Stored
from monitor.model import RecheckPlan
from monitor.polls import carried, validators
from monitor.recheck import next_check


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """The looks of one transaction, made at `now`. imported: at documents that were handed in."""

    plan: RecheckPlan
    now: datetime
    imported: bool

    def next_check(
        self, visit: Visit, *, since: datetime, checks: int, matched: bool, edited: bool = False
    ) -> datetime | None:
        """Handed-in documents and items that their feed carries whole have no page that we could look at again."""
        if self.imported or carried(visit) is not None:
            return None
        return next_check(plan=self.plan, since=since, checks=checks, now=self.now, matched=matched, edited=edited)

    def again(self, item: Stored, visit: Visit, *, checks: int, edited: bool = False) -> dict[str, Any]:
        """When, and whether before others; a handed-in document changes neither. edited: this visit found it so."""
        if self.imported:
            return {}
        # an old text of a backlog, too, may be edited tomorrow: it counts from when we saw it
        since = self.now if edited else item.withdrawn_at or item.changed_at or item.first_seen_at
        edited = edited or item.edited
        due = self.next_check(visit, since=since, checks=checks, matched=item.matched, edited=edited)
        return {"next_check_at": due, "closely": item.matched or edited}

    def seen(self, item: Stored, visit: Visit, *, checks: int, well: bool, here: bool) -> dict[str, Any]:
        """The page answered as it should.

        checks: looks that found nothing new, 0 where this one did. well: with a page, not (one that is withdrawn) with
        its 404 again. here: it was asked for at the address under which we hold it.
        """
        values: dict[str, Any] = {
            "checked_at": self.now,
            "checks": checks,
            "misses": 0,
            "missing_since": None,
            "absence": None,
        }
        if well and not self.imported:
            values["good_at"] = self.now
        if well and here and isinstance(visit.answer, Capture):
            values["etag"], values["last_modified"] = validators(visit)
        if not checks:
            values["hints"] = 0
        return values | self.again(item, visit, checks=checks, edited=not checks)
