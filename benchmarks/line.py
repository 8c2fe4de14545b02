"""Simulates a network line with a given speed and round-trip time on this machine.

    python -m benchmarks.line PORT MBIT MILLISECONDS    prints the port to connect to

All data in one direction shares the line's speed and arrives half a round trip later. A connection
is established after one round trip. TCP's slow start and packet loss are not simulated, neither
for the extension nor for its peers.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator

from benchmarks.figures import ROOT

PIECE = 128 * 1024
UNDER_WAY = 64
"""Pieces of one connection and direction: 8 MiB, more than 1 Gbit/s transfers in 50 ms."""


class Direction:
    """One direction of the line: pieces are sent one after the other and arrive with a delay."""

    def __init__(self, bytes_per_second: float, late: float) -> None:
        self._speed = bytes_per_second
        self._late = late
        self._free = 0.0

    def arrival(self, size: int) -> float:
        """Return when this many bytes arrive if they are sent now."""
        self._free = max(self._free, time.monotonic()) + size / self._speed
        return self._free + self._late


async def carry(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction
) -> None:
    """Forward incoming data to the other side until its end."""
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(UNDER_WAY)

    async def arrive() -> None:
        while True:
            at, piece = await under_way.get()
            if (wait := at - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            if not piece:
                writer.write_eof()
                return
            writer.write(piece)
            await writer.drain()

    arriving = asyncio.create_task(arrive())
    with contextlib.suppress(OSError):
        while not arriving.done():
            piece = await reader.read(PIECE)
            await under_way.put((direction.arrival(len(piece)), piece))
            if not piece:
                break
    with contextlib.suppress(OSError, RuntimeError):
        await arriving


async def serve(target: int, mbit: float, milliseconds: float) -> None:
    """Forward connections until the process ends."""
    late = milliseconds / 2000
    there, back = (Direction(mbit * 1e6 / 8, late) for _ in range(2))

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2 * late)
        other_reader, other_writer = await asyncio.open_connection("127.0.0.1", target, limit=PIECE)
        try:
            await asyncio.gather(
                carry(reader, other_writer, there), carry(other_reader, writer, back)
            )
        finally:
            for one in (writer, other_writer):
                one.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=PIECE, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def line(target: int, mbit: float, milliseconds: float) -> Iterator[int]:
    """Yield the port of a line that leads to the port `target`."""
    command = [sys.executable, "-m", "benchmarks.line", str(target), str(mbit), str(milliseconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), *map(float, sys.argv[2:4])))
