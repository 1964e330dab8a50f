"""Which addresses may be visited: public ones. It is looked at when a connection is made, so no name and no redirect
leads past it, and a name that means another address a moment later does not either."""

import socket
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

from yarl import URL


class NotPublic(OSError):
    """The address is not public."""


def is_public(address: str) -> bool:
    """Whether a numeric address is of the internet at large, and carries no other address inside.

    Source: IANA's special-purpose registries, as `ipaddress` has them; RFC 6052 (NAT64) and 4291 (IPv4 in IPv6) lie in
    blocks that are reserved there, RFC 3056 (6to4) and 4380 (Teredo) do not.
    """
    ip = ip_address(address.partition("%")[0])
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    return ip.version == 4 or not (ip.is_site_local or ip.sixtofour or ip.teredo)


def public_socket(info: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
    """A socket for an address that is about to be connected to. Raises: NotPublic."""
    family, kind, protocol, _, address = info
    if not is_public(str(address[0])):
        raise NotPublic("the address is not public")
    return socket.socket(family, kind, protocol)


class AllowedHosts:
    """The hosts that the owner has named: those may be visited wherever they are."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(name.strip().casefold() for name in names)

    def __contains__(self, url: URL) -> bool:
        """Whether the host of an address was named, alone or with this port."""
        return url.host is not None and not self._names.isdisjoint({url.host, f"{url.host}:{url.port}"})
