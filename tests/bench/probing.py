"""How many columns `source probe` configures by itself: `python -m tests.bench.probing [COLUMNS]`.

COLUMNS of every kind of site software (default 10), each with class names, column numbers and dialects of its own that
no reader of ours has seen, over real HTTP. Probe is given what a person has: the address of the column page or feed; of
an interface its address, and the form and the Referer that a browser's network view shows. A column counts as right
where the printed entry, written to a file, loaded and polled, gives the items that the column lists and no other, under
their titles, with their times where the list shows them.
"""

import sys
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

from monitor.demo.sites.fleet import Fleet
from monitor.demo.sites.kinds.registry import KINDS
from tests.bench.figures import ROW, say, spent, table
from tests.probing import faults, question
from tests.station import running_crew

_ITEMS = 40
_SEED = 70_000


def main(columns: int) -> int:
    """0 where at least nine columns of ten are configured right."""
    rows: list[ROW] = []
    right, asked, why = Counter[str](), Counter[str](), dict[str, str]()
    with running_crew() as crew, Fleet(clock=crew.clock) as fleet, tempfile.TemporaryDirectory() as folder:
        for name in KINDS:
            with spent() as took:
                for number in range(columns):
                    column = fleet.add(name, seed=_SEED + number)
                    fleet.publish(column, _ITEMS, every=timedelta(hours=5))
                    how = question(fleet.source(column)).method
                    found = faults(crew, fleet, column, Path(folder))
                    asked[how] += 1
                    right.update(() if found else (name, how))
                    why.update({name: f"{name}: {found[0]}"[:300]} if found else {})
            rows.append((name, f"{right[name]} of {columns}", f"{took.wall / columns:.2f}"))
    notes = [f"an address alone: {right['GET']} of {asked['GET']}", f"a form, too: {right['POST']} of {asked['POST']}"]
    table("source probe", ("kind", "right", "seconds each"), rows, *notes, *why.values())
    good, total = right["GET"] + right["POST"], asked.total()
    say(f"configured right: {good} of {total} columns, {good / total:.1%}")
    return 0 if good >= 0.9 * total else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
