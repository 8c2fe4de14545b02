"""Measures what a process costs: wall-clock time, processor time and memory."""

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
    """Wall-clock seconds, processor seconds, and peak memory in bytes."""

    seconds: float
    cpu: float
    peak: float


def of_process(command: Sequence[str | Path]) -> Cost:
    """Run a program and return its cost. Raises CalledProcessError with the program's output."""
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
    """Return the cost that `benchmarks/ours.py` measures itself, without the cost of imports."""
    command = [sys.executable, "-m", "benchmarks.ours", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return Cost(**json.loads(done.stdout))


class Kept:
    """Runs whose costs are kept in addition to their time."""

    def __init__(self) -> None:
        self._costs: dict[str, list[Cost]] = {}

    def run(self, name: str, run: Callable[[], Cost]) -> Run:
        """Return a run for `pairs` that also keeps its cost."""

        def kept() -> float:
            cost = run()
            self._costs.setdefault(name, []).append(cost)
            return cost.seconds

        return kept

    def cpu(self, name: str) -> float:
        """Return the median of the processor seconds."""
        return statistics.median(cost.cpu for cost in self._costs[name])

    def peak(self, name: str) -> float:
        """Return the peak memory in MiB."""
        return max(cost.peak for cost in self._costs[name]) / MIB
