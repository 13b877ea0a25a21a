"""Runs `chaoxun` commands: as a child process, as users do, or within this process where many are to be tried."""

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from monitor.cli import main

PATIENCE = 120


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout; fails where anything else stands there."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The documents of a stream, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Chaoxun:
    """`chaoxun --config FOLDER …`, run in `cwd`."""

    def __init__(self, config: Path, cwd: Path | None = None) -> None:
        self.config = config
        self.cwd = cwd or config

    def __call__(
        self,
        *words: object,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        before: tuple[str, ...] = (),
    ) -> Done:
        """The command in a process of its own. before: words to start it with, such as setpriv's."""
        done = subprocess.run(
            [
                *before,
                sys.executable,
                "-m",
                "monitor.cli",
                "--config",
                str(self.config),
                *(str(word) for word in words),
            ],
            cwd=self.cwd,
            input=stdin,
            capture_output=True,
            env={**os.environ, **(env or {})},
            timeout=PATIENCE,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def here(self, *words: object) -> Done:
        """The command in this process, a second faster; not for those that crawl, as a reactor starts only once."""
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        argv, root = sys.argv, logging.getLogger()
        handlers, level = root.handlers[:], root.level
        sys.argv = ["chaoxun", "--config", str(self.config), *(str(word) for word in words)]
        try:
            with chdir(self.cwd), redirect_stdout(out), redirect_stderr(err):
                main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            sys.argv, root.handlers[:] = argv, handlers
            root.setLevel(level)
            structlog.reset_defaults()
        return Done(code, *(_written(stream) for stream in (out, err)))


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
