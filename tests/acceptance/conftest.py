"""What the acceptance tests share."""

from tests.hub import get, hub, secure
from tests.station import crew, open_station
from tests.visits import site, visit

__all__ = ["crew", "get", "hub", "open_station", "secure", "site", "visit"]
