"""Sina 7x24: a live feed of flashes, each of them whole in its row (`params: {zhibo_id, tag_id}`)."""

from crawler.engines.rows import unreadable
from crawler.records import Capture, Fetch, Listing, Source

two_hops = False


def start(source: Source) -> Fetch:
    return Fetch(url=source.url or "")


def read(source: Source, page: Capture) -> Listing:
    raise unreadable(source, page, "cannot be read yet")
