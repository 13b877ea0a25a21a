"""Has articles looked at before their time where a listing gives cause, in a transaction of its own."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

import structlog

from crawler.records import CrawlPolicy, Entry, Recheck, Source
from monitor.corpus import Corpus, listings
from monitor.listed import MOST, MOST_SHOWN, Shown, hints, is_heard
from monitor.polls import is_carried, lease_end, spend
from monitor.storable import clean
from monitor.urls import canonical_url

log = structlog.get_logger()


def prompted(
    corpus: Corpus, source: Source, entries: Sequence[Entry], *, policy: CrawlPolicy, now: datetime
) -> tuple[Recheck, ...]:
    """The articles that are to be looked at now for what the listing shows of them; what it shows is remembered.

    At most MOST; of the others' hints those are given again at the next poll that still stand. They are due by
    themselves after a while, so that a crash loses none.
    """
    read = {canonical_url(clean(entry.url)): _shown(entry) for entry in reversed(entries)}
    shown = dict(islice(reversed(read.items()), MOST_SHOWN))
    with corpus.read() as connection:  # most listings show what they showed
        before = listings.shown(connection, source.slug)
    if not shown or shown == before:
        return ()
    with corpus.begin() as tx:
        found = hints(before or {}, shown)
        held = listings.held(tx, found)
        heard = [
            url
            for url in found
            if url in held
            and not is_carried(held[url]["etag"])
            and is_heard(hints=held[url]["hints"], checked_at=held[url]["checked_at"], now=now)
        ]
        again = [held[url] for url in heard[:MOST]]
        later = {url: before[url] for url in heard[MOST:] if before and url in shown}
        listings.remember(tx, source.slug, {**shown, **later})
        urls = list(dict.fromkeys(row["url"] for row in again))
        listings.prompt(tx, urls, lease_end(source, policy=policy, now=now))
        spend(tx, source, urls, policy=policy, now=now)
    for url in urls:
        log.info("article looked at early, for what its listing shows", source=source.slug, url=url)
    by_url = {row["url"]: row for row in again}
    return tuple(
        Recheck(url=url, etag=row["etag"], last_modified=row["last_modified"], title=row["title"])
        for url, row in by_url.items()
    )


def _shown(entry: Entry) -> Shown:
    shown = Shown.of(entry)
    return Shown(title=None if shown.title is None else clean(shown.title), at=shown.at, precision=shown.precision)
