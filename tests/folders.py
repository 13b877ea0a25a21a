"""Configuration folders as a test writes them."""

from collections.abc import Mapping
from pathlib import Path

WATCH = "watches:\n  - name: 桥\n    rule: 桥梁\n"
HOOK = 'channels:\n  hook: {url: "json://127.0.0.1:9000/"}\n'
#: A secret that nothing may show.
CANARY = "canary-5f1c"


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
