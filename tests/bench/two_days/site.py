"""The fleet as a process of its own, so that its CPU is not ours: it plays the plan by the shared clock."""

import json
import pickle
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crawler.records import Source
from monitor.demo.sites.fleet import Fleet
from monitor.demo.sites.fleet_columns import FleetColumn
from monitor.demo.sites.fleet_entries import loaded
from monitor.demo.sites.fleet_ledger import FleetEvent, FleetRequest
from tests.bench.two_days.clock import ScaledClock
from tests.bench.two_days.plan import Deed, Outage, Plan, Publication, Trouble, plan


@dataclass(frozen=True, slots=True)
class Played:
    """What came of the plan, as the fleet's ledger has it."""

    events: tuple[FleetEvent, ...]
    requests: tuple[FleetRequest, ...]
    cpu: float


class FleetProcess:
    """A context manager; `sources` are the columns in the order of the plan, from 1 on."""

    def __init__(self, folder: Path, clock: Path, sizes: dict[str, float]) -> None:
        self._ledger = folder / "ledger.pickle"
        self._command = [
            sys.executable,
            "-m",
            "tests.bench.two_days.site",
            json.dumps(sizes),
            str(clock),
            str(self._ledger),
        ]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the fleet did not start; its message stands above"
        self.sources: tuple[Source, ...] = loaded(json.loads(line))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    def end(self) -> Played:
        """Stops the fleet; what it did."""
        self._process.communicate("", timeout=60)
        with self._ledger.open("rb") as file:
            return Played(*pickle.load(file))  # our own child has just written it


def _play(fleet: Fleet, what: Plan) -> None:
    """Puts everything of the plan into the fleet's schedule."""
    columns = [_column(fleet, number, what) for number in range(len(what.columns))]
    for column, planned in zip(columns, what.columns, strict=True):
        for publication in planned.publications:
            fleet.schedule(publication.at, partial(_publish, fleet, column, publication))
    for deed in what.deeds:
        fleet.schedule(deed.at, partial(_do, fleet, columns[deed.column - 1], deed))
    for trouble in what.troubles:
        where = trouble.where if isinstance(trouble.where, str) else columns[trouble.where - 1]
        begin, end = _acts(fleet, where, trouble)
        fleet.schedule(trouble.start, begin)
        if trouble.end < what.end:
            fleet.schedule(trouble.end, end)


def _column(fleet: Fleet, number: int, what: Plan) -> FleetColumn:
    planned = what.columns[number]
    column = fleet.add(planned.kind, host=planned.host, robots=403 if number % 7 == 0 else None)
    for published in planned.backlog:
        fleet.publish(column, published=published)
    return column


def _publish(fleet: Fleet, column: FleetColumn, what: Publication) -> None:
    fleet.publish(column, published=what.published, on_top=what.on_top, pinned=what.pinned)


def _do(fleet: Fleet, column: FleetColumn, deed: Deed) -> None:
    item = column.items()[deed.item]
    if deed.status is not None:
        fleet.withdraw(column, item.key, status=deed.status)
    else:
        first, *others = item.paragraphs
        fleet.edit(column, item.key, paragraphs=(f"{first}（更正：原文数字有误，以本次为准。）", *others))


def _acts(fleet: Fleet, where: FleetColumn | str, trouble: Trouble) -> tuple[Any, Any]:
    match trouble.how:
        case Outage.DOWN:
            assert isinstance(where, str)
            return partial(fleet.take_down, where), partial(fleet.bring_up, where)
        case Outage.QUIET:
            return (lambda: None), (lambda: None)  # the plan has left the publications out
        case how:
            return partial(fleet.misbehave, where, how), partial(fleet.behave, where)


def main(arguments: Sequence[str]) -> None:
    sizes, clock, ledger = arguments
    what = plan(**json.loads(sizes))
    with Fleet(clock=ScaledClock(Path(clock)), seed=int(json.loads(sizes)["seed"])) as fleet:
        _play(fleet, what)
        sys.stdout.write(json.dumps([fleet.entry(column) for column in fleet.columns()]) + "\n")
        sys.stdout.flush()
        sys.stdin.read()  # until the end is wanted
        played = (fleet.ledger.events, fleet.ledger.requests, time.process_time())
    Path(ledger).write_bytes(pickle.dumps(played))


if __name__ == "__main__":
    main(sys.argv[1:])
