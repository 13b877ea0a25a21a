"""`search`, `show` and `health`: what the corpus holds, from the command line."""

import csv as csv_format
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import typer

from crawler.records import Source
from crawler.yamlfile import nearest
from monitor.cli.exits import FAILED, UsageError
from monitor.cli.output import complain, print_json, print_table, say
from monitor.cli.setting import day, now, reading, settings_of
from monitor.corpus import Connection, articles, learned, sources, undelivered
from monitor.corpus.search import Query, SearchResult
from monitor.corpus.search import search as find
from monitor.differences import Revised, differences, together
from monitor.model import AlertKind, ArticleStatus, Change, Health, SourceState
from monitor.rules import parse
from monitor.text.diff import marked

_CSV = ("id", "url", "title", "published_at", "source", "region", "issuer", "origin", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The options of `search`, as typed."""

    title: bool
    source: str | None
    region: str | None
    issuer: str | None
    stock: str | None
    since: str | None
    until: str | None
    status: str | None
    limit: int
    offset: int
    facets: bool

    def query(self, text: str) -> Query:
        if self.status is not None and self.status not in list(ArticleStatus):
            raise UsageError(f"--status: {self.status!r} is neither live nor withdrawn")
        return Query(
            rule=parse(text),
            title_only=self.title,
            source=self.source,
            region=self.region,
            issuer=self.issuer,
            stock=self.stock,
            since=day(self.since, "--since"),
            until=day(self.until, "--until", end=True),
            status=self.status,
            limit=self.limit,
            offset=self.offset,
        )


def search(context: typer.Context, text: str, *, filters: Filters, json: bool, csv: bool) -> None:
    if json and csv:
        raise UsageError("--json and --csv exclude each other")
    query = filters.query(text)
    with reading(settings_of(context)) as connection:
        found = find(connection, query)
        known = sources.names(connection)
    if filters.source is not None and filters.source not in known:  # a slip of the pen looks like an empty corpus
        complain(f"no article is from a source {filters.source!r}; {nearest(filters.source, sorted(known), 'sources')}")
    for doubt in query.rule.warnings if query.rule and not found.total else ():
        complain(doubt)
    if json:
        document: dict[str, Any] = {"total": found.total, "more": found.more, "items": found.items}
        if filters.facets:
            document["facets"] = found.facets
        print_json(document)
    elif csv:
        _print_csv(found.items)
    else:
        _print_found(found, facets=filters.facets)


def _print_csv(items: Sequence[dict[str, Any]]) -> None:
    writer = csv_format.writer(sys.stdout, lineterminator="\n")
    writer.writerow(_CSV)
    for item in items:
        row = {**item, "issuer": item["government"].get("issuer")}
        writer.writerow([_spreadsheet_safe(row[key]) for key in _CSV])


def _spreadsheet_safe(value: object) -> object:
    """A cell that starts like a formula is one, to a spreadsheet; page titles are not ours to run."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value


def _print_found(found: SearchResult, *, facets: bool) -> None:
    for item in found.items:
        mark = " [withdrawn]" if item["status"] == ArticleStatus.WITHDRAWN else ""
        say(f"{item['id']}  {item['title']}{mark}")
        place = item["origin"] or item["source_name"] or item["source"]
        say(f"      {item['published_at'] or 'undated'}  {place}  {item['region'] or ''}".rstrip())
        if item["snippet"]:
            say(f"      {item['snippet']}")
    say(f"{found.total}{'+' if found.more else ''} found, {len(found.items)} shown")
    if facets:
        for name, counts in found.facets.items():
            say(f"{name}: " + ", ".join(f"{key} {count}" for key, count in counts.items()))


def show(
    context: typer.Context, article: int, *, revision: int | None, diff: bool, span: str | None, json: bool
) -> None:
    if span is not None and not diff:
        raise UsageError(f"{span!r} is understood with --diff only")
    with reading(settings_of(context)) as connection:
        view = articles.view(connection, article)
        if view is None:
            complain(f"there is no article {article}")
            raise typer.Exit(FAILED)
        if diff:
            _print_diff(connection, view, span, json=json)
            return
        if revision is not None:
            view = _at_revision(connection, view, revision)
        story = articles.story(connection, article)
    if json:
        print_json({**view, "story": {**view["story"], "members": story}})
    else:
        _print_article(view, story)


def _at_revision(connection: Connection, view: dict[str, Any], n: int) -> dict[str, Any]:
    """The article JSON as it was at revision `n`; id, source, status, revisions and story are today's."""
    found = articles.revision_of(connection, view["id"], n)
    if found is None:
        raise UsageError(f"article {view['id']} has no revision {n}; it has 1 to {view['revision']}")
    side = found.side
    return {
        **view,
        **side.facts,
        "title": side.title,
        "text": side.text,
        "text_length": len(side.text),
        "revision": n,
    }


def _print_diff(connection: Connection, view: dict[str, Any], span: str | None, *, json: bool) -> None:
    last = view["revision"]
    first, second = _span(span, last)
    before = articles.revision_of(connection, view["id"], first)
    after = articles.revision_of(connection, view["id"], second)
    if before is None or after is None:
        raise UsageError(f"article {view['id']} has the revisions 1 to {last}, not {first}..{second}")
    parts = differences(before.side, after.side, ())
    changed = [change for part in parts for change in part.changes]
    if json:
        weight = _weight(view, first, second, together(parts) if parts else None)
        print_json({"from": first, "to": second, "changes": [_change(change) for change in changed], **weight})
        return
    say(f"{view['title']}: revision {first} to {second}, {after.at}, {after.kind}")
    if parts:
        weight = _weight(view, first, second, together(parts))
        say(f"{weight['summary']}{_in_words(weight)}")
    for change in changed:
        if change.moved:
            say(f"{change.field}: moved: {change.after}")
        elif change.rewritten:
            say(f"{change.field}: rewritten: [-{change.before}-]{{+{change.after}+}}")
        elif change.before and change.after:
            say(f"{change.field}: {marked(change.before, change.after)}")
        elif change.before:
            say(f"{change.field}: [-{change.before}-]")
        else:
            say(f"{change.field}: {{+{change.after}+}}")
    if not changed:
        say("no sentence differs")


def _weight(view: Mapping[str, Any], first: int, second: int, revised: Revised | None) -> dict[str, Any]:
    """Summary, importance and its parts: as they were stored with the revision, where it follows on the other one."""
    line = next(line for line in view["revisions"] if line["n"] == second)
    if second == first + 1 and "importance" in line:
        return {key: line[key] for key in ("summary", "importance", "parts", "back_to") if key in line}
    if revised is None:
        return {"summary": "", "importance": 0, "parts": {}}
    return {"summary": revised.summary, "importance": revised.importance, "parts": dict(revised.parts)}


def _in_words(weight: Mapping[str, Any]) -> str:
    """` (importance 70: figures 30, share 40)`; nothing where no importance is known."""
    if "importance" not in weight:
        return ""
    parts = ", ".join(f"{part} {points}" for part, points in weight["parts"].items())
    return f" (importance {weight['importance']}{f': {parts}' if parts else ''})"


def _span(span: str | None, last: int) -> tuple[int, int]:
    if span is None:
        return max(1, last - 1), last
    first, dots, second = span.partition("..")
    if not dots or not all(n.isdecimal() and len(n) < 10 for n in (first, second)):
        raise UsageError(f"{span!r} is no pair of revisions; write 1..3")
    return int(first), int(second)


def _change(change: Change) -> dict[str, str | bool]:
    shown: dict[str, str | bool] = {
        "field": change.field,
        "op": change.op,
        "before": change.before,
        "after": change.after,
    }
    marks = {"moved": change.moved, "rewritten": change.rewritten}
    return shown | {mark: True for mark, holds in marks.items() if holds}


def _print_article(view: dict[str, Any], story: Sequence[dict[str, Any]]) -> None:
    say(view["title"])
    for label, value in (
        ("url", view["url"]),
        ("published", view["published_at"]),
        ("source", view["source"]),
        ("credited to", view["origin"]),
        ("editor", view["editor"]),
        ("region", view["region"]),
        ("status", view["status"]),
    ):
        if value:
            say(f"  {label}: {value}")
    for key, value in view["government"].items():
        say(f"  {key}: {value}")
    say("")
    say(view["text"])
    say("")
    for line in view["revisions"]:
        say(f"revision {line['n']}  {line['at']}  {line['kind']}  {line['summary']}{_in_words(line)}")
    _print_absences(view)
    if len(story) > 1:
        say(f"story: {len(story)} outlets, the origin first")
        for member in story:
            say(f"  {member['id']}  {member['source']}  {member['published_at'] or 'undated'}  {member['title']}")
            for change in member["differs"]:
                say(f"      {marked(change['before'], change['after'])}")


def _print_absences(view: Mapping[str, Any]) -> None:
    """When the article was withdrawn and came back, and what speaks for it."""
    for event in view["events"]:
        if event["kind"] == AlertKind.WITHDRAWN:
            since = f"missing since {event['since']}, last there {event['last_good_at']}"
            say(f"withdrawn  {event['at']}  {event['count']} checks, {since}")
            _print_checks(event["checks"])
        else:
            away = "" if event["seconds"] is None else f"after {timedelta(seconds=event['seconds'])}, "
            say(f"returned  {event['at']}  {away}{event['summary'] or 'as it was'}")
    if view["missing"]:
        say(f"missing  since {view['missing']['since']}, not confirmed")
        _print_checks(view["missing"]["checks"])


def _print_checks(checks: Sequence[Mapping[str, Any]]) -> None:
    for check in checks:
        say(f"    {check['at']}  {check['by']}  HTTP {check['status']}  {check['url']}  {check['said']}".rstrip())
        if check["made_up_url"]:
            say(f"        {check['made_up_url']}, which cannot exist: {check['made_up_said']}")


def health(context: typer.Context, slug: str | None, *, json: bool) -> None:
    settings = settings_of(context)
    known = [source.slug for source in settings.sources]
    if slug is not None and slug not in known:
        raise UsageError(f"there is no source {slug!r}; {nearest(slug, known, 'sources')}")
    with reading(settings) as connection:
        polled = {state.slug: state for state in sources.states(connection)}
        flips = learned.by_source(connection)
        waiting = undelivered.in_words(undelivered.backlog(connection, now()), now())
    unseen = {source.slug: _unseen(source) for source in settings.sources if source.slug not in polled}
    states = sorted({**unseen, **polled}.values(), key=lambda state: state.slug)
    rows = [
        {**sources.health_json(state), "volatile": flips.get(state.slug, [])}
        for state in states
        if slug in (None, state.slug)
    ]
    if json:
        print_json(rows)
        return
    print_table(
        ("source", "state", "since", "why", "last ok", "next poll", "listed", "failures", "missed"),
        (
            (
                r["source"],
                r["state"],
                r["since"],
                "; ".join(part for part in (r["why"], r["tls"]) if part),
                r["last_ok_at"],
                r["next_poll_at"],
                r["listed"],
                r["failures"],
                r["missed"],
            )
            for r in rows
        ),
        empty="No sources are configured; docs/add-a-source.md shows an entry.",
    )
    if slug is not None and rows:
        _details(rows[0])
    elif slug is None:
        say(f"outbox: {waiting or 'all is delivered'}")


def _details(row: Mapping[str, Any]) -> None:
    """The numbers that a source's state rests on."""
    say("")
    say(f"usual: {row['usual'] or 'not yet known'}; quiet from {row['quiet_at'] or 'never'}")
    say(f"rows: {row['listed']} now, {row['usual_listed']} at the least; with a date: {row['dated']}")
    say(f"newest entry: {row['newest_at'] or 'undated'}; last new article: {row['last_new_at'] or 'none'}")
    say(f"the listing last changed: {row['moved_at'] or 'never'}")
    say(f"polls in a row with a trouble: {row['bad_polls']}; without one: {row['good_polls']}")
    for line in row["volatile"]:
        seen = "; ".join(line["values"])
        say(f"volatile line: {line['template']} (since {line['learned_at']}, last {line['flipped_at']}; as in: {seen})")


def _unseen(source: Source) -> SourceState:
    """A source of the configuration that no daemon and no crawl has come to yet."""
    if source.disabled is not None:
        return SourceState(slug=source.slug, state=Health.DISABLED, why=source.disabled)
    why = "never polled; `chaoxun run` or `chaoxun crawl` begins"
    return SourceState(slug=source.slug, why=why, tls=source.tls.accepted)
