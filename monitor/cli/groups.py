"""The commands that stand in groups: `watch`, `source`, `alert`, `db`; imported as monitor.cli says."""

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.arguments import MOST, Day, Json, JsonLines

watch_app = typer.Typer(help="Watches: list, check and explain them; try a rule.", no_args_is_help=True)
source_app = typer.Typer(help="Sources: list, preview and record them; find an engine.", no_args_is_help=True)
alert_app = typer.Typer(help="Alerts: the outbox, send again, send a test.", no_args_is_help=True)
db_app = typer.Typer(help="The database: migrate, check, back up, prune, re-read.", no_args_is_help=True)
GROUPS = {"watch": watch_app, "source": source_app, "alert": alert_app, "db": db_app}


@watch_app.command("list")
def watch_list(context: typer.Context, json: Json = False) -> None:
    """The configured watches."""
    from monitor.cli import watches

    watches.list_(context, json=json)


@watch_app.command("check")
def watch_check(context: typer.Context, json: Json = False) -> None:
    """Check all rules. Names file, line and column of those that are wrong."""
    from monitor.cli import watches

    watches.check(context, json=json)


@watch_app.command("test")
def watch_test(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(metavar="RULE", help="One with - in front stands behind --.")],
    since: Day = None,
    json: Json = False,
) -> None:
    """Replay a rule on the stored articles."""
    from monitor.cli import watches

    watches.test(context, rule, since=since, json=json)


@watch_app.command("explain")
def watch_explain(
    context: typer.Context,
    watch: Annotated[str, typer.Argument(metavar="WATCH", help="Its name in watches.yaml.")],
    article: Annotated[str, typer.Argument(metavar="ID", help="Or its URL, or a file that holds one article.")],
    json: Json = False,
) -> None:
    """Why a watch met an article, or did not."""
    from monitor.cli import explaining

    explaining.explain(context, watch, article, json=json)


@watch_app.command("import")
def watch_import(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Word groups of TrendRadar: frequency_words.txt.")],
    channels: Annotated[list[str] | None, typer.Option("--channel", metavar="C", help="May be given often.")] = None,
) -> None:
    """Print word groups of TrendRadar as watches, for watches.yaml."""
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
    json: JsonLines = False,
) -> None:
    """Preview a source, storing nothing. Shows the entries of its listing and what becomes of five of them."""
    from monitor.cli import probing

    probing.try_source(context, source, json=json)


@source_app.command("probe")
def source_probe(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Of a column page, a feed, or an interface's JSON.")],
    slug: Annotated[
        str | None, typer.Option(metavar="SLUG", help="Of the entry; default: made of the address.")
    ] = None,
    post: Annotated[
        str | None, typer.Option(metavar="BODY", help="Ask by POST, with this form (a=1&b=2) or this JSON.")
    ] = None,
    referer: Annotated[
        str | None, typer.Option(metavar="URL", help="The page that asks for it, where the site looks at that.")
    ] = None,
    json: Json = False,
) -> None:
    """Find the engine of a page and print a YAML entry to paste. Shows the entries that it sees."""
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
    """Keep one visit to a source as a regression test. That is its list and an article."""
    from monitor.cli import probing

    probing.record_source(context, source, into=into, update=update)


@alert_app.command("list")
def alert_list(
    context: typer.Context,
    state: Annotated[
        str | None, typer.Option(metavar="STATE", help="pending, sending, sent, retrying, dead or held.")
    ] = None,
    channel: Annotated[str | None, typer.Option(metavar="CHANNEL", help="Of this channel alone.")] = None,
    since: Day = None,
    before: Annotated[
        int | None, typer.Option(min=1, metavar="DELIVERY", help="The page after the one that ends with this delivery.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, max=MOST, help="At most so many; default: all.")
    ] = None,
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
def alert_test(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="Its name in channels.yaml.")],
) -> None:
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
def db_backup(
    context: typer.Context, file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")]
) -> None:
    """Copy the database while the daemon runs. For SQLite; for PostgreSQL use pg_dump."""
    from monitor.cli import database

    database.backup(context, file)


@db_app.command("prune")
def db_prune(
    context: typer.Context,
    captures_older_than: Annotated[
        str, typer.Option(metavar="AGE", help="Drop the stored pages older than this, never the texts.")
    ] = "90d",
) -> None:
    """Make room by dropping old captures. The words of old delivered alerts go, too; articles and revisions stay."""
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
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, max=MOST, help="At most so many articles.")] = None,
    json: JsonLines = False,
) -> None:
    """Read the stored pages anew, show what would change. Goes by the present extractor and never alerts."""
    from monitor.cli import reextracting

    reextracting.reextract(context, write=apply, source=source, limit=limit, json=json)
