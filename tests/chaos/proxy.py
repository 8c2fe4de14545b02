"""A TCP proxy in front of one of the farm's servers that injects faults into responses.

It understands just enough HTTP/1.1 to find the end of a request and its body. Each fault waits for
a matching request, happens once, and is counted in `fired`.
"""

import asyncio
import contextlib
import json
import re
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

HEAD_BYTES = 64 * 1024
PIECES = 20  # of a slow response


@dataclass
class Fault:
    """A fault in the matching request number `skip`, counted from 0.

    `kind` is a name in `KINDS`; `at` is the share of the body (0..1) after which it happens;
    `seconds` is how long something is delayed.
    """

    kind: str
    method: str = ""
    path: str = ""  # a regular expression, searched in the path
    skip: int = 0
    at: float = 0.5
    seconds: float = 0.5
    status: int = 503
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def name(self) -> str:
        """The name under which the fault is counted."""
        if self.kind not in ("status", "status after"):
            return self.kind
        waits = any(name == "Retry-After" for name, _ in self.headers)
        asked = {True: " with Retry-After", False: " without Retry-After"}[waits]
        return f"{self.kind} {self.status}{asked if self.status in (429, 503) else ''}"

    def fits(self, method: str, path: str) -> bool:
        return self.method in ("", method) and re.search(self.path, path) is not None


@dataclass
class Exchange:
    """One request, with both directions of the client's connection."""

    proxy: "Proxy"
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: bytes
    length: int
    body: bytes = b""

    async def read_body(self, share: float = 1.0) -> None:
        """Read the request's body, or only the first part of it."""
        self.body += await self.reader.readexactly(int(self.length * share) - len(self.body))

    async def answer(self) -> tuple[bytes, bytes]:
        """Forward the request and return head and body of the server's response."""
        await self.read_body()
        host, port = self.proxy.server
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(_closing(self.head) + self.body)
            await writer.drain()
            whole = await reader.read(-1)
        finally:
            writer.close()
        head, _, body = whole.partition(b"\r\n\r\n")
        return _without(head, b"connection") + b"\r\n\r\n", body

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Close the connection like a crashed peer: with RST."""
        sock = self.writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


# ---- the kinds: each returns whether the connection may be used again -----------------------


async def _reset_before(x: Exchange, fault: Fault) -> bool:
    x.reset()
    return False


async def _reset_in_request(x: Exchange, fault: Fault) -> bool:
    await x.read_body(fault.at)
    x.reset()
    return False


async def _reset_in_answer(x: Exchange, fault: Fault) -> bool:
    head, body = await x.answer()
    await x.send(head + body[: int(len(body) * fault.at)])
    await asyncio.sleep(0.02)  # a reset would overtake data still in transit
    x.reset()
    return False


async def _reset_after(x: Exchange, fault: Fault) -> bool:
    """The server handles the request, and its response is lost."""
    await x.answer()
    x.reset()
    return False


async def _refused(x: Exchange, fault: Fault) -> bool:
    """For a while, every connection is closed and new ones are refused."""
    await x.proxy.refuse(fault.seconds)
    return False


async def _stall(x: Exchange, fault: Fault) -> bool:
    """The server handles the request; the response stops in the middle."""
    head, body = await x.answer()
    await x.send(head + body[: int(len(body) * fault.at)])
    await asyncio.sleep(fault.seconds)
    x.reset()
    return False


async def _silence(x: Exchange, fault: Fault) -> bool:
    """The server handles the request, and the client receives no byte of a response."""
    await x.answer()
    await asyncio.sleep(fault.seconds)
    x.reset()
    return False


async def _drip(x: Exchange, fault: Fault) -> bool:
    head, body = await x.answer()
    whole = head + body
    step = max(1, len(whole) // PIECES)
    for start in range(0, len(whole), step):
        await x.send(whole[start : start + step])
        await asyncio.sleep(fault.seconds / PIECES)
    return True


async def _truncated(x: Exchange, fault: Fault) -> bool:
    """The connection is closed properly, but too early."""
    head, body = await x.answer()
    await x.send(head + body[: int(len(body) * fault.at)])
    return False


async def _too_long(x: Exchange, fault: Fault) -> bool:
    """The response has more bytes than its head declares, on a connection that stays open."""
    head, body = await x.answer()
    await x.send(head + body + b"\r\n\x00surplus" * 20)
    return True


async def _length_too_small(x: Exchange, fault: Fault) -> bool:
    head, body = await x.answer()
    await x.send(_with_length(head, int(len(body) * fault.at)) + body)
    return False


async def _length_too_large(x: Exchange, fault: Fault) -> bool:
    head, body = await x.answer()
    await x.send(_with_length(head, len(body) + 1000) + body)
    return False


async def _flipped(x: Exchange, fault: Fault) -> bool:
    """One byte of the body is changed."""
    head, body = await x.answer()
    spoiled = bytearray(body)
    if spoiled:
        spoiled[min(int(len(body) * fault.at), len(body) - 1)] ^= 0x20
    await x.send(head + bytes(spoiled))
    return True


async def _garbage(x: Exchange, fault: Fault) -> bool:
    await x.answer()
    await x.send(b"\x16\x03\x01 this is not HTTP\r\n\r\n" * 3)
    return False


async def _status(x: Exchange, fault: Fault) -> bool:
    """Send another response without forwarding the request."""
    await x.read_body()
    await x.send(_made(fault))
    return True


async def _status_after(x: Exchange, fault: Fault) -> bool:
    """Send another response after the server has handled the request."""
    await x.answer()
    await x.send(_made(fault))
    return True


def _lie(change: Callable[[Any], None]) -> Callable[[Exchange, Fault], Any]:
    """Send the response with its JSON changed."""

    async def play(x: Exchange, fault: Fault) -> bool:
        head, body = await x.answer()
        with contextlib.suppress(ValueError):
            said = json.loads(body)
            change(said)
            body = json.dumps(said).encode()
        await x.send(_with_length(head, len(body)) + body)
        return True

    return play


def _say_status(status: str) -> Callable[[Any], None]:
    def change(said: Any) -> None:
        job = said.get("data", said) if isinstance(said, dict) else {}
        if "status" in job:
            job["status"] = status

    return change


def _say_deleted(said: Any) -> None:
    job = said.get("data", said) if isinstance(said, dict) else {}
    job["output"] = {"isDeletedForClient": True}


def _say_no_outputs(said: Any) -> None:
    said.update(frames=[], compositeNodes=[], frameOutputs=[], transforms={})


def _say_some_outputs(said: Any) -> None:
    for name in ("frames", "frameOutputs"):
        said[name] = said.get(name, [])[:-1]


KINDS: dict[str, Callable[[Exchange, Fault], Any]] = {
    "reset before": _reset_before,
    "reset in request": _reset_in_request,
    "reset in answer": _reset_in_answer,
    "reset after": _reset_after,
    "refused": _refused,
    "stall": _stall,
    "silence": _silence,
    "drip": _drip,
    "truncated": _truncated,
    "too long": _too_long,
    "length too small": _length_too_small,
    "length too large": _length_too_large,
    "flipped byte": _flipped,
    "garbage": _garbage,
    "status": _status,
    "status after": _status_after,
    "status unknown": _lie(_say_status("quantum-leap")),
    "status backwards": _lie(_say_status("created")),
    "status ahead": _lie(_say_status("rendering")),
    "deleted for client": _lie(_say_deleted),
    "no outputs": _lie(_say_no_outputs),
    "some outputs": _lie(_say_some_outputs),
}


class Proxy:
    """Listens on `port` of 127.0.0.1, in a thread, and forwards to `server` (host, port)."""

    def __init__(self, server: tuple[str, int], tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.server = server
        self.faults: list[Fault] = []
        self.fired: Counter[str] = Counter()
        self.port = 0
        self._listener: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, limit=HEAD_BYTES, reuse_address=True, ssl=self._tls
        )
        self.port = self._listener.sockets[0].getsockname()[1]

    async def refuse(self, seconds: float) -> None:
        """Close all connections and stop listening for some seconds."""
        if self._listener is None:
            return
        self._listener.close()
        self._listener = None
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(seconds)
        await self._listen()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while await self._one(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the client may close the connection at any time
        finally:
            self._open.discard(writer)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        method, path, _ = head.split(b" ", 2)
        told = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        x = Exchange(self, reader, writer, head, int(told[1]) if told else 0)
        fault = self._take(method.decode(), path.decode())
        if fault is not None:
            self.fired[fault.name] += 1
            return bool(await KINDS[fault.kind](x, fault))
        answer_head, body = await x.answer()
        await x.send(answer_head + body)
        return True

    def _take(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if not fault.fits(method, path):
                continue
            if fault.skip == 0:
                self.faults.remove(fault)
                return fault
            fault.skip -= 1
        return None


@contextlib.contextmanager
def proxy(server: tuple[str, int], tls: ssl.SSLContext | None = None) -> Iterator[Proxy]:
    """Run a proxy until the block ends."""
    running = Proxy(server, tls)
    try:
        yield running
    finally:
        running.close()


def _made(fault: Fault) -> bytes:
    headers = {"content-length": str(len(fault.body)), **dict(fault.headers)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {fault.status} Drawn\r\n{lines}\r\n".encode() + fault.body


def _closing(head: bytes) -> bytes:
    return _without(head[:-4], b"connection") + b"\r\nConnection: close\r\n\r\n"


def _without(head: bytes, name: bytes) -> bytes:
    lines = head.split(b"\r\n")
    return b"\r\n".join(one for one in lines if not one.lower().startswith(name + b":"))


def _with_length(head: bytes, length: int) -> bytes:
    return _without(head[:-4], b"content-length") + f"\r\nContent-Length: {length}\r\n\r\n".encode()
