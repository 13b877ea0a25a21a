"""Every source of config/ polls a sample site of its engine, its addresses and keys as shipped, on loopback."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler.engines import ENGINES
from crawler.poll import poll
from crawler.records import Entry, Outcome, PollJob, PollStatus, Recheck, Source, Visit
from crawler.sources import load_sources
from crawler.yamlfile import load
from monitor.demo.sites.fleet import Fleet
from monitor.demo.sites.kinds.registry import KINDS
from tests.station import Crew

FOLDER = Path(__file__).parents[2] / "config" / "sources"
ENTRIES: dict[str, dict[str, Any]] = {
    entry["slug"]: dict(entry)
    for path in sorted(FOLDER.glob("*.yaml"))
    for entry in load(path, environ={}).data["sources"]
}
#: Where an engine serves several kinds of sites: which kind stands behind an address that holds these words.
KIND_OF_ADDRESS = {
    "search-gov/data": "json_govcn_library",
    "ZUIXINZHENGCE": "json_govcn_latest",
    "cms/JsonList": "json_cac",
    "search-front-server": "json_miit",
    "cateSearch.do": "json_zj_search",
    "extMsPolicyInfo": "json_huiqi",
    "yongpai_api": "json_yongpai",
    "dirlist.jsp": "dirlist",
    "hangzhou.com.cn": "hangzhou",
    "cnnb.com.cn": "cnnb",
    "zgyww.cn": "cnnb",
    "gdcenn.cn": "asp",
    "zjnews.zjol": "zjol",
    "dqnews.zjol": "zjol",
    "/yaowen/": "trs",
}


def kind_of(entry: dict[str, Any]) -> str:
    address = entry.get("url", "")
    named = [kind for words, kind in KIND_OF_ADDRESS.items() if words in address]
    return named[0] if named else {"trs_static": "trs", "rss": "feeds"}.get(entry["engine"], entry["engine"])


class Glance:
    """A ledger that opens two articles of a listing and keeps what it saw."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.visits: list[Visit] = []

    async def known(self, source: Source, entries: Sequence[Entry]) -> frozenset[str]:
        return frozenset()

    async def unknown(
        self, source: Source, entries: Sequence[Entry], *, further_back: bool = False
    ) -> tuple[Entry, ...]:
        self.entries |= {entry.url: entry for entry in entries}
        return tuple(entries)[:2]

    async def listed(self, source: Source, entries: Sequence[Entry]) -> tuple[Recheck, ...]:
        return ()

    async def take(self, visit: Visit) -> Outcome:
        self.visits.append(visit)
        return Outcome.NEW


@pytest.fixture(scope="module")
def fleet(crew: Crew) -> Iterator[Fleet]:
    with Fleet(clock=crew.clock) as fleet:
        yield fleet


def test_the_shipped_sources_are_those_of_the_files() -> None:
    sources = load_sources(FOLDER, environ={})

    assert {source.slug for source in sources} == ENTRIES.keys()
    assert {source.engine for source in sources} == ENGINES.keys() - {"feed"}  # rss is its other name
    assert all(source.region and source.column for source in sources)
    assert sorted(source.slug for source in sources if source.disabled) == [
        "rsshub-sina-local",
        "rsshub-zjrb",
        "yiwu-interpretations",
    ]


def test_every_shipped_entry_says_where_it_was_seen() -> None:
    lines = [line for path in FOLDER.glob("*.yaml") for line in path.read_text(encoding="utf-8").splitlines()]
    marked = [line for line in lines if "# seen in " in line or "# inferred" in line]

    assert len(marked) == len(ENTRIES)


@pytest.mark.parametrize("slug", [slug for slug in ENTRIES if slug != "yiwu-interpretations"])
def test_a_shipped_source_reads_a_site_of_its_engine(slug: str, crew: Crew, fleet: Fleet) -> None:
    entry = {key: value for key, value in ENTRIES[slug].items() if key not in ("disabled", "gap")}
    column = fleet.add(kind_of(entry), entry=entry, host=f"{urlsplit(entry.get('url', '')).hostname or 'sina'}")
    fleet.publish(column, 12, every=timedelta(hours=2))
    glance = Glance()
    job = PollJob(source=fleet.source(column), first=True)

    result = crew.loop.run(poll(job, fetch=crew.hub.fetch, parser=crew.pool, ledger=glance, now=crew.clock))

    assert result.status is PollStatus.OK, result.error
    shown = {key for request in fleet.ledger.requests_of(column.slug) for key in request.listed}
    assert len(shown) >= 8  # of twelve, which lie in two issues of an e-paper at any hour
    titles = {"".join(item.title.split()) for item in column.items() if item.key in shown}
    assert {"".join((seen.title or "").split()) for seen in glance.entries.values()} == titles
    drafts = [visit.draft for visit in glance.visits]
    assert len(drafts) == 2
    for draft in drafts:
        assert draft is not None
        assert "".join((draft.title or "").split()) in titles
        assert draft.text


def test_every_kind_named_here_is_one() -> None:
    assert {kind_of(entry) for entry in ENTRIES.values()} <= KINDS.keys()
