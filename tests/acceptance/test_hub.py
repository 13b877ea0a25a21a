"""The hub against a real server on loopback: what comes back, every way to get no answer, TLS, the guard."""

import asyncio
import contextlib
import gzip
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from crawler.hub import Hub
from crawler.records import Answer, Capture, CrawlPolicy, Fetch, NotModified, Source, Tls, Trouble, Unreachable
from tests.commands import Chaoxun
from tests.hub import (
    ALLOWED,
    QUICK,
    SOURCE,
    capture,
    closed_port,
    hanging_up,
    running,
    self_signed,
    served,
    silent,
    trouble,
    truncated,
)
from tests.loop import HubLoop
from tests.site import Site

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


def test_a_hub_that_is_not_running_says_so(hub_loop: HubLoop) -> None:
    with pytest.raises(RuntimeError, match="before start"):
        hub_loop.run(Hub(ALLOWED).fetch(Fetch(url="http://127.0.0.1/"), SOURCE))


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

    answers = hub_loop.run(stop_in_mid_flight())
    assert all(isinstance(answer, Unreachable) for answer in answers)


# --- no answer ----------------------------------------------------------------------------------------------------


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


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        while True:
            await response.write(b"x" * 65536)
    return response


@pytest.mark.parametrize(
    ("handler", "kind", "words"),
    [
        pytest.param(hanging, Trouble.TIMEOUT, "within 3 s", id="a body that hangs"),
        pytest.param(silent, Trouble.TIMEOUT, "within 3 s", id="a server that never answers"),
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
    limit = 3 if kind is Trouble.TIMEOUT else 20
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


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: str, get: Callable[..., Answer]) -> None:
    kind, detail = trouble(get(f"{secure}/a"))
    assert kind is Trouble.TLS
    assert "(certificate verify failed)" in detail
    assert "tls: {verify: false}" in detail


def test_a_certificate_without_a_host_name_is_refused_in_one_line(hub_loop: HubLoop, tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    main = f'{{database: "sqlite:///{tmp_path}/corpus.db", crawl: {{allow_private: [127.0.0.0/8]}}}}'
    (tmp_path / "chaoxun.yaml").write_text(main)
    with served(hub_loop, self_signed(tmp_path, named=False)) as address:
        entry = f'{{slug: old-hall, name: 旧站, engine: feed, url: "{address}/a"}}'
        (tmp_path / "sources" / "a.yaml").write_text(f"sources: [{entry}]\n", encoding="utf-8")
        done = Chaoxun(tmp_path)("crawl", "old-hall")
    assert done.code == 1
    assert done.err.startswith("old-hall: 127.0.0.1"), "Twisted prints a traceback where nobody takes its log"
    assert "(certificate verify failed)" in done.err and "Traceback" not in done.err


@pytest.mark.parametrize("tls", [Tls(verify=False), Tls(verify=False, legacy=True)], ids=["unverified", "legacy"])
def test_a_source_may_accept_it(secure: str, get: Callable[..., Answer], tls: Tls) -> None:
    lax = Source(slug="lax", name="x", engine="feed", tls=tls)
    assert capture(get(f"{secure}/a", lax)).body.decode() == "安全"
    # Only that source: the others still insist.
    assert trouble(get(f"{secure}/a"))[0] is Trouble.TLS


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
