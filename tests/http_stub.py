"""A tiny HTTP server on loopback: a test gives its answers, and it remembers what it was asked."""

import hashlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

KEPT = 64 * 1024


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes  # its beginning
    length: int
    sha256: str
    connection: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    """`act`, where given, writes to the connection by itself and closes it."""

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
    answer: Callable[[Asked], Reply], *, certificate: Path | None = None, reads: bool = True
) -> Iterator[Stub]:
    """Run the server; `reads=False` answers without reading the request's body."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            pass

        def handle(self) -> None:
            with suppress(OSError):  # the client went away, which some tests are about
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
            self.send_response(reply.status)
            for name, value in ({"Content-Length": str(len(body))} | reply.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = not reads

        do_GET = do_POST = do_PUT = one

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    scheme = "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None  # a refused handshake is what a test wants
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield Stub(f"{scheme}://127.0.0.1:{server.server_port}", asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
