"""Downloads of frames compared with curl, aria2 and rclone: loopback, and 1 Gbit/s with 50 ms.

    .venv/bin/python -m benchmarks.download [--pairs 7] [--quick]

nginx serves the frames from memory. They are complete PNG files: the extension checks the checksums
of each one and waits until it is on the disk (fsync), which no peer does. Downloads into memory
measure no disk; downloads to the disk include the extension's wait for it.
"""

from __future__ import annotations

import os
import runpy
import shutil
import statistics
import struct
import time
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.costs import MIB, Cost, Kept, of_ours, of_process
from benchmarks.figures import ROOT, Figure, Measure, options, pairs, report
from benchmarks.line import line
from benchmarks.servers import nginx, work_folder

if __name__ == "__main__":
    runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()

from renderjuice.api.download import get_file

LINE = (1000.0, 50.0)
TRANSFERS = "16"
CURL, ARIA, RCLONE = "curl --parallel", "aria2c -j16", "rclone"
BARE = {"urllib3 alone": "pool", "http.client alone": "bare"}
"""The same downloads with only a library or only Python, with as many threads."""
PEERS = {CURL: "curl", ARIA: "aria2", RCLONE: "rclone"}
SPEED = 1.0


def main(count: int, *, quick: bool) -> None:
    """Run all measurements and report them."""
    there = [name for name in PEERS if shutil.which(name.split()[0])]
    left_out = [
        f"{name} is not here: apt-get install {PEERS[name]}" for name in PEERS.keys() - there
    ]
    figures: list[Figure] = []
    measures: list[Measure] = []
    many, small = (20, 50) if quick else (1000, 10_000)
    shapes = (
        (many, MIB, f"{many:,} frames of 1 MiB", SPEED),
        (small, 50 * 1024, f"{small:,} frames of 50 KiB", None),
    )
    some = max(1, count // 2)
    with work_folder(memory=True) as folder, work_folder(memory=False) as disk:
        frames = folder / "files" / "frames"
        with nginx(folder) as near, line(near, *LINE) as far:
            for number, length, what, target in shapes:
                make_frames(frames, number, length)
                for where, port, out, wanted, times in (
                    ("loopback", near, folder, target, count),
                    ("1 Gbit/s, 50 ms", far, folder, target, some),
                    ("loopback, to the disk", near, disk, None, some),
                ):
                    kept = Kept()
                    trip = Trip(frames, port, out / "out")
                    figures += trip.beside(f"{what}, {where}", there, kept, wanted, times)
                    measures += _costs(f"{what}, {where}", kept, there)
                    if where == "loopback":
                        measures.append(trip.unsure(what))
                shutil.rmtree(frames)
            figures += _large(folder, near, 8 if quick else 4096, some)
            measures.append(_resumed(folder, near))
    report("download", figures, measures, quick=quick, left_out=left_out)


class Trip:
    """Downloads of frames from one server to one folder, with each program."""

    def __init__(self, frames: Path, port: int, out: Path) -> None:
        self._address = f"http://127.0.0.1:{port}/frames/"
        self._out = out
        urls = [f"{self._address}{frame.name}" for frame in sorted(frames.iterdir())]
        self._lists = frames.parent.parent
        (self._lists / "ours.txt").write_text("\n".join(urls), encoding="utf-8")
        (self._lists / "curl.txt").write_text(
            "".join(f'url = "{url}"\noutput = "{out / url.rpartition("/")[2]}"\n' for url in urls),
            encoding="utf-8",
        )
        self._count = len(urls)

    def beside(
        self, what: str, peers: list[str], kept: Kept, target: float | None, count: int
    ) -> list[Figure]:
        """Run the extension and its peers in turn, each into an empty folder."""
        lists = self._lists
        curl = ["curl", "-sS", "-f", "--parallel", "--parallel-max", TRANSFERS]
        aria = ["aria2c", "-q", f"-j{TRANSFERS}", "--file-allocation=none", f"-d{self._out}"]
        rclone = ["rclone", "copy", "--transfers", TRANSFERS, "--http-url", self._address]
        commands = {
            CURL: [*curl, "-K", str(lists / "curl.txt")],
            ARIA: [*aria, f"-i{lists / 'ours.txt'}"],
            RCLONE: [*rclone, "--config", "/dev/null", ":http:", str(self._out)],
        }
        ours, *bare = (
            self._fresh(partial(of_ours, way, lists / "ours.txt", self._out, TRANSFERS))
            for way in ("download", *BARE.values())
        )
        return pairs(
            what,
            kept.run("ours", ours),
            {
                **{
                    name: (
                        kept.run(name, self._fresh(partial(of_process, commands[name]))),
                        target if name == CURL else None,
                    )
                    for name in peers
                },
                **{name: (kept.run(name, run), None) for name, run in zip(BARE, bare, strict=True)},
            },
            count,
        )

    def unsure(self, what: str) -> Measure:
        """Measure the extension without checks and fsync: the remaining gap is Python's work."""
        run = self._fresh(lambda: of_ours("unsure", self._lists / "ours.txt", self._out, TRANSFERS))
        seconds = statistics.median(run().seconds for _ in range(3))
        words = f"{what}, loopback: neither looked at nor waited for"
        return Measure(words, seconds, "s", None, f"{self._count / seconds:,.0f} frames a second")

    def _fresh(self, run: Callable[[], Cost]) -> Callable[[], Cost]:
        def begin() -> Cost:
            shutil.rmtree(self._out, ignore_errors=True)
            self._out.mkdir()
            os.sync()
            cost = run()
            assert sum(1 for _ in self._out.glob("[!.]*")) == self._count
            return cost

        return begin


def _costs(what: str, kept: Kept, peers: list[str]) -> list[Measure]:
    others = ", ".join(f"{name}: {kept.cpu(name):.2f} s" for name in (*peers, *BARE))
    return [
        Measure(f"{what}: processor time", kept.cpu("ours"), "s", None, others),
        Measure(f"{what}: memory more than before", kept.peak("ours"), "MiB", None),
    ]


def _large(folder: Path, port: int, mebibytes: int, count: int) -> list[Figure]:
    """Measure one file of 4 GiB, a size that does not fit into 32 bits."""
    with (folder / "files" / "large.bin").open("wb") as file:
        for _ in range(mebibytes):
            file.write(os.urandom(1024) * 1024)
    out = folder / "large.part"
    url = f"http://127.0.0.1:{port}/large.bin"
    (folder / "large.txt").write_text(url, encoding="utf-8")

    def ours() -> float:
        shutil.rmtree(folder / "large", ignore_errors=True)
        (folder / "large").mkdir()
        return of_ours("download", folder / "large.txt", folder / "large", "1").seconds

    def curl() -> float:
        out.unlink(missing_ok=True)
        return of_process(["curl", "-sS", "-f", "-o", out, url]).seconds

    figures = pairs(
        f"one file of {mebibytes:,} MiB, loopback",
        ours,
        {"curl": (curl, None)},
        count,
    )
    shutil.rmtree(folder / "large")
    out.unlink()
    return figures


def _resumed(folder: Path, port: int) -> Measure:
    """Measure how much is fetched twice when a download is interrupted halfway."""
    large, part = folder / "files" / "large.bin", folder / "resumed.part"
    url, length = f"http://127.0.0.1:{port}/large.bin", large.stat().st_size
    heard: list[int] = []

    def fetch(until: int) -> None:
        get_file(
            url,
            part,
            on_block=lambda at, block: heard.append(at + len(block)),
            should_stop=lambda: bool(heard) and heard[-1] >= until,
            allow_local=True,
        )

    try:
        fetch(length // 2)
    except Exception as stopped:
        assert type(stopped).__name__ == "Cancelled", stopped
    cut = heard[-1]
    heard.clear()
    begun = time.perf_counter()
    fetch(2 * length)
    seconds = time.perf_counter() - begun
    assert part.stat().st_size == length
    again = max(0, cut - heard[0])
    part.unlink()
    what = f"one file of {length // MIB:,} MiB, cut in its middle: fetched twice"
    return Measure(what, again / MIB, "MiB", 64.0, f"the rest came in {seconds:.2f} s")


def make_frames(folder: Path, count: int, length: int) -> None:
    """Write complete PNG files of this length, each with different random content."""
    folder.mkdir(parents=True)
    for number in range(1, count + 1):
        (folder / f"frame_{number:05}.png").write_bytes(png(length))


def png(length: int) -> bytes:
    """Return a file of exactly this length with valid PNG chunks."""
    head = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0))
    end = _chunk(b"IEND", b"")
    return head + _chunk(b"IDAT", os.urandom(length - len(head) - len(end) - 12)) + end


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    chosen = options(__doc__)
    main(chosen.pairs, quick=chosen.quick)
