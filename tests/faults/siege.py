"""Sites, receivers and a real daemon that is ended again and again while news comes in and alerts go out."""

import random
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from monitor.corpus import Corpus
from monitor.corpus.sources import states
from monitor.demo.receivers import HookReceiver, MailReceiver
from monitor.demo.sites import Pace, SampleSites
from tests.daemons import PATIENCE, DaemonProcess
from tests.faults.checker import violations
from tests.faults.editor import Editor
from tests.faults.ledgers import History, Stored, mails_said, posts_said, stored

#: A daemon that has not set anything right for so long will not do it any more.
SETTLE = 90.0
#: For so many seconds a daemon that is to meet its point is given news.
BUSY = 10.0
CHANNELS = frozenset({"desk:desk@example.org", "hook"})


class Siege:
    """What is published, what is taken, and a daemon between them; what it opens ends with the stack."""

    def __init__(self, folder: Path, database: str, draw: random.Random, stack: ExitStack) -> None:
        self._draw = draw
        self._database = database
        self._pause = threading.Event()  # never set: the moment of a kill is what the tests are about
        self._baseline_until = float("inf")
        self._orderly: set[int] = set()
        self.sites = stack.enter_context(SampleSites())
        self.sites.publish_backlog()
        self.mail = stack.enter_context(MailReceiver())
        self.hook = stack.enter_context(HookReceiver())
        self.sites.write_config(
            folder,
            channels={"desk": self.mail.url("desk@example.org"), "hook": self.hook.url()},
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
                *mails_said("desk", self.mail.accepted.all()),
                *posts_said("hook", self.hook.posted.all()),
            ],
            channels=CHANNELS,
            starts=tuple(self.daemon.starts),
            baseline_until=self._baseline_until,
            orderly=frozenset(self._orderly),
        )

    # -- the ways in which a process ends

    def kill_early(self) -> None:
        """Kills it while it starts: schema, registration, leases of the one before it."""
        self.daemon.start()
        self._pause.wait(self._draw.uniform(0.5, 2.5))
        self.daemon.kill()

    def kill_at_work(self, acts: int) -> None:
        """Starts the daemon, lets the editor act around a moment within 0.1 to 0.6 s of its work, and kills it then."""
        self._work(acts)
        self.daemon.kill()

    def terminate_at_work(self, acts: int) -> None:
        """The same with SIGTERM: it has 30 s to end in good order."""
        self._work(acts)
        told = time.monotonic()
        code = self.daemon.terminate()
        assert code == 0, f"SIGTERM ended it with {code}; the log:\n{self.daemon.log[-5000:]}"
        assert time.monotonic() - told < 30
        self._orderly.add(len(self.daemon.starts))

    def fail_at(self, point: str, acts: int) -> int:
        """Starts a daemon that will kill itself there, keeps the sites busy until it does, and answers its exit code.

        acts: so many before the start, and as many in each of the first seconds.
        """
        self._act(acts)
        self.daemon.start("tests.faults.failing", CHAOXUN_FAIL_AT=point)
        began = time.monotonic()
        while self.daemon.runs() and time.monotonic() - began < 3 * PATIENCE:
            self._pause.wait(1)
            if time.monotonic() - began < BUSY:  # more would keep a slow machine from what is waited for
                self._act(acts)
        assert not self.daemon.runs(), f"the point {point} is never met; the log:\n{self.daemon.log[-3000:]}"
        return self.daemon.wait_end()

    def calm(self, acts: int) -> None:
        """Lets the editor act, so many times within half a minute, on a daemon that nobody disturbs; ends it then."""
        self.daemon.start().wait_ready()
        for _ in range(acts):
            self._pause.wait(30 / acts)
            self.editor.act()
        assert self.daemon.terminate() == 0
        self._orderly.add(len(self.daemon.starts))

    def _act(self, times: int) -> None:
        for _ in range(times):
            self.editor.act()

    def _work(self, acts: int) -> None:
        before = self._draw.randint(0, acts)
        self._act(before)
        self.daemon.start().wait_ready()
        left = self._draw.uniform(0.1, 0.6)
        for _ in range(acts - before):
            self._pause.wait(left / (acts - before + 1))
            self.editor.act()
        self._pause.wait(left / (acts - before + 1))

    # -- the beginning and the end of a run

    def end_baseline(self) -> None:
        """Lets the daemon run until every source has had its first poll, and what was found is stored; kills it."""
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
        fewest, moved = float("inf"), time.monotonic()
        while (wrong := len(self._wrong())) and time.monotonic() - moved < SETTLE:
            if wrong < fewest:  # a slow machine has a backlog, and is not at rest while it works it off
                fewest, moved = wrong, time.monotonic()
            self._some_more_polls()
        self._some_more_polls()  # what it should not say would come now
        code = self.daemon.terminate()
        ending = [f"the last process ended with {code}"] if code else []
        return ending + self._wrong()

    def held(self) -> Stored:
        return stored(self._database)

    def _wrong(self) -> list[str]:
        return violations(self.history(), self.held())

    def _baseline_is_over(self) -> bool:
        corpus = Corpus.open(self._database)
        try:
            with corpus.read() as connection:
                over = all(state.baseline_at is not None for state in states(connection))
        finally:
            corpus.close()
        return over and not self.held().pending

    def _some_more_polls(self) -> None:
        seen = len(self.sites.ledger.requests)
        self.sites.ledger.wait_until(lambda ledger: len(ledger.requests) >= seen + 40, 10)
