"""Which addresses are of the public network, and which hosts belong to a portal."""

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from urllib.parse import urlsplit

HOST_GROUP: Final = "host_group"
"""Key of a request's meta: the HostGroup it must not leave."""
Address = IPv4Address | IPv6Address
Place = tuple[str, int]
"""Host in small letters and port."""
PORTS: Final = {"http": 80, "https": 443}
_NETLOC = re.compile(r"(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?", re.IGNORECASE)
"""No user name, backslash or percent sign: an address that two libraries may read differently is refused."""
_LOCAL_SUFFIXES: Final = (".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa")
_MASQUERADE: Final = ipaddress.ip_network("198.18.0.0/15")
"""Given by proxies that resolve every name themselves («fake IP»); no host on the internet has them (RFC 2544)."""

_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses mapped into IPv6 (NAT64)."""


def literal(host: str) -> Address | None:
    """Return the address that a host is, in any form a resolver takes (127.1, 0x7f000001, 2130706433), or None."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def is_public(address: Address) -> bool:
    """Whether an address is of the public network: not loopback, private, link-local, shared, or these mapped."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if address in _TRANSLATED:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner:
            return is_public(inner)
    return address in _MASQUERADE or (address.is_global and not address.is_multicast)


def is_local(host: str) -> bool:
    """Whether a host can only be a local one: an address that is not public, localhost, a name without dots."""
    address = literal(host)
    if address is not None:
        return not is_public(address)
    return "." not in host or host.endswith(_LOCAL_SUFFIXES)


def is_loopback(url: str) -> bool:
    """Whether a URL points at this machine: a replica or a mirror on trial, never a portal that has moved."""
    host = urlsplit(url).hostname or ""
    address = literal(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def place_of(url: str) -> Place | None:
    """Return host and port of an http(s) URL; None if it is none, or if it can be read in two ways."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not _NETLOC.fullmatch(parts.netloc):
            return None
        host = (parts.hostname or "").rstrip(".").encode("idna" if "[" not in parts.netloc else "ascii").decode()
        port = PORTS[parts.scheme] if parts.port is None else parts.port
    except ValueError:  # also what is no name (UnicodeError), no port, no IPv6 address
        return None
    return (host.lower(), port) if host and port else None


@dataclass(frozen=True, slots=True)
class HostGroup:
    """The servers that answer for a portal: requests go nowhere else."""

    name: str
    places: frozenset[Place]
    old_tls: bool = False
    """Whether the servers may be talked to in the TLS of old servers (`tls.py`)."""
    impersonate: str = ""
    """The browser whose handshake the servers want to see (`impersonation.py`); empty for our own."""

    @property
    def lease(self) -> str:
        """Under which its servers are held by one reader at a time; a local server is a host of its own."""
        local = next((place for place in self.places if is_local(place[0])), None)
        return f"{local[0]}:{local[1]}" if local else self.name

    def holds(self, url: str) -> bool:
        """Whether a URL's server belongs to the group."""
        return place_of(url) in self.places


def host_group(
    name: str, base_url: str, known: Iterable[str] = (), *, old_tls: bool = False, impersonate: str = ""
) -> HostGroup:
    """Make the group of a portal: the server at `base_url`, and the `known` base URLs of the group's register rows.

    A server of the public network also counts with or without www, and with https in place of http. A local one (a
    mirror, a replica) is that host and port alone. A known address that is not public never belongs to the group.
    """
    base = place_of(base_url)
    if base is None:
        return HostGroup(name, frozenset(), old_tls, impersonate)
    if is_local(base[0]):
        return HostGroup(name, frozenset({base}), old_tls, impersonate)
    public = [place for url in known if (place := place_of(url)) and not is_local(place[0])]
    places = frozenset(one for place in (base, *public) for one in _kin(place))
    return HostGroup(name, places, old_tls, impersonate)


def _kin(place: Place) -> Iterable[Place]:
    host, port = place
    names = {host} if literal(host) else {host, host.removeprefix("www."), f"www.{host.removeprefix('www.')}"}
    ports = set(PORTS.values()) if port in PORTS.values() else {port}
    return ((name, one) for name in names for one in ports)
