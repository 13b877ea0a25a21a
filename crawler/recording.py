"""Recordings: one visit to a source kept as files, and replayed without a network: is it still read the same?

A recording is a folder: `source.yaml` (the entry), `exchanges.json` (what was asked, how it was answered), a file for
each body, and `expected.json` (the entries, and the article, that were made of them).
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.article import look
from crawler.means import Fetcher, Means
from crawler.poll import poll
from crawler.probing.entryfile import entries_yaml, entry_of
from crawler.records import (
    Answer,
    Capture,
    ChaoxunError,
    Draft,
    Entry,
    Fetch,
    Outcome,
    Parser,
    PollJob,
    PollResult,
    PollStatus,
    Recheck,
    Source,
    Trouble,
    Unreachable,
    Verdict,
    Visit,
    iso,
)
from crawler.sources import load_source_file
from crawler.yamlfile import ConfigError

SOURCE, EXCHANGES, EXPECTED = "source.yaml", "exchanges.json", "expected.json"
#: So many entries are opened until one of them is an article: a list may begin with files and links elsewhere.
_OPENED = 5
_SUFFIXES = {"html": ".html", "json": ".json", "xml": ".xml", "javascript": ".js", "plain": ".txt"}


class RecordingError(ChaoxunError):
    """A recording that cannot be made, or read; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and the page that answered it."""

    request: Fetch
    page: Capture


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One visit: the source as it was configured, every exchange in order, and the article that was opened."""

    source: Source
    exchanges: tuple[Exchange, ...]
    article: str | None
    recorded_at: datetime


# --- making one ---


async def record(source: Source, *, fetch: Fetcher, parser: Parser, now: Callable[[], datetime]) -> Recording:
    """Visit a source once, its first page and one article. Raises RecordingError where there is no list to record."""
    tape = _Tape(fetch)
    ledger = _Ledger(opened=frozenset())
    result = await poll(_job(source), fetch=tape.fetch, parser=parser, ledger=ledger, now=now)
    if result.status is not PollStatus.OK or not ledger.entries:
        raise RecordingError(result.error or f"{source.slug}: the listing has no entries; there is nothing to record")
    article = await _one_article(source, ledger.entries, tape, Means(tape.fetch, parser, ledger, now))
    return Recording(source=source, exchanges=tuple(tape.exchanges), article=article, recorded_at=now())


async def _one_article(source: Source, entries: Sequence[Entry], tape: "_Tape", means: Means) -> str | None:
    """The first entry that is an article; the exchanges of those before it are dropped again."""
    for entry in entries[:_OPENED]:
        before = len(tape.exchanges)
        visit = await look(source, entry, means)
        if visit.draft is not None and visit.draft.quality.verdict is Verdict.ARTICLE:
            return entry.url
        del tape.exchanges[before:]
    return None


@dataclass(slots=True)
class _Tape:
    """Passes requests on and keeps what came back."""

    through: Fetcher
    exchanges: list[Exchange] = field(default_factory=list)

    async def fetch(self, fetch: Fetch, source: Source) -> Answer:
        answer = await self.through(fetch, source)
        if isinstance(answer, Capture):
            self.exchanges.append(Exchange(request=fetch, page=answer))
        return answer


class _Ledger:
    """Knows nothing, keeps the entries and the visits, and has only some articles opened."""

    def __init__(self, *, opened: frozenset[str]) -> None:
        self.entries: list[Entry] = []
        self.visits: list[Visit] = []
        self._opened = opened

    async def known(self, source: Source, entries: Sequence[Entry]) -> frozenset[str]:
        return frozenset()

    async def unknown(
        self, source: Source, entries: Sequence[Entry], *, further_back: bool = False
    ) -> tuple[Entry, ...]:
        self.entries += entries
        return tuple(entry for entry in entries if entry.url in self._opened)

    async def listed(self, source: Source, entries: Sequence[Entry]) -> tuple[Recheck, ...]:
        return ()

    async def take(self, visit: Visit) -> Outcome:
        self.visits.append(visit)
        return Outcome.NEW


def _job(source: Source) -> PollJob:
    return PollJob(source=replace(source, max_pages=1), first=True)


# --- replaying one ---


async def replay(recording: Recording, parser: Parser) -> dict[str, Any]:
    """What today's code makes of the recorded answers, as `expected.json` holds it: `entries`, `article`.

    Asks no site. `unanswered` names requests that the recording has no answer for, and `error` what the poll said;
    neither is there when all is well.
    """
    answers = {_key(exchange.request): exchange.page for exchange in recording.exchanges}
    unanswered: list[str] = []

    async def fetch(fetch: Fetch, source: Source) -> Answer:
        page = answers.get(_key(fetch))
        if page is not None:
            return replace(page, asked=fetch)
        unanswered.append(f"{fetch.method} {fetch.url}")
        detail = f"{fetch.url} is not in the recording"
        return Unreachable(url=fetch.url, trouble=Trouble.OTHER, detail=detail, fetched_at=recording.recorded_at)

    ledger = _Ledger(opened=frozenset({recording.article} if recording.article else ()))
    job = _job(recording.source)
    result = await poll(job, fetch=fetch, parser=parser, ledger=ledger, now=lambda: recording.recorded_at)
    return {**_outcome(result, ledger), **({"unanswered": unanswered} if unanswered else {})}


def _key(fetch: Fetch) -> tuple[str, str, bytes | None]:
    return fetch.method, fetch.url, fetch.body


def _outcome(result: PollResult, ledger: _Ledger) -> dict[str, Any]:
    drafts = [visit.draft for visit in ledger.visits if visit.draft is not None]
    return {
        "entries": [_entry_json(entry) for entry in ledger.entries],
        "article": _draft_json(drafts[0]) if drafts else None,
        **({"error": result.error} if result.error else {}),
    }


def _entry_json(entry: Entry) -> dict[str, Any]:
    shown = {
        "url": entry.url,
        "title": entry.title,
        "published": iso(entry.published_at),
        "precision": entry.published_precision,
        "origin": entry.origin,
        "author": entry.author,
        "keywords": list(entry.keywords),
    }
    return {key: value for key, value in shown.items() if value not in (None, [])}


def _draft_json(draft: Draft) -> dict[str, Any]:
    """The article without what nobody has written: an extractor that finds one key more changes one line."""
    return {key: value for key, value in draft.as_json().items() if value not in (None, [], {}, "")}


def differences(expected: Any, found: Any, where: str = "") -> Iterator[str]:
    """Where two values of `expected.json` part, one line each: `entries[3].title: 'a' is now 'b'`. Pure."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for key in dict.fromkeys((*expected, *found)):
            yield from differences(expected.get(key), found.get(key), f"{where}.{key}" if where else str(key))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for place, (before, after) in enumerate(zip(expected, found, strict=True)):
            yield from differences(before, after, f"{where}[{place}]")
    elif isinstance(expected, list) and isinstance(found, list):
        yield f"{where}: {len(expected)} are now {len(found)}"
    elif expected != found:
        yield f"{where}: {expected!r:.200} is now {found!r:.200}"


# --- files ---


def write(recording: Recording, expected: Mapping[str, Any], folder: Path) -> None:
    """The recording as files, in the place of an earlier one. Raises RecordingError where something else is there."""
    if folder.exists() and any(folder.iterdir()) and not (folder / EXCHANGES).is_file():
        raise RecordingError(f"{folder} is no recording and is not empty; name another folder with --into")
    folder.mkdir(parents=True, exist_ok=True)
    for old in _bodies(folder):
        old.unlink(missing_ok=True)
    # Headers of the source may hold a password, and are not what a recording is asked by.
    entry = {key: value for key, value in entry_of(recording.source).items() if key != "headers"}
    (folder / SOURCE).write_text(entries_yaml([entry]), encoding="utf-8")
    shown = []
    for number, exchange in enumerate(recording.exchanges, start=1):
        name = f"{number}{_suffix(exchange.page.content_type)}"
        (folder / name).write_bytes(exchange.page.body)
        shown.append(_exchange_json(exchange, name))
    head = {"recorded_at": recording.recorded_at.isoformat(), "article": recording.article, "exchanges": shown}
    (folder / EXCHANGES).write_text(_pretty(head), encoding="utf-8")
    write_expected(expected, folder)


def write_expected(expected: Mapping[str, Any], folder: Path) -> None:
    """What the recording is read as from now on."""
    (folder / EXPECTED).write_text(_pretty(expected), encoding="utf-8")


def read(folder: Path) -> tuple[Recording, dict[str, Any]]:
    """A recording and what is expected of it. Raises RecordingError for one that is not whole."""
    try:
        (source,) = load_source_file(folder / SOURCE, environ=None)
        head = json.loads((folder / EXCHANGES).read_text(encoding="utf-8"))
        expected = json.loads((folder / EXPECTED).read_text(encoding="utf-8"))
        recording = Recording(
            source=source,
            exchanges=tuple(_exchange(each, folder) for each in head["exchanges"]),
            article=head["article"],
            recorded_at=datetime.fromisoformat(head["recorded_at"]),
        )
    except (ConfigError, OSError, ValueError, KeyError, TypeError) as error:
        raise RecordingError(f"{folder} is not a whole recording ({error}); record it again, or delete it") from error
    return recording, expected


def _bodies(folder: Path) -> list[Path]:
    """The body files of the recording that stands in a folder now."""
    try:
        exchanges = json.loads((folder / EXCHANGES).read_text(encoding="utf-8"))["exchanges"]
        return [folder / Path(each["answer"]["file"]).name for each in exchanges]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _suffix(content_type: str | None) -> str:
    kind = (content_type or "").lower()
    return next((suffix for name, suffix in _SUFFIXES.items() if name in kind), ".bin")


def _exchange_json(exchange: Exchange, name: str) -> dict[str, Any]:
    request, page = exchange.request, exchange.page
    return {
        "request": {
            "method": request.method,
            "url": request.url,
            "headers": dict(request.headers),
            "body": None if request.body is None else request.body.decode("utf-8"),
        },
        "answer": {
            "status": page.status,
            "final_url": page.final_url,
            "content_type": page.content_type,
            "fetched_at": page.fetched_at.isoformat(),
            "file": name,
        },
    }


def _exchange(shown: Mapping[str, Any], folder: Path) -> Exchange:
    asked, answer = shown["request"], shown["answer"]
    request = Fetch(
        url=asked["url"],
        method=asked["method"],
        headers=asked["headers"],
        body=None if asked["body"] is None else asked["body"].encode("utf-8"),
    )
    page = Capture(
        url=request.url,
        final_url=answer["final_url"],
        status=answer["status"],
        body=(folder / Path(answer["file"]).name).read_bytes(),
        content_type=answer["content_type"],
        fetched_at=datetime.fromisoformat(answer["fetched_at"]),
        asked=request,
    )
    return Exchange(request=request, page=page)


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
