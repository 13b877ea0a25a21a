"""`run`: the daemon in the foreground."""

import logging
import os

import structlog
import typer

from crawler import reactor
from monitor.cli.setting import config_folder, settings_of
from monitor.daemon import Daemon
from monitor.notify import notifier
from monitor.settings import load_settings

log = structlog.get_logger()


def run(context: typer.Context) -> None:
    settings = settings_of(context, level=logging.INFO, secrets=True)
    folder = config_folder(context)
    for warning in settings.warnings:
        log.warning("configuration", why=warning)

    async def main() -> int:
        await Daemon(settings, reread=lambda: load_settings(folder, os.environ), notifier=notifier()).run()
        return 0

    reactor.run(main)
