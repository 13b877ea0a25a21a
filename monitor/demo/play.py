"""The demo: the real daemon against the sample sites, with real receivers, told on the terminal as it happens."""

import asyncio
import json
import logging
import os
import shutil
import signal
import socket
import sys
from collections import Counter
from contextlib import ExitStack, suppress
from datetime import datetime
from itertools import count
from pathlib import Path
from threading import Lock

from rich.console import Console

from crawler import reactor
from crawler.records import BEIJING, ChaoxunError
from monitor import logs
from monitor.corpus import Connection, Corpus, articles, outbox
from monitor.corpus.lock import daemon_runs_on
from monitor.daemon import Daemon
from monitor.demo.receivers import HookReceiver, Mail, MailReceiver, Posted
from monitor.demo.sites import EventKind, SampleSites
from monitor.demo.sites.scenario import COPY, EDITED, Player, Step, backlog_was_read, demo_steps
from monitor.notify import Notifier
from monitor.settings import Settings, load_settings
from monitor.urls import canonical_url

#: What marks a folder as ours, to be made anew by the next demo.
_MARK = "THIS-IS-A-DEMO.txt"


def play(folder: Path, *, seconds: float | None, port: int) -> int:
    """One demo from its start to its end; answers the exit code."""
    return reactor.run(Demo(folder=folder, seconds=seconds, port=port).run)


class DemoError(ChaoxunError):
    """The demo cannot begin."""


class Demo:
    """One demo in `folder`, which holds its configuration, database, mails and Slack payloads afterwards."""

    def __init__(self, *, folder: Path, seconds: float | None, port: int) -> None:
        """seconds: how long it runs; None until Ctrl-C. port: of the page; where it is taken, a free one."""
        self._folder = folder
        self._seconds = seconds
        self._port = port
        self._console = Console(highlight=False, soft_wrap=True)
        self._printing = Lock()
        self._numbers = count(1)
        self._heard: dict[str, int] = {}
        self._ended = False
        self._daemon: Daemon | None = None

    async def run(self) -> int:
        """Plays until its time is over or somebody ends it; 0, or 1 where all was played and no alert came through."""
        for number in (signal.SIGINT, signal.SIGTERM):  # also before the daemon hears them itself
            asyncio.get_running_loop().add_signal_handler(number, self._end)
        self._prepare()
        with ExitStack() as stack:
            sites = stack.enter_context(SampleSites())
            backlog = sites.publish_backlog()
            mail = stack.enter_context(MailReceiver(on_mail=self._got_mail))
            slack = stack.enter_context(HookReceiver(on_post=self._got_slack))
            settings = self._configure(sites, mail)
            player = Player(sites, demo_steps(), ready=backlog_was_read(backlog), on_step=self._played)
            daemon = Daemon(
                settings,
                reread=lambda: load_settings(self._folder, os.environ),
                notifier=Notifier(None),
                endpoints={"slack": slack.address},
                ready=lambda address: self._begin(address, len(backlog), player),
            )
            self._daemon = daemon
            if self._seconds is not None:
                asyncio.get_running_loop().call_later(self._seconds, self._end)
            if self._ended:
                return 0
            try:
                await daemon.run()
            finally:
                await asyncio.to_thread(player.stop)
            self._sum_up(settings, sites)
        return 1 if player.wait(0) and not self._heard else 0

    def _end(self) -> None:
        self._ended = True
        if self._daemon is not None:
            self._daemon.stop()

    def _prepare(self) -> None:
        if daemon_runs_on(self._folder / "chaoxun.db"):
            raise DemoError(f"a demo runs in {self._folder} already; end it first, or start from another folder")
        if (self._folder / _MARK).exists():
            shutil.rmtree(self._folder)
        elif self._folder.exists() and any(self._folder.iterdir()):
            raise DemoError(f"{self._folder} holds files that are not a demo's; move them away")
        for part in ("mail", "slack"):
            (self._folder / part).mkdir(parents=True)
        (self._folder / _MARK).write_text("Made by `chaoxun demo`, and made anew by the next one.\n", encoding="utf-8")

    def _configure(self, sites: SampleSites, mail: MailReceiver) -> Settings:
        sites.write_config(
            self._folder,
            channels={
                "desk-mail": mail.url("desk@example.org"),
                "desk-slack": "slack://T1JJ3T3L2/A1BRTD4JD/demodemodemodemodemodemo",
            },
            bind=f"127.0.0.1:{_free(self._port)}",
        )
        settings = load_settings(self._folder, os.environ)
        logs.configure(
            level=logging.WARNING,
            secrets=tuple(secret for c in settings.channels.values() for secret in logs.secrets_of(c.url)),
            environ=os.environ,
        )
        return settings

    def _begin(self, address: str, backlog: int, player: Player) -> None:
        self._say(f"潮讯 watches four sample sites. The page: {address}", style="bold")
        self._say(f"The first poll is baseline: {backlog} articles are stored, none alerts.")
        player.start()

    def _played(self, step: Step) -> None:
        self._say(f"the site {step.what}  (expected: {step.expect})", style="dim")

    def _got_mail(self, mail: Mail) -> None:
        (self._folder / "mail" / f"{next(self._numbers):03}.eml").write_bytes(mail.raw)
        subject = str(mail.parsed["Subject"])
        self._heard[subject[:3]] = self._heard.get(subject[:3], 0) + 1
        self._say(f"mail to {mail.recipient}: {subject}", style="bold green", below=mail.text)

    def _got_slack(self, posted: Posted) -> None:
        path = self._folder / "slack" / f"{next(self._numbers):03}.json"
        path.write_text(json.dumps(posted.json, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        self._say(f"Slack got the same: {_relative(path)}", style="green")

    def _sum_up(self, settings: Settings, sites: SampleSites) -> None:
        told = ", ".join(f"{mark} {number}" for mark, number in sorted(self._heard.items())) or "none"
        self._say(f"Alerts by mail: {told}.", style="bold")
        corpus = Corpus.open(settings.database)
        with corpus.read() as connection:
            findings = (what_became_of_the_copy(connection, sites), what_became_of_the_noise(connection, sites))
            edited = articles.id_of(connection, canonical_url(sites.article_url(EDITED)))
        corpus.close()
        for finding in findings:
            self._say(finding, style="bold")
        base = f"{_command()} --config {_relative(self._folder)}"
        self._say(
            "Look at what it left:",
            below="\n".join(
                (
                    f"{base} search 产业大脑",
                    f"{base} alert list",
                    f"{base} health",
                    f"{base} show {edited or 1} --diff",
                    f"less {_relative(self._folder)}/mail/*.eml {_relative(self._folder)}/slack/*.json",
                )
            ),
        )

    def _say(self, line: str, *, style: str | None = None, below: str = "") -> None:
        """One line with the time of day; called from several threads."""
        clock = datetime.now(BEIJING).strftime("%H:%M:%S")
        with self._printing:
            self._console.print(f"{clock} {line}", style=style, markup=False)
            if below:
                self._console.print("\n".join(f"         {part}" for part in below.split("\n")), markup=False)


def what_became_of_the_copy(connection: Connection, sites: SampleSites) -> str:
    """What the corpus holds about the repost: its alerts, and the story that it joined."""
    if COPY not in sites.ledger.articles():
        return "The demo ended before the repost."
    number = articles.id_of(connection, canonical_url(sites.article_url(COPY)))
    if number is None:
        return "The demo ended before the repost was polled."
    alerts = {row.id for row in outbox.list_deliveries(connection) if row.article_id == number}
    outlets = ", ".join(member["source"] for member in articles.story(connection, number))
    return f"The repost raised {len(alerts)} alerts; its story has the outlets {outlets}."


def what_became_of_the_noise(connection: Connection, sites: SampleSites) -> str:
    """How many pages moved without news, and how many revisions the corpus made for how many edits."""
    kinds = Counter(event.kind for event in sites.ledger.events)
    held = [articles.id_of(connection, canonical_url(record.url)) for record in sites.ledger.articles().values()]
    views = articles.summaries(connection, [number for number in held if number is not None])
    revisions = sum(view["revision"] - 1 for view in views)
    return (
        f"Counters and dates moved on {kinds[EventKind.TOUCHED]} pages, {kinds[EventKind.EDITED]} article was edited;"
        f" revisions made: {revisions}."
    )


def _command() -> str:
    """How this program is called from here: `make demo` leaves its venv out of the PATH."""
    return "chaoxun" if shutil.which("chaoxun") else str(_relative(Path(sys.argv[0]).absolute()))


def _free(port: int) -> int:
    """The port where it can be had, else 0: any free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    return 0


def _relative(folder: Path) -> Path:
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder
