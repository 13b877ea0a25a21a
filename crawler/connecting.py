"""Scrapy's HTTP/1.1 handler, told apart: a connection that does not come about from an answer that does not come."""

from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.crawler import Crawler
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as Late
from twisted.internet.error import ConnectingCancelledError, TCPTimedOutError
from twisted.internet.error import TimeoutError as ConnectTimeout
from twisted.internet.interfaces import IAddress, IHandshakeListener, IStreamClientEndpoint
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.client import HTTPConnectionPool
from zope.interface import implementer  # type: ignore[import-untyped]  # it ships no types

from crawler.breaker import NoConnection


class ConnectingHandler(HTTP11DownloadHandler):
    """Raises NoConnection where the name, the way, the port or the TLS handshake fails, or CONNECT_TIMEOUT passes
    before all of them are done. Scrapy itself knows one time-out for everything."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # At the top it would fix the reactor before ours is installed.
        from twisted.internet import reactor  # noqa: PLC0415

        kept, self._pool = self._pool, _Pool(reactor, seconds=crawler.settings.getfloat("CONNECT_TIMEOUT"))
        self._pool.maxPersistentPerHost = kept.maxPersistentPerHost


class _Pool(HTTPConnectionPool):
    """Connections that stand, TLS included, when a request is given one."""

    _factory: Any
    # Twisted would ask again at once where a kept connection turns out to be closed: without our gap.
    retryAutomatically = False

    def __init__(self, reactor: Any, *, seconds: float) -> None:
        super().__init__(reactor, persistent=True)  # type: ignore[no-untyped-call]  # Twisted's has no types
        self._factory = _Factory
        self._seconds = seconds

    def getConnection(self, key: Any, endpoint: Any) -> Any:
        standing: Any = _Endpoint(self._reactor, endpoint, secure=key[0] == b"https", seconds=self._seconds)
        return super().getConnection(key, standing)


@implementer(IStreamClientEndpoint)
class _Endpoint:
    """Another endpoint, whose connection counts when its TLS handshake is over."""

    def __init__(self, reactor: Any, inner: Any, *, secure: bool, seconds: float) -> None:
        self._reactor = reactor
        self._inner = inner
        self._secure = secure
        self._seconds = seconds

    def connect(self, protocolFactory: Any) -> Any:
        connecting: Deferred[Any] = self._inner.connect(protocolFactory)
        if self._secure:
            connecting.addCallback(_Protocol.secured)
        connecting.addTimeout(self._seconds, self._reactor, _late)
        return connecting.addErrback(self._no_connection)

    def _no_connection(self, failure: Failure) -> Failure:
        error = failure.value
        # Whoever asked has given up; that is no fault of the host.
        if isinstance(error, CancelledError | ConnectingCancelledError):
            return failure
        late = self._seconds if isinstance(error, Late | ConnectTimeout | TCPTimedOutError) else None
        raise NoConnection(f"no connection: {error}", seconds=late) from error


def _late(result: Any, seconds: float) -> Any:
    """Twisted's own would let through how the endpoint says that it was cancelled."""
    if isinstance(result, Failure):
        raise Late(f"not within {seconds:g} s") from result.value
    return result


@implementer(IHandshakeListener)
class _Protocol(_LenientHTTP11ClientProtocol):
    """Scrapy's, which also says when its TLS handshake is over, or that it has failed."""

    _waiting: "Deferred[_Protocol] | None" = None

    def secured(self) -> "Deferred[_Protocol]":
        """Fires with this protocol once TLS stands; fails with what kept it from that."""
        self._waiting = Deferred(lambda _: self._abort())
        return self._waiting

    def handshakeCompleted(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.callback(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)  # type: ignore[no-untyped-call]  # Twisted's has no types
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.errback(reason)

    def _abort(self) -> None:
        self._waiting = None
        if self.transport is not None:
            self.transport.abortConnection()


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> _Protocol:
        return _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]  # Twisted's has no types
