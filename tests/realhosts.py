"""A process that speaks to the services under their own names, with the product as it is; run by test_real_hosts.

Its resolver is ours (`resolved`), or the whole network is (`namespaced`): a hosts file and servers on port 443. It
reads its task as JSON on stdin and writes what became of each message as JSON.
"""

import asyncio
import json
import socket
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from monitor.alerts.channels import open_channels
from monitor.alerts.compose import channel_test
from monitor.demo.receivers import HookReceiver
from monitor.demo.robots import Kind, Robot
from monitor.model import ChannelConfig, Sent
from tests.certificates import server_context

#: The services' own names, and where the namespace's hosts file puts them.
HOSTS = {
    Kind.DINGTALK: "oapi.dingtalk.com",
    Kind.WECOM: "qyapi.weixin.qq.com",
    Kind.FEISHU: "open.feishu.cn",
    Kind.SLACK: "hooks.slack.com",
}
ADDRESSES = {kind: f"127.0.44.{number}" for number, kind in enumerate(HOSTS, start=1)}
TOKENS = {
    Kind.DINGTALK: "0123456789abcdef",
    Kind.WECOM: "01234567-89ab-cdef",
    Kind.FEISHU: "89abcdef-0123",
    Kind.SLACK: "T0123ABCD/B0123ABCD/0123456789abcdef01234567",
}
SECRET = "SEC0123456789"
URLS = {
    kind: f"{kind.value}://{f'{SECRET}@' if kind in {Kind.DINGTALK, Kind.FEISHU} else ''}{token}"
    for kind, token in TOKENS.items()
}


def robot(kind: Kind) -> Robot:
    """The service of this kind, on this machine's clock, with a signature where it has one."""
    return Robot(kind=kind, token=TOKENS[kind], secret=SECRET if kind in {Kind.DINGTALK, Kind.FEISHU} else None)


def resolved(task: dict[str, Any]) -> list[dict[str, str]]:
    """Say a test message in each channel, once per phase; a phase names the ports of the hosts that it knows."""
    known: dict[str, int] = {}
    resolve = socket.getaddrinfo

    def ours(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        assert port == 443, port
        return resolve("127.0.0.1", known[name], *more, **options)

    socket.getaddrinfo = ours
    told = []
    for phase in task["phases"]:
        known.clear()
        known.update(phase)
        told.append(_say_all())
    return told


def namespaced(task: dict[str, Any]) -> list[dict[str, str]]:
    """The same where the hosts file leads to servers of our own, which stand on port 443 in this very process."""
    with ExitStack() as stack:
        for kind, address in ADDRESSES.items():
            tls = server_context(Path(task["certificate"]))
            stack.enter_context(HookReceiver(host=address, port=443, tls=tls, answer=robot(kind).answer))
        return [_say_all()]


def _say_all() -> dict[str, str]:
    configs = {
        kind.value: ChannelConfig(name=kind.value, url=url, where="channels.yaml:1") for kind, url in URLS.items()
    }
    told = {}
    for name, channel in open_channels(configs).items():
        result = asyncio.run(channel.send(channel_test(name, "", at=robot(Kind.SLACK).now()), ""))
        told[name] = "sent" if isinstance(result, Sent) else f"{type(result).__name__}: {result.why}"
    return told


if __name__ == "__main__":
    print(json.dumps({"resolved": resolved, "namespaced": namespaced}[sys.argv[1]](json.load(sys.stdin))))  # noqa: T201
