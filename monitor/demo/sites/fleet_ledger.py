"""What the fleet's columns did and what its hosts answered, and when; a checker holds the corpus against it."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.demo.sites.kinds import Item


class FleetEventKind(StrEnum):
    PUBLISHED = "published"
    EDITED = "edited"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"
    FAILED = "failed"  # a column or a host begins to answer wrongly
    MENDED = "mended"
    DOWN = "down"  # a host refuses connections
    UP = "up"


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetEvent:
    """One thing that happened on a host, in a column or to an item as it stood then. `detail`: how it went wrong."""

    kind: FleetEventKind
    at: datetime
    host: str
    column: str | None = None
    item: Item | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRequest:
    """One answer, noted before it was sent. `at`: when the request came.

    column: the slug of the column that answered. listed: keys of the items that a reader could find in the answer.
    article: of the item whose page was asked for. version: of the one that was given, None where its page was not.
    failure: how the column or the host failed then.
    """

    at: datetime
    host: str
    method: str
    path: str
    status: int
    size: int
    conditional: bool = False
    column: str | None = None
    listed: tuple[str, ...] = ()
    article: str | None = None
    version: int | None = None
    failure: str | None = None


class FleetLedger:
    """An append-only record, safe to write and read from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: list[FleetEvent] = []
        self._requests: list[FleetRequest] = []
        self._first_listed: dict[str, datetime] = {}

    def note_event(self, event: FleetEvent) -> None:
        with self._lock:
            self._events.append(event)

    def note_request(self, request: FleetRequest) -> None:
        with self._lock:
            self._requests.append(request)
            for key in request.listed:
                self._first_listed.setdefault(key, request.at)

    @property
    def events(self) -> tuple[FleetEvent, ...]:
        with self._lock:
            return tuple(self._events)

    @property
    def requests(self) -> tuple[FleetRequest, ...]:
        """Every answer in the order given."""
        with self._lock:
            return tuple(self._requests)

    @property
    def first_listed(self) -> Mapping[str, datetime]:
        """When an answer first showed each item, by key."""
        with self._lock:
            return dict(self._first_listed)

    def requests_of(self, column: str) -> tuple[FleetRequest, ...]:
        """The answers of one column, by its slug."""
        return tuple(request for request in self.requests if request.column == column)
