"""What one visit to a source works with; all of it comes from outside."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from crawler.madeup import MadeUpPages
from crawler.records import Answer, Fetch, Ledger, Parser, Source

Fetcher = Callable[[Fetch, Source], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Means:
    """How to fetch, to read, to ask the corpus and to tell the time."""

    fetch: Fetcher
    parser: Parser
    ledger: Ledger
    now: Callable[[], datetime]
    madeup: MadeUpPages = field(default_factory=MadeUpPages)
