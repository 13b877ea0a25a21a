"""`run`: the daemon in the foreground."""

import logging
import os

import structlog
import typer

from crawler import reactor
from monitor.cli.setting import config_folder, configure_logs, settings_of
from monitor.daemon import Daemon
from monitor.notify import notifier
from monitor.settings import Settings, load_settings

log = structlog.get_logger()


def run(context: typer.Context) -> None:
    settings = settings_of(context, level=logging.INFO, secrets=True)
    folder = config_folder(context)
    for warning in settings.warnings:
        log.warning("configuration", why=warning)

    def reread() -> Settings:
        changed = load_settings(folder, os.environ)
        configure_logs(changed, level=logging.INFO)  # its secrets are other ones
        return changed

    async def main() -> int:
        await Daemon(settings, reread=reread, notifier=notifier()).run()
        return 0

    reactor.run(main)
