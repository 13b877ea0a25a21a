"""The daemon while its database is locked, hangs or loses us: it says so, loses nothing, and goes on by itself."""

import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from monitor.corpus import Corpus
from monitor.corpus.lock import AnotherDaemonError, DaemonLock
from monitor.demo.sites import Column, make_article
from monitor.model import DeliveryState
from tests import postgres
from tests.daemons import PATIENCE, DaemonProcess, Lab, Notice
from tests.faults.ledgers import stored


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with ExitStack() as stack:
        yield Lab(tmp_path, stack)


@pytest.fixture
def postgres_lab(lab: Lab, postgres_server: postgres.Server) -> Lab:
    return lab.configure(database=postgres_server.database())


def publish(lab: Lab, number: int) -> None:
    lab.sites.publish(make_article(number, column=Column.CITY_NEWS, topic_every=1))


def fed(daemon: DaemonProcess, *, after: float) -> Notice:
    return daemon.wait_notice(lambda notice: "WATCHDOG" in notice.fields, "its watchdog is fed", since=after + 0.001)


def test_a_lock_is_complained_of_and_waited_out_and_is_no_reason_to_be_killed(lab: Lab) -> None:
    """SQLite waits for a lock for 10 s at a time; the watchdog asks for a sign of life within 10.5 s here."""
    daemon = lab.configure().running(watchdog=timedelta(seconds=14))
    with closing(sqlite3.connect(lab.folder / "chaoxun.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        publish(lab, 1)
        complaint = daemon.wait_notice(lambda notice: "locked by another process" in notice.status, "it complains")
        daemon.wait_log("writer waits for the database.*locked by another process")
        page = daemon.get("/healthz")
        assert page.status == 503
        assert "locked by another process" in page.text
        # one more sign of life, when all that there was of the writer for 10.5 s is a try that failed
        fed(daemon, after=fed(daemon, after=complaint.at).at)
        assert lab.mail.accepted.all() == []
    lab.mail.accepted.wait_for(1)
    daemon.wait(lambda: "locked" not in daemon.status, "its status is good again")
    assert daemon.get("/healthz").status == 200
    assert "part hangs" not in daemon.log
    assert daemon.terminate() == 0


def test_a_writer_that_hangs_starves_the_watchdog(postgres_lab: Lab) -> None:
    """The server's processes are stopped under the daemon: its writer waits for an answer that does not come."""
    daemon = postgres_lab.running(watchdog=timedelta(seconds=4))
    publish(postgres_lab, 1)
    postgres_lab.mail.accepted.wait_for(1)
    with stopped(postgres_lab.database):
        daemon.wait_log("error .*part hangs, watchdog not fed.*writer")
        hung_at = daemon.notices[-1].at
        daemon.wait_notice(lambda notice: bool(notice.status), "it still says how it is", since=hung_at + 0.001)
        assert not [notice for notice in daemon.notices if notice.at > hung_at and "WATCHDOG" in notice.fields]
        publish(postgres_lab, 2)
    fed(daemon, after=hung_at)
    postgres_lab.mail.accepted.wait_for(2)


def test_lost_connections_cost_neither_an_alert_nor_the_lock_against_a_second_daemon(postgres_lab: Lab) -> None:
    daemon = postgres_lab.running(watchdog=timedelta(seconds=4))
    terminate(postgres_lab.database)
    publish(postgres_lab, 1)
    postgres_lab.mail.accepted.wait_for(1)
    daemon.wait_log("lock against a second daemon is taken again")
    corpus = Corpus.open(postgres_lab.database)
    try:
        with pytest.raises(AnotherDaemonError):
            DaemonLock(corpus).take()
    finally:
        corpus.close()
    assert daemon.terminate() == 0


def test_a_daemon_whose_lock_has_gone_to_another_one_ends(postgres_lab: Lab) -> None:
    daemon = postgres_lab.running(watchdog=timedelta(seconds=4))
    with connection(postgres_lab.database) as other:
        held = (
            "SELECT (classid::bigint << 32) + objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid <> 0"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        key = other.execute(held).fetchone()
        assert key is not None
        waiting = threading.Thread(target=other.execute, args=("SELECT pg_advisory_lock(%s)", key))
        waiting.start()  # the next in the queue: it has the lock the moment that the daemon loses it
        terminate(postgres_lab.database, but=other.info.backend_pid)
        waiting.join(PATIENCE)
        assert daemon.wait_end() == 1
    assert "another daemon works on this database" in daemon.log


def test_a_server_that_is_restarted_in_the_middle_of_a_transaction_costs_nothing(lab: Lab) -> None:
    """An article is half stored when its server stops as in a crash; the daemon says so, and does it again."""
    if postgres.binaries() is None:
        pytest.skip(postgres.REMEDY)
    with postgres.server() as server:
        daemon = lab.configure(database=server.database()).running()
        publish(lab, 1)
        lab.mail.accepted.wait_for(1)
        # the block's own end finds no server
        with suppress(psycopg.OperationalError), connection(lab.database) as other:
            other.execute("BEGIN")
            other.execute("LOCK TABLE article IN SHARE ROW EXCLUSIVE MODE")  # it may be read
            publish(lab, 2)
            await_waiting(lab.database)
            server.stop()
        daemon.wait(lambda: "cannot be reached" in daemon.status, "its status says what is wrong")
        assert daemon.get("/healthz").status == 503
        server.start()
        lab.mail.accepted.wait_for(2)
        daemon.wait(lambda: "reached" not in daemon.status, "its status is good again")
        assert daemon.terminate() == 0
        held = stored(lab.database)
    assert sorted(held.alerts) == sorted({number for mail in lab.mail.accepted.all() for number in mail.alert_ids})
    assert len(lab.mail.accepted.all()) == 2
    assert {state for _, _, state in held.deliveries} == {DeliveryState.SENT}
    there = [record for record in lab.sites.ledger.articles().values() if record.article.column is Column.CITY_NEWS]
    assert sorted(row.url for row in held.articles) == sorted(record.url for record in there)
    assert not held.pending
    assert not held.damage


def await_waiting(database: str) -> None:
    """Returns once a transaction that has begun to write waits for a table."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'"
    pause = threading.Event()  # never set: nobody tells us of a lock in another process
    with connection(database) as own:
        for _ in range(int(PATIENCE / 0.05)):
            row = own.execute(waiting).fetchone()
            if row is not None and row[0]:
                return
            pause.wait(0.05)
    raise AssertionError("no transaction waits for the table")


@contextmanager
def connection(database: str) -> Iterator[psycopg.Connection[tuple[int, ...]]]:
    url = sa.make_url(database)
    host = url.query["host"]
    assert isinstance(host, str)
    with psycopg.connect(host=host, user=url.username, dbname=url.database, autocommit=True) as opened:
        yield opened


def backends(database: str) -> list[int]:
    """The server's processes that serve this database to others."""
    with connection(database) as own:
        query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return [pid for (pid,) in own.execute(query)]


def terminate(database: str, *, but: int = 0) -> None:
    with connection(database) as own:
        for pid in backends(database):
            if pid not in (but, own.info.backend_pid):
                own.execute("SELECT pg_terminate_backend(%s)", (pid,))


@contextmanager
def stopped(database: str) -> Iterator[None]:
    pids = backends(database)
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
