"""E-papers: a meta refresh to the issue of the day, its pages, and the articles of each."""

from crawler.engines.rows import unreadable
from crawler.records import Capture, Fetch, Listing, Source

two_hops = False


def start(source: Source) -> Fetch:
    return Fetch(url=source.url or "")


def read(source: Source, page: Capture) -> Listing:
    raise unreadable(source, page, "cannot be read yet")
