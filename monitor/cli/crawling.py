"""`crawl` and `source list`: polls from the command line."""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Sequence
from typing import Any

import typer

from crawler import reactor
from crawler.hub import Hub
from crawler.records import Outcome, PollJob, PollResult, PollStatus, Source
from crawler.workers import Pool
from crawler.yamlfile import nearest
from monitor.alerts.channels import open_channels
from monitor.alerts.dispatch import Dispatcher
from monitor.cli.exits import FAILED, UsageError
from monitor.cli.output import complain, print_json, print_json_line, print_table, say
from monitor.cli.setting import corpus_of, now, settings_of
from monitor.corpus import Corpus
from monitor.corpus.lock import DaemonLock
from monitor.corpus.writer import Writer
from monitor.ingest import job_now, register_sources
from monitor.poller import Poller
from monitor.settings import Settings, desk_of

#: What `crawl` counts as failed.
_UNREAD = (Outcome.FAILED, Outcome.REJECTED, Outcome.GARBLED, Outcome.BLOCKED)


def on_loop(main: Coroutine[Any, Any, int]) -> None:
    """Runs a command that crawls on the reactor's loop and ends with its exit code."""
    code = reactor.run(lambda: main)
    if code:
        raise typer.Exit(code)


def crawl(context: typer.Context, slugs: Sequence[str], *, everything: bool, alert: bool, json: bool) -> None:
    settings = settings_of(context, secrets=True)
    sources = chosen(settings, slugs, everything)
    with corpus_of(settings) as corpus:
        on_loop(_crawl(settings, corpus, sources, alert=alert, json=json))


def chosen(settings: Settings, slugs: Sequence[str], everything: bool) -> tuple[Source, ...]:
    """The configured sources of those slugs, each once, or all. Raises UsageError for an unknown slug."""
    if everything == bool(slugs):
        raise UsageError("name the sources to poll, or say --all")
    known = {source.slug: source for source in settings.sources}
    for slug in slugs:
        if slug not in known:
            raise UsageError(f"there is no source {slug!r}; {nearest(slug, sorted(known), 'sources')}")
    return tuple(settings.sources) if everything else tuple(known[slug] for slug in dict.fromkeys(slugs))


async def _crawl(settings: Settings, corpus: Corpus, sources: Sequence[Source], *, alert: bool, json: bool) -> int:
    writer = Writer(corpus)
    hub, pool = Hub(settings.policy), Pool()
    channels = open_channels(settings.channels)
    desk = desk_of(settings, channels)
    poller = Poller(
        corpus=corpus,
        writer=writer,
        hub=hub,
        pool=pool,
        desk=desk,
        policy=settings.policy,
        now=now,
        alerting=alert,
    )

    def register() -> None:
        with corpus.begin() as tx:
            register_sources(tx, settings.sources, now=now())

    def job(source: Source) -> PollJob:
        with corpus.read() as connection:
            return job_now(connection, source, now=now())

    async def one(source: Source) -> PollResult:
        if source.disabled:
            why = f"{source.slug}: disabled: {source.disabled}"
            result = PollResult(source=source.slug, status=PollStatus.DISABLED, error=why, started_at=now())
        else:
            result = await poller.run(await writer.run(job, source))
        _print(result, json)
        return result

    try:
        await writer.run(register)
        await pool.start()
        await hub.start()
        results = await asyncio.gather(*(one(source) for source in sources))
        if alert and not DaemonLock(corpus).held_elsewhere():
            await Dispatcher(writer, channels, now=now, operator=desk.operator).drain()
    finally:
        await hub.stop()
        await pool.close()
        await writer.close()
        for channel in channels.values():
            channel.close()
    if not alert:
        complain("What matched was stored as baseline: no alerts. Use --alert, or the daemon, for alerts.")
    bad = sum(r.status in (PollStatus.FAILED, PollStatus.BLOCKED) for r in results)
    return FAILED if bad else 0


def crawl_line(result: PollResult) -> dict[str, Any]:
    """One source's line of `crawl --json`."""
    count = Counter(result.outcomes)
    return {
        "source": result.source,
        "status": result.status.value,
        "listed": result.listed,
        "new": count[Outcome.NEW],
        "changed": count[Outcome.CHANGED],
        "withdrawn": count[Outcome.WITHDRAWN],
        "unchanged": count[Outcome.UNCHANGED],
        "failed": sum(count[outcome] for outcome in _UNREAD),
        "seconds": round(result.seconds, 2),
        "returned": count[Outcome.RETURNED],
        "missing": count[Outcome.MISSING],
        "gap": result.gap,
        "missed": result.missed,
        "error": result.error,
    }


def _print(result: PollResult, json: bool) -> None:
    line = crawl_line(result)
    if json:
        print_json_line(line)
    else:
        counts = ", ".join(f"{line[key]} {key}" for key in ("new", "changed", "withdrawn", "unchanged", "failed"))
        say(f"{result.source}: {result.status}, {result.listed} listed, {counts}, {line['seconds']} s")
    if result.error:
        complain(result.error)  # it begins with the source's name


def list_sources(context: typer.Context, *, json: bool) -> None:
    settings = settings_of(context)
    rows = [
        {
            "slug": s.slug,
            "name": s.name,
            "engine": s.engine,
            "group": s.group.value,
            "region": s.region,
            "column": s.column,
            "url": s.url,
            "every_seconds": (s.every or settings.policy.every).total_seconds(),
            "disabled": s.disabled,
            "where": s.where,
        }
        for s in settings.sources
    ]
    if json:
        print_json(rows)
        return
    print_table(
        ("slug", "name", "engine", "region", "state"),
        ((r["slug"], r["name"], r["engine"], r["region"], f"disabled: {r['disabled']}" if r["disabled"] else "on")
         for r in rows),
        empty="No sources are configured; docs/add-a-source.md shows an entry.",
    )  # fmt: skip
