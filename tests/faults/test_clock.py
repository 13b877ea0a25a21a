"""The real daemon on a clock that somebody sets forward and back while it works."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.demo.sites import Column, make_article
from tests.daemons import DaemonProcess, Lab


class Clock:
    """How wrong the daemon's clock is; set whole, so that it is never read half-written."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.wrong(timedelta())

    def wrong(self, by: timedelta) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(str(by.total_seconds()), encoding="ascii")
        os.replace(fresh, self.file)


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock")


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with ExitStack() as stack:
        yield Lab(tmp_path / "config", stack).configure()


def start(lab: Lab, clock: Clock) -> DaemonProcess:
    return lab.daemon().start("tests.faults.shifted", CHAOXUN_CLOCK=str(clock.file)).wait_ready()


def tell(lab: Lab, number: int) -> None:
    """News that the daemon has to bring although its clock has just been set."""
    lab.sites.publish(make_article(number, column=Column.CITY_NEWS, topic_every=1))
    lab.mail.accepted.wait_for(number)
    assert len(lab.mail.accepted.all()) == number


def test_a_clock_that_is_set_keeps_neither_polls_nor_alerts(lab: Lab, clock: Clock) -> None:
    daemon = start(lab, clock)
    lab.await_first_polls()
    tell(lab, 1)
    for number, wrong in enumerate((timedelta(days=1), timedelta(hours=-1), timedelta(days=365), timedelta()), 2):
        clock.wrong(wrong)
        tell(lab, number)
    daemon.wait_log("warning .*clock was set back")
    assert daemon.terminate() == 0


def test_a_clock_that_was_wrong_in_the_last_run_keeps_nothing_waiting(lab: Lab, clock: Clock) -> None:
    clock.wrong(timedelta(days=365))
    daemon = start(lab, clock)
    lab.await_first_polls()
    tell(lab, 1)
    assert daemon.terminate() == 0
    clock.wrong(timedelta())
    again = start(lab, clock)
    tell(lab, 2)
    assert again.terminate() == 0
