"""Uploads a package to a presigned storage URL. Worker process only.

A presigned URL is a credential: it is sent without `Authorization` and never appears in an error.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader
from pathlib import Path
from typing import cast

import requests
import urllib3

from ..system.cancellation import Cancelled
from . import fields
from .addresses import check_given_address
from .errors import MAX_ERROR_BYTES, ApiError, from_storage
from .transport import Timeout, ca_bundle, network_error, proxies, storage_session

OnBytes = Callable[[int], None]
"""Called with the number of bytes sent so far."""
ShouldStop = Callable[[], bool]

BLOCK = 1024**2
SLICE = 256 * 1024
"""Bytes per write to the socket. A slow connection must send this many within the timeout."""
PUT_TIMEOUT: Timeout = (30, 120)
"""The connect timeout also limits the time to send one slice."""

_WHAT = "upload the package"


def put_file(
    url: str,
    path: Path,
    *,
    on_bytes: OnBytes,
    should_stop: ShouldStop,
    allow_local: bool = False,
    timeout: Timeout = PUT_TIMEOUT,
    ca_file: str | None = None,
) -> None:
    """PUT a file in one request, streamed from disk. Any 2xx is success.

    Raises ApiError ("expired-url" when the storage refuses the URL), Cancelled, and OSError from
    reading the file.
    """
    check_given_address(url, allow_local=allow_local)
    with path.open("rb") as source:
        body = _Body(source, on_bytes, should_stop)
        try:
            with storage_session(allow_local).put(
                url,
                data=cast(Iterable[bytes], body),
                timeout=timeout,
                verify=ca_bundle(ca_file),
                proxies=proxies(url),
                allow_redirects=False,
                stream=True,
            ) as response:
                if not 200 <= response.status_code < 300:
                    words = response.raw.read(MAX_ERROR_BYTES, decode_content=True)
                    raise from_storage(_WHAT, [url], response.status_code, response.headers, words)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            if body.fault is not None:
                raise body.fault from None
            raise network_error(_WHAT, url, error) from None
    if body.sent != len(body):
        raise ApiError(
            fields.NETWORK,
            f"Could not {_WHAT}. The storage answered after {body.sent} of {len(body)} bytes.",
            "Nothing to do: it is tried again.",
        )


class _Body:
    """A file as an iterable with a length, so that requests sends a Content-Length.

    requests and urllib3 report any OSError while sending as a network error; `fault` keeps one
    from the disk.
    """

    def __init__(self, source: BufferedReader, on_bytes: OnBytes, should_stop: ShouldStop) -> None:
        self._source = source
        self._on_bytes = on_bytes
        self._should_stop = should_stop
        self._size = os.fstat(source.fileno()).st_size
        self.sent = 0
        self.fault: OSError | None = None
        if not self._size:
            raise OSError(f"{source.name} is empty, there is nothing to upload")

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[memoryview]:
        try:
            yield from self._slices()
        except OSError as error:
            self.fault = error
            raise

    def _slices(self) -> Iterator[memoryview]:
        block = memoryview(bytearray(BLOCK))
        while self.sent < self._size:
            got = self._source.readinto(block)
            if not got or self.sent + got > self._size:
                raise OSError(f"{self._source.name} changed while it was uploaded")
            for start in range(0, got, SLICE):
                if self._should_stop():
                    raise Cancelled
                piece = block[start : min(start + SLICE, got)]
                yield piece
                self.sent += len(piece)
                self._on_bytes(self.sent)
