"""What the acceptance tests share."""

from tests.station import crew, open_station

__all__ = ["crew", "open_station"]
