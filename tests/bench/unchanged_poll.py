"""What a poll of an unchanged list costs: `python -m tests.bench.unchanged_poll`.

Poller, hub and a SQLite corpus as in the daemon, a site of 8 hosts in a process of its own, 8 polls at a time, a list
of 40 articles (25 KB) that the corpus knows. The baseline fetches the same lists by Scrapy alone.
"""

import asyncio
import logging
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path

from crawler import reactor
from crawler.hub import Hub
from crawler.records import Capture, CrawlPolicy, Fetch, NotModified, PollJob, PollStatus, Source
from crawler.workers import Pool
from monitor import logs
from monitor.corpus import Corpus
from monitor.corpus.writer import Writer
from monitor.daemon import now
from monitor.desk import Desk
from monitor.ingest import claim, due_jobs, register_sources
from monitor.model import RecheckPlan
from monitor.poller import Poller
from monitor.rules import RuleSet
from tests.bench.bare import BareScrapy
from tests.bench.figures import Spent, say, spent, table
from tests.bench.site import Site

HOSTS = 8
ROUNDS = 60
#: Whatever was polled is due again at once.
POLICY = CrawlPolicy(
    every=timedelta(microseconds=1),
    off_hours_every=timedelta(microseconds=1),
    gap=timedelta(0),
    allow_private=("127.0.0.0/8",),
    host_groups={},
)
DESK = Desk(rules=RuleSet({}), watches={}, destinations={}, plan=RecheckPlan())


class _Bench:
    def __init__(self, site: Site, corpus: Corpus) -> None:
        self._site = site
        self._corpus = corpus
        self._writer = Writer(corpus)
        self._hub, self._pool = Hub(POLICY), Pool()
        self._poller = Poller(
            corpus=corpus, writer=self._writer, hub=self._hub, pool=self._pool, desk=DESK, policy=POLICY, now=now
        )

    async def run(self) -> int:
        folders = {name: [self._site.source(n, name) for n in range(HOSTS)] for name in ("list", "plain", "counter")}
        with self._corpus.begin() as tx:
            register_sources(tx, [source for sources in folders.values() for source in sources], now=now())
        await self._pool.start()
        await self._hub.start()
        say(f"first polls: {HOSTS} lists and their {HOSTS * 40} articles")
        for sources in folders.values():
            await self._poll(sources, PollStatus.OK)
        lists, plain, counter = folders.values()
        etag = {"If-None-Match": '"1"'}

        def measure(work: Callable[[], Awaitable[object]]) -> Awaitable[Spent]:
            return _measure(self._site, work)

        async with BareScrapy() as scrapy:

            async def bare(url: str, headers: dict[str, str], status: int) -> None:
                assert (await scrapy.fetch(url, headers)).status == status

            found = {
                "Scrapy alone, 304": await measure(lambda: _over_hosts(lambda n: bare(_url(lists[n]), etag, 304))),
                "Scrapy alone, 200": await measure(lambda: _over_hosts(lambda n: bare(_url(plain[n]), {}, 200))),
            }
        found |= {
            "our hub's fetch, 304": await measure(lambda: _over_hosts(lambda n: self._fetch(lists[n], '"1"'))),
            "our hub's fetch, 200": await measure(lambda: _over_hosts(lambda n: self._fetch(plain[n], None))),
            "claim alone": await measure(lambda: self._claim(lists)),
            "poll, 304": await measure(lambda: self._poll(lists, PollStatus.UNCHANGED)),
            "poll, 200 and the same bytes": await measure(lambda: self._poll(plain, PollStatus.UNCHANGED)),
            "poll, 200, a counter moved": await measure(lambda: self._poll(counter, PollStatus.OK)),
        }
        _print(found)
        await self._hub.stop()
        await self._pool.close()
        await self._writer.close()
        return 0

    async def _poll(self, sources: Sequence[Source], status: PollStatus) -> None:
        """One round as the daemon does it: claim what is due in one transaction, poll, store how each went."""
        jobs = await self._claim(sources)
        results = await asyncio.gather(*(self._poller.run(job) for job in jobs))
        assert [result.status for result in results] == [status] * HOSTS, results

    async def _claim(self, sources: Sequence[Source]) -> list[PollJob]:
        return await self._writer.run(self._claim_due, sources)

    def _claim_due(self, sources: Sequence[Source]) -> list[PollJob]:
        with self._corpus.read() as connection:
            jobs = due_jobs(connection, sources, now=now(), limit=HOSTS, policy=POLICY)
        with self._corpus.begin() as tx:
            for job in jobs:
                claim(tx, job, now=now(), policy=POLICY)
        return jobs

    async def _fetch(self, source: Source, etag: str | None) -> None:
        answer = await self._hub.fetch(Fetch(url=_url(source), etag=etag), source)
        assert isinstance(answer, NotModified if etag else Capture), answer


async def _measure(site: Site, work: Callable[[], Awaitable[object]]) -> Spent:
    """So many rounds of the work, each one over all hosts; one more before them is not counted."""
    await work()
    with spent(but=[site.pid]) as result:
        for _ in range(ROUNDS):
            await work()
    return result


async def _over_hosts(work: Callable[[int], Awaitable[None]]) -> None:
    await asyncio.gather(*(work(host) for host in range(HOSTS)))


def _url(source: Source) -> str:
    assert source.url is not None
    return source.url


def _print(found: dict[str, Spent]) -> None:
    count = HOSTS * ROUNDS
    base = {"304": found["Scrapy alone, 304"].cpu, "200": found["Scrapy alone, 200"].cpu}
    table(
        f"An unchanged list: {count} polls a row",
        ("", "CPU ms", "of it workers", "polls/s", "to Scrapy alone"),
        [
            (
                name,
                f"{1000 * figure.cpu / count:.2f}",
                f"{1000 * figure.children / count:.2f}",
                f"{count / figure.wall:.0f}",
                f"{figure.cpu / base['304' if '304' in name else '200']:.2f} x" if "claim" not in name else "",
            )
            for name, figure in found.items()
        ],
        f"a poll = claim ({HOSTS} in one transaction), listing, then health, next date and checkpoint in another",
    )


def main() -> int:
    logs.configure(level=logging.WARNING, environ=os.environ)
    with Site(HOSTS) as site, tempfile.TemporaryDirectory() as folder:
        corpus = Corpus.open(f"sqlite:///{Path(folder) / 'bench.db'}")
        try:
            return reactor.run(_Bench(site, corpus).run)
        finally:
            corpus.close()


if __name__ == "__main__":
    sys.exit(main())
