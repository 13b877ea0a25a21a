"""Whether the daemon grows: `python -m tests.bench.memory`.

The real daemon polls 40 lists once a second each; every tenth visit a list has one article more, which is fetched,
extracted and stored. Memory and open files of the daemon and its worker are read after 200 polls and up to 2,000.
"""

import shutil
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import psutil
import yaml

from monitor.demo.sites.configuration import Pace, channels_yaml, write_folder
from tests.bench.figures import cpu_of, say, table
from tests.bench.imports import ROOT
from tests.bench.site import Site
from tests.daemons import DaemonProcess

SOURCES = 40
MARKS = (200, 500, 1000, 1500, 2000)
PATIENCE = 240.0


def configure(folder: Path, site: Site) -> Path:
    sources = [site.source(number, "live") for number in range(SOURCES)]
    entries = [
        {
            "slug": source.slug,
            "name": source.name,
            "engine": source.engine,
            "url": source.url,
            "rows": source.rows,
            "fields": {"url": "a::attr(href)", "title": "a::attr(title)", "published": "span::text"},
            "max_pages": 1,
        }
        for source in sources
    ]
    write_folder(
        folder,
        sources=yaml.safe_dump({"sources": entries}, allow_unicode=True),
        channels=channels_yaml({}),
        watches=(ROOT / "config" / "watches.yaml").read_text(encoding="utf-8"),
        bind="127.0.0.1:0",
        pace=Pace(every="1s", recheck="30m"),
    )
    return folder


def row(polls: int, daemon: psutil.Process, first: float) -> tuple[str, ...]:
    children = daemon.children(recursive=True)
    resident = daemon.memory_info().rss / 2**20
    return (
        f"{polls}",
        f"{resident:.2f}",
        f"{resident / first:.3f} x",
        f"{sum(child.memory_info().rss for child in children) / 2**20:.1f}",
        f"{daemon.num_fds()}",
        f"{daemon.num_threads()}",
    )


def watch(site: Site, process: DaemonProcess) -> list[tuple[str, ...]]:
    """Looks ten times a second how many lists were answered; a row at each mark."""
    daemon = psutil.Process(process.pid)
    rows: list[tuple[str, ...]] = []
    first = 0.0
    deadline = time.monotonic() + PATIENCE
    for mark in MARKS:
        while (polls := site.visits()) < mark:
            assert time.monotonic() < deadline, (
                f"only {polls} polls in {PATIENCE:.0f} s; the log:\n{process.log[-3000:]}"
            )
            time.sleep(0.1)
        first = first or daemon.memory_info().rss / 2**20
        rows.append(row(polls, daemon, first))
        say(f"{polls} polls")
    return rows


def main() -> int:
    scratch = Path(tempfile.mkdtemp())
    try:
        with Site(SOURCES) as site, DaemonProcess(configure(scratch, site)) as process:
            process.start().wait_ready()
            began = time.monotonic()
            rows = watch(site, process)
            took, cpu = time.monotonic() - began, cpu_of(psutil.Process(process.pid))
            assert process.terminate() == 0
        with sqlite3.connect(scratch / "chaoxun.db") as connection:
            (stored,) = connection.execute("SELECT count(*) FROM article").fetchone()
        polls = int(rows[-1][0])
        table(
            f"The daemon's memory over {polls} polls of {SOURCES} sources",
            ("polls", "daemon MB", "to the first", "worker MB", "open files", "threads"),
            rows,
            f"{took:.0f} s, {polls / took:.0f} polls/s, {stored} articles stored",
            f"{1000 * cpu / polls:.1f} ms of the daemon's own CPU a poll, its start and those articles included",
        )
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
