"""`db reextract`: the stored pages read again by the present extractor."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import typer
from rich.progress import Progress

from crawler.extract import EXTRACTOR_VERSION
from crawler.records import Draft, Source
from crawler.rereading import reread, reread_many
from crawler.workers import Pool, WorkerError
from crawler.yamlfile import nearest
from monitor.cli.exits import FAILED, UsageError
from monitor.cli.output import complain, print_json_line, say, stderr
from monitor.cli.setting import corpus_of, now, settings_of
from monitor.corpus import Corpus, outdated, sources
from monitor.corpus.outdated import Outdated
from monitor.corpus.writer import Writer
from monitor.model import Change
from monitor.reextraction import Became, Rereading, apply, compare, hints_of
from monitor.settings import Settings, desk_of

#: Two cores: extraction on both, the database in between.
WORKERS = 2
#: Of one article a person is shown so many changes, each as long as this at the most.
_MOST_SHOWN, _LONGEST_SHOWN = 4, 80


def reextract(context: typer.Context, *, write: bool, source: str | None, limit: int | None, json: bool) -> None:
    settings = settings_of(context)

    async def main(corpus: Corpus) -> Counter[str]:
        work = _Work(corpus, settings, write=write, json=json)
        try:
            return await work.run(source, limit)
        finally:
            await work.writer.close()

    with corpus_of(settings) as corpus:
        with corpus.read() as connection:
            known = sources.names(connection)
        if source is not None and source not in known:
            raise UsageError(f"no article is from a source {source!r}; {nearest(source, sorted(known), 'sources')}")
        counts = asyncio.run(main(corpus))
    _sum_up(counts, write=write, json=json)
    if counts["failed"]:
        raise typer.Exit(FAILED)


class _Work:
    """One run over the articles, by id. What another process stores meanwhile is left alone."""

    def __init__(self, corpus: Corpus, settings: Settings, *, write: bool, json: bool) -> None:
        self.writer = Writer(corpus)
        self._corpus = corpus
        self._sources = {source.slug: source for source in settings.sources}
        self._desk = desk_of(replace(settings, operator=()), {})  # it speaks to nobody
        self._write = write
        self._json = json

    async def run(self, source: str | None, limit: int | None) -> Counter[str]:
        counts: Counter[str] = Counter()
        with self._corpus.read() as connection:
            total = outdated.count(connection, EXTRACTOR_VERSION, source=source)
        with Progress(console=stderr, disable=not stderr.is_terminal, transient=True) as progress:
            bar = progress.add_task("reading again", total=min(total, limit or total))
            async with Pool(size=WORKERS) as pool, aclosing(self._read_ahead(pool, source, limit)) as bundles:
                async for found, drafts in bundles:
                    for each, draft in zip(found, drafts, strict=True):
                        counts[await self._take(each, draft)] += 1
                    progress.advance(bar, len(found))
        return counts

    async def _read_ahead(
        self, pool: Pool, source: str | None, limit: int | None
    ) -> AsyncGenerator[tuple[Sequence[Outdated], list[Draft | WorkerError]], None]:
        """Bundle by bundle with what was read; while one is compared, the next are extracted."""
        under_way: deque[tuple[Sequence[Outdated], asyncio.Task[list[Draft | WorkerError]]]] = deque()
        after, left, more = 0, limit, True
        try:
            while True:
                while more and len(under_way) <= WORKERS:
                    found = await self.writer.run(self._following, source, after, left)
                    more = bool(found)
                    if found:
                        after = found[-1].item.id
                        left = None if left is None else left - len(found)
                        under_way.append((found, asyncio.create_task(self._drafts(pool, found))))
                if not under_way:
                    return
                found, task = under_way.popleft()
                yield found, await task
        finally:
            for _, task in under_way:
                task.cancel()

    def _following(self, source: str | None, after: int, left: int | None) -> Sequence[Outdated]:
        if left == 0:
            return ()
        with self._corpus.read() as connection:
            most = {} if left is None else {"most": left}
            return outdated.following(connection, EXTRACTOR_VERSION, source=source, after=after, **most)

    async def _drafts(self, pool: Pool, found: Sequence[Outdated]) -> list[Draft | WorkerError]:
        """The bundle in one call; where one page costs the worker its life, each is tried alone."""
        pages = [(each.capture, hints_of(each, self._source(each))) for each in found]
        try:
            return list(await pool.call(reread_many, pages))
        except WorkerError:
            drafts: list[Draft | WorkerError] = []
            for capture, hints in pages:
                try:
                    drafts.append(await pool.call(reread, capture, hints))
                except WorkerError as error:
                    drafts.append(error)
            return drafts

    async def _take(self, found: Outdated, draft: Draft | WorkerError) -> str:
        """Compare, or store; answers what to count it as."""
        if isinstance(draft, WorkerError):
            complain(f"{found.item.id} {found.item.url}: {draft}")
            self._print(found, {"outcome": "failed", "why": str(draft)})
            return "failed"
        source = self._source(found)
        if self._write:
            result = await self.writer.run(apply, self._corpus, found, draft, source, desk=self._desk, now=now())
        else:
            result = compare(found.item, draft, source)
        if result.became is not Became.SAME:
            self._report(found, result)
        return result.became

    def _source(self, found: Outdated) -> Source:
        slug = found.item.source
        return self._sources.get(slug) or Source(slug=slug, name=slug, engine="import")

    def _report(self, found: Outdated, result: Rereading) -> None:
        if self._json:
            changes = [
                {"field": change.field, "op": change.op, "before": change.before, "after": change.after}
                for change in result.changes
            ]
            self._print(
                found,
                {
                    "outcome": result.became.value,
                    "fields": list(result.fields),
                    "changes": changes,
                    **({"why": result.why} if result.why else {}),
                },
            )
            return
        what = ", ".join(result.fields) if result.fields else f"{result.became}: {result.why}".rstrip(": ")
        say(f"{found.item.id}  {found.item.known.title}  ({what})")
        for change in result.changes[:_MOST_SHOWN]:
            say(f"      {change.field}: {_in_short(change)}")
        if len(result.changes) > _MOST_SHOWN:
            say(f"      and {len(result.changes) - _MOST_SHOWN} more")

    def _print(self, found: Outdated, more: Mapping[str, Any]) -> None:
        if self._json:
            print_json_line({"id": found.item.id, "url": found.item.url, "title": found.item.known.title, **more})


def _in_short(change: Change) -> str:
    parts = (("[-{}-]", change.before), ("{{+{}+}}", change.after))
    return " ".join(frame.format(_cut(text)) for frame, text in parts if text)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}…"


def _sum_up(counts: Counter[str], *, write: bool, json: bool) -> None:
    changed, same = counts[Became.CHANGED], counts[Became.SAME]
    refused, overtaken = counts[Became.REFUSED], counts[Became.OVERTAKEN]
    if json:
        names = (*Became, "failed")
        summary = {"extractor": EXTRACTOR_VERSION, "applied": write, **{str(name): counts[name] for name in names}}
        print_json_line({"summary": summary})
        return
    say(
        f"{changed} {'changed' if write else 'would change'}, {same} say the same, {refused} are no article any more"
        f" (kept as they are), {overtaken} were changed meanwhile, {counts['failed']} could not be read"
    )
    if changed and not write:
        say("nothing was written; --apply stores it, as revisions that nobody is alerted of")
