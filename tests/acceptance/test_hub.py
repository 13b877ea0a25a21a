"""The hub against a real server on loopback: politeness, robots, the guard, and every way to get no answer."""

import asyncio
import contextlib
import gzip
import ipaddress
import itertools
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crawler.breaker import retry_after
from crawler.hub import Hub
from crawler.records import Answer, Capture, CrawlPolicy, Fetch, NotModified, Source, Tls, Trouble, Unreachable
from tests.loop import HubLoop
from tests.site import Site

T = TypeVar("T")
SOURCE = Source(slug="example", name="示例", engine="feed")
ALLOWED = CrawlPolicy(
    user_agent="chaoxun/test (+desk)", gap=timedelta(0), allow_private=("127.0.0.0/8",), host_groups={}
)
QUICK = {"DOWNLOAD_TIMEOUT": 20, "HOST_GAP_JITTER": 0.0, "RETRY_TIMES": 0}


@pytest.fixture
def site(hub_loop: HubLoop) -> Iterator[Site]:
    site = Site(hub_loop)
    yield site
    site.close()


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


# --- what comes back ----------------------------------------------------------------------------------------------


def test_an_answer_comes_back_as_it_was_given(site: Site, get: Callable[..., Answer]) -> None:
    site.answer("/a", "产业大脑".encode("gbk"), content_type="text/html; charset=gbk", etag='"1"', last_modified="Mon")
    answer = capture(get(site.url("/a")))
    assert (answer.status, answer.body) == (200, "产业大脑".encode("gbk"))
    assert (answer.content_type, answer.etag, answer.last_modified) == ("text/html; charset=gbk", '"1"', "Mon")
    assert answer.url == answer.final_url == site.url("/a")
    assert answer.fetched_at.tzinfo is not None


def test_who_asks_and_in_which_language_is_said(site: Site, get: Callable[..., Answer]) -> None:
    get(site.url("/a"), Source(slug="x", name="x", engine="feed", headers={"Referer": "https://a.example/"}))
    for hit in site.hits:
        assert hit.headers["User-Agent"] == "chaoxun/test (+desk)"
        assert hit.headers["Accept-Language"].startswith("zh-CN")
    assert site.hits[-1].headers["Referer"] == "https://a.example/"


def test_validators_are_sent_and_304_says_that_nothing_changed(site: Site, get: Callable[..., Answer]) -> None:
    site.answer("/a", "x", etag='"1"')
    assert isinstance(get(site.url("/a"), etag='"1"', last_modified="Mon, 01 Jan 2026 00:00:00 GMT"), NotModified)
    assert site.hits[-1].headers["If-Modified-Since"].startswith("Mon, 01 Jan")
    assert capture(get(site.url("/a"), etag='"0"')).body == b"x"


def test_a_304_that_nobody_asked_for_is_no_answer(site: Site, get: Callable[..., Answer]) -> None:
    site.answer("/a", "", status=304)
    assert trouble(get(site.url("/a")))[0] is Trouble.OTHER


@pytest.mark.parametrize("status", [403, 404, 410, 412, 429, 500, 503, 521])
def test_an_error_status_is_an_answer(site: Site, get: Callable[..., Answer], status: int) -> None:
    site.answer("/a", "错误", status=status, retry_after="120")
    answer = capture(get(site.url("/a")))
    assert (answer.status, answer.retry_after) == (status, timedelta(minutes=2))
    assert answer.body.decode() == "错误"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("120", timedelta(minutes=2), id="seconds"),
        pytest.param("Fri, 20 Nov 2026 08:05:00 GMT", timedelta(minutes=5), id="a date"),
        pytest.param("Fri, 20 Nov 2026 16:05:00 +0800", timedelta(minutes=5), id="a date elsewhere"),
        pytest.param("Fri, 20 Nov 2026 07:00:00 GMT", timedelta(0), id="a date that is past"),
        pytest.param("99999999999999999999", timedelta(days=7), id="for ever"),
        pytest.param("soon", None, id="words"),
        pytest.param("-5", None, id="a negative number"),
        pytest.param("", None, id="nothing"),
        pytest.param(None, None, id="no header"),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str | None, expected: timedelta | None) -> None:
    assert retry_after(value, datetime(2026, 11, 20, 8, 0, tzinfo=UTC)) == expected


def test_redirects_are_followed_and_the_last_address_is_told(site: Site, get: Callable[..., Answer]) -> None:
    site.answer("/a", status=301, location="/b")
    site.answer("/b", status=302, location=site.url("/c"))
    site.answer("/c", "到了")
    answer = capture(get(site.url("/a")))
    assert (answer.url, answer.final_url, answer.body.decode()) == (site.url("/a"), site.url("/c"), "到了")


def test_a_compressed_answer_is_unpacked(site: Site, get: Callable[..., Answer]) -> None:
    site.answer("/a", gzip.compress(b"x" * 1000), content_encoding="gzip")
    assert capture(get(site.url("/a"))).body == b"x" * 1000


def test_a_post_is_sent_with_its_body(site: Site, get: Callable[..., Answer]) -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(body=request.method.encode() + b" " + await request.read())

    site.handle("/a", echo)
    assert capture(get(site.url("/a"), method="POST", body=b"p=1")).body == b"POST p=1"


def test_a_server_error_is_asked_once_more(hub_loop: HubLoop, site: Site) -> None:
    answers = iter([500, 200])

    async def recovering(_: web.Request) -> web.Response:
        return web.Response(status=next(answers))

    site.handle("/a", recovering)
    with running(hub_loop, RETRY_TIMES=1) as hub:
        assert capture(hub_loop.run(hub.fetch(Fetch(url=site.url("/a")), SOURCE))).status == 200


def test_the_last_answer_is_handed_back_when_the_server_does_not_recover(hub_loop: HubLoop, site: Site) -> None:
    site.answer("/a", "先坏后坏", status=502)
    with running(hub_loop, RETRY_TIMES=1) as hub:
        answer = capture(hub_loop.run(hub.fetch(Fetch(url=site.url("/a")), SOURCE)))
    assert (answer.status, answer.body.decode()) == (502, "先坏后坏")
    assert site.paths() == ["/robots.txt", "/a", "/a"]


# --- no answer ----------------------------------------------------------------------------------------------------


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_a_name_that_cannot_be_resolved(get: Callable[..., Answer]) -> None:
    kind, detail = trouble(get("http://no-such-host.invalid/a"))
    assert kind is Trouble.DNS
    assert detail.startswith("no-such-host.invalid: the name cannot be resolved; check")


def test_a_port_where_nobody_listens(get: Callable[..., Answer]) -> None:
    port = closed_port()
    kind, detail = trouble(get(f"http://127.0.0.1:{port}/a"))
    assert kind is Trouble.REFUSED
    assert detail.startswith(f"127.0.0.1:{port}: refuses the connection")


async def hanging(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"x")
    await asyncio.Event().wait()
    return response


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


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        while True:
            await response.write(b"x" * 65536)
    return response


async def hanging_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


@pytest.mark.parametrize(
    ("handler", "kind", "words"),
    [
        pytest.param(hanging, Trouble.TIMEOUT, "within 1 s", id="a body that hangs"),
        pytest.param(silent, Trouble.TIMEOUT, "within 1 s", id="a server that never answers"),
        pytest.param(truncated, Trouble.TRUNCATED, "broke off", id="a body that is cut"),
        pytest.param(endless, Trouble.TOO_LARGE, "larger than 1 MB", id="a body without end"),
        pytest.param(hanging_up, Trouble.OTHER, "the connection broke", id="a server that hangs up"),
    ],
)
def test_a_body_that_does_not_come(
    hub_loop: HubLoop,
    site: Site,
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    kind: Trouble,
    words: str,
) -> None:
    site.handle("/a", handler)
    site.answer("/b", "还在")
    limit = 1 if kind is Trouble.TIMEOUT else 20
    with running(hub_loop, DOWNLOAD_MAXSIZE=1024 * 1024, DOWNLOAD_TIMEOUT=limit) as hub:
        found, detail = trouble(hub_loop.run(hub.fetch(Fetch(url=site.url("/a")), SOURCE)))
        assert (found, words in detail) == (kind, True), detail
        # The host's turn has come back.
        assert capture(hub_loop.run(hub.fetch(Fetch(url=site.url("/b")), SOURCE))).body.decode() == "还在"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(b"x" * (10 * 1024 * 1024), {}, id="10 MB"),
        pytest.param(gzip.compress(b"x" * (50 * 1024 * 1024)), {"content_encoding": "gzip"}, id="a bomb"),
    ],
)
def test_an_answer_that_is_too_large_is_not_read(
    site: Site, get: Callable[..., Answer], body: bytes, headers: dict[str, str]
) -> None:
    site.answer("/a", body, status=200, **headers)
    kind, detail = trouble(get(site.url("/a")))
    assert kind is Trouble.TOO_LARGE
    assert "more than 5 MB" in detail or "larger than 5 MB" in detail


def test_an_attachment_may_be_larger_than_a_page(site: Site, get: Callable[..., Answer]) -> None:
    site.answer("/plan.PDF", b"%PDF" + b"x" * (10 * 1024 * 1024))
    assert len(capture(get(site.url("/plan.PDF"))).body) > 10 * 1024 * 1024


def test_a_redirect_in_a_circle_ends(site: Site, get: Callable[..., Answer]) -> None:
    site.answer("/a", status=302, location="/b")
    site.answer("/b", status=302, location="/a")
    kind, detail = trouble(get(site.url("/a")))
    assert kind is Trouble.REDIRECTS
    assert "cookies: true" in detail
    assert len(site.hits) <= 8


@pytest.mark.parametrize(
    ("location", "status"),
    [
        pytest.param("file:///etc/hostname", 302, id="a file"),
        pytest.param("ftp://127.0.0.1/x", 302, id="ftp"),
        pytest.param("data:text/html,x", 302, id="data"),
    ],
)
def test_a_redirect_out_of_the_web_is_not_followed(
    site: Site, get: Callable[..., Answer], location: str, status: int
) -> None:
    site.answer("/a", status=status, location=location)
    assert capture(get(site.url("/a"))).status == status


@pytest.mark.parametrize(
    "location", ["http://[", "http://", "http://a b/", "https://..", "http://" + "a" * 300 + ".invalid/"]
)
def test_a_redirect_to_nowhere_raises_nothing(site: Site, get: Callable[..., Answer], location: str) -> None:
    site.answer("/a", status=302, location=location)
    assert isinstance(get(site.url("/a")), Unreachable | Capture)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "x-unknown"])
@pytest.mark.parametrize("body", [b"no such packing", b"\x1f\x8b\x08\x00", b""])
def test_a_body_that_is_not_what_its_encoding_says_raises_nothing(
    site: Site, get: Callable[..., Answer], encoding: str, body: bytes
) -> None:
    site.answer("/a", body, content_encoding=encoding)
    assert isinstance(get(site.url("/a")), Unreachable | Capture)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news",
        "http://",
        "http://[::1",
        "http://a b/",
        "mailto:a@b",
        "http://exa mple.invalid/",
        "http://.invalid/",
        "http://a..b/",
    ],
)
def test_an_address_that_is_none_raises_nothing(get: Callable[..., Answer], url: str) -> None:
    assert isinstance(get(url), Unreachable)


def test_a_server_that_speaks_no_http(hub_loop: HubLoop, get: Callable[..., Answer]) -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail ready\r\n\r\n")
        await writer.drain()
        writer.close()

    server = hub_loop.run(asyncio.start_server(babble, "127.0.0.1", 0))
    try:
        assert trouble(get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"))[0] is Trouble.OTHER
    finally:
        server.close()
        hub_loop.run(server.wait_closed())


# --- TLS ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def secure(hub_loop: HubLoop, tmp_path: Path) -> Iterator[str]:
    """A server whose certificate nobody vouches for."""
    context = self_signed(tmp_path)

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


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: str, get: Callable[..., Answer]) -> None:
    kind, detail = trouble(get(f"{secure}/a"))
    assert kind is Trouble.TLS
    assert "tls: {verify: false}" in detail


@pytest.mark.parametrize("tls", [Tls(verify=False), Tls(verify=False, legacy=True)], ids=["unverified", "legacy"])
def test_a_source_may_accept_it(secure: str, get: Callable[..., Answer], tls: Tls) -> None:
    lax = Source(slug="lax", name="x", engine="feed", tls=tls)
    assert capture(get(f"{secure}/a", lax)).body.decode() == "安全"
    # Only that source: the others still insist.
    assert trouble(get(f"{secure}/a"))[0] is Trouble.TLS


# --- politeness ---------------------------------------------------------------------------------------------------


def test_requests_to_a_host_keep_the_gap_whoever_asks(hub_loop: HubLoop, site: Site) -> None:
    async def all_at_once(hub: Hub) -> list[Answer]:
        sources = (SOURCE, Source(slug="other", name="x", engine="feed"))
        return await asyncio.gather(*(hub.fetch(Fetch(url=site.url(f"/{n}")), sources[n % 2]) for n in range(4)))

    with running(hub_loop, CrawlPolicy(gap=timedelta(seconds=0.15), allow_private=("127.0.0.0/8",))) as hub:
        hub_loop.run(all_at_once(hub))
        hub_loop.run(all_at_once(hub))
    assert len(site.hits) == 9  # robots.txt once
    assert all(gap >= 0.15 for gap in gaps(site)), gaps(site)


def test_retries_and_redirects_keep_the_gap(hub_loop: HubLoop, site: Site) -> None:
    site.answer("/a", status=302, location="/b")
    site.answer("/b", status=500)
    policy = CrawlPolicy(gap=timedelta(seconds=0.15), allow_private=("127.0.0.0/8",))
    with running(hub_loop, policy, RETRY_TIMES=1) as hub:
        hub_loop.run(hub.fetch(Fetch(url=site.url("/a")), SOURCE))
    assert site.paths() == ["/robots.txt", "/a", "/b", "/b"]
    assert all(gap >= 0.15 for gap in gaps(site)), gaps(site)


def test_one_request_at_a_time_for_the_hosts_of_a_group(hub_loop: HubLoop, site: Site) -> None:
    running_now, most = [0], [0]

    async def slow(_: web.Request) -> web.Response:
        running_now[0] += 1
        most[0] = max(most[0], running_now[0])
        for _turn in range(20):
            await asyncio.sleep(0)
        running_now[0] -= 1
        return web.Response()

    for number in range(6):
        site.handle(f"/{number}", slow)
    policy = CrawlPolicy(
        gap=timedelta(0), allow_private=("127.0.0.0/8",), host_groups={"here": ("127.0.0.*", "localhost")}
    )

    async def all_at_once(hub: Hub) -> list[Answer]:
        hosts = ("127.0.0.1", "localhost")
        return await asyncio.gather(
            *(hub.fetch(Fetch(url=site.url(f"/{n}", host=hosts[n % 2])), SOURCE) for n in range(6))
        )

    with running(hub_loop, policy) as hub:
        assert all(capture(answer).status == 200 for answer in hub_loop.run(all_at_once(hub)))
    assert most == [1]


def test_a_cancelled_request_gives_its_turn_back(hub_loop: HubLoop, site: Site) -> None:
    site.handle("/hang", silent)
    site.answer("/b", "还在")

    async def cancel_and_ask(hub: Hub) -> Answer:
        asked = asyncio.ensure_future(hub.fetch(Fetch(url=site.url("/hang")), SOURCE))
        while "/hang" not in site.paths():
            await asyncio.sleep(0)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        return await hub.fetch(Fetch(url=site.url("/b")), SOURCE)

    with running(hub_loop, DOWNLOAD_TIMEOUT=1) as hub:
        assert capture(hub_loop.run(cancel_and_ask(hub))).body.decode() == "还在"


def test_a_hub_that_is_stopped_ends_what_is_in_flight_and_what_waits(hub_loop: HubLoop, site: Site) -> None:
    site.handle("/hang", silent)

    async def stop_in_mid_flight() -> list[Answer]:
        hub = Hub(ALLOWED, settings={**QUICK, "DOWNLOAD_TIMEOUT": 600})
        await hub.start()
        asked = [asyncio.ensure_future(hub.fetch(Fetch(url=site.url("/hang")), SOURCE)) for _ in range(3)]
        while "/hang" not in site.paths():
            await asyncio.sleep(0)
        await hub.stop()
        return await asyncio.gather(*asked)

    answers = hub_loop.run(stop_in_mid_flight(), timeout=15)
    assert all(isinstance(answer, Unreachable) for answer in answers)


# --- cookies ------------------------------------------------------------------------------------------------------


async def gate_of_cookies(request: web.Request) -> web.Response:
    if request.cookies.get("pass") == "1":
        return web.Response(text="列表")
    return web.Response(status=302, headers={"Location": "/a", "Set-Cookie": "pass=1; Path=/"})


def test_a_cookie_gate_opens_for_a_source_that_takes_cookies(site: Site, get: Callable[..., Answer]) -> None:
    site.handle("/a", gate_of_cookies)
    taking = Source(slug="taking", name="x", engine="feed", cookies=True)
    assert capture(get(site.url("/a"), taking)).body.decode() == "列表"
    assert trouble(get(site.url("/a")))[0] is Trouble.REDIRECTS
    other = Source(slug="other", name="x", engine="feed", cookies=True)
    site.answer("/b", "x")
    get(site.url("/b"), other)
    assert "Cookie" not in site.hits[-1].headers


# --- robots.txt ---------------------------------------------------------------------------------------------------

RULES = "User-agent: chaoxun\nDisallow: /secret\n\nUser-agent: *\nDisallow: /\n"


def test_robots_txt_is_obeyed_and_asked_for_once(site: Site, get: Callable[..., Answer]) -> None:
    site.answer("/robots.txt", RULES, content_type="text/plain")
    site.answer("/open", "x")
    assert capture(get(site.url("/open"))).status == 200
    kind, detail = trouble(get(site.url("/secret/a")))
    assert kind is Trouble.ROBOTS
    assert "forbids /secret/a" in detail
    assert site.paths() == ["/robots.txt", "/open"]


@pytest.mark.parametrize("status", [401, 403, 404, 410, 521])
def test_a_site_without_robots_txt_has_no_rules(site: Site, get: Callable[..., Answer], status: int) -> None:
    site.answer("/robots.txt", "User-agent: *\nDisallow: /\n", status=status)
    site.answer("/a", "x")
    assert capture(get(site.url("/a"))).body == b"x"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_robots_txt_that_fails_means_not_now_and_is_asked_again(
    site: Site, get: Callable[..., Answer], status: int
) -> None:
    site.answer("/robots.txt", status=status)
    site.answer("/a", "x")
    kind, detail = trouble(get(site.url("/a")))
    assert (kind, f"answers {status}" in detail) == (Trouble.ROBOTS, True)
    assert "/a" not in site.paths()
    site.answer("/robots.txt", RULES)
    assert capture(get(site.url("/a"))).body == b"x"
    assert trouble(get(site.url("/secret")))[0] is Trouble.ROBOTS


def test_rules_are_asked_for_again_when_they_are_old_and_kept_when_that_fails(hub_loop: HubLoop, site: Site) -> None:
    site.answer("/robots.txt", RULES)
    site.answer("/a", "x")
    with running(hub_loop, ROBOTSTXT_KEEP=0) as hub:

        def get(path: str) -> Answer:
            return hub_loop.run(hub.fetch(Fetch(url=site.url(path)), SOURCE))

        get("/a")
        assert trouble(get("/secret"))[0] is Trouble.ROBOTS
        site.answer("/robots.txt", status=500)
        assert capture(get("/a")).body == b"x"
        assert trouble(get("/secret"))[0] is Trouble.ROBOTS
        site.handle("/robots.txt", truncated)
        assert capture(get("/a")).body == b"x"
        assert trouble(get("/secret"))[0] is Trouble.ROBOTS
        site.answer("/robots.txt", "")
        assert capture(get("/secret")).status == 404
    assert site.paths().count("/robots.txt") == 7


def test_a_robots_txt_that_cannot_be_fetched_is_the_trouble_of_its_page(site: Site, get: Callable[..., Answer]) -> None:
    site.handle("/robots.txt", truncated)
    kind, detail = trouble(get(site.url("/a")))
    assert (kind, detail.endswith("(robots.txt was asked for)")) == (Trouble.TRUNCATED, True)
    assert "/a" not in site.paths()


def test_a_hub_that_is_not_running_says_so(hub_loop: HubLoop) -> None:
    with pytest.raises(RuntimeError, match="before start"):
        hub_loop.run(Hub(ALLOWED).fetch(Fetch(url="http://127.0.0.1/"), SOURCE))


def test_a_crawl_delay_is_kept(hub_loop: HubLoop, site: Site) -> None:
    site.answer("/robots.txt", "User-agent: *\nCrawl-delay: 0.3\n")
    with running(hub_loop) as hub:
        for path in ("/a", "/b"):
            hub_loop.run(hub.fetch(Fetch(url=site.url(path)), SOURCE))
    assert all(gap >= 0.3 for gap in gaps(site)), gaps(site)


def test_many_requests_at_once_ask_for_robots_txt_once(hub_loop: HubLoop, site: Site, hub: Hub) -> None:
    async def all_at_once() -> None:
        await asyncio.gather(*(hub.fetch(Fetch(url=site.url(f"/{n}")), SOURCE) for n in range(5)))

    hub_loop.run(all_at_once())
    assert site.paths().count("/robots.txt") == 1


# --- the guard ----------------------------------------------------------------------------------------------------

TRICKS = [
    "127.0.0.1",
    "[::ffff:127.0.0.1]",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "0",
    "localhost",
    "LOCALHOST",
    "①②⑦.⓪.⓪.①",
]


@pytest.mark.parametrize("host", TRICKS)
def test_no_spelling_of_loopback_reaches_it(hub_loop: HubLoop, site: Site, host: str) -> None:
    with running(hub_loop, CrawlPolicy(gap=timedelta(0))) as hub:
        answer = hub_loop.run(hub.fetch(Fetch(url=site.url("/a", host=host)), SOURCE))
    kind, detail = trouble(answer)
    assert kind is Trouble.GUARD, detail
    assert detail.startswith("address not allowed: ")
    assert detail.endswith("allow it with crawl.allow_private")
    assert site.hits == []


@pytest.mark.parametrize("host", ["127.0.0.2", "2130706434", "127.2", "[::1]"])
def test_a_redirect_to_an_address_that_is_not_allowed_is_not_followed(hub_loop: HubLoop, host: str) -> None:
    trap, entrance = Site(hub_loop, address="127.0.0.2"), Site(hub_loop)
    entrance.answer("/a", status=302, location=trap.url("/secret", host=host))
    try:
        with running(hub_loop, CrawlPolicy(gap=timedelta(0), allow_private=("127.0.0.1/32",))) as hub:
            answer = hub_loop.run(hub.fetch(Fetch(url=entrance.url("/a")), SOURCE))
        assert trouble(answer)[0] is Trouble.GUARD
        assert "/a" in entrance.paths()
        assert trap.hits == []
    finally:
        trap.close()
        entrance.close()


def test_a_robots_txt_that_redirects_inside_reaches_nothing(hub_loop: HubLoop) -> None:
    trap, entrance = Site(hub_loop, address="127.0.0.2"), Site(hub_loop)
    entrance.answer("/robots.txt", status=302, location=trap.url("/robots.txt"))
    try:
        with running(hub_loop, CrawlPolicy(gap=timedelta(0), allow_private=("127.0.0.1/32",))) as hub:
            assert trouble(hub_loop.run(hub.fetch(Fetch(url=entrance.url("/a")), SOURCE)))[0] is Trouble.GUARD
        assert trap.hits == []
    finally:
        trap.close()
        entrance.close()
