"""Weeks in which every day something is wrong, at the sites and at the receivers, and now and then with the clock.

In the tests' own process and on a clock that they move, so that a day takes a second. CHAOXUN_SEED: see test_kill.
"""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.demo.receivers import HookReceiver, MailReceiver
from monitor.demo.sites import Column, SampleSites, Site
from tests.faults.conftest import KILLS, SHORT
from tests.faults.figures import Figures, figures
from tests.faults.trial import DAY, HOUR, WEATHERS, Trial
from tests.station import Crew, Station

DAYS = 40 if KILLS > SHORT else 4


@pytest.fixture
def begun(seed: int, crew: Crew, open_station: Callable[[Path], Station], tmp_path: Path) -> Iterator[Trial]:
    """A trial whose first polls are over."""
    with SampleSites(clock=crew.clock) as sites, MailReceiver() as mail, HookReceiver() as hook:
        draw = random.Random(seed)
        trial = Trial(tmp_path, crew, draw, sites=sites, mail=mail, hook=hook, open_station=open_station)
        trial.begin()
        yield trial


def place(draw: random.Random) -> Site | Column:
    places: tuple[Site | Column, ...] = (*Site, *Column)
    return draw.choice(places)


def test_no_weather_loses_anything_or_invents_a_withdrawal(begun: Trial, seed: int, report: list[Figures]) -> None:
    draw = random.Random(seed + 1)
    for _ in range(DAYS):
        weather = draw.choice(WEATHERS) if draw.random() < 0.7 else None
        begun.day(weather=weather, where=place(draw), acts=2)
        if draw.random() < 0.3:
            begun.jump(draw.choice((-HOUR, DAY)))
    found = begun.settle()
    assert not found, f"CHAOXUN_SEED={seed} {dict(begun.mishaps)}:\n" + "\n".join(found)
    report.append(
        figures("bad weather", seed=seed, ends={"bad days": DAYS}, history=begun.history(), held=begun.held())
    )
