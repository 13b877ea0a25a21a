"""The one thread that writes to the corpus while the loop goes on; refuses to know what is written."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
import structlog

from monitor.corpus.database import Corpus
from monitor.corpus.trouble import CorpusError

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger()

#: Waits between the tries of one unit of work; each try has waited for the database's own busy timeout already.
WAITS = (timedelta(seconds=0.2), timedelta(seconds=1), timedelta(seconds=3))


class Writer:
    """Runs units of work one after the other on a thread of its own.

    A unit that met a lock or a lost connection is done again as a whole, so it must be one transaction (or several
    that may be repeated). `waiting` counts units that are not finished, `progress` the finished ones and every try that
    a database in trouble cost: a watchdog that sees `waiting` above 0 and `progress` at rest knows that the thread
    hangs. `trouble` says why the last try failed, "" once a unit succeeds.
    """

    def __init__(self, corpus: Corpus, *, waits: tuple[timedelta, ...] = WAITS) -> None:
        self._corpus = corpus
        self._waits = waits
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")
        self._closing = threading.Event()
        self.waiting = 0
        self.trouble = ""
        self._finished = 0
        self._tries = 0  # counted by the thread alone, as `_finished` is by the loop

    @property
    def progress(self) -> int:
        return self._finished + self._tries

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function that opens its own transactions: `await writer.run(ingest, corpus, visit, …)`.

        Raises what it raises; CorpusError only after the retries.
        """
        self.waiting += 1
        try:
            return await asyncio.wrap_future(self._thread.submit(self._persist, lambda: function(*args, **kwargs)))
        finally:
            self.waiting -= 1
            self._finished += 1

    async def transaction(
        self, function: Callable[Concatenate[sa.Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call a function that wants a connection first, inside one transaction of its own."""

        def once() -> T:
            with self._corpus.begin() as tx:
                return function(tx, *args, **kwargs)

        return await self.run(once)

    def _persist(self, work: Callable[[], T]) -> T:
        for wait in (*self._waits, None):
            try:
                result = work()
            except CorpusError as error:
                self._tries += 1
                self.trouble = str(error)
                if wait is None or not error.passing or self._closing.is_set():
                    raise
                log.warning("writer waits for the database", why=str(error), seconds=wait.total_seconds())
                self._closing.wait(wait.total_seconds())
            else:
                self.trouble = ""
                return result
        raise AssertionError("the last try answers or raises")

    def hurry(self) -> None:
        """The end is near: units that wait for a lock are not retried any more."""
        self._closing.set()

    async def close(self) -> None:
        """Finish what was handed over, then end the thread; hurries."""
        self.hurry()
        await asyncio.to_thread(self._thread.shutdown, wait=True)
