"""How fast documents are taken in: `python -m tests.bench.imports`.

`chaoxun import` as a process of its own, twice over the same files, with the shipped watches: made feed items, and the
real ones of ../shared/corpus where they lie beside the repository. The baseline only extracts the same files.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.documents import documents
from crawler.records import Hints, Source
from crawler.rereading import reread_many
from monitor.demo.sites import make_article
from tests.bench.figures import Spent, say, spent, table

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "corpus" / "feeditems"
MADE = 3000
#: Extraction alone reads so many of the files.
ALONE = 1000
_BEGINNING = datetime(2026, 3, 2, tzinfo=UTC)


def make_items(folder: Path) -> list[Path]:
    """Feed items as a feed reader writes them: front matter and a text of some hundred characters."""
    folder.mkdir()
    paths = []
    for number in range(MADE):
        made = make_article(number)
        path = folder / f"item-{number:05}.md"
        body = "\n".join(f"<p>{paragraph}</p>" for paragraph in made.paragraphs)
        head = (
            f"title: '{made.title}'",
            "categories:\n - 示例在线",
            f"url: 'https://news.example/{number}.html'",
            "author: ''",
            f"date: '{_BEGINNING + timedelta(minutes=number):%Y-%m-%dT%H:%M:%S.000Z}'",
        )
        path.write_text("\n".join(("---", *head, "---", "", body, "")), encoding="utf-8")
        paths.append(path)
    return paths


def configure(folder: Path) -> Path:
    """The shipped configuration with a database of its own."""
    shutil.copytree(ROOT / "config", folder)
    main = folder / "chaoxun.yaml"
    text = main.read_text(encoding="utf-8")
    assert "database: sqlite:///var/chaoxun.db" in text
    main.write_text(
        text.replace("database: sqlite:///var/chaoxun.db", f"database: sqlite:///{folder / 'chaoxun.db'}"),
        encoding="utf-8",
    )
    return folder


def run_import(config: Path, items: Path) -> tuple[Spent, Counter[str]]:
    command = [sys.executable, "-m", "monitor.cli", "--config", str(config), "import", "--json", str(items)]
    with spent() as result:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode in (0, 1), done.stderr
    return result, Counter(json.loads(line)["outcome"] for line in done.stdout.splitlines())


def extract_alone(paths: Sequence[Path]) -> Spent:
    hints = Hints.of(Source(slug="import", name="import", engine="import"))
    handed = [(document.page, hints) for path in paths for document in documents(path, now=datetime.now(UTC))]
    reread_many(handed[:20])
    with spent() as result:
        reread_many(handed)
    return result


def measure(title: str, items: Path, paths: Sequence[Path], scratch: Path) -> None:
    sample = paths[:: max(1, len(paths) // ALONE)]
    alone = extract_alone(sample)
    config = configure(scratch / f"config-{items.name}")
    runs = [run_import(config, items) for _ in range(2)]
    base = alone.cpu / len(sample)
    rows = [("extraction alone, one core", f"{len(sample) / alone.wall:.0f}", f"{1000 * base:.2f}", "1.0 x", "")]
    for name, (took, outcomes) in zip(("import, new", "import, again"), runs, strict=True):
        cpu = took.cpu / len(paths)
        said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
        rows.append((name, f"{len(paths) / took.wall:.0f}", f"{1000 * cpu:.2f}", f"{cpu / base:.1f} x", said))
    table(title, ("", "items/s", "CPU ms/item", "to extraction", "outcomes"), rows, "start-up of the command included")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        made = make_items(scratch / "items")
        measure(f"Import of {MADE} made feed items", scratch / "items", made, scratch)
        if REAL.is_dir():
            real = sorted(REAL.glob("*.md"))
            measure(f"Import of {len(real)} real feed items", REAL, real, scratch)
        else:
            say(f"\nno {os.path.relpath(REAL, ROOT)}: the real feed items are left out")
    return 0


if __name__ == "__main__":
    sys.exit(main())
