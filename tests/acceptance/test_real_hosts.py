"""TLS under the services' own names: the product as it is, oapi.dingtalk.com and the others led to servers of ours."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from monitor.demo.receivers import HookReceiver
from monitor.demo.robots import Kind
from tests.certificates import Authority, make_authority
from tests.realhosts import ADDRESSES, HOSTS, SECRET, TOKENS, robot

NAMES = [kind.value for kind in HOSTS]
#: In namespaces of its own: loopback up, the hosts file replaced; nobody else on the machine sees either.
NAMESPACE = 'ip link set lo up && mount --bind "$HOSTS_FILE" /etc/hosts && exec "$@"'


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return make_authority(tmp_path)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def environment(authority: Authority, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**kept, "REQUESTS_CA_BUNDLE": str(authority.certificate), "NO_PROXY": "*", **more}


def child(*command: str, task: dict[str, Any], environ: dict[str, str]) -> Any:
    done = subprocess.run(
        command, input=json.dumps(task), capture_output=True, text=True, timeout=120, env=environ, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not any(secret in done.stderr for secret in (SECRET, *TOKENS.values()))
    return json.loads(done.stdout)


def servers(stack: ExitStack, authority: Authority, *names: str, expired: bool = False) -> dict[str, HookReceiver]:
    """One server per service, all with a certificate for these names."""
    tls = authority.server(*names, expired=expired)
    return {host: stack.enter_context(HookReceiver(tls=tls, answer=robot(kind).answer)) for kind, host in HOSTS.items()}


def test_the_services_are_spoken_to_under_their_own_names(
    authority: Authority, stack: ExitStack, tmp_path: Path
) -> None:
    """Good certificates are taken; another's, an expired one and a stranger's are not, nor is anything sent there."""
    (tmp_path / "stranger").mkdir()
    stranger = make_authority(tmp_path / "stranger")
    good = servers(stack, authority, *HOSTS.values())
    bad = {
        "certificate is not valid for": servers(stack, authority, "evil.example.org"),
        "certificate has expired": servers(stack, authority, *HOSTS.values(), expired=True),
        "certificate signature failure": servers(stack, stranger, *HOSTS.values()),
    }
    with HookReceiver() as ended:
        closed = ended.port
    phases = [
        *({host: server.port for host, server in group.items()} for group in (good, *bad.values())),
        {},
        dict.fromkeys(HOSTS.values(), closed),
    ]
    said, *refused, nameless, down = child(
        sys.executable, "-m", "tests.realhosts", "resolved", task={"phases": phases}, environ=environment(authority)
    )

    assert said == dict.fromkeys(NAMES, "sent")
    for kind, host in HOSTS.items():
        assert [posted.headers["Host"] for posted in good[host].posted.all()] == [host], kind
    for (why, group), told in zip(bad.items(), refused, strict=True):
        assert list(told) == NAMES
        for name in NAMES:
            assert told[name].startswith("Retryable: TLS failed")
            assert why in told[name]
        assert [server.posted.all() for server in group.values()] == [[]] * len(group)
    for told in (nameless, down):
        for name in NAMES:
            assert told[name] == "Retryable: the server could not be reached: connection refused or name unknown"


def test_the_same_in_a_network_of_its_own(authority: Authority, tmp_path: Path) -> None:
    """Real resolver, real port 443: nothing of Python's is replaced."""
    unshare = ["unshare", "-r", "-m", "-n"]
    possible = shutil.which("unshare") and shutil.which("ip") and shutil.which("mount")
    if not possible or subprocess.run([*unshare, "ip", "link"], capture_output=True, check=False).returncode != 0:
        pytest.skip("the services' names in a network namespace: unshare -r -m -n is refused here, or ip is missing")
    hosts = tmp_path / "hosts"
    hosts.write_text("".join(f"{ADDRESSES[kind]} {host}\n" for kind, host in HOSTS.items()))
    authority.server(*HOSTS.values())
    [said] = child(
        *unshare,
        "sh",
        "-c",
        NAMESPACE,
        "sh",
        sys.executable,
        "-m",
        "tests.realhosts",
        "namespaced",
        task={"certificate": str(authority.file_of(HOSTS[Kind.DINGTALK]))},
        environ=environment(authority, HOSTS_FILE=str(hosts)),
    )
    assert said == dict.fromkeys(NAMES, "sent")
