"""A corpus of made articles, put in by bulk: what ingest does beside (judging, stories) is measured elsewhere."""

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Any

import sqlalchemy as sa

from crawler.records import Source
from monitor.corpus import Corpus, index, tables
from monitor.corpus.reading import subject
from monitor.ingest import register_sources
from monitor.rules import Subject
from tests.bench.figures import say
from tests.bench.made import MadeArticle, made_articles

NOW = datetime(2026, 3, 2, tzinfo=UTC)
REGIONS = ("宁波", "义乌", "杭州", "湖州", "温州", "金华", "嘉兴", "丽水")
SOURCES = tuple(
    Source(slug=f"source-{n}", name=f"来源{n}", engine="html_list", url=f"https://s{n}.example/", region=REGIONS[n % 8])
    for n in range(40)
)
_BUNDLE = 2000
#: So many texts are different ones; a larger corpus holds each several times, since making them takes the longest.
_DIFFERENT = 100_000
_GIN = "CREATE INDEX ix_gram_codes ON gram USING gin (codes)"


def fill(corpus: Corpus, number: int) -> int:
    """Put in so many articles, published in about the order in which they came; answers the bytes of their texts."""
    began, size = time.perf_counter(), 0
    with corpus.begin() as tx:
        register_sources(tx, SOURCES, now=NOW)
        if not corpus.is_sqlite:  # built at the end, as a restore does: one by one it takes five times as long
            tx.exec_driver_sql("DROP INDEX ix_gram_codes")
    draw, articles = random.Random(1), enumerate(_texts(number), 1)
    while bundle := list(islice(articles, _BUNDLE)):
        rows = [_row(n, made, number, draw) for n, (made, _) in bundle]
        with corpus.begin() as tx:
            tx.execute(sa.insert(tables.story), [{"id": row["id"], "created_at": NOW} for row in rows])
            tx.execute(sa.insert(tables.article), rows)
            tx.execute(sa.insert(tables.revision), [_revision(n, made) for n, (made, _) in bundle])
            folded = [(row["id"], _placed(alone, row)) for row, (_, (_, alone)) in zip(rows, bundle, strict=True)]
            index.add_many(tx, folded)
        size += sum(len(f"{made.title}{made.text}".encode()) for _, (made, _) in bundle)
    say(f"{number} articles put in after {time.perf_counter() - began:.0f} s")
    with corpus.begin() as tx:
        if corpus.is_sqlite:
            tx.exec_driver_sql("ANALYZE article")
        else:
            tx.exec_driver_sql("SET LOCAL maintenance_work_mem = '512MB'")
            tx.exec_driver_sql(_GIN)
            tx.exec_driver_sql("ANALYZE")
    say(f"indexed after {time.perf_counter() - began:.0f} s")
    return size


def _row(n: int, made: MadeArticle, number: int, draw: random.Random) -> dict[str, Any]:
    source = SOURCES[draw.randrange(len(SOURCES))]
    seen = NOW - timedelta(minutes=5 * (number - n))
    late = timedelta(minutes=draw.expovariate(1 / 300)) if n % 20 else timedelta(days=draw.randrange(400))
    return {
        **{"id": n, "story_id": n, "url": f"https://{source.slug}.example/{n}.html", "source": source.slug},
        **{"title": made.title, "region": source.region, "origin": "示例日报", "kind": "news", "language": "zh-Hans"},
        **{"published_at": seen - late, "sorted_at": seen - late, "first_seen_at": seen, "checked_at": seen},
        **{"published_precision": "minute", "text_length": len(made.text), "keywords": [], "stocks": []},
        **{"attachments": [], "government": {}, "status": "live", "baseline": False, "revision": 1},
        **{"fingerprint": f"{n:064}", "quality": {"verdict": "article", "repaired": False, "notes": []}},
    }


def _revision(n: int, made: MadeArticle) -> dict[str, Any]:
    return {
        **{"article_id": n, "n": 1, "at": NOW, "kind": "first", "summary": "首次收录", "title": made.title},
        **{"text": made.text, "fields": {"origin": "示例日报"}, "fingerprint": f"{n:064}", "extractor": "bench"},
    }


def _texts(number: int) -> Iterator[tuple[MadeArticle, Subject]]:
    """So many texts, each with what rules see of it alone."""
    made = [(each, Subject.of(title=each.title, text=each.text)) for each in made_articles(min(number, _DIFFERENT))]
    yield from islice(cycle(made), number)


def _placed(made: Subject, row: dict[str, Any]) -> Subject:
    """What the rules see of an article with that text."""
    names = {source.slug: source.name for source in SOURCES}
    return subject(
        title=made.title,
        text=made.text,
        facts={"origin": row["origin"]},
        source=row["source"],
        source_name=names[row["source"]],
        region=row["region"],
        url=row["url"],
        folded_title=made.folded_title,
        folded_text=made.folded_text,
    )
