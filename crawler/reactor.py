"""Runs one asyncio program on the Twisted reactor that Scrapy needs; owns the order in which the two are started."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet import asyncioreactor
from twisted.logger import LogEvent, STDLibLogObserver, globalLogBeginner

#: What it logs, a certificate without the kind of name that it wants, is said by the request that fails over it.
_SAID_ELSEWHERE = frozenset({"twisted.internet._sslverify"})


def run(main: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Run `main()` to its end on a loop of its own and return its result; an exception of `main` is raised here.

    Once per process, and before anything imports `twisted.internet.reactor`: a reactor cannot be started twice.
    Signals are left to `main`; what it leaves running is cancelled.
    """
    _log_as_we_do()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]  # Twisted's own
    # The import is what fixes the reactor; above the install it would fix the wrong one.
    from twisted.internet import reactor as installed  # noqa: PLC0415

    reactor: Any = installed  # Twisted types the module, not what `install` puts in its place
    tasks: list[asyncio.Task[int]] = []

    def begin() -> None:
        task = loop.create_task(main())
        task.add_done_callback(lambda _: reactor.stop())
        tasks.append(task)

    reactor.callWhenRunning(begin)
    try:
        reactor.run(installSignalHandlers=False)
    finally:
        _finish(loop)
    return tasks[0].result()


def _log_as_we_do() -> None:
    """Twisted's own errors go to the logging of the process; else they stand on stderr as they are, secrets and all."""
    forward = STDLibLogObserver()

    def observe(event: LogEvent) -> None:
        if event.get("log_namespace") not in _SAID_ELSEWHERE:
            forward(event)

    observers: list[Any] = [observe]  # any callable will do, but zope's interfaces are no types
    globalLogBeginner.beginLoggingTo(observers, redirectStandardIO=False)


def _finish(loop: asyncio.AbstractEventLoop) -> None:
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    asyncio.set_event_loop(None)
    loop.close()
