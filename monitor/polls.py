"""What a poll asks of the corpus and leaves in it: what is due, what is unknown, how it went."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from crawler.records import (
    Capture,
    Checkpoint,
    CrawlPolicy,
    Entry,
    Outcome,
    PollJob,
    PollResult,
    PollStatus,
    Recheck,
    Source,
    Visit,
    iso,
)
from crawler.text.hosts import group_of
from monitor.backlog import is_walk_due, news
from monitor.corpus import Connection, Corpus, aliases, pending, rechecks, sources, storing
from monitor.desk import Desk
from monitor.health import after_poll
from monitor.model import Health, SourceState
from monitor.outages import after_visit, settle
from monitor.pacing import after_restart, interval, next_poll, pace
from monitor.recheck import Due, chosen, has_room, spending, urgency
from monitor.rhythm import Rhythm, is_outdated, learn
from monitor.storable import clean
from monitor.urls import canonical_url

_CARRIED = "body:"
#: What one poll fetches at most beside what its listing shows; the rest is due at the next tick.
MOST_PENDING = 50
MOST_RECHECKS = 20
#: A claimed poll that never ended (the process died) is due again after this time or its interval, if that is shorter.
LEASE = timedelta(minutes=5)
#: For so long `health` tells of a gap in a source that is well.
GAP_TOLD = timedelta(days=3)


def register_sources(tx: Connection, configured: Sequence[Source], *, now: datetime) -> None:
    """Make the corpus know the sources of the configuration, new ones due at once."""
    sources.register(tx, configured, now)


def spread_overdue(tx: Connection, configured: Sequence[Source], *, policy: CrawlPolicy, now: datetime) -> None:
    """For a start: what fell due while nothing ran is not polled all in the same second. New ones are."""
    by_slug = {source.slug: source for source in configured if source.disabled is None}
    for slug in sources.overdue(tx, by_slug, now):
        sources.postpone(tx, slug, after_restart(by_slug[slug], policy=policy, now=now))


def due_jobs(
    connection: Connection, configured: Sequence[Source], *, now: datetime, limit: int, policy: CrawlPolicy
) -> list[PollJob]:
    """At most `limit` polls that are due among these sources: listings first, then visits that only re-check.

    Re-checks keep within each host's budget (monitor.recheck), and where the listing of a source is due, those of other
    sources on its host wait for the next tick. Nothing is claimed by it; see `claim`.
    """
    by_slug = {source.slug: source for source in configured if source.disabled is None}
    if not by_slug or limit <= 0:
        return []
    listings = sources.due(connection, by_slug, now)
    entries = pending.due(connection, by_slug, now, MOST_PENDING)
    again = _due_rechecks(connection, by_slug, frozenset(listings), now=now, policy=policy)
    others = [slug for slug in {**entries, **again} if slug not in set(listings)]
    picked = [*listings, *others][:limit]
    states = {slug: sources.state(connection, slug) for slug in picked}
    return [
        _job(
            by_slug[slug],
            states[slug],
            listing=slug in set(listings),
            entries=entries.get(slug, ()),
            again=again.get(slug, ()),
            now=now,
        )
        for slug in picked
    ]


def job_now(connection: Connection, source: Source, *, now: datetime) -> PollJob:
    """A poll of the source whatever the schedule says, with the re-checks that are due, whatever the budget says."""
    only = [source.slug]
    found = _candidates(connection, source, now=now, gap=timedelta(0), groups={})
    found.sort(key=lambda due: -urgency(due, now))
    return _job(
        source,
        sources.state(connection, source.slug),
        listing=True,
        entries=pending.due(connection, only, now, MOST_PENDING).get(source.slug, ()),
        again=tuple(_recheck(due) for due in found[:MOST_RECHECKS]),
        now=now,
    )


def claim(tx: Connection, job: PollJob, *, now: datetime, policy: CrawlPolicy) -> None:
    """Nobody else is handed this work for a while; a crash only delays it."""
    until = lease_end(job.source, policy=policy, now=now)
    if job.listing:
        sources.postpone(tx, job.source.slug, until)
    pending.postpone(tx, [canonical_url(entry.url) for entry in job.pending], until)
    again = [recheck.url for recheck in job.rechecks]
    rechecks.postpone(tx, again, until)
    spend(tx, job.source, again, policy=policy, now=now)


def spend(tx: Connection, source: Source, urls: Iterable[str], *, policy: CrawlPolicy, now: datetime) -> None:
    """Count a look at each of the source's articles against the re-checks of its host."""
    gap = policy.gap if source.gap is None else source.gap
    taken = [(group_of(url, policy.host_groups), gap) for url in urls]
    rechecks.spend(tx, spending(taken, rechecks.spent(tx, now), now=now))


def lease_end(source: Source, *, policy: CrawlPolicy, now: datetime) -> datetime:
    """When work that is handed out now is due again, should nobody come back from it."""
    return now + min(interval(source, policy=policy, now=now), LEASE)


def known_entries(corpus: Corpus, entries: Sequence[Entry]) -> frozenset[str]:
    """The URLs, as they are listed, of those entries that the corpus holds or has noted, of whichever source."""
    listed = {entry.url: canonical_url(clean(entry.url)) for entry in entries}
    with corpus.read() as connection:
        held = _holders(connection, listed.values()).keys()
    return frozenset(url for url, canonical in listed.items() if canonical in held)


def note_entries(
    corpus: Corpus, source: Source, entries: Sequence[Entry], *, now: datetime, further_back: bool = False
) -> tuple[Entry, ...]:
    """The entries that the corpus does not hold, noted as pending from now on; in their order, each once.

    The first listing of a source that shows anything is its baseline, and so is what later ones show of the archive
    below it. An item that its feed carries whole is among them, too, where it says something else than it did.
    further_back: only what polls should have seen is noted; the rest of the archive stays unknown, to be looked at and
    left again by the next daily walk.
    """
    listed = {canonical_url(entry.url): _storable(entry) for entry in reversed(entries)}
    listed = dict(reversed(listed.items()))
    if not listed:
        return ()
    with corpus.read() as connection:  # most polls show nothing new, and need no writer
        unknown = listed.keys() - _holders(connection, listed).keys()
        if not unknown and not any(entry.body for entry in listed.values()):
            return ()
    with corpus.begin() as tx:
        since, held = sources.ensure(tx, source, now), _holders(tx, listed)
        own = {url for url, slug in held.items() if slug == source.slug}
        recent = frozenset() if since is None else news(listed, own, since=since, further_back=further_back)
        fresh = {url: entry for url, entry in listed.items() if url not in held and (url in recent or not further_back)}
        for baseline in (False, True):
            noted = {url: entry for url, entry in fresh.items() if (url not in recent) is baseline}
            pending.note(tx, source.slug, noted, baseline=baseline, now=now)
        if since is None:
            # Here and not at the end of the poll, which may never come, or come with a failure: what a later listing
            # shows beside these is news.
            sources.end_baseline(tx, source.slug, now)
        altered = set() if further_back else _altered(tx, listed)
    return tuple(entry for url, entry in listed.items() if url in fresh or url in altered)


def _altered(connection: Connection, listed: Mapping[str, Entry]) -> set[str]:
    tags = {url: _tag(entry.body) for url, entry in listed.items() if entry.body is not None}
    return storing.other_tags(connection, tags, _CARRIED) if tags else set()


def carried(visit: Visit) -> str | None:
    """Stands for the text of an item that its feed carries whole, where a page would have its ETag; None for a page."""
    body = visit.entry.body if visit.entry else None
    if body is None or not isinstance(visit.answer, Capture) or visit.answer.body != body.encode("utf-8", "replace"):
        return None
    return _tag(body)


def validators(visit: Visit) -> tuple[str | None, str | None]:
    """What tells at the next visit that nothing has changed: of an item that its feed carries whole its text. Pure."""
    tag = carried(visit)
    if tag is not None:
        return tag, None
    return (visit.answer.etag, visit.answer.last_modified) if isinstance(visit.answer, Capture) else (None, None)


def is_carried(etag: str | None) -> bool:
    """Whether an article's stored ETag says that its feed carries it whole."""
    return (etag or "").startswith(_CARRIED)


def _tag(body: str) -> str:
    return _CARRIED + hashlib.sha256(body.encode("utf-8", "replace")).hexdigest()[:32]


def finish_poll(
    corpus: Corpus, result: PollResult, job: PollJob, *, desk: Desk, policy: CrawlPolicy, now: datetime
) -> None:
    """Store how a poll went: health and its alert, when the source is due again, and last the checkpoint."""
    with corpus.begin() as tx:
        before = sources.state(tx, job.source.slug)
        if before is None:
            return
        after = after_poll(before, result, rhythm=_rhythm(tx, before, result, now), now=now)
        after = _completeness(after, result, now)
        if after.state is Health.OK and not after.bad_polls:
            after = replace(after, why="; ".join(_small_print(tx, after, now)))
        if result.listing:
            after = replace(after, pace=pace(job.source, before, result, policy=policy, now=now))
            due = next_poll(job.source, after, result, policy=policy, jitter=_jitter(job.source.slug, now), now=now)
            after = replace(after, next_poll_at=due)
            if after.baseline_at is None and result.status in (PollStatus.OK, PollStatus.UNCHANGED):
                after = replace(after, baseline_at=now)
        after = after_visit(before, after, result)
        settle(tx, job.source, before, after, result, desk=desk, now=now)
        if result.checkpoint is not None and after.last_ok_at == after.last_poll_at:
            # Not of a listing that has lost its rows or dates: the same bytes next time would say that all is well.
            kept = result.checkpoint
            after = replace(
                after,
                asked=kept.asked,
                etag=kept.etag,
                last_modified=kept.last_modified,
                body_hash=kept.body_hash,
            )
        sources.save(tx, after)


def _completeness(state: SourceState, result: PollResult, now: datetime) -> SourceState:
    """What may have been missed, and what had been."""
    if result.gap:
        state = replace(state, gap_at=now)
    if result.missed is not None:
        state = replace(state, reconciled_at=now, missed=state.missed + result.missed)
    return state


def _rhythm(tx: Connection, before: SourceState, result: PollResult, now: datetime) -> Rhythm | None:
    """The rhythm of the source as it is known, learned anew where its news make that worth the query."""
    known = Rhythm.from_json(before.rhythm) if before.rhythm else None
    if not result.outcomes.get(Outcome.NEW, 0) or not is_outdated(known, now):
        return known
    return learn(sources.arrivals(tx, before.slug), now=now)


def _small_print(tx: Connection, state: SourceState, now: datetime) -> Iterator[str]:
    """Nothing is wrong with the source as a whole, and yet a person who looks wants to know of these."""
    late = pending.late(tx, state.slug)
    if late is not None:
        entries = "1 entry gives" if late.count == 1 else f"{late.count} entries give"
        yield f"{state.slug}: {entries} no article so far; the newest: {late.url}: {late.error}"
    if state.gap_at is not None and now - state.gap_at < GAP_TOLD:
        yield (
            f"{state.slug}: entries may have been missed before {iso(state.gap_at)}: that poll read as far as it may "
            "and met nothing that it knew; a shorter `every` helps"
        )


def _job(
    source: Source,
    state: SourceState | None,
    *,
    listing: bool,
    entries: tuple[Entry, ...],
    again: tuple[Recheck, ...],
    now: datetime,
) -> PollJob:
    known = state or SourceState(slug=source.slug)
    checkpoint = Checkpoint(
        asked=known.asked,
        etag=known.etag,
        last_modified=known.last_modified,
        body_hash=known.body_hash,
        listed=known.listed,
    )
    return PollJob(
        source=source,
        checkpoint=checkpoint,
        listing=listing,
        first=known.baseline_at is None,
        watched_since=known.baseline_at,
        reconcile=listing and is_walk_due(known, now),
        pending=entries,
        rechecks=again,
    )


def _due_rechecks(
    connection: Connection,
    by_slug: Mapping[str, Source],
    listings: Collection[str],
    *,
    now: datetime,
    policy: CrawlPolicy,
) -> dict[str, tuple[Recheck, ...]]:
    """What is due for another look and may be asked for now, by source."""
    waiting = {slug: count for slug, count in rechecks.waiting(connection, now).items() if slug in by_slug}
    if not waiting:
        return {}
    spent, groups = rechecks.spent(connection, now), policy.host_groups
    hosts = {slug: group_of(by_slug[slug].url or "", groups) for slug in {*waiting, *listings}}
    busy = {hosts[slug] for slug in listings if hosts[slug]}
    due_at = Counter[str]()
    for slug, count in waiting.items():
        due_at[hosts[slug]] += count
    candidates: list[Due] = []
    for slug in waiting:
        source, host = by_slug[slug], hosts[slug]
        gap = policy.gap if source.gap is None else source.gap
        if slug not in listings and host in busy:
            continue
        if has_room(spent.get(host), gap=gap, due=due_at[host], now=now):
            candidates += _candidates(connection, source, now=now, gap=gap, groups=groups)
    found: dict[str, tuple[Recheck, ...]] = {}
    for due in chosen(candidates, spent, now=now):
        if len(found.get(due.source, ())) < MOST_RECHECKS:
            found[due.source] = (*found.get(due.source, ()), _recheck(due))
    return found


def _candidates(
    connection: Connection, source: Source, *, now: datetime, gap: timedelta, groups: Mapping[str, Sequence[str]]
) -> list[Due]:
    return [
        Due(
            source=source.slug,
            url=row["url"],
            host=group_of(row["url"], groups),
            due_at=row["next_check_at"],
            checked_at=row["checked_at"],
            closely=row["closely"],
            gap=gap,
            etag=row["etag"],
            last_modified=row["last_modified"],
            title=row["title"],
        )
        for row in rechecks.due(connection, source.slug, now, MOST_RECHECKS)
    ]


def _recheck(due: Due) -> Recheck:
    return Recheck(url=due.url, etag=due.etag, last_modified=due.last_modified, title=due.title)


def _holders(connection: Connection, urls: Iterable[str]) -> dict[str, str]:
    """Those of the canonical URLs that are articles or wait to be, with the source that found them."""
    asked = set(urls)
    noted, held = pending.sources_of(connection, asked), storing.sources_of(connection, asked)
    left = asked - held.keys()
    return {**noted, **held, **(aliases.sources_of(connection, left) if left else {})}


def _storable(entry: Entry) -> Entry:
    return replace(
        entry,
        url=clean(entry.url),
        title=None if entry.title is None else clean(entry.title),
        origin=None if entry.origin is None else clean(entry.origin),
        author=None if entry.author is None else clean(entry.author),
        keywords=tuple(clean(word) for word in entry.keywords),
        site=None if entry.site is None else clean(entry.site),
        body=None if entry.body is None else clean(entry.body),
    )


def _jitter(slug: str, now: datetime) -> float:
    """-1 to 1, as if by chance, so that sources that were due together are not so for ever."""
    digest = hashlib.sha256(f"{slug} {now.isoformat()}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**31 - 1
