"""Uploads of a package compared with `curl -T`: on loopback, and over 1 Gbit/s with 30 ms.

    .venv/bin/python -m benchmarks.upload [--pairs 7] [--quick]

The package is in memory, and nginx writes it into memory: no disk is measured.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from benchmarks.costs import MIB, Kept, of_ours, of_process
from benchmarks.figures import Figure, Measure, options, pairs, report
from benchmarks.line import line
from benchmarks.servers import nginx, work_folder

LINE = (1000.0, 30.0)
CURL = "curl -T"
SPEED = 0.95
MEMORY = 64.0
"""The limit in MiB."""


def main(count: int, *, quick: bool) -> None:
    """Run all measurements and report them."""
    if not shutil.which("curl"):
        report("upload", [], quick=quick, left_out=["curl: apt-get install curl"])
        return
    mebibytes = 16 if quick else 2048
    figures: list[Figure] = []
    measures: list[Measure] = []
    with work_folder(memory=True) as folder:
        package = folder / "package.zip"
        with package.open("wb") as file:
            for _ in range(mebibytes):
                file.write(os.urandom(MIB))
        with nginx(folder) as near, line(near, *LINE) as far:
            for where, port, times in (
                ("loopback", near, count),
                ("1 Gbit/s, 30 ms", far, max(1, count // 2)),
            ):
                kept = Kept()
                what = f"{mebibytes:,} MiB, {where}"
                figures += _beside(what, port, package, kept, times)
                measures += _costs(what, kept)
    report("upload", figures, measures, quick=quick)


def _beside(what: str, port: int, package: Path, kept: Kept, count: int) -> list[Figure]:
    url = f"http://127.0.0.1:{port}/put/package.zip"
    curl = ["curl", "-sS", "-f", "-T", str(package), url]
    peers = {CURL: (kept.run(CURL, lambda: of_process(curl)), SPEED)}
    return pairs(what, kept.run("ours", lambda: of_ours("upload", url, package)), peers, count)


def _costs(what: str, kept: Kept) -> list[Measure]:
    cpu, peak = f"{CURL}: {kept.cpu(CURL):.2f} s", f"{CURL}: {kept.peak(CURL):.0f} MiB in all"
    return [
        Measure(f"{what}: processor time", kept.cpu("ours"), "s", None, cpu),
        Measure(f"{what}: memory more than before", kept.peak("ours"), "MiB", MEMORY, peak),
    ]


if __name__ == "__main__":
    chosen = options(__doc__)
    main(chosen.pairs, quick=chosen.quick)
