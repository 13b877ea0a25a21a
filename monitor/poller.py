"""Runs polls against the corpus: hub, workers and ledger wired together, for the daemon and `chaoxun crawl`."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import datetime

import structlog

from crawler.article import request_of
from crawler.hub import Hub
from crawler.madeup import MadeUpPages
from crawler.poll import poll
from crawler.records import (
    Capture,
    CrawlPolicy,
    Draft,
    Entry,
    Hints,
    Outcome,
    PollJob,
    PollResult,
    PollStatus,
    Recheck,
    Source,
    Trouble,
    Unreachable,
    Visit,
)
from crawler.workers import Pool
from monitor.addresses import OldAddress, said
from monitor.corpus import Corpus, CorpusError
from monitor.corpus.articles import outdated
from monitor.corpus.writer import Writer
from monitor.ingest import Desk, finish_poll, ingest, known_entries, note_entries
from monitor.moving import AskOldAddress
from monitor.prompting import prompted
from monitor.urls import canonical_url

log = structlog.get_logger()

#: Outcomes that may have put something into the outbox.
_SPEAKING = {Outcome.NEW, Outcome.CHANGED, Outcome.WITHDRAWN, Outcome.RETURNED}


class Poller:
    """Does one poll after another, many at a time; remembers nothing between them that the corpus does not hold.

    To a poll it is the ledger: the corpus, every call one transaction on the writer thread.
    """

    def __init__(
        self,
        *,
        corpus: Corpus,
        writer: Writer,
        hub: Hub,
        pool: Pool,
        desk: Desk,
        policy: CrawlPolicy,
        now: Callable[[], datetime],
        alerting: bool = True,
        spoke: Callable[[], None] = lambda: None,
        madeup: MadeUpPages | None = None,
    ) -> None:
        """spoke: called after a transaction that may have put a delivery into the outbox.

        madeup: what is kept from poll to poll of what hosts answer to addresses that cannot exist.
        """
        self.hub = hub
        self.desk = desk
        self.policy = policy
        self._corpus = corpus
        self._writer = writer
        self._pool = pool
        self._now = now
        self._alerting = alerting
        self._spoke = spoke
        self._madeup = madeup or MadeUpPages()

    async def run(self, job: PollJob) -> PollResult:
        """Poll, and store how it went: the source's state and health, its checkpoint last of all."""
        # A reload changes desk and policy; a poll under way ends with those it began with.
        ledger = copy(self)
        result = await poll(
            job, fetch=self.hub.fetch, parser=self._pool, ledger=ledger, now=self._now, madeup=self._madeup
        )
        await self._writer.run(
            finish_poll, self._corpus, result, job, desk=ledger.desk, policy=ledger.policy, now=self._now()
        )
        self._spoke()
        return result

    # -- the ledger

    async def known(self, source: Source, entries: Sequence[Entry]) -> frozenset[str]:
        return await self._writer.run(known_entries, self._corpus, entries)

    async def unknown(
        self, source: Source, entries: Sequence[Entry], *, further_back: bool = False
    ) -> tuple[Entry, ...]:
        return await self._writer.run(
            note_entries, self._corpus, source, entries, now=self._now(), further_back=further_back
        )

    async def listed(self, source: Source, entries: Sequence[Entry]) -> tuple[Recheck, ...]:
        return await self._writer.run(prompted, self._corpus, source, entries, policy=self.policy, now=self._now())

    async def take(self, visit: Visit) -> Outcome:
        try:
            outcome = await self._store(visit)
        except CorpusError:
            raise  # the database itself: no other article would fare better, so the poll ends and says so
        except Exception as error:  # boundary: one draft's ingest
            log.exception("article not stored", source=visit.source.slug, url=visit.url)
            why = f"not stored: {type(error).__name__}: {error}"
            trouble = Unreachable(url=visit.url, trouble=Trouble.OTHER, detail=why, fetched_at=self._now())
            outcome = await self._store(replace(visit, answer=trouble, draft=None))
        if outcome in _SPEAKING:
            self._spoke()
        return outcome

    async def _store(self, visit: Visit) -> Outcome:
        before = await self._before(visit)
        try:
            return await self._ingest(visit, before, OldAddress.NOT_ASKED)
        except AskOldAddress as ask:
            answer = await self.hub.fetch(request_of(visit.source, ask.url), visit.source)
        return await self._ingest(visit, before, said(answer, canonical_url(visit.url)))

    async def _ingest(self, visit: Visit, before: Draft | None, asked: OldAddress) -> Outcome:
        return await self._writer.run(
            ingest,
            self._corpus,
            visit,
            desk=self.desk,
            now=self._now(),
            alerting=self._alerting,
            before=before,
            asked=asked,
        )

    async def _before(self, visit: Visit) -> Draft | None:
        """The stored page as today's extractor reads it, where an older one read it: an upgrade is no news."""
        listed = visit.entry is not None and visit.entry.body is None  # by a listing, so the corpus does not hold it
        if visit.draft is None or listed:
            return None
        old = await self._writer.run(self._outdated, visit.url, visit.draft.extractor)
        if old is None:
            return None
        return await self._pool.extract(old, Hints.of(visit.source, visit.entry))

    def _outdated(self, url: str, extractor: str) -> Capture | None:
        with self._corpus.read() as connection:
            return outdated(connection, canonical_url(url), extractor)


def log_poll(result: PollResult) -> None:
    """One line for the journal; what went wrong is a warning."""
    counts: Mapping[str, int] = {outcome.value: n for outcome, n in result.outcomes.items() if n}
    event = {"source": result.source, "listed": result.listed, **counts, "seconds": round(result.seconds, 2)}
    if result.status in (PollStatus.FAILED, PollStatus.BLOCKED):
        log.warning("poll failed", status=result.status.value, why=result.error, **event)
    elif not counts:
        log.debug("poll finished", status=result.status.value, **event)
    else:
        log.info("poll finished", status=result.status.value, **event)
