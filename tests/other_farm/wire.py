"""HTTP/1.1 over asyncio at the byte level, so that a response can break at any point."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

REASONS = {200: "OK", 204: "No Content", 206: "Partial Content", 302: "Found", 404: "Not Found"}
BODYLESS = (204, 304)


@dataclass
class Request:
    """An HTTP request; header names are in lowercase."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}


@dataclass
class Answer:
    """An HTTP response, and how its transfer breaks.

    `fault` is one of: cut (with a length, half is sent), reset (the same, closed by RST), mute
    (closed without sending a byte), short (no length, half is sent), open (no length, all is
    sent), long and less (wrong length), chunked, chunked-cut, drip (sent slowly).
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    delay: float = 0  # seconds before the first byte
    close: bool = False


Handler = Callable[[str, Request], Answer]


class Listener:
    """Two local addresses, for the API and the storage, served by one thread."""

    def __init__(self, handle: Handler, most_requests: int) -> None:
        self.handle = handle
        self.left = most_requests
        self.crashes: list[BaseException] = []
        self._loop = asyncio.new_event_loop()
        self._sockets = {}
        for name in ("api", "storage"):
            listening = socket.create_server(("127.0.0.1", 0), backlog=128)
            self._sockets[name] = listening
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def address(self, name: str) -> str:
        return f"http://127.0.0.1:{self._sockets[name].getsockname()[1]}"

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        for name, listening in self._sockets.items():

            async def serve(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str = name
            ) -> None:
                await self._serve(name, reader, writer)

            self._loop.run_until_complete(asyncio.start_server(serve, sock=listening))
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        for listening in self._sockets.values():
            listening.close()
        self._loop.close()

    async def _serve(
        self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while (request := await read(reader)) and self.left > 0:
                self.left -= 1
                try:
                    answer = self.handle(name, request)
                except Exception as error:  # an error in the farm itself: the judge reports it
                    self.crashes.append(error)
                    answer = Answer(500, close=True)
                await asyncio.sleep(answer.delay)
                if not await send(writer, request, answer):
                    break
        with contextlib.suppress(Exception, asyncio.CancelledError):
            writer.close()


async def read(reader: asyncio.StreamReader) -> Request | None:
    """Return the next request of a connection, or None at its end."""
    line = await reader.readline()
    if not line.strip():
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (line := await reader.readline()).strip():
        key, _, value = line.decode("latin-1").partition(":")
        headers[key.strip().lower()] = value.strip()
    body = b""
    if "chunked" in headers.get("transfer-encoding", ""):
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    elif length := int(headers.get("content-length", 0)):
        body = await reader.readexactly(length)
    return Request(method, target, headers, body)


def _head(request: Request, answer: Answer) -> bytes:
    reason = REASONS.get(answer.status, "Because")
    lines = [f"HTTP/1.1 {answer.status} {reason}"]
    headers: dict[str, Any] = {"Content-Type": "application/json", **answer.headers}
    length = len(answer.body)
    if answer.fault in ("chunked", "chunked-cut"):
        headers["Transfer-Encoding"] = "chunked"
    elif answer.fault not in ("short", "open") and answer.status not in BODYLESS:
        wrong = {"long": length + 7, "less": max(0, length - 7)}
        headers["Content-Length"] = wrong.get(answer.fault, length)
    if answer.fault or answer.close:
        headers["Connection"] = "close"
    lines += [f"{key}: {value}" for key, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


async def send(writer: asyncio.StreamWriter, request: Request, answer: Answer) -> bool:
    """Send a response and return whether the connection stays open."""
    if answer.fault == "mute":
        return False
    writer.write(_head(request, answer))
    body = answer.body
    if request.method == "HEAD" or answer.status in BODYLESS:
        await writer.drain()
        return not (answer.fault or answer.close)
    half = body[: len(body) // 2]
    if answer.fault in ("cut", "reset", "short"):
        writer.write(half)
    elif answer.fault in ("chunked", "chunked-cut"):
        for piece in (half, body[len(half) :] if answer.fault == "chunked" else b""):
            if piece:
                writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if answer.fault == "chunked":
            writer.write(b"0\r\n\r\n")
    elif answer.fault == "drip":
        for start in range(0, len(body), 64):
            writer.write(body[start : start + 64])
            await writer.drain()
            await asyncio.sleep(0.01)
    else:
        writer.write(body)
    await writer.drain()
    if answer.fault == "reset":
        linger = struct.pack("ii", 1, 0)
        connection = writer.get_extra_info("socket")
        await asyncio.sleep(0.005)  # so that the first half is sent before the RST
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()
    return not (answer.fault or answer.close)
