"""The fleet's columns as entries of a configuration: shipped entries led to loopback, and entries read as Source."""

import json
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.engines import ENGINES
from crawler.records import Source
from crawler.sources import load_source_file

_ADDRESS = re.compile(r"https?://[\w.-]+(?::\d+)?")


def led_to(entry: Mapping[str, Any], root: str) -> dict[str, Any]:
    """The entry with every web address in it moved to `root` (http://address:port), its paths kept; where it has no
    url, the engine's own address becomes one. Raises ConfigError for an entry that is none."""
    keys: dict[str, Any] = _moved(dict(entry), root)
    if "url" not in keys:
        (source,) = loaded([keys])
        keys["url"] = root + urlsplit(ENGINES[source.engine].start(source).url).path
    return keys


def loaded(entries: Sequence[Mapping[str, Any]]) -> tuple[Source, ...]:
    """The entries read as a configuration is, with all its checks. Raises ConfigError."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fleet.yaml"
        path.write_text(json.dumps({"sources": entries}, ensure_ascii=False), encoding="utf-8")  # JSON is YAML
        return load_source_file(path, environ={})


def _moved(value: Any, root: str) -> Any:
    match value:
        case str():
            return _ADDRESS.sub(root, value)
        case dict():
            return {key: _moved(part, root) for key, part in value.items()}
        case list() | tuple():
            return [_moved(part, root) for part in value]
        case _:
            return value
