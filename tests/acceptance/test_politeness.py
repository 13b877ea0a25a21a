"""How the hub asks a real server on loopback: one at a time, with rests, and as its robots.txt wants it."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import pytest
from aiohttp import web

from crawler.hub import Hub
from crawler.records import Answer, CrawlPolicy, Fetch, Source, Tls, Trouble
from tests.hub import SOURCE, capture, gaps, running, silent, trouble, truncated
from tests.loop import HubLoop
from tests.site import Site

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


def test_a_scheme_is_asked_as_configured_and_never_upgraded(
    site: Site, secure: str, get: Callable[..., Answer]
) -> None:
    """Some hosts answer on one of the two only, and send browsers to the other all the same."""
    site.answer("/a", status=301, location=f"{secure}/a", strict_transport_security="max-age=31536000")
    lax = Source(slug="lax", name="x", engine="feed", tls=Tls(verify=False))
    for _ in range(2):
        assert capture(get(site.url("/a"), lax)).final_url == f"{secure}/a"
    assert site.paths() == ["/robots.txt", "/a", "/a"]


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


def test_a_silent_server_keeps_no_other_of_its_machine_waiting(hub_loop: HubLoop, site: Site) -> None:
    """Scrapy itself queues by the host's name alone; two ports are two servers."""
    site.handle("/hang", silent)

    async def ask_both(hub: Hub) -> Answer:
        asked = asyncio.ensure_future(hub.fetch(Fetch(url=site.url("/hang")), SOURCE))
        while "/hang" not in site.paths():
            await asyncio.sleep(0)
        answer = await hub.fetch(Fetch(url=other.url("/b")), SOURCE)
        assert not asked.done()
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        return answer

    with closing(Site(hub_loop)) as other, running(hub_loop, DOWNLOAD_TIMEOUT=600) as hub:
        other.answer("/b", "da")
        assert capture(hub_loop.run(ask_both(hub))).body == b"da"


def test_a_cancelled_request_gives_its_turn_back(hub_loop: HubLoop, site: Site) -> None:
    """At its time-out at the latest: Scrapy does not break it off."""
    site.handle("/hang", silent)
    site.answer("/b", "还在")

    async def cancel_and_ask(hub: Hub) -> Answer:
        asked = asyncio.ensure_future(hub.fetch(Fetch(url=site.url("/hang")), SOURCE))
        while "/hang" not in site.paths():
            await asyncio.sleep(0)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        return await hub.fetch(Fetch(url=site.url("/b")), SOURCE)

    with running(hub_loop, DOWNLOAD_TIMEOUT=3) as hub:
        assert capture(hub_loop.run(cancel_and_ask(hub))).body.decode() == "还在"


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


def test_a_crawl_delay_is_kept(hub_loop: HubLoop, site: Site) -> None:
    site.answer("/robots.txt", "User-agent: *\nCrawl-delay: 0.3\n")
    with running(hub_loop) as hub:
        for path in ("/a", "/b"):
            hub_loop.run(hub.fetch(Fetch(url=site.url(path)), SOURCE))
    assert site.paths() == ["/robots.txt", "/a", "/b"]
    assert all(gap >= 0.3 for gap in gaps(site)), gaps(site)


def test_many_requests_at_once_ask_for_robots_txt_once(hub_loop: HubLoop, site: Site, hub: Hub) -> None:
    async def all_at_once() -> None:
        await asyncio.gather(*(hub.fetch(Fetch(url=site.url(f"/{n}")), SOURCE) for n in range(5)))

    hub_loop.run(all_at_once())
    assert site.paths().count("/robots.txt") == 1
