"""HTTP sessions, proxies, certificates and network errors, for the API client and transfers."""

import errno
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.cookies import RequestsCookieJar
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

from . import fields
from .addresses import is_local, is_loopback, unsafe_address
from .errors import ApiError

Timeout = tuple[float, float]
"""Seconds to wait for a connection, and for each read of a response."""
TIMEOUT: Timeout = (10, 60)
CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PROXY_ERRORS = (requests.exceptions.ProxyError, urllib3.exceptions.ProxyError)
USER_AGENT = "Renderjuice for Blender"


class BearerAuth(AuthBase):
    """Sends the key in `Authorization`. As an auth object it takes precedence over ~/.netrc."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Called by requests for each request."""
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class NoAuth(AuthBase):
    """Sends no `Authorization`, not even from ~/.netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Called by requests for each request."""
        request.headers.pop("Authorization", None)
        return request


class Sessions:
    """One `requests.Session` per thread: it keeps connections alive and is not thread-safe."""

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
    """Create a session that ignores ~/.netrc, cookies and the proxy variables (see `proxies`).

    Unless `allow_local`, it refuses to connect to this computer, whatever a name resolves to.
    """
    session = requests.Session()
    session.trust_env = False  # it scans the environment twice per request; see proxies()
    if not allow_local:
        session.mount("https://", _PublicAdapter())
    session.auth = auth
    session.cookies = RequestsCookieJar(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = USER_AGENT
    return session


_storage_sessions = {
    local: Sessions(partial(new_session, NoAuth(), allow_local=local)) for local in (False, True)
}


def storage_session(allow_local: bool) -> requests.Session:
    """This thread's session for presigned URLs."""
    return _storage_sessions[allow_local].get()


class _PublicConnection(HTTPSConnection):
    """Closes the connection before anything is sent if the name resolved to this computer."""

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        here, there = connected.getsockname()[0], connected.getpeername()[0]
        if here == there or is_local(there):
            connected.close()
            raise unsafe_address(self.host)
        return connected


class _PublicPool(HTTPSConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicAdapter(HTTPAdapter):
    """Checks the peer's address of each connection. With a proxy, the proxy resolves the name."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Called by requests to create urllib3's pools."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": _PublicPool}


def scaled_timeout(timeout: Timeout, time_scale: float) -> Timeout:
    """Multiply both timeouts."""
    connecting, reading = timeout
    return connecting * time_scale, reading * time_scale


def proxies(address: str) -> dict[str, str]:
    """What to pass as `proxies=`: the system's proxies, or none for this computer."""
    return {} if is_loopback(address) else get_environ_proxies(address)


def ca_bundle(ca_file: str | None) -> str | bool:
    """What to pass as `verify=`: the bundle in CA_VARIABLES, or True for the bundled certificates.

    SSL_CERT_FILE is ignored: it may name the outdated bundle of an old Blender. Raises ApiError if
    the file that a variable names does not exist.
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


def network_error(what: str, address: str, error: Exception) -> ApiError:
    """The ApiError for an exception of requests or urllib3. It names the host, not the URL."""
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
    refused = urllib3.exceptions.NewConnectionError  # derives from ConnectTimeoutError in urllib3
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
        f"Could not {what}. {_connection_message(causes, host)}",
        "Check the internet connection; it is tried again.",
    )


def _connection_message(causes: list[BaseException], host: str) -> str:
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"The host {host} was not found."
    numbers = {cause.errno for cause in causes if isinstance(cause, OSError)}
    if errno.ECONNREFUSED in numbers:
        return f"{host} refused the connection."
    if numbers & {errno.ENETUNREACH, errno.EHOSTUNREACH}:
        return f"There is no network path to {host}."
    return f"The connection to {host} broke off."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and its causes, outermost first."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
