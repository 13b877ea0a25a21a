"""Sets up logging once per process: one line per event on stderr, fields behind it, secrets struck out."""

import logging
import re
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

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


#: What in an address is long enough to be a key, and is no host name: those have dots.
_KEY_LENGTH = 12
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://(?:([^/?#@]*)@)?([^?#]*)", re.IGNORECASE)
_QUERY_SECRET = re.compile(r"[?&](?:pass|password|token|secret|key|apikey)=([^&#]+)", re.IGNORECASE)


def passwords_of(address: str) -> tuple[str, ...]:
    """The passwords in a URL, as written there and as a server is told them. Pure.

    >>> passwords_of("postgresql+psycopg://chaoxun:p%40ss@db.example/chaoxun")
    ('p%40ss', 'p@ss')
    >>> passwords_of("sqlite:///var/chaoxun.db")
    ()
    """
    found = _ADDRESS.match(address)
    user = (found[1] or "") if found else ""
    written = [user.partition(":")[2], *_QUERY_SECRET.findall(address)]
    return tuple(dict.fromkeys(form for secret in written if secret for form in (secret, unquote(secret))))


def secrets_of(address: str) -> tuple[str, ...]:
    """Everything in a channel's URL that no log may show: itself, its passwords, and the keys in its path. Pure.

    >>> secrets_of("slack://T1JJ3T3L2/A1BRTD4JD/demodemodemodemodemodemo")[1:]
    ('demodemodemodemodemodemo',)
    >>> secrets_of("mailto://chaoxun:geheim@smtp.example.org:2525/?to=desk@example.org")[1:]
    ('geheim',)
    """
    found = _ADDRESS.match(address)
    pieces = re.split(r"[/:]", f"{found[1] or ''}/{found[2]}") if found else []
    keys = [piece for piece in pieces if len(piece) >= _KEY_LENGTH and "." not in piece and "@" not in piece]
    return tuple(dict.fromkeys([address, *passwords_of(address), *keys]))


#: Line ends, escapes and the marks that turn the direction of writing.
_STEERING = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]")


class StrikeSecrets:
    """Replaces every known secret in a finished line, whatever field or traceback it hid in."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = tuple(sorted({s for s in secrets if len(s) >= 4}, key=len, reverse=True))

    def __call__(self, line: str) -> str:
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line


def _line(event: EventDict) -> str:
    """`2026-11-22T10:00:00+08:00 info  poll finished source=yiwu-news new=3`."""
    head = f"{event.pop('timestamp')} {event.pop('level', 'info'):<7} {_on_one_line(str(event.pop('event', '')))}"
    event.pop("_record", None)
    event.pop("_from_structlog", None)
    trace = event.pop("exception", None)
    fields = " ".join(f"{key}={_shown(value)}" for key, value in event.items())
    line = f"{head} {fields}".rstrip()
    return f"{line}\n{trace}" if trace else line


def _shown(value: Any) -> str:
    text = _on_one_line(str(value))
    return f'"{text}"' if " " in text else text


def _on_one_line(text: str) -> str:
    """Pages and servers have a say in what is logged: no second line of theirs may pass for one of ours."""
    return _STEERING.sub(lambda found: repr(found[0])[1:-1], text)


def _stamp(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    event["timestamp"] = datetime.now(BEIJING).isoformat(timespec="milliseconds")
    return event


class _Render:
    """The last step: an event as text, its secrets struck out, each line with its priority where journald reads it."""

    def __init__(self, *, strike: StrikeSecrets, journal: bool) -> None:
        self._strike = strike
        self._journal = journal

    def __call__(self, logger: WrappedLogger, name: str, event: EventDict) -> str:
        priority = _PRIORITY.get(str(event.get("level", "info")), "<6>")
        text = self._strike(_line(event))
        return priority + text.replace("\n", f"\n{priority}") if self._journal else text


def configure(*, level: int = logging.INFO, secrets: tuple[str, ...] = (), environ: Mapping[str, str]) -> None:
    """Everything logged by us and by libraries goes to stderr in one form.

    Under systemd (`$JOURNAL_STREAM`) each line starts with its priority, so that `journalctl -p err` works.
    """
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        _stamp,
        structlog.processors.format_exc_info,
    ]
    render = _Render(strike=StrikeSecrets(secrets), journal="JOURNAL_STREAM" in environ)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=render, keep_exc_info=False)
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
