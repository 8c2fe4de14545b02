"""Decides which URLs are safe to request: the API's address, and URLs in the server's responses.

Plain http, loopback and private hosts are allowed only when the API itself runs on this computer;
otherwise a response could direct requests at local services (SSRF).
"""

import ipaddress
import re
import socket
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from . import fields
from .errors import ApiError

# IPv6 ranges that embed an IPv4 address in their last 32 bits: NAT64, mapped, translated,
# compatible (RFC 6052, RFC 8215, RFC 4291).
_IPV4_IN_IPV6 = tuple(
    map(
        ipaddress.IPv6Network,
        ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0/96", "::ffff:0:0:0/96", "::/96"),
    )
)
# Shared, reserved and retired ranges (RFC 6890): no public host has an address in them.
_NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        (
            *("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4"),
            *("64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96", "100::/64", "2001::/32"),
            *("2002::/16", "fec0::/10", "5f00::/16"),
        ),
    )
)
# Metadata services of cloud providers, which hand out credentials. The others are link-local.
_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    )
)
MAX_LENGTH = 1000
"""Characters of the API's address. It travels to the worker in a message of 4 KiB."""
MAX_LABEL = 63
"""Characters between two dots of a host's name (RFC 1035)."""


def check_api_address(address: str) -> str:
    """Return the API's address without a trailing slash; ApiError if it must not receive the key.

    Only https is allowed, and http to loopback. A query, a fragment or a user name is refused, and
    what no request can be made to. The error does not quote the address: it may hold a password.
    """
    address = address.strip()
    parts = _parse(address)
    wrong = (
        parts is None
        or parts.scheme not in ("http", "https")
        or parts.username is not None
        or bool(parts.query or parts.fragment)
        or not re.fullmatch(r"[!-~]+", address)  # a space, or letters that are not sent as written
        or len(address) > MAX_LENGTH
        or not all(0 < len(label) <= MAX_LABEL for label in _labels(parts.hostname or ""))
    )
    if wrong or parts is None:
        raise ApiError(
            fields.BAD_ADDRESS,
            "The API address is not a web address.",
            "Set it to one such as https://api.renderjuice.com/api/external/v1.",
        )
    if parts.scheme == "http" and not is_loopback(address):
        raise ApiError(
            fields.BAD_ADDRESS,
            f"The API address of {parts.hostname} begins with http://, which would send the key"
            " unencrypted.",
            "Begin it with https://.",
        )
    return address.rstrip("/")


def check_given_address(address: str, *, allow_local: bool) -> None:
    """Raise ApiError if a URL from a server's response is not safe to request.

    `allow_local` permits plain http and local services; it is true when the API runs on this
    computer.
    """
    parts = _parse(address)
    if parts is None or parts.scheme not in ("http", "https"):
        raise ApiError(fields.BAD_ADDRESS, "Renderjuice gave an address that cannot be used.")
    if not allow_local and (parts.scheme != "https" or is_local(parts.hostname or "")):
        raise unsafe_address(parts.hostname or "")


def unsafe_address(host: str) -> ApiError:
    """The error for a URL from the server that points at the unsafe `host`."""
    return ApiError(
        fields.BAD_ADDRESS,
        f"Renderjuice gave an address at {host} that is not safe to use.",
        "Report this to Renderjuice; nothing was sent there.",
    )


def is_loopback(address: str) -> bool:
    """Whether a URL's host is localhost, *.localhost, 127.0.0.0/8 or ::1."""
    parts = _parse(address)
    return parts is not None and _is_loopback(parts.hostname or "")


def _parse(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  raises ValueError if it is not a number
    except ValueError:
        return None
    # 127.0.0.1%2e and non-ASCII digits are normalized to 127.0.0.1 before the connection is made.
    plain = re.fullmatch(r"[A-Za-z0-9._:-]+", parts.hostname or "")
    return parts if plain and "\\" not in address else None


def _labels(host: str) -> list[str]:
    return host.removesuffix(".").split(".")


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that `host` spells, in any form that the system accepts; None for a name."""
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))  # also 127.1 and 2130706433
    except (OSError, UnicodeError):
        pass
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        return None
    return address.ipv4_mapped or address


def _is_loopback(host: str) -> bool:
    host = host.rstrip(".").lower()
    address = _ip(host)
    if address is None:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback


def is_local(host: str) -> bool:
    """Whether a host is this computer, link-local, cloud metadata or outside the public ranges.

    Private networks such as 192.168.0.0/16 do not count as local.
    """
    address = _ip(host.rstrip("."))
    if address is None:
        return _is_loopback(host)
    return any(
        one.is_loopback
        or one.is_link_local
        or one.is_unspecified
        or one.is_multicast
        or one in _METADATA
        or any(one in network for network in _NOT_PUBLIC)
        for one in (address, *_embedded_ipv4(address))
    )


def _embedded_ipv4(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses to which a gateway may translate an IPv6 address."""
    if isinstance(address, ipaddress.IPv6Address):
        if any(address in network for network in _IPV4_IN_IPV6):
            yield ipaddress.IPv4Address(address.packed[-4:])
        if address.sixtofour:
            yield address.sixtofour
        if address.packed[8:12] in (b"\0\0\x5e\xfe", b"\2\0\x5e\xfe"):  # ISATAP
            yield ipaddress.IPv4Address(address.packed[-4:])
