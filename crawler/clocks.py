"""The clocks that the crawler goes by, so that a test or a benchmark can put its own in their place."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """now: the time of day, for answers and for hosts that are held. monotonic and sleep: seconds, for the gaps.

    They must run at the same speed. Time-outs and keep-alive are the network's and stay real.
    """

    now: Callable[[], datetime] = utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
