"""Many sources on one host that is down: one alert, one recovery, and no longer a wait than the outage itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crawler.records import CrawlPolicy, Entry, PollJob, PollResult, PollStatus, Source, Trouble
from monitor.corpus import Corpus, claiming, outbox, pending, sources
from monitor.ingest import due_jobs, finish_poll, note_entries, register_sources, spread_overdue
from monitor.model import Health, SourceState
from tests.contract.desk import NOW, OTHER, SOURCE, desk

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
POLICY = CrawlPolicy(hours=(0, 24 * 60), every=HOUR)
#: On the host that goes down: columns, and an interface whose address its engine knows.
ON_HOST = (
    *(replace(SOURCE, slug=f"yiwu-{n:02}", name=f"栏目{n}", url=f"https://yw.example/{n}/") for n in range(21)),
    Source(slug="yiwu-api", name="接口", engine="sina_roll"),
)
OUTAGE = "yw.example:443 2026-03-02T10:00:00+08:00"


@pytest.fixture
def ready(corpus: Corpus) -> Corpus:
    """All of them, and one elsewhere, polled well an hour ago."""
    with corpus.begin() as tx:
        register_sources(tx, (*ON_HOST, OTHER), now=NOW - HOUR)
    for source in (*ON_HOST, OTHER):
        finish(corpus, source, minutes=-60)
    return corpus


def finish(corpus: Corpus, source: Source, status: PollStatus = PollStatus.OK, *, minutes: int, **more: Any) -> None:
    at = NOW + minutes * MINUTE
    listed = 15 if status is PollStatus.OK else 0
    result = PollResult(source=source.slug, status=status, started_at=at, listed=listed, known=listed // 2, **more)
    finish_poll(corpus, result, PollJob(source=source), desk=desk(), policy=POLICY, now=at)


def fail(corpus: Corpus, source: Source, *, minutes: int, outage: str = OUTAGE) -> None:
    why = f"{source.slug}: yw.example refuses the connection"
    finish(corpus, source, PollStatus.FAILED, minutes=minutes, error=why, trouble=Trouble.DOWN, outage=outage)


def state(corpus: Corpus, source: Source) -> SourceState:
    with corpus.read() as connection:
        found = sources.state(connection, source.slug)
    assert found is not None
    return found


def told(corpus: Corpus) -> list[str]:
    with corpus.read() as connection:
        return [row.title for row in reversed(outbox.list_deliveries(connection))]


def text(corpus: Corpus) -> str:
    with corpus.begin() as tx:
        (delivery,) = claiming.claim(tx, NOW + HOUR, lease=MINUTE, limit=99)
        return delivery.alert.text


def test_an_outage_of_twenty_two_sources_is_told_once_and_its_end_once(ready: Corpus) -> None:
    for minutes in (0, 60, 180):
        for source in ON_HOST:
            fail(ready, source, minutes=minutes)
    assert {state(ready, source).state for source in ON_HOST} == {Health.BROKEN}
    assert told(ready) == ["【告警】栏目0等 22 个信源：读取失败"]
    for source in ON_HOST:
        finish(ready, source, minutes=181)
    assert {state(ready, source).state for source in ON_HOST} == {Health.OK}
    assert told(ready) == ["【告警】栏目0等 22 个信源：读取失败", "【恢复】栏目0等 22 个信源：恢复正常"]


def test_the_alert_names_the_host_and_everybody_on_it(ready: Corpus) -> None:
    fail(ready, ON_HOST[-1], minutes=0)
    for minutes in (0, 60):
        fail(ready, ON_HOST[3], minutes=minutes)
    said = text(ready)
    assert said.startswith("信源：栏目3（yiwu-03）、")
    assert all(f"{source.name}（{source.slug}）" in said for source in ON_HOST)
    assert OTHER.slug not in said
    assert "主机：yw.example:443" in said


def test_an_outage_of_a_host_with_one_source_reads_as_that_sources_trouble(ready: Corpus) -> None:
    for minutes in (0, 60):
        fail(ready, OTHER, minutes=minutes, outage="nb.example:443 2026-03-02T10:00:00+08:00")
    finish(ready, OTHER, minutes=120)
    assert told(ready) == ["【告警】宁波要闻：读取失败", "【恢复】宁波要闻：恢复正常"]


def test_a_source_that_moved_to_the_host_meanwhile_had_no_part_in_its_outage(ready: Corpus) -> None:
    for minutes in (0, 60):
        fail(ready, OTHER, minutes=minutes, outage="nb.example:443 2026-03-02T10:00:00+08:00")
    with ready.begin() as tx:
        moved = replace(SOURCE, slug="moved", url=OTHER.url)
        register_sources(tx, (*ON_HOST, OTHER, moved), now=NOW + 90 * MINUTE)
    finish(ready, OTHER, minutes=120)
    assert told(ready)[-1] == "【恢复】宁波要闻：恢复正常"


def test_another_outage_is_told_anew(ready: Corpus) -> None:
    for began in ("2026-03-02T10:00:00+08:00", "2026-03-09T10:00:00+08:00"):
        start = 0 if "-02T" in began else 7 * 24 * 60
        for source in ON_HOST[:2]:
            fail(ready, source, minutes=start, outage=f"yw.example:443 {began}")
        for source in ON_HOST[:2]:
            fail(ready, source, minutes=start + 60, outage=f"yw.example:443 {began}")
        for polls in range(4):
            for source in ON_HOST[:2]:
                finish(ready, source, minutes=start + 120 + polls)
    assert [title[:4] for title in told(ready)] == ["【告警】", "【恢复】"] * 2


def test_a_restart_in_the_middle_of_an_outage_is_no_news(ready: Corpus) -> None:
    restarted = "yw.example:443 2026-03-02T11:30:00+08:00"
    for source in ON_HOST[:3]:
        fail(ready, source, minutes=0)
    fail(ready, ON_HOST[0], minutes=60)
    for source in ON_HOST[:3]:
        fail(ready, source, minutes=90, outage=restarted)
    for source in ON_HOST[:3]:
        finish(ready, source, minutes=120)
    assert [title[:4] for title in told(ready)] == ["【告警】", "【恢复】"]


def test_a_trouble_of_its_own_after_the_outage_is_told_as_its_own(ready: Corpus) -> None:
    for source in ON_HOST[:2]:
        fail(ready, source, minutes=0)
    finish(ready, ON_HOST[0], PollStatus.FAILED, minutes=60, error="yiwu-00: answers 404")
    finish(ready, ON_HOST[1], minutes=60)
    assert told(ready) == ["【告警】栏目0：读取失败"]


def test_when_a_host_answers_again_its_other_sources_are_due_at_once(ready: Corpus) -> None:
    broken = replace(ON_HOST[2])
    for minutes in (0, 60, 180):
        for source in ON_HOST:
            fail(ready, source, minutes=minutes)
    finish(ready, broken, PollStatus.FAILED, minutes=200, error="yiwu-02: answers 404")
    at = NOW + 200 * MINUTE
    with ready.read() as connection:
        jobs = due_jobs(connection, (*ON_HOST, OTHER), now=at, limit=99, policy=POLICY)
    assert {job.source.slug for job in jobs} - {OTHER.slug} == {s.slug for s in ON_HOST} - {broken.slug}
    # The one that answers badly is not asked again each time that a neighbour is well.
    for source in ON_HOST[3:6]:
        finish(ready, source, minutes=201)
    following = state(ready, broken).next_poll_at
    assert following is not None
    assert following > at + HOUR


def test_at_a_start_what_is_overdue_is_spread_and_what_is_new_is_not(ready: Corpus) -> None:
    new = replace(SOURCE, slug="new", url="https://new.example/")
    everyone, at = (*ON_HOST, OTHER, new), NOW + 10 * HOUR
    with ready.begin() as tx:
        register_sources(tx, everyone, now=at)
        spread_overdue(tx, everyone, policy=POLICY, now=at)

    def due(after: timedelta) -> int:
        with ready.read() as connection:
            return len(due_jobs(connection, everyone, now=at + after, limit=99, policy=POLICY))

    assert due(timedelta()) == 1
    assert 1 < due(2 * MINUTE) < 20
    assert due(5 * MINUTE) == 24


def test_entries_that_met_a_trouble_are_tried_at_once_when_it_is_over(ready: Corpus) -> None:
    note_entries(ready, OTHER, [Entry(url=f"https://nb.example/{name}") for name in ("tried", "given-up")], now=NOW)
    with ready.begin() as tx:
        pending.tried(tx, "https://nb.example/tried", attempts=3, next_try_at=NOW + 9 * HOUR, error="a challenge")
        pending.tried(tx, "https://nb.example/given-up", attempts=30, next_try_at=None, error="a challenge")
    for minutes, status in ((0, PollStatus.FAILED), (60, PollStatus.FAILED), (120, PollStatus.OK)):
        with ready.read() as connection:
            assert pending.due(connection, [OTHER.slug], NOW + 2 * HOUR, 9) == {}
        finish(ready, OTHER, status, minutes=minutes, error="500" if status is PollStatus.FAILED else None)
    with ready.read() as connection:
        (entry,) = pending.due(connection, [OTHER.slug], NOW + 2 * HOUR, 9)[OTHER.slug]
    assert entry.url == "https://nb.example/tried"
