"""Digests on both databases: which alerts leave together, whatever the clock does, and what they say of reposts."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from crawler.records import Outcome
from monitor.corpus import Corpus, claiming, outbox, reposts, tables
from monitor.corpus.claiming import Claimed
from monitor.desk import Desk, digest_due
from monitor.ingest import ingest, register_sources
from monitor.model import DeliveryState, Destination, Severity, Watch
from monitor.rules import RuleSet, parse
from tests.contract.desk import NOW, OTHER, SOURCE, URL, desk, draft, visit, watch
from tests.contract.test_outbox import LEASE, MAIL, SLACK, alert, put, rows, take

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVENING = datetime.fromisoformat("2026-03-02T17:30:00+08:00")
TWICE_A_DAY = watch(deliver='digest "08:30, 17:30"')
COPIES = [f"https://nb.example:{port}/copy.html" for port in (8001, 8002, 8003)]


def message(corpus: Corpus, now: datetime, *, channel: str = "mail", storm: int | None = None) -> Claimed | None:
    """What leaves next, taken by its receiver."""
    with corpus.begin() as tx:
        claimed = claiming.take(tx, now, LEASE, channel=channel, storm=storm)
        if claimed is not None:
            outbox.mark_sent(tx, claimed.deliveries, now)
    return claimed


def ids(claimed: Claimed | None) -> list[str]:
    return [delivery.alert.id for delivery in claimed.deliveries] if claimed else []


def publish(
    corpus: Corpus, asked: Watch, url: str = URL, *, at: datetime = NOW, to: Desk | None = None, name: str = "义乌要闻"
) -> None:
    made = draft(source_name=name, published_at=at)
    source = SOURCE if url == URL else OTHER
    assert ingest(corpus, visit(made, url=url, source=source), desk=to or desk(asked), now=at) is Outcome.NEW


# -- when


def test_each_channel_of_a_watch_has_its_own_time(filled: Corpus) -> None:
    asked = Watch(name="产业大脑", rule="产业大脑", channels=("chat", "mail"), delivers=(("mail", 'digest "17:30"'),))
    both = Desk(
        rules=RuleSet({asked.name: (parse(asked.rule), asked.scope)}),
        watches={asked.name: asked},
        destinations={"mail": (MAIL,), "chat": (SLACK,)},
        plan=desk().plan,
    )
    publish(filled, asked, to=both)
    assert {row.channel: row.next_try_at for row in rows(filled)} == {MAIL.channel: EVENING, SLACK.channel: NOW}


def test_what_comes_while_a_digest_is_on_its_way_is_in_the_next_one(corpus: Corpus) -> None:
    put(corpus, count=2, not_before=EVENING)
    first = take(corpus, EVENING)
    with corpus.begin() as tx:
        due = digest_due(TWICE_A_DAY, "mail", EVENING)
        outbox.enqueue(tx, alert(3), (MAIL,), EVENING, due)
        outbox.mark_sent(tx, first, EVENING)
    assert take(corpus, EVENING + HOUR) == []
    assert [each.alert.id for each in take(corpus, EVENING + timedelta(hours=15))] == [alert(3).id]


def test_a_digest_that_fails_is_tried_again_whole(corpus: Corpus) -> None:
    put(corpus, count=3, not_before=EVENING)
    first = take(corpus, EVENING)
    with corpus.begin() as tx:
        outbox.mark_retry(tx, first, EVENING + HOUR, "451")
        outbox.enqueue(tx, alert(4), (MAIL,), EVENING, EVENING + HOUR)
    again = take(corpus, EVENING + HOUR)
    assert [(d.alert.id, d.digest) for d in again] == [(d.alert.id, d.digest) for d in first]
    with corpus.begin() as tx:
        outbox.mark_dead(tx, again, "550")
        outbox.retry_dead(tx, EVENING + HOUR)
    restarted = take(corpus, EVENING + HOUR)
    assert [(d.alert.id, d.digest) for d in restarted] == [(d.alert.id, d.digest) for d in first]


def test_a_digest_whose_time_passed_while_nobody_ran_leaves_late(corpus: Corpus) -> None:
    put(corpus, count=2, not_before=EVENING)
    late = take(corpus, EVENING + 20 * HOUR)
    assert [(d.digest_at, d.begun_at) for d in late] == [(EVENING, EVENING + 20 * HOUR)] * 2


@pytest.mark.parametrize(
    "clock",
    [
        pytest.param([0, 8, -1, 8, 9, 24], id="back over a digest that has left"),
        pytest.param([0, 30, 6, 8, 9, 24], id="a day ahead and back"),
        pytest.param([0, 7.4, 7.6, 7.4, 7.6, 7.4, 7.6, 24], id="to and fro over one digest"),
        pytest.param([0, 24 * 400, 1, 8, 24, 48], id="a year ahead and back"),
    ],
)
@pytest.mark.parametrize("fails", [False, True])
def test_a_clock_that_jumps_over_a_digest_doubles_and_loses_nothing(
    corpus: Corpus, clock: Sequence[float], fails: bool
) -> None:
    """hours: of each step; at each an alert comes, and everything that is due leaves."""
    said: Counter[str] = Counter()
    messages: dict[str, list[str]] = {}

    def deliver(now: datetime) -> None:
        while deliveries := take(corpus, now):
            members = [delivery.alert.id for delivery in deliveries]
            assert messages.setdefault(str(deliveries[0].digest), members) == members, "one id, one message"
            with corpus.begin() as tx:
                if fails and deliveries[0].attempts == 1:
                    outbox.mark_retry(tx, deliveries, now, "451")
                    continue
                outbox.mark_sent(tx, deliveries, now)
            said.update(members)

    for number, hours in enumerate(clock):
        now = NOW + timedelta(hours=hours)
        with corpus.begin() as tx:
            outbox.enqueue(tx, alert(number), (MAIL,), now, digest_due(TWICE_A_DAY, MAIL.channel, now))
        deliver(now)
    for hours in range(24, 24 * 5):
        deliver(NOW + timedelta(hours=hours))
    assert said == {alert(number).id: 1 for number in range(len(clock))}
    assert {row.state for row in rows(corpus)} == {DeliveryState.SENT}
    told = {row.id: row.alerts for row in rows(corpus)}
    assert all(list(told[member]) == members for members in messages.values() for member in members)


def test_in_quiet_hours_what_is_critical_leaves_and_the_rest_of_its_digest_waits(corpus: Corpus) -> None:
    put(corpus, count=2, not_before=EVENING)
    with corpus.begin() as tx:
        outbox.enqueue(tx, alert(3, severity=Severity.CRITICAL), (MAIL,), NOW, EVENING)
        outbox.postpone(tx, MAIL.channel, EVENING, EVENING + HOUR)
    left = take(corpus, EVENING, critical=True)
    assert [d.alert.id for d in left] == [alert(3).id]
    with corpus.begin() as tx:
        outbox.mark_sent(tx, left, EVENING)
    assert take(corpus, EVENING, critical=True) == []
    assert [d.alert.id for d in take(corpus, EVENING + HOUR)] == [alert(1).id, alert(2).id]


def test_quiet_hours_tear_no_message_that_was_tried(corpus: Corpus) -> None:
    put(corpus, count=2, not_before=EVENING)
    with corpus.begin() as tx:
        outbox.enqueue(tx, alert(3, severity=Severity.CRITICAL), (MAIL,), NOW, EVENING)
    tried = take(corpus, EVENING)
    with corpus.begin() as tx:
        outbox.mark_retry(tx, tried, EVENING + HOUR, "451")
        outbox.postpone(tx, MAIL.channel, EVENING + HOUR, EVENING + 2 * HOUR)
    assert len(take(corpus, EVENING + HOUR, critical=True)) == 3


# -- storms


def test_a_storm_is_one_message_that_holds_few_texts(corpus: Corpus) -> None:
    """Critical first, then the newest. Its members are known to the list of deliveries, however many they are."""
    put(corpus, count=300)
    with corpus.begin() as tx:
        outbox.enqueue(tx, alert(5_000, severity=Severity.CRITICAL), (MAIL,), NOW)
        outbox.enqueue(tx, alert(5_001), (MAIL,), NOW)
    storm = take(corpus, storm=20)
    shown = [delivery.alert.id for delivery in storm]
    assert shown[:3] == [alert(5_000).id, alert(5_001).id, alert(300).id]
    assert sorted(shown) == sorted(alert(n).id for n in (*range(1, 301), 5_000, 5_001))
    assert sum(bool(delivery.alert.text) for delivery in storm) == claiming.DIGEST_SIZE
    with corpus.begin() as tx:
        outbox.mark_retry(tx, storm, NOW, "451")
    again = take(corpus, storm=20)
    assert [delivery.alert.id for delivery in again] == shown
    assert take(corpus, storm=20) == []
    with corpus.begin() as tx:
        outbox.mark_sent(tx, again, NOW)
    with corpus.read() as connection:
        newest, *others = outbox.list_deliveries(connection)
    assert len(newest.alerts) == outbox.MOST_SHOWN
    assert sorted(row.id for row in (newest, *others) if row.digest == newest.digest) == sorted(shown)


def test_a_digest_of_more_than_fits_is_one_message_where_storms_fold(corpus: Corpus) -> None:
    put(corpus, count=150, not_before=EVENING)
    assert len(take(corpus, EVENING, storm=20)) == 150
    assert take(corpus, EVENING, storm=20) == []


# -- reposts


def test_reposts_are_one_line_of_the_digest_that_tells_the_story(filled: Corpus) -> None:
    publish(filled, TWICE_A_DAY)
    for url, name in zip(COPIES, ("宁波发布", "浙江在线", "宁波发布"), strict=True):
        publish(filled, TWICE_A_DAY, url, name=name)
    assert len(rows(filled)) == 1, "no alert of their own"
    claimed = message(filled, EVENING)
    assert claimed is not None
    [mention] = claimed.mentions
    assert (mention.alert_id, mention.outlets) == (ids(claimed)[0], ("宁波发布", "浙江在线"))


def test_a_late_repost_is_mentioned_once_by_the_next_digest_that_leaves(filled: Corpus) -> None:
    publish(filled, TWICE_A_DAY)
    first = ids(message(filled, EVENING))
    publish(filled, TWICE_A_DAY, COPIES[0], at=EVENING + HOUR, name="宁波发布")
    assert message(filled, EVENING + DAY) is None, "it makes no message by itself"
    with filled.begin() as tx:
        [place] = desk(TWICE_A_DAY).routes(TWICE_A_DAY, EVENING + DAY).items()
        outbox.enqueue(tx, alert(7), place[1], EVENING + DAY, place[0])
    claimed = message(filled, EVENING + 2 * DAY)
    assert claimed is not None
    assert [(m.alert_id, m.title, m.outlets) for m in claimed.mentions] == [
        (first[0], "【新】产业大脑：产业大脑落户义乌", ("宁波发布",))
    ]
    with filled.begin() as tx:
        outbox.enqueue(tx, alert(8), place[1], EVENING + 2 * DAY, EVENING + 3 * DAY)
    later = message(filled, EVENING + 3 * DAY)
    assert later is not None and later.mentions == []


def test_a_repost_of_long_ago_is_no_news(filled: Corpus) -> None:
    publish(filled, TWICE_A_DAY)
    message(filled, EVENING)
    publish(filled, TWICE_A_DAY, COPIES[0], at=EVENING + HOUR)
    late = EVENING + HOUR + reposts.STALE
    with filled.begin() as tx:
        outbox.enqueue(tx, alert(7), (Destination(channel="mail", recipient="desk@example.org"),), late, late)
    claimed = message(filled, late)
    assert claimed is not None and claimed.mentions == []


def test_a_digest_that_is_tried_again_mentions_the_same(filled: Corpus) -> None:
    publish(filled, TWICE_A_DAY)
    publish(filled, TWICE_A_DAY, COPIES[0], name="宁波发布")
    with filled.begin() as tx:
        first = claiming.take(tx, EVENING, LEASE, channel="mail")
        assert first is not None
        outbox.mark_retry(tx, first.deliveries, EVENING + HOUR, "451")
    publish(filled, TWICE_A_DAY, COPIES[1], at=EVENING + timedelta(minutes=1), name="浙江在线")
    again = message(filled, EVENING + HOUR)
    assert again is not None and again.mentions == first.mentions


def test_where_a_watch_speaks_at_once_a_repost_waits_for_no_digest(filled: Corpus) -> None:
    """It is mentioned where the alert itself leaves in a storm; once the alert is gone, it says nothing."""
    asked = watch()
    publish(filled, asked)
    publish(filled, asked, COPIES[0], name="宁波发布")
    with filled.begin() as tx:
        outbox.enqueue(tx, alert(7), desk().destinations["mail"], NOW)
    storm = message(filled, NOW, storm=1)
    assert storm is not None and [m.outlets for m in storm.mentions] == [("宁波发布",)]
    publish(filled, asked, COPIES[1], at=NOW + HOUR, name="浙江在线")
    with filled.begin() as tx:
        outbox.enqueue(tx, alert(8), desk().destinations["mail"], NOW, EVENING)
    digest = message(filled, EVENING)
    assert digest is not None and digest.mentions == []


def test_what_nobody_was_told_of_is_not_mentioned(corpus: Corpus) -> None:
    """The story was found in a source's first poll."""
    with corpus.begin() as tx:
        register_sources(tx, [SOURCE, OTHER], now=NOW)
        tx.execute(sa.update(tables.source).where(tables.source.c.slug == OTHER.slug).values(baseline_at=NOW - HOUR))
    publish(corpus, TWICE_A_DAY)
    publish(corpus, TWICE_A_DAY, COPIES[0])
    with corpus.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(tables.repost)).scalar() == 0


def test_a_watch_that_wants_every_copy_has_alerts_and_no_mentions(filled: Corpus) -> None:
    asked = watch(deliver='digest "17:30"', reposts=True)
    publish(filled, asked)
    publish(filled, asked, COPIES[0])
    claimed = message(filled, EVENING)
    assert claimed is not None and (len(claimed.deliveries), claimed.mentions) == (2, [])


# -- rates


def test_a_channel_knows_when_it_spoke_before_a_restart(corpus: Corpus) -> None:
    put(corpus, count=3)
    for minute in range(3):
        with corpus.begin() as tx:
            claiming.take(tx, NOW + timedelta(minutes=minute), LEASE, channel=MAIL.channel, paced=True)
    now = NOW + timedelta(minutes=1, seconds=30)  # the clock was set back
    with corpus.read() as connection:
        assert claiming.spoken(connection, MAIL.channel, now) == [NOW, NOW + timedelta(minutes=1), now]
        assert claiming.spoken(connection, "nobody", now) == []


def test_of_times_a_channel_keeps_as_many_as_a_rate_can_count(corpus: Corpus) -> None:
    put(corpus, count=claiming.REMEMBERED + 5)
    for second in range(claiming.REMEMBERED + 5):
        message_at = NOW + timedelta(seconds=second)
        with corpus.begin() as tx:
            claimed = claiming.take(tx, message_at, LEASE, channel=MAIL.channel, paced=True)
            assert claimed is not None
            outbox.mark_sent(tx, claimed.deliveries, message_at)
    with corpus.read() as connection:
        spoken = claiming.spoken(connection, MAIL.channel, NOW + HOUR)
    assert spoken == [NOW + timedelta(seconds=second) for second in range(5, claiming.REMEMBERED + 5)]
