"""What the acceptance tests share."""

from collections.abc import Iterator

import pytest

from monitor.demo.receivers import HookReceiver, MailReceiver
from tests.hub import get, hub, secure
from tests.station import crew, open_station
from tests.visits import site, visit

__all__ = ["crew", "get", "hub", "open_station", "secure", "site", "visit"]


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
