"""A database of an earlier version is brought to this one's schema with everything that it holds."""

import zlib
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from crawler.records import Entry, PollJob, PollResult, PollStatus
from monitor.corpus import Corpus, CorpusError, claiming, outbox, pending, schema, sources
from monitor.corpus.search import Query, search
from monitor.ingest import finish_poll, job_now
from monitor.model import Health
from monitor.rules import parse
from monitor.text.grams import single_chars, text_grams
from tests.contract.desk import SOURCE, desk
from tests.contract.test_polls import POLICY

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)

_SOURCE = sa.text(
    'INSERT INTO source (slug, name, engine, "group", configured, state, since, why, last_ok_at, baseline_at, listed, '
    "failures, empty_polls, etag, body_hash) VALUES ('yiwu-news', '义乌要闻', 'html_list', 'zhejiang', true, 'ok', "
    ":at, '', :at, :at, 20, 0, 0, '\"7\"', 'ab')"
)
_PENDING = sa.text(
    "INSERT INTO pending (url, source, entry, baseline, seen_at, attempts, next_try_at) "
    "VALUES ('https://yw.example/1', 'yiwu-news', :entry, false, :at, 0, :at)"
)
_ENTRY = (
    '{"url": "https://yw.example/1", "title": "题", "published_at": null, "published_precision": null, '
    '"origin": null, "author": null, "keywords": [], "site": null, "body": null}'
)


@pytest.fixture
def first_version(database_url: str) -> str:
    """A database as the first version left it, with a source that was polled and an entry that waits."""
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations").replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        at = NOW.replace(tzinfo=None) if engine.dialect.name == "sqlite" else NOW
        connection.execute(_SOURCE, {"at": at})
        connection.execute(_PENDING, {"at": at, "entry": _ENTRY})
    engine.dispose()
    return database_url


def test_a_database_of_the_first_version_keeps_its_rows(first_version: str) -> None:
    with pytest.raises(CorpusError, match="chaoxun db upgrade"):
        Corpus.open(first_version)
    with closing(Corpus.open(first_version, upgrade=True)) as corpus, corpus.read() as connection:
        assert corpus.version() == schema.HEAD
        known = sources.state(connection, "yiwu-news")
        waiting = pending.due(connection, ["yiwu-news"], NOW, 9)
    assert known is not None
    assert (known.state, known.since, known.baseline_at, known.listed) == (Health.OK, NOW, NOW, 20)
    assert (known.pace, known.missed, known.gap_at, known.reconciled_at, known.tls) == (1.0, 0, None, None, "")
    assert waiting == {"yiwu-news": (Entry(url="https://yw.example/1", title="题"),)}


def test_the_first_poll_after_an_upgrade_is_an_ordinary_one(first_version: str) -> None:
    """Nobody wrote down which request the validators belong to, so they are not sent; the baseline stays."""
    with closing(Corpus.open(first_version, upgrade=True)) as corpus:
        with corpus.read() as connection:
            job = job_now(connection, SOURCE, now=NOW)
        assert (job.first, job.watched_since, job.checkpoint.asked) == (False, NOW, None)
        result = PollResult(source=SOURCE.slug, status=PollStatus.OK, listed=20, known=20, missed=1, started_at=NOW)
        finish_poll(corpus, result, PollJob(source=SOURCE), desk=desk(), policy=POLICY, now=NOW)
        with corpus.read() as connection:
            known = sources.state(connection, SOURCE.slug)
    assert known is not None
    assert (known.missed, known.reconciled_at) == (1, NOW)


def test_articles_of_the_first_version_are_found_after_an_upgrade(first_version: str) -> None:
    """PostgreSQL's grams were numbers of 32 bits then, and every single character was one."""
    engine = sa.create_engine(first_version)
    title, text = "产业大脑", "鎏金工艺,柯桥5g"
    grams = [*text_grams(f"{title}\n{text}"), *single_chars(f"{title}\n{text}")]
    with engine.begin() as connection:
        is_sqlite = engine.dialect.name == "sqlite"
        at = NOW.replace(tzinfo=None) if is_sqlite else NOW
        connection.execute(_STORY, {"at": at})
        connection.execute(_ARTICLE, {"at": at})
        connection.execute(_REVISION, {"at": at, "title": title, "text": text})
        connection.execute(_FOLDED, {"title": title, "text": text})
        if is_sqlite:
            connection.execute(
                sa.text("INSERT INTO gram (rowid, grams) VALUES (1, :grams)"), {"grams": " ".join(grams)}
            )
        else:
            codes = [zlib.crc32(gram.encode()) - 2**31 for gram in grams]
            connection.execute(sa.text("INSERT INTO gram (article_id, codes) VALUES (1, :codes)"), {"codes": codes})
    engine.dispose()
    with closing(Corpus.open(first_version, upgrade=True)) as corpus, corpus.read() as connection:
        for rule in ("产业大脑", "鎏", "柯", "5G", "金工", "title:大脑 柯桥"):
            assert search(connection, Query(rule=parse(rule))).total == 1, rule
        for rule in ("产业园", "鎐", "温州"):
            assert search(connection, Query(rule=parse(rule))).total == 0, rule
        if corpus.is_sqlite:
            parts = connection.exec_driver_sql("SELECT v FROM gram_config WHERE k = 'automerge'").scalar()
            assert parts == 2


def test_what_waited_in_the_outbox_of_the_first_version_is_delivered(first_version: str) -> None:
    engine = sa.create_engine(first_version)
    with engine.begin() as connection:
        at = NOW.replace(tzinfo=None) if engine.dialect.name == "sqlite" else NOW
        connection.execute(_ALERT, {"at": at})
        connection.execute(_DELIVERY, {"at": at})
    engine.dispose()
    with closing(Corpus.open(first_version, upgrade=True)) as corpus, corpus.begin() as tx:
        claimed = claiming.take(tx, NOW, timedelta(minutes=2), channel="desk")
        assert claimed is not None
        [waiting] = claimed.deliveries
        assert (waiting.alert.id, waiting.recipient, waiting.attempts) == ("a0123456789a", "desk@example.org", 3)
        assert waiting.taken == frozenset()
        outbox.mark_part(tx, [waiting], "one", NOW)
        again = claiming.take(tx, NOW, timedelta(minutes=2), channel="desk")
    assert again is not None
    assert again.deliveries[0].taken == frozenset({"one"})


_ALERT = sa.text(
    "INSERT INTO alert (id, kind, severity, title, text, created_at) VALUES ('a0123456789a', 'new', 'info', '【新】题',"
    " '标题：题', :at)"
)
_DELIVERY = sa.text(
    "INSERT INTO delivery (id, alert_id, channel, recipient, state, attempts, created_at, next_try_at) VALUES"
    " (1, 'a0123456789a', 'desk', 'desk@example.org', 'retrying', 2, :at, :at)"
)
_STORY = sa.text("INSERT INTO story (id, created_at) VALUES (1, :at)")
_ARTICLE = sa.text(
    "INSERT INTO article (id, url, source, story_id, title, kind, keywords, text_length, stocks, attachments,"
    " government, quality, status, baseline, revision, fingerprint, first_seen_at, sorted_at, checked_at, checks,"
    " misses) VALUES (1, 'https://yw.example/2', 'yiwu-news', 1, '题', 'news', '[]', 9, '[]', '[]', '{}', '{}', 'live',"
    " true, 1, 'ab', :at, :at, :at, 0, 0)"
)
_REVISION = sa.text(
    "INSERT INTO revision (article_id, n, at, kind, summary, title, text, fields, fingerprint, extractor) VALUES"
    " (1, 1, :at, 'first', '', :title, :text, '{}', 'ab', '1')"
)
_FOLDED = sa.text("INSERT INTO folded (article_id, facts, title, text) VALUES (1, '', :title, :text)")
