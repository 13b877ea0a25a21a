"""`watch list|check|test|import`: rules from the command line; `watch explain` is in explaining.py."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import typer

from monitor.cli.exits import UsageError
from monitor.cli.output import complain, print_json, print_table, print_text, say
from monitor.cli.setting import day, now, reading, settings_of
from monitor.corpus.trial import trial
from monitor.model import Hit
from monitor.rules import parse
from monitor.wordgroups import watches_yaml


def list_(context: typer.Context, *, json: bool) -> None:
    settings = settings_of(context)
    rows: list[dict[str, Any]] = [
        {
            "name": watch.name,
            "rule": watch.rule,
            "on": sorted(watch.on),
            "channels": list(watch.channels),
            "deliver": watch.deliver,
            "delivers": dict(watch.delivers),
            "scope": sorted(watch.scope),
            "min_importance": watch.min_importance,
            "severity": watch.severity.value,
            "reposts": watch.reposts,
            "where": watch.where,
        }
        for watch in settings.watches
    ]
    if json:
        print_json(rows)
        return
    print_table(
        ("watch", "rule", "on", "channels"),
        ((r["name"], r["rule"], ", ".join(r["on"]), ", ".join(r["channels"]) or "none: stored only") for r in rows),
        empty="No watches are configured.",
    )  # fmt: skip


def check(context: typer.Context, *, json: bool) -> None:
    """Loading the configuration checks every rule: a wrong one ends the command with file, line and column."""
    settings = settings_of(context)
    doubts = [(watch, doubt) for watch in settings.watches for doubt in parse(watch.rule).warnings]
    if json:
        print_json(
            {
                "watches": len(settings.watches),
                "warnings": [{"watch": w.name, "where": w.where, "why": d} for w, d in doubts],
            }
        )
        return
    for watch, doubt in doubts:
        complain(f"{watch.where}: watch {watch.name}: {doubt}")
    say(f"{len(settings.watches)} watches, all rules are right")


def test(context: typer.Context, rule: str, *, since: str | None, json: bool) -> None:
    parsed = parse(rule)
    first = day(since, "--since")
    with reading(settings_of(context)) as connection:
        tried = trial(connection, parsed, since=first, now=now())
    if json:
        items = [
            {"id": found.id, "url": found.url, "title": found.title, "hits": [_hit(h) for h in evaluation.hits]}
            for found, evaluation in tried.met
        ]
        print_json(
            {
                "rule": rule,
                "matched": len(items),
                "alerts_per_week": tried.alerts_per_week,
                "warnings": list(tried.warnings),
                "items": items,
            }
        )
        return
    for doubt in tried.warnings:
        complain(doubt)
    for found, evaluation in tried.met:
        say(f"{found.id}  {found.title}")
        for line in islice(dict.fromkeys(f"{hit.field}: {hit.context}" for hit in evaluation.hits), 3):
            say(f"      {line}")
    rate = "" if tried.alerts_per_week is None else f"; of late {tried.alerts_per_week:g} alerts a week"
    say(f"{len(tried.met)} articles match{rate}")


def import_(file: Path, *, channels: Sequence[str]) -> None:
    """Asks for no configuration: whether a channel is known is seen where the watches are pasted."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: byte {error.start} is no UTF-8; save the file as UTF-8") from error
    print_text(watches_yaml(text, str(file), channels))


def _hit(hit: Hit) -> dict[str, Any]:
    return {"term": hit.term, "field": hit.field.value, "start": hit.start, "end": hit.end, "context": hit.context}
