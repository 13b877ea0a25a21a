"""`import`: documents from files into the corpus."""

import asyncio
import os
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from rich.progress import Progress

from crawler.documents import HTML, LINES, SAVED, HandedIn, documents
from crawler.records import Draft, Hints, Outcome, Source
from crawler.rereading import reread_many
from crawler.workers import Pool, WorkerError
from crawler.yamlfile import nearest
from monitor.alerts.channels import open_channels
from monitor.alerts.dispatch import Dispatcher
from monitor.cli.exits import FAILED, UsageError
from monitor.cli.output import complain, print_json_line, say, stderr
from monitor.cli.setting import corpus_of, now, settings_of
from monitor.corpus import Corpus
from monitor.corpus.lock import DaemonLock
from monitor.corpus.writer import Writer
from monitor.ingest import Desk, Document, Imported, import_drafts
from monitor.model import ArticleStatus
from monitor.settings import Settings, desk_of

#: What a folder is searched for.
SUFFIXES = (*HTML, *SAVED, ".md", ".markdown", ".txt", ".pdf", *LINES, ".warc", ".warc.gz")
#: Documents that one worker call and one transaction take, and how many bytes of them.
BUNDLE, BUNDLE_BYTES = 40, 4 * 1024 * 1024
#: Two cores: extraction on one and a half, the database on the rest.
WORKERS = 2
#: Where a document is from, if nobody says it.
_SOURCE = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Origin:
    """Which source the documents are from. told: what `--source` says; an export's articles know theirs else."""

    known: dict[str, Source]
    told: Source | None

    @property
    def default(self) -> Source:
        return self.told or self.source(_SOURCE)

    def source(self, slug: str, region: str | None = None) -> Source:
        return self.known.get(slug) or Source(slug=slug, name=slug, engine="import", region=region)

    def of(self, document: HandedIn) -> Source:
        slug = document.about.get("source")
        if self.told is not None or not slug:
            return self.default
        region = document.about.get("region")
        source = self.source(slug, region)
        return replace(source, region=region) if region else source


def import_(context: typer.Context, paths: Sequence[Path], *, source: str | None, alert: bool, json: bool) -> None:
    settings = settings_of(context, secrets=alert)
    files = list(_files(paths))
    origin = _origin(settings, source)
    # Without alerts no channel is spoken to, and the daemon's secrets stay unread.
    channels = open_channels(settings.channels) if alert else {}
    desk = desk_of(settings if alert else replace(settings, operator=()), channels)

    async def main(corpus: Corpus) -> tuple[int, int]:
        writer = Writer(corpus)
        try:
            failed = await _import(files, origin, corpus, writer, desk, alert=alert, json=json)
            if alert and not DaemonLock(corpus).held_elsewhere():
                await Dispatcher(writer, channels, now=now, operator=desk.operator).drain()
        finally:
            await writer.close()
            for channel in channels.values():
                channel.close()
        return failed

    with corpus_of(settings) as corpus:
        failed, count = asyncio.run(main(corpus))
    if failed:
        complain(f"{failed} of {count} {'files' if count == len(files) else 'documents'} failed")
        raise typer.Exit(FAILED)


def _origin(settings: Settings, slug: str | None) -> _Origin:
    known = {configured.slug: configured for configured in settings.sources}
    if slug is not None and slug not in known and slug != _SOURCE:
        complain(f"no source {slug!r} is configured, so no region or column; {nearest(slug, sorted(known), 'sources')}")
    origin = _Origin(known=known, told=None)
    return origin if slug is None else replace(origin, told=origin.source(slug))


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(_within(path))
            if not found:
                raise UsageError(f"{path}: holds no {', '.join(SUFFIXES)} file")
            yield from found
        elif path.is_file():
            yield path
        elif path.exists():
            raise UsageError(f"{path}: is neither a file nor a folder; save what it holds to a file first")
        else:
            raise UsageError(f"{path}: there is no such file or folder")


def _within(folder: Path) -> Iterator[Path]:
    """Its documents, at any depth, and the folders that cannot be read, so that they are said; links are not followed
    to other folders."""
    unread: list[Path] = []
    for name, _, files in os.walk(folder, onerror=lambda error: unread.append(Path(error.filename))):
        paths = (Path(name, file) for file in files if file.lower().endswith(SUFFIXES))
        yield from (path for path in paths if path.is_file())
    yield from unread


async def _import(
    paths: Sequence[Path], origin: _Origin, corpus: Corpus, writer: Writer, desk: Desk, *, alert: bool, json: bool
) -> tuple[int, int]:
    """Bundle by bundle, each in one transaction; one line per document. Answers how many failed, and of how many."""
    failed = count = 0
    sizes = [_size(path) for path in paths]
    few = len(paths) <= BUNDLE and sum(sizes) <= BUNDLE_BYTES
    with Progress(console=stderr, disable=not stderr.is_terminal, transient=True) as progress:
        bar = progress.add_task("importing", total=sum(sizes))
        async with (
            Pool(size=1 if few else WORKERS) as pool,
            aclosing(_read_ahead(pool, _handed_in(paths, origin), Hints.of(origin.default))) as bundles,
        ):
            async for handed, drafts in bundles:
                taken = [_document(each, draft, origin) for each, draft in zip(_readable(handed), drafts, strict=True)]
                stored = await writer.run(import_drafts, corpus, taken, desk=desk, now=now(), alerting=alert)
                failed, count = failed + _report(handed, stored, json=json), count + len(handed)
                at = paths.index(handed[-1].path)
                progress.update(bar, completed=sum(sizes[:at]) + handed[-1].read)
    return failed, count


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _handed_in(paths: Sequence[Path], origin: _Origin) -> Iterator[list[HandedIn]]:
    """All documents of all files, in bundles."""
    bundle: list[HandedIn] = []
    size = 0
    for path in paths:
        for document in documents(path, now=now(), with_json=origin.default.detail is not None):
            if bundle and (len(bundle) == BUNDLE or size + len(document.page.body) > BUNDLE_BYTES):
                yield bundle
                bundle, size = [], 0
            bundle.append(document)
            size += len(document.page.body)
    if bundle:
        yield bundle


async def _read_ahead(
    pool: Pool, bundles: Iterator[list[HandedIn]], hints: Hints
) -> AsyncGenerator[tuple[list[HandedIn], list[Draft]], None]:
    """Each bundle, and drafts of those that could be read; while one is stored, the next are extracted."""
    under_way: deque[tuple[list[HandedIn], asyncio.Task[list[Draft]]]] = deque()
    try:
        while True:
            while len(under_way) < 2 * WORKERS and (bundle := next(bundles, None)) is not None:
                under_way.append((bundle, asyncio.create_task(_drafts(pool, _readable(bundle), hints))))
            if not under_way:
                return
            bundle, task = under_way.popleft()
            yield bundle, await task
    finally:
        for _, task in under_way:
            task.cancel()


def _readable(handed: Sequence[HandedIn]) -> list[HandedIn]:
    return [document for document in handed if document.why is None]


async def _drafts(pool: Pool, handed: Sequence[HandedIn], hints: Hints) -> list[Draft]:
    """The bundle in one call; where one document costs the worker its life, each is tried alone."""
    try:
        return await pool.call(reread_many, [(document.page, hints) for document in handed])
    except WorkerError:
        return [await pool.extract(document.page, hints) for document in handed]


def _document(handed: HandedIn, draft: Draft, origin: _Origin) -> Document:
    page = handed.page
    return Document(
        source=origin.of(handed),
        draft=draft,
        body=page.body,
        content_type=page.content_type,
        url=page.final_url,
        fetched_at=page.fetched_at,
        withdrawn=handed.about.get("status") == ArticleStatus.WITHDRAWN,
    )


def _report(handed: Sequence[HandedIn], stored: Sequence[Imported], *, json: bool) -> int:
    """One line per document, in their order; answers how many failed."""
    results = iter(stored)
    failed = 0
    for each in handed:
        result = Imported(outcome=Outcome.FAILED, why=each.why) if each.why else next(results)
        failed += result.outcome is Outcome.FAILED
        where = _where(each)
        if json:
            line = {"path": str(each.path), **each.place, "outcome": result.outcome.value, "id": result.id}
            print_json_line({**line, "why": result.why} if result.why else line)
        else:
            say(f"{where}: {result.outcome}" + (f" {result.id}" if result.id is not None else ""))
        if result.why:
            complain(f"{where}: {result.why}")
    return failed


def _where(handed: HandedIn) -> str:
    """The document for a person: the file and the place in it."""
    place = handed.place
    line = place.get("line") or place.get("item")
    parts = [f"{handed.path}:{line}" if line else str(handed.path), str(place.get("url") or "")]
    return " ".join(part for part in parts if part)
