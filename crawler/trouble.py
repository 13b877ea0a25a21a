"""Says in one line why a request had no answer: Scrapy's, Twisted's and OpenSSL's exceptions become a Trouble."""

import sys
import zlib
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import brotli  # type: ignore[import-untyped]  # it ships no types
from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    NotSupported,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from service_identity import VerificationError
from twisted.internet.error import ConnectError, ConnectionClosed, ConnectionRefusedError, DNSLookupError, NoRouteError
from twisted.python.failure import Failure

from crawler.breaker import HostDown, NoConnection, Outage
from crawler.guard import AddressRefused
from crawler.politeness import Stopped
from crawler.records import ChaoxunError, Trouble

# The same choice as in scrapy.utils._compression, which raises it.
if sys.version_info >= (3, 14):
    from compression.zstd import ZstdError
else:
    from backports.zstd import ZstdError

#: Everything that a request may end with instead of an answer. ValueError: an address that a redirect or an entry
#: gives and that is none; EOFError and what follows zlib: a body that is not what its Content-Encoding says.
ANSWERLESS: tuple[type[Exception], ...] = (
    ChaoxunError,
    IgnoreRequest,
    NotSupported,
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
    ConnectError,
    ConnectionClosed,
    SSL.Error,
    VerificationError,
    OSError,
    EOFError,
    zlib.error,
    brotli.error,
    ZstdError,
    ValueError,
)


#: The first kind that fits counts. {size}: the limit for this answer in MB, {timeout}: the one in seconds;
#: {said}: what OpenSSL gives as the reason.
_LINES: tuple[tuple[tuple[type[BaseException], ...], Trouble, str], ...] = (
    (
        (CannotResolveHostError, DNSLookupError),
        Trouble.DNS,
        "the name cannot be resolved; check the spelling, or this machine's DNS",
    ),
    (
        (DownloadConnectionRefusedError, ConnectionRefusedError),
        Trouble.REFUSED,
        "refuses the connection; the server is down, or it is the wrong port",
    ),
    ((NoRouteError,), Trouble.OTHER, "no way leads there; check this machine's network"),
    (
        (DownloadTimeoutError, TimeoutError),
        Trouble.TIMEOUT,
        "no complete answer within {timeout:g} s; it is tried again at the next poll",
    ),
    ((ResponseDataLossError,), Trouble.TRUNCATED, "the answer broke off half-way; it is tried again at the next poll"),
    ((DownloadCancelledError,), Trouble.TOO_LARGE, "the answer is larger than {size:g} MB; it is not read"),
    ((IgnoreRequest,), Trouble.REDIRECTS, "redirects in a circle or too often; correct the url, or set cookies: true"),
    (
        (SSL.Error, VerificationError),
        Trouble.TLS,
        "no trusted TLS connection{said}; where that is accepted, set tls: {{verify: false}} or {{legacy: true}}",
    ),
)


def explain(error: Exception, url: str, *, timeout: float, maxsize: int) -> tuple[Trouble, str]:
    """What kind of trouble an exception of ANSWERLESS is, and one line that names the host and the remedy. Pure.

    timeout in seconds and maxsize in bytes are the limits that held for this request.
    """
    if isinstance(error, ChaoxunError):
        return _ours(error, url, timeout=timeout, maxsize=maxsize)
    host, kind, causes = _host(url), type(error).__name__, tuple(_causes(error))
    if isinstance(error, IgnoreRequest) and error.__cause__ is not None:
        return Trouble.TOO_LARGE, f"{host}: the answer unpacks to more than {maxsize / 1048576:g} MB; it is not read"
    for kinds, trouble, line in _LINES:
        if any(isinstance(cause, kinds) for cause in causes):
            limits = {"timeout": timeout, "size": maxsize / 1048576}
            return trouble, f"{host}: {line.format(**limits, said=_said_by_tls(causes))}"
    if isinstance(error, ConnectError | ConnectionClosed | DownloadFailedError):
        return Trouble.OTHER, f"{host}: the connection broke ({kind}); it is tried again at the next poll"
    return Trouble.OTHER, f"{host}: cannot be fetched ({kind}: {error}); check the url"


def _ours(error: ChaoxunError, url: str, *, timeout: float, maxsize: int) -> tuple[Trouble, str]:
    cause = error.__cause__
    if isinstance(error, NoConnection) and error.seconds is not None:
        line = f"no connection within {error.seconds:g} s; the host is down, or lets nobody in from here"
        return Trouble.TIMEOUT, f"{_host(url)}: {line}"
    if isinstance(error, AddressRefused | Stopped) or not isinstance(cause, Exception):
        return _not_asked(error, url)
    trouble, line = explain(cause, url, timeout=timeout, maxsize=maxsize)
    if isinstance(error, HostDown | NoConnection) or trouble in (Trouble.GUARD, Trouble.DOWN, Trouble.WAIT):
        return trouble, line
    return trouble, f"{line} (robots.txt was asked for)"


def _not_asked(error: ChaoxunError, url: str) -> tuple[Trouble, str]:
    if isinstance(error, AddressRefused):
        return Trouble.GUARD, str(error)
    if isinstance(error, Stopped):
        return Trouble.OTHER, f"{_host(url)}: not asked to the end: the crawler is being stopped"
    if isinstance(error, HostDown):
        return Trouble.WAIT if error.outage.told else Trouble.DOWN, str(error)
    return Trouble.ROBOTS, str(error)


def outage_of(error: Exception) -> Outage | None:
    """The outage of a host that an exception of ANSWERLESS is part of; None where it is none. Pure."""
    return next((cause.outage for cause in _causes(error) if isinstance(cause, HostDown)), None)


def _said_by_tls(causes: Iterable[BaseException]) -> str:
    """OpenSSL's own words behind a blank, such as ` (certificate verify failed)`; "" where it says nothing."""
    for cause in causes:
        if isinstance(cause, VerificationError):
            return " (the certificate is for another name)"
        queue = cause.args[0] if isinstance(cause, SSL.Error) and cause.args else None
        if isinstance(queue, list) and queue and queue[-1][-1]:
            return f" ({queue[-1][-1]})"
    return ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.rsplit("@", 1)[-1] or url
    except ValueError:
        return url


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it was made of: `raise … from`, and the reasons that Twisted gathers."""
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop()
        if current is None:
            continue
        yield current
        waiting.append(current.__cause__)
        for reason in getattr(current, "reasons", None) or ():
            waiting.append(reason.value if isinstance(reason, Failure) else None)
