"""The command line: names, options and help of every command; what a command does stands in the module it calls.

Those modules are imported when their command runs, so that `chaoxun --help` answers at once.
"""

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.arguments import MOST, ArticleId, Day, Json, JsonLines, Limit
from monitor.cli.groups import GROUPS

app = typer.Typer(
    name="chaoxun",
    help="潮讯: watches Chinese news and government sites, keeps every edit, tells people what meets their keywords.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done; 1 done, and something failed; 2 wrong usage; 78 bad configuration.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, group in GROUPS.items():
    app.add_typer(group, name=name, rich_help_panel=None)


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
            "--config",
            metavar="DIR",
            readable=False,  # find_config looks, and says what to do
            help="The configuration; default $CHAOXUN_CONFIG, ./config, /etc/chaoxun.",
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what is usual, too.")] = False,
    show_version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    context.obj = {"config": config, "verbose": verbose}


@app.command()
def run(context: typer.Context) -> None:
    """The daemon: polls, re-checks, delivers, serves the page. In the foreground, until Ctrl-C or SIGTERM."""
    from monitor.cli import service

    service.run(context)


@app.command()
def demo(
    seconds: Annotated[float | None, typer.Option(min=1, help="End after so many seconds; default: Ctrl-C.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the web page; 0 takes a free one.")] = 8787,
) -> None:
    """The daemon against built-in sample sites, no network needed. Its alerts appear on the terminal."""
    from monitor.demo import play

    raise typer.Exit(play.play(Path("var", "demo").absolute(), seconds=seconds, port=port))


@app.command()
def crawl(
    context: typer.Context,
    slugs: Annotated[list[str] | None, typer.Argument(metavar="SLUG", help="The sources; or say --all.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every source that is not disabled.")] = False,
    alert: Annotated[
        bool, typer.Option("--alert", help="Queue and deliver alerts; without it all is baseline.")
    ] = False,
    json: JsonLines = False,
) -> None:
    """Poll now, once; one line per source."""
    from monitor.cli import crawling

    crawling.crawl(context, slugs or [], everything=everything, alert=alert, json=json)


@app.command()
def extract(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="The document; - reads it from stdin.")],
    url: Annotated[str | None, typer.Option(metavar="URL", help="Where the page came from.")] = None,
    content_type: Annotated[str | None, typer.Option(metavar="TYPE", help="The Content-Type it came with.")] = None,
    json: Json = False,
) -> None:
    """Extraction alone, no database. Takes HTML, feed-item Markdown, plain text, PDF, JSON lines and WARC."""
    from monitor.cli import extracting

    extracting.extract(file, url=url, content_type=content_type, json=json)


@app.command(name="import")
def import_(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files, or folders of files.")],
    source: Annotated[
        str | None, typer.Option(metavar="SLUG", help="Gives source, region and column; default: import.")
    ] = None,
    alert: Annotated[bool, typer.Option("--alert", help="Alert on what matches; default: none.")] = False,
    json: JsonLines = False,
) -> None:
    """Documents into the corpus, one line for each. Takes pages, feed items, text, PDF, WARC and `export`."""
    from monitor.cli import documents

    documents.import_(context, paths, source=source, alert=alert, json=json)


@app.command()
def search(
    context: typer.Context,
    query: Annotated[
        str,
        typer.Argument(
            metavar="QUERY", help="In the rule language (docs/rules.md); one with - in front stands behind --."
        ),
    ],
    title: Annotated[bool, typer.Option("--title", help="In titles only.")] = False,
    source: Annotated[str | None, typer.Option(metavar="SLUG", help="Articles of this source only.")] = None,
    region: Annotated[str | None, typer.Option(metavar="NAME", help="地区, such as 义乌.")] = None,
    issuer: Annotated[str | None, typer.Option(metavar="NAME", help="发布机构.")] = None,
    stock: Annotated[
        str | None, typer.Option(metavar="CODE", help="A listed company: 600933, sh600933 or its name.")
    ] = None,
    since: Day = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="The same; a bare day is included.")] = None,
    status: Annotated[str | None, typer.Option(metavar="STATUS", help="live or withdrawn.")] = None,
    limit: Limit = 20,
    offset: Annotated[int, typer.Option(metavar="N", min=0, max=MOST, help="Leave out so many of the newest.")] = 0,
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
    query: Annotated[str | None, typer.Argument(metavar="QUERY", help="In the rule language; default: all.")] = None,
    source: Annotated[str | None, typer.Option(metavar="SLUG", help="Articles of this source only.")] = None,
    since: Day = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="The same; a bare day is included.")] = None,
) -> None:
    """Articles with their texts as JSON, one a line. `import` takes them in again."""
    from monitor.cli import exporting

    exporting.export(context, query, source=source, since=since, until=until)


@app.command()
def show(
    context: typer.Context,
    article: ArticleId,
    revision: Annotated[int | None, typer.Option(min=1, max=MOST, metavar="N", help="As it was then.")] = None,
    diff: Annotated[bool, typer.Option("--diff", help="The sentences that changed.")] = False,
    span: Annotated[
        str | None, typer.Argument(metavar="A..B", help="With --diff: the revisions; default: the last two.")
    ] = None,
    json: Json = False,
) -> None:
    """One article, its revisions, its story."""
    from monitor.cli import queries

    queries.show(context, article, revision=revision, diff=diff, span=span, json=json)


@app.command()
def health(
    context: typer.Context,
    slug: Annotated[str | None, typer.Argument(metavar="SLUG", help="This source alone, in detail.")] = None,
    json: Json = False,
) -> None:
    """The state of each source, and why."""
    from monitor.cli import queries

    queries.health(context, slug, json=json)


@app.command()
def doctor(context: typer.Context, json: Json = False) -> None:
    """What keeps the daemon from its work, and what to do. Checks configuration, database, channels, clock and disk."""
    from monitor.cli.doctor import doctor as look

    look(context, json=json)


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
