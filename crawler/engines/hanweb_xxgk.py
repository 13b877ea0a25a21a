"""Hanweb disclosure catalogue: an HTML fragment for a POST to search.jsp (`params: {infotypeId, jdid, area}`)."""

from crawler.engines.rows import unreadable
from crawler.records import Capture, Fetch, Listing, Source

two_hops = False


def start(source: Source) -> Fetch:
    return Fetch(url=source.url or "")


def read(source: Source, page: Capture) -> Listing:
    raise unreadable(source, page, "cannot be read yet")
