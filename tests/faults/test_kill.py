"""The real daemon ended again and again while news comes in and alerts go out: nothing may be lost.

By SIGKILL at moments drawn by chance, by SIGTERM, and by SIGKILL of itself at named points, before and after it commits
and sends. CHAOXUN_KILLS: how often (`make faults`: 200). CHAOXUN_SEED: the seed of a run that is to be repeated.
"""

import random
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import postgres
from tests.faults.conftest import KILLS, SHORT
from tests.faults.failing import STARTING, WORKING
from tests.faults.figures import Figures, figures
from tests.faults.siege import Siege

LONG = KILLS > SHORT
#: The first kills meet the first polls: what they find is baseline, and stays so.
BASELINE_KILLS = 2
#: Every so-many-th kill comes while the process still starts, and so many ends are in good order.
EARLY, ORDERLY = 8, 6
DATABASES = ("sqlite", "postgresql") if LONG else ("sqlite",)


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'chaoxun.db'}"
    server: postgres.Server = request.getfixturevalue("postgres_server")
    return server.database()


class Ends:
    """Draws how the next process ends, and keeps count."""

    def __init__(self, siege: Siege, draw: random.Random) -> None:
        self._siege = siege
        self._draw = draw
        self.counts: Counter[str] = Counter()

    def at_random(self, *, kills: int) -> None:
        """That many SIGKILLs, now and then a SIGTERM between them; the first of them meet the first polls."""
        for number in range(kills):
            if number == BASELINE_KILLS:
                self._siege.end_baseline()
                self.counts["SIGKILL"] += 1
            baseline = number < BASELINE_KILLS
            if number % EARLY == 0:
                self._siege.kill_early()
            else:
                self._siege.kill_at_work(acts=0 if baseline else self._draw.randint(3, 6))
            self.counts["SIGKILL"] += 1
            if not baseline and number % ORDERLY == 0:
                self._siege.terminate_at_work(acts=self._draw.randint(3, 6))
                self.counts["SIGTERM"] += 1

    def at_points(self, points: Sequence[str], *, acts: int) -> None:
        """One process after the other, each of which kills itself at its point."""
        for point in points:
            code = self._siege.fail_at(point, acts=acts)
            assert code == -signal.SIGKILL, f"{point} was never met: it ended with {code}"
            self.counts["SIGKILL at a named point"] += 1


def concluded(siege: Siege, ends: Ends, seed: int, name: str) -> Figures:
    """The siege at rest, with nothing wrong in it."""
    found = siege.settle()
    assert not found, f"CHAOXUN_SEED={seed} CHAOXUN_KILLS={KILLS}:\n" + "\n".join(found)
    return figures(name, seed=seed, ends=ends.counts, history=siege.history(), held=siege.held())


def test_no_end_loses_an_article_or_an_alert_and_each_repeats_at_most_one_message(
    tmp_path: Path, database: str, seed: int, report: list[Figures]
) -> None:
    draw = random.Random(seed)
    with ExitStack() as stack:
        siege = Siege(tmp_path, database, draw, stack)
        ends = Ends(siege, draw)
        ends.at_random(kills=KILLS)
        if not LONG:
            ends.at_points(draw.sample(WORKING, 6), acts=2)
        run = concluded(siege, ends, seed, f"ends at random, {backend(database)}")
    report.append(run)
    assert run.accepted > KILLS, "too little was said for this to prove anything"


@pytest.mark.long
def test_no_point_of_a_step_is_one_where_a_kill_loses_something(
    tmp_path: Path, database: str, seed: int, report: list[Figures]
) -> None:
    draw = random.Random(seed)
    with ExitStack() as stack:
        siege = Siege(tmp_path, database, draw, stack)
        ends = Ends(siege, draw)
        ends.at_points(STARTING, acts=0)
        siege.end_baseline()
        ends.at_points(draw.sample(WORKING, len(WORKING)), acts=2)
        report.append(concluded(siege, ends, seed, f"ends at named points, {backend(database)}"))


@pytest.mark.long
def test_without_an_end_nothing_is_said_twice(tmp_path: Path, database: str, seed: int, report: list[Figures]) -> None:
    draw = random.Random(seed)
    with ExitStack() as stack:
        siege = Siege(tmp_path, database, draw, stack)
        siege.end_baseline()
        siege.calm(acts=150)
        run = concluded(siege, Ends(siege, draw), seed, f"no fault, {backend(database)}")
    report.append(run)
    assert not run.again


def backend(database: str) -> str:
    return "SQLite" if database.startswith("sqlite") else "PostgreSQL"
