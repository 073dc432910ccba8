"""HTTP to addresses that strangers named: never into the own network.

A name is resolved once, every address it has is judged, and the connection goes to the address that was judged: a name
that means something else a moment later (DNS rebinding) leads nowhere.
"""

from __future__ import annotations

import asyncio
import socket
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")
RESOLVE_SECONDS = 5


class AddressForbidden(ConnectionError):
    """The name leads into a private, local or otherwise special range."""


class PinnedTransport(httpx.AsyncBaseTransport):
    """Connects to the judged address of a host; certificates are still checked against its name.

    Connections are not kept: one that was made for one name must not serve another at the same address.
    """

    def __init__(self, *, private: bool) -> None:
        self._private = private

    @cached_property
    def _inner(self) -> httpx.AsyncHTTPTransport:
        """Not before the first delivery: reading the certificate authorities takes time and memory."""
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=0)
        return httpx.AsyncHTTPTransport(limits=limits, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to the address that its host has now."""
        host = request.url.host
        address = await vetted(host, request.url.port or 443, private=self._private)
        request.url = request.url.copy_with(host=address)
        request.extensions = {**request.extensions, "sni_hostname": host}
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Let go of every connection."""
        if "_inner" in self.__dict__:
            await self._inner.aclose()


async def vetted(host: str, port: int, *, private: bool) -> str:
    """The address to connect to. Raises AddressForbidden when one of the host's is special, OSError when it has none.

    `private`: special ranges are allowed.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(RESOLVE_SECONDS):
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(sockaddr[0]).partition("%")[0] for *_, sockaddr in found]
    if not addresses:
        raise OSError("the name has no address")
    if not private and not all(is_public(address) for address in addresses):
        raise AddressForbidden("the name leads into a special range")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether an address is one of the open Internet, also when it only wraps another one."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        ip = _wrapped(ip) or ip
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _wrapped(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address inside a mapped, translated or tunnelled one."""
    if ip.ipv4_mapped:
        return ip.ipv4_mapped
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.sixtofour if ip in _SIX_TO_FOUR else None
