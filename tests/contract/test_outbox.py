"""The outbox on both databases: nothing is lost or claimed twice, and a person can see and restart all of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest

from monitor.corpus import Corpus, claiming, outbox, undelivered
from monitor.model import (
    Alert,
    AlertKind,
    Delivery,
    DeliveryState,
    Destination,
    OnUnknown,
    Severity,
)

NOW = datetime(2026, 11, 20, 2, 0, 0, 123456, tzinfo=UTC)
LEASE = timedelta(minutes=2)
SOON = NOW + timedelta(minutes=1)
MAIL = Destination(channel="desk-mail", recipient="desk@example.org")
OTHER = Destination(channel="desk-mail", recipient="other@example.org")
SLACK = Destination(channel="desk-slack")


def alert(number: int = 1, **fields: object) -> Alert:
    known: dict[str, object] = {
        "id": f"a{number:011x}",
        "kind": AlertKind.NEW,
        "title": f"【新】产业大脑：第 {number} 条",
        "text": f"标题：第 {number} 条\n#a{number:011x}",
        "created_at": NOW,
        "watch": "产业大脑",
        "source": "yiwu-news",
        "url": f"https://news.example.org/{number}",
        "severity": Severity.INFO,
    }
    return Alert(**{**known, **fields})  # type: ignore[arg-type]  # a table of its fields


def put(corpus: Corpus, *destinations: Destination, count: int = 1, not_before: datetime | None = None) -> None:
    with corpus.begin() as tx:
        for number in range(1, count + 1):
            outbox.enqueue(tx, alert(number), destinations or (MAIL,), NOW, not_before)


def take(corpus: Corpus, now: datetime = NOW, **options: object) -> list[Delivery]:
    with corpus.begin() as tx:
        return claiming.claim(tx, now, LEASE, **options)  # type: ignore[arg-type]  # claim's own keywords


def rows(corpus: Corpus, state: DeliveryState | None = None) -> list[outbox.DeliveryRow]:
    with corpus.read() as connection:
        return outbox.list_deliveries(connection, state)


def ids(deliveries: Sequence[Delivery]) -> list[str]:
    return [delivery.alert.id for delivery in deliveries]


def test_an_alert_waits_once_per_destination_however_often_it_is_enqueued(corpus: Corpus) -> None:
    for _ in range(3):
        put(corpus, MAIL, SLACK)
    put(corpus, MAIL, OTHER, SLACK)
    assert [(row.channel, row.recipient) for row in reversed(rows(corpus))] == [
        ("desk-mail", "desk@example.org"),
        ("desk-slack", ""),
        ("desk-mail", "other@example.org"),
    ]


def test_enqueue_says_how_many_are_new(corpus: Corpus) -> None:
    with corpus.begin() as tx:
        assert outbox.enqueue(tx, alert(), (MAIL, SLACK), NOW) == 2
        assert outbox.enqueue(tx, alert(), (MAIL, OTHER), NOW) == 1
        assert outbox.enqueue(tx, alert(2), (), NOW) == 0


def test_what_is_rolled_back_was_never_in_the_outbox(corpus: Corpus) -> None:
    with pytest.raises(RuntimeError), corpus.begin() as tx:
        outbox.enqueue(tx, alert(), (MAIL,), NOW)
        raise RuntimeError("the article's transaction fails")
    assert rows(corpus) == []


def test_a_claimed_delivery_is_given_whole(corpus: Corpus) -> None:
    put(corpus)
    [delivery] = take(corpus)
    assert delivery.alert == alert()
    assert (delivery.channel, delivery.recipient) == (MAIL.channel, MAIL.recipient)
    assert delivery.state is DeliveryState.SENDING
    assert delivery.attempts == 1
    assert delivery.lease_until == NOW + LEASE
    assert delivery.created_at == NOW


def test_each_claim_gives_another_message_and_the_oldest_first(corpus: Corpus) -> None:
    put(corpus, count=3)
    claimed = [ids(take(corpus)) for _ in range(4)]
    assert claimed == [[alert(1).id], [alert(2).id], [alert(3).id], []]


def test_a_channel_claims_only_its_own(corpus: Corpus) -> None:
    put(corpus, MAIL, SLACK)
    assert [delivery.channel for delivery in take(corpus, channel="desk-slack")] == ["desk-slack"]
    assert take(corpus, channel="desk-slack") == []


def test_a_sent_delivery_is_over(corpus: Corpus) -> None:
    put(corpus)
    with corpus.begin() as tx:
        outbox.mark_sent(tx, claiming.claim(tx, NOW, LEASE), SOON)
    [row] = rows(corpus)
    assert (row.state, row.sent_at, row.next_try_at, row.error) == (DeliveryState.SENT, SOON, None, None)
    assert take(corpus, NOW + timedelta(days=30)) == []


def test_a_retry_is_due_when_it_says(corpus: Corpus) -> None:
    put(corpus)
    deliveries = take(corpus)
    with corpus.begin() as tx:
        outbox.mark_retry(tx, deliveries, SOON, "451 try later")
    [row] = rows(corpus)
    assert (row.state, row.next_try_at, row.error) == (DeliveryState.RETRYING, SOON, "451 try later")
    assert take(corpus, SOON - timedelta(microseconds=1)) == []
    [again] = take(corpus, SOON)
    assert again.attempts == 2


@pytest.mark.parametrize("mark", [outbox.mark_dead, outbox.mark_held])
def test_what_is_dead_or_held_waits_for_a_person(corpus: Corpus, mark: object) -> None:
    put(corpus)
    deliveries = take(corpus)
    with corpus.begin() as tx:
        mark(tx, deliveries, "550 no such user")  # type: ignore[operator]  # one of the two above
    assert take(corpus, NOW + timedelta(days=30)) == []
    with corpus.begin() as tx:
        assert outbox.retry(tx, alert().id, SOON) == 1
    assert ids(take(corpus, SOON)) == [alert().id]


def test_a_message_in_flight_at_a_crash_is_sent_again_with_the_same_id(corpus: Corpus) -> None:
    put(corpus)
    take(corpus)  # and the process dies
    assert take(corpus, NOW + LEASE - timedelta(seconds=1)) == []
    [again] = take(corpus, NOW + LEASE)
    assert again.alert.id == alert().id
    assert again.attempts == 2


def test_a_message_in_flight_at_a_crash_is_held_where_the_channel_wants_that(corpus: Corpus) -> None:
    put(corpus, MAIL, SLACK)
    take(corpus, channel=MAIL.channel)
    take(corpus, channel=SLACK.channel)
    assert take(corpus, NOW + LEASE, channel=MAIL.channel, on_unknown=OnUnknown.HOLD) == []
    [held] = rows(corpus, DeliveryState.HELD)
    assert held.channel == MAIL.channel
    assert "may have arrived" in (held.error or "")
    assert len(take(corpus, NOW + LEASE, channel=SLACK.channel)) == 1


def test_a_daemon_that_is_alone_need_not_wait_for_a_dead_ones_lease(corpus: Corpus) -> None:
    put(corpus, count=2)
    take(corpus)
    with corpus.begin() as tx:
        assert outbox.release_leases(tx, SOON) == 1
    assert sorted(ids(take(corpus, SOON)) + ids(take(corpus, SOON))) == [alert(1).id, alert(2).id]


def test_a_late_word_does_not_touch_what_another_dispatcher_has_taken_over(corpus: Corpus) -> None:
    put(corpus)
    slow = take(corpus)
    [taken_over] = take(corpus, NOW + LEASE)
    with corpus.begin() as tx:
        outbox.mark_dead(tx, slow, "late")
        outbox.mark_retry(tx, slow, SOON, "late")
    [row] = rows(corpus)
    assert (row.state, row.attempts, row.error) == (DeliveryState.SENDING, taken_over.attempts, None)


def test_what_has_arrived_has_arrived_also_after_the_lease(corpus: Corpus) -> None:
    put(corpus)
    slow = take(corpus)
    take(corpus, NOW + LEASE)
    with corpus.begin() as tx:
        outbox.mark_sent(tx, slow, SOON)
    assert [row.state for row in rows(corpus)] == [DeliveryState.SENT]


def test_a_clock_that_was_a_year_ahead_delays_nothing(corpus: Corpus) -> None:
    wrong = NOW + timedelta(days=365)
    put(corpus, count=2)
    deliveries = take(corpus, wrong)
    with corpus.begin() as tx:
        outbox.mark_retry(tx, deliveries, wrong, "451")
    take(corpus, wrong)
    assert len(take(corpus)) == 1
    assert len(take(corpus)) == 1


def test_a_digest_leaves_as_one_message_when_its_time_comes(corpus: Corpus) -> None:
    put(corpus, MAIL, SLACK, count=3, not_before=SOON)
    assert take(corpus) == []
    assert ids(take(corpus, SOON, channel=MAIL.channel)) == [alert(n).id for n in (1, 2, 3)]
    assert ids(take(corpus, SOON, channel=SLACK.channel)) == [alert(n).id for n in (1, 2, 3)]
    assert take(corpus, SOON) == []
    assert {row.alerts for row in rows(corpus)} == {tuple(alert(n).id for n in (1, 2, 3))}


def test_recipients_have_digests_of_their_own(corpus: Corpus) -> None:
    put(corpus, MAIL, OTHER, count=2, not_before=SOON)
    digests = [take(corpus, SOON), take(corpus, SOON)]
    assert [{delivery.recipient for delivery in digest} for digest in digests] == [
        {MAIL.recipient},
        {OTHER.recipient},
    ]


def test_a_digest_that_is_tried_again_has_the_same_members(corpus: Corpus) -> None:
    put(corpus, count=2, not_before=SOON)
    first = take(corpus, SOON)
    with corpus.begin() as tx:
        outbox.mark_retry(tx, first, SOON, "451")
        outbox.enqueue(tx, alert(3), (MAIL,), NOW, SOON)  # committed late
    claimed = [ids(take(corpus, SOON)), ids(take(corpus, SOON))]
    assert sorted(claimed) == [[alert(1).id, alert(2).id], [alert(3).id]]


def test_a_full_digest_is_several_messages_with_members_of_their_own(corpus: Corpus) -> None:
    put(corpus, count=5, not_before=SOON)
    parts = [take(corpus, SOON, limit=2) for _ in range(3)]
    assert [ids(part) for part in parts] == [[alert(1).id, alert(2).id], [alert(3).id, alert(4).id], [alert(5).id]]
    with corpus.begin() as tx:
        outbox.mark_retry(tx, parts[1], SOON, "451")
        outbox.mark_retry(tx, parts[0], SOON, "451")
    assert sorted(ids(take(corpus, SOON, limit=2)) for _ in range(2)) == [ids(parts[0]), ids(parts[1])]


@pytest.mark.parametrize(("waiting", "messages"), [(3, 3), (4, 1)])
def test_a_storm_becomes_a_digest(corpus: Corpus, waiting: int, messages: int) -> None:
    put(corpus, count=waiting)
    claimed = []
    while deliveries := take(corpus, storm=3):
        claimed.append(ids(deliveries))
    assert len(claimed) == messages
    assert sorted(chain.from_iterable(claimed)) == [alert(n).id for n in range(1, waiting + 1)]


def test_what_is_postponed_counts_no_attempt(corpus: Corpus) -> None:
    put(corpus)
    with corpus.begin() as tx:
        outbox.postpone(tx, MAIL.channel, NOW, SOON)
    [row] = rows(corpus)
    assert (row.state, row.attempts, row.next_try_at) == (DeliveryState.PENDING, 0, SOON)


def test_next_due_is_the_earliest_of_waits_and_leases(corpus: Corpus) -> None:
    with corpus.read() as connection:
        assert outbox.next_due(connection) is None
    put(corpus, MAIL, SLACK, not_before=NOW + timedelta(hours=1))
    with corpus.begin() as tx:
        outbox.enqueue(tx, alert(2), (SLACK,), NOW)
        claiming.claim(tx, NOW, LEASE, channel=SLACK.channel)
    with corpus.read() as connection:
        assert outbox.next_due(connection) == NOW + LEASE
        assert outbox.next_due(connection, MAIL.channel) == NOW + timedelta(hours=1)
        assert outbox.next_due(connection, "nobody") is None


def test_a_person_may_name_an_alert_or_one_delivery(corpus: Corpus) -> None:
    put(corpus, MAIL, SLACK, OTHER, not_before=NOW + timedelta(hours=1))
    named = rows(corpus)[0].delivery
    with corpus.begin() as tx:
        assert outbox.retry(tx, str(named), NOW) == 1
    assert [delivery.id for delivery in take(corpus)] == [named]
    with corpus.begin() as tx:
        assert outbox.retry(tx, alert().id, NOW) == 2  # the third is on its way
        assert outbox.retry(tx, "a0000000dead", NOW) == 0
        assert outbox.retry(tx, "999999999999999999999999", NOW) == 0


def test_what_has_arrived_is_not_sent_again_on_demand(corpus: Corpus) -> None:
    put(corpus)
    with corpus.begin() as tx:
        outbox.mark_sent(tx, claiming.claim(tx, NOW, LEASE), NOW)
        assert outbox.retry(tx, alert().id, NOW) == 0


def test_all_dead_ones_can_be_restarted_with_all_their_tries(corpus: Corpus) -> None:
    put(corpus, count=3)
    for _ in range(2):
        deliveries = take(corpus)
        with corpus.begin() as tx:
            outbox.mark_dead(tx, deliveries, "550")
    with corpus.begin() as tx:
        assert outbox.retry_dead(tx, SOON) == 2
        assert outbox.retry_dead(tx, SOON) == 0
    assert {row.attempts for row in rows(corpus)} == {0}


def test_what_waits_for_a_channel_that_is_gone_is_dead_and_says_why(corpus: Corpus) -> None:
    put(corpus, MAIL, SLACK)
    with corpus.begin() as tx:
        assert outbox.bury_orphans(tx, {MAIL.channel}) == 1
    [dead] = rows(corpus, DeliveryState.DEAD)
    assert dead.channel == SLACK.channel
    assert "channels.yaml" in (dead.error or "")


def test_counts_name_every_state(corpus: Corpus) -> None:
    put(corpus, MAIL, SLACK)
    take(corpus)
    with corpus.read() as connection:
        counts = outbox.counts(connection)
    assert counts == {
        **dict.fromkeys(DeliveryState, 0),
        DeliveryState.PENDING: 1,
        DeliveryState.SENDING: 1,
    }


def test_the_list_has_the_contracts_keys_newest_first(corpus: Corpus) -> None:
    put(corpus, MAIL, count=2)
    with corpus.begin() as tx:
        operator = alert(9, kind=AlertKind.OPERATOR, watch=None, url=None)
        outbox.enqueue(tx, operator, (SLACK,), NOW)
    newest, *older = [row.as_json() for row in rows(corpus)]
    assert newest == {
        "id": alert(9).id,
        "delivery": 3,
        "watch": None,
        "channel": "desk-slack",
        "recipient": "",
        "kind": "operator",
        "article_id": None,
        "url": None,
        "title": alert(9).title,
        "state": "pending",
        "attempts": 0,
        "created_at": "2026-11-20T10:00:00+08:00",
        "sent_at": None,
        "next_try_at": "2026-11-20T10:00:00+08:00",
        "error": None,
        "alerts": [alert(9).id],
        "digest": None,
    }
    assert [row["id"] for row in older] == [alert(2).id, alert(1).id]
    with corpus.read() as connection:
        assert len(outbox.list_deliveries(connection, limit=1)) == 1
        assert outbox.list_deliveries(connection, DeliveryState.SENT) == []


def test_the_parts_that_arrived_are_remembered_over_retries_and_crashes(corpus: Corpus) -> None:
    put(corpus, MAIL, count=2)
    [first] = take(corpus)
    with corpus.begin() as tx:
        outbox.mark_part(tx, [first], "one", NOW)
    assert [row.state for row in rows(corpus)][-1] is DeliveryState.PENDING
    [again] = take(corpus)
    assert (again.id, again.taken, again.attempts) == (first.id, frozenset({"one"}), 1), "what was begun goes first"
    with corpus.begin() as tx:
        outbox.mark_part(tx, [again], "two", NOW)
    [third] = take(corpus)
    with corpus.begin() as tx:
        outbox.mark_retry(tx, [third], SOON, "busy")
    [later] = take(corpus, SOON)
    assert (later.id, later.taken, later.attempts) == (first.id, frozenset({"one", "two"}), 2)
    with corpus.begin() as tx:
        outbox.mark_dead(tx, [later], "refused")
        outbox.retry_dead(tx, SOON)
    [restarted] = take(corpus, SOON)
    assert (restarted.id, restarted.taken) == (first.id, frozenset({"one", "two"}))
    [crashed] = take(corpus, SOON + LEASE)
    assert (crashed.id, crashed.taken) == (first.id, frozenset({"one", "two"}))
    with corpus.begin() as tx:
        outbox.mark_sent(tx, [crashed], SOON)
    assert ids(take(corpus, SOON + LEASE)) == [alert(2).id]


def test_a_part_that_arrived_after_the_lease_has_arrived(corpus: Corpus) -> None:
    put(corpus)
    [slow] = take(corpus)
    [other] = take(corpus, NOW + LEASE)
    with corpus.begin() as tx:
        outbox.mark_part(tx, [slow], "one", NOW + LEASE)
    [row] = rows(corpus)
    assert row.state is DeliveryState.SENDING, "the row is the other dispatcher's"
    with corpus.begin() as tx:
        outbox.mark_retry(tx, [other], SOON, "busy")
    assert take(corpus, NOW + LEASE)[0].taken == frozenset({"one"})


def test_a_late_alert_changes_no_digest_of_which_parts_have_arrived(corpus: Corpus) -> None:
    put(corpus, count=3, not_before=SOON)
    begun = take(corpus, SOON)
    with corpus.begin() as tx:
        outbox.mark_part(tx, begun, "one", SOON)
        outbox.enqueue(tx, alert(4), (MAIL,), NOW, SOON)
    assert ids(take(corpus, SOON)) == ids(begun)
    assert ids(take(corpus, SOON)) == [alert(4).id]


def test_a_storm_leaves_alone_what_was_begun(corpus: Corpus) -> None:
    put(corpus, count=9)
    [begun] = take(corpus)
    with corpus.begin() as tx:
        outbox.mark_part(tx, [begun], "one", NOW)
    assert ids(take(corpus, storm=3)) == ids([begun])
    assert len(take(corpus, storm=3)) == 8


def test_the_backlog_of_each_channel_counts_what_is_not_delivered(corpus: Corpus) -> None:
    with corpus.read() as connection:
        assert undelivered.backlog(connection, NOW) == []
    put(corpus, MAIL, SLACK, count=3)
    with corpus.begin() as tx:
        outbox.enqueue(tx, alert(4), (MAIL,), NOW, NOW + timedelta(hours=1))
        outbox.mark_dead(tx, claiming.claim(tx, NOW, LEASE, channel=SLACK.channel), "404")
        outbox.mark_held(tx, claiming.claim(tx, NOW, LEASE, channel=SLACK.channel), "no answer")
        outbox.mark_sent(tx, claiming.claim(tx, NOW, LEASE, channel=MAIL.channel), NOW)
        claiming.claim(tx, NOW, LEASE, channel=MAIL.channel)
    later = NOW + timedelta(minutes=5)
    with corpus.read() as connection:
        mail, slack = found = undelivered.backlog(connection, later)
    assert mail == undelivered.Backlog(channel="desk-mail", waiting=2, oldest=NOW, later=1)
    assert slack == undelivered.Backlog(channel="desk-slack", waiting=1, oldest=NOW, held=1, dead=1)
    assert mail.in_words(later) == "2 waiting since 5 min, 1 for a digest"
    assert undelivered.in_words(found, NOW + timedelta(days=3)) == (
        "3 waiting since 3 days, 1 for a digest, 1 held, 1 dead (desk-slack)"
    )
    assert undelivered.in_words([], later) == ""


def test_the_list_is_paged_by_the_last_delivery_of_the_page_before(corpus: Corpus) -> None:
    """What comes in between moves no page."""
    put(corpus, MAIL, SLACK, count=5)
    pages: list[list[int]] = []
    before = None
    while True:
        with corpus.read() as connection:
            page = outbox.list_deliveries(connection, limit=2, channel=SLACK.channel, before=before)
        if not page:
            break
        pages.append([row.delivery for row in page])
        before = page[-1].delivery
        with corpus.begin() as tx:
            outbox.enqueue(tx, alert(100 + before), (SLACK,), NOW)
    assert [len(page) for page in pages] == [2, 2, 1]
    seen = [number for page in pages for number in page]
    assert seen == sorted(set(seen), reverse=True)
    with corpus.read() as connection:
        assert {row.channel for row in outbox.list_deliveries(connection, channel=SLACK.channel)} == {"desk-slack"}
        assert outbox.list_deliveries(connection, since=SOON) == []
        assert len(outbox.list_deliveries(connection, since=NOW)) == 13


def test_what_is_pruned_is_never_said_again(corpus: Corpus) -> None:
    """Its words go, its ids stay; what is dead or waits keeps its words."""
    put(corpus, MAIL, SLACK, count=3)
    with corpus.begin() as tx:
        for channel in (MAIL.channel, SLACK.channel):
            outbox.mark_sent(tx, claiming.claim(tx, NOW, LEASE, channel=channel), NOW)
        outbox.mark_sent(tx, claiming.claim(tx, NOW, LEASE, channel=MAIL.channel), NOW)
        outbox.mark_dead(tx, claiming.claim(tx, NOW, LEASE, channel=SLACK.channel), "404")
        assert outbox.prune(tx, NOW) == 0
        assert outbox.prune(tx, SOON) == 1
        assert outbox.prune(tx, SOON) == 0
    put(corpus, MAIL, SLACK, count=3)
    assert len(rows(corpus)) == 6
    with corpus.begin() as tx:
        outbox.retry_dead(tx, SOON)
    texts = [delivery.alert.text for _ in range(3) for delivery in take(corpus, SOON)]
    assert sorted(texts) == [alert(2).text, alert(3).text, alert(3).text]
