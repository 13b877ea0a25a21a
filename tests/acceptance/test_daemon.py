"""The daemon as the service manager knows it: a process that is started, told, reloaded, stopped and killed."""

import re
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from monitor.demo.receivers import Mishap
from monitor.demo.sites import Column, Misbehaviour, make_article
from monitor.model import DeliveryState
from tests import postgres
from tests.daemons import PATIENCE, DaemonProcess, Lab, Notice

#: What the unit file grants us is far more; a shutdown of the machine may grant less. Half of it is a busy machine's;
#: what hangs here hangs for 30 s.
STOPS_WITHIN = 20.0


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    with ExitStack() as stack:
        yield Lab(tmp_path, stack)


# -- start and stop


def test_it_says_when_it_is_ready_and_ends_in_good_order(lab: Lab) -> None:
    daemon = lab.configure().daemon().start().wait_ready()
    assert daemon.get("/healthz").status == 200
    assert "1 sources, 6 watches" in daemon.status
    assert daemon.terminate() == 0
    said = [
        next(iter(notice.fields))
        for notice in daemon.notices
        if "STATUS" not in notice.fields or len(notice.fields) > 1
    ]
    assert said == ["EXTEND_TIMEOUT_USEC", "READY", "STOPPING"]
    assert "daemon stopped" in daemon.log
    assert "Traceback" not in daemon.log


def test_a_new_an_edited_and_a_withdrawn_article_are_mailed_from_postgresql_too(
    lab: Lab, postgres_server: postgres.Server
) -> None:
    lab.configure(database=postgres_server.database()).running()
    article = make_article(1, column=Column.CITY_NEWS, topic_every=1)
    lab.sites.publish(article)
    lab.mail.accepted.wait_for(1)
    lab.sites.edit(article.id, title=f"{article.title}（更正）")
    lab.mail.accepted.wait_for(2)
    lab.sites.withdraw(article.id)
    lab.mail.accepted.wait_for(3)
    assert [subject[:3] for subject in lab.subjects()] == ["【新】", "【改】", "【撤】"]


def test_an_alert_waits_neither_for_the_end_of_its_poll_nor_for_the_next_one(lab: Lab) -> None:
    lab.configure().running().terminate()
    lab.sites.publish(make_article(1, column=Column.CITY_NEWS, topic_every=1))
    lab.sites.publish(make_article(2, column=Column.CITY_NEWS, topic_every=1))
    lab.sites.misbehave("made-0-1", Misbehaviour.HANG)
    daemon = lab.daemon().start().wait_ready()
    (mail,) = lab.mail.accepted.wait_for(1)
    assert "之2：" in str(mail.parsed["Subject"])
    assert "poll finished" not in daemon.log


def test_its_parse_workers_die_with_it(lab: Lab) -> None:
    daemon = lab.configure().daemon().start().wait_ready()
    workers = daemon.children()
    assert workers
    daemon.kill()
    _, alive = psutil.wait_procs(workers, timeout=PATIENCE)
    assert not alive


# -- what keeps it from starting


def test_a_second_daemon_on_the_same_file_is_refused(lab: Lab) -> None:
    first = lab.configure().daemon().start().wait_ready()
    second = lab.daemon().start()
    assert second.wait_end() == 1
    assert f"another daemon (process {first.pid}) works on this database" in second.log
    assert "Traceback" not in second.log
    assert first.get("/healthz").status == 200
    assert first.terminate() == 0
    assert lab.daemon().start().wait_ready().terminate() == 0


def test_a_second_daemon_on_the_same_postgresql_database_is_refused(lab: Lab, postgres_server: postgres.Server) -> None:
    first = lab.configure(database=postgres_server.database()).daemon().start().wait_ready()
    second = lab.daemon().start()
    assert second.wait_end() == 1
    assert "another daemon works on this database" in second.log
    first.kill()  # the server drops a dead one's lock
    assert lab.daemon().start().wait_ready().terminate() == 0


def test_a_bad_configuration_ends_it_with_78_so_that_nobody_starts_it_again(lab: Lab) -> None:
    lab.configure()
    with (lab.folder / "watches.yaml").open("a", encoding="utf-8") as watches:
        watches.write("watchs: []\n")
    daemon = lab.daemon().start()
    assert daemon.wait_end() == 78
    assert re.search(r"watches\.yaml:\d+: unknown key 'watchs'; did you mean 'watches'", daemon.log)
    assert "Traceback" not in daemon.log


def test_a_port_that_is_taken_ends_it_with_one_clear_line(lab: Lab) -> None:
    lab.configure(bind=f"127.0.0.1:{lab.mail.port}")
    daemon = lab.daemon().start()
    assert daemon.wait_end() == 1
    assert f"the page cannot listen on http://127.0.0.1:{lab.mail.port}" in daemon.log
    assert "end what uses that port" in daemon.log
    assert "web.bind in chaoxun.yaml" in daemon.log
    assert "Traceback" not in daemon.log


# -- SIGTERM in the midst of work


def test_it_stops_within_seconds_while_a_site_and_the_mail_server_hang(lab: Lab) -> None:
    daemon = lab.configure(columns=(Column.CITY_NEWS, Column.OUTLET_NEWS)).running()
    lab.mail.script(Mishap.HOLD)
    lab.sites.misbehave(Column.OUTLET_NEWS, Misbehaviour.HANG)
    hung = lab.sites.ledger.wait_until(lambda ledger: any(row.misbehaviour for row in ledger.requests), PATIENCE)
    assert hung
    lab.sites.publish(make_article(1, column=Column.CITY_NEWS, topic_every=1))
    lab.mail.accepted.wait_for(1)
    asked = time.monotonic()
    assert daemon.terminate() == 0
    assert time.monotonic() - asked < STOPS_WITHIN
    assert any("STOPPING" in notice.fields for notice in daemon.notices)
    (left,) = lab.deliveries()
    assert left.state is DeliveryState.RETRYING  # nobody can know whether that mail was taken
    assert "Traceback" not in daemon.log


def test_what_was_on_its_way_at_a_kill_is_sent_again_at_once_under_the_same_name(lab: Lab) -> None:
    daemon = lab.configure().running()
    lab.mail.script(Mishap.HOLD)
    lab.sites.publish(make_article(1, column=Column.CITY_NEWS, topic_every=1))
    lab.mail.accepted.wait_for(1)
    daemon.kill()
    (left,) = lab.deliveries()
    assert left.state is DeliveryState.SENDING
    daemon.start().wait_ready()
    first, again = lab.mail.accepted.wait_for(2)
    assert first.message_id == again.message_id
    assert first.alert_ids == again.alert_ids
    daemon.signal(signal.SIGINT)
    assert daemon.wait_end() == 0
    assert [row.state for row in lab.deliveries()] == [DeliveryState.SENT]


# -- SIGHUP


def test_a_reload_takes_a_new_watch_and_a_new_source(lab: Lab) -> None:
    daemon = lab.configure().running()
    old = make_article(1, column=Column.CITY_NEWS, topic_every=0)
    lab.sites.publish(old)
    # the next article's alert says that the one before it has been seen, too: pages are taken in their order
    lab.sites.ledger.wait_until(lambda ledger: ledger.first_served(old.id) is not None, PATIENCE)
    (lab.folder / "watches.yaml").write_text(
        "watches:\n  - {name: 行业观察, rule: 行业观察, channels: [desk]}\n", encoding="utf-8"
    )
    (lab.folder / "sources" / "samples.yaml").write_text(
        lab.sites.sources_yaml((Column.CITY_NEWS, Column.CITY_POLICY)), encoding="utf-8"
    )
    done = reload(daemon)
    assert "2 sources, 1 watches" in done.status
    daemon.wait_log("see what it would have found.*chaoxun watch test")
    lab.await_first_polls()
    lab.sites.publish(make_article(2, column=Column.CITY_NEWS, topic_every=0))
    lab.sites.publish(make_article(3, column=Column.CITY_POLICY, topic_every=0))
    lab.mail.accepted.wait_for(2)
    assert daemon.terminate() == 0
    # the first one was there before the watch: a new watch raises no flood
    assert sorted(re.findall(r"之\d", " ".join(lab.subjects()))) == ["之2", "之3"]


MISTAKES = (
    ("watches.yaml:2", "watches:\n  - {name: 甲, rule: titel:甲, channels: [desk]}\n"),
    ("chaoxun.yaml:1", "databas: sqlite:///x.db\n"),
    ("channels.yaml:2", "channels:\n  desk: {url: 'mailt://x'}\n"),
)


def test_a_reload_with_a_mistake_keeps_the_old_configuration_and_says_where_it_is(lab: Lab) -> None:
    daemon = lab.configure().running(watchdog=timedelta(seconds=20))
    for where, text in MISTAKES:
        path = lab.folder / where.partition(":")[0]
        good = path.read_text(encoding="utf-8")
        path.write_text(text, encoding="utf-8")
        refused = reload(daemon)
        assert f"{lab.folder}/{where}" in refused.status
        daemon.wait_log(rf"error .*not reloaded.*{re.escape(where)}")
        assert f"{lab.folder}/{where}" in daemon.get("/").text, "the page says so, too"
        probed = daemon.get("/healthz")
        assert (probed.status, probed.text.splitlines()[0]) == (200, "ok")
        assert f"{lab.folder}/{where}" in probed.text
        path.write_text(good, encoding="utf-8")
    # it is not forgotten at the next sign of life, and the old configuration works
    later = daemon.wait_notice(
        lambda notice: bool(notice.status) and "READY" not in notice.fields, "it says how it is", since=refused.at
    )
    assert f"{lab.folder}/{where}" in later.status
    lab.sites.publish(make_article(1, column=Column.CITY_NEWS, topic_every=1))
    lab.mail.accepted.wait_for(1)
    assert "not reloaded" not in reload(daemon).status


def reload(daemon: DaemonProcess) -> Notice:
    """SIGHUP; answers what the daemon says once it is ready again."""
    asked = time.monotonic()
    daemon.signal(signal.SIGHUP)
    began = daemon.wait_notice(lambda notice: "RELOADING" in notice.fields, "it reloads", since=asked)
    assert int(began.fields["MONOTONIC_USEC"]) >= asked * 1_000_000
    return daemon.wait_notice(lambda notice: "READY" in notice.fields, "it has reloaded", since=began.at)


# -- the watchdog


def test_the_watchdog_is_fed_while_a_mail_server_hangs(lab: Lab) -> None:
    """A channel that does not answer is not a daemon that hangs."""
    daemon = lab.configure().running(watchdog=timedelta(seconds=4))
    lab.mail.script(Mishap.HOLD)
    lab.sites.publish(make_article(1, column=Column.CITY_NEWS, topic_every=1))
    (held,) = lab.mail.accepted.wait_for(1)
    last = held.at
    for _ in range(5):  # one each second: for longer than the limit
        last = daemon.wait_notice(lambda notice: "WATCHDOG" in notice.fields, "it lives", since=last + 0.001).at
    assert "part hangs" not in daemon.log
    daemon.wait_notice(
        lambda notice: notice.status.endswith("outbox: 1 waiting since 0 min"), "what waits", since=held.at
    )


def test_its_status_names_the_channel_whose_deliveries_are_dead(lab: Lab) -> None:
    lab.mail.refuse("desk@example.org", "550 no such user")
    daemon = lab.configure().running(watchdog=timedelta(seconds=8))
    lab.sites.publish(make_article(1, column=Column.CITY_NEWS, topic_every=1))
    daemon.wait_notice(lambda notice: notice.status.endswith("1 dead (desk)"), "what is dead")
    assert daemon.terminate() == 0
