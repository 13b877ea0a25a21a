"""What every channel can do, and the thread in which a blocking send runs."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

from monitor.model import ChannelOptions, Message, SendResult

Result = TypeVar("Result")


class Channel(Protocol):
    """Where alerts are said. `recipients` names the rows that one alert makes here; ("",) where there is but one."""

    @property
    def name(self) -> str: ...

    @property
    def recipients(self) -> tuple[str, ...]: ...

    @property
    def options(self) -> ChannelOptions: ...

    def parts(self, message: Message) -> tuple[Message, ...]:
        """The message as it is sent: itself, or in order the parts of one that is too long for the receiver. Pure."""
        ...

    async def send(self, message: Message, recipient: str) -> SendResult:
        """Say a message (or a part) once and answer what became of it; never tries again by itself."""
        ...

    def close(self) -> None:
        """Let go of what it holds. A message in flight is not cut off."""
        ...


async def in_thread(function: Callable[[], Result], name: str) -> Result:
    """Run a blocking call without blocking the loop; raises what it raises.

    Each call has a daemon thread of its own: one that hangs neither delays the next message nor the end of the process,
    as a thread of an executor would (6.9 s measured). A caller that stops waiting leaves the thread to its time-outs.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def settle(value: Result | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(value)  # type: ignore[arg-type]  # None only where Result is None or there is an error

    def work() -> None:
        value: Result | None = None
        caught: BaseException | None = None
        try:
            value = function()
        except BaseException as error:  # noqa: BLE001  # handed over to the waiting side, which raises it
            caught = error
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile: nobody waits any more
            loop.call_soon_threadsafe(settle, value, caught)

    threading.Thread(target=work, name=name, daemon=True).start()
    return await future
