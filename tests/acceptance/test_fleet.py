"""Every kind of site that the fleet serves is read as its newsroom wrote it: real HTTP, real parse workers."""

import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from crawler.extract.times import url_day
from crawler.poll import poll
from crawler.records import Entry, Outcome, PollJob, PollResult, PollStatus, Precision, Recheck, Source, Verdict, Visit
from monitor.demo.sites.answers import Asked
from monitor.demo.sites.failures import Failure
from monitor.demo.sites.fleet import Fleet
from monitor.demo.sites.fleet_columns import FleetColumn
from monitor.demo.sites.kinds import Item
from monitor.demo.sites.kinds.registry import KINDS
from tests.station import Crew

#: More than one page of every kind's list.
BACKLOG = 40
FEWER = 35
LATER = 20


class Notebook:
    """A ledger in memory: what listings showed, and what became of the articles."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.visits: list[Visit] = []

    async def known(self, source: Source, entries: Sequence[Entry]) -> frozenset[str]:
        return frozenset(entry.url for entry in entries) & self.entries.keys()

    async def unknown(
        self, source: Source, entries: Sequence[Entry], *, further_back: bool = False
    ) -> tuple[Entry, ...]:
        fresh = {entry.url: entry for entry in entries if entry.url not in self.entries}
        self.entries |= fresh
        return tuple(fresh.values())

    async def listed(self, source: Source, entries: Sequence[Entry]) -> tuple[Recheck, ...]:
        return ()

    async def take(self, visit: Visit) -> Outcome:
        self.visits.append(visit)
        return Outcome.NEW


class Reader:
    """Polls one column as the daemon does, with a notebook in the place of the corpus."""

    def __init__(self, crew: Crew, source: Source) -> None:
        self._crew = crew
        self._source = source
        self.notebook = Notebook()

    def poll(self) -> PollResult:
        job, crew = PollJob(source=self._source), self._crew
        return crew.loop.run(poll(job, fetch=crew.hub.fetch, parser=crew.pool, ledger=self.notebook, now=crew.clock))

    def new(self) -> list[Visit]:
        """The visits of one more poll."""
        before = len(self.notebook.visits)
        result = self.poll()
        assert result.status is PollStatus.OK, result.error
        return self.notebook.visits[before:]


@pytest.fixture(scope="module")
def fleet(crew: Crew) -> Iterator[Fleet]:
    with Fleet(clock=crew.clock) as fleet:
        yield fleet


def shown(fleet: Fleet, column: FleetColumn, *, since: int = 0) -> set[str]:
    """The keys of the items that answers listed, from the `since`-th request of the column on."""
    return {key for request in fleet.ledger.requests_of(column.slug)[since:] for key in request.listed}


def item_of(column: FleetColumn, entry: Entry | None) -> Item | None:
    """The item whose page the column has at the entry's address; a flash, which is whole in its list, has none, and
    goes by its headline."""
    assert entry is not None, "a poll visits entries"
    if entry.whole:
        return next((item for item in column.items() if bare(item.title) == bare(entry.title)), None)
    parts = urlsplit(entry.url)
    asked = Asked(
        path=parts.path,
        query=dict(parse_qsl(parts.query)),
        headers={},
        root=column.root,
        now=column.items()[-1].published,
        visits=0,
        form=dict(parse_qsl(parts.query)),  # a detail that is asked for by POST has its query in the form
        method=str(column.entry.get("detail", {}).get("method", "GET")),
    )
    reply = column.kind.answer(asked, column) if entry.url.startswith(f"{column.root}/") else None
    return None if reply is None or reply.article is None else column.find(reply.article)


def bare(text: str | None) -> str:
    return re.sub(r"\s+", "", text or "")


def is_its_time(entry: Entry, item: Item) -> bool:
    if entry.published_at is None:
        return False
    if entry.published_precision is Precision.DAY:
        return entry.published_at.astimezone(item.published.tzinfo).date() == item.published.date()
    shown = timedelta(hours=1) if entry.published_precision is Precision.HOUR else timedelta(minutes=1)
    return abs(entry.published_at - item.published) < shown


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_listing_shows_is_read_as_it_was_written(kind: str, crew: Crew, fleet: Fleet) -> None:
    column = fleet.add(kind)
    fleet.publish(column, BACKLOG, every=timedelta(hours=5))
    reader = Reader(crew, fleet.source(column))
    visits = reader.new()

    entries = reader.notebook.entries
    items = {url: item_of(column, entry) for url, entry in entries.items()}
    assert None not in items.values(), [url for url, item in items.items() if item is None]
    read = {url: item for url, item in items.items() if item is not None}
    assert {item.key for item in read.values()} == shown(fleet, column)
    assert len(read) == len(entries) > 5
    for url, item in read.items():
        assert bare(entries[url].title) == bare(item.title), url
        assert is_its_time(entries[url], item), (url, entries[url], item.published)

    assert {visit.url for visit in visits} == set(read)
    for visit in visits:
        item, draft = read[visit.url], visit.draft
        assert draft is not None, visit.answer
        assert draft.quality.verdict is Verdict.ARTICLE, (visit.url, draft.quality)
        assert bare(draft.title) == bare(item.title)
        if entries[visit.url].whole:
            assert bare(item.paragraphs[0])[:40] in bare(draft.text)
        else:
            assert bare(draft.text) == bare("".join(item.paragraphs)), visit.url
        published = draft.published_at or entries[visit.url].published_at
        assert published is not None
        assert published.astimezone(item.published.tzinfo).date() == item.published.date()


@pytest.mark.parametrize("kind", KINDS)
def test_a_later_poll_finds_what_is_new_and_nothing_else(kind: str, crew: Crew, fleet: Fleet) -> None:
    column = fleet.add(kind)
    fleet.publish(column, FEWER, every=timedelta(hours=5), published=crew.clock() - timedelta(hours=8))
    reader = Reader(crew, fleet.source(column))
    reader.new()
    assert reader.new() == []

    (item,) = fleet.publish(column)
    assert [item_of(column, visit.entry) for visit in reader.new()] == [item]

    crew.clock.at += timedelta(hours=1)
    before = len(fleet.ledger.requests_of(column.slug))
    burst = fleet.publish(column, LATER, every=timedelta(minutes=1))
    found = {found.key for visit in reader.new() if (found := item_of(column, visit.entry))}
    assert found == {item.key for item in burst}
    assert {item.key for item in burst} <= shown(fleet, column, since=before)


def test_a_column_behind_a_cookie_gate_is_read_by_a_source_that_takes_cookies(crew: Crew, fleet: Fleet) -> None:
    """302 to itself until the cookie comes back; the jar then serves the articles and the next poll, too."""
    entry = {"engine": "trs_static", "url": "http://www.stats.gov.cn/sj/zxfb/", "cookies": True}
    column = fleet.add("trs", entry=entry)
    fleet.publish(column, 5, every=timedelta(hours=5))
    source = fleet.source(column)
    reader = Reader(crew, source)
    assert [visit.draft is not None for visit in reader.new()] == [True] * 5
    asked = fleet.ledger.requests_of(column.slug)
    assert [request.status for request in asked].count(302) == 1
    fleet.publish(column)
    assert len(reader.new()) == 1
    assert [request.status for request in fleet.ledger.requests_of(column.slug)[len(asked) :]].count(302) == 0

    shut = Reader(crew, replace(source, slug="without-cookies", cookies=False)).poll()
    assert shut.status is PollStatus.FAILED
    assert "cookies: true" in str(shut.error)


def get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def failing(fleet: Fleet, how: Failure) -> FleetColumn:
    column = fleet.add("plain", validators=True)
    fleet.publish(column, 5, every=timedelta(hours=5))
    fleet.misbehave(column, how)
    return column


def test_a_column_fails_and_is_mended(fleet: Fleet) -> None:
    column = failing(fleet, Failure.CHALLENGE_521)
    assert get(column.entry["url"])[0] == 521
    fleet.behave(column)
    assert get(column.entry["url"])[0] == 200
    assert [request.status for request in fleet.ledger.requests_of(column.slug)] == [521, 200]
    assert [request.listed == () for request in fleet.ledger.requests_of(column.slug)] == [True, False]


@pytest.mark.parametrize("kind", KINDS)
def test_a_layout_without_rows_is_no_listing(kind: str, crew: Crew, fleet: Fleet) -> None:
    column = fleet.add(kind)
    fleet.publish(column, 5, every=timedelta(hours=5))
    reader = Reader(crew, fleet.source(column))
    fleet.misbehave(column, Failure.ROWS_GONE)
    assert (reader.poll().listed, reader.notebook.entries) == (0, {})
    fleet.behave(column)
    assert reader.poll().listed > 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_layout_without_dates_has_rows(kind: str, crew: Crew, fleet: Fleet) -> None:
    column = fleet.add(kind)
    fleet.publish(column, FEWER, every=timedelta(hours=5))
    reader = Reader(crew, fleet.source(column))
    fleet.misbehave(column, Failure.DATES_GONE)
    assert reader.poll().listed > 0
    entries = reader.notebook.entries.values()
    assert [entry for entry in entries if entry.published_at is not None and url_day(entry.url) is None] == []
    assert {urlsplit(entry.url).netloc for entry in entries} == {urlsplit(column.root).netloc}
    assert {entry.title for entry in entries} <= {item.title for item in column.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_garbled_listing_has_titles_that_are_no_text_or_cannot_be_read(kind: str, crew: Crew, fleet: Fleet) -> None:
    column = fleet.add(kind)
    fleet.publish(column, 5, every=timedelta(hours=5))
    fleet.misbehave(column, Failure.GARBLED)
    result = Reader(crew, fleet.source(column)).poll()
    # A unit whose parameters are damaged on their way to us is none that the site knows.
    assert result.garbled > 0 or result.status is PollStatus.FAILED


def test_a_frozen_list_stays_while_articles_are_published(fleet: Fleet) -> None:
    column = failing(fleet, Failure.FROZEN)
    before = get(column.entry["url"])
    fleet.publish(column)
    assert get(column.entry["url"]) == before
    fleet.behave(column)
    assert get(column.entry["url"]) != before


def test_garbled_bytes_are_more_than_one_lost_character_in_a_hundred(fleet: Fleet) -> None:
    column = failing(fleet, Failure.GARBLED)
    text = get(column.entry["url"])[1].decode("utf-8", errors="replace")
    assert text.count("\ufffd") > 0.01 * len(text)


def test_a_host_refuses_connections_and_comes_back(fleet: Fleet) -> None:
    column = fleet.add("plain")
    fleet.take_down(column.host)
    with pytest.raises(urllib.error.URLError, match="refused"):
        get(column.entry["url"])
    fleet.bring_up(column.host)
    assert get(column.entry["url"])[0] == 200


def test_a_back_dated_item_stands_among_the_old_ones_and_a_pinned_one_before_all(crew: Crew, fleet: Fleet) -> None:
    column = fleet.add("plain")
    old = fleet.publish(column, 3, every=timedelta(days=1))
    (late,) = fleet.publish(column, published=crew.clock() - timedelta(hours=30))
    (pinned,) = fleet.publish(column, published=crew.clock() - timedelta(days=9), pinned=True)
    (top,) = fleet.publish(column, published=crew.clock() - timedelta(days=9), on_top=True)
    get(column.entry["url"])
    keys = [item.key for item in (pinned, top, old[2], old[1], late, old[0])]
    assert list(fleet.ledger.requests_of(column.slug)[-1].listed) == keys


def test_a_withdrawn_item_leaves_the_list_and_its_page_says_so(fleet: Fleet) -> None:
    column = fleet.add("plain")
    (item,) = fleet.publish(column)
    url = f"{column.root}/n{column.number}/{item.published:%Y/%m}/{item.key}.html"
    assert get(url)[0] == 200
    fleet.withdraw(column, item.key, status=410)
    assert get(url)[0] == 410
    get(column.entry["url"])
    assert fleet.ledger.requests_of(column.slug)[-1].listed == ()
    fleet.restore(column, item.key)
    assert get(url)[0] == 200


def test_scheduled_things_happen_when_the_clock_has_come_there(crew: Crew, fleet: Fleet) -> None:
    column, at = fleet.add("plain"), crew.clock() + timedelta(hours=2)
    fleet.schedule(at, lambda: fleet.publish(column))
    get(column.entry["url"])
    assert fleet.ledger.requests_of(column.slug)[-1].listed == ()
    crew.clock.at += timedelta(hours=3)
    get(column.entry["url"])
    (item,) = column.items()
    assert fleet.ledger.requests_of(column.slug)[-1].listed == (item.key,)
    assert item.published == at.replace(second=0)


def test_a_shipped_entry_is_led_to_loopback(fleet: Fleet) -> None:
    entry = {"slug": "a-1", "name": "甲", "engine": "html_list", "url": "https://news.example.com/list/1.htm"}
    column = fleet.add("plain", entry=entry)
    assert fleet.source(column).url == f"{column.root}/list/1.htm"
    roll = {"slug": "a-2", "name": "乙", "engine": "sina_roll", "params": {"pageid": 155, "lid": 1686}}
    column = fleet.add("plain", entry=roll)
    assert str(fleet.source(column).url).startswith(f"{column.root}/")
