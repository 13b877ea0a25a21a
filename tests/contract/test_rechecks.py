"""Which articles are handed out for another look, and how many: a budget for each host, kept in the corpus."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.records import CrawlPolicy, Entry, PollJob, Source, Trouble
from monitor.corpus import Corpus, aliases, outbox, rechecks, sources, tables
from monitor.ingest import claim, due_jobs, ingest, job_now, note_entries, register_sources
from monitor.model import Health
from monitor.prompting import prompted
from monitor.recheck import SHARE, TURN, Backlog
from tests.contract.desk import NOW, SOURCE, desk, draft, gone, not_modified, page, unreachable, visit, watch

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
POLICY = CrawlPolicy(gap=timedelta(seconds=3), host_groups={"zj.example": ("*.zj.example",)})
#: Three offices on one platform, and one elsewhere.
OFFICES = tuple(replace(SOURCE, slug=slug, url=f"https://{slug}.zj.example/list") for slug in ("kjt", "jxt", "sft"))
ELSEWHERE = replace(SOURCE, slug="yw", url="https://yw.example/list")
ALL = (*OFFICES, ELSEWHERE)


@pytest.fixture
def ready(corpus: Corpus) -> Corpus:
    """All have been polled before, and no listing is due for days."""
    with corpus.begin() as tx:
        register_sources(tx, ALL, now=NOW)
        tx.execute(sa.update(tables.source).values(baseline_at=NOW, next_poll_at=NOW + 90 * HOUR, state=Health.OK))
    return corpus


def store(corpus: Corpus, source: Source, count: int, *, at: datetime = NOW, title: str = "第{}号通知") -> None:
    """So many articles, due half an hour later."""
    host = (source.url or "").removesuffix("/list")
    for n in range(count):
        text = f"第{n}号事项由{source.slug}办理，今年安排{n}个项目，投资{n * 3}万元。" * 9
        each = visit(draft(title.format(n), text), url=f"{host}/{title}{n}.html", source=source)
        ingest(corpus, each, desk=desk(watch(rule="产业大脑")), now=at)


def hand_out(corpus: Corpus, at: datetime, configured: Sequence[Source] = ALL, *, limit: int = 99) -> list[PollJob]:
    """As the daemon does at a tick."""
    with corpus.read() as connection:
        jobs = due_jobs(connection, configured, now=at, limit=limit, policy=POLICY)
    with corpus.begin() as tx:
        for job in jobs:
            claim(tx, job, now=at, policy=POLICY)
    return jobs


def counts(jobs: Sequence[PollJob]) -> dict[str, int]:
    return {job.source.slug: len(job.rechecks) for job in jobs}


def test_the_offices_of_one_platform_share_one_budget_and_another_host_has_its_own(ready: Corpus) -> None:
    for source in ALL:
        store(ready, source, 12)
    at = NOW + HOUR
    first = counts(hand_out(ready, at))
    assert first.pop("yw") == 8
    assert sum(first.values()) == 8, "not 8 of each"
    assert hand_out(ready, at + SECOND) == [], "no more before their time"
    assert sum(counts(hand_out(ready, at + 30 * SECOND)).values()) == 4 + 4


def test_rechecks_take_their_share_of_the_hours_requests_and_all_have_their_turn(ready: Corpus) -> None:
    for source in OFFICES:
        store(ready, source, 20)
    begun, handed = NOW + HOUR, 0
    for second in range(0, 300, 6):
        handed += sum(counts(hand_out(ready, begun + second * SECOND)).values())
    assert 300 / 3 / TURN * SHARE - 4 <= handed <= (300 + 60) / 3 / TURN * SHARE


def test_what_was_spent_is_known_to_the_next_process(ready: Corpus, corpus_url: str) -> None:
    store(ready, ELSEWHERE, 20)
    assert counts(hand_out(ready, NOW + HOUR)) == {"yw": 8}
    again = Corpus.open(corpus_url)
    try:
        assert hand_out(again, NOW + HOUR + SECOND) == []
    finally:
        again.close()


def test_a_listing_that_is_due_goes_before_the_rechecks_of_its_whole_platform(ready: Corpus) -> None:
    for source in ALL:
        store(ready, source, 3)
    at = NOW + HOUR
    with ready.begin() as tx:
        sources.postpone(tx, "jxt", at)
    jobs = hand_out(ready, at)
    assert [(job.source.slug, job.listing) for job in jobs] == [("jxt", True), ("yw", False)]
    assert {job.source.slug for job in hand_out(ready, at + 20 * SECOND, [OFFICES[0], OFFICES[2]])} == {"kjt", "sft"}


def test_new_entries_are_handed_out_whatever_the_rechecks_have_spent(ready: Corpus) -> None:
    store(ready, ELSEWHERE, 20)
    hand_out(ready, NOW + HOUR)
    note_entries(ready, ELSEWHERE, [Entry(url="https://yw.example/new.html", title="新")], now=NOW + HOUR)
    (only,) = hand_out(ready, NOW + HOUR + SECOND)
    assert (len(only.pending), only.rechecks) == (1, ())


def test_what_met_a_watch_goes_first_and_the_rest_is_not_forgotten(ready: Corpus) -> None:
    store(ready, ELSEWHERE, 30)
    store(ready, ELSEWHERE, 5, at=NOW + 15 * MINUTE, title="产业大脑{}号")
    at, order = NOW + 32 * MINUTE, list[str]()
    while len(order) < 35 and at < NOW + 2 * HOUR:
        for job in hand_out(ready, at):
            order += [recheck.url for recheck in job.rechecks]
            for recheck in job.rechecks:
                ingest(ready, replace(not_modified(recheck.url), source=ELSEWHERE), desk=desk(), now=at)
        at += 10 * SECOND
    assert all("产业大脑" in url for url in order[:5])
    assert len(set(order)) == 35


def row(corpus: Corpus) -> Any:
    with corpus.read() as connection:
        return connection.execute(sa.select(tables.article)).one()


def test_an_article_is_looked_at_sooner_once_it_was_edited_or_met_a_watch(ready: Corpus) -> None:
    url = "https://yw.example/1.html"
    ingest(ready, visit(draft(), url=url), desk=desk(), now=NOW)
    assert (row(ready).next_check_at, row(ready).closely) == (NOW + 30 * MINUTE, False)
    at = NOW + 30 * MINUTE
    ingest(ready, replace(not_modified(url)), desk=desk(), now=at)
    assert (row(ready).next_check_at, row(ready).closely) == (at + HOUR, False)
    at += HOUR
    edited = draft(text=draft().text.replace("30家", "35家") + "\n产业大脑二期同日启动。")
    ingest(ready, visit(edited, url=url), desk=desk(), now=at)
    assert (row(ready).next_check_at, row(ready).closely) == (at + 15 * MINUTE, True)
    at += 15 * MINUTE
    ingest(ready, replace(not_modified(url)), desk=desk(), now=at)
    assert row(ready).next_check_at == at + 30 * MINUTE, "half of the usual hour"
    at += 30 * MINUTE
    again = replace(edited, text=edited.text.replace("35家", "36家"))
    ingest(ready, visit(again, url=url), desk=desk(watch()), now=at)
    ingest(ready, replace(not_modified(url)), desk=desk(), now=at + MINUTE)
    assert row(ready).next_check_at == at + MINUTE + 15 * MINUTE, "edited, and by now a watch met it"


def test_a_new_article_that_met_a_watch_is_looked_at_sooner_though_it_is_baseline(ready: Corpus) -> None:
    ingest(ready, visit(draft()), desk=desk(watch()), now=NOW, alerting=False)
    assert (row(ready).next_check_at, row(ready).closely) == (NOW + 15 * MINUTE, True)


def test_a_missing_article_goes_before_others_until_it_is_there_again(ready: Corpus) -> None:
    ingest(ready, visit(draft()), desk=desk(), now=NOW)
    ingest(ready, gone(), desk=desk(), now=NOW + HOUR)
    assert row(ready).closely
    ingest(ready, unreachable(trouble=Trouble.TIMEOUT, detail="too slow"), desk=desk(), now=NOW + HOUR)
    assert not row(ready).closely


def test_validators_are_handed_out_with_what_is_due(ready: Corpus) -> None:
    each = visit(draft(), url="https://yw.example/1.html", answer=page(etag='"1"', last_modified="Mon"))
    ingest(ready, replace(each, source=ELSEWHERE), desk=desk(), now=NOW)
    (only,) = hand_out(ready, NOW + HOUR)
    assert [(each.etag, each.last_modified) for each in only.rechecks] == [('"1"', "Mon")]


def test_a_poll_by_hand_takes_what_is_due_whatever_the_budget_says(ready: Corpus) -> None:
    store(ready, ELSEWHERE, 30)
    hand_out(ready, NOW + HOUR)
    with ready.read() as connection:
        assert len(job_now(connection, ELSEWHERE, now=NOW + HOUR + SECOND).rechecks) == 20


def test_the_backlog_is_counted(ready: Corpus) -> None:
    with ready.read() as connection:
        assert rechecks.backlog(connection, NOW) == Backlog(due=0, since=None)
    store(ready, ELSEWHERE, 3)
    with ready.read() as connection:
        assert rechecks.backlog(connection, NOW + HOUR) == Backlog(due=3, since=NOW + 30 * MINUTE)
        assert rechecks.waiting(connection, NOW + HOUR) == {"yw": 3}
        assert rechecks.waiting(connection, NOW) == {}


def test_what_is_due_is_found_by_an_index(ready: Corpus) -> None:
    """Both queries, among many articles of which few are due."""
    store(ready, ELSEWHERE, 1)
    copied = [f'"{c.name}"' for c in tables.article.columns if c.name not in ("id", "url", "next_check_at")]
    others = ", ".join(copied)
    insert = f"""
        INSERT INTO article (id, url, next_check_at, {others})
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
        SELECT 1000 + i, 'https://yw.example/many/' || i, CASE WHEN i % 300 = 0 THEN next_check_at END, {others}
        FROM n, article WHERE article.id = :first
    """
    with ready.begin() as tx:
        tx.execute(sa.text(insert), {"first": row(ready).id})
    with ready.begin() as tx:
        tx.execute(sa.text("ANALYZE"))
    with ready.read() as connection:
        assert rechecks.waiting(connection, NOW + HOUR) == {"yw": 11}
        assert "ix_article_due" in plan(connection, rechecks.WAITING, now=NOW + HOUR)
        some = plan(connection, rechecks.DUE, now=NOW + HOUR, of="yw", closely=False, most=20)
    assert "ix_article_source_due" in some or "ix_article_due" in some, "the second where so few are due"


def plan(connection: sa.Connection, query: sa.ClauseElement, **values: Any) -> str:
    """How the database means to find it."""
    asked = query.params(values).compile(connection, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    return "\n".join(str(row) for row in connection.exec_driver_sql(f"{explain} {asked}".replace("%", "%%")))


# -- what a listing gives cause to look at


def listing(*titles: str, at: datetime = NOW) -> list[Entry]:
    return [
        Entry(url=f"https://yw.example/{n}.html", title=title, published_at=at - n * HOUR)
        for n, title in enumerate(titles)
    ]


TITLES = tuple(f"第{n}号通知" for n in range(9))


@pytest.fixture
def column(ready: Corpus) -> Corpus:
    """Nine articles that the column lists, stored, and seen once."""
    for entry in listing(*TITLES):
        made = draft(entry.title, f"{entry.title}的正文，安排了若干事项。" * 20)
        ingest(
            ready,
            visit(made, url=entry.url, answer=page(entry.url, etag='"1"'), source=ELSEWHERE),
            desk=desk(),
            now=NOW,
        )
    assert glance(ready, listing(*TITLES), at=NOW) == []
    return ready


def glance(corpus: Corpus, entries: Sequence[Entry], *, at: datetime) -> list[str]:
    return [recheck.url for recheck in prompted(corpus, ELSEWHERE, entries, policy=POLICY, now=at)]


def test_a_new_title_in_the_listing_has_the_article_looked_at_in_the_same_poll(column: Corpus) -> None:
    renamed = listing("第0号通知（更正）", *TITLES[1:])
    (recheck,) = prompted(column, ELSEWHERE, renamed, policy=POLICY, now=NOW + MINUTE)
    assert (recheck.url, recheck.etag, recheck.title) == ("https://yw.example/0.html", '"1"', "第0号通知")
    assert glance(column, renamed, at=NOW + 2 * MINUTE) == [], "once"
    assert [job.rechecks[0].url for job in hand_out(column, NOW + 7 * MINUTE)] == [recheck.url], "a crash loses it not"


def test_a_crash_delays_an_early_look_no_longer_than_the_next_poll(column: Corpus) -> None:
    brisk = replace(ELSEWHERE, every=timedelta(seconds=10))
    renamed = listing("第0号通知（更正）", *TITLES[1:])
    (recheck,) = prompted(column, brisk, renamed, policy=POLICY, now=NOW + MINUTE)
    with column.read() as connection:
        due = connection.execute(
            sa.select(tables.article.c.next_check_at).where(tables.article.c.url == recheck.url)
        ).scalar_one()
    assert due <= NOW + MINUTE + timedelta(seconds=10)


def test_a_title_that_flips_at_each_poll_is_followed_ever_rarer(column: Corpus) -> None:
    looks, at = list[datetime](), NOW
    for n in range(6 * 48):
        at += 10 * MINUTE
        entries = listing(("A", "B")[n % 2] + TITLES[0], *TITLES[1:])
        for url in glance(column, entries, at=at):
            looks.append(at)
            ingest(column, replace(not_modified(url), source=ELSEWHERE), desk=desk(), now=at)
    assert len(looks) <= 8, "in two days"
    edited = draft(TITLES[0], "正文改了，另有安排。" * 30)
    url = "https://yw.example/0.html"
    ingest(column, visit(edited, url=url, source=ELSEWHERE), desk=desk(), now=at)
    assert glance(column, listing("C" + TITLES[0], *TITLES[1:]), at=at + MINUTE) == [url], (
        "a change restores its credit"
    )


def test_a_listing_that_says_how_long_ago_has_nothing_fetched(column: Corpus) -> None:
    for n in range(1, 20):
        at = NOW + n * 7 * MINUTE
        assert glance(column, listing(*TITLES, at=NOW + n * MINUTE), at=at) == []


def test_what_vanished_from_among_its_neighbours_is_looked_at_and_nothing_is_said(column: Corpus) -> None:
    entries = listing(*TITLES)
    assert glance(column, [*entries[:2], *entries[3:]], at=NOW + MINUTE) == ["https://yw.example/2.html"]
    assert glance(column, [*entries[:2], *entries[3:]], at=NOW + 2 * MINUTE) == []
    assert {r.status for r in rows(column)} == {"live"}
    assert glance(column, entries[:5], at=NOW + 3 * MINUTE) == [], "a shorter list"


def test_in_one_poll_no_more_than_a_few_are_looked_at_and_the_others_in_the_next(column: Corpus) -> None:
    renamed = listing(*(f"更正：{title}" for title in TITLES))
    first = glance(column, renamed, at=NOW + MINUTE)
    second = glance(column, renamed, at=NOW + 11 * MINUTE)
    assert (len(first), len(second), len({*first, *second})) == (5, 4, 9)
    assert glance(column, renamed, at=NOW + 21 * MINUTE) == []


def test_an_article_that_stands_elsewhere_now_is_looked_at_there(column: Corpus) -> None:
    with column.begin() as tx:
        number = tx.execute(sa.select(tables.article.c.id).where(tables.article.c.url.like("%/0.html"))).scalar_one()
        aliases.move(tx, number, old="https://yw.example/0.html", new="https://yw.example/new/0.html", now=NOW)
    assert glance(column, listing("改了", *TITLES[1:]), at=NOW + MINUTE) == ["https://yw.example/new/0.html"]


def rows(corpus: Corpus) -> Sequence[Any]:
    with corpus.read() as connection:
        return connection.execute(sa.select(tables.article)).all()


def test_a_watch_that_is_new_says_nothing_of_what_is_stored_until_it_changes(ready: Corpus) -> None:
    ingest(ready, visit(draft()), desk=desk(), now=NOW)
    ingest(ready, not_modified(), desk=desk(watch()), now=NOW + HOUR)
    ingest(ready, visit(draft()), desk=desk(watch()), now=NOW + 2 * HOUR)
    with ready.read() as connection:
        assert outbox.list_deliveries(connection) == []
    edited = draft(text=draft().text.replace("30家", "35家"))
    ingest(ready, visit(edited), desk=desk(watch()), now=NOW + 3 * HOUR)
    with ready.read() as connection:
        assert [row.kind.value for row in outbox.list_deliveries(connection)] == ["changed"]
