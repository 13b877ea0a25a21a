"""A hub on loopback for the tests that ask through it, and how its answers are taken apart."""

import asyncio
import contextlib
import ipaddress
import itertools
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crawler.hub import Hub
from crawler.records import Answer, Capture, CrawlPolicy, Fetch, Source, Trouble, Unreachable
from tests.loop import HubLoop
from tests.site import Site

SOURCE = Source(slug="example", name="示例", engine="feed")
ALLOWED = CrawlPolicy(
    user_agent="chaoxun/test (+desk)", gap=timedelta(0), allow_private=("127.0.0.0/8",), host_groups={}
)
QUICK = {"DOWNLOAD_TIMEOUT": 20, "HOST_GAP_JITTER": 0.0, "RETRY_TIMES": 0}


@contextlib.contextmanager
def running(loop: HubLoop, policy: CrawlPolicy = ALLOWED, **settings: object) -> Iterator[Hub]:
    hub = Hub(policy, settings={**QUICK, **settings})
    loop.run(hub.start())
    try:
        yield hub
    finally:
        loop.run(hub.stop())


@pytest.fixture
def hub(hub_loop: HubLoop) -> Iterator[Hub]:
    with running(hub_loop) as hub:
        yield hub


@pytest.fixture
def get(hub_loop: HubLoop, hub: Hub) -> Callable[..., Answer]:
    def fetch(url: str, source: Source = SOURCE, **request: Any) -> Answer:
        return hub_loop.run(hub.fetch(Fetch(url=url, **request), source))

    return fetch


def capture(answer: Answer) -> Capture:
    assert isinstance(answer, Capture), answer
    return answer


def trouble(answer: Answer) -> tuple[Trouble, str]:
    assert isinstance(answer, Unreachable), answer
    assert "\n" not in answer.detail
    return answer.trouble, answer.detail


def gaps(site: Site) -> list[float]:
    return [later.at - earlier.ended_at[0] for earlier, later in itertools.pairwise(site.hits)]


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def silent(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def truncated(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"half")
    assert request.transport is not None
    request.transport.close()
    return response


async def hanging_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


@pytest.fixture
def secure(hub_loop: HubLoop, tmp_path: Path) -> Iterator[str]:
    """A server whose certificate nobody vouches for."""
    with served(hub_loop, self_signed(tmp_path)) as address:
        yield address


@contextlib.contextmanager
def served(hub_loop: HubLoop, context: ssl.SSLContext) -> Iterator[str]:
    """A server of TLS; answers its address."""

    async def start() -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/a", safe)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        return runner

    runner = hub_loop.run(start())
    yield f"https://127.0.0.1:{runner.addresses[0][1]}"
    hub_loop.run(runner.cleanup())


async def safe(_: web.Request) -> web.Response:
    return web.Response(text="安全")


def self_signed(folder: Path, *, named: bool = True) -> ssl.SSLContext:
    """named: the certificate names its host where a certificate has to name it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "example")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    if named:
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        builder = builder.add_extension(names, critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context
