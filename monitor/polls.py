"""What a poll asks of the corpus and leaves in it: what is due, what is unknown, how it went."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from crawler.records import (
    Capture,
    Checkpoint,
    CrawlPolicy,
    Entry,
    PollJob,
    PollResult,
    PollStatus,
    Recheck,
    Source,
    Visit,
)
from monitor.alerts.compose import operator_alert
from monitor.corpus import Connection, Corpus, pending, sources, storing
from monitor.corpus.outbox import enqueue
from monitor.desk import Desk
from monitor.health import after_poll, worth_telling
from monitor.model import Health, SourceState
from monitor.pacing import interval, next_poll, pace
from monitor.storable import clean
from monitor.urls import canonical_url

_CARRIED = "body:"
#: What one poll fetches at most beside what its listing shows; the rest is due at the next tick.
MOST_PENDING = 50
MOST_RECHECKS = 20
#: A claimed poll that never ended (the process died) is due again after this time or its interval, if that is shorter.
LEASE = timedelta(minutes=5)


def register_sources(tx: Connection, configured: Sequence[Source], *, now: datetime) -> None:
    """Make the corpus know the sources of the configuration, new ones due at once."""
    sources.register(tx, configured, now)


def due_jobs(
    connection: Connection, configured: Sequence[Source], *, now: datetime, limit: int, policy: CrawlPolicy
) -> list[PollJob]:
    """At most `limit` polls that are due among these sources: listings first, then visits that only re-check.

    Nothing is claimed by it; see `claim`.
    """
    by_slug = {source.slug: source for source in configured if source.disabled is None}
    if not by_slug or limit <= 0:
        return []
    listings = sources.due(connection, by_slug, now)
    entries = pending.due(connection, by_slug, now, MOST_PENDING)
    rechecks = _rechecks(connection, by_slug, now)
    others = [slug for slug in {**entries, **rechecks} if slug not in set(listings)]
    chosen = [*listings, *others][:limit]
    states = {slug: sources.state(connection, slug) for slug in chosen}
    return [
        _job(
            by_slug[slug],
            states[slug],
            listing=slug in set(listings),
            entries=entries.get(slug, ()),
            rechecks=rechecks.get(slug, ()),
        )
        for slug in chosen
    ]


def job_now(connection: Connection, source: Source, *, now: datetime) -> PollJob:
    """A poll of the source whatever the schedule says, with the re-checks that are due."""
    only = [source.slug]
    return _job(
        source,
        sources.state(connection, source.slug),
        listing=True,
        entries=pending.due(connection, only, now, MOST_PENDING).get(source.slug, ()),
        rechecks=_rechecks(connection, only, now).get(source.slug, ()),
    )


def claim(tx: Connection, job: PollJob, *, now: datetime, policy: CrawlPolicy) -> None:
    """Nobody else is handed this work for a while; a crash only delays it."""
    until = now + min(interval(job.source, policy=policy, now=now), LEASE)
    if job.listing:
        sources.postpone(tx, job.source.slug, until)
    pending.postpone(tx, [canonical_url(entry.url) for entry in job.pending], until)
    storing.postpone(tx, [recheck.url for recheck in job.rechecks], until)


def note_entries(corpus: Corpus, source: Source, entries: Sequence[Entry], *, now: datetime) -> tuple[Entry, ...]:
    """The entries that the corpus does not hold, noted as pending from now on; in their order, each once.

    An item that its feed carries whole is among them, too, where it says something else than it did. The first listing
    of a source that shows anything is its baseline.
    """
    listed = {canonical_url(entry.url): _storable(entry) for entry in reversed(entries)}
    listed = dict(reversed(listed.items()))
    if not listed:
        return ()
    with corpus.read() as connection:  # most polls show nothing new, and need no writer
        if not _unknown(connection, listed) and not any(entry.body for entry in listed.values()):
            return ()
    with corpus.begin() as tx:
        first = sources.ensure(tx, source, now) is None
        fresh = _unknown(tx, listed)
        pending.note(tx, source.slug, {url: listed[url] for url in fresh}, baseline=first, now=now)
        if first:
            # Here and not at the end of the poll, which may never come, or come with a failure: what a later listing
            # shows beside these is news.
            sources.end_baseline(tx, source.slug, now)
        tags = {url: _tag(entry.body) for url, entry in listed.items() if entry.body is not None}
        altered = storing.other_tags(tx, tags, _CARRIED) if tags else set()
    return tuple(entry for url, entry in listed.items() if url in fresh or url in altered)


def carried(visit: Visit) -> str | None:
    """Stands for the text of an item that its feed carries whole, where a page would have its ETag; None for a page."""
    body = visit.entry.body if visit.entry else None
    if body is None or not isinstance(visit.answer, Capture) or visit.answer.body != body.encode("utf-8", "replace"):
        return None
    return _tag(body)


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
        after = after_poll(before, result, usual=sources.usual(tx, job.source.slug), now=now)
        if after.state is Health.OK and not after.failures:
            after = replace(after, why=_what_is_late(tx, job.source.slug))
        if result.listing:
            after = replace(after, pace=pace(job.source, before, result, policy=policy, now=now))
            due = next_poll(job.source, after, result, policy=policy, jitter=_jitter(job.source.slug, now), now=now)
            after = replace(after, next_poll_at=due)
            if after.baseline_at is None and result.status in (PollStatus.OK, PollStatus.UNCHANGED):
                after = replace(after, baseline_at=now)
        if worth_telling(before, after):
            alert = operator_alert(
                job.source.slug,
                job.source.name,
                after.state,
                after.why,
                at=now,
                occasion=(after.since or now).isoformat(),
            )
            enqueue(tx, alert, desk.operator, now)
        if result.checkpoint is not None:
            kept = result.checkpoint
            after = replace(after, etag=kept.etag, last_modified=kept.last_modified, body_hash=kept.body_hash)
        sources.save(tx, after)


def _what_is_late(tx: Connection, slug: str) -> str:
    """Nothing is wrong with the source as a whole, and yet a person who looks wants to know of these."""
    late = pending.late(tx, slug)
    if late is None:
        return ""
    entries = "1 entry gives" if late.count == 1 else f"{late.count} entries give"
    return f"{slug}: {entries} no article so far; the newest: {late.url}: {late.error}"


def _job(
    source: Source,
    state: SourceState | None,
    *,
    listing: bool,
    entries: tuple[Entry, ...],
    rechecks: tuple[Recheck, ...],
) -> PollJob:
    known = state or SourceState(slug=source.slug)
    checkpoint = Checkpoint(
        etag=known.etag, last_modified=known.last_modified, body_hash=known.body_hash, listed=known.listed
    )
    return PollJob(
        source=source,
        checkpoint=checkpoint,
        listing=listing,
        first=known.baseline_at is None,
        pending=entries,
        rechecks=rechecks,
    )


def _rechecks(connection: Connection, slugs: Iterable[str], now: datetime) -> dict[str, tuple[Recheck, ...]]:
    found: dict[str, tuple[Recheck, ...]] = {}
    for row in storing.due(connection, frozenset(slugs), now, MOST_RECHECKS):
        recheck = Recheck(url=row.url, etag=row.etag, last_modified=row.last_modified)
        found[row.source] = (*found.get(row.source, ()), recheck)
    return found


def _unknown(connection: Connection, urls: Iterable[str]) -> set[str]:
    asked = set(urls)
    return asked - storing.known_urls(connection, asked) - pending.known(connection, asked)


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
