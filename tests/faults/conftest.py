"""Gathers the figures of the fault runs and says them at the end; leaves out what only the long form is for.

CHAOXUN_REPORT: a file that the figures are written to.
"""

import os
import random
from pathlib import Path

import pytest

from tests.faults.figures import Figures, page
from tests.station import crew, open_station

__all__ = ["crew", "open_station"]

#: How many processes are killed at random; above SHORT it is the long form.
KILLS = int(os.environ.get("CHAOXUN_KILLS", "10"))
SHORT = 20
_RUNS = pytest.StashKey[list[Figures]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: only in the long form, `make faults`")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if KILLS > SHORT:
        return
    long = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


@pytest.fixture
def seed() -> int:
    """CHAOXUN_SEED, or one drawn by chance; every test says in its failure which one it had."""
    return int(os.environ.get("CHAOXUN_SEED") or random.SystemRandom().randrange(1_000_000))


@pytest.fixture
def report(request: pytest.FixtureRequest) -> list[Figures]:
    """What is put in here is said when all tests are over."""
    return request.config.stash.setdefault(_RUNS, [])


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    runs = config.stash.get(_RUNS, [])
    if not runs:
        return
    text = page(runs)
    terminalreporter.section("what the faults did")
    terminalreporter.write(text)
    name = os.environ.get("CHAOXUN_REPORT")
    if name:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
