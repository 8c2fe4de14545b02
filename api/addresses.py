"""Which addresses may be connected to: the API's own, and those that a server gives."""

import ipaddress
import re
import socket
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from . import fields
from .errors import ApiError

# IPv6 that may lead to the IPv4 address at its end: NAT64, mapped, translated, compatible.
_AROUND_IPV4 = tuple(
    map(
        ipaddress.IPv6Network,
        ("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0/96", "::ffff:0:0:0/96", "::/96"),
    )
)
# Shared, reserved and retired ranges: nothing on the internet has an address in them.
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
# Where machines in a cloud learn their own secrets; others of that kind are link-local.
_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    )
)


def check_api_address(address: str) -> str:
    """The API's address without a trailing slash; ApiError when it must not get the key."""
    address = address.strip()
    parts = _split(address)
    wrong = (
        parts is None
        or parts.scheme not in ("http", "https")
        or parts.username is not None
        or bool(parts.query or parts.fragment)
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
    """ApiError when an address that a server gave must not be used.

    `allow_local` is true when the API itself runs on this computer; only then may plain http and
    this computer's own services be reached.
    """
    parts = _split(address)
    if parts is None or parts.scheme not in ("http", "https"):
        raise ApiError(fields.BAD_ADDRESS, "Renderjuice gave an address that cannot be used.")
    if not allow_local and (parts.scheme != "https" or is_local(parts.hostname or "")):
        raise not_safe(parts.hostname or "")


def not_safe(host: str) -> ApiError:
    """The error for an address at `host` that a server gave and that must not be used."""
    return ApiError(
        fields.BAD_ADDRESS,
        f"Renderjuice gave an address at {host} that is not safe to use.",
        "Report this to Renderjuice; nothing was sent there.",
    )


def is_loopback(address: str) -> bool:
    """Whether an address names this computer by localhost, *.localhost, 127.0.0.0/8 or ::1."""
    parts = _split(address)
    return parts is not None and _is_loopback(parts.hostname or "")


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  raises ValueError for one that is no number
    except ValueError:
        return None
    # 127.0.0.1%2e and digits of other scripts become 127.0.0.1 on their way to the network.
    plain = re.fullmatch(r"[A-Za-z0-9._:-]+", parts.hostname or "")
    return parts if plain and "\\" not in address else None


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address a host is written as, in any of the forms that the system understands."""
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
    """Whether a host is this computer, or a service that only machines like it can reach."""
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
        for one in (address, *_inside(address))
    )


def _inside(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 address that a gateway may take an IPv6 address for."""
    if isinstance(address, ipaddress.IPv6Address):
        if any(address in network for network in _AROUND_IPV4):
            yield ipaddress.IPv4Address(address.packed[-4:])
        if address.sixtofour:
            yield address.sixtofour
        if address.packed[8:12] in (b"\0\0\x5e\xfe", b"\2\0\x5e\xfe"):  # ISATAP
            yield ipaddress.IPv4Address(address.packed[-4:])
