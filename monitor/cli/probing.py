"""`source try`, `source probe` and `source record`: looks at a site, and stores nothing in the corpus."""

import logging
import os
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from json import dumps, loads
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.status import Status
from rich.text import Text

from crawler.hub import Hub
from crawler.means import Fetcher
from crawler.poll import poll
from crawler.probing.entryfile import entries_yaml
from crawler.probing.probe import Found, Probed, probe
from crawler.recording import differences, read, record, replay, write, write_expected
from crawler.records import (
    BEIJING,
    Answer,
    CrawlPolicy,
    Draft,
    Entry,
    Fetch,
    Outcome,
    PollJob,
    PollResult,
    PollStatus,
    Precision,
    Recheck,
    Source,
    Visit,
    iso,
)
from crawler.sourcekeys import check_slug
from crawler.sources import load_source_file
from crawler.workers import Pool
from crawler.yamlfile import ConfigError
from monitor import logs
from monitor.cli.crawling import chosen, on_loop
from monitor.cli.exits import FAILED, UsageError
from monitor.cli.output import (
    complain,
    plain,
    print_json,
    print_json_line,
    print_table,
    print_text,
    say,
    stderr,
    stdout,
)
from monitor.cli.setting import config_folder, now, settings_of
from monitor.settings import Settings

#: So many articles show whether extraction copes with a site; each costs the site a request.
_ARTICLES = 5
_SHOWN: dict[Precision, str] = {
    Precision.DAY: "%Y-%m-%d",
    Precision.HOUR: "%Y-%m-%d %H时",
    Precision.MINUTE: "%Y-%m-%d %H:%M",
    Precision.SECOND: "%Y-%m-%d %H:%M:%S",
}


@asynccontextmanager
async def means(policy: CrawlPolicy) -> AsyncIterator[tuple[Fetcher, Pool, Status]]:
    """How to fetch, and parse workers, for the block; and the line on a terminal that says what is being asked."""
    hub, pool = Hub(policy), Pool()
    try:
        await pool.start()
        await hub.start()
        with stderr.status("") as status:

            async def fetch(fetch: Fetch, source: Source) -> Answer:
                status.update(Text(plain(f"asking {fetch.url}")))
                return await hub.fetch(fetch, source)

            yield fetch, pool, status
    finally:
        await hub.stop()
        await pool.close()


class Preview:
    """A ledger that knows nothing and stores nothing: it keeps what a poll would have stored of the first articles."""

    def __init__(self, most: int) -> None:
        self.visits: list[Visit] = []
        self.entries: list[Entry] = []
        self._most = most

    async def known(self, source: Source, entries: Sequence[Entry]) -> frozenset[str]:
        return frozenset()

    async def unknown(
        self, source: Source, entries: Sequence[Entry], *, further_back: bool = False
    ) -> tuple[Entry, ...]:
        self.entries.extend(entries)
        return tuple(entries)[: self._most]

    async def listed(self, source: Source, entries: Sequence[Entry]) -> tuple[Recheck, ...]:
        return ()

    async def take(self, visit: Visit) -> Outcome:
        self.visits.append(visit)
        return Outcome.NEW if visit.draft is not None and visit.draft.text else Outcome.REJECTED

    def drafts(self) -> list[Draft]:
        return [visit.draft for visit in self.visits if visit.draft is not None]


def try_source(context: typer.Context, name: str, *, json: bool) -> None:
    settings = settings_of(context)
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        sources: tuple[Source, ...] = load_source_file(path)
    else:
        sources = chosen(settings, [name], everything=False)
    on_loop(_try(settings.policy, sources, json=json))


async def _try(policy: CrawlPolicy, sources: Sequence[Source], *, json: bool) -> int:
    failed = 0
    async with means(policy) as (fetch, pool, status):
        for source in sources:
            ledger = Preview(most=_ARTICLES)
            job = PollJob(source=replace(source, max_pages=1), first=True)
            result = await poll(job, fetch=fetch, parser=pool, ledger=ledger, now=now)
            failed += result.status is not PollStatus.OK
            status.stop()  # while it runs, Rich takes stdout for its own
            _print_preview(source, result, ledger, json=json)
            status.start()
    return FAILED if failed else 0


def _print_preview(source: Source, result: PollResult, ledger: Preview, *, json: bool) -> None:
    if json:
        print_json_line(
            {
                "source": source.slug,
                "status": result.status.value,
                "error": result.error,
                "entries": [entry_json(entry) for entry in ledger.entries],
                "articles": [draft.as_json() for draft in ledger.drafts()],
            }
        )
        return
    say(f"{source.slug} ({source.engine}): {result.status}, {len(ledger.entries)} entries")
    if result.error:
        complain(result.error)
    print_entries(ledger.entries)
    print_table(
        ("title", "published", "credited to", "characters", "verdict"),
        ((d.title, shown(d), d.origin, d.text_length, d.quality.verdict) for d in ledger.drafts()),
        empty="No article was opened.",
    )


def entry_json(entry: Entry) -> dict[str, str | None]:
    """One row of a listing in the JSON of `source try` and `source probe`."""
    return {
        "url": entry.url,
        "title": entry.title,
        "published": iso(entry.published_at),
        "precision": entry.published_precision,
    }


def print_entries(entries: Sequence[Entry], *, on: Console = stdout) -> None:
    """The rows of a listing as a table, with the listing's own times."""
    print_table(
        ("title", "published", "url"),
        ((entry.title, shown(entry), entry.url) for entry in entries),
        empty="The listing shows no entries.",
        on=on,
    )


def shown(dated: Entry | Draft) -> str | None:
    """When it was published, in Beijing, as exactly as the page says."""
    if dated.published_at is None:
        return None
    return dated.published_at.astimezone(BEIJING).strftime(_SHOWN[dated.published_precision or Precision.MINUTE])


# --- probe ---


def probe_url(
    context: typer.Context, url: str, *, slug: str | None, post: str | None, referer: str | None, json: bool
) -> None:
    settings = _settings_if_any(context)
    if slug is not None:
        try:
            check_slug(slug)
        except ValueError as error:
            raise UsageError(f"--slug: {error}") from None
    taken = frozenset(source.slug for source in settings.sources) if settings else frozenset()
    address = _address(url)
    ask = _request(address, post=post, referer=referer)
    policy = settings.policy if settings else CrawlPolicy()
    on_loop(_probe(policy, address, ask=ask, slug=slug, taken=taken, json=json))


def _settings_if_any(context: typer.Context) -> Settings | None:
    """The configuration where there is one: a site may be looked at before anything is configured."""
    try:
        config_folder(context)
    except ConfigError:
        if context.obj["config"] is not None or os.environ.get("CHAOXUN_CONFIG"):
            raise
        logs.configure(
            level=logging.INFO if context.obj["verbose"] else logging.WARNING, secrets=(), environ=os.environ
        )
        return None
    return settings_of(context)


def _address(text: str) -> str:
    url = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{text!r} is not a web address; it begins with http:// or https:// and names a host")
    return url


def _request(url: str, *, post: str | None, referer: str | None) -> Fetch:
    """What to ask. A body is JSON where it looks so, else a form as it stands in a browser's network view."""
    headers = {"Referer": _address(referer)} if referer is not None else {}
    if post is None:
        return Fetch(url=url, headers=headers)
    if not post.lstrip().startswith(("{", "[")):
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return Fetch(url=url, method="POST", headers=headers, body=post.encode())
    try:
        body = dumps(loads(post), ensure_ascii=False).encode()
    except ValueError as error:
        raise UsageError(f"--post: {post!r} is not valid JSON: {error}") from None
    return Fetch(url=url, method="POST", headers={**headers, "Content-Type": "application/json"}, body=body)


async def _probe(
    policy: CrawlPolicy, url: str, *, ask: Fetch, slug: str | None, taken: Collection[str], json: bool
) -> int:
    async with means(policy) as (fetch, pool, _):
        probed = await probe(url, fetch=fetch, reader=pool, now=now, ask=ask, slug=slug, taken=taken)
    if json:
        print_json(_probed_json(probed))
    elif probed.best is not None:
        _print_probed(probed, probed.best)
    if probed.trouble:
        complain(probed.trouble)
    return 0 if probed.best is not None else FAILED


def _probed_json(probed: Probed) -> dict[str, Any]:
    best = probed.best
    return {
        "url": probed.url,
        "engine": best.candidate.engine if best else None,
        "evidence": best.candidate.evidence if best else None,
        "entries": [entry_json(entry) for entry in best.entries] if best else [],
        "source": dict(best.entry) if best else None,
        "others": [
            {"engine": other.candidate.engine, "evidence": other.candidate.evidence, "source": dict(other.entry)}
            for other in probed.others
        ],
        "trouble": probed.trouble,
    }


def _print_probed(probed: Probed, best: Found) -> None:
    """The entry on stdout, to be pasted or sent to a file; what speaks for it on stderr."""
    complain(f"{best.candidate.engine}: {best.candidate.evidence}; {len(best.entries)} entries")
    print_entries(best.entries, on=stderr)
    comments = [f"also here: {_other(other)}" for other in probed.others]
    for comment in comments:
        complain(comment)
    print_text(entries_yaml([best.entry], comments=comments))
    complain(f"Paste this into a file of config/sources/, then: chaoxun source try {best.entry['slug']}")


def _other(found: Found) -> str:
    where = "".join(f", {key}: {found.entry[key]}" for key in ("url", "tag", "rows") if key in found.candidate.keys)
    title = found.entries[0].title or found.entries[0].url
    return f"{found.candidate.engine}{where} ({len(found.entries)} entries, the first: {title})"


# --- record ---


def record_source(context: typer.Context, name: str, *, into: Path, update: bool) -> None:
    if update:
        on_loop(_update(Path(name) if Path(name).is_dir() else into / name))
        return
    settings = settings_of(context)
    (source,) = chosen(settings, [name], everything=False)
    on_loop(_record(settings.policy, source, into / source.slug))


async def _record(policy: CrawlPolicy, source: Source, folder: Path) -> int:
    async with means(policy) as (fetch, pool, _):
        recorded = await record(source, fetch=fetch, parser=pool, now=now)
        expected = await replay(recorded, pool)
    write(recorded, expected, folder)
    say(f"{folder}: {len(recorded.exchanges)} answers, {len(expected['entries'])} entries")
    if recorded.article is None:
        complain(f"{source.slug}: none of the first entries is an article; the listing alone is recorded")
    return 0


async def _update(folder: Path) -> int:
    recording, before = read(folder)
    pool = Pool()
    try:
        await pool.start()
        expected = await replay(recording, pool)
    finally:
        await pool.close()
    changes = list(differences(before, expected))
    write_expected(expected, folder)
    for change in changes:
        say(change)
    say(f"{folder}: {len(changes)} changes" if changes else f"{folder}: nothing has changed")
    return 0
