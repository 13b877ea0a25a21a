"""`run` and `demo`: the daemon from the command line."""

import logging
import os
import sys
from collections.abc import Mapping

import typer

from crawler import reactor
from monitor.cli.setting import config_folder, settings_of
from monitor.daemon import Daemon
from monitor.notify import notifier
from monitor.settings import Settings, load_settings


def run(context: typer.Context) -> None:
    settings = settings_of(context, level=logging.INFO)
    folder = config_folder(context)
    serve(settings, reread=lambda: load_settings(folder, os.environ))


def serve(settings: Settings, *, reread, endpoints: Mapping[str, str] | None = None) -> None:
    ...


def demo(seconds: float | None, port: int) -> None:
    ...
