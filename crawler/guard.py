"""Keeps the crawler off addresses that are not of the public internet (SSRF); refuses schemes other than http(s)."""

import ipaddress
import socket
import unicodedata
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, Self
from urllib.parse import urlsplit

from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]  # it ships no types

from crawler.records import ChaoxunError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: NAT64: the last 32 bits are the IPv4 address that is really reached (RFC 6052).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
#: Names kept to explain a failed look-up; enough for every host of one round of polls.
_REMEMBERED = 1000


class AddressRefused(ChaoxunError):
    """A URL that leads to an address, or by a scheme, that this crawler does not use."""


class Guard:
    """Says which addresses may be asked: public ones, and the private networks that the operator named."""

    def __init__(self, allow_private: Iterable[str] = ()) -> None:
        """allow_private: networks such as "127.0.0.0/8" or "::1"; raises ValueError for what is none."""
        self._networks = tuple(ipaddress.ip_network(network, strict=False) for network in allow_private)

    def permits(self, address: Address) -> bool:
        """Pure. An IPv6 address that wraps an IPv4 one is judged by what it wraps."""
        reached = _unwrapped(address)
        if any(candidate in network for network in self._networks for candidate in (address, reached)):
            return True
        return reached.is_global and not reached.is_multicast

    def check(self, url: str) -> None:
        """Raises AddressRefused where the URL itself shows that it may not be asked; names are the resolver's part."""
        try:
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError as error:
            raise AddressRefused(f"{url!r} is not a URL: {error}") from error
        if parts.scheme not in ("http", "https"):
            raise AddressRefused(f"{url!r}: only http and https are fetched; correct the link")
        if not host or len(host) > 253 or any(not 0 < len(label) < 64 for label in host.rstrip(".").split(".")):
            # Twisted's resolver never answers for a name that the C library cannot even encode.
            raise AddressRefused(f"{url[:200]!r} names no host; correct the link")
        address = literal(host)
        if address is not None and not self.permits(address):
            raise refusal(address)


def refusal(address: object) -> AddressRefused:
    return AddressRefused(f"address not allowed: {address}; allow it with crawl.allow_private")


def literal(host: str) -> Address | None:
    """The address that a host part spells, in any of the forms that the C library takes, or None for a name. Pure.

    >>> literal("0x7f000001"), literal("127.1"), literal("example.org")
    (IPv4Address('127.0.0.1'), IPv4Address('127.0.0.1'), None)
    """
    text = unicodedata.normalize("NFKC", host).strip("[]").rstrip(".")
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(text))
    except (OSError, UnicodeEncodeError, ValueError):
        return None


def _unwrapped(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address


@implementer(IHostnameResolver)
class GuardedResolver:
    """A resolver that hands on permitted addresses only, so that what was judged is what is connected to.

    A check before the look-up would leave a gap: a name may give another address the second time it is asked.
    Installed on the reactor it holds for the whole process; the one installed last counts.
    """

    def __init__(self, reactor: Any, guard: Guard) -> None:
        self._reactor = reactor
        self._guard = guard
        inner = reactor.nameResolver
        self._inner: Any = inner._inner if isinstance(inner, GuardedResolver) else inner
        self._refused: OrderedDict[str, str] = OrderedDict()

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> Self:
        """What `scrapy crawl` and `scrapy shell` call; the setting is ALLOW_PRIVATE."""
        return cls(reactor, Guard(crawler.settings.getlist("ALLOW_PRIVATE")))

    def install_on_reactor(self) -> None:
        self._reactor.installNameResolver(self)

    def refused(self, host: str) -> str | None:
        """The address for which the last look-up of `host` was refused, or None."""
        return self._refused.get(host.lower())

    # The names of the arguments are Twisted's; the interfaces, being zope's, have no types that mypy can follow.
    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[Any] | None = None,
        transportSemantics: str = "TCP",
    ) -> Any:
        screen = _Screen(resolutionReceiver, self._guard, hostName.lower(), self._refused)
        return self._inner.resolveHostName(screen, hostName, portNumber, addressTypes, transportSemantics)


@implementer(IResolutionReceiver)
class _Screen:
    """Passes on the addresses that the guard permits, and notes a host that has no other."""

    def __init__(self, receiver: Any, guard: Guard, host: str, refused: OrderedDict[str, str]) -> None:
        self._receiver = receiver
        self._guard = guard
        self._host = host
        self._refused = refused
        self._passed = 0
        self._first_refused: str | None = None

    def resolutionBegan(self, resolution: Any) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        if self._guard.permits(ipaddress.ip_address(address.host)):
            self._passed += 1
            self._receiver.addressResolved(address)
        elif self._first_refused is None:
            self._first_refused = str(address.host)

    def resolutionComplete(self) -> None:
        self._refused.pop(self._host, None)
        if self._first_refused is not None and not self._passed:
            self._refused[self._host] = self._first_refused
            while len(self._refused) > _REMEMBERED:
                self._refused.popitem(last=False)
        self._receiver.resolutionComplete()
