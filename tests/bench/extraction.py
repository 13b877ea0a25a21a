"""Extraction on real pages with gold, kept outside this repository: quality, speed, and a ratchet.

`python -m tests.bench.extraction` scores ../shared/corpus (nothing is said of it where it is not there) and ends with 1
where a figure has fallen more than .005 under what extraction.json says. After an improvement write the new figures
there: `python -m tests.bench.extraction --write`.

Beside each figure stands one without the page's host: every name of a container or of an outlet's place that no other
site of the corpus uses is taken out of the page first, so what is left was not learnt from it. A third run gives every
element a name of chance: what is left then is told by what a reader sees.
"""

import importlib.util
import json
import random
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

from crawler.extract import extract
from tests.bench.figures import say, table

SHARED = Path(__file__).resolve().parents[3] / "shared"
KEPT = Path(__file__).with_name("extraction.json")
ALLOWED = 0.005
#: The measures that may not fall.
RATCHET = ("F1", "title", "minute", "source", "editor")
_MEASURES = {
    "F1": "c4_f1",
    "under .5": "c4_f1_below_half",
    "title": "title",
    "day": "day",
    "minute": "minute",
    "source": "source",
    "editor": "editor",
    "文号": "doc_number",
    "索引号": "index_number",
}
_OUTLET_NAMES = frozenset(
    {"#ne_article_source", "#media_name", "#js_name", "#source_baidu", ".date-source", ".article-source"}
)
#: `id="a"`, `class='a b'`
_NAMES = re.compile(r"""\b(id|class)(\s*=\s*)(["']?)([^"'<>=]{1,300}?)(?=\3[\s>/])""", re.IGNORECASE)
Row = dict[str, Any]


def main(arguments: Sequence[str]) -> int:
    """0 where no figure of the ratchet has fallen, or nothing is there to measure."""
    script = SHARED / "checks" / "score_extraction.py"
    if not script.is_file() or not (SHARED / "corpus").is_dir():
        say("no corpus of real pages beside the repository: nothing measured")
        return 0
    scoring = _loaded(script)
    pages: list[Row] = scoring.read_pages(str(SHARED / "corpus"))
    rows, seconds = _scored(scoring, pages, lambda page: bytes(page["raw"]))
    private = _private_names(pages)
    without, _ = _scored(scoring, pages, lambda page: _without(page, private[_site(page)]))
    renamed, _ = _scored(scoring, pages, _renamed)
    measured = _figures(scoring, rows)
    _say_quality(scoring, {"": rows, ", without its host": without, ", all names changed": renamed})
    _say_speed(scoring, pages, seconds)
    if "--write" in arguments:
        KEPT.write_text(json.dumps({name: round(measured[name], 4) for name in RATCHET}, indent=1) + "\n")
        return 0
    return _hold(measured)


def _hold(measured: Mapping[str, float]) -> int:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    fallen = [name for name in RATCHET if measured[name] < kept[name] - ALLOWED]
    for name in fallen:
        say(f"FALLEN: {name} was {kept[name]:.3f} and is {measured[name]:.3f}; mend it, or say why in {KEPT.name}")
    if not fallen:
        say(
            f"\nno figure is more than {ALLOWED} under {KEPT.name}: " + ", ".join(f"{n} {kept[n]:.3f}" for n in RATCHET)
        )
    return 1 if fallen else 0


def _loaded(script: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(script.stem, script)
    if spec is None or spec.loader is None:
        raise ImportError(f"{script} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _scored(scoring: ModuleType, pages: Sequence[Row], given: Callable[[Row], bytes]) -> tuple[list[Row], float]:
    """The scores of all pages, and the CPU seconds of extraction alone. A page that cannot be read ends the run."""
    rows, seconds = [], 0.0
    extract(b"<html><body><p>warm</p></body></html>")
    for page in pages:
        body, url = given(page), page["gold"].get("url")
        began = time.process_time()
        found = scoring.chaoxun(body, url)
        spent = time.process_time() - began
        seconds += spent
        rows.append(scoring.score_page(page, found) | {"cpu_ms": spent * 1000, "bytes": len(body), "error": None})
    return rows, seconds


def _figures(scoring: ModuleType, rows: Sequence[Row]) -> dict[str, float]:
    found = scoring.summary(rows)
    return {name: found[key] for name, key in _MEASURES.items() if found.get(key) is not None}


def _say_quality(scoring: ModuleType, runs: Mapping[str, Sequence[Row]]) -> None:
    groups: dict[str, Callable[[Row], bool]] = {
        "all": lambda row: True,
        "full pages": lambda row: not row["fragment"],
        "fragments": lambda row: bool(row["fragment"]),
        "independent gold": lambda row: row["gold_kind"].startswith("dataset"),
    }
    lines = []
    for name, belongs in groups.items():
        for how, scores in runs.items():
            chosen = [row for row in scores if belongs(row)]
            found = _figures(scoring, chosen)
            lines.append((name + how, str(len(chosen)), *(f"{found[m]:.3f}" if m in found else "-" for m in _MEASURES)))
    table("quality on real pages", ("pages", "number", *_MEASURES), lines)


def _say_speed(scoring: ModuleType, pages: Sequence[Row], ours: float) -> None:
    peer = scoring.BUILTIN["trafilatura"]
    peer(pages[0]["html"], None)
    began = time.process_time()
    for page in pages:
        peer(page["html"], page["gold"].get("url"))
    theirs = time.process_time() - began
    rows = [
        ("chaoxun, from bytes", f"{len(pages) / ours:.1f}", f"{theirs / ours:.2f}"),
        ("trafilatura's default, from characters", f"{len(pages) / theirs:.1f}", "1.00"),
    ]
    table("speed", ("extractor", "pages per CPU second", "times trafilatura's"), rows, "aim: 40, and 3 times")


def _site(page: Row) -> str:
    labels = str(page.get("site") or page["repo"]).split(".")
    return ".".join(
        labels[-3:] if len(labels) > 2 and labels[-2] in ("com", "gov", "net", "org", "edu") else labels[-2:]
    )


def _private_names(pages: Sequence[Row]) -> dict[str, frozenset[str]]:
    """Site -> the names (#id, .class) that we know and that of all sites here only it uses."""
    listed = files("crawler.extract").joinpath("containers.txt").read_text(encoding="utf-8").split("\n")
    known = {line.strip() for line in listed if line.startswith(("#", ".")) and " " not in line.strip()} | _OUTLET_NAMES
    users: dict[str, set[str]] = defaultdict(set)
    for page in pages:
        for kind, _, _, value in _NAMES.findall(page["html"]):
            for name in value.split():
                users[("#" if kind.lower() == "id" else ".") + name].add(_site(page))
    return {
        site: frozenset(name for name in known if users[name] == {site}) for site in {_site(page) for page in pages}
    }


def _without(page: Row, names: frozenset[str]) -> bytes:
    """A page without these names, as UTF-8; as it is where it has none of them."""

    def renamed(match: re.Match[str]) -> str:
        mark = "#" if match[1].lower() == "id" else "."
        kept = " ".join("unnamed" if mark + name in names else name for name in match[4].split())
        return f"{match[1]}{match[2]}{match[3]}{kept}"

    html: str = page["html"]
    changed = _NAMES.sub(renamed, html) if names else html
    return bytes(page["raw"]) if changed == html else b"\xef\xbb\xbf" + changed.encode("utf-8", "replace")


def _renamed(page: Row) -> bytes:
    """A page whose ids and classes are letters of chance, the same one for the same name; as UTF-8."""
    dice = random.Random(str(page["id"]))
    names: dict[str, str] = defaultdict(lambda: "".join(dice.choices("bcdfghjkmpqxz", k=8)))
    html: str = page["html"]
    changed = _NAMES.sub(
        lambda found: found[1] + found[2] + found[3] + " ".join(map(names.__getitem__, found[4].split())), html
    )
    return b"\xef\xbb\xbf" + changed.encode("utf-8", "replace")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
