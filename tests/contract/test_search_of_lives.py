"""Search agrees with the rules tried on every article also after articles and sources have lived through changes."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from crawler.records import BEIJING, Draft, Source
from monitor.corpus import Corpus, maintenance, outdated, tables
from monitor.corpus.search import MOST, Query, newest, replay, search
from monitor.ingest import ingest, register_sources
from monitor.model import RecheckPlan
from monitor.reextraction import apply
from monitor.rules import RuleError, parse
from tests.contract.desk import NOW, OTHER, SOURCE, desk, draft, gone, page, visit
from tests.contract.test_search import SENTENCES, Subjects, random_rule, read_all

HOUR = timedelta(hours=1)
DESK = desk(plan=RecheckPlan(confirm=1))
#: What is known of an article changes with its life, too.
FIELDS = (
    "",
    "",
    "region:宁波",
    "source:要闻",
    "信源:改名",
    "来源:新京报",
    "url:example/new/",
    "url:example/a/",
    "-issuer:统计",
)


def live(corpus: Corpus, chance: random.Random, number: int) -> None:
    """So many articles, some at the same time, some without one, and what becomes of them and of their sources."""
    sources = {SOURCE.slug: SOURCE, OTHER.slug: OTHER}
    with corpus.begin() as tx:
        register_sources(tx, [*sources.values()], now=NOW)
        tx.execute(sa.update(tables.source).values(baseline_at=NOW - HOUR))
    drafts: dict[str, tuple[str, Draft]] = {}
    for n in range(number):
        slug, made = chance.choice([*sources]), some_draft(chance, n)
        url = f"https://{slug}.example/a/{n}.html"
        drafts[url] = slug, made
        ingest(corpus, visit(made, url=url, source=sources[slug]), desk=DESK, now=NOW)
    for n in range(2 * number):
        url, (slug, made) = chance.choice([*drafts.items()])
        drafts[url] = slug, happen(corpus, chance, n, url=url, source=sources[slug], made=made)
        if n % 8 == 0:
            other = chance.choice([*sources])
            sources[other] = replace(sources[other], name=f"改名{n}", region=chance.choice(["寧波", "义乌", None]))
            with corpus.begin() as tx:
                register_sources(tx, [sources[other]] if n % 16 else [*sources.values()], now=NOW)


def some_draft(chance: random.Random, n: int) -> Draft:
    return draft(
        f"{chance.choice(SENTENCES)[:9]}{n}",
        "\n".join(chance.sample(SENTENCES, chance.randint(1, 5))),
        published_at=chance.choice([None, NOW, NOW - n % 5 * HOUR]),
        origin=chance.choice([None, "新京報"]),
        government=chance.choice([{}, {"issuer": "浙江省統計局"}]),
    )


def happen(corpus: Corpus, chance: random.Random, n: int, *, url: str, source: Source, made: Draft) -> Draft:
    """Answers what the page says from then on."""
    later = NOW + n * HOUR
    match n % 6:
        case 0 | 1:
            made = some_draft(chance, n)
            ingest(corpus, visit(made, url=url, source=source), desk=DESK, now=later)
        case 2:
            ingest(corpus, gone(url, source=source), desk=DESK, now=later)
        case 3:
            led = replace(page(url), final_url=url.replace("/a/", "/new/"))
            ingest(corpus, visit(made, url=url, source=source, answer=led), desk=DESK, now=later)
        case 4:
            copy = f"https://{source.slug}.example/copy/{n}.html"
            ingest(corpus, visit(made, url=copy, source=source), desk=DESK, now=later)
        case _:
            with corpus.read() as connection:
                found = outdated.following(connection, f"extractor {n}", after=chance.randrange(10), most=6)
            for each in found:
                again = replace(some_draft(chance, n), extractor=f"extractor {n}")
                apply(corpus, each, again, replace(source, slug=each.item.source), desk=DESK, now=later)
    return made


def times_of(corpus: Corpus) -> Mapping[int, tuple[datetime, str]]:
    with corpus.read() as connection:
        rows = connection.execute(sa.select(tables.article.c.id, tables.article.c.sorted_at, tables.article.c.source))
        return {row.id: (row.sorted_at, row.source) for row in rows}


def agree(corpus: Corpus, rule: str, subjects: Subjects, times: Mapping[int, tuple[datetime, str]]) -> int:
    """Asserts that search, its pages, its facets and a replay say what the slow way does; answers how many that are."""
    parsed = parse(rule)
    met = [number for number, subject in subjects.items() if parsed.evaluate(subject).matched]
    expected = sorted(met, key=lambda number: (times[number][0], number), reverse=True)
    with corpus.read() as connection:
        whole = search(connection, Query(rule=parsed, limit=MOST))
        part = newest(connection, Query(rule=parsed, limit=3, offset=2))
        replayed = [found.id for found, _ in replay(connection, parsed)]
    assert [item["id"] for item in whole.items] == expected == replayed, rule
    assert (whole.total, whole.more, part) == (len(expected), False, whole.items[2:5]), rule
    assert whole.facets["source"] == Counter(times[number][1] for number in expected), rule
    months = Counter(f"{times[number][0].astimezone(BEIJING):%Y-%m}" for number in expected)
    assert whole.facets["month"] == months, rule
    return len(expected)


def test_search_agrees_with_a_slow_scan_whatever_has_happened(corpus: Corpus) -> None:
    chance = random.Random(5)
    live(corpus, chance, 16)
    subjects, times = read_all(corpus), times_of(corpus)
    assert maintenance.check(corpus) == []
    assert any(subject.addresses for subject in subjects.values())
    rules: list[str] = []
    while len(rules) < 20:
        rule = f"{random_rule(chance, depth=2)} {chance.choice(FIELDS)}"
        try:
            parse(rule)
        except RuleError:  # by chance an exclusion alone, or blanks
            continue
        rules.append(rule)
    rules += [field for field in FIELDS if field and not field.startswith("-")]

    before = [agree(corpus, rule, subjects, times) for rule in rules]
    assert sum(map(bool, before)) > len(before) // 3, "rules that find nothing test little"

    maintenance.reindex(corpus)
    assert [agree(corpus, rule, subjects, times) for rule in rules] == before
