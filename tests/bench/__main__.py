"""All benchmarks one after the other, each in its own process: `make bench`, or `python -m tests.bench [NAME…]`."""

import subprocess
import sys
import time

from tests.bench.figures import say

#: In the order of their length, the shortest first.
NAMES = (
    "starting",
    "silences",
    "probing",
    "pipeline",
    "unchanged_poll",
    "near_duplicates",
    "rules",
    "diffs",
    "extraction",
    "latency",
    "imports",
    "memory",
    "byteshifts",
    "searching",
)
#: A benchmark that takes longer hangs.
LONGEST = 1200.0


def main(names: list[str]) -> int:
    """0 where all came to their end."""
    unknown = set(names) - set(NAMES)
    if unknown:
        sys.stderr.write(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}\n")
        return 2
    failed = []
    began = time.monotonic()
    for name in names or NAMES:
        say(f"\n== python -m tests.bench.{name}")
        try:
            code = subprocess.run(
                [sys.executable, "-m", f"tests.bench.{name}"], timeout=LONGEST, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            code = -1
        if code:
            failed.append(name)
    say(f"\n{time.monotonic() - began:.0f} s in all{'; FAILED: ' + ', '.join(failed) if failed else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
