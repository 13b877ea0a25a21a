"""What an outage of a host is for the sources on it: told once for all of them, and over for all of them at once."""

from dataclasses import replace
from datetime import datetime

from crawler.records import PollResult, PollStatus, Source
from monitor.alerts.compose import operator_alert, outage_alert
from monitor.corpus import Connection, pending, sources
from monitor.corpus.outbox import enqueue
from monitor.desk import Desk
from monitor.health import worth_telling
from monitor.model import Health, SourceState

_TROUBLES = {Health.BROKEN, Health.BLOCKED, Health.GARBLED}


def after_visit(before: SourceState, after: SourceState, result: PollResult) -> SourceState:
    """`after` with the outage that it is part of. Pure.

    A source remembers the outage that broke it until it is well, so that its recovery is told as that of the host; any
    other trouble is its own.
    """
    if not result.listing:
        return after
    if result.outage:
        # A restart forgets when an outage began, and it is still the same one.
        same = before.outage.partition(" ")[0] == result.outage.partition(" ")[0]
        return replace(after, outage=before.outage if same else result.outage)
    read = result.status in (PollStatus.OK, PollStatus.UNCHANGED)
    return replace(after, outage=before.outage if read and after.state is not Health.OK else "")


def settle(
    tx: Connection,
    source: Source,
    before: SourceState,
    after: SourceState,
    result: PollResult,
    *,
    desk: Desk,
    now: datetime,
) -> None:
    """Tell the operator what a poll has changed for a source, or for all of its host; and when a host answers again,
    let its other sources ask it now."""
    if result.listing and before.outage and not result.outage:
        sources.host_is_back(tx, before.outage.partition(" ")[0], now)
    if before.state in _TROUBLES and after.state is Health.OK:
        # Its entries have waited longer with every try that met the trouble, which is over.
        pending.try_now(tx, source.slug, now)
    if not worth_telling(before, after):
        return
    occasion = (after.since or now).isoformat()
    alert = operator_alert(source.slug, source.name, after.state, after.why, at=now, occasion=occasion)
    over = after.state is Health.OK
    outage = before.outage if over else after.outage
    if outage:
        host = outage.partition(" ")[0]
        others = sources.kept_by(tx, host) if over else sources.on_host(tx, host)
        concerned = {source.slug: source.name, **others}
        alert = outage_alert(outage, concerned, after.state, after.why, at=now)
    enqueue(tx, alert, desk.operator, now)
