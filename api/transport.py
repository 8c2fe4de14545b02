"""What the API client and the storage transfers share: addresses, sessions, network errors."""

import errno
import ipaddress
import os
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.cookies import RequestsCookieJar
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

from . import fields
from .errors import ApiError

Timeout = tuple[float, float]
"""Seconds to wait for a connection, and for each read of an answer."""
TIMEOUT: Timeout = (10, 60)
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PROXY_ERRORS = (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError)
USER_AGENT = "Renderjuice for Blender"


# IPv6 with an IPv4 address at its end: of NAT64, and "compatible" of old.
_AROUND_IPV4 = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "::/96")))
# Where machines in a cloud learn their own secrets; others of that kind are link-local.
_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"),
    )
)


class BearerAuth(AuthBase):
    """Puts the key into `Authorization`; being an auth object keeps ~/.netrc from replacing it."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Called by requests for each request."""
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class NoAuth(AuthBase):
    """Sends no `Authorization`, and keeps ~/.netrc from adding one."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Called by requests for each request."""
        request.headers.pop("Authorization", None)
        return request


class Sessions:
    """One `requests.Session` a thread, so that connections are kept and nothing is shared."""

    def __init__(self, new: Callable[[], requests.Session]) -> None:
        self._new = new
        self._local = threading.local()

    def get(self) -> requests.Session:
        """This thread's session."""
        if not hasattr(self._local, "session"):
            self._local.session = self._new()
        session: requests.Session = self._local.session
        return session


def new_session(auth: AuthBase, *, allow_local: bool) -> requests.Session:
    """A session that heeds neither ~/.netrc nor cookies, and proxies where it is given them.

    Without `allow_local` it makes no connection to this computer, whatever a name leads to.
    """
    session = requests.Session()
    session.trust_env = False  # it would read all of the environment twice a request: see proxies()
    if not allow_local:
        session.mount("https://", _Outside())
    session.auth = auth
    session.cookies = RequestsCookieJar(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = USER_AGENT
    return session


class _OutsideConnection(HTTPSConnection):
    """A connection that is given up, with nothing sent, where it has led to this computer."""

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        here, there = connected.getsockname()[0], connected.getpeername()[0]
        if here == there or _is_local(there):
            connected.close()
            raise _not_safe(self.host)
        return connected


class _OutsidePool(HTTPSConnectionPool):
    ConnectionCls = _OutsideConnection


class _Outside(HTTPAdapter):
    """Looks where a name has led to. Through a proxy the proxy does that, which may be here."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Called by requests; urllib3 is its library of connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _OutsidePool}


def scaled(timeout: Timeout, pace: float) -> Timeout:
    """Both times multiplied."""
    connecting, reading = timeout
    return connecting * pace, reading * pace


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
    if not allow_local and (parts.scheme != "https" or _is_local(parts.hostname or "")):
        raise _not_safe(parts.hostname or "")


def _not_safe(host: str) -> ApiError:
    return ApiError(
        fields.BAD_ADDRESS,
        f"Renderjuice gave an address at {host} that is not safe to use.",
        "Report this to Renderjuice; nothing was sent there.",
    )


def is_loopback(address: str) -> bool:
    """Whether an address names this computer by localhost, *.localhost, 127.0.0.0/8 or ::1."""
    parts = _split(address)
    return parts is not None and _is_loopback(parts.hostname or "")


def proxies(address: str) -> dict[str, str]:
    """What to pass as `proxies=`: none for this computer, else the system's own."""
    return {} if is_loopback(address) else get_environ_proxies(address)


def trusted(ca_file: str | None) -> str | bool:
    """What to pass as `verify=`: a firm's own certificates, else True for those that ship with us.

    SSL_CERT_FILE is not heeded: it may name the bundle that an old Blender came with. Raises
    ApiError where the file that a variable names is not there.
    """
    if ca_file:
        return ca_file
    for name in CA_VARIABLES:
        path = os.environ.get(name)
        if path and not Path(path).exists():
            raise ApiError(
                fields.TLS,
                f"The file of certificates {path} is not there, and {name} names it.",
                f"Correct or remove the environment variable {name}.",
            )
        if path:
            return path
    return True


def network_fault(what: str, address: str, error: Exception) -> ApiError:
    """The ApiError for an exception of requests or urllib3. Names the host, never the whole URL."""
    host = urlsplit(address).hostname or "the server"
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return ApiError(
            fields.TLS,
            f"Could not {what}. The certificate of {host} cannot be trusted.",
            "Check this computer's date and time, and whether the network has a proxy or a virus"
            " scanner that opens encrypted connections.",
        )
    timeouts = (requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)
    refused = urllib3.exceptions.NewConnectionError  # a "timeout" by its base class only
    if any(isinstance(cause, timeouts) and not isinstance(cause, refused) for cause in causes):
        return ApiError(
            fields.TIMEOUT,
            f"Could not {what}. {host} did not answer in time.",
            "Check the internet connection; it is tried again.",
        )
    if any(isinstance(cause, _PROXY_ERRORS) for cause in causes):
        return ApiError(
            fields.NETWORK,
            f"Could not {what}. The proxy does not let {host} through.",
            "Check the proxy settings of this computer (HTTPS_PROXY).",
        )
    dropped = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
    tls = [cause for cause in causes if isinstance(cause, ssl.SSLError)]
    if tls and not isinstance(tls[-1], dropped):
        return ApiError(
            fields.TLS,
            f"Could not {what}. No encrypted connection to {host} could be made.",
            "Check the API address and whether a proxy stands between.",
        )
    return ApiError(
        fields.NETWORK,
        f"Could not {what}. {_said(causes, host)}",
        "Check the internet connection; it is tried again.",
    )


def _said(causes: list[BaseException], host: str) -> str:
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"The host {host} was not found."
    numbers = {cause.errno for cause in causes if isinstance(cause, OSError)}
    if errno.ECONNREFUSED in numbers:
        return f"{host} refused the connection."
    if numbers & {errno.ENETUNREACH, errno.EHOSTUNREACH}:
        return f"There is no network path to {host}."
    return f"The connection to {host} broke off."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and everything it was made from, from the outside in."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]


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


def _is_local(host: str) -> bool:
    address = _ip(host.rstrip("."))
    if address is None:
        return _is_loopback(host)
    return any(
        one.is_loopback
        or one.is_link_local
        or one.is_unspecified
        or one.is_multicast
        or one in _METADATA
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
