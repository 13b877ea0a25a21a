"""Watches the HTTP exchanges of apprise's plugins: they answer True or False, we want status, Retry-After and error.

Each plugin's module gets, in place of `requests`, an object that passes everything on and notes what came back. Only
those modules see it; requests itself and everybody else who uses it stay as they are.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import requests

#: Bytes of an answer's body; a refusal is far shorter, and a longer answer is no refusal that we know.
BODY_SEEN = 65_536

_VERBS = frozenset({"request", "get", "post", "put", "patch", "delete", "head", "options"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The server answered."""

    status: int
    retry_after: str | None
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """No answer came; the error's text may hold the URL and must not be shown."""

    error: requests.RequestException


Exchange = Answered | Failed

_seen: ContextVar[list[Exchange] | None] = ContextVar("exchanges", default=None)


@contextmanager
def watched() -> Iterator[list[Exchange]]:
    """The exchanges that watched plugins make inside the block, in this thread."""
    seen: list[Exchange] = []
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


def watch(plugin_class: type) -> None:
    """Have the exchanges of this plugin class noted; a second call changes nothing."""
    for ancestor in plugin_class.__mro__:
        module = sys.modules[ancestor.__module__]
        if module.__name__.startswith("apprise.plugins.") and getattr(module, "requests", None) is requests:
            module.__dict__["requests"] = _Watched("requests")


class _Watched(ModuleType):
    """`requests` as a plugin sees it."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(requests, name)
        return _noting(found) if name in _VERBS else found


def _noting(call: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
    def noted(*args: Any, **kwargs: Any) -> requests.Response:
        seen = _seen.get()
        try:
            response = call(*args, **kwargs)
        except requests.RequestException as error:
            if seen is not None:
                seen.append(Failed(error=error))
            raise
        if seen is not None:
            retry_after = response.headers.get("Retry-After")
            body = (response.content or b"")[:BODY_SEEN]
            seen.append(Answered(status=response.status_code, retry_after=retry_after, body=body))
        return response

    return noted


#: For plugins of our own: `requests.post`, noted.
post = _noting(requests.post)
