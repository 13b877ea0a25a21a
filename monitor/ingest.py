"""Takes what a visit found into the corpus: one article with everything that it causes, in one transaction."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

import structlog

from crawler.records import Capture, Draft, Outcome, Source, Visit
from monitor.addresses import OldAddress
from monitor.corpus import Corpus, CorpusError
from monitor.desk import Desk
from monitor.polls import (
    claim,
    due_jobs,
    finish_poll,
    job_now,
    known_entries,
    note_entries,
    register_sources,
    spread_overdue,
)
from monitor.taking import Taking

__all__ = [
    "Desk",
    "Document",
    "Imported",
    "claim",
    "due_jobs",
    "finish_poll",
    "import_drafts",
    "ingest",
    "job_now",
    "known_entries",
    "note_entries",
    "register_sources",
    "spread_overdue",
]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One item that somebody hands in: what extraction made of it, and its bytes.

    url, fetched_at: the address that once answered with them, and when, where that is known (an archive's record). A
    capture without `final_url` is one that nobody answered with: its own words say what its address is. withdrawn: the
    corpus that it comes from knew that the site had taken it down.
    """

    source: Source
    draft: Draft
    body: bytes
    content_type: str | None = None
    url: str = ""
    fetched_at: datetime | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of one document; `why` where it failed."""

    outcome: Outcome
    id: int | None = None
    why: str | None = None


def ingest(
    corpus: Corpus,
    visit: Visit,
    *,
    desk: Desk,
    now: datetime,
    alerting: bool = True,
    imported: bool = False,
    before: Draft | None = None,
    asked: OldAddress = OldAddress.ALIVE,
) -> Outcome:
    """Judge one visit and store everything that it causes, alerts included, or nothing at all.

    alerting: False stores new articles as baseline. imported, before: see judge. asked: what the address has said at
    which we hold what may be the same article; where it is NOT_ASKED and only that can tell, AskOldAddress is raised.
    Raises CorpusError, and whatever a mistake in the code raises: the caller's boundary hands such a visit in again as
    a failed one.
    """
    with corpus.begin() as tx:
        take = Taking(tx, desk, now, alerting=alerting, imported=imported, asked=asked)
        return take.visit(visit, before)


def import_drafts(
    corpus: Corpus, documents: Sequence[Document], *, desk: Desk, now: datetime, alerting: bool = False
) -> list[Imported]:
    """Take a group of documents in one transaction; where one fails, each in one of its own. In the same order.

    A savepoint for each would make SQLite write out its part of the search index for each: a tenth of an import's time.
    """
    try:
        with corpus.begin() as tx:
            take = Taking(tx, desk, now, alerting=alerting, imported=True)
            return [_import(take, document, now) for document in documents]
    except CorpusError:
        raise
    except Exception as error:  # boundary: one draft's ingest
        if len(documents) > 1:
            alone = (import_drafts(corpus, [each], desk=desk, now=now, alerting=alerting) for each in documents)
            return list(chain.from_iterable(alone))
        log.exception("document not stored", url=documents[0].draft.url)
        return [Imported(outcome=Outcome.FAILED, why=f"{type(error).__name__}: {error}")]


def _import(take: Taking, document: Document, now: datetime) -> Imported:
    url = document.draft.url or document.url or f"urn:sha256:{hashlib.sha256(document.body).hexdigest()[:32]}"
    page = Capture(
        url=url,
        final_url=document.url,
        status=200,
        body=document.body,
        content_type=document.content_type,
        fetched_at=document.fetched_at or now,
    )
    visit = Visit(source=document.source, url=url, entry=None, answer=page, draft=document.draft)
    outcome = take.visit(visit, None)
    if document.withdrawn and outcome is Outcome.NEW:
        take.withdraw_quietly()
    return Imported(outcome=Outcome.FAILED if take.why else outcome, id=take.article_id, why=take.why)
