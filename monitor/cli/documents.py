"""`import`: documents from files into the corpus."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

import typer
from rich.progress import Progress

from crawler.extract.many import extract_many
from crawler.records import Capture, Draft, Hints, Outcome, Source
from crawler.workers import Pool, WorkerError
from crawler.yamlfile import nearest
from monitor.alerts.channels import open_channels
from monitor.alerts.dispatch import Dispatcher
from monitor.cli.exits import FAILED, UsageError
from monitor.cli.extracting import HTML, content_type_of
from monitor.cli.output import complain, print_json_line, say, stderr
from monitor.cli.setting import corpus_of, now, settings_of
from monitor.corpus import Corpus
from monitor.corpus.lock import DaemonLock
from monitor.corpus.writer import Writer
from monitor.ingest import Desk, Document, Imported, import_drafts
from monitor.settings import desk_of

#: What a folder is searched for.
SUFFIXES = (*HTML, ".md", ".markdown", ".txt")
#: Documents that one worker call and one transaction take.
BUNDLE = 40
#: Two cores: extraction on one and a half, the database on the rest.
WORKERS = 2


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    body: bytes
    why: str | None = None  # it could not be read

    @property
    def content_type(self) -> str | None:
        return content_type_of(self.path)


def import_(context: typer.Context, paths: Sequence[Path], *, source: str, alert: bool, json: bool) -> None:
    settings = settings_of(context, secrets=alert)
    files = list(_files(paths))
    known = {configured.slug: configured for configured in settings.sources}
    into = known.get(source) or Source(slug=source, name=source, engine="import")
    if source not in known and source != "import":
        complain(
            f"no source {source!r} is configured, so no region or column; {nearest(source, sorted(known), 'sources')}"
        )
    # Without alerts no channel is spoken to, and the daemon's secrets stay unread.
    channels = open_channels(settings.channels) if alert else {}
    desk = desk_of(settings if alert else replace(settings, operator=()), channels)

    async def main(corpus: Corpus) -> int:
        writer = Writer(corpus)
        try:
            failed = await _import(files, into, corpus, writer, desk, alert=alert, json=json)
            if alert and not DaemonLock(corpus).held_elsewhere():
                await Dispatcher(writer, channels, now=now).drain()
        finally:
            await writer.close()
            for channel in channels.values():
                channel.close()
        return failed

    with corpus_of(settings) as corpus:
        failed = asyncio.run(main(corpus))
    if failed:
        complain(f"{failed} of {len(files)} files failed")
        raise typer.Exit(FAILED)


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
            if not found:
                raise UsageError(f"{path}: holds no {', '.join(SUFFIXES)} file")
            yield from found
        elif path.is_file():
            yield path
        else:
            raise UsageError(f"{path}: there is no such file or folder")


async def _import(
    paths: Sequence[Path], source: Source, corpus: Corpus, writer: Writer, desk: Desk, *, alert: bool, json: bool
) -> int:
    """Bundle by bundle, each in one transaction; one line per file. Answers how many failed."""
    failed = 0
    with Progress(console=stderr, disable=not stderr.is_terminal, transient=True) as progress:
        bar = progress.add_task("importing", total=len(paths))
        async with (
            Pool(size=min(WORKERS, -(-len(paths) // BUNDLE))) as pool,
            aclosing(_read_ahead(pool, paths, Hints.of(source))) as bundles,
        ):
            async for files, drafts in bundles:
                documents = [
                    Document(source=source, draft=draft, body=file.body, content_type=file.content_type)
                    for file, draft in zip(_readable(files), drafts, strict=True)
                ]
                stored = await writer.run(import_drafts, corpus, documents, desk=desk, now=now(), alerting=alert)
                failed += _report(files, stored, json=json)
                progress.advance(bar, len(files))
    return failed


async def _read_ahead(
    pool: Pool, paths: Sequence[Path], hints: Hints
) -> AsyncGenerator[tuple[list[_File], list[Draft]], None]:
    """The files of each bundle, and drafts of those that could be read; while one is stored, the next are extracted."""
    bundles = iter([paths[start : start + BUNDLE] for start in range(0, len(paths), BUNDLE)])
    under_way: deque[tuple[list[_File], asyncio.Task[list[Draft]]]] = deque()
    try:
        while True:
            while len(under_way) < 2 * WORKERS and (bundle := next(bundles, None)) is not None:
                files = [_open(path) for path in bundle]
                under_way.append((files, asyncio.create_task(_drafts(pool, _readable(files), hints))))
            if not under_way:
                return
            files, task = under_way.popleft()
            yield files, await task
    finally:
        for _, task in under_way:
            task.cancel()


def _open(path: Path) -> _File:
    try:
        return _File(path, path.read_bytes())
    except OSError as error:
        return _File(path, b"", f"cannot be read: {error.strerror}")


def _readable(files: Sequence[_File]) -> list[_File]:
    return [file for file in files if file.why is None]


async def _drafts(pool: Pool, files: Sequence[_File], hints: Hints) -> list[Draft]:
    """The bundle in one call; where one document costs the worker its life, each is tried alone."""
    try:
        return await pool.call(extract_many, [(file.body, file.content_type) for file in files], hints)
    except WorkerError:
        return [await pool.extract(_capture(file), hints) for file in files]


def _capture(file: _File) -> Capture:
    """The file as if it had been fetched; what it says of its own URL counts, so it has none of ours."""
    return Capture(url="", final_url="", status=200, body=file.body, content_type=file.content_type, fetched_at=now())


def _report(files: Sequence[_File], stored: Sequence[Imported], *, json: bool) -> int:
    """One line per file, in their order; answers how many failed."""
    results = iter(stored)
    failed = 0
    for file in files:
        result = Imported(outcome=Outcome.FAILED, why=file.why) if file.why else next(results)
        failed += result.outcome is Outcome.FAILED
        if json:
            line = {"path": str(file.path), "outcome": result.outcome.value, "id": result.id}
            print_json_line({**line, "why": result.why} if result.why else line)
        else:
            say(f"{file.path}: {result.outcome}" + (f" {result.id}" if result.id is not None else ""))
        if result.why:
            complain(f"{file.path}: {result.why}")
    return failed
