"""What a process costs: its time, its processor time, its memory."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import ROOT, Run

MIB = 1024**2


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, seconds of processors, and bytes of memory at most."""

    seconds: float
    cpu: float
    peak: float


def of_process(command: Sequence[str | Path]) -> Cost:
    """Run a program to its end. Raises CalledProcessError with what it said."""
    begun = time.perf_counter()
    arguments = [str(part) for part in command]
    with subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.stderr.write(said.decode(errors="replace")[-2000:])
        raise subprocess.CalledProcessError(process.returncode, arguments, said)
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def of_ours(*arguments: str | Path) -> Cost:
    """What `benchmarks/ours.py` says of itself: a worker has imported everything long before."""
    command = [sys.executable, "-m", "benchmarks.ours", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return Cost(**json.loads(done.stdout))


class Kept:
    """Runs whose costs are kept beside their time."""

    def __init__(self) -> None:
        self._costs: dict[str, list[Cost]] = {}

    def run(self, name: str, run: Callable[[], Cost]) -> Run:
        """A run for `pairs`."""

        def kept() -> float:
            cost = run()
            self._costs.setdefault(name, []).append(cost)
            return cost.seconds

        return kept

    def cpu(self, name: str) -> float:
        """Processor seconds, the median."""
        return statistics.median(cost.cpu for cost in self._costs[name])

    def peak(self, name: str) -> float:
        """Memory in MiB, the most."""
        return max(cost.peak for cost in self._costs[name]) / MIB
