"""Which addresses and schemes may be asked."""

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address, IPv6Address

from crawler.guard import AddressRefused, Guard, GuardedResolver, literal

LOOPBACK = [
    "127.0.0.1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "①②⑦.⓪.⓪.①",
    "１２７.0.0.1",
]
PRIVATE = [
    "10.0.0.1",
    "172.16.3.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "[fd00::1]",
    "[fe80::1]",
    "224.0.0.1",
    "[ff02::1]",
]


@pytest.mark.parametrize("host", LOOPBACK + PRIVATE)
def test_an_address_that_is_not_public_is_refused_however_it_is_spelled(host: str) -> None:
    with pytest.raises(AddressRefused, match=r"^address not allowed: .+; allow it with crawl\.allow_private$"):
        Guard().check(f"http://{host}:8080/path")


@pytest.mark.parametrize("host", ["1.1.1.1", "223.5.5.5", "[2400:3200::1]", "www.zj.gov.cn", "localhost.example.cn"])
def test_public_addresses_and_names_pass(host: str) -> None:
    Guard().check(f"https://{host}/path")


def test_the_operator_may_allow_a_private_network() -> None:
    guard = Guard(["127.0.0.0/8", "192.168.7.0/24"])
    guard.check("http://127.0.0.53/")
    guard.check("http://[::ffff:127.0.0.1]/")
    guard.check("http://192.168.7.9/")
    with pytest.raises(AddressRefused):
        guard.check("http://192.168.8.9/")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/hostname",
        "ftp://example.org/x",
        "data:text/html,x",
        "gopher://example.org/",
        "//example.org/x",
        "http:///x",
        "http://",
        "http://[::1",
        "javascript:alert(1)",
        "",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused, match=r"(only http and https|names no host|is not a URL)"):
        Guard().check(url)


def test_a_network_that_is_none_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/99"):
        Guard(["10.0.0.0/99"])


@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_every_spelling_of_an_address_is_judged_alike(number: int) -> None:
    address = ipaddress.IPv4Address(number)
    spellings = [str(address), str(number), hex(number), f"::ffff:{address}"]
    judged = {Guard().permits(found) for text in spellings if (found := literal(text)) is not None}
    assert len(judged) == 1


class Receiver:
    def __init__(self) -> None:
        self.addresses: list[Any] = []
        self.complete = False

    def resolutionBegan(self, resolution: Any) -> None: ...

    def addressResolved(self, address: Any) -> None:
        self.addresses.append(address)

    def resolutionComplete(self) -> None:
        self.complete = True


class Names:
    """A resolver that gives what it is told, as Twisted's gives what the system knows."""

    def __init__(self, *addresses: Any) -> None:
        self.addresses = addresses

    def resolveHostName(self, receiver: Any, hostName: str, *_: Any) -> None:
        receiver.resolutionBegan(None)
        for address in self.addresses:
            receiver.addressResolved(address)
        receiver.resolutionComplete()


class Reactor:
    def __init__(self, names: Names) -> None:
        self.nameResolver: Any = names

    def installNameResolver(self, resolver: Any) -> None:
        self.nameResolver = resolver


def test_the_resolver_hands_on_permitted_addresses_only() -> None:
    public, inside = IPv4Address("TCP", "1.1.1.1", 80), IPv4Address("TCP", "10.0.0.1", 80)
    resolver = GuardedResolver(Reactor(Names(inside, public, IPv6Address("TCP", "::1", 80))), Guard())
    receiver = Receiver()
    resolver.resolveHostName(receiver, "Mixed.example")
    assert receiver.addresses == [public]
    assert receiver.complete
    assert resolver.refused("mixed.example") is None


def test_a_host_with_no_permitted_address_is_remembered_until_it_has_one() -> None:
    names = Names(IPv4Address("TCP", "10.0.0.1", 80))
    resolver = GuardedResolver(Reactor(names), Guard())
    resolver.resolveHostName(Receiver(), "rebound.example")
    assert resolver.refused("rebound.example") == "10.0.0.1"
    names.addresses = (IPv4Address("TCP", "1.1.1.1", 80),)
    resolver.resolveHostName(Receiver(), "rebound.example")
    assert resolver.refused("rebound.example") is None


def test_a_second_guard_replaces_the_first() -> None:
    reactor = Reactor(Names(IPv4Address("TCP", "127.0.0.1", 80)))
    GuardedResolver(reactor, Guard()).install_on_reactor()
    GuardedResolver(reactor, Guard(["127.0.0.0/8"])).install_on_reactor()
    receiver = Receiver()
    reactor.nameResolver.resolveHostName(receiver, "here.example")
    assert [address.host for address in receiver.addresses] == ["127.0.0.1"]
