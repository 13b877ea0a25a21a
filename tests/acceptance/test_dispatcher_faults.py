"""What may befall the dispatcher: it is stopped, a channel has a fault, the disk is full, a channel is taken away."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest
from structlog.testing import capture_logs

from monitor.corpus import Corpus, CorpusError, CorpusTrouble, claiming, outbox
from monitor.corpus.writer import Writer
from monitor.demo.receivers import HookReceiver, MailReceiver, Mishap
from monitor.model import ChannelOptions, DeliveryState, Message, SendResult
from tests.dispatching import Desk, alert, arrived, channels, drain, play, running

pytestmark = pytest.mark.usefixtures("plain_logs")


def test_what_is_in_flight_at_a_stop_is_finished(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url()))
    mail.script(Mishap.HOLD)
    desk.put(1, 2)

    async def scene(desk: Desk) -> None:
        task = asyncio.create_task(desk.dispatcher.run())
        await arrived(mail, 1)
        stopping = asyncio.create_task(desk.dispatcher.stop())
        await asyncio.sleep(0)
        mail.release()
        await stopping
        await task

    play(scene, desk)
    assert desk.states() == {"sent": 1, "pending": 1}


def test_a_stop_does_not_wait_for_a_receiver_that_hangs(corpus: Corpus, mail: MailReceiver) -> None:
    desk = Desk(corpus, channels(mail=mail.url()))
    mail.script(Mishap.HOLD)
    desk.put(1)

    async def scene(desk: Desk) -> None:
        task = asyncio.create_task(desk.dispatcher.run())
        await arrived(mail, 1)
        await asyncio.wait_for(desk.dispatcher.stop(), 20)
        await asyncio.wait_for(task, 20)

    play(scene, desk)
    [row] = desk.rows()
    assert row.state is DeliveryState.RETRYING
    assert "may have arrived" in (row.error or "")


class Broken:
    """A channel with a fault of its own."""

    name = "broken"
    recipients = ("",)
    options = ChannelOptions()

    def __init__(self, url: str) -> None:
        self.url = url

    def parts(self, message: Message) -> tuple[Message, ...]:
        return (message,)

    async def send(self, message: Message, recipient: str) -> SendResult:
        raise RuntimeError(self.url)

    def close(self) -> None:
        """Nothing."""


def test_a_fault_in_a_channel_stops_neither_it_nor_the_others_and_tells_no_secret(
    corpus: Corpus, mail: MailReceiver
) -> None:
    desk = Desk(corpus, {"broken": Broken("https://hooks.example.org/canary"), **channels(mail=mail.url())})
    desk.put(1, 2)
    with capture_logs() as logs:
        drain(desk)
    assert desk.states() == {"retrying": 2, "sent": 2}
    assert all("RuntimeError" in (row.error or "") for row in desk.rows(DeliveryState.RETRYING))
    faults = [entry for entry in logs if entry["event"] == "delivery failed"]
    assert len(faults) == 2
    assert Path(__file__).name in faults[0]["at"]
    assert "canary" not in repr(logs) + repr(desk.rows())


class FullDisk:
    """A writer on which the first calls of one function fail, as on a full disk.

    `wake` spares the test the dispatcher's rest after each.
    """

    def __init__(self, function: Callable[..., Any], failures: int) -> None:
        self._function = function
        self._failures = failures
        self.writer: Writer
        self.wake: Callable[[], None]

    def over(self, writer: Writer) -> Self:
        self.writer = writer
        return self

    async def transaction(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if function is self._function and self._failures:
            self._failures -= 1
            self.wake()
            raise CorpusError("the disk is full; free some space", trouble=CorpusTrouble.FULL)
        return await self.writer.transaction(function, *args, **kwargs)


def test_a_full_disk_after_a_send_does_not_double_it(corpus: Corpus, mail: MailReceiver) -> None:
    disk = FullDisk(outbox.mark_sent, failures=3)
    desk = Desk(corpus, channels(mail=mail.url()), transactions=disk.over)
    disk.wake = desk.dispatcher.wake
    desk.put(1)
    drain(desk)
    assert desk.states() == {"sent": 1}
    assert len(mail.accepted.all()) == 1


@pytest.mark.parametrize("function", [claiming.take, outbox.release_leases, outbox.bury_orphans])
def test_a_database_in_trouble_delays_delivery_and_ends_nothing(
    corpus: Corpus, mail: MailReceiver, function: Callable[..., Any]
) -> None:
    disk = FullDisk(function, failures=1)
    desk = Desk(corpus, channels(mail=mail.url()), transactions=disk.over, alone=True)
    disk.wake = desk.dispatcher.wake
    desk.put(1)

    async def scene(desk: Desk) -> None:
        async with running(desk):
            await arrived(mail, 1)

    play(scene, desk)
    assert desk.states() == {"sent": 1}


def test_what_waits_for_a_removed_channel_is_dead_and_a_new_one_is_served(
    corpus: Corpus, mail: MailReceiver, hook: HookReceiver
) -> None:
    desk = Desk(corpus, channels(former=hook.url()))
    desk.put(1)

    async def scene(desk: Desk) -> None:
        hook.script(Mishap.HOLD)
        async with running(desk):
            await arrived(hook, 1)
            desk.put(2)
            desk.channels = channels(mail=mail.url())
            desk.dispatcher.use(desk.channels)
            hook.release()
            desk.put(3)
            desk.dispatcher.wake()
            await arrived(mail, 1)

    play(scene, desk)
    by_state = {row.id: (row.channel, row.state) for row in desk.rows()}
    assert by_state[alert(2).id] == ("former", DeliveryState.DEAD)
    assert by_state[alert(3).id] == ("mail", DeliveryState.SENT)
    assert len(hook.posted.all()) == 1
