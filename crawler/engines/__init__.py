"""Site engines: how each kind of site software lists its articles. Requests in, entries out; none of them fetches."""

from collections.abc import Callable, Mapping
from typing import Protocol

from crawler.engines import (
    epaper,
    feed,
    hanweb_jpage,
    hanweb_unit,
    hanweb_xxgk,
    html_list,
    json_list,
    sina_live,
    sina_roll,
    trs_static,
)
from crawler.lists.rows import unreadable
from crawler.records import Capture, Fetch, Listing, Source
from crawler.redirects import Got, compare


class Engine(Protocol):
    """One kind of site software. A module is one: it has these two names."""

    def start(self, source: Source) -> Fetch:
        """The request that a poll begins with. Pure."""
        ...

    def read(self, source: Source, page: Capture) -> Listing:
        """What the page lists, or where it leads. Pure; raises ListingError where rows should be and are not."""
        ...


ENGINES: Mapping[str, Engine] = {
    "feed": feed,
    "rss": feed,
    "sina_roll": sina_roll,
    "sina_live": sina_live,
    "hanweb_unit": hanweb_unit,
    "hanweb_jpage": hanweb_jpage,
    "hanweb_xxgk": hanweb_xxgk,
    "trs_static": trs_static,
    "json_list": json_list,
    "epaper": epaper,
    "html_list": html_list,
}


#: What may help where an engine's address answers 404, by the engine; None where it knows nothing better than we do.
REMEDIES: Mapping[str, Callable[[Capture], str | None]] = {"hanweb_jpage": hanweb_jpage.remedy}


def read_listing(source: Source, page: Capture) -> Listing:
    """`ENGINES[source.engine].read`, as one name that a worker process can be told.

    Links of a front page, or of a login page, may look like any list: a redirect there is a ListingError, too.
    """
    match compare(page.url, page.final_url):
        case Got.FRONT:
            raise unreadable(source, page, f"is the site's front page, to which {page.url} redirects; correct the url")
        case Got.LOGIN:
            raise unreadable(source, page, f"is a login page, to which {page.url} redirects; ask the site's owner")
        case _:
            return ENGINES[source.engine].read(source, page)
