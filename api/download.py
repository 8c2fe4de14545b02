"""Fetching an output from a presigned storage URL. Worker process only.

A presigned URL is its own permission: no `Authorization` goes with it, and it stays out of error
texts.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast
from urllib.parse import urljoin

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse as Answer

from ..system.cancellation import Cancelled
from . import fields
from .addresses import check_given_address
from .errors import BODY_BYTES, ApiError, from_storage
from .partial_file import PartialFile
from .transport import (
    TIMEOUT,
    USER_AGENT,
    Timeout,
    network_fault,
    proxies,
    storage_session,
    trusted,
)

OnBlock = Callable[[int, bytes], None]
"""Gets where in the file a block begins, and the block."""
ShouldStop = Callable[[], bool]

BLOCK = 256 * 1024
REDIRECTS = 3
SAVE_EVERY = 64 * 1024**2
"""Bytes between two flushes to disk: what a crash may cost at most."""

_WHAT = "download a file"
_HEADERS = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}


def get_file(  # noqa: PLR0913  (all but two have names)
    url: str,
    part: Path,
    *,
    on_block: OnBlock,
    should_stop: ShouldStop,
    allow_local: bool = False,
    timeout: Timeout = TIMEOUT,
    ca_file: str | None = None,
    limit: int | None = None,
    proves_its_end: bool = False,
) -> int:
    """Download into `part`, and resume an earlier try if the file is still the same.

    Returns the length of `part` in bytes, which is the one that the storage gave. The file is on
    disk then (fsync); renaming it is the caller's job. Where the storage gives no length, it is
    asked for, or the file is fetched twice and compared: not if `proves_its_end` says that the
    caller sees in the content whether it is whole. `limit` bounds the bytes: a longer file is
    "too-large", and nothing of it is kept.

    Raises ApiError ("expired-url" when the storage refuses the URL), Cancelled, and OSError when
    the disk does not take it.
    """
    connection = _Connection(allow_local, timeout, ca_file)

    def check(done: int) -> None:
        if should_stop():
            raise Cancelled
        if limit is not None and done > limit:
            raise _TooLarge(limit)

    file = PartialFile(part)
    try:
        for _ in range(2):  # a part that does not fit the file any more is thrown away, once
            with connection.get(url, file.headers()) as answer:
                start = _start(answer, file, connection.urls)
                if start is not None:
                    check(_length(answer, start) or 0)
                    length = _receive(answer, file, start, on_block, check)
                    if not proves_its_end and not _tells_end(answer):
                        _confirm(connection, url, part, length, check)
                    return length
            file.restart()
    except _TooLarge:
        file.remove()
        raise
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise network_fault(_WHAT, url, error) from None
    raise ApiError(fields.SERVER_FAULT, f"Could not {_WHAT}. The storage sent the wrong part.")


class _TooLarge(ApiError):
    """A file that is longer than it may be."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            fields.TOO_LARGE,
            f"Could not {_WHAT}. It is larger than {limit / 1024**3:g} GiB, as no picture is.",
            "Look into the Renderjuice dashboard.",
        )


class _Connection:
    """GET with redirects, over the connections that this thread keeps."""

    def __init__(self, allow_local: bool, timeout: Timeout, ca_file: str | None) -> None:
        self._allow_local = allow_local
        self._session = storage_session(allow_local)
        self._timeout = urllib3.Timeout(connect=timeout[0], read=timeout[1])
        self._verify = trusted(ca_file)
        self.urls: list[str] = []
        """What was asked, with all redirects."""

    def get(self, url: str, headers: dict[str, str]) -> Answer:
        """The answer after at most three redirects, each to an address that is allowed."""
        for _ in range(REDIRECTS + 1):
            check_given_address(url, allow_local=self._allow_local)
            self.urls.append(url)
            answer = self._ask(url, headers)
            target = answer.headers.get("Location")
            if answer.status not in (301, 302, 303, 307, 308) or not target:
                return answer
            answer.close()
            url = urljoin(url, target)
        raise ApiError(fields.SERVER_FAULT, f"Could not {_WHAT}. The storage redirects in circles.")

    def _ask(self, url: str, headers: dict[str, str]) -> Answer:
        """One request by urllib3: what requests adds to it takes longer than a small frame."""
        request = requests.PreparedRequest()
        request.prepare_url(url, {})
        way = proxies(url)
        adapter = cast(HTTPAdapter, self._session.get_adapter(url))
        pool = adapter.get_connection_with_tls_context(request, self._verify, way)
        answer = cast(urllib3.HTTPConnectionPool, pool).urlopen(
            "GET",
            adapter.request_url(request, way),
            headers=_HEADERS | headers,
            timeout=self._timeout,
            retries=False,
            redirect=False,
            assert_same_host=False,  # a proxy's host is another one
            preload_content=False,
            decode_content=False,
        )
        return cast(Answer, answer)


def _start(answer: Answer, file: PartialFile, urls: list[str]) -> int | None:
    """Where the answer's bytes belong in the file; None when they do not fit to its beginning."""
    status = answer.status
    if status == 416 and file.size:
        complete = _content_range(answer) == f"bytes */{file.size}"
        return file.size if complete else None
    if status == 206 and file.size:
        same = answer.headers.get("ETag", file.etag) == file.etag
        begins = _content_range(answer).startswith(f"bytes {file.size}-")
        return file.size if same and begins else None
    if not 200 <= status < 300:
        words = answer.read(BODY_BYTES, decode_content=True)
        raise from_storage(_WHAT, urls, status, answer.headers, words)
    if status != 200 or answer.headers.get("Content-Encoding", "identity") != "identity":
        raise ApiError(
            fields.SERVER_FAULT,
            f"Could not {_WHAT}. The storage sent it in a form that was not asked for"
            f" (HTTP {status}).",
        )
    etag = answer.headers.get("ETag", "")
    file.restart("" if etag.startswith("W/") else etag)
    return 0


def _receive(
    answer: Answer,
    file: PartialFile,
    start: int,
    on_block: OnBlock,
    check: Callable[[int], None],
) -> int:
    """Write the answer's bytes from `start` on; returns the length of the file.

    Raises ApiError when their number is wrong.
    """
    expected = start if answer.status == 416 else _length(answer, start)
    with file.open(start) as opened:
        saved = done = start
        try:
            for block in () if answer.status == 416 else _blocks(answer):
                check(done + len(block))
                opened.write(block)
                on_block(done, block)
                done += len(block)
                if done - saved >= SAVE_EVERY:
                    file.save(opened)
                    saved = done
            if expected is not None and done != expected:
                raise ApiError(
                    fields.NETWORK,
                    f"Could not {_WHAT}. The connection ended after {done} of {expected} bytes.",
                    "Nothing to do: it is tried again.",
                )
        except (ApiError, Cancelled, urllib3.exceptions.HTTPError):
            file.save(opened)
            raise
        file.finish(opened)
    return done


def _tells_end(answer: Answer) -> bool:
    """Whether an answer's end cannot be taken for a connection that was closed early."""
    chunked = "Transfer-Encoding" in answer.headers
    return chunked or answer.status == 416 or _length(answer, 0) is not None


def _confirm(
    connection: _Connection, url: str, part: Path, length: int, check: Callable[[int], None]
) -> None:
    """Make sure of a length that was not told: ask for it, or fetch the file again and compare.

    Raises ApiError where the file is longer, or not the same again.
    """
    with connection.get(url, {"Range": "bytes=0-0"}) as answer:
        whole = _content_range(answer).rpartition("/")[2]
        if answer.status in (206, 416) and re.fullmatch("[0-9]{1,18}", whole):
            same = int(whole) == length
        elif answer.status == 200 and _length(answer, 0) is not None:
            same = _length(answer, 0) == length
        elif answer.status == 200:
            same = _is_same(answer, part, check)
        else:
            with connection.get(url, {}) as again:
                same = again.status == 200 and _is_same(again, part, check)
    if not same:
        raise ApiError(
            fields.NETWORK,
            f"Could not {_WHAT}. The connection ended early, after {length} bytes.",
            "Nothing to do: it is tried again.",
        )


def _content_range(answer: Answer) -> str:
    return answer.headers.get("Content-Range", "").strip()


def _is_same(answer: Answer, part: Path, check: Callable[[int], None]) -> bool:
    """Whether the answer's bytes are those of the file."""
    done = 0
    with part.open("rb") as file:
        for block in _blocks(answer):
            done += len(block)
            check(done)
            if file.read(len(block)) != block:
                return False
        return not file.read(1)


def _blocks(answer: Answer) -> Iterator[bytes]:
    """The bytes as they come, without waiting for a full block where urllib3 can do that (2.x)."""
    read = getattr(answer, "read1", answer.read)
    while block := read(BLOCK):
        yield block


def _length(answer: Answer, start: int) -> int | None:
    """The file's length by Content-Length; None when the storage gives none."""
    told = answer.headers.get("Content-Length", "")
    if "Transfer-Encoding" in answer.headers or not re.fullmatch("[0-9]{1,18}", told):
        return None
    return start + int(told)
