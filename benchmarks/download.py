"""Bringing many frames home, beside curl with as many at a time.

    .venv/bin/python -m benchmarks.download [--quick]

`jobs/download.py` as the worker runs it, checks of the pictures, fsync and record included, from a
small storage on this machine; once at once, and once with each answer 50 ms late, as over a long
line. What fsync takes is measured too: curl does without.
"""

from __future__ import annotations

import os
import runpy
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from benchmarks import storage
from benchmarks.figures import ROOT, Figure, options, pairs, report, timed

if __name__ == "__main__":
    runpy.run_path(str(ROOT / "standalone.py"))["provide"]()

from renderjuice.api.models import OutputFile
from renderjuice.jobs import record as rec
from renderjuice.jobs.download import Download
from renderjuice.jobs.running import Job
from renderjuice.jobs.store import Store

AT_ONCE = 16
SIZES = {  # name: files, bytes of each, milliseconds before each answer, target
    "1,000 files of 1 MiB": (1000, 1 << 20, 0, 1.0),
    "1,000 files of 1 MiB, each answer 50 ms late": (1000, 1 << 20, 50, 1.0),
    "10,000 files of 50 KiB": (10_000, 50 << 10, 0, None),
}


def main(count: int, *, quick: bool) -> None:
    """Measure all and say it."""
    figures: list[Figure] = []
    with (
        storage.running() as address,
        tempfile.TemporaryDirectory(prefix="renderjuice-bench-", dir=ROOT / "build") as folder,
    ):
        out = Path(folder, "frames")
        for name, (files, size, wait, target) in SIZES.items():
            number = files // 10 if quick else files
            where = f"{address}/{wait}/{size}"
            with_curl = curl(where, number, out)

            def run(where: str = where, number: int = number) -> float:
                return ours(where, number, out)

            def peer(command: list[str | Path] = with_curl) -> float:
                return theirs(command, out)

            peers = {f"curl, {AT_ONCE} at a time": (peer, target)}
            figures += pairs(name, run, peers, count)
            with no_fsync():
                figures += pairs(f"{name}, without fsync", run, {"curl": (peer, None)}, count)
    report("download", figures, quick=quick)


def ours(where: str, number: int, out: Path) -> float:
    """Seconds of a whole download."""
    begin_anew(out)
    record = rec.new("bench", "here", str(out), stage=rec.DOWNLOADING)
    names = [f"{frame:05}.png" for frame in range(1, number + 1)]
    outputs = [OutputFile(f"{where}/{name}", name, "", "", "", "frame") for name in names]
    with tempfile.TemporaryDirectory() as state, ThreadPoolExecutor(AT_ONCE) as transfers:
        job = Job(record, Store(Path(state)), lambda _: None)
        begun = time.perf_counter()
        Download(job, transfers, allow_local=True, timeout=(10, 30)).run(outputs)
        took = time.perf_counter() - begun
    assert len(record.files) == number
    return took


def theirs(command: list[str | Path], out: Path) -> float:
    """Seconds of curl."""
    begin_anew(out)
    return timed(command)


def curl(where: str, number: int, out: Path) -> list[str | Path]:
    """The command that fetches the same files."""
    many = ["curl", "--parallel", "--parallel-max", str(AT_ONCE), "--silent", "--fail"]
    return [*many, f"{where}/[1-{number}].png", "-o", out / "#1.png"]


def begin_anew(out: Path) -> None:
    """An empty folder, and the disk at rest."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    os.sync()


@contextmanager
def no_fsync() -> Iterator[None]:
    """Nothing is put on the disk for good meanwhile."""
    with patch("os.fsync"):
        yield


if __name__ == "__main__":
    chosen = options(__doc__)
    main(min(chosen.pairs, 5), quick=chosen.quick)
