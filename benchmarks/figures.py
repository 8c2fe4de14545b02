"""Shared by all benchmarks: pairs of runs, their ratios, growth, tables, JSON results."""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "build" / "bench"
Run = Callable[[], float]
"""One run: returns the seconds that it took."""


@dataclass(frozen=True)
class Figure:
    """The extension compared with one peer, in pairs of runs. `ratio` is its relative speed."""

    what: str
    peer: str
    ours: float
    theirs: float
    ratio: float
    lowest: float
    highest: float
    target: float | None
    pairs: int

    @property
    def line(self) -> str:
        """A row of the table."""
        target = "" if self.target is None else f"{self.target:g}"
        met = "" if self.target is None else "met" if self.ratio >= self.target else "MISSED"
        return (
            f"| {self.what} | {self.peer} | {span(self.ours)} | {span(self.theirs)} "
            f"| {self.ratio:.2f} ({self.lowest:.2f} to {self.highest:.2f}) | {target} | {met} |"
        )


@dataclass(frozen=True)
class Measure:
    """One value of the extension and its upper limit. `note` has values to compare with."""

    what: str
    value: float
    unit: str
    most: float | None
    note: str = ""

    @property
    def line(self) -> str:
        """A row of the table."""
        most = "" if self.most is None else f"at most {quantity(self.most, self.unit)}"
        met = "" if self.most is None else "met" if self.value <= self.most else "MISSED"
        return f"| {self.what} | {quantity(self.value, self.unit)} | {most} | {met} | {self.note} |"


@dataclass(frozen=True)
class Spread:
    """Many durations of one kind in milliseconds: processor time, and p99 of wall-clock time."""

    what: str
    count: int
    middle: float
    p99: float
    worst: float
    wall: float
    most: float | None

    @property
    def line(self) -> str:
        """A row of the table; the target is for p99 of the processor time."""
        most = "" if self.most is None else f"at most {self.most:.4g}"
        met = "" if self.most is None else "met" if self.p99 <= self.most else "MISSED"
        return (
            f"| {self.what} | {self.count} | {self.middle:.2f} | {self.p99:.2f} "
            f"| {self.worst:.2f} | {self.wall:.2f} | {most} | {met} |"
        )


SPREAD_HEAD = """| ms | count | p50 | p99 | worst | p99 by the wall | target of p99 | |
|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Curve:
    """A cost against a number of things: `most` is the limit of its exponent, `plot` the name of
    the image that it is drawn in."""

    what: str
    against: str
    unit: str
    points: Sequence[tuple[float, float]]
    most: float
    plot: str

    @property
    def exponent(self) -> float:
        """The exponent of the growth: 0 is constant, 1 is linear."""
        return exponent(dict(self.points))

    @property
    def met(self) -> bool:
        """Whether it grows no faster than its limit."""
        return self.exponent <= self.most

    @property
    def axis(self) -> str:
        """The name of the unit for the axis."""
        return {"s": "seconds"}.get(self.unit, self.unit)

    @property
    def line(self) -> str:
        """A row of the table."""
        met = "met" if self.met else "MISSED"
        ends = [quantity(y, self.unit) for _, y in (self.points[0], self.points[-1])]
        numbers = f"{self.points[0][0]:,.0f} to {self.points[-1][0]:,.0f} {self.against}"
        return (
            f"| {self.what} | {numbers} | {' to '.join(ends)} | {self.exponent:z.2f} "
            f"| {self.most:g} | {met} |"
        )


CURVE_HEAD = """| what | against | cost | exponent | at most | |
|---|---|---|---|---|---|"""
MEASURE_HEAD = """| what | value | target | | beside |
|---|---|---|---|---|"""
HEAD = """| what | peer | ours | theirs | ratio of speeds (spread) | target | |
|---|---|---|---|---|---|---|"""


def pairs(
    what: str, ours: Run, peers: Mapping[str, tuple[Run, float | None]], count: int
) -> list[Figure]:
    """Run the extension and each peer `count` times, in turn. `peers`: run and target by name."""
    mine: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(count):
        mine.append(ours())
        for name, (run, _target) in peers.items():
            theirs[name].append(run())
    return [
        figure_of(what, name, mine, theirs[name], target) for name, (_, target) in peers.items()
    ]


def figure_of(
    what: str, peer: str, mine: Sequence[float], theirs: Sequence[float], target: float | None
) -> Figure:
    """Return the figure for pairs of runs, given in seconds."""
    ratios = [b / a for a, b in zip(mine, theirs, strict=True)]
    middle = statistics.median
    return Figure(
        *(what, peer, middle(mine), middle(theirs), middle(ratios)),
        *(min(ratios), max(ratios), target, len(ratios)),
    )


def exponent(points: Mapping[float, float]) -> float:
    """Return how a cost grows: 0 is constant, 1 is linear (the slope on a log-log plot)."""
    across, up = zip(*((math.log(x), math.log(y)) for x, y in points.items()), strict=True)
    return statistics.linear_regression(across, up).slope


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value at this percentile (`part` is 0 to 1); 0 if there are no values."""
    ranked = sorted(values) or [0.0]
    return ranked[min(len(ranked) - 1, math.ceil(part * len(ranked)) - 1)]


def options(description: str | None) -> argparse.Namespace:
    """Parse the command line that all benchmarks share: `pairs` and `quick`."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=0, help="runs of ours and of each peer")
    parser.add_argument("--quick", action="store_true", help="a small size, to see that it works")
    chosen = parser.parse_args()
    chosen.pairs = chosen.pairs or (2 if chosen.quick else 7)
    return chosen


def timed(command: Sequence[str | Path], cwd: Path | None = None) -> float:
    """Return the seconds that a process takes. Raises CalledProcessError with its output."""
    begun = time.perf_counter()
    subprocess.run([str(part) for part in command], cwd=cwd, check=True, capture_output=True)
    return time.perf_counter() - begun


def provided(name: str) -> Path:
    """Return the program of a Blender from scripts/blenders.py, installed if it is missing: the
    Python of a bpy module, or the launcher of a complete Blender."""
    command = [sys.executable, str(ROOT / "scripts" / "blenders.py"), "provide", name]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Path(done.stdout.split()[-1])


def quantity(value: float, unit: str) -> str:
    """Return a number with its unit; seconds in a readable unit."""
    if unit in ("s", "ms"):
        return span(value if unit == "s" else value / 1000)
    return f"{value:,.0f} {unit}".strip() if value >= 100 else f"{value:.3g} {unit}".strip()


def span(seconds: float) -> str:
    """Return seconds as text in s, ms or µs."""
    if seconds >= 1 or seconds <= 0:
        return f"{seconds:.3g} s"
    return f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.3g} µs"


def report(
    name: str,
    figures: Sequence[Figure],
    measures: Sequence[Measure] = (),
    curves: Sequence[Curve] = (),
    spreads: Sequence[Spread] = (),
    *,
    quick: bool = False,
    left_out: Sequence[str] = (),
) -> None:
    """Print the tables and write build/bench/NAME.json; quick runs have a separate folder.

    `left_out` names peers that are not installed, and how to install them.
    """
    print("\n".join([tables(figures, measures, curves, spreads), *left_out]), flush=True)
    folder = RESULTS / "quick" if quick else RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "schema": 1,
        "at": time.strftime("%Y-%m-%d"),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "quick": quick,
        "figures": [asdict(figure) for figure in figures],
        "measures": [asdict(measure) for measure in measures],
        "spreads": [asdict(spread) for spread in spreads],
        "curves": [asdict(curve) for curve in curves],
        "left_out": list(left_out),
    }
    (folder / f"{name}.json").write_text(json.dumps(document, indent=1), encoding="utf-8")


def tables(
    figures: Sequence[Figure],
    measures: Sequence[Measure] = (),
    curves: Sequence[Curve] = (),
    spreads: Sequence[Spread] = (),
) -> str:
    """Return all tables that have rows, in Markdown."""
    kinds = (
        (HEAD, figures),
        (MEASURE_HEAD, measures),
        (CURVE_HEAD, curves),
        (SPREAD_HEAD, spreads),
    )
    return "\n\n".join(
        "\n".join([head, *(row.line for row in rows)]) for head, rows in kinds if rows
    )
