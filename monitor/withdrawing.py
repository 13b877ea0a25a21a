"""Carries out what is decided of withdrawals, in a visit's transaction: signs, events, who vouches for a host."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from crawler.records import Visit, iso
from monitor.alerts.compose import one_line
from monitor.announce import announce
from monitor.content import held, shown
from monitor.corpus import Connection, absences, sources
from monitor.corpus.storing import Stored
from monitor.desk import Desk
from monitor.differences import Revised
from monitor.model import AlertKind, RecheckPlan
from monitor.recheck import confirmation
from monitor.rules import Evaluation
from monitor.withdrawal import FLAPPING, NO_ABSENCE, Absence, Sign, evidence, kept, patience

log = structlog.get_logger()

_SAID = 300
#: An article that has to be away for long is looked at so often in that time.
LOOKS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """In which an article is missing. doubt: why its host cannot be trusted to mean it; "" where it can."""

    absence: Absence = NO_ABSENCE
    doubt: str = ""


def circumstances(tx: Connection, item: Stored, visit: Visit, now: datetime) -> Circumstances:
    """What judge has to know of a held article that its site says is gone; another one of the host is asked to vouch.

    The host is trusted where the source's listing could be read, and where another article of the host answered since
    the last counted look: where articles stand on a host of their own, a listing says nothing of it.
    """
    signs = absences.signs_of(tx, item.id)
    wanted = patience(absences.returns_since(tx, item.id, now - FLAPPING))
    absence = Absence(doubts=signs.doubts, since=signs.since, patience=wanted)
    others = absences.others_on_host(tx, item.id, item.url, item.source)
    if others.ask is not None:
        absences.ask_soon(tx, others.ask, now)
    doubt = ""
    if not sources.is_well(tx, visit.source.slug):
        doubt = "the source's listing could not be read"
    elif others.answered_at is None:
        doubt = "" if others.on_list else "no other article and no listing of its host that could vouch for it"
    elif item.known.misses and others.answered_at < item.known.checked_at:
        doubt = "no other article of its host has answered since the last look"
    return Circumstances(absence=absence, doubt=doubt)


def missed(
    tx: Connection,
    item: Stored,
    found: Sign,
    *,
    misses: int,
    around: Circumstances,
    plan: RecheckPlan,
    now: datetime,
) -> dict[str, Any]:
    """The columns of an article that was missing at this look: what to store, and when it is looked at next."""
    counted = misses != item.known.misses
    due = confirmation(plan=plan, now=now)
    if counted:
        due = max(due, now + around.absence.patience / LOOKS)
    elif around.doubt:
        due = max(due, now + plan.first)  # an outage has many articles, and ends no sooner for haste
    log.info(
        "article missing",
        source=item.source,
        url=item.url,
        by=found.by,
        status=found.status,
        misses=misses,
        not_counted=around.doubt or None,
    )
    values: dict[str, Any] = {"next_check_at": due}
    if not counted:
        return values
    signs = absences.signs_of(tx, item.id)
    checks = [*signs.checks, _clean(evidence(found, now))]
    return values | {
        "misses": misses,
        "checked_at": now,
        "missing_since": item.missing_since or now,
        "absence": {"doubts": signs.doubts + (not found.sure), "checks": kept(checks)},
    }


def withdrawn(tx: Connection, item: Stored, misses: int, now: datetime) -> Mapping[str, Any]:
    """Note the event with its evidence, which is answered; to be called after the last look was stored."""
    signs = absences.signs_of(tx, item.id)
    detail = {
        "since": iso(signs.since or now),
        "last_good_at": iso(signs.good_at),
        "count": misses,
        "checks": list(signs.checks),
        "revision": item.revision,
    }
    absences.add_event(tx, item.id, AlertKind.WITHDRAWN, detail, at=now)
    log.info("article withdrawn", source=item.source, url=item.url, checks=misses, since=detail["since"])
    return detail


def returned(tx: Connection, item: Stored, revised: Revised | None, now: datetime) -> Mapping[str, Any]:
    """Note the event: how long the article was away, and what is another now; which is answered."""
    away: timedelta | None = now - item.withdrawn_at if item.withdrawn_at else None
    detail = {
        "since": iso(item.withdrawn_at),
        "seconds": int(away.total_seconds()) if away is not None else None,
        "differs": revised is not None,
        "summary": revised.summary if revised else "",
        "revision": item.revision + (revised is not None),
    }
    absences.add_event(tx, item.id, AlertKind.RETURNED, detail, at=now)
    log.info("article returned", source=item.source, url=item.url, seconds=detail["seconds"])
    return detail


def _clean(check: Mapping[str, Any]) -> dict[str, Any]:
    """What the site said, as one harmless line."""
    return {key: one_line(value, _SAID) if isinstance(value, str) else value for key, value in check.items()}


def say_again(
    tx: Connection,
    desk: Desk,
    item: Stored,
    found: Mapping[str, Evaluation],
    kind: AlertKind,
    *,
    lines: Sequence[str],
    now: datetime,
) -> None:
    """An alert about the revision that we hold, to the watches that it meets. lines: of its evidence."""
    hits = {name: evaluation.hits for name, evaluation in found.items()}
    article = shown(item.id, held(item), url=item.url, source=item.source, region=item.region, revision=item.revision)
    announce(tx, desk, kind, article, hits, occasion=f"{kind} {now.isoformat()}", now=now, lines=lines)
