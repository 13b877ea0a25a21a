"""A corpus of made articles, put in by bulk: what ingest does beside (judging, stories) is measured elsewhere."""

import random
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from crawler.records import Source
from monitor.corpus import Corpus, index, tables
from monitor.corpus.reading import subject
from monitor.ingest import register_sources
from monitor.rules import Subject
from monitor.text.fold import fold
from monitor.text.grams import text_grams
from tests.bench.figures import say
from tests.bench.made import MadeArticle, made_articles

NOW = datetime(2026, 3, 2, tzinfo=UTC)
REGIONS = ("宁波", "义乌", "杭州", "湖州", "温州", "金华", "嘉兴", "丽水")
SOURCES = tuple(
    Source(slug=f"source-{n}", name=f"来源{n}", engine="html_list", url=f"https://s{n}.example/", region=REGIONS[n % 8])
    for n in range(40)
)
_BUNDLE = 2000
#: So many texts are made; a larger corpus, of SQLite alone, holds each of them several times, since that goes faster.
DIFFERENT = 100_000
_GIN = "CREATE INDEX ix_gram_codes ON gram USING gin (codes)"


def fill(corpus: Corpus, number: int) -> int:
    """Put in so many articles, published in about the order in which they came; answers the bytes of their texts."""
    began, size = time.perf_counter(), 0
    with corpus.begin() as tx:
        register_sources(tx, SOURCES, now=NOW)
        if not corpus.is_sqlite:  # built at the end, as a restore does: one by one it takes five times as long
            tx.exec_driver_sql("DROP INDEX ix_gram_codes")
    draw, articles = random.Random(1), enumerate(made_articles(number), 1)
    while bundle := list(islice(articles, _BUNDLE)):
        rows = [_row(n, made, number, draw) for n, made in bundle]
        with corpus.begin() as tx:
            tx.execute(sa.insert(tables.story), [{"id": row["id"], "created_at": NOW} for row in rows])
            tx.execute(sa.insert(tables.article), rows)
            tx.execute(sa.insert(tables.revision), [_revision(n, made) for n, made in bundle])
            index.add_many(tx, list(_subjects(rows, [made for _, made in bundle])))
        size += sum(len(f"{made.title}{made.text}".encode()) for _, made in bundle)
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


def multiply(corpus: Corpus, number: int) -> None:
    """Put in all DIFFERENT articles once more until there are so many, each copy in the minute of its original."""
    began = time.perf_counter()
    with corpus.read() as connection:
        texts = connection.execute(sa.select(tables.folded.c.title, tables.folded.c.text).order_by(_NUMBER))
        grams = [" ".join(text_grams(f"{row.title}\n{row.text}")) for row in texts]
    for shift in range(DIFFERENT, number, DIFFERENT):
        with corpus.begin() as tx:
            for table, columns in _COPIED:
                kept = [column for column in table.c if column.name not in columns and column.name != "capture_id"]
                changed = [
                    (table.c[name], table.c[name] + (shift if name != "url" else f"#{shift}")) for name in columns
                ]
                first = table.c[columns[0]] <= DIFFERENT
                values = sa.select(*kept, *(value for _, value in changed)).where(first)
                tx.execute(sa.insert(table).from_select([*kept, *(column for column, _ in changed)], values))
        for start in range(0, DIFFERENT, _BUNDLE):
            with corpus.begin() as tx:
                some = enumerate(grams[start : start + _BUNDLE], shift + start + 1)
                tx.execute(_PUT_GRAMS, [{"id": n, "grams": made} for n, made in some])
    with corpus.begin() as tx:
        tx.exec_driver_sql("ANALYZE article")
    say(f"multiplied after {time.perf_counter() - began:.0f} s")


_PUT_GRAMS = sa.text("INSERT INTO gram (rowid, grams) VALUES (:id, :grams)")
_NUMBER = tables.folded.c.article_id
#: What is copied, with the columns that differ from copy to copy, the number first.
_COPIED = (
    (tables.story, ("id",)),
    (tables.article, ("id", "story_id", "url")),
    (tables.revision, ("article_id", "id")),
    (tables.folded, ("article_id",)),
)


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


def _subjects(rows: Sequence[dict[str, Any]], articles: Sequence[MadeArticle]) -> Iterator[tuple[int, Subject]]:
    names = {source.slug: source.name for source in SOURCES}
    for row, made in zip(rows, articles, strict=True):
        yield (
            row["id"],
            subject(
                title=made.title,
                text=made.text,
                facts={"origin": row["origin"]},
                source=row["source"],
                source_name=names[row["source"]],
                region=row["region"],
                url=row["url"],
                folded_title=fold(made.title),  # by chance alone nothing is damaged: looking for it takes longer
                folded_text=fold(made.text),
            ),
        )
