"""The daemon under a clock that somebody sets: `CHAOXUN_CLOCK=FILE python -m tests.faults.shifted --config DIR run`.

The file holds by how many seconds the clock is wrong; it is read at each look at the clock. The product knows nothing
of it: the one function by which the daemon asks for the time is replaced here, before its `main` is called.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import monitor.daemon
from monitor.cli import main


def shift(file: Path) -> None:
    """From now on the daemon's clock is wrong by what the file says."""

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(file.read_text(encoding="ascii")))

    monitor.daemon.now = now


if __name__ == "__main__":
    shift(Path(os.environ["CHAOXUN_CLOCK"]))
    main()
