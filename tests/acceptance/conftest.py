"""What the acceptance tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from monitor.corpus import Corpus
from monitor.demo.receivers import HookReceiver, MailReceiver
from tests.groups import found
from tests.hub import get, hub, secure
from tests.samplesites import sites, stocked
from tests.station import crew, open_station
from tests.visits import site, visit

__all__ = ["crew", "found", "get", "hub", "open_station", "secure", "site", "sites", "stocked", "visit"]


@pytest.fixture
def mail() -> Iterator[MailReceiver]:
    """A mail server that keeps what it takes."""
    with MailReceiver() as receiver:
        yield receiver


@pytest.fixture
def hook() -> Iterator[HookReceiver]:
    """A web hook that keeps what it is sent."""
    with HookReceiver() as receiver:
        yield receiver


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    """An empty corpus."""
    opened = Corpus.open(f"sqlite:///{tmp_path}/corpus.db")
    yield opened
    opened.close()


@pytest.fixture
def plain_logs() -> Iterator[None]:
    """Leaves no set-up of the logs behind."""
    yield
    structlog.reset_defaults()
