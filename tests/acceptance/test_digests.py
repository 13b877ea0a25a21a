"""What the receivers are told: digests with reposts, late ones, dead channels; and how fast they are told it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitor.alerts.lane import LEASE
from monitor.corpus import Corpus, claiming, outbox, tables
from monitor.demo.receivers import HookReceiver, MailReceiver, Reply
from monitor.ingest import ingest, register_sources
from monitor.model import AlertKind, ChannelOptions, DeliveryState, Destination, Message, SendResult, Sent, Watch
from tests.contract.desk import OTHER, SOURCE, URL, desk, draft, visit, watch
from tests.dispatching import START, Clock, Desk, alert, channels, drain, play

HOUR = timedelta(hours=1)
EVENING = START + timedelta(hours=7, minutes=30)  # 17:30 in Beijing
EVENINGS = watch(deliver='digest "17:30"')

pytestmark = pytest.mark.usefixtures("plain_logs")


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    """Two sources that are past their baseline."""
    opened = Corpus.open(f"sqlite:///{tmp_path}/corpus.db")
    with opened.begin() as tx:
        register_sources(tx, [SOURCE, OTHER], now=START)
        tx.execute(sa.update(tables.source).values(baseline_at=START - HOUR))
    yield opened
    opened.close()


def publish(corpus: Corpus, asked: Watch, url: str = URL, *, name: str = "义乌要闻") -> None:
    made = draft(source_name=name, published_at=START)
    source = SOURCE if url == URL else OTHER
    ingest(corpus, visit(made, url=url, source=source), desk=desk(asked), now=START)


def at(scene: Desk, moment: timedelta) -> Desk:
    scene.clock.pass_by(moment)
    return scene


def dead(scene: Desk) -> list[outbox.DeliveryRow]:
    return scene.rows(DeliveryState.DEAD)


def told(scene: Desk) -> list[outbox.DeliveryRow]:
    """The operator's alerts, oldest first."""
    return [row for row in reversed(scene.rows()) if row.kind is AlertKind.OPERATOR]


# -- digests


def test_a_digest_has_one_line_on_the_reposts_of_its_story(corpus: Corpus, mail: MailReceiver) -> None:
    publish(corpus, EVENINGS)
    for port, name in enumerate(("宁波发布", "<b>浙江</b>\n在线", "甬派"), start=8001):
        publish(corpus, EVENINGS, f"https://nb.example:{port}/copy.html", name=name)
    scene = at(Desk(corpus, channels(mail=mail.url())), EVENING - START)
    drain(scene)
    [got] = mail.accepted.all()
    [row] = scene.rows()
    assert got.alert_ids == (row.id,)
    lines = got.text.strip().splitlines()
    assert lines[-2:] == ["另有 3 家转载：宁波发布、<b>浙江</b> 在线、甬派", f"#{row.id}"]
    assert str(got.parsed["Subject"]) == "【新】产业大脑：产业大脑落户义乌"


def test_a_late_repost_is_one_line_in_the_next_digest_and_never_a_message(corpus: Corpus, mail: MailReceiver) -> None:
    publish(corpus, EVENINGS)
    scene = at(Desk(corpus, channels(mail=mail.url())), EVENING - START)
    drain(scene)
    publish(corpus, EVENINGS, "https://nb.example/copy.html", name="宁波发布")
    later = at(Desk(corpus, scene.channels), EVENING - START + timedelta(days=1))
    drain(later)
    assert len(mail.accepted.all()) == 1
    next_one = Desk(corpus, scene.channels)
    next_one.put(7, 8, not_before=EVENING + timedelta(days=2))
    drain(at(next_one, EVENING - START + timedelta(days=2)))
    first, second = mail.accepted.all()
    assert second.alert_ids == (alert(7).id, alert(8).id)
    assert second.text.strip().splitlines()[-2:] == [
        "此前提醒过的报道：",
        f"  【新】产业大脑：产业大脑落户义乌（{first.alert_ids[0]}）另有 1 家转载：宁波发布",
    ]


def test_a_digest_that_was_kept_waiting_says_when_it_was_meant(corpus: Corpus, mail: MailReceiver) -> None:
    """The daemon was down over its time; a repeat after a failure is the same message."""
    first = Desk(corpus, channels(mail=mail.url()))
    first.put(1, 2, not_before=EVENING)
    mail.script("451 busy")
    drain(at(first, EVENING - START + 3 * HOUR), timedelta(minutes=1))
    [got] = mail.accepted.all()
    assert got.text.splitlines()[0] == "补发：这份汇总应在 2026-11-20 17:30 发出"
    assert got.alert_ids == (alert(1).id, alert(2).id)


def test_a_digest_of_its_time_says_nothing_of_it(corpus: Corpus, mail: MailReceiver) -> None:
    scene = Desk(corpus, channels(mail=mail.url()))
    scene.put(1, 2, not_before=EVENING)
    drain(at(scene, EVENING - START + timedelta(minutes=5)))
    assert "补发" not in mail.accepted.all()[0].text


# -- dead deliveries


def test_the_operator_hears_of_a_dead_channel_by_another_one_and_once(
    corpus: Corpus, mail: MailReceiver, hook: HookReceiver
) -> None:
    hook.script(*[Reply(status=404, body="gone")] * 3)
    mine = (Destination(channel="mail", recipient="desk@example.org"),)
    scene = Desk(corpus, channels(mail=mail.url(), hook=hook.url()), operator=mine)
    with corpus.begin() as tx:
        for number in (1, 2, 3):
            outbox.enqueue(tx, alert(number), (Destination(channel="hook"),), START)
    drain(scene, timedelta(minutes=1))
    assert [row.channel for row in dead(scene)] == ["hook"] * 3
    [row] = told(scene)
    assert (row.channel, row.state, row.watch) == ("mail", DeliveryState.SENT, None)
    [got] = mail.accepted.all()
    assert str(got.parsed["Subject"]) == "【告警】渠道 hook：提醒没有送达"
    assert "404" in got.text and alert(1).id in got.text and "alert retry --dead" in got.text
    assert got.text.strip().splitlines()[-1] == f"#{row.id}"


def test_after_the_channel_has_worked_its_next_death_is_told_again(
    corpus: Corpus, mail: MailReceiver, hook: HookReceiver
) -> None:
    mine = (Destination(channel="mail", recipient="desk@example.org"),)
    hook.script(Reply(status=404, body="gone"), Reply(status=200, body="ok"), Reply(status=404, body="gone"))
    for hour in range(3):
        scene = at(Desk(corpus, channels(mail=mail.url(), hook=hook.url()), operator=mine), hour * HOUR)
        with corpus.begin() as tx:
            outbox.enqueue(tx, alert(hour), (Destination(channel="hook"),), scene.clock.now())
        drain(scene, timedelta(minutes=1))
    assert len(told(scene)) == 2
    assert len(mail.accepted.all()) == 2


def test_where_the_operators_own_channel_is_dead_another_one_tells_of_it(
    corpus: Corpus, mail: MailReceiver, hook: HookReceiver
) -> None:
    mail.refuse("desk@example.org", "550 no such user")
    mine = (Destination(channel="mail", recipient="desk@example.org"),)
    scene = Desk(corpus, channels(mail=mail.url(), hook=hook.url()), operator=mine)
    with corpus.begin() as tx:
        outbox.enqueue(tx, alert(1), mine, START)
    drain(scene, timedelta(minutes=1))
    [row] = told(scene)
    assert (row.channel, row.state) == ("hook", DeliveryState.SENT)
    assert "550 no such user" in hook.posted.all()[0].json["message"]


def test_two_dead_channels_do_not_tell_of_each_other_for_ever(
    corpus: Corpus, mail: MailReceiver, hook: HookReceiver
) -> None:
    mail.refuse("desk@example.org", "550 no such user")
    hook.script(*[Reply(status=404, body="gone")] * 9)
    mine = (Destination(channel="mail", recipient="desk@example.org"), Destination(channel="hook"))
    scene = Desk(corpus, channels(mail=mail.url(), hook=hook.url()), operator=mine)
    scene.put(1, 2)
    drain(scene, *[timedelta(minutes=1)] * 9)
    assert scene.states() == {"dead": 6}
    assert sorted(row.channel for row in told(scene)) == ["hook", "mail"]


def test_a_receiver_may_ask_for_a_day_of_rest_and_no_more(corpus: Corpus, hook: HookReceiver) -> None:
    """It may have meant another clock. The whole channel rests for it."""
    hook.script(Reply(status=429, body="slow down", headers={"Retry-After": str(86400 * 5)}))
    scene = Desk(corpus, channels(hook=hook.url()))
    scene.put(1, 2)
    drain(scene, timedelta(hours=23))
    assert len(hook.posted.all()) == 1
    scene = at(Desk(corpus, scene.channels), timedelta(hours=25))
    drain(scene)
    assert scene.states() == {"sent": 2}


def test_a_dead_word_about_a_dead_channel_is_not_told_of(
    corpus: Corpus, mail: MailReceiver, hook: HookReceiver
) -> None:
    mail.refuse("desk@example.org", "550 no such user")
    hook.script(*[Reply(status=404, body="gone")] * 9)
    mine = (Destination(channel="mail", recipient="desk@example.org"),)
    scene = Desk(corpus, channels(mail=mail.url(), hook=hook.url()), operator=mine)
    with corpus.begin() as tx:
        outbox.enqueue(tx, alert(1), mine, START)
    drain(scene, *[timedelta(minutes=1)] * 4)
    assert [row.channel for row in dead(scene)] == ["hook", "mail"]
    assert [row.channel for row in told(scene)] == ["hook"]


# -- rates


class Robot:
    """A receiver that takes its time, and knows when it was spoken to."""

    recipients = ("",)

    def __init__(self, name: str, rate: float, clock: Clock, times: list[float], robot: str = "") -> None:
        self.name = name
        self.options = ChannelOptions(rate_per_minute=rate, robot=robot)
        self.clock = clock
        self.times = times

    def parts(self, message: Message) -> tuple[Message, ...]:
        return (message,)

    async def send(self, message: Message, recipient: str) -> SendResult:
        self.clock.pass_by(timedelta(seconds=0.3))
        self.times.append(self.clock.moment.timestamp())
        self.clock.pass_by(timedelta(seconds=0.1))
        return Sent()

    def close(self) -> None:
        pass


def most_in(window: float, times: list[float]) -> int:
    """Of what came, the most within any stretch of so many seconds."""
    return max(sum(1 for time in times if start <= time < start + window) for start in times)


def paced(corpus: Corpus, clock: Clock, robots: Mapping[str, Robot]) -> Desk:
    async def sleep(seconds: float) -> None:
        clock.pass_by(timedelta(seconds=seconds) + timedelta.resolution)  # less would be no time at all

    return Desk(corpus, robots, sleep=sleep, clock=clock, alone=True)


@pytest.mark.parametrize(("rate", "window"), [(20.0, 60.0), (60.0, 1.0)])
@pytest.mark.parametrize("end", ["reload", "removed and back", "restart", "crash"])
def test_a_rate_is_kept_over_the_end_of_a_configuration_and_of_a_process(
    corpus: Corpus, end: str, rate: float, window: float
) -> None:
    """As the receiver sees it, in any stretch of the window's length."""
    clock, times = Clock(), list[float]()
    robots = {"robot": Robot("robot", rate, clock, times)}
    scene = paced(corpus, clock, robots)
    scene.put(*range(1, 31))

    async def before(scene: Desk) -> None:
        await scene.dispatcher.drain()
        if end == "removed and back":
            scene.dispatcher.use({})
        if end in {"reload", "removed and back"}:
            scene.dispatcher.use({"robot": Robot("robot", rate, clock, times)})
            scene.put(*range(31, 61))
            await scene.dispatcher.drain()

    play(before, scene)
    if end in {"restart", "crash"}:
        scene.put(*range(31, 61))
        if end == "crash":  # it went out, and the process died
            clock.pass_by(timedelta(seconds=window))
            with corpus.begin() as tx:
                claiming.take(tx, clock.moment, LEASE, channel="robot", paced=True)
            times.append(clock.moment.timestamp())
        later = Clock()
        later.moment, later.seconds = clock.moment, 5.0  # the machine was started anew
        again = {"robot": Robot("robot", rate, later, times)}
        drain(paced(corpus, later, again))
    assert len(times) == 60
    assert most_in(window, times) <= max(1, rate * window / 60)


def test_two_channels_to_one_robot_share_its_rate(corpus: Corpus) -> None:
    clock, times = Clock(), list[float]()
    robots = {name: Robot(name, 20.0, clock, times, robot="one") for name in ("news", "policy")}
    scene = paced(corpus, clock, robots)
    scene.put(*range(1, 26))
    drain(scene)
    assert len(times) == 50
    assert most_in(60.0, times) <= 20
