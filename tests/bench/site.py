"""A news site as a process of its own, on as many loopback addresses as hosts are wanted, so that its CPU is not ours.

/list/FIRST.html     a list of 40 articles from FIRST on, with an ETag that it answers by 304
/plain/FIRST.html    the same without validators: 200 and the same bytes each time
/counter/FIRST.html  the same with a counter that moves at every visit: 200 and other bytes, the same rows
/live/NAME.html      a list of 10 with an ETag, which has one article more after every 10 visits
/a/NUMBER.html       an article
/visits              how many lists were answered since the start
"""

import asyncio
import subprocess
import sys
import urllib.request
from collections import Counter
from functools import cache
from types import TracebackType
from typing import Self

from aiohttp import web

from crawler.records import RowFields, Source
from tests.bench.pages import ROWS, article_page, list_page

_LIVE_ROWS = 10
_VISITS_PER_ITEM = 10


class Site:
    """The process; a context manager. `hosts` are its addresses with port, each a host of its own to the crawler."""

    def __init__(self, hosts: int) -> None:
        self._addresses = [f"127.0.1.{number}" for number in range(1, hosts + 1)]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.site", *self._addresses], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        port = self._process.stdout.readline().strip()
        assert port, "the site did not start; its message stands above"
        self.hosts = [f"{address}:{port}" for address in self._addresses]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate()

    @property
    def pid(self) -> int:
        return self._process.pid

    def source(self, number: int, folder: str) -> Source:
        """A source on host `number`, its list in that folder; lists of one number link the same articles."""
        host = self.hosts[number % len(self.hosts)]
        return Source(
            slug=f"{folder}-{number}",
            name=f"示例在线·{folder}{number}",
            engine="html_list",
            url=f"http://{host}/{folder}/{number * ROWS}.html",
            rows="ul.rows > li",
            fields=RowFields(url="a::attr(href)", title="a::attr(title)", published="span::text"),
            max_pages=1,
        )

    def visits(self) -> int:
        with urllib.request.urlopen(f"http://{self.hosts[0]}/visits") as answer:
            return int(answer.read())


class _Handler:
    def __init__(self) -> None:
        self._visits: Counter[str] = Counter()

    async def answer(self, request: web.Request) -> web.Response:
        folder, _, name = request.path.removeprefix("/").removesuffix(".html").partition("/")
        if folder == "visits":
            return web.Response(text=str(self._visits.total()))
        if folder == "a":
            return web.Response(body=_article(int(name)), content_type="text/html", charset="utf-8")
        if folder not in ("list", "plain", "counter", "live"):
            return web.Response(status=404)
        place = f"{request.host}{request.path}"
        self._visits[place] += 1
        return self._listing(request, folder, name, self._visits[place])

    def _listing(self, request: web.Request, folder: str, name: str, visits: int) -> web.Response:
        if folder == "live":
            items = _LIVE_ROWS + (visits - 1) // _VISITS_PER_ITEM
            first = 1_000 * int(name)
            page, etag = _live(first, items), f'"{items}"'
        else:
            page, etag = _list(int(name), visits if folder == "counter" else 0), '"1"'
        headers = {"ETag": etag} if folder in ("list", "live") else {}
        if headers and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=page, headers=headers, content_type="text/html", charset="utf-8")


@cache
def _article(number: int) -> bytes:
    return article_page(number).encode()


@cache
def _list(first: int, visits: int) -> bytes:
    return list_page(list(range(first, first + ROWS)), visits=visits).encode()


@cache
def _live(first: int, items: int) -> bytes:
    return list_page([first + item for item in range(items - 1, items - 1 - _LIVE_ROWS, -1)]).encode()


async def _serve(addresses: list[str]) -> None:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", _Handler().answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    port = 0
    for address in addresses:
        await web.TCPSite(runner, address, port).start()
        port = runner.addresses[0][1]
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1:]))
