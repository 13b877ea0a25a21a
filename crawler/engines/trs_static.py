"""TRS WCM: static lists whose second page is index_1, and article URLs that carry their day."""

from crawler.engines.rows import unreadable
from crawler.records import Capture, Fetch, Listing, Source

two_hops = False


def start(source: Source) -> Fetch:
    return Fetch(url=source.url or "")


def read(source: Source, page: Capture) -> Listing:
    raise unreadable(source, page, "cannot be read yet")
