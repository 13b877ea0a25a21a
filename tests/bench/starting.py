"""How long things take to start: `python -m tests.bench.starting`.

Commands against `python -c pass`, a parse worker until its first answer, and the daemon from its start to READY=1 on
the shipped configuration, with the packages whose import takes longest. The best of some runs each: what else the
machine does only ever adds.
"""

import asyncio
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil
import yaml

from crawler.records import Capture, Hints, Source
from crawler.rereading import reread
from crawler.workers import Pool
from tests.bench.figures import ROW, Spent, cpu_of, spent, table
from tests.bench.imports import ROOT, configure
from tests.daemons import DaemonProcess

TIMES = 5
_TIMED = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")


def best(command: Sequence[str]) -> Spent:
    runs = []
    for _ in range(TIMES):
        with spent() as run:
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        runs.append(run)
    return Spent(wall=min(run.wall for run in runs), children=min(run.children for run in runs))


def command_rows(config: Path) -> list[ROW]:
    python, chaoxun = sys.executable, ["-m", "monitor.cli", "--config", str(config)]
    page = config / "page.md"
    page.write_text("---\ntitle: '题'\nurl: 'https://a.example/1'\n---\n\n正文。\n", encoding="utf-8")
    commands = {
        "python -c pass": [python, "-c", "pass"],
        "chaoxun --help": [python, "-m", "monitor.cli", "--help"],
        "chaoxun search 产业大脑": [python, *chaoxun, "search", "产业大脑"],
        "chaoxun watch check": [python, *chaoxun, "watch", "check"],
        "chaoxun extract FILE": [python, *chaoxun, "extract", "--json", str(page)],
        "chaoxun import FILE": [python, *chaoxun, "import", "--json", str(page)],
    }
    took = {name: best(command) for name, command in commands.items()}
    base = took["python -c pass"].wall
    return [(name, f"{t.wall:.2f}", f"{t.children:.2f}", f"{t.wall / base:.0f} x") for name, t in took.items()]


async def worker_row() -> ROW:
    """A pool of one worker: until it is ready, and what its first call adds."""
    hints = Hints.of(Source(slug="bench", name="bench", engine="import"))
    page = Capture(url="", final_url="", status=200, body="正文。".encode(), fetched_at=datetime.now(UTC))
    runs = []
    for _ in range(TIMES):
        pool = Pool()
        began = time.perf_counter()
        await pool.start()
        ready = time.perf_counter() - began
        cpu = sum(cpu_of(child) for child in psutil.Process().children())
        await pool.call(reread, page, hints)
        runs.append((ready, cpu, time.perf_counter() - began - ready))
        await pool.close()
    ready, cpu, first = (min(column) for column in zip(*runs, strict=True))
    return ("a parse worker", f"{ready:.2f}", f"{cpu:.2f}", f"its first call: {1000 * first:.0f} ms")


def daemon_row(config: Path) -> ROW:
    runs = []
    for _ in range(3):
        with DaemonProcess(config) as process:
            process.start().wait_ready()
            ready = time.monotonic() - process.starts[-1]
            cpu = cpu_of(psutil.Process(process.pid)) + sum(map(cpu_of, process.children()))
            began = time.monotonic()
            assert process.terminate() == 0
            runs.append((ready, cpu, time.monotonic() - began))
    ready, cpu, end = (min(column) for column in zip(*runs, strict=True))
    return ("the daemon to READY", f"{ready:.2f}", f"{cpu:.2f}", f"SIGTERM to its end: {end:.2f} s")


def import_rows() -> list[ROW]:
    """The packages that `chaoxun run` imports, by the time that their own modules take."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import monitor.cli.service"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    own: Counter[str] = Counter()
    for line in done.stderr.splitlines():
        if timed := _TIMED.match(line):
            own[_whose(timed[2].partition(".")[0])] += int(timed[1])
    total = own.total()
    return [(name, f"{us / 1000:.0f}", f"{100 * us / total:.0f} %") for name, us in own.most_common(12)]


def _whose(package: str) -> str:
    if package in sys.stdlib_module_names:
        return "the standard library"
    return "chaoxun itself" if package in ("crawler", "monitor") else package


def keep_to_ourselves(config: Path) -> None:
    """No source is asked for anything, and the page takes a free port."""
    main_file = config / "chaoxun.yaml"
    text = main_file.read_text(encoding="utf-8")
    main_file.write_text(text.replace("127.0.0.1:8787", "127.0.0.1:0"), encoding="utf-8")
    for path in (config / "sources").glob("*.yaml"):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for source in document["sources"]:
            source["disabled"] = "a benchmark asks nobody"
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        config = configure(Path(folder) / "config")
        keep_to_ourselves(config)
        commands = command_rows(config)
        table(f"Commands, best of {TIMES}", ("", "wall s", "CPU s", "to python"), commands)
        table("Processes", ("", "wall s", "CPU s", ""), [asyncio.run(worker_row()), daemon_row(config)])
        table("Imports of `chaoxun run`, own time", ("", "ms", "share"), import_rows())
    return 0


if __name__ == "__main__":
    sys.exit(main())
