"""How fast the corpus answers: `python -m tests.bench.searching`.

20,000 made articles in SQLite; queries of 1, 2 and 4 characters, rare and frequent, and rules, each against a LIKE scan
of the same folded texts in the same run. And what the daemon's tick costs when none of 3,000 sources is due.
"""

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from crawler.records import ArticleKind, CrawlPolicy, Draft, Precision, Quality, Source, Verdict
from monitor.corpus import Connection, Corpus, tables
from monitor.corpus.search import Query, search
from monitor.demo.sites import make_article
from monitor.ingest import Document, due_jobs, import_drafts, register_sources
from monitor.rules import parse
from monitor.settings import desk_of, load_settings
from monitor.text.fold import fold_text
from tests.bench.figures import ROW, percentile, say, table
from tests.bench.imports import ROOT

ARTICLES = 20_000
BUNDLE = 200
SOURCES = 3000
TIMES = 7
NOW = datetime(2026, 3, 2, tzinfo=UTC)
IMPORT = Source(slug="import", name="import", engine="import")
#: A rare word stands in every so-many-th article.
RARE_EVERY = 2000
#: In words: what the query is, the query, and the literal that the LIKE scan looks for (None: a rule has no LIKE).
QUERIES: tuple[tuple[str, str, str | None], ...] = (
    ("1 character, rare", "鎏", "鎏"),
    ("1 character, frequent", "茶", "茶"),
    ("2 characters, rare", "鎏金", "鎏金"),
    ("2 characters, frequent", "宁波", "宁波"),
    ("4 characters, rare", "鎏金工艺", "鎏金工艺"),
    ("4 characters, frequent", "数字经济", "数字经济"),
    ("4 characters, none", "海底捞针", "海底捞针"),
    ("a rule", "(产业大脑 OR 未来工厂) (宁波 OR 义乌) -茶叶", None),
    ("NEAR", "轴承 NEAR/20 订单", None),
)


def fill(corpus: Corpus) -> None:
    desk = desk_of(load_settings(ROOT / "config", os.environ, secrets=False), {})
    began = time.perf_counter()
    for start in range(0, ARTICLES, BUNDLE):
        import_drafts(corpus, [document(number) for number in range(start, start + BUNDLE)], desk=desk, now=NOW)
    say(f"{ARTICLES} articles stored in {time.perf_counter() - began:.0f} s")


def document(number: int) -> Document:
    made = make_article(number)
    rare = "\n这件展品用的是鎏金工艺。" if number % RARE_EVERY == 7 else ""
    url = f"https://news.example/{number}.html"
    draft = Draft(
        url=url,
        title=made.title,
        text="\n".join(made.paragraphs) + rare,
        published_at=NOW - timedelta(minutes=number),
        published_precision=Precision.MINUTE,
        language="zh-Hans",
        kind=ArticleKind.NEWS,
        quality=Quality(verdict=Verdict.ARTICLE),
        extractor="bench",
    )
    return Document(source=IMPORT, draft=draft, body=hashlib.sha256(url.encode()).digest())


def like(connection: Connection, literal: str) -> int:
    """What a corpus without an index would do: every text looked through, the newest twenty shown, all counted."""
    wanted = f"%{fold_text(literal)}%"
    article, folded = tables.article, tables.folded
    found = (
        sa.select(article.c.id, article.c.title)
        .join(folded, folded.c.article_id == article.c.id)
        .where(sa.or_(folded.c.title.like(wanted), folded.c.text.like(wanted)))
        .order_by(article.c.sorted_at.desc())
    )
    return len(connection.execute(found).all())


def timed(work: Callable[[], int]) -> tuple[int, float]:
    """What it answers, and the median of its wall-clock seconds."""
    answer = work()
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return answer, percentile(took, 0.5)


def search_row(connection: Connection, name: str, text: str, literal: str | None) -> ROW:
    rule = parse(text)
    total, ours = timed(lambda: search(connection, Query(rule=rule)).total)
    cells = (name, text if literal else "", f"{total}", f"{1000 * ours:.1f}")
    if literal is None:
        return (*cells, "", "")
    scanned, scan = timed(lambda: like(connection, literal))
    assert total == min(scanned, 1000), f"{text}: {total} found, {scanned} by LIKE"
    return (*cells, f"{1000 * scan:.1f}", f"{scan / ours:.1f} x")


def tick_row(corpus: Corpus) -> ROW:
    sources = tuple(
        Source(slug=f"source-{n}", name=f"来源{n}", engine="html_list", url=f"https://s{n}.example/")
        for n in range(SOURCES)
    )
    with corpus.begin() as tx:
        register_sources(tx, sources, now=NOW)
        tx.execute(sa.update(tables.source).values(next_poll_at=NOW + timedelta(days=365)))

    def tick() -> int:
        with corpus.read() as connection:
            return len(due_jobs(connection, sources, now=NOW, limit=32, policy=CrawlPolicy()))

    def baseline() -> int:
        with corpus.read() as connection:
            return connection.execute(sa.select(sa.literal(0))).scalar_one()

    due, took = timed(tick)
    assert due == 0
    _, least = timed(baseline)
    return (f"tick, {SOURCES} sources", f"{1000 * took:.2f}", f"{1000 * least:.2f}", f"{took / least:.1f} x")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        corpus = Corpus.open(f"sqlite:///{Path(folder) / 'bench.db'}")
        fill(corpus)
        with corpus.read() as connection:
            rows = [search_row(connection, *query) for query in QUERIES]
        table(
            f"Search over {ARTICLES} articles (median of {TIMES}, wall clock)",
            ("", "query", "found", "ms", "LIKE ms", "faster by"),
            rows,
            "found counts up to 1,000, like the command; an answer holds 20 articles with snippets",
        )
        table("A tick with nothing due", ("", "ms", "SELECT 0 ms", "to that"), [tick_row(corpus)])
        corpus.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
