"""How fast the corpus answers: `python -m tests.bench.searching [--articles N] [--postgresql | --keep FILE]`.

100,000 made articles, in SQLite or in a PostgreSQL server started for it. --keep: an SQLite file that is filled the
first time and used again; of 1,000,000 articles it has 9 GB. The newest 50 of a query (found; found and
with all that is shown), the count up to 1,000, and a rule tried as a watch, each against a LIKE scan of the same folded
texts in the same run; the index's size; and what the daemon's tick costs when none of 3,000 sources is due.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from crawler.records import CrawlPolicy, Source
from monitor.corpus import Connection, Corpus, tables
from monitor.corpus.articles import count
from monitor.corpus.index import settle
from monitor.corpus.search import Query, found, newest, search
from monitor.corpus.trial import trial
from monitor.ingest import due_jobs, register_sources
from monitor.rules import parse
from monitor.text.fold import fold_text
from tests import postgres
from tests.bench.figures import ROW, say, table
from tests.bench.shelf import DIFFERENT, NOW, fill, multiply

ARTICLES = 100_000
SHOWN = 50
SOURCES = 3000
TIMES = 7
#: In words, the query, and the literal that the LIKE scan looks for (None: a rule has no LIKE).
QUERIES: tuple[tuple[str, str, str | None], ...] = (
    ("4 characters, none", "海底捞针", "海底捞针"),
    ("4 characters, 0.02 %", "鎏金工艺", "鎏金工艺"),
    ("4 characters, 0.2 %", "产业大脑", "产业大脑"),
    ("5 characters, 1 %", "工业互联网", "工业互联网"),
    ("2 characters, 2 %", "宁波", "宁波"),
    ("4 characters, 6 %", "数字经济", "数字经济"),
    ("5 characters, 30 %", "高质量发展", "高质量发展"),
    ("1 character, 1 %", "之", "之"),
    ("1 character, 18 %", "罗", "罗"),
    ("both", "高质量发展 宁波", None),
    ("either, not", "(产业大脑 OR 鎏金工艺) -数字经济", None),
    ("NEAR", "数字经济 NEAR/200 宁波", None),
    ("a field", "产业大脑 region:义乌", None),
)


def like(connection: Connection, literal: str) -> int:
    """What a corpus without an index would do: every text looked through, in the order of time."""
    wanted = f"%{fold_text(literal)}%"
    article, folded = tables.article, tables.folded
    ids = (
        sa.select(article.c.id)
        .join(folded, folded.c.article_id == article.c.id)
        .where(sa.or_(folded.c.title.like(wanted), folded.c.text.like(wanted)))
        .order_by(article.c.sorted_at.desc())
    )
    return len(connection.execute(ids).all())


class Clock:
    """CPU time, of this process and of that which serves the connection."""

    def __init__(self, connection: Connection) -> None:
        self._server: Path | None = None
        if connection.dialect.name != "sqlite":
            # what ran beside could not be counted
            connection.exec_driver_sql("SET max_parallel_workers_per_gather = 0")
            number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
            self._server = Path(f"/proc/{number}/schedstat")

    def _now(self) -> float:
        served = 0 if self._server is None else int(self._server.read_text().split()[0])
        return time.process_time() + served / 1e9

    def timed(self, work: Callable[[], int], times: int = TIMES) -> tuple[int, float]:
        """What it answers, and the fewest milliseconds: other work on the machine stretches CPU time, too."""
        answer, took = 0, []
        for _ in range(times):
            began = self._now()
            answer = work()
            took.append(1000 * (self._now() - began))
        return answer, min(took)


def search_row(connection: Connection, clock: Clock, name: str, text: str, literal: str | None) -> ROW:
    rule = parse(text)
    alone = Query(rule=rule, limit=SHOWN)
    count, bare = clock.timed(lambda: len(found(connection, alone)))
    _, shown = clock.timed(lambda: len(newest(connection, alone)))
    total, counted = clock.timed(lambda: search(connection, Query(rule=rule)).total)
    assert count == min(total, SHOWN), f"{text}: {count} found, {total} counted"
    cells = (f"{name}: {text}", f"{count}", f"{bare:.1f}", f"{shown:.1f}", f"{total}", f"{counted:.0f}")
    if literal is None:
        return (*cells, "", "")
    scanned, scan = clock.timed(lambda: like(connection, literal), times=1)
    assert total == min(scanned, 1000), f"{text}: {total} found, {scanned} by LIKE"
    return (*cells, f"{scan:.0f}", f"{scan / bare:.0f} x")


def trial_row(connection: Connection, clock: Clock, text: str) -> ROW:
    met, took = clock.timed(lambda: len(trial(connection, parse(text), since=None, now=NOW).met), times=1)
    return (text, f"{met}", f"{took / 1000:.2f}")


def text_size(corpus: Corpus) -> int:
    """Bytes of what fill() put in."""
    lengths = sa.func.length(sa.cast(tables.revision.c.text, sa.LargeBinary))
    titles = sa.func.length(sa.cast(tables.revision.c.title, sa.LargeBinary))
    with corpus.read() as connection:
        return int(connection.execute(sa.select(sa.func.sum(lengths + titles))).scalar_one())


def index_size(connection: Connection) -> int:
    """Bytes of the grams and what finds them."""
    if connection.dialect.name == "sqlite":
        size = "SELECT (SELECT sum(length(block)) FROM gram_data) + (SELECT sum(length(sz) + 9) FROM gram_docsize)"
    else:
        size = "SELECT pg_total_relation_size('gram')"
    return int(connection.exec_driver_sql(size).scalar_one())


def tick_row(corpus: Corpus) -> ROW:
    sources = tuple(
        Source(slug=f"tick-{n}", name=f"来源{n}", engine="html_list", url=f"https://t{n}.example/")
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

    with corpus.read() as connection:
        clock = Clock(connection)
    due, took = clock.timed(tick)
    assert due == 0
    _, least = clock.timed(baseline)
    return (f"tick, {SOURCES} sources", f"{took:.2f}", f"{least:.2f}", f"{took / least:.1f} x")


@contextmanager
def database(*, postgresql: bool, kept: Path | None) -> Iterator[str]:
    """The address of an empty database, or of one that was kept."""
    if postgresql:
        with postgres.server() as running:
            yield running.database()
    elif kept is not None:
        yield f"sqlite:///{kept}"
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'bench.db'}"


def prepare(corpus: Corpus, articles: int) -> int:
    """Fill the corpus if need be; answers how many articles it holds."""
    with corpus.read() as connection:
        held = count(connection)
    if held == 0:
        fill(corpus, min(articles, DIFFERENT))
    if held < articles > DIFFERENT:
        multiply(corpus, articles)
    return max(held, articles)


def measure(corpus: Corpus, articles: int) -> None:
    text = text_size(corpus)
    with corpus.read() as connection:
        clock = Clock(connection)
        size = index_size(connection)
        say(f"text {text / 1e6:.0f} MB, index {size / 1e6:.0f} MB: {size / text:.2f} of the text")
        rows = [search_row(connection, clock, *query) for query in QUERIES]
        tried = [trial_row(connection, clock, rule) for rule in ("产业大脑", "数字经济 -宁波", r"/产业.脑/")]
    table(
        f"Search over {articles} articles (CPU, best of {TIMES})",
        ("", "newest", "ms", "with items ms", "counted", "search ms", "LIKE ms", "faster by"),
        rows,
        f"newest: up to {SHOWN}, without the total; with items: and their snippets and all that is known of them",
        "search: the command, 20 items and the count up to 1,000; faster by: LIKE to the newest",
    )
    if corpus.is_sqlite:
        with corpus.begin() as tx:
            settle(tx)
        with corpus.read() as connection:
            say(f"index after `db reindex`: {index_size(connection) / text:.2f} of the text")
    table("A rule tried on all articles (watch test)", ("", "met", "s"), tried)
    if corpus.is_sqlite:
        table("A tick with nothing due", ("", "ms", "SELECT 0 ms", "to that"), [tick_row(corpus)])


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=int, default=ARTICLES)
    options.add_argument("--postgresql", action="store_true")
    options.add_argument("--keep", type=Path)
    chosen = options.parse_args()
    with database(postgresql=chosen.postgresql, kept=chosen.keep) as url:
        with closing(Corpus.open(url)) as corpus:
            held = prepare(corpus, chosen.articles)
        # opened anew, as a command does: what was written last stands in the log, which is read more slowly
        with closing(Corpus.open(url)) as corpus:
            measure(corpus, held)
    return 0


if __name__ == "__main__":
    sys.exit(main())
