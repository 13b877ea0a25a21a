"""What an article costs from the listing to the committed transaction: `python -m tests.bench.pipeline`.

16 hosts in a process of their own, each with one list of 40 articles of 33 KB; all lists are polled for the first time:
listing, fetch, extraction in the one parse worker, judging, the shipped watches, one transaction per article with its
index. The baselines take the same pages: Scrapy that only downloads, and trafilatura that only extracts.
"""

import asyncio
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import trafilatura

from crawler import reactor
from crawler.extract import extract
from crawler.hub import Hub
from crawler.records import CrawlPolicy, Outcome, Source
from crawler.workers import Pool
from monitor import logs
from monitor.corpus import Corpus
from monitor.corpus.writer import Writer
from monitor.daemon import now
from monitor.ingest import job_now, register_sources
from monitor.poller import Poller
from monitor.settings import desk_of, load_settings
from tests.bench.bare import BareScrapy
from tests.bench.figures import Spent, say, spent, table
from tests.bench.pages import ROWS, article_page
from tests.bench.site import Site

HOSTS = 16
PAGES = HOSTS * ROWS
#: Extraction alone is measured on so many of the pages.
ALONE = 200
CONFIG = Path(__file__).resolve().parents[2] / "config"
POLICY = CrawlPolicy(gap=timedelta(0), allow_private=("127.0.0.0/8",), host_groups={})


class _Bench:
    def __init__(self, site: Site, corpus: Corpus) -> None:
        self._site = site
        self._corpus = corpus

    async def run(self) -> int:
        sources = [self._site.source(n, "list") for n in range(HOSTS)]
        downloaded = await self._download()
        say("downloaded; now trafilatura and our extraction alone")
        alone = [article_page(n) for n in range(ALONE)]
        with spent() as trafilatura_alone:
            for page in alone:
                assert trafilatura.bare_extraction(page, with_metadata=True) is not None
        with spent() as extraction_alone:
            for n, page in enumerate(alone):
                assert extract(page.encode(), url=f"http://127.0.1.1/a/{n}.html").text
        say("now the whole pipeline")
        whole = await self._poll(sources)
        _print(downloaded, trafilatura_alone, extraction_alone, whole)
        return 0

    async def _download(self) -> Spent:
        """Every host's pages one after the other, all hosts at once: what our own per-host gate allows, too."""
        async with BareScrapy() as scrapy:

            async def one_host(host: str, first: int) -> None:
                assert (await scrapy.fetch(f"http://{host}/list/{first}.html")).status == 200
                for number in range(first, first + ROWS):
                    assert (await scrapy.fetch(f"http://{host}/a/{number}.html")).status == 200

            async def all_hosts() -> None:
                await asyncio.gather(*(one_host(host, n * ROWS) for n, host in enumerate(self._site.hosts)))

            await all_hosts()  # the site has then made its pages
            with spent(but=[self._site.pid]) as result:
                await all_hosts()
        return result

    async def _poll(self, sources: Sequence[Source]) -> Spent:
        writer = Writer(self._corpus)
        hub, pool = Hub(POLICY), Pool()
        poller = Poller(
            corpus=self._corpus,
            writer=writer,
            hub=hub,
            pool=pool,
            desk=desk_of(load_settings(CONFIG, os.environ, secrets=False), {}),
            policy=POLICY,
            now=now,
        )
        with self._corpus.begin() as tx:
            register_sources(tx, sources, now=now())
            jobs = [job_now(tx, source, now=now()) for source in sources]
        await pool.start()
        await hub.start()
        with spent(but=[self._site.pid]) as result:
            results = await asyncio.gather(*(poller.run(job) for job in jobs))
        stored = sum(done.outcomes.get(Outcome.NEW, 0) for done in results)
        assert stored == PAGES, f"{stored} of {PAGES} articles stored: {results}"
        await hub.stop()
        await pool.close()
        await writer.close()
        return result


def _print(downloaded: Spent, trafilatura_alone: Spent, extraction_alone: Spent, whole: Spent) -> None:
    def row(name: str, took: Spent, pages: int) -> tuple[str, ...]:
        cpu = 1000 * took.cpu / pages
        return (
            name,
            f"{cpu:.1f}",
            f"{1000 * took.own / pages:.1f}",
            f"{1000 * took.children / pages:.1f}",
            f"{pages / took.wall:.0f}",
            f"{cpu / (1000 * downloaded.cpu / PAGES):.1f} x",
            f"{cpu / (1000 * trafilatura_alone.cpu / ALONE):.2f} x",
        )

    table(
        f"The whole pipeline: {PAGES} pages of 33 KB from {HOSTS} hosts",
        ("", "CPU ms/page", "own", "worker", "pages/s", "to download", "to trafilatura"),
        [
            row("download only, Scrapy alone", downloaded, PAGES),
            row("trafilatura alone", trafilatura_alone, ALONE),
            row("our extraction alone", extraction_alone, ALONE),
            row("listing to committed article", whole, PAGES),
        ],
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
