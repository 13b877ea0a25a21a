"""The hub's gate, watched on the simulated clock: when each request was sent, and when it had ended."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from crawler.politeness import HostGate, Politeness
from tests.bench.two_days.clock import ScaledClock

#: How much of the mean of a request's length is the last one's.
_WEIGHT = 0.05


@dataclass(slots=True)
class Turn:
    """The last request to one host group, in simulated seconds. `ended` is None while it is under way."""

    began: float
    real: float
    ended: float | None = None


class GateWatch:
    """Judges each turn against the one before it. `least`: the rest that must lie between the two.

    violations: by how many seconds at most each host group's rest was too short; groups without are not in it.
    shortest: rest of all, in seconds. length: of an answered request, in real seconds, a moving mean.
    """

    def __init__(self, clock: ScaledClock, least: timedelta) -> None:
        self._clock = clock
        self._least = least.total_seconds()
        self._last: dict[str, Turn] = {}
        self.violations: dict[str, float] = {}
        self.shortest = float("inf")
        self.turns = 0
        self.length = 0.0

    def begin(self, group: str) -> Turn:
        now, last = self._clock.seconds(), self._last.get(group)
        if last is not None:
            rest = now - last.ended if last.ended is not None else last.began - now
            self.shortest = min(self.shortest, rest)
            if rest < self._least:
                self.violations[group] = max(self.violations.get(group, 0.0), self._least - rest)
        self.turns += 1
        self._last[group] = Turn(now, time.monotonic())
        return self._last[group]

    def end(self, turn: Turn, *, answered: bool) -> None:
        turn.ended = self._clock.seconds()
        if answered:
            self.length += _WEIGHT * (time.monotonic() - turn.real - self.length)

    @property
    def groups(self) -> int:
        return len(self._last)


class WatchedGate(HostGate):
    """The gate itself, which says to the GateWatch what it does."""

    def __init__(self, watch: GateWatch, **options: Any) -> None:
        super().__init__(**options)
        self._watch = watch

    @asynccontextmanager
    async def turn(
        self, url: str, gap: timedelta | None = None, *, ask: Callable[[], None] = lambda: None
    ) -> AsyncIterator[None]:
        async with super().turn(url, gap, ask=ask):
            turn, answered = self._watch.begin(self.key(url)), False
            try:
                yield
                answered = True
            finally:
                self._watch.end(turn, answered=answered)


def watched(watch: GateWatch) -> type[Politeness]:
    """The extension of the hub with a WatchedGate in it, to be named in its EXTENSIONS."""

    class WatchedPoliteness(Politeness):
        @classmethod
        def from_crawler(cls, crawler: Any) -> Self:
            made, settings = super().from_crawler(crawler), crawler.settings
            made.gate = WatchedGate(
                watch,
                gap=timedelta(seconds=settings.getfloat("HOST_GAP")),
                groups={name: tuple(patterns) for name, patterns in settings.getdict("HOST_GROUPS").items()},
                jitter=settings.getfloat("HOST_GAP_JITTER"),
                clock=made.clocks.monotonic,
                sleep=made.clocks.sleep,
            )
            return made

    return WatchedPoliteness
