"""`watch explain`: why a watch meets an article, or does not; one of the corpus, or one that a file holds."""

from itertools import islice
from pathlib import Path

import typer

from crawler.documents import documents
from crawler.extract import extract
from crawler.records import Source
from crawler.yamlfile import nearest
from monitor.cli.arguments import MOST_ROWS
from monitor.cli.exits import FAILED, UsageError
from monitor.cli.output import complain, print_json, say
from monitor.cli.setting import now, reading, settings_of
from monitor.content import content_of, read
from monitor.corpus.articles import id_of, subject_of
from monitor.facts import facts_of
from monitor.rules import Subject, parse
from monitor.settings import Settings
from monitor.urls import canonical_url


def explain(context: typer.Context, name: str, named: str, *, json: bool) -> None:
    settings = settings_of(context)
    watches = {watch.name: watch for watch in settings.watches}
    if name not in watches:
        raise UsageError(f"there is no watch {name!r}; {nearest(name, sorted(watches), 'watches')}")
    watch = watches[name]
    article: int | str = named
    if named.isdecimal() or _is_address(named):
        article, subject = _stored(settings, named)
    else:
        subject = _extracted(Path(named))
    rule = parse(watch.rule)
    matched, reasons = rule.matches(subject, watch.scope), rule.explain(subject, watch.scope)
    if json:
        print_json({"watch": name, "article": article, "matched": matched, "reasons": list(reasons)})
        return
    say(f"{'matched' if matched else 'not matched'}: {watch.rule}")
    for reason in reasons:
        say(f"  {reason}")


def _is_address(named: str) -> bool:
    return "://" in named or named.startswith("urn:")


def _stored(settings: Settings, named: str) -> tuple[int, Subject]:
    """The article of that number, or at that address, with its number."""
    if not _is_address(named) and not 1 <= int(named) <= MOST_ROWS:
        raise UsageError(f"{named} is no article's ID; they are 1 to {MOST_ROWS}")
    with reading(settings) as connection:
        number = id_of(connection, canonical_url(named)) if _is_address(named) else int(named)
        subject = None if number is None else subject_of(connection, number)
    if number is None or subject is None:
        complain(f"there is no article {named}")
        raise typer.Exit(FAILED)
    return number, subject


def _extracted(path: Path) -> Subject:
    """The one document of a file as rules would read it, were it imported."""
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file; name an article by its ID, its URL or a file that holds one")
    document, *others = islice(documents(path, now=now()), 2)
    if others:
        raise UsageError(f"{path}: holds several documents; `chaoxun import` stores them, each with an ID")
    page = document.page
    draft = extract(page.body, url=page.final_url or None, content_type=page.content_type)
    if document.why or not (draft.title or draft.text):
        complain(f"{path}: {document.why or f'holds no article: {draft.quality.verdict}'}")
        raise typer.Exit(FAILED)
    slug = document.about.get("source", "import")
    content = content_of(draft, facts_of(draft), Source(slug=slug, name=slug, engine="import"))
    region = document.about.get("region")
    return read(content, source=slug, source_name=slug, region=region, url=draft.url or page.final_url)
