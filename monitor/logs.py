"""Sets up logging once per process: one line per event on stderr, fields behind it, secrets struck out."""

import logging
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from crawler.records import BEIJING

#: Libraries that say too much at INFO; what matters of theirs comes back as our own events.
_QUIET = (
    "scrapy",
    "twisted",
    "apscheduler",
    "aiohttp.access",
    "apprise",
    "trafilatura",
    "htmldate",
    "asyncio",
    "alembic",
)

#: What journald reads at the start of a line (sd-daemon(3)).
_PRIORITY = {"critical": "<2>", "error": "<3>", "warning": "<4>", "info": "<6>", "debug": "<7>"}


class StrikeSecrets:
    """Replaces every known secret in an event, whatever field it hides in."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = tuple(sorted((s for s in secrets if len(s) >= 4), key=len, reverse=True))

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
        return {key: self._strike(value) for key, value in event.items()}

    def _strike(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        for secret in self._secrets:
            value = value.replace(secret, "***")
        return value


def _line(logger: WrappedLogger, name: str, event: EventDict) -> str:
    """`2026-11-22T10:00:00+08:00 info  poll finished source=yiwu-news new=3`."""
    head = f"{event.pop('timestamp')} {event.pop('level', 'info'):<7} {event.pop('event', '')}"
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    trace = event.pop("exception", None)
    fields = " ".join(f"{key}={_shown(value)}" for key, value in event.items())
    line = f"{head} {fields}".rstrip()
    return f"{line}\n{trace}" if trace else line


def _shown(value: Any) -> str:
    text = str(value)
    return f'"{text}"' if " " in text else text


def _stamp(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    event["timestamp"] = datetime.now(BEIJING).isoformat(timespec="milliseconds")
    return event


class _Prefix:
    def __init__(self, journal: bool) -> None:
        self._journal = journal

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> str:
        level = str(event.get("level", "info"))
        line = _line(logger, name, event)
        return _PRIORITY.get(level, "<6>") + line if self._journal else line


def configure(*, level: int = logging.INFO, secrets: tuple[str, ...] = (), environ: Mapping[str, str]) -> None:
    """Everything logged by us and by libraries goes to stderr in one form.

    Under systemd (`$JOURNAL_STREAM`) each line starts with its priority, so that `journalctl -p err` works.
    """
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        _stamp,
        structlog.processors.format_exc_info,
        StrikeSecrets(secrets),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processor=_Prefix("JOURNAL_STREAM" in environ), keep_exc_info=False
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
