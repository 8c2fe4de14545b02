"""Moving packages and frames to and from presigned storage URLs. Worker process only.

A presigned URL is its own permission: no `Authorization` ever goes with it, and it stays out of
error texts.
"""

import contextlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import urljoin

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse as Answer

from ..system.cancellation import Cancelled
from . import fields
from .errors import BODY_BYTES, ApiError, own_words, retry_after
from .transport import (
    TIMEOUT,
    USER_AGENT,
    NoAuth,
    Sessions,
    Timeout,
    check_given_address,
    network_fault,
    new_session,
    proxies,
    trusted,
)

OnBytes = Callable[[int], None]
"""Told the bytes of this file that are there so far, not those since the last call."""
OnBlock = Callable[[int, bytes], None]
"""Told where in the file a block begins, and the block."""
ShouldStop = Callable[[], bool]

BLOCK = 1024**2
SLICE = 256 * 1024
"""What goes to the network at once. A slow line must move this much within a timeout."""
PUT_TIMEOUT: Timeout = (30, 120)
"""While sending, the first one also bounds how long one slice may take."""
REDIRECTS = 3
KEEP = 64 * BLOCK
"""A download that is cut off by force loses at most this much."""

_SENDING = "upload the package"
_GETTING = "download a file"
_sessions = {
    local: Sessions(partial(new_session, NoAuth(), allow_local=local)) for local in (False, True)
}


# ---- upload ---------------------------------------------------------------------------------


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
    """PUT a file in one request, streamed from disk; any 2xx is success.

    Raises ApiError ("expired-url" when the storage refuses the URL), Cancelled, and OSError when
    the file itself cannot be read.
    """
    check_given_address(url, allow_local=allow_local)
    with path.open("rb") as source:
        body = _Body(source, on_bytes, should_stop)
        try:
            with (
                _sessions[allow_local]
                .get()
                .put(
                    url,
                    data=cast(Iterable[bytes], body),
                    timeout=timeout,
                    verify=trusted(ca_file),
                    proxies=proxies(url),
                    allow_redirects=False,
                    stream=True,
                ) as answer
            ):
                _check_status(_SENDING, answer.raw)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            if body.fault is not None:
                raise body.fault from None
            raise network_fault(_SENDING, url, error) from None
    if body.sent != len(body):
        raise ApiError(
            fields.NETWORK,
            f"Could not {_SENDING}. The storage answered after {body.sent} of {len(body)} bytes.",
            "Nothing to do: it is tried again.",
        )


class _Body:
    """A file as an iterable with a length, which requests sends with Content-Length.

    requests and urllib3 report an OSError while sending as a network error, so one from the disk
    is kept in `fault`.
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
            yield from self._pieces()
        except OSError as error:
            self.fault = error
            raise

    def _pieces(self) -> Iterator[memoryview]:
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


# ---- download -------------------------------------------------------------------------------


def get_file(
    url: str,
    part: Path,
    *,
    on_block: OnBlock,
    should_stop: ShouldStop,
    allow_local: bool = False,
    timeout: Timeout = TIMEOUT,
    ca_file: str | None = None,
    limit: int | None = None,
) -> int:
    """Download into `part`, going on where an earlier try ended if the file is still the same.

    Returns the length of `part`, which is the one that the storage told. The file is on disk then
    (fsync); renaming it is the caller's. A file `<part>.etag` beside it exists only while `part` is
    unfinished. Where the storage tells no length, the caller must judge the content. `limit` bounds
    the bytes: a longer file is "too-large", and nothing of it is kept.

    Raises ApiError ("expired-url" when the storage refuses the URL), Cancelled, and OSError when
    the disk does not take it.
    """
    http, verify = _sessions[allow_local].get(), trusted(ca_file)

    def ask(url: str, headers: dict[str, str]) -> Answer:
        check_given_address(url, allow_local=allow_local)
        return _ask(http, url, headers, timeout, verify)

    def check(done: int) -> None:
        if should_stop():
            raise Cancelled
        if limit is not None and done > limit:
            raise _TooLarge(limit)

    kept = _Part(part)
    try:
        for _ in range(2):  # a part that turns out not to fit is thrown away, once
            with _follow(ask, url, kept.headers()) as answer:
                start = _start(answer, kept)
                if start is not None:
                    check(_length(answer, start) or 0)
                    return _receive(answer, kept, start, on_block, check)
            kept.forget()
    except _TooLarge:
        kept.forget()
        part.unlink(missing_ok=True)
        raise
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise network_fault(_GETTING, url, error) from None
    raise ApiError(fields.SERVER_FAULT, f"Could not {_GETTING}. The storage sent the wrong part.")


class _TooLarge(ApiError):
    """A file that is longer than it may be."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            fields.TOO_LARGE,
            f"Could not {_GETTING}. It is larger than {limit / 1024**3:g} GiB, as no picture is.",
            "Look into the Renderjuice dashboard.",
        )


class _Part:
    """An unfinished file, and beside it how much of which version is safely on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._note = path.with_name(path.name + ".etag")
        self._is_noted = True  # or may be
        self.size, self.etag = self._noted()

    def headers(self) -> dict[str, str]:
        """Request headers that ask for what is missing."""
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
        if self.size:
            headers |= {"Range": f"bytes={self.size}-", "If-Range": self.etag}
        return headers

    def forget(self) -> None:
        """Begin anew."""
        self._remove_note()
        self.size, self.etag = 0, ""

    def keep(self, file: BinaryIO) -> None:
        """Make what is written safe, and note it so that a later try can go on from here."""
        file.flush()
        os.fsync(file.fileno())
        if self.etag and file.tell():
            self._is_noted = True
            with _new(self._note) as note:
                note.write(f"{file.tell()}\n{self.etag}".encode("latin-1"))

    def finish(self, file: BinaryIO) -> None:
        """Make the whole file safe."""
        file.flush()
        os.fsync(file.fileno())
        self._remove_note()

    def _remove_note(self) -> None:
        if self._is_noted:
            self._note.unlink(missing_ok=True)
            self._is_noted = False

    def _noted(self) -> tuple[int, str]:
        try:
            text = self._note.read_text(encoding="latin-1")
        except FileNotFoundError:
            self._is_noted = False
            return 0, ""
        size, _, etag = text.partition("\n")
        with contextlib.suppress(FileNotFoundError, ValueError):
            there = self.path.lstat()
            if etag and stat.S_ISREG(there.st_mode) and 0 < int(size) <= there.st_size:
                return int(size), etag
        return 0, ""


def _ask(
    http: requests.Session, url: str, headers: dict[str, str], timeout: Timeout, verify: str | bool
) -> Answer:
    """GET, by the connections that requests keeps: its own work takes longer than a small frame."""
    request = requests.PreparedRequest()
    request.prepare_url(url, {})
    way = proxies(url)
    adapter = cast(HTTPAdapter, http.get_adapter(url))
    pool = adapter.get_connection_with_tls_context(request, verify, way)
    connecting, reading = timeout
    answer = cast(urllib3.HTTPConnectionPool, pool).urlopen(
        "GET",
        adapter.request_url(request, way),
        headers=headers,
        timeout=urllib3.Timeout(connect=connecting, read=reading),
        retries=False,
        redirect=False,
        assert_same_host=False,  # a proxy's is another
        preload_content=False,
        decode_content=False,
    )
    return cast(Answer, answer)


def _follow(
    ask: Callable[[str, dict[str, str]], Answer], url: str, headers: dict[str, str]
) -> Answer:
    """The answer after at most three redirects, each to an address that is allowed."""
    for _ in range(REDIRECTS + 1):
        answer = ask(url, headers)
        target = answer.headers.get("Location")
        if answer.status not in (301, 302, 303, 307, 308) or not target:
            return answer
        answer.close()
        url = urljoin(url, target)
    raise ApiError(fields.SERVER_FAULT, f"Could not {_GETTING}. The storage redirects in circles.")


def _start(answer: Answer, part: _Part) -> int | None:
    """Where the answer's bytes belong in the file; None when the part does not fit to it."""
    status = answer.status
    if status == 416 and part.size:
        complete = answer.headers.get("Content-Range", "").strip() == f"bytes */{part.size}"
        return part.size if complete else None
    if status == 206 and part.size:
        same = answer.headers.get("ETag", part.etag) == part.etag
        begins = answer.headers.get("Content-Range", "").startswith(f"bytes {part.size}-")
        return part.size if same and begins else None
    _check_status(_GETTING, answer)
    if status != 200 or answer.headers.get("Content-Encoding", "identity") != "identity":
        raise ApiError(
            fields.SERVER_FAULT,
            f"Could not {_GETTING}. The storage sent it in a form that was not asked for"
            f" (HTTP {status}).",
        )
    part.forget()
    etag = answer.headers.get("ETag", "")
    part.etag = "" if etag.startswith("W/") else etag
    return 0


def _receive(
    answer: Answer,
    part: _Part,
    start: int,
    on_block: OnBlock,
    check: Callable[[int], None],
) -> int:
    """Write the answer's bytes from `start` on; how long the file is then.

    Raises ApiError when their number is wrong.
    """
    expected = start if answer.status == 416 else _length(answer, start)
    with _from(part.path, start) if start else _new(part.path) as file:
        kept = done = start
        try:
            for block in () if answer.status == 416 else _blocks(answer):
                check(done + len(block))
                file.write(block)
                on_block(done, block)
                done += len(block)
                if done - kept >= KEEP:
                    part.keep(file)
                    kept = done
            if expected is not None and done != expected:
                raise ApiError(
                    fields.NETWORK,
                    f"Could not {_GETTING}. The connection ended after {done} of {expected} bytes.",
                    "Nothing to do: it is tried again.",
                )
        except (ApiError, Cancelled, urllib3.exceptions.HTTPError):
            part.keep(file)
            raise
        part.finish(file)
    return done


# A link that somebody has planted beside the frames must not lead over other files.


def _new(path: Path) -> BinaryIO:
    """A file that was not there; what was there is gone."""
    try:
        return path.open("xb")
    except FileExistsError:
        path.unlink()
        return path.open("xb")


def _from(path: Path, start: int) -> BinaryIO:
    """A file that is there, to be written from `start` on."""

    def follow_no_link(name: str, flags: int) -> int:
        return os.open(name, flags | getattr(os, "O_NOFOLLOW", 0))

    file = cast(BinaryIO, open(path, "r+b", opener=follow_no_link))  # noqa: SIM115
    file.truncate(start)
    file.seek(start)
    return file


def _blocks(answer: Answer) -> Iterator[bytes]:
    """What has come in, without waiting for a full block where urllib3 can do that (2.x)."""
    read = getattr(answer, "read1", answer.read)
    while block := read(SLICE):
        yield block


def _length(answer: Answer, start: int) -> int | None:
    """How long the file will be, from Content-Length; None when the storage does not tell."""
    told = answer.headers.get("Content-Length", "")
    if "Transfer-Encoding" in answer.headers or not (told.isascii() and told.isdigit()):
        return None
    return start + int(told)


# ---- both -----------------------------------------------------------------------------------


def _check_status(what: str, answer: Answer) -> None:
    """ApiError for anything but 2xx, with the storage's own words."""
    status = answer.status
    if 200 <= status < 300:
        return
    words = own_words(answer.read(BODY_BYTES, decode_content=True))
    quoted = f": “{words}”" if words else ""
    if status in (401, 403, 410) or (status == 400 and "expire" in words.lower()):
        id, said = fields.EXPIRED_URL, "The storage no longer accepts the address"
    elif status == 404:
        id, said = fields.NOT_FOUND, "The storage does not have it"
    elif status == 429:
        id, said = fields.RATE_LIMIT, "The storage asks to send fewer requests"
    elif status >= 500:
        id, said = fields.SERVER_FAULT, "The storage has a fault of its own"
    elif status == 408:
        id, said = fields.TIMEOUT, "The storage waited too long"
    else:
        id, said = fields.BAD_REQUEST, "The storage refused"
    raise ApiError(
        id,
        f"Could not {what}. {said} (HTTP {status}){quoted}.",
        "A new address is asked for by itself." if id == fields.EXPIRED_URL else "",
        status=status,
        retry_after=retry_after(answer.headers),
    )
