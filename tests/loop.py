"""One running reactor loop for the whole test session, in a thread, since a reactor starts once per process."""

import asyncio
import atexit
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from functools import cache
from typing import Any, TypeVar

import pytest

from crawler import reactor

T = TypeVar("T")


class HubLoop:
    """The loop of `crawler.reactor.run`, from the outside: `run` waits for a coroutine's result."""

    def __init__(self) -> None:
        self._ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(target=reactor.run, args=(self._main,), name="reactor", daemon=True)
        self._thread.start()
        self.loop, self._end = self._ready.result(timeout=30)

    def run(self, coroutine: Coroutine[Any, Any, T], *, timeout: float = 60.0) -> T:
        """The coroutine's result, or its exception; TimeoutError where it hangs for `timeout` seconds."""
        future = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        try:
            return future.result(timeout)
        except TimeoutError:
            future.cancel()
            raise

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self._end.set)
        self._thread.join(timeout=10)

    async def _main(self) -> int:
        end = asyncio.Event()
        self._ready.set_result((asyncio.get_running_loop(), end))
        await end.wait()
        return 0


@cache
def the_loop() -> HubLoop:
    """The session's one loop. Not a fixture of its own making: each importing module would make another."""
    loop = HubLoop()
    atexit.register(loop.close)
    return loop


@pytest.fixture(scope="session")
def hub_loop() -> HubLoop:
    """`hub_loop.run(coroutine)`: everything of a Hub runs there."""
    return the_loop()
