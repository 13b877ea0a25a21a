"""A clock that runs many times as fast as the real one, the same in two processes; its speed may be changed."""

import asyncio
import mmap
import struct
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

_FORM = struct.Struct("=Qdddd")
#: A sleeper looks again after so many real seconds, since the speed may have changed.
_NAP = 0.05


class ScaledClock:
    """Simulated time, from a page of memory that processes share. One process sets the speed, all may read.

    In it stand: a number that is odd while it is written; the start of the simulation, as a Unix time; and since when
    (monotonic) and from where (simulated seconds) the time has run at which speed.
    """

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), _FORM.size)

    @classmethod
    def create(cls, path: Path, start: datetime) -> Self:
        """One that stands still until it is told to run."""
        path.write_bytes(_FORM.pack(2, start.timestamp(), time.monotonic(), 0.0, 0.0))
        return cls(path)

    def __call__(self) -> datetime:
        start = self._read()[0]
        return datetime.fromtimestamp(start, tz=UTC) + timedelta(seconds=self.seconds())

    def seconds(self) -> float:
        """Simulated seconds since the start; never fewer than before."""
        _, real, simulated, speed = self._read()
        return simulated + (time.monotonic() - real) * speed

    @property
    def speed(self) -> float:
        return self._read()[3]

    def run_at(self, speed: float) -> None:
        """From now on so many simulated seconds pass in one."""
        sequence, start, *_ = _FORM.unpack_from(self._page)
        now, simulated = time.monotonic(), self.seconds()
        self._page[:8] = (sequence + 1).to_bytes(8, "little")
        _FORM.pack_into(self._page, 0, sequence + 1, start, now, simulated, speed)
        self._page[:8] = (sequence + 2).to_bytes(8, "little")

    async def sleep(self, seconds: float) -> None:
        """Until so many simulated seconds have passed; at once for none."""
        until = self.seconds() + seconds
        while (left := until - self.seconds()) > 0:
            speed = self.speed
            await asyncio.sleep(min(left / speed, _NAP) if speed else _NAP)
        if seconds <= 0:
            await asyncio.sleep(0)

    def _read(self) -> tuple[float, float, float, float]:
        while True:
            before, start, real, simulated, speed = _FORM.unpack_from(self._page)
            if before % 2 == 0 and _FORM.unpack_from(self._page)[0] == before:
                return start, real, simulated, speed
