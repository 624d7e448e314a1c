"""Which machines may be asked: public ones only, and exactly the address that was looked at."""

from __future__ import annotations

import errno
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}
OTHER_PORTS = (8080, 8443)
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotPublicError(Exception):
    """The address is not one of the public web: it is not asked at all."""


class NoSuchHostError(Exception):
    """No machine has this name."""


class OfflineError(Exception):
    """This machine cannot ask anybody now: that says nothing about the link."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect to: ``address`` is an IP address that was found to be public."""

    scheme: str
    host: str
    port: int
    address: str
    path: str


def is_public(text: str) -> bool:
    """Whether the IP address ``text`` belongs to the public net, also what it wraps inside."""
    address: Address = ipaddress.ip_address(text.partition("%")[0])
    inside = [address, *_wrapped(address)]
    return all(each.is_global and not each.is_multicast and not each.is_reserved for each in inside)


def _wrapped(address: Address) -> list[Address]:
    """IPv4 addresses that an IPv6 address leads to."""
    if not isinstance(address, ipaddress.IPv6Address):
        return []
    found: list[Address] = [each for each in (address.ipv4_mapped, address.sixtofour) if each]
    if address.teredo:
        found += address.teredo
    if address in NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return found


def target_of(url: str, *, allowed: frozenset[str] = frozenset()) -> Target:
    """Where ``url`` leads, its name resolved once.

    ``allowed`` are hosts, or hosts with port, that may be asked although they are not public.
    Raises ``NotPublicError``, ``NoSuchHostError`` and ``OfflineError``.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host.encode("idna")
    except (ValueError, UnicodeError) as fault:
        raise NotPublicError from fault
    if parts.scheme not in PORTS or not host or parts.username or parts.password:
        raise NotPublicError
    usual = PORTS[parts.scheme]
    port = port or usual
    trusted = bool({host, f"{host}:{port}"} & allowed)
    if not trusted and port != usual and port not in OTHER_PORTS:
        raise NotPublicError
    found = _resolve(host, port)
    # One private address among public ones is a trick, or a name of the own network.
    if not trusted and not all(is_public(each) for each in found):
        raise NotPublicError
    path = parts.path or "/"
    return Target(
        scheme=parts.scheme,
        host=host,
        port=port,
        address=found[0],
        path=f"{path}?{parts.query}" if parts.query else path,
    )


def _resolve(host: str, port: int) -> list[str]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as fault:
        if fault.errno == socket.EAI_AGAIN:
            raise OfflineError from fault
        raise NoSuchHostError from fault
    except OSError as fault:
        raise OfflineError from fault
    # IPv4 first: many networks promise IPv6 and do not route it.
    rows.sort(key=lambda row: row[0] != socket.AF_INET)
    return [str(row[4][0]) for row in rows]


def is_offline(fault: OSError) -> bool:
    """Whether ``fault`` is the trouble of this machine and not of the other."""
    return fault.errno in (errno.ENETUNREACH, errno.ENETDOWN)
