"""Sources as the YAML of a configuration: what `crawler.sources` reads, written."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any

import yaml

from crawler.records import Source

#: Keys of an entry in the order in which people read them.
_ORDER = (
    *("slug", "name", "engine", "url", "method", "params", "form", "json", "charset", "headers", "cookies", "tls"),
    *("tag", "fallback", "rows", "fields", "page", "next", "detail", "article", "region", "column", "kind", "every"),
    *("off_hours_every", "interval", "gap", "max_pages", "noise", "group", "disabled"),
)
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def entries_yaml(entries: Iterable[Mapping[str, Any]], *, comments: Iterable[str] = ()) -> str:
    """A whole `sources/*.yaml`, one key a line; the comments stand before the first entry. Pure.

    >>> print(entries_yaml([{"slug": "yiwu-news", "params": {"lid": "155"}}]), end="")
    sources:
      - slug: yiwu-news
        params: {lid: '155'}
    """
    lines = ["sources:", *(f"  # {_comment(comment)}" for comment in comments)]
    for entry in map(ordered, entries):
        lines += [f"  {' ' if place else '-'} {key}: {_value(entry[key])}" for place, key in enumerate(entry)]
    return "\n".join(lines) + "\n"


def ordered(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of an entry in the order in which people read them. Pure."""
    return {key: entry[key] for key in _ORDER if key in entry}


def _comment(text: str) -> str:
    """On one line, and without characters that YAML refuses: what a page says of itself may stand in it."""
    return "".join(char for char in " ".join(text.split()) if char.isprintable())


def _value(value: Any) -> str:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, sort_keys=False, width=10**9)
    return text.removesuffix("\n").removesuffix("\n...")


def entry_of(source: Source) -> dict[str, Any]:
    """The entry that declares a source, without keys that say what holds anyway. Pure."""
    bare = Source(slug="", name="", engine="")
    entry: dict[str, Any] = {}
    for key in (each.name for each in fields(Source) if each.name != "where"):
        value = getattr(source, key)
        if value != getattr(bare, key):
            entry[key] = _plain(value)
    if source.interval is not None:
        entry["interval"] = {"min": _duration(source.interval[0]), "max": _duration(source.interval[1])}
    return entry


def _plain(value: Any) -> Any:
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {key: item for key, item in asdict(value).items() if item is not None}
    return dict(value) if isinstance(value, Mapping) else value


def _duration(value: timedelta) -> str:
    """In the largest unit that leaves no rest: 1h, 90m, 1500ms."""
    milliseconds = round(value.total_seconds() * 1000)
    for unit, seconds in _UNITS:
        if milliseconds % (seconds * 1000) == 0:
            return f"{milliseconds // (seconds * 1000)}{unit}"
    return f"{milliseconds}ms"
