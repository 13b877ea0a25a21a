"""The command line: names, options and help of every command; what a command does stands in the module it calls.

Those modules are imported when their command runs, so that `chaoxun --help` answers at once.
"""

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="chaoxun",
    help="潮讯: watches Chinese news and government sites, keeps every edit, tells people what meets their keywords.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
watch_app = typer.Typer(help="Watches: list them, check them, try a rule on the stored articles.", no_args_is_help=True)
source_app = typer.Typer(
    help="Sources: list them, preview one, find the engine of a page, record one for a test.", no_args_is_help=True
)
alert_app = typer.Typer(help="Alerts: the outbox, send again, send a test.", no_args_is_help=True)
db_app = typer.Typer(
    help="The database: migrate, check, back up, prune, rebuild the index, read pages again.", no_args_is_help=True
)
for name, part in (("watch", watch_app), ("source", source_app), ("alert", alert_app), ("db", db_app)):
    app.add_typer(part, name=name, rich_help_panel=None)

#: What a database's integers hold.
_MOST = 2**31 - 1
_MOST_ROWS = 2**63 - 1

ArticleId = Annotated[int, typer.Argument(metavar="ID", min=1, max=_MOST_ROWS)]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout and nothing else.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")]
Day = Annotated[str | None, typer.Option(metavar="DATE", help="2026-07-06, or with a time; Beijing.")]


def version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version as installed

        print(f"chaoxun {installed('chaoxun')}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="DIR", help="The configuration; default $CHAOXUN_CONFIG, ./config, /etc/chaoxun."
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is usual, too.")] = False,
    show_version: Annotated[bool, typer.Option("--version", callback=version, is_eager=True)] = False,
) -> None:
    context.obj = {"config": config, "verbose": verbose}


@app.command()
def run(context: typer.Context) -> None:
    """The daemon in the foreground: polls, re-checks, delivers, serves the page."""
    from monitor.cli import service

    service.run(context)


@app.command()
def demo(
    seconds: Annotated[float | None, typer.Option(min=1, help="End after so many seconds; default: Ctrl-C.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the web page; 0 takes a free one.")] = 8787,
) -> None:
    """The daemon against built-in sample sites, with its alerts on the terminal. Needs no network."""
    from monitor.demo import play

    raise typer.Exit(play.play(Path("var", "demo").absolute(), seconds=seconds, port=port))


@app.command()
def crawl(
    context: typer.Context,
    slugs: Annotated[list[str] | None, typer.Argument(metavar="[SLUG…]")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every source that is not disabled.")] = False,
    alert: Annotated[
        bool, typer.Option("--alert", help="Queue and deliver alerts; without it all is baseline.")
    ] = False,
    json: Json = False,
) -> None:
    """Poll now, once; one line per source."""
    from monitor.cli import crawling

    crawling.crawl(context, slugs or [], everything=everything, alert=alert, json=json)


@app.command()
def extract(
    file: Annotated[str, typer.Argument(metavar="FILE|-")],
    url: Annotated[str | None, typer.Option(help="Where the page came from.")] = None,
    content_type: Annotated[str | None, typer.Option(help="The header it came with.")] = None,
    json: Json = False,
) -> None:
    """Extraction alone, no database: HTML, feed-item Markdown, plain text, PDF, JSON lines or WARC."""
    from monitor.cli import extracting

    extracting.extract(file, url=url, content_type=content_type, json=json)


@app.command(name="import")
def import_(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH…", help="Files, or folders of files.")],
    source: Annotated[str | None, typer.Option(help="Gives source, region and column; default: import.")] = None,
    alert: Annotated[bool, typer.Option("--alert", help="Alert on what matches; default: none.")] = False,
    json: Json = False,
) -> None:
    """Documents into the corpus: pages, feed items, text, PDF, JSON lines of `export`, WARC; one line for each."""
    from monitor.cli import documents

    documents.import_(context, paths, source=source, alert=alert, json=json)


@app.command()
def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="In the rule language; see docs/rules.md.")],
    title: Annotated[bool, typer.Option("--title", help="In titles only.")] = False,
    source: Annotated[str | None, typer.Option(help="A source's slug.")] = None,
    region: Annotated[str | None, typer.Option()] = None,
    issuer: Annotated[str | None, typer.Option(help="发布机构.")] = None,
    stock: Annotated[str | None, typer.Option(metavar="CODE")] = None,
    since: Day = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="The same; a bare day is included.")] = None,
    status: Annotated[str | None, typer.Option(help="live or withdrawn.")] = None,
    limit: Limit = 20,
    offset: Annotated[int, typer.Option(min=0, max=_MOST)] = 0,
    facets: Annotated[bool, typer.Option("--facets", help="Count by source, region and month.")] = False,
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="A table for a spreadsheet.")] = False,
) -> None:
    """Find stored articles, newest first."""
    from monitor.cli import queries

    queries.search(
        context,
        query,
        filters=queries.Filters(
            title=title,
            source=source,
            region=region,
            issuer=issuer,
            stock=stock,
            since=since,
            until=until,
            status=status,
            limit=limit,
            offset=offset,
            facets=facets,
        ),
        json=json,
        csv=csv,
    )


@app.command()
def export(
    context: typer.Context,
    query: Annotated[str | None, typer.Argument(metavar="[QUERY]", help="In the rule language; default: all.")] = None,
    source: Annotated[str | None, typer.Option(metavar="SLUG", help="Articles of this source only.")] = None,
    since: Day = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="The same; a bare day is included.")] = None,
) -> None:
    """Articles with their texts as JSON, one a line; `import` takes them in again."""
    from monitor.cli import exporting

    exporting.export(context, query, source=source, since=since, until=until)


@app.command()
def show(
    context: typer.Context,
    article: ArticleId,
    revision: Annotated[int | None, typer.Option(min=1, max=_MOST, metavar="N")] = None,
    diff: Annotated[bool, typer.Option("--diff", help="The changed sentences; which ones: [A..B].")] = False,
    span: Annotated[str | None, typer.Argument(metavar="[A..B]", help="With --diff; default: the last two.")] = None,
    json: Json = False,
) -> None:
    """One article, its revisions, its story."""
    from monitor.cli import queries

    queries.show(context, article, revision=revision, diff=diff, span=span, json=json)


@app.command()
def health(
    context: typer.Context,
    slug: Annotated[str | None, typer.Argument(metavar="[SLUG]")] = None,
    json: Json = False,
) -> None:
    """The state of each source, and why."""
    from monitor.cli import queries

    queries.health(context, slug, json=json)


@app.command()
def doctor(context: typer.Context, json: Json = False) -> None:
    """Check configuration, database, channels, clock and disk; say what to do."""
    from monitor.cli.doctor import doctor as look

    look(context, json=json)


@watch_app.command("list")
def watch_list(context: typer.Context, json: Json = False) -> None:
    """The configured watches."""
    from monitor.cli import watches

    watches.list_(context, json=json)


@watch_app.command("check")
def watch_check(context: typer.Context, json: Json = False) -> None:
    """Are all rules right? Names file, line and column of those that are not."""
    from monitor.cli import watches

    watches.check(context, json=json)


@watch_app.command("test")
def watch_test(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(metavar="RULE")],
    since: Day = None,
    json: Json = False,
) -> None:
    """Replay a rule on the stored articles."""
    from monitor.cli import watches

    watches.test(context, rule, since=since, json=json)


@watch_app.command("explain")
def watch_explain(
    context: typer.Context,
    watch: Annotated[str, typer.Argument(metavar="WATCH")],
    article: ArticleId,
    json: Json = False,
) -> None:
    """Why a watch met an article, or did not."""
    from monitor.cli import watches

    watches.explain(context, watch, article, json=json)


@watch_app.command("import")
def watch_import(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Word groups of TrendRadar: frequency_words.txt.")],
    channels: Annotated[list[str] | None, typer.Option("--channel", metavar="C", help="May be given often.")] = None,
) -> None:
    """Print the watches that a file of word groups says, for watches.yaml."""
    from monitor.cli import watches

    watches.import_(file, channels=channels or [])


@source_app.command("list")
def source_list(context: typer.Context, json: Json = False) -> None:
    """The configured sources."""
    from monitor.cli import crawling

    crawling.list_sources(context, json=json)


@source_app.command("try")
def source_try(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SLUG|FILE", help="A slug, or a YAML file with sources.")],
    json: Json = False,
) -> None:
    """Preview a source without storing anything: the entries of its listing and what becomes of five of them."""
    from monitor.cli import probing

    probing.try_source(context, source, json=json)


@source_app.command("probe")
def source_probe(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Of a column page, a feed, or an interface's JSON.")],
    slug: Annotated[str | None, typer.Option(help="Of the entry; default: made of the address.")] = None,
    post: Annotated[
        str | None, typer.Option(metavar="BODY", help="Ask by POST, with this form (a=1&b=2) or this JSON.")
    ] = None,
    referer: Annotated[
        str | None, typer.Option(metavar="URL", help="The page that asks for it, where the site looks at that.")
    ] = None,
    json: Json = False,
) -> None:
    """Find the engine of a page, show the entries it sees, and print a YAML entry ready to paste."""
    from monitor.cli import probing

    probing.probe_url(context, url, slug=slug, post=post, referer=referer, json=json)


@source_app.command("record")
def source_record(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SLUG", help="With --update also a recording's folder.")],
    into: Annotated[Path, typer.Option(metavar="DIR", help="Where recordings stand, one folder each.")] = Path(
        "tests", "recordings"
    ),
    update: Annotated[
        bool, typer.Option("--update", help="Ask no site: take what today's code makes of it as expected.")
    ] = False,
) -> None:
    """Keep one visit to a source, its list and an article, as a regression test."""
    from monitor.cli import probing

    probing.record_source(context, source, into=into, update=update)


@alert_app.command("list")
def alert_list(
    context: typer.Context,
    state: Annotated[str | None, typer.Option(help="pending, sending, sent, retrying, dead or held.")] = None,
    channel: Annotated[str | None, typer.Option(help="Of this channel alone.")] = None,
    since: Day = None,
    before: Annotated[
        int | None, typer.Option(min=1, metavar="DELIVERY", help="The page after the one that ends with this delivery.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, max=_MOST, help="At most so many; default: all.")] = None,
    json: Json = False,
) -> None:
    """The outbox, newest first: one row per delivery."""
    from monitor.cli import alerts

    alerts.list_(context, state=state, channel=channel, since=since, before=before, limit=limit, json=json)


@alert_app.command("retry")
def alert_retry(
    context: typer.Context,
    delivery: Annotated[str | None, typer.Argument(metavar="ID", help="Of an alert or of a delivery.")] = None,
    dead: Annotated[bool, typer.Option("--dead", help="All that were given up.")] = False,
) -> None:
    """Send again what was given up or held."""
    from monitor.cli import alerts

    alerts.retry(context, delivery, dead=dead)


@alert_app.command("test")
def alert_test(context: typer.Context, channel: Annotated[str, typer.Argument(metavar="CHANNEL")]) -> None:
    """Send a test message to every recipient of a channel, now."""
    from monitor.cli import alerts

    alerts.test(context, channel)


@db_app.command("upgrade")
def db_upgrade(context: typer.Context) -> None:
    """Bring the schema to this version."""
    from monitor.cli import database

    database.upgrade(context)


@db_app.command("check")
def db_check(context: typer.Context, json: Json = False) -> None:
    """Is the database whole? Exit code 1 when not."""
    from monitor.cli import database

    database.check(context, json=json)


@db_app.command("backup")
def db_backup(context: typer.Context, file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Copy the database while the daemon runs (SQLite; for PostgreSQL use pg_dump)."""
    from monitor.cli import database

    database.backup(context, file)


@db_app.command("prune")
def db_prune(
    context: typer.Context,
    captures_older_than: Annotated[
        str, typer.Option(metavar="AGE", help="Drop the stored pages older than this, never the texts.")
    ] = "90d",
) -> None:
    """Make room: drop old captures and the words of old delivered alerts. Articles and revisions always stay."""
    from monitor.cli import database

    database.prune(context, captures_older_than)


@db_app.command("reindex")
def db_reindex(context: typer.Context) -> None:
    """Rebuild the folded texts and the search index."""
    from monitor.cli import database

    database.reindex(context)


@db_app.command("reextract")
def db_reextract(
    context: typer.Context,
    apply: Annotated[bool, typer.Option("--apply", help="Store it; without it nothing is written.")] = False,
    source: Annotated[str | None, typer.Option(metavar="SLUG", help="Articles of this source only.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, max=_MOST, help="At most so many articles.")] = None,
    json: Json = False,
) -> None:
    """Read the stored pages with the present extractor and show what would change. Never alerts."""
    from monitor.cli import reextracting

    reextracting.reextract(context, write=apply, source=source, limit=limit, json=json)


def main() -> None:
    """Entry point of `chaoxun`: runs a command and turns what went wrong into one line and an exit code."""
    from crawler.records import ChaoxunError

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that knows only GBK or ASCII shows \u… for the rest
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except ChaoxunError as error:
        from monitor.cli.exits import code_for

        print(f"chaoxun: {error}", file=sys.stderr)
        sys.exit(code_for(error))
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone, as `| head` does
        sys.exit(1)
