"""The daemon, made to kill itself at a named point: `CHAOXUN_FAIL_AT=finish_poll.after:2 python -m tests.faults.failing
--config DIR run`. The product knows nothing of it: its functions are wrapped here, before its `main` is called.

A point is the name of a unit of work, a dot and a moment of it. Units are the functions that the writer is handed
(`note_entries`, `mark_sent`, …), `start` for what comes before it, and `send` for a message on its way. Moments:
`before` and `after` the commit or the sending; `statement`: inside the transaction, after one of its statements. The
number says which time.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa

from monitor.alerts.channels.mail import MailChannel
from monitor.alerts.channels.webhook import WebhookChannel
from monitor.cli import main
from monitor.corpus import Corpus
from monitor.corpus.writer import Writer
from monitor.model import Message, SendResult

P = ParamSpec("P")
T = TypeVar("T")

#: Met by a daemon that starts on a new database, in this order.
STARTING = ("start.statement:12", "start.before:1", "start.after:1", "_begin.before:1", "_begin.after:1")
#: Met by every daemon that has news to take and to tell.
WORKING = (
    "release_leases.before:1",
    "release_leases.after:1",
    "_claim_due.before:2",
    "_claim_due.after:2",
    "note_entries.before:1",
    "note_entries.after:1",
    "ingest.statement:9",
    "ingest.before:2",
    "ingest.after:2",
    "finish_poll.before:3",
    "finish_poll.after:3",
    "take.before:1",
    "take.after:1",
    "send.before:2",
    "send.after:2",
    "mark_sent.before:1",
    "mark_sent.after:1",
)


class FailPoint:
    """One point, and how often it has been met."""

    def __init__(self, name: str) -> None:
        self._name, _, number = name.partition(":")
        self._left = int(number or 1)
        self._thread = threading.local()

    @property
    def unit(self) -> str:
        """What this thread is at."""
        return str(getattr(self._thread, "unit", "start"))

    @unit.setter
    def unit(self, name: str) -> None:
        self._thread.unit = name

    def met(self, moment: str, unit: str | None = None) -> None:
        """Says that a moment has come, and does not return from the one that is meant."""
        if f"{unit or self.unit}.{moment}" != self._name:
            return
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)


def lay(point: FailPoint) -> None:
    """Wraps what commits and what sends."""
    _lay_units(point)
    begin = Corpus.begin

    @contextmanager
    def begun(corpus: Corpus) -> Iterator[sa.Connection]:
        with begin(corpus) as tx:
            yield tx
            point.met("before")
        point.met("after")

    Corpus.begin = begun  # type: ignore[assignment,method-assign]
    sa.event.listen(sa.Engine, "after_cursor_execute", lambda *_: point.met("statement"))
    for channel in (MailChannel, WebhookChannel):
        _lay_sending(channel, point)


def _lay_units(point: FailPoint) -> None:
    run, transaction = Writer.run, Writer.transaction

    def named(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            point.unit = getattr(function, "__name__", "unnamed")
            return function(*args, **kwargs)

        return call

    async def running(writer: Writer, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await run(writer, named(function), *args, **kwargs)

    async def transacting(
        writer: Writer, function: Callable[Concatenate[sa.Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await transaction(writer, named(function), *args, **kwargs)

    Writer.run, Writer.transaction = running, transacting  # type: ignore[method-assign]


def _lay_sending(channel: Any, point: FailPoint) -> None:
    send = channel.send

    async def sending(self: Any, message: Message, recipient: str) -> SendResult:
        point.met("before", "send")
        result: SendResult = await send(self, message, recipient)
        point.met("after", "send")
        return result

    channel.send = sending


if __name__ == "__main__":
    lay(FailPoint(os.environ["CHAOXUN_FAIL_AT"]))
    main()
