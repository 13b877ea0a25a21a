"""What nearly every command begins with: the configuration it runs under and the corpus that it names."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer

from crawler.records import BEIJING
from monitor import logs
from monitor.cli.exits import UsageError
from monitor.corpus import Connection, Corpus
from monitor.corpus.readonly import open_to_read
from monitor.settings import Settings, find_config, load_settings


def now() -> datetime:
    return datetime.now(UTC)


def config_folder(context: typer.Context) -> Path:
    return find_config(context.obj["config"], os.environ, Path.cwd())


def settings_of(context: typer.Context, *, level: int = logging.WARNING, secrets: bool = False) -> Settings:
    """The checked configuration; logging is set up with its secrets struck out. Raises ConfigError.

    secrets: the command speaks to channels. Without, their addresses stay unread, since a person who searches the
    corpus may not be allowed to read the daemon's credentials.
    """
    settings = load_settings(config_folder(context), os.environ, secrets=secrets)
    configure_logs(settings, level=logging.INFO if context.obj["verbose"] else level)
    return settings


def configure_logs(settings: Settings, *, level: int) -> None:
    """Logs from now on at that level, with every secret of the configuration struck out."""
    addresses = (channel.url for channel in settings.channels.values())
    secrets = [secret for address in addresses for secret in logs.secrets_of(address)]
    logs.configure(level=level, secrets=(*secrets, *logs.passwords_of(settings.database)), environ=os.environ)


@contextmanager
def corpus_of(settings: Settings) -> Iterator[Corpus]:
    """The corpus, closed at the end; a missing SQLite file is made, an old schema refused with the remedy."""
    corpus = Corpus.open(settings.database)
    try:
        yield corpus
    finally:
        corpus.close()


@contextmanager
def reading(settings: Settings) -> Iterator[Connection]:
    """The corpus for a command that only reads, also where this user may write neither its file nor its folder."""
    corpus = open_to_read(settings.database)
    try:
        with corpus.read() as connection:
            yield connection
    finally:
        corpus.close()


def day(text: str | None, option: str, *, end: bool = False) -> datetime | None:
    """A DATE option: ISO 8601, Beijing unless it says otherwise; a bare day is its first moment, or its end."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option}: {text!r} is not a date; write 2026-07-06 or 2026-07-06T17:31") from None
    if not 1 < moment.year < 9999:  # in UTC it might lie outside of what a calendar holds
        raise UsageError(f"{option}: {text!r} is before or after all time")
    if end and len(text) <= len("2026-07-06"):
        moment += timedelta(days=1)
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)
