"""The figures of a run are what its ledgers say."""

from dataclasses import replace

from monitor.model import AlertKind
from tests.faults.figures import figures, page
from tests.faults.test_checker import HISTORY, STORED, said


def test_a_run_is_one_row() -> None:
    """Of two articles one is baseline; two alerts to two channels are owed, one came again after the kill at 30."""
    history = replace(HISTORY, said=(*HISTORY.said, said("a1", AlertKind.NEW, 31.0)))
    run = figures("a run", seed=7, ends={"SIGKILL": 2, "SIGTERM": 0}, history=history, held=STORED)
    assert run.delays == (1.0, 2.0)
    assert page([run]).splitlines()[-1] == (
        "| a run | 7 | 2 SIGKILL | 2 | 2 | 0 | 4 | 4 | 1 in flight at the end | 1.50 s | 1.99 s |"
    )


def test_what_is_missing_is_counted_as_lost() -> None:
    history = replace(HISTORY, said=HISTORY.said[1:])
    run = figures("a run", seed=7, ends={}, history=history, held=replace(STORED, articles=STORED.articles[1:]))
    assert (run.published, run.stored, run.owed, run.accepted) == (2, 1, 4, 3)
    assert run.lost == 3, "an article, an alert, and a delivery that is marked as sent"
