"""What happens on the sample sites while the demo runs, and the player that makes it happen."""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Self

from monitor.demo.sites.articles import Column
from monitor.demo.sites.ledger import SiteLedger
from monitor.demo.sites.server import SampleSites

#: The articles that the scripted scenario acts on.
NEW, EDITED, WITHDRAWN, UNMATCHED = "sina-brain-chem", "city-future-factory", "portal-challenge-list", "sina-football"
COPY = f"{NEW}@{Column.OUTLET_NEWS}"
CORRECTION = ("智能工厂37家", "智能工厂39家")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do, `at` after the start. expect: what the watches should say of it, for a person to read."""

    at: timedelta
    what: str
    expect: str
    do: Callable[[SampleSites], object]


def demo_steps() -> tuple[Step, ...]:
    """The demo, 16 seconds: a new article, an edit, a withdrawal, a repost, noise that must stay silent, a return."""
    return (
        _step(1, f"publishes {NEW}", "【新】", lambda sites: sites.publish(sites.written()[NEW])),
        _step(2, f"publishes {UNMATCHED}, which no watch wants", "nothing", _publish_unmatched),
        _step(3, f"corrects a figure in {EDITED}", "【改】", lambda sites: sites.edit(EDITED, swap=CORRECTION)),
        _step(5, f"withdraws {WITHDRAWN}", "【撤】", lambda sites: sites.withdraw(WITHDRAWN)),
        _step(8, f"reposts {NEW} on another site", "nothing: an outlet more", lambda sites: sites.repost(NEW)),
        _step(9, "moves counters, dates and related lists of every article", "nothing", touch_all),
        _step(14, f"puts {WITHDRAWN} back", "【复】", lambda sites: sites.restore(WITHDRAWN)),
        _step(16, "publishes the rest", "【新】 where a watch wants it", publish_rest),
    )


def touch_all(sites: SampleSites) -> None:
    """Renders every live page anew, with nothing changed that is news."""
    for record in sites.ledger.articles().values():
        if record.live:
            sites.touch(record.id)


def publish_rest(sites: SampleSites) -> None:
    """Publishes what articles.yaml still has."""
    known = sites.ledger.articles()
    for article in sites.written().later:
        if article.id not in known:
            sites.publish(article)


def backlog_was_read(ids: Sequence[str]) -> Callable[[SiteLedger], bool]:
    """Whether every one of the articles has been fetched: from then on a new one is news and no longer baseline."""
    return lambda ledger: all(ledger.first_served(key) is not None for key in ids)


class Player:
    """Plays steps on the sites in a thread of its own, until the last one or until stopped; a context manager.

    Before the first step it waits until `ready` holds for the ledger, but no longer than `patience`.
    on_step is called in the player's thread after each step is done.
    """

    def __init__(
        self,
        sites: SampleSites,
        steps: Iterable[Step],
        *,
        ready: Callable[[SiteLedger], bool] | None = None,
        patience: timedelta = timedelta(seconds=15),
        on_step: Callable[[Step], None] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sites = sites
        self._steps = sorted(steps, key=lambda step: step.at)
        self._ready = ready
        self._patience = patience
        self._on_step = on_step
        self._monotonic = monotonic
        self._stopping = threading.Event()
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._play, name="scenario", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends the play before its next step and waits for the thread."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def wait(self, timeout: float | None = None) -> bool:
        """Blocks until the last step is done; False when `timeout` seconds passed, or a stop came, before."""
        return self._finished.wait(timeout)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _play(self) -> None:
        if not self._await_ready():
            return
        start = self._monotonic()
        for step in self._steps:
            left = start + step.at.total_seconds() - self._monotonic()
            if self._stopping.wait(max(0.0, left)):
                return
            step.do(self._sites)
            if self._on_step is not None:
                self._on_step(step)
        self._finished.set()

    def _await_ready(self) -> bool:
        """Looks at the ledger in short waits, so that a stop is heard; False once stopped."""
        deadline = self._monotonic() + self._patience.total_seconds()
        while self._ready is not None and not self._stopping.is_set():
            left = deadline - self._monotonic()
            if left <= 0 or self._sites.ledger.wait_until(self._ready, min(left, 0.2)):
                break
        return not self._stopping.is_set()


def _step(seconds: float, what: str, expect: str, do: Callable[[SampleSites], object]) -> Step:
    return Step(at=timedelta(seconds=seconds), what=what, expect=expect, do=do)


def _publish_unmatched(sites: SampleSites) -> None:
    sites.publish(sites.written()[UNMATCHED])
