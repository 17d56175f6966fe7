"""Where a delivery may go: https to public addresses, and what the operator has allowed besides."""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

import idna

from frontdesk.basics.errors import Problem

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""Where NAT64 puts the IPv4 internet (RFC 6052)."""
_UNICAST = ipaddress.IPv6Network("2000::/3")
"""All that is assigned as global unicast (RFC 4291)."""
_RESERVED = tuple(
    ipaddress.ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2001:db8::/32", "3fff::/20")
)
"""What IANA's special-purpose registries hold and the oldest Python that we run on takes for public."""


class RefusedDestination(Problem):
    """A delivery must not go to this address."""

    code: ClassVar[str] = "refused_destination"


@dataclass(frozen=True, slots=True)
class Destination:
    """A resolved destination: the connection goes to `address`, whatever the name says a moment later."""

    url: str
    host: str
    port: int
    scheme: str
    address: str


class Allowed:
    """The hosts and networks that deliveries may reach although they are private, over plain http too."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._hosts: set[str] = set()
        self._networks: list[Network] = []
        for entry in entries:
            try:
                self._networks.append(ipaddress.ip_network(entry, strict=False))
            except ValueError:
                self._hosts.add(entry.lower())

    def host(self, host: str) -> bool:
        """Whether this name, or this literal address, was allowed."""
        if host.lower() in self._hosts:
            return True
        try:
            return self.address(ipaddress.ip_address(host))
        except ValueError:
            return False

    def address(self, address: Address) -> bool:
        """Whether the address lies in an allowed network."""
        return any(address.version == network.version and address in network for network in self._networks)


def check_url(url: str, allowed: Allowed, *, plain_http: bool = False) -> None:
    """What can be said of an address without asking anybody. Raises `RefusedDestination`."""
    scheme, host, _ = _parts(url)
    if scheme == "http" and not (plain_http or allowed.host(host)):
        raise RefusedDestination("The address must begin with https://")
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return
    if not (allowed.host(host) or _public(literal)):
        raise RefusedDestination("The address must not be private, loopback or link-local")


async def resolve(url: str, allowed: Allowed, *, plain_http: bool = False) -> Destination:
    """Look the name up once and refuse it if any of its addresses is private. Raises `RefusedDestination`."""
    check_url(url, allowed, plain_http=plain_http)
    scheme, host, port = _parts(url)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise RefusedDestination("The host name of the address cannot be resolved") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).split("%", 1)[0]) for entry in found]
    by_name = allowed.host(host)
    if not addresses or not all(by_name or _public(each) or allowed.address(each) for each in addresses):
        raise RefusedDestination("The host name of the address leads to a private, loopback or link-local address")
    return Destination(url, host, port, scheme, str(addresses[0]))


def _parts(url: str) -> tuple[str, str, int]:
    """Scheme, host in ASCII and port."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = parts.hostname or ""
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode()
    except ValueError as error:  # a bracket left open, a port that is none, a name that cannot be one
        raise RefusedDestination("The address is not a URL") from error
    if parts.scheme not in ("https", "http") or not host:
        raise RefusedDestination("The address must be an absolute https URL")
    if "@" in parts.netloc:
        raise RefusedDestination("The address must not hold a user name or password")
    if port == 0:
        raise RefusedDestination("The port of the address must be from 1 to 65535")
    return parts.scheme, host, port or (443 if parts.scheme == "https" else 80)


def _public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        # An IPv4 address in IPv6 clothing is judged as the IPv4 address that it is.
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _public(inner)
        if address not in _UNICAST:
            return False
    if any(address.version == network.version and address in network for network in _RESERVED):
        return False
    return address.is_global and not address.is_multicast
