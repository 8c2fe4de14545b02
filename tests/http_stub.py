"""A small HTTP server on loopback: the test supplies the responses; the stub records the requests.

Below it are the helpers that the tests of api/ share.
"""

import hashlib
import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from renderjuice.api.client import Client
from renderjuice.api.download import get_file
from renderjuice.api.errors import ApiError
from renderjuice.api.upload import put_file

KEPT = 64 * 1024
RESPONSE = json.loads(
    (Path(__file__).resolve().parent / "data/start-render-response.json").read_text(
        encoding="utf-8"
    )
)
"""The farm's response to a render request, as documented."""
JOB = RESPONSE["id"]


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes  # the first `KEPT` bytes at most
    length: int
    sha256: str
    connection: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    """A response. `act`, if given, writes to the connection itself; then the connection closes."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    act: Callable[[BaseHTTPRequestHandler], None] | None = None


@dataclass
class Stub:
    url: str
    asked: list[Asked]


def head_of(handler: BaseHTTPRequestHandler, body: bytes, length: int, digest: str) -> Asked:
    return Asked(
        handler.command,
        handler.path,
        {name.lower(): value for name, value in handler.headers.items()},
        body,
        length,
        digest,
        handler.client_address[1],
    )


def _read(handler: BaseHTTPRequestHandler) -> Asked:
    left = length = int(handler.headers.get("Content-Length") or 0)
    digest, kept = hashlib.sha256(), b""
    while left and (block := handler.rfile.read(min(left, KEPT))):
        left -= len(block)
        digest.update(block)
        kept = kept or block
    return head_of(handler, kept, length - left, digest.hexdigest())


@contextmanager
def serve(
    answer: Callable[[Asked], Reply],
    *,
    certificate: Path | None = None,
    reads: bool = True,
    host: str = "127.0.0.1",
) -> Iterator[Stub]:
    """Run the server. With `reads=False` it responds without reading the request's body."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            pass

        def handle(self) -> None:
            with suppress(OSError):  # the client disconnected, as some tests intend
                super().handle()

        def one(self) -> None:
            request = _read(self) if reads else head_of(self, b"", 0, "")
            asked.append(request)
            reply = answer(request)
            if reply.act:
                reply.act(self)
                self.close_connection = True
                return
            body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            self.send_response_only(reply.status)  # adds no Date header
            for name, value in ({"Content-Length": str(len(body))} | reply.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = not reads

        do_GET = do_POST = do_PUT = one

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    scheme = "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # tests refuse handshakes on purpose
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield Stub(f"{scheme}://{host}:{server.server_port}", asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# ---- helpers for the tests of api/ ----------------------------------------------------------

KEY = "RJ-0123456789abcdef"
SECRET = "/object?X-Signature=secret"
MIB = 1024**2


def no() -> bool:
    return False


def put(url, path, on_bytes=lambda _: None, should_stop=no, **options):
    put_file(url, path, on_bytes=on_bytes, should_stop=should_stop, allow_local=True, **options)


def get(url, part, on_bytes=lambda _: None, should_stop=no, **options):
    """Call get_file; pass the bytes so far to `on_bytes`, and return the file's length in bytes."""

    def on_block(at, block):
        on_bytes(at + len(block))

    return get_file(
        url, part, on_block=on_block, should_stop=should_stop, allow_local=True, **options
    ).length


def fails(call, *arguments, **options):
    """The ApiError that a call raises; checks that it contains no secret."""
    with pytest.raises(ApiError) as error:
        call(*arguments, **options)
    assert not re.search(f"secret|{KEY}", f"{error.value} {error.value.message}")
    return error.value


def refused(answer, call=lambda api: api.get_job(JOB), **options):
    """The ApiError of a client's call that gets this answer, the requests, and the waits."""
    waits = []
    with serve(answer) as stub:
        error = fails(call, Client(stub.url, KEY, wait=waits.append, **options))
    return error, stub.asked, waits


def never(seconds):
    """A `wait` function for calls that must not wait."""
    raise AssertionError(f"waited {seconds} s")


def write_netrc(folder, monkeypatch):
    """Write a netrc file that would add `Authorization` to every request that allows it."""
    path = folder / "netrc"
    path.write_text("machine 127.0.0.1 login mallory password stolen\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(path))
