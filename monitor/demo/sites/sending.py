"""How an answer goes out: with its validators, or badly: hanging, dripping, cut off or reset."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime

from aiohttp import web

from monitor.demo.sites.answers import Reply
from monitor.demo.sites.misbehaviour import Misbehaviour

_DRIP_BYTES = 16
#: How many bytes more than it sends a cut-off answer announces.
_MISSING_BYTES = 1000


async def send(
    request: web.Request, reply: Reply, how: Misbehaviour | None, *, stopping: asyncio.Event, drip: float
) -> web.StreamResponse:
    """Sends the reply. What hangs or drips ends when `stopping` is set; drip: seconds between two drops."""
    headers = {"Content-Type": reply.content_type, **_validators(reply), **reply.headers}
    match how:
        case Misbehaviour.HANG:
            response = await _begin(request, reply, headers, len(reply.body) // 2)
            await stopping.wait()
            _close(request)
            return response
        case Misbehaviour.TRUNCATED:
            response = await _begin(request, reply, headers, len(reply.body) * 2 // 3)
            _close(request)
            return response
        case Misbehaviour.DRIP:
            return await _drop(request, reply, headers, stopping, drip)
        case Misbehaviour.RESET:
            _reset(request)
            return web.Response(status=reply.status)
        case _:
            return web.Response(status=reply.status, body=reply.body, headers=headers)


def still_holds(headers: Mapping[str, str], reply: Reply) -> bool:
    """Whether the client's validators (in headers by lower-case name) are those of the reply.

    If-None-Match alone counts where it is given. Pure.
    """
    tags = headers.get("if-none-match")
    if tags is not None:
        return reply.etag is not None and reply.etag in [tag.strip() for tag in tags.split(",")]
    if reply.last_modified is None or "if-modified-since" not in headers:
        return False
    try:
        since = parsedate_to_datetime(headers["if-modified-since"])
    except ValueError:
        return False
    return reply.last_modified.replace(microsecond=0) <= (since if since.tzinfo else since.replace(tzinfo=UTC))


async def _begin(request: web.Request, reply: Reply, headers: dict[str, str], count: int) -> web.StreamResponse:
    """Headers that announce more than the body has, and the first `count` bytes of it."""
    response = web.StreamResponse(status=reply.status, headers=headers)
    response.content_length = len(reply.body) + _MISSING_BYTES
    await response.prepare(request)
    await response.write(reply.body[:count])
    return response


async def _drop(
    request: web.Request, reply: Reply, headers: dict[str, str], stopping: asyncio.Event, drip: float
) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers=headers)
    response.content_length = len(reply.body)
    await response.prepare(request)
    for start in range(0, len(reply.body), _DRIP_BYTES):
        await response.write(reply.body[start : start + _DRIP_BYTES])
        try:
            await asyncio.wait_for(stopping.wait(), drip)
        except TimeoutError:
            continue
        _close(request)
        break
    return response


def _validators(reply: Reply) -> dict[str, str]:
    headers = {}
    if reply.etag is not None:
        headers["ETag"] = reply.etag
    if reply.last_modified is not None:
        headers["Last-Modified"] = format_datetime(reply.last_modified.astimezone(UTC), usegmt=True)
    return headers


def _close(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


def _reset(request: web.Request) -> None:
    """Ends the connection with RST: what a firewall or a crashing server does."""
    transport = request.transport
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
