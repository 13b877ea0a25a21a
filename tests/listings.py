"""What the tests of the engines share: captures of pages by hand, and columns of the fleet asked without HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from crawler.engines import ENGINES, read_listing
from crawler.extract import extract
from crawler.records import BEIJING, Capture, Draft, Entry, Fetch, Hints, ListingError, Source
from monitor.demo.sites.answers import Asked, Reply, not_found
from monitor.demo.sites.fleet_columns import FleetColumn
from monitor.demo.sites.fleet_entries import led_to, loaded
from monitor.demo.sites.kinds import Item, Style
from monitor.demo.sites.kinds.registry import KINDS

AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
ROOT = "http://127.0.0.1:8123"
#: More than any of the engines' pages would need for the columns of the tests.
_MOST_PAGES = 40


def page(
    body: str | bytes,
    *,
    url: str = "https://www.example.gov.cn/list/",
    content_type: str | None = None,
    asked: Fetch | None = None,
) -> Capture:
    """An answer with status 200; `asked` is the request where an engine looks at it."""
    raw = body.encode() if isinstance(body, str) else body
    return Capture(url=url, final_url=url, status=200, body=raw, content_type=content_type, asked=asked, fetched_at=AT)


def urls(entries: Sequence[Entry]) -> list[str]:
    return [entry.url for entry in entries]


def refusal(source: Source, capture: Capture) -> ListingError:
    """The error that this page is; it names the source and the address."""
    with pytest.raises(ListingError) as caught:
        read_listing(source, capture)
    assert str(caught.value).startswith(f"{source.slug}: ")
    assert capture.final_url.partition("?")[0] in str(caught.value)
    return caught.value


def query_of(fetch: Fetch | None) -> dict[str, str]:
    """The query of a request that there must be."""
    assert fetch is not None
    return dict(parse_qsl(urlsplit(fetch.url).query, keep_blank_values=True))


def form_of(fetch: Fetch | None) -> dict[str, str]:
    """The form of a request that there must be."""
    assert fetch is not None
    assert fetch.method == "POST"
    assert fetch.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    return dict(parse_qsl((fetch.body or b"").decode(), keep_blank_values=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """A list read to its end: each entry with the item that it stands for, and the requests that it took."""

    found: Sequence[tuple[Entry, Item]]
    asked: Sequence[Fetch]
    pages: int


def column(
    kind_name: str,
    seed: int,
    *,
    entry: Mapping[str, Any] | None = None,
    items: int = 0,
    number: int = 3,
    pages: int = 1,
) -> FleetColumn:
    """A column of that kind with `items` items, one every five hours; entry: of a configuration, led to ROOT.

    pages: how many each item's text is spread over, by the kinds that do so.
    """
    kind, style = KINDS[kind_name], Style(seed)
    keys = kind.entry(ROOT, number, style) if entry is None else led_to(entry, ROOT)
    made = FleetColumn(
        kind_name=kind_name,
        kind=kind,
        host="host",
        root=ROOT,
        number=number,
        style=style,
        entry={"slug": "column", "name": "示例市·要闻", **keys},
        validators=False,
        is_free=lambda item: True,
    )
    for age in range(items):
        at = AT - timedelta(hours=5 * age)
        made.publish(at, listed_at=at, pages=pages)
    return made


def source_of(made: FleetColumn) -> Source:
    (source,) = loaded([made.entry])
    return source


def ask(fetch: Fetch, made: FleetColumn) -> tuple[Capture, Reply]:
    """The column's answer as the hub would hand it over."""
    assert fetch.url.startswith(ROOT + "/"), f"{fetch.url} is none of this column's"
    parts = urlsplit(fetch.url)
    asked = Asked(
        path=parts.path,
        query=dict(parse_qsl(parts.query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in fetch.headers.items()},
        root=ROOT,
        now=AT,
        visits=1000,
        method=fetch.method,
        form=dict(parse_qsl((fetch.body or b"").decode(), keep_blank_values=True)),
        body=fetch.body or b"",
    )
    reply = made.kind.answer(asked, made) or not_found(made.site_name)
    capture = Capture(
        url=fetch.url,
        final_url=fetch.url,
        status=reply.status,
        body=reply.body,
        content_type=reply.content_type,
        asked=fetch,
        fetched_at=AT,
    )
    return capture, reply


def walk(made: FleetColumn) -> Walk:
    """Read the column's list as a poll does, from its first request to where it ends."""
    source = source_of(made)
    request: Fetch | None = ENGINES[source.engine].start(source)
    found: dict[str, tuple[Entry, Item]] = {}
    asked: list[Fetch] = []
    pages = 0
    while request is not None and len(asked) < _MOST_PAGES:
        asked.append(request)
        capture, reply = ask(request, made)
        assert capture.status == 200, f"{request.method} {request.url} answers {capture.status}"
        listing = read_listing(source, capture)
        if listing.hop is not None:
            request = listing.hop
            continue
        pages += 1
        parts = [(listing, reply)]
        for part in listing.also:
            capture, reply = ask(part, made)
            parts.append((read_listing(source, capture), reply))
        for listed, reply in parts:
            assert len(listed.entries) == len(reply.listed)
            assert not listed.partial
            for entry, key in zip(listed.entries, reply.listed, strict=True):
                found[entry.url] = entry, made.item(key)
        request = listing.next
    return Walk(found=list(found.values()), asked=asked, pages=pages)


def read_article(made: FleetColumn, entry: Entry) -> Draft:
    """What extraction makes of an entry's article, with its further pages as a poll joins them."""
    hints = Hints.of(source_of(made), entry)
    capture, _ = ask(Fetch(url=entry.url), made)
    first = extract(capture.body, url=entry.url, content_type=capture.content_type, hints=hints)
    if not first.more:
        return first
    bodies = [capture.body, *(ask(Fetch(url=url), made)[0].body for url in first.more)]
    starts = [sum(len(body) for body in bodies[:place]) for place in range(len(bodies))]
    content_type = f"{capture.content_type}; pages={','.join(map(str, starts))}"
    return extract(b"".join(bodies), url=entry.url, content_type=content_type, hints=hints)


def wrong(made: Walk) -> list[str]:
    """What a walk's entries say otherwise than their items: titles, days."""
    return [
        f"{entry.title} {entry.published_at}"
        for entry, item in made.found
        if entry.title != item.title
        or entry.published_at is None
        or entry.published_at.astimezone(BEIJING).date() != item.published.date()
    ]
