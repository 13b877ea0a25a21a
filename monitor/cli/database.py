"""`db upgrade|check|backup|prune|reindex`: care for the database."""

from pathlib import Path

import typer

from crawler.yamlfile import parse_duration
from monitor.cli.exits import FAILED, UsageError
from monitor.cli.output import complain, print_json, say
from monitor.cli.setting import corpus_of, now, settings_of
from monitor.corpus import Corpus, maintenance


def upgrade(context: typer.Context) -> None:
    corpus = Corpus.open(settings_of(context).database, upgrade=True)
    say(f"{corpus.name}: schema {corpus.version()}")
    corpus.close()


def check(context: typer.Context, *, json: bool) -> None:
    with corpus_of(settings_of(context)) as corpus:
        found = maintenance.check(corpus)
    if json:
        print_json({"ok": not found, "problems": list(found)})
    else:
        for problem in found:
            complain(problem)
        say("the database is whole" if not found else f"{len(found)} problems")
    if found:
        raise typer.Exit(FAILED)


def backup(context: typer.Context, file: Path) -> None:
    with corpus_of(settings_of(context)) as corpus:
        maintenance.backup(corpus, file)
    say(f"{file}: {file.stat().st_size} bytes")


def prune(context: typer.Context, older_than: str) -> None:
    try:
        age = parse_duration(older_than)
    except ValueError as error:
        raise UsageError(f"--captures-older-than: {error}") from error
    with corpus_of(settings_of(context)) as corpus:
        dropped = maintenance.prune(corpus, before=now() - age)
    say(
        f"{dropped.captures} captures ({dropped.bytes} bytes) and {dropped.pending} entries given up are dropped,"
        f" and the words of {dropped.alerts} alerts that have arrived; articles, revisions and every id stay"
    )


def reindex(context: typer.Context) -> None:
    with corpus_of(settings_of(context)) as corpus:
        count = maintenance.reindex(corpus)
    say(f"{count} articles indexed")
