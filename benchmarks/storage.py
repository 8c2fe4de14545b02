"""A small storage for the benchmarks: python -m benchmarks.storage.

Prints its port. GET /MILLISECONDS/BYTES/any.png waits so long and answers with a PNG of so many
bytes; PUT takes whatever comes. A thread a connection, everything from memory, and it ends with
its stdin. It must be faster than who is measured, so it looks at nothing.
"""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from functools import cache

from benchmarks.figures import ROOT

BLOCK = 1 << 20


@contextlib.contextmanager
def running() -> Iterator[str]:
    """The address of a storage in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.storage"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        assert process.stdin
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.stdin.close()


@cache
def picture(size: int) -> bytes:
    """A PNG file of so many bytes, whose checksums agree."""
    head, end = b"\x89PNG\r\n\x1a\n", chunk(b"IEND", b"")
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0))
    left = size - len(head) - len(header) - len(end) - 12
    return head + header + chunk(b"IDAT", os.urandom(left)) + end


def chunk(kind: bytes, data: bytes) -> bytes:
    """A part of a PNG file."""
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def serve(connection: socket.socket) -> None:
    """Answer all requests of one connection."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    block = bytearray(BLOCK)
    with connection, contextlib.suppress(ConnectionError):
        said = b""
        while True:
            while b"\r\n\r\n" not in said:
                more = connection.recv(1 << 16)
                if not more:
                    return
                said += more
            head, _, said = said.partition(b"\r\n\r\n")
            if head.startswith(b"GET"):
                _, wait, size, _ = head.split(b" ", 2)[1].split(b"/")
                time.sleep(int(wait) / 1000)
                body = picture(int(size))
                told = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: %d\r\n\r\n' % len(body)
                connection.sendall(told + body)
                continue
            if b"100-continue" in head.lower():
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            left, said = length(head) - len(said), b""
            while left:
                left -= connection.recv_into(block, min(left, BLOCK)) or left
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


def length(head: bytes) -> int:
    """The Content-Length of a request."""
    lines = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    return int(next(value for name, _, value in lines if name == b"content-length"))


def accept(listening: socket.socket) -> None:
    """Serve each connection in a thread of its own."""
    while True:
        threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()


def main() -> None:
    """Serve until stdin ends."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    print(listening.getsockname()[1], flush=True)
    threading.Thread(target=accept, args=(listening,), daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
