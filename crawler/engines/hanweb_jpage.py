"""Hanweb "jpage dataproxy": blocks of records in XML that is none, the first one embedded in the column page."""

from crawler.engines.rows import unreadable
from crawler.records import Capture, Fetch, Listing, Source

two_hops = False


def start(source: Source) -> Fetch:
    return Fetch(url=source.url or "")


def read(source: Source, page: Capture) -> Listing:
    raise unreadable(source, page, "cannot be read yet")
