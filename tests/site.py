"""A web server on loopback that answers as it is told and writes down every request, with the time of its arrival."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from tests.loop import HubLoop

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Hit:
    path: str
    query: str
    headers: dict[str, str]
    at: float
    ended_at: list[float] = field(default_factory=list)


class Site:
    """Unknown paths are 404, robots.txt among them, unless `answer` says otherwise."""

    def __init__(self, loop: HubLoop, *, address: str = "127.0.0.1", port: int = 0) -> None:
        self.hits: list[Hit] = []
        self._loop = loop
        self._address = address
        self._asked_port = port
        self._answers: dict[str, Handler] = {}
        loop.run(self._start())

    def url(self, path: str = "/", *, host: str | None = None) -> str:
        return f"http://{host or self._address}:{self.port}{path}"

    def answer(self, path: str, body: bytes | str = b"", *, status: int = 200, **headers: str) -> None:
        """Answer this path so from now on; `content_type=…`, `etag=…` and the like are headers."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body.encode() if isinstance(body, str) else body

        async def handler(request: web.Request) -> web.Response:
            if sent.get("etag") and request.headers.get("If-None-Match") == sent["etag"]:
                return web.Response(status=304, headers=sent)
            return web.Response(body=content, status=status, headers={"Content-Type": "text/html", **sent})

        self._answers[path] = handler

    def handle(self, path: str, handler: Handler) -> None:
        self._answers[path] = handler

    def paths(self) -> list[str]:
        return [hit.path for hit in self.hits]

    def close(self) -> None:
        self._loop.run(self._runner.cleanup())

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._address, self._asked_port)
        await site.start()
        self.port: int = self._runner.addresses[0][1]

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        hit = Hit(request.path, request.query_string, dict(request.headers), time.monotonic())
        self.hits.append(hit)
        handler = self._answers.get(request.path)
        try:
            return await handler(request) if handler else web.Response(status=404, text="nothing here")
        finally:
            hit.ended_at.append(time.monotonic())
