"""The real daemon killed with SIGKILL again and again while news comes in and alerts go out: nothing may be lost.

CHAOXUN_KILLS: how often (default 20; `make faults`: 200). CHAOXUN_SEED: the seed of a run that is to be repeated.
"""

import os
import random
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from monitor.corpus import Corpus
from monitor.corpus.sources import states
from monitor.demo.receivers import HookReceiver, MailReceiver
from monitor.demo.sites import Pace, SampleSites
from tests import postgres
from tests.daemons import DaemonProcess
from tests.faults.checker import History, mails_said, posts_said, stored, violations
from tests.faults.editor import Editor

KILLS = int(os.environ.get("CHAOXUN_KILLS", "20"))
#: The first kills meet the first polls: what they find is baseline, and stays so.
BASELINE_KILLS = 3
#: Every so-many-th kill comes while the process still starts: schema, registration, leases of the one before it.
EARLY = 8
SETTLE = 60.0
DATABASES = ("sqlite", "postgresql") if KILLS > 20 else ("sqlite",)


@pytest.fixture
def seed() -> int:
    return int(os.environ.get("CHAOXUN_SEED") or random.SystemRandom().randrange(1_000_000))


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'chaoxun.db'}"
    server: postgres.Server = request.getfixturevalue("postgres_server")
    return server.database()


class Siege:
    """Sites, receivers and a daemon that is killed at moments drawn by chance."""

    def __init__(self, folder: Path, database: str, draw: random.Random, stack: ExitStack) -> None:
        self._draw = draw
        self._database = database
        self._pause = threading.Event()  # never set: the moment of a kill is what the test is about
        self._baseline_until = float("inf")
        self.sites = stack.enter_context(SampleSites())
        self.sites.publish_backlog()
        self._mail = stack.enter_context(MailReceiver())
        self._hook = stack.enter_context(HookReceiver())
        self.sites.write_config(
            folder,
            channels={"desk": self._mail.url("desk@example.org"), "hook": self._hook.url()},
            database=database,
            bind="127.0.0.1:0",
            # eager enough that an edit is found between two kills, with a page looked at again every two seconds
            pace=Pace(every="500ms", recheck="2s", confirm_every="500ms"),
        )
        self.daemon = stack.enter_context(DaemonProcess(folder))
        self.editor = Editor(self.sites, draw, self.history)

    def history(self) -> History:
        return History(
            articles=self.sites.ledger.articles(),
            said=[
                *mails_said("desk", self._mail.accepted.all()),
                *posts_said("hook", self._hook.posted.all()),
            ],
            channels=frozenset({"desk", "hook"}),
            starts=tuple(self.daemon.starts),
            baseline_until=self._baseline_until,
        )

    def kill_early(self) -> None:
        self.daemon.start()
        self._pause.wait(self._draw.uniform(0.5, 2.5))
        self.daemon.kill()

    def kill_at_work(self, acts: int) -> None:
        """Starts the daemon, lets the editor act around a moment within 0.1 to 0.6 s of its work, and kills it then."""
        before = self._draw.randint(0, acts)
        for _ in range(before):
            self.editor.act()
        self.daemon.start().wait_ready()
        left = self._draw.uniform(0.1, 0.6)
        for _ in range(acts - before):
            self._pause.wait(left / (acts - before + 1))
            self.editor.act()
        self._pause.wait(left / (acts - before + 1))
        self.daemon.kill()

    def end_baseline(self) -> None:
        """Lets the daemon run until every source has had its first poll, and what was found is stored."""
        self.daemon.start().wait_ready()
        deadline = time.monotonic() + SETTLE
        while not self._baseline_is_over():
            assert time.monotonic() < deadline, f"the first polls do not end; the log:\n{self.daemon.log[-5000:]}"
            self._some_more_polls()
        self._baseline_until = time.monotonic()
        self.daemon.kill()

    def settle(self) -> list[str]:
        """Lets the daemon come to rest, ends it in good order, and answers what is wrong then."""
        self.daemon.start().wait_ready()
        deadline = time.monotonic() + SETTLE
        while violations(self.history(), stored(self._database)) and time.monotonic() < deadline:
            self._some_more_polls()
        self._some_more_polls()  # what it should not say would come now
        code = self.daemon.terminate()
        ending = [f"the last process ended with {code}"] if code else []
        return ending + violations(self.history(), stored(self._database))

    def _baseline_is_over(self) -> bool:
        corpus = Corpus.open(self._database)
        try:
            with corpus.read() as connection:
                over = all(state.baseline_at is not None for state in states(connection))
        finally:
            corpus.close()
        return over and not stored(self._database).pending

    def _some_more_polls(self) -> None:
        seen = len(self.sites.ledger.requests)
        self.sites.ledger.wait_until(lambda ledger: len(ledger.requests) >= seen + 40, 10)


def test_no_kill_loses_an_article_or_an_alert_and_each_repeats_at_most_one_message(
    tmp_path: Path, database: str, seed: int
) -> None:
    draw = random.Random(seed)
    with ExitStack() as stack:
        siege = Siege(tmp_path, database, draw, stack)
        for number in range(KILLS):
            if number == BASELINE_KILLS:
                siege.end_baseline()
            if number % EARLY == 0:
                siege.kill_early()
            siege.kill_at_work(acts=draw.randint(3, 6) if number >= BASELINE_KILLS else 0)
        found = siege.settle()
        assert not found, f"CHAOXUN_SEED={seed} CHAOXUN_KILLS={KILLS}:\n" + "\n".join(found)
        history = siege.history()
    assert len(history.starts) > KILLS
    assert len(history.said) > KILLS, "too little was said for this to prove anything"
