"""Sending a package, beside `curl -T`.

    .venv/bin/python -m benchmarks.upload [--quick]

One file of 2 GiB, read before so that it is in memory, to a storage on this machine that throws it
away. `api/storage.py` does it in a Python of its own, as in the worker, whose start is not
measured; of both processes their CPU seconds and their largest memory are told.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import storage
from benchmarks.figures import ROOT, Figure, Measure, figure_of, options, percentile, report

SIZE, SMALL = 2 << 30, 256 << 20
SPEED, MORE_MEMORY = 0.95, 64.0
OURS = """
import json, runpy, sys, time
from pathlib import Path
runpy.run_path("standalone.py")["provide"]()
from renderjuice.api.storage import put_file
begun = time.perf_counter()
put_file(sys.argv[1], Path(sys.argv[2]), on_bytes=lambda _: None, should_stop=lambda: False,
         allow_local=True)
print(json.dumps(time.perf_counter() - begun))
"""


def main(count: int, *, quick: bool) -> None:
    """Measure all and say it."""
    size = SMALL if quick else SIZE
    ours: list[tuple[float, float, float]] = []
    theirs: list[tuple[float, float, float]] = []
    with (
        storage.running() as address,
        tempfile.TemporaryDirectory(prefix="renderjuice-bench-", dir=ROOT / "build") as folder,
    ):
        path = Path(folder, "package.zip")
        block = os.urandom(1 << 20)
        with path.open("wb") as file:
            file.writelines([block] * (size >> 20))
        os.sync()
        for _ in range(count):
            in_memory(path)
            ours.append(measured([sys.executable, "-c", OURS, f"{address}/", str(path)]))
            in_memory(path)
            theirs.append(measured(["curl", "--silent", "--fail", "-T", str(path), f"{address}/"]))
    report("upload", figures(size, ours, theirs), measures(ours, theirs), quick=quick)


def figures(
    size: int, ours: list[tuple[float, float, float]], theirs: list[tuple[float, float, float]]
) -> list[Figure]:
    """The seconds, side by side."""
    seconds = [[run[0] for run in runs] for runs in (ours, theirs)]
    return [figure_of(f"upload of {size >> 20:,} MiB", "curl -T", *seconds, SPEED)]


def measures(
    ours: list[tuple[float, float, float]], theirs: list[tuple[float, float, float]]
) -> list[Measure]:
    """What both take of the machine."""
    found = []
    for name, runs in (("ours", ours), ("curl", theirs)):
        cpu = percentile([run[1] for run in runs], 0.5)
        found.append(Measure(f"CPU seconds of {name}", cpu, "s", None))
    memory = [max(run[2] for run in runs) for runs in (ours, theirs)]
    more = memory[0] - memory[1]
    return [*found, Measure("more memory than curl at most", more, "MiB", MORE_MEMORY)]


def measured(command: list[str]) -> tuple[float, float, float]:
    """Seconds as the process itself says, or of all of it; CPU seconds; MiB at most."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command[0]
    seconds = json.loads(said) if said.strip() else took
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def in_memory(path: Path) -> None:
    """Read the file, so that the system has it."""
    subprocess.run(["cat", path], stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    chosen = options(__doc__)
    main(chosen.pairs, quick=chosen.quick)
