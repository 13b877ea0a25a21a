"""`export`: the corpus as JSON lines."""

import typer

from crawler.yamlfile import nearest
from monitor.cli.exits import UsageError
from monitor.cli.output import print_json_line
from monitor.cli.setting import day, reading, settings_of
from monitor.corpus import exporting, sources
from monitor.rules import parse


def export(
    context: typer.Context, query: str | None, *, source: str | None, since: str | None, until: str | None
) -> None:
    rule = None if query is None else parse(query)
    first, last = day(since, "--since"), day(until, "--until", end=True)
    with reading(settings_of(context)) as connection:
        known = sources.names(connection)
        if source is not None and source not in known:
            raise UsageError(f"no article is from a source {source!r}; {nearest(source, sorted(known), 'sources')}")
        for article in exporting.export(connection, rule=rule, source=source, since=first, until=last):
            print_json_line(article)
