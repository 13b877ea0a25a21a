"""A database that is locked or full: said with its name and the remedy, and what was not stored is done again."""

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from aiohttp import web

from monitor.corpus import CorpusError
from monitor.demo.sites import Column, SampleArticle, SampleSites, make_article
from monitor.model import AlertKind
from tests.daemons import Lab
from tests.site import Site as OwnSite
from tests.station import Crew, Station

COLUMNS = (Column.PORTAL_NEWS, Column.CITY_NOTICES)
NOBODY = "json://127.0.0.1:9/nobody"
LOCKED = "chaoxun.db: it is locked by another process; wait for the other command to end, or find it with `fuser`"
FULL = "chaoxun.db: the disk is full; free some space; nothing of this step was stored, it will be done again"


@pytest.fixture
def sites(crew: Crew) -> Iterator[SampleSites]:
    with SampleSites(clock=crew.clock) as sites:
        yield sites


def publish(sites: SampleSites, edition: int) -> list[SampleArticle]:
    made = [make_article(edition * 100 + 5 * place, column=column) for place, column in enumerate(COLUMNS)]
    for article in made:
        sites.publish(article)
    return made


def lock(station: Station) -> sqlite3.Connection:
    """Somebody else writes, until the connection is closed."""
    other = sqlite3.connect(station.corpus.path or "", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other


@contextmanager
def full(station: Station, *, spare: int) -> Iterator[None]:
    """The database's file may grow by `spare` pages and no more, as on a disk without room."""
    with station.corpus.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one() + spare

    def limit(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    sa.event.listen(station.corpus.engine, "connect", limit)
    station.corpus.engine.dispose()
    try:
        yield
    finally:
        sa.event.remove(station.corpus.engine, "connect", limit)
        station.corpus.engine.dispose()


def assert_all_is_there(station: Station, before: list[SampleArticle], since: list[SampleArticle]) -> None:
    """Each article once, unchanged, those since the baseline with one alert each, and the file is whole."""
    assert sorted(a["title"] for a in station.articles().values()) == sorted(a.title for a in (*before, *since))
    assert {(a["status"], a["revision"]) for a in station.articles().values()} == {("live", 1)}
    assert station.pending() == {}
    assert sorted(station.told(AlertKind.NEW)) == sorted(f"【新】{a.topics[0]}：{a.title}" for a in since)
    assert station.told() == []
    with station.corpus.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def test_a_locked_database_puts_a_poll_off(
    sites: SampleSites, open_station: Callable[[Path], Station], tmp_path: Path
) -> None:
    before = publish(sites, 1)
    station = open_station(sites.write_config(tmp_path, columns=COLUMNS, channels={"desk": NOBODY}))
    station.round()
    since = publish(sites, 2)
    with closing(lock(station)), pytest.raises(CorpusError) as said:
        station.round()
    assert LOCKED in str(said.value)
    assert len(station.articles()) == len(before), "what is stored can be read all the time"
    station.round()
    assert_all_is_there(station, before, since)


def test_a_database_that_is_locked_while_articles_are_fetched_loses_none(
    sites: SampleSites, crew: Crew, open_station: Callable[[Path], Station], tmp_path: Path
) -> None:
    before = publish(sites, 1)
    folder = sites.write_config(tmp_path, columns=COLUMNS, channels={"desk": NOBODY})
    own = OwnSite(crew.loop)
    (folder / "sources" / "own.yaml").write_text(
        f"sources: [{{slug: own, name: 自办, engine: feed, url: '{own.url('/rss.xml')}'}}]", encoding="utf-8"
    )
    item = f"<item><title>车间里的新变化</title><link>{own.url('/a.html')}</link></item>"
    own.answer("/rss.xml", f'<rss version="2.0"><channel>{item}</channel></rss>', content_type="application/rss+xml")
    body = "".join(f"<p>第{n}家企业今天开工，计划投入{n * 37}万元，用于改造车间和招收新员工。</p>" for n in range(9))
    page = f"<html><head><title>车间里的新变化</title></head><body><h1>车间里的新变化</h1>{body}</body></html>"
    locks: list[sqlite3.Connection] = []

    async def lock_and_answer(_: web.Request) -> web.Response:
        locks.append(lock(station))
        return web.Response(text=page, content_type="text/html")

    own.handle("/a.html", lock_and_answer)
    station = open_station(folder)
    with pytest.raises(CorpusError) as said:
        station.round()
    for other in locks:
        other.close()
    assert LOCKED in str(said.value)
    assert own.url("/a.html") in station.pending()

    own.answer("/a.html", page, content_type="text/html; charset=utf-8")
    station.round()
    own.close()
    titles = {article["title"] for article in station.articles().values()}
    assert titles == {"车间里的新变化", *(article.title for article in before)}
    assert {article["revision"] for article in station.articles().values()} == {1}
    assert station.pending() == {}


@pytest.mark.parametrize("spare", [0, 4, 12], ids=lambda pages: f"{pages} pages left")
def test_a_full_disk_stores_nothing_by_halves_and_all_of_it_later(
    sites: SampleSites, open_station: Callable[[Path], Station], tmp_path: Path, spare: int
) -> None:
    before = publish(sites, 1)
    station = open_station(sites.write_config(tmp_path, columns=COLUMNS, channels={"desk": NOBODY}))
    station.round()
    since = [article for edition in range(2, 9) for article in publish(sites, edition)]
    with full(station, spare=spare):
        with pytest.raises(CorpusError) as said:
            station.round()
        assert FULL in str(said.value)
        kept = station.articles()
        assert {a.title for a in before} <= {a["title"] for a in kept.values()}
        assert all(a["text"] and a["revision"] == 1 for a in kept.values())
    station.round()
    station.round()
    assert_all_is_there(station, before, since)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB."""
    if os.geteuid() != 0:
        pytest.skip("a small file system is mounted for this test, which only root may do: run it as root")
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no file system can be mounted here ({done.stderr.strip()}): run it where mount is allowed")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_daemon_on_a_full_disk_says_so_once_and_goes_on_by_itself(small_disk: Path, tmp_path: Path) -> None:
    """Its log, its status for the service manager and its page say it; reading goes on; afterwards all is mailed."""
    (tmp_path / "config").mkdir()
    with ExitStack() as stack:
        lab = Lab(tmp_path / "config", stack)
        lab.configure(columns=COLUMNS, database=f"sqlite:///{small_disk / 'chaoxun.db'}")
        daemon = lab.running(watchdog=timedelta(seconds=4))
        ballast = small_disk / "ballast"
        with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
            while True:
                file.write(bytes(4096))
        since = publish(lab.sites, 2)
        daemon.wait(lambda: "the disk is full; free some space" in daemon.status, "its status says what is wrong")
        assert "the disk is full; free some space" in daemon.get("/").text
        assert daemon.get("/healthz").status == 503
        assert daemon.get(f"/search?q={quote('产业大脑')}").status == 200
        told = daemon.notices[-1].at
        for _ in range(3):  # it goes on trying, and is alive all the time
            told = daemon.wait_notice(lambda n: "WATCHDOG" in n.fields, "its watchdog is fed", since=told + 0.001).at
        assert daemon.log.count("daemon in trouble") == 1, "not at every try"
        ballast.unlink()
        mails = lab.mail.accepted.wait_for(len(since))
        daemon.wait_log("daemon works again")
        assert daemon.terminate() == 0
    subjects = [str(mail.parsed["Subject"]) for mail in mails]
    assert all(any(a.title in subject for subject in subjects) for a in since)
