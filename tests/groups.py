"""A group chat with its robot, which checks what the real one checks, and a channel to it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from monitor.alerts.channels import Channel, open_channels
from monitor.demo.receivers import HookReceiver
from monitor.demo.robots import Kind, Robot
from monitor.model import AlertKind, ChannelConfig, ChannelOptions, Message, SendResult, Sent
from tests.dispatching import Clock

TOKENS = {
    Kind.DINGTALK: "0123456789abcdefcanary",
    Kind.WECOM: "01234567-canary-89ab",
    Kind.FEISHU: "89abcdef-canary-0123",
    Kind.SLACK: "T0CANARYA/B0CANARYB/canarycanarycanarycanary",
}
MESSAGE = Message(
    alert_ids=("a0123456789a",),
    kind=AlertKind.NEW,
    title="【新】产业大脑：宁波发布产业大脑建设指南",
    text="标题：宁波发布产业大脑建设指南\n网址：https://news.example.org/1?a=1&b=2\n#a0123456789a",
    message_id="<0123456789abcdef0123456789abcdef@chaoxun.invalid>",
    url="https://news.example.org/1?a=1&b=2",
)


class Group:
    """A group with its robot, the receiver that it stands behind, and a channel to it."""

    def __init__(self, robot: Robot, receiver: HookReceiver, clock: Clock) -> None:
        self.robot = robot
        self.receiver = receiver
        self.clock = clock

    def channel(self, url: str | None = None, options: ChannelOptions | None = None) -> Channel:
        schema = self.robot.kind.value
        login = f"{self.robot.secret}@" if self.robot.secret else ""
        config = ChannelConfig(
            name="desk",
            url=url or f"{schema}://{login}{self.robot.token}",
            options=options or ChannelOptions(),
            where="channels.yaml:3",
        )
        address = self.receiver.address + ("/services" if self.robot.kind is Kind.SLACK else "")
        return open_channels({"desk": config}, endpoints={schema: address}, now=self.clock.now)["desk"]

    def say(self, message: Message = MESSAGE, url: str | None = None) -> SendResult:
        channel = self.channel(url)
        results = [asyncio.run(channel.send(part, "")) for part in channel.parts(message)]
        return next((result for result in results if result != Sent()), Sent())


Found = Callable[..., Group]


@pytest.fixture
def found() -> Iterator[Found]:
    """Makes a group with a robot of this kind."""
    with ExitStack() as stack:

        def make(kind: Kind, **checks: object) -> Group:
            clock = Clock()
            robot = Robot(kind=kind, token=TOKENS[kind], now=clock.now, **checks)  # type: ignore[arg-type]  # its own
            return Group(robot, stack.enter_context(HookReceiver(answer=robot.answer)), clock)

        yield make
