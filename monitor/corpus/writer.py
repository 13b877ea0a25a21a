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
    that may be repeated). `progress` counts finished units and `waiting` those that are not: a watchdog that sees
    `waiting` above 0 and `progress` at rest knows that the thread hangs.
    """

    def __init__(self, corpus: Corpus, *, waits: tuple[timedelta, ...] = WAITS) -> None:
        self._corpus = corpus
        self._waits = waits
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")
        self._closing = threading.Event()
        self.progress = 0
        self.waiting = 0

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function that opens its own transactions: `await writer.run(ingest, corpus, visit, …)`.

        Raises what it raises; CorpusError only after the retries.
        """
        self.waiting += 1
        try:
            return await asyncio.wrap_future(self._thread.submit(self._persist, lambda: function(*args, **kwargs)))
        finally:
            self.waiting -= 1
            self.progress += 1

    async def transaction(
        self, function: Callable[Concatenate[sa.Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Call a function that wants a connection first, inside one transaction of its own."""

        def once() -> T:
            with self._corpus.begin() as tx:
                return function(tx, *args, **kwargs)

        return await self.run(once)

    def _persist(self, work: Callable[[], T]) -> T:
        for wait in self._waits:
            try:
                return work()
            except CorpusError as error:
                if not error.passing or self._closing.is_set():
                    raise
                log.warning("writer waits for the database", why=str(error), seconds=wait.total_seconds())
                self._closing.wait(wait.total_seconds())
        return work()

    async def close(self) -> None:
        """Finish what was handed over, then end the thread. Units that wait for a lock are not retried any more."""
        self._closing.set()
        await asyncio.to_thread(self._thread.shutdown, wait=True)
