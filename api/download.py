"""Downloads an output file from a presigned storage URL. Worker process only.

Start: a Range request with If-Range when a partial file exists. Steady state: blocks are appended
to the partial file and flushed every SAVE_EVERY bytes. End: the length is verified and the file
fsynced; the caller renames it.

A presigned URL is a credential: it is sent without `Authorization` and never appears in an error.
"""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urljoin

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse as Response

from ..system.cancellation import Cancelled
from . import fields
from .addresses import check_given_address
from .errors import MAX_ERROR_BYTES, ApiError, from_storage
from .partial_file import PartialFile
from .transport import (
    TIMEOUT,
    USER_AGENT,
    Timeout,
    ca_bundle,
    network_error,
    proxies,
    storage_session,
)

OnBlock = Callable[[int, bytes], None]
"""Called with the offset in the file and the block."""
ShouldStop = Callable[[], bool]

BLOCK = 256 * 1024
REDIRECTS = 3
SAVE_EVERY = 64 * 1024**2
"""Bytes between two flushes to disk, which is the most that a crash can lose."""


@dataclass(frozen=True, slots=True)
class Version:
    """The version of a file in the storage; `length` in bytes, None without Content-Length.

    `validator` is "e" and a hash of the ETag, or "d" and one of Last-Modified; "" without both.
    """

    length: int | None
    validator: str

    def is_same(self, size: int, validator: str, *, trust_length: bool) -> bool:
        """Whether this is the version of `size` bytes with that validator.

        Where the validators cannot be compared, an equal length counts if `trust_length` is true.
        """
        if self.length not in (None, size):
            return False
        if validator and validator[0] == self.validator[:1]:
            return validator == self.validator
        return trust_length and self.length is not None


_WHAT = "download a file"
_HEADERS = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}


def get_file(  # noqa: PLR0913  (keyword-only but for two)
    url: str,
    part: Path,
    *,
    on_block: OnBlock,
    should_stop: ShouldStop,
    allow_local: bool = False,
    timeout: Timeout = TIMEOUT,
    ca_file: str | None = None,
    limit: int | None = None,
    self_delimiting: bool = False,
) -> Version:
    """Download into `part`, resuming an earlier attempt if the ETag is still the same.

    Returns the version with its verified length; the file is fsynced and left for the caller to
    rename. When the response has no length, a second request confirms it, unless the format is
    `self_delimiting`: then the caller can tell from the content whether the file is complete.
    `limit` is in bytes: a longer file raises "too-large" and is deleted.

    Raises ApiError ("expired-url" when the storage refuses the URL; `status` is that of the
    response, if there was one), Cancelled, and OSError from writing to disk.
    """
    connection = _Connection(allow_local, timeout, ca_file)

    def check(done: int) -> None:
        if should_stop():
            raise Cancelled
        if limit is not None and done > limit:
            raise _TooLarge(limit)

    file = PartialFile(part)
    try:
        for _ in range(2):  # the second attempt starts over if the partial file is outdated
            with connection.get(url, file.headers()) as response:
                start = _offset(response, file, connection.urls)
                if start is not None:
                    check(_length(response, start) or 0)
                    length = _write_body(response, file, start, on_block, check)
                    if not self_delimiting and not _has_length(response):
                        _confirm_length(connection, url, part, length, check)
                    return Version(length, _validator(response))
            file.restart()
    except _TooLarge:
        file.remove()
        raise
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise connection.error(url, error) from None
    raise _unexpected("The storage sent the wrong part.", response.status)


def get_version(
    url: str, *, allow_local: bool = False, timeout: Timeout = TIMEOUT, ca_file: str | None = None
) -> Version:
    """Ask the storage which version it has, by a request for one byte. Raises ApiError."""
    connection = _Connection(allow_local, timeout, ca_file)
    try:
        with connection.get(url, {"Range": "bytes=0-0"}) as response:
            if not (200 <= response.status < 300 or response.status == 416):
                words = response.read(MAX_ERROR_BYTES, decode_content=True)
                status, headers = response.status, response.headers
                raise from_storage(_WHAT, connection.urls, status, headers, words)
            whole = _content_range(response).rpartition("/")[2]
            length = int(whole) if re.fullmatch("[0-9]{1,18}", whole) else None
            if response.status == 200:
                length = _length(response, 0)
            else:
                response.drain_conn()
            return Version(length, _validator(response))
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise connection.error(url, error) from None


def _unexpected(said: str, status: int, id: str = fields.SERVER_FAULT, hint: str = "") -> ApiError:
    """The error for a response other than the one that was requested."""
    return ApiError(id, f"Could not {_WHAT}. {said}", hint, status=status)


def _validator(response: Response) -> str:
    etag = response.headers.get("ETag", "").removeprefix("W/")
    value = f"e{etag}" if etag else f"d{response.headers.get('Last-Modified', '')}"
    return value[0] + hashlib.sha256(value.encode()).hexdigest()[:12] if value[1:] else ""


class _TooLarge(ApiError):
    """A file that exceeds the limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            fields.TOO_LARGE,
            f"Could not {_WHAT}. It is larger than {limit / 1024**3:g} GiB, as no picture is.",
            "Look into the Renderjuice dashboard.",
        )


class _Connection:
    """GET with redirects, over this thread's pooled connections."""

    def __init__(self, allow_local: bool, timeout: Timeout, ca_file: str | None) -> None:
        self._allow_local = allow_local
        self._session = storage_session(allow_local)
        self._timeout = urllib3.Timeout(connect=timeout[0], read=timeout[1])
        self._verify = ca_bundle(ca_file)
        self.urls: list[str] = []
        """Every URL that was requested, redirects included."""
        self._status: int | None = None

    def get(self, url: str, headers: dict[str, str]) -> Response:
        """Return the response after at most REDIRECTS redirects, each to an allowed URL."""
        for _ in range(REDIRECTS + 1):
            check_given_address(url, allow_local=self._allow_local)
            self.urls.append(url)
            self._status = None
            response = self._request(url, headers)
            self._status = response.status
            target = response.headers.get("Location")
            if response.status not in (301, 302, 303, 307, 308) or not target:
                return response
            response.close()
            url = urljoin(url, target)
        raise _unexpected("The storage redirects in circles.", response.status)

    def error(self, url: str, error: Exception) -> ApiError:
        """The ApiError for an exception, with the status if a response had begun."""
        found = network_error(_WHAT, url, error)
        found.status = self._status
        return found

    def _request(self, url: str, headers: dict[str, str]) -> Response:
        """Send one request by urllib3: the overhead of requests exceeds that of a small frame."""
        request = requests.PreparedRequest()
        request.prepare_url(url, {})
        proxy_map = proxies(url)
        adapter = cast(HTTPAdapter, self._session.get_adapter(url))
        pool = adapter.get_connection_with_tls_context(request, self._verify, proxy_map)
        response = cast(urllib3.HTTPConnectionPool, pool).urlopen(
            "GET",
            adapter.request_url(request, proxy_map),
            headers=_HEADERS | headers,
            timeout=self._timeout,
            retries=False,
            redirect=False,
            assert_same_host=False,  # the pool's host may be a proxy
            preload_content=False,
            decode_content=False,
        )
        return cast(Response, response)


def _offset(response: Response, file: PartialFile, urls: list[str]) -> int | None:
    """The offset at which the body belongs; None when the partial file cannot be resumed."""
    status = response.status
    if status == 416 and file.size:
        complete = _content_range(response) == f"bytes */{file.size}"
        return file.size if complete else None
    if status == 206 and file.size:
        same = response.headers.get("ETag", file.etag) == file.etag
        begins = _content_range(response).startswith(f"bytes {file.size}-")
        return file.size if same and begins else None
    if not 200 <= status < 300:
        words = response.read(MAX_ERROR_BYTES, decode_content=True)
        raise from_storage(_WHAT, urls, status, response.headers, words)
    if status != 200 or response.headers.get("Content-Encoding", "identity") != "identity":
        said = f"The storage sent it in a form that was not asked for (HTTP {status})."
        raise _unexpected(said, status)
    etag = response.headers.get("ETag", "")
    file.restart("" if etag.startswith("W/") else etag)
    return 0


def _write_body(
    response: Response,
    file: PartialFile,
    start: int,
    on_block: OnBlock,
    check: Callable[[int], None],
) -> int:
    """Write the body at offset `start`; return the length of the file.

    Raises ApiError when the body is shorter or longer than its Content-Length.
    """
    expected = start if response.status == 416 else _length(response, start)
    with file.open(start) as opened:
        saved = done = start
        try:
            for block in () if response.status == 416 else _blocks(response):
                check(done + len(block))
                opened.write(block)
                on_block(done, block)
                done += len(block)
                if done - saved >= SAVE_EVERY:
                    file.save(opened)
                    saved = done
            if expected is not None and done != expected:
                raise _unexpected(
                    f"The connection ended after {done} of {expected} bytes.",
                    response.status,
                    fields.NETWORK,
                    "Nothing to do: it is tried again.",
                )
        except (ApiError, Cancelled, urllib3.exceptions.HTTPError):
            file.save(opened)
            raise
        file.finish(opened)
    return done


def _has_length(response: Response) -> bool:
    """Whether the response delimits its body, so that an early close is detected."""
    chunked = "Transfer-Encoding" in response.headers
    return chunked or response.status == 416 or _length(response, 0) is not None


def _confirm_length(
    connection: _Connection, url: str, part: Path, length: int, check: Callable[[int], None]
) -> None:
    """Verify the length of a body without one: by a Range request, or by a second download.

    Raises ApiError when the length or the content differs.
    """
    with connection.get(url, {"Range": "bytes=0-0"}) as response:
        whole = _content_range(response).rpartition("/")[2]
        if response.status in (206, 416) and re.fullmatch("[0-9]{1,18}", whole):
            same = int(whole) == length
        elif response.status == 200 and _length(response, 0) is not None:
            same = _length(response, 0) == length
        elif response.status == 200:
            same = _matches(response, part, check)
        else:
            with connection.get(url, {}) as again:
                same = again.status == 200 and _matches(again, part, check)
    if not same:
        raise _unexpected(
            f"The connection ended early, after {length} bytes.",
            200,
            fields.NETWORK,
            "Nothing to do: it is tried again.",
        )


def _content_range(response: Response) -> str:
    return response.headers.get("Content-Range", "").strip()


def _matches(response: Response, part: Path, check: Callable[[int], None]) -> bool:
    """Whether the body equals the file."""
    done = 0
    with part.open("rb") as file:
        for block in _blocks(response):
            done += len(block)
            check(done)
            if file.read(len(block)) != block:
                return False
        return not file.read(1)


def _blocks(response: Response) -> Iterator[bytes]:
    """The body in blocks, as they arrive with urllib3 2 (`read1`), full ones with 1.26."""
    read = getattr(response, "read1", response.read)
    while block := read(BLOCK):
        yield block


def _length(response: Response, start: int) -> int | None:
    """The file's length by Content-Length; None when the header is missing."""
    header = response.headers.get("Content-Length", "")
    if "Transfer-Encoding" in response.headers or not re.fullmatch("[0-9]{1,18}", header):
        return None
    return start + int(header)
