"""What a receiver saw, in order, and the loop that it runs in beside the caller's own."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

PATIENCE = 20.0

Record = TypeVar("Record")


class Ledger(Generic[Record]):
    """What a receiver saw, in order; several threads may look at it."""

    def __init__(self, heard: Callable[[Record], None] | None = None) -> None:
        """heard: called with every record, in the receiver's thread, before its answer goes out."""
        self._records: list[Record] = []
        self._arrived = threading.Condition()
        self._heard = heard

    def add(self, record: Record) -> None:
        with self._arrived:
            self._records.append(record)
            self._arrived.notify_all()
        if self._heard is not None:
            self._heard(record)

    def all(self) -> list[Record]:
        with self._arrived:
            return list(self._records)

    def wait_for(self, count: int, *, patience: float = PATIENCE) -> list[Record]:
        """The ledger once it holds `count` records; AssertionError with the last it holds after `patience` seconds."""
        with self._arrived:
            met = self._arrived.wait_for(lambda: len(self._records) >= count, patience)
            last = repr(self._records[-3:])[-2000:]
            assert met, f"{len(self._records)} of {count} arrived in {patience} s; the last of them: {last}"
            return list(self._records)


class Loop:
    """An asyncio loop in a thread of its own."""

    def __init__(self, name: str) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def call(self, work: Coroutine[Any, Any, Record]) -> Record:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    def close(self) -> None:
        self.call(self._cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE)
        self.loop.close()

    async def _cancel_all(self) -> None:
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # lets closed transports say so
