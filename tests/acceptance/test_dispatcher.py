"""The dispatcher on a real corpus and real receivers: at least once, no needless repeat, each channel for itself."""

import asyncio
import time
from collections import Counter
from datetime import timedelta

import pytest

from monitor.alerts.compose import message
from monitor.alerts.lane import LEASE
from monitor.corpus import Corpus, claiming, outbox
from monitor.demo.receivers import HookReceiver, MailReceiver, Mishap, Reply
from monitor.model import ChannelOptions, DeliveryState, Message, OnUnknown, Quiet, Rejected, SendResult, Severity
from tests.dispatching import START, Desk, alert, arrived, channels, drain, play, running

SLACK = "slack://T0CANARYA/B0CANARYB/canarycanarycanarycanary"

pytestmark = pytest.mark.usefixtures("plain_logs")


def test_a_committed_alert_is_delivered_at_once_to_every_channel(
    corpus: Corpus, mail: MailReceiver, hook: HookReceiver
) -> None:
    desk = Desk(corpus, channels(hook, mail=mail.url("a@example.org", "b@example.org"), slack=SLACK, hook=hook.url()))

    async def scene(desk: Desk) -> None:
        async with running(desk):
            desk.put(1)
            desk.dispatcher.wake()
            await arrived(mail, 2)
            await arrived(hook, 2)

    play(scene, desk)
    assert desk.states() == {"sent": 4}
    assert {got.recipient for got in mail.accepted.all()} == {"a@example.org", "b@example.org"}
    assert all(got.alert_ids == (alert(1).id,) for got in mail.accepted.all())
    assert all(row.sent_at == START and row.attempts == 1 for row in desk.rows())


def test_nothing_is_doubled_and_nothing_lost_in_normal_running(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url()))

    async def scene(desk: Desk) -> None:
        async with running(desk):
            for number in range(1, 41):
                desk.put(number)
                desk.dispatcher.wake()
            await arrived(mail, 40)

    play(scene, desk)
    assert sorted(got.alert_ids for got in mail.accepted.all()) == [(alert(n).id,) for n in range(1, 41)]
    assert desk.states() == {"sent": 40}


def test_a_crash_between_send_and_mark_repeats_that_message_with_the_same_id(
    corpus: Corpus, mail: MailReceiver
) -> None:
    opened = channels(mail=mail.url())
    desk = Desk(corpus, opened, alone=True)
    desk.put(1, 2)
    with corpus.begin() as tx:
        [claimed] = claiming.claim(tx, START, LEASE)
    sending = opened["mail"].send(message(claimed.alert, "mail", claimed.recipient), claimed.recipient)
    asyncio.run(asyncio.wait_for(sending, 30))  # and here the process dies, unmarked

    async def scene(desk: Desk) -> None:
        async with running(desk):
            await arrived(mail, 3)

    play(scene, desk)
    counted = Counter(got.message_id for got in mail.accepted.all())
    assert counted == {
        message(alert(1), "mail", "desk@example.org").message_id: 2,
        message(alert(2), "mail", "desk@example.org").message_id: 1,
    }
    assert desk.states() == {"sent": 2}


def test_a_slow_channel_delays_no_other(corpus: Corpus, mail: MailReceiver, hook: HookReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url(), hook=hook.url()))
    hook.script(Mishap.HOLD)

    async def scene(desk: Desk) -> None:
        async with running(desk):
            desk.put(*range(1, 11))
            desk.dispatcher.wake()
            await arrived(mail, 10)
            assert len(hook.posted.all()) == 1
            hook.release()
            await arrived(hook, 10)

    play(scene, desk)
    assert desk.states() == {"sent": 20}


def test_what_the_server_refuses_for_now_is_tried_again_with_the_same_id(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url()))
    mail.script("451 try later", "451 still busy")
    desk.put(1)
    drain(desk, timedelta(seconds=29), timedelta(seconds=1), timedelta(seconds=60))
    [row] = desk.rows()
    assert (row.state, row.attempts, row.error) == (DeliveryState.SENT, 3, None)
    assert [got.message_id for got in mail.accepted.all()] == [message(alert(1), "mail", "desk@example.org").message_id]


def test_one_refused_recipient_costs_the_others_nothing(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url("gone@example.org", "desk@example.org")))
    mail.refuse("gone@example.org", "550 no such user")
    desk.put(1)
    drain(desk, timedelta(days=4))
    assert desk.states() == {"dead": 1, "sent": 1}
    [dead] = desk.rows(DeliveryState.DEAD)
    assert (dead.recipient, dead.error) == ("gone@example.org", "refused: 550 no such user")
    assert [got.recipient for got in mail.accepted.all()] == ["desk@example.org"]


def test_a_person_who_has_mended_a_channel_can_send_again(corpus: Corpus, mail: MailReceiver) -> None:
    mail.refuse("desk@example.org", "550 no such user")
    desk = Desk(corpus, channels(mail=mail.url()))
    desk.put(1)

    async def scene(desk: Desk) -> None:
        await desk.dispatcher.drain()
        mail.refuse("desk@example.org", "")
        with corpus.begin() as tx:
            assert outbox.retry_dead(tx, desk.clock.now()) == 1
        await desk.dispatcher.drain()

    play(scene, desk)
    assert desk.states() == {"sent": 1}
    assert len(mail.accepted.all()) == 1


def test_a_receiver_that_is_down_for_days_gets_all_when_it_is_back_or_a_person_is_told(corpus: Corpus) -> None:
    with MailReceiver() as receiver:
        url = receiver.url()
    desk = Desk(corpus, channels(mail=url))
    desk.put(1)
    drain(desk, *[timedelta(hours=6)] * 25)
    [row] = desk.rows()
    assert row.state is DeliveryState.DEAD
    assert (row.error or "").startswith("given up: no connection to the mail server")


def test_a_receiver_that_asks_for_a_pause_gets_it_and_others_do_not(
    corpus: Corpus, mail: MailReceiver, hook: HookReceiver
) -> None:
    desk = Desk(corpus, channels(mail=mail.url(), hook=hook.url()))
    hook.script(Reply(status=429, body="slow down", headers={"Retry-After": "300"}))
    desk.put(1, 2, 3)
    drain(desk, timedelta(seconds=299))
    assert len(hook.posted.all()) == 1
    assert len(mail.accepted.all()) == 3
    [told] = desk.rows(DeliveryState.RETRYING)
    assert told.next_try_at == START + timedelta(seconds=300)

    again = Desk(corpus, channels(hook=hook.url()))
    again.clock.pass_by(timedelta(seconds=300))
    drain(again)
    assert [posted.status for posted in hook.posted.all()] == [429, 200, 200, 200]
    assert again.states() == {"sent": 6}


def test_a_missing_answer_is_a_repeat_with_the_same_id(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url()))
    mail.script(Mishap.DROP_AFTER_DATA)
    desk.put(1)
    drain(desk, timedelta(minutes=1))
    assert [got.answered for got in mail.accepted.all()] == [False, True]
    assert len({got.message_id for got in mail.accepted.all()}) == 1
    assert desk.states() == {"sent": 1}


def test_a_channel_that_wants_no_repeat_holds_what_may_have_arrived(corpus: Corpus, mail: MailReceiver) -> None:
    options = ChannelOptions(on_unknown=OnUnknown.HOLD)
    desk = Desk(corpus, channels(mail=(mail.url(), options)))
    mail.script(Mishap.DROP_AFTER_DATA)
    desk.put(1, 2)
    drain(desk, timedelta(days=2))
    assert desk.states() == {"held": 1, "sent": 1}
    assert len(mail.accepted.all()) == 2


def test_in_quiet_hours_only_what_is_critical_speaks(corpus: Corpus, mail: MailReceiver) -> None:
    quiet = ChannelOptions(quiet=Quiet(start=9 * 60, end=11 * 60))
    desk = Desk(corpus, channels(mail=(mail.url(), quiet)))
    desk.put(1, 2)
    desk.put(3, severity=Severity.CRITICAL)
    drain(desk)
    assert [got.alert_ids for got in mail.accepted.all()] == [(alert(3).id,)]
    assert {row.next_try_at for row in desk.rows(DeliveryState.PENDING)} == {START + timedelta(hours=1)}

    later = Desk(corpus, channels(mail=(mail.url(), quiet)))
    later.clock.pass_by(timedelta(hours=1))
    drain(later)
    assert later.states() == {"sent": 3}


def test_a_rate_is_kept_and_nothing_is_lost_over_it(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=(mail.url(), ChannelOptions(rate_per_minute=2))))

    async def scene(desk: Desk) -> None:
        async with running(desk):
            desk.put(1, 2, 3)
            desk.dispatcher.wake()
            await arrived(mail, 2)
            desk.clock.pass_by(timedelta(seconds=59))
            desk.dispatcher.wake()
            assert len(mail.accepted.all()) == 2
            desk.clock.pass_by(timedelta(seconds=1))
            desk.dispatcher.wake()
            await arrived(mail, 3)

    play(scene, desk)
    assert desk.states() == {"sent": 3}


def test_a_digest_is_one_message_at_its_time(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url("a@example.org", "b@example.org")))
    evening = START + timedelta(hours=7, minutes=30)
    desk.put(1, 2, 3, not_before=evening)
    drain(desk, timedelta(hours=7, minutes=29))
    assert mail.accepted.all() == []

    later = Desk(corpus, desk.channels)
    later.clock.moment = evening
    drain(later)
    assert [got.alert_ids for got in mail.accepted.all()] == [tuple(alert(n).id for n in (1, 2, 3))] * 2
    text = mail.accepted.all()[0].text
    assert [line for line in text.splitlines() if line.startswith("#")] == [f"#{alert(n).id}" for n in (1, 2, 3)]
    assert later.states() == {"sent": 6}


def test_a_storm_is_one_message(corpus: Corpus, hook: HookReceiver) -> None:
    desk = Desk(corpus, channels(hook=(hook.url(), ChannelOptions(storm=20))))
    desk.put(*range(1, 251))
    drain(desk)
    [posted] = hook.posted.all()
    lines = posted.json["message"].splitlines()
    assert [line[1:] for line in lines if line[0:1] == "#"] == [alert(n).id for n in range(250, 150, -1)]
    assert lines[:2] == [
        "合计：250 条提醒，这里列出 100 条",
        "其余：150 条见网页的“提醒”，或 chaoxun alert list --channel hook",
    ]
    assert desk.states() == {"sent": 250}
    assert sorted(row.id for row in desk.rows() if row.digest == desk.rows()[0].digest) == [
        alert(n).id for n in range(1, 251)
    ]


class Refusing:
    """A channel that refuses all, and remembers what it was asked."""

    name = "mail"
    recipients = ("",)
    options = ChannelOptions()

    def parts(self, message: Message) -> tuple[Message, ...]:
        return (message,)

    async def send(self, message: Message, recipient: str) -> SendResult:
        return Rejected(why="no")

    def close(self) -> None:
        """Nothing."""


def test_a_drain_keeps_the_rate_and_still_delivers_all(corpus: Corpus, mail: MailReceiver) -> None:
    fast = ChannelOptions(rate_per_minute=1200)
    desk = Desk(corpus, channels(mail=(mail.url(), fast)), monotonic=time.monotonic)
    desk.put(*range(1, 26))
    drain(desk)
    assert desk.states() == {"sent": 25}
    times = [got.at for got in mail.accepted.all()]
    assert all(later - earlier > 0.9 for earlier, later in zip(times, times[20:], strict=False))


def test_its_progress_moves_while_it_waits(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url()))

    async def scene(desk: Desk) -> None:
        async with running(desk):
            desk.put(1)
            desk.dispatcher.wake()
            await arrived(mail, 1)

    play(scene, desk)
    assert desk.dispatcher.progress > 0


def test_a_drain_with_nothing_to_do_returns(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, {"mail": Refusing()})
    drain(desk)
    assert desk.states() == {}
