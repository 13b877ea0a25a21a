"""`doctor`: looks at everything that can keep the daemon from its work, and says what to do about it."""

import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from crawler.records import ChaoxunError
from monitor.alerts.channels import open_channels
from monitor.cli.exits import FAILED
from monitor.cli.output import print_json, say
from monitor.cli.setting import config_folder, configure_logs
from monitor.corpus import Corpus, sources, undelivered
from monitor.corpus.lock import DaemonLock, daemon_runs_on
from monitor.corpus.readonly import open_to_read
from monitor.model import Health
from monitor.settings import Settings, load_settings

#: Less free space than this, and a busy week may fill the disk.
LEAST_FREE = 500 * 1024 * 1024
#: No clock of a machine that runs this is before the program was written.
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
_UNWELL = (Health.BROKEN, Health.BLOCKED, Health.GARBLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at. `what` says how it is and, where it is not ok, what to do."""

    name: str
    ok: bool
    what: str


def doctor(context: typer.Context, *, json: bool) -> None:
    findings = list(_look(context))
    if json:
        print_json([{"name": f.name, "ok": f.ok, "what": f.what} for f in findings])
    else:
        for finding in findings:
            say(f"{'ok  ' if finding.ok else 'BAD '} {finding.name}: {finding.what}")
    if not all(finding.ok for finding in findings):
        raise typer.Exit(FAILED)


def _look(context: typer.Context) -> Iterator[Finding]:
    yield Finding(name="python", ok=True, what=f"{sys.version.split()[0]}")
    yield _clock(datetime.now(UTC))
    settings, finding = _settings(context)
    yield finding
    if settings is None:
        return
    for warning in settings.warnings:
        yield Finding(name="configuration", ok=True, what=f"note: {warning}")
    lax = [source.slug for source in settings.sources if source.tls.accepted and not source.disabled]
    if lax:
        what = f"note: {', '.join(lax)} accept TLS that nobody vouches for, or that is old; `chaoxun health` says which"
        yield Finding(name="tls", ok=True, what=what)
    yield _tried("channels", lambda: f"{len(open_channels(settings.channels))} channels; `chaoxun alert test CHANNEL`")
    yield from _database(settings)


def _clock(moment: datetime) -> Finding:
    good = moment > EARLIEST
    return Finding(
        name="clock",
        ok=good,
        what=f"{moment.isoformat(timespec='seconds')}" + ("" if good else "; set the time, or turn on timesyncd"),
    )


def _settings(context: typer.Context) -> tuple[Settings | None, Finding]:
    try:
        settings = load_settings(config_folder(context), os.environ)
    except ChaoxunError as error:
        return None, Finding(name="configuration", ok=False, what=str(error))
    configure_logs(settings, level=logging.WARNING)
    active = sum(1 for source in settings.sources if not source.disabled)
    what = f"{settings.folder}: {active} sources, {len(settings.watches)} watches"
    return settings, Finding(name="configuration", ok=True, what=what)


def _tried(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name=name, ok=True, what=look())
    except ChaoxunError as error:
        return Finding(name=name, ok=False, what=str(error))


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        corpus = open_to_read(settings.database)
    except ChaoxunError as error:
        yield Finding(name="database", ok=False, what=str(error))
        return
    try:
        yield Finding(name="database", ok=True, what=f"{corpus.name}, schema {corpus.version()}")
        if corpus.path is not None:
            yield _disk(corpus.path.absolute().parent)
        yield Finding(name="daemon", ok=True, what=_daemon(corpus))
        with corpus.read() as connection:
            backlog = undelivered.backlog(connection, datetime.now(UTC))
            states = sources.states(connection)
        yield from _outbox(backlog)
        for state in states:
            if state.state in _UNWELL:
                yield Finding(name=f"source {state.slug}", ok=False, what=f"{state.state}: {state.why}")
    finally:
        corpus.close()


def _outbox(backlog: Sequence[undelivered.Backlog]) -> Iterator[Finding]:
    dead, held = sum(each.dead for each in backlog), sum(each.held for each in backlog)
    yield Finding(
        name="outbox",
        ok=dead + held == 0,
        what=f"{dead} dead, {held} held"
        + ("; `chaoxun alert list --state dead` says why" if dead + held else ", all is delivered or on its way"),
    )
    for each in backlog:
        what = f"{each.in_words(datetime.now(UTC))}; `chaoxun alert list --channel {each.channel}`"
        yield Finding(name=f"channel {each.channel}", ok=each.dead + each.held == 0, what=what)


def _daemon(corpus: Corpus) -> str:
    try:
        running = daemon_runs_on(corpus.path) if corpus.path is not None else DaemonLock(corpus).held_elsewhere()
    except PermissionError:
        return "only its own user sees whether it runs; `systemctl status chaoxun`"
    return "runs" if running else "does not run; `systemctl start chaoxun`, or `chaoxun run` by hand"


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    good = free >= LEAST_FREE
    what = f"{free // 1024 // 1024} MB free in {folder}" + ("" if good else "; make room, or `chaoxun db prune`")
    return Finding(name="disk", ok=good, what=what)
