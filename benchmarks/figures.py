"""What all benchmarks share: pairs of runs, their ratio, growth, tables, a JSON document."""

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
"""One run: the seconds that it took."""


@dataclass(frozen=True)
class Figure:
    """Ours beside one peer, in pairs of one run. `ratio` is ours to theirs in speed."""

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
    """One value of ours alone, and what it may be at most. `note` says what stands beside it."""

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
    """Many moments of one kind, in milliseconds: of computing, and p99 by the wall's clock."""

    what: str
    count: int
    middle: float
    p99: float
    worst: float
    wall: float
    most: float | None

    @property
    def line(self) -> str:
        """A row of the table; the target is for p99 of computing."""
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
    """A cost against a number of things: `most` is what its exponent may be, `plot` which picture
    it is drawn in."""

    what: str
    against: str
    unit: str
    points: Sequence[tuple[float, float]]
    most: float
    plot: str

    @property
    def exponent(self) -> float:
        """0 is flat, 1 is linear."""
        return exponent(dict(self.points))

    @property
    def met(self) -> bool:
        """Whether it grows no faster than it may."""
        return self.exponent <= self.most

    @property
    def axis(self) -> str:
        """The unit in words."""
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
    """Run ours and each peer `count` times, in turns. `peers`: its run and the target."""
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
    """The figure of pairs of runs, in seconds each."""
    ratios = [b / a for a, b in zip(mine, theirs, strict=True)]
    middle = statistics.median
    return Figure(
        *(what, peer, middle(mine), middle(theirs), middle(ratios)),
        *(min(ratios), max(ratios), target, len(ratios)),
    )


def exponent(points: Mapping[float, float]) -> float:
    """How a cost grows with a number: 0 is flat, 1 is linear (the slope on a log-log plot)."""
    across, up = zip(*((math.log(x), math.log(y)) for x, y in points.items()), strict=True)
    return statistics.linear_regression(across, up).slope


def percentile(values: Sequence[float], part: float) -> float:
    """The value that such a part of the others does not exceed; 0 where there are none."""
    ranked = sorted(values) or [0.0]
    return ranked[min(len(ranked) - 1, math.ceil(part * len(ranked)) - 1)]


def options(description: str | None) -> argparse.Namespace:
    """What each benchmark can be asked: `pairs` and `quick`."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=0, help="runs of ours and of each peer")
    parser.add_argument("--quick", action="store_true", help="a small size, to see that it works")
    chosen = parser.parse_args()
    chosen.pairs = chosen.pairs or (2 if chosen.quick else 7)
    return chosen


def timed(command: Sequence[str | Path], cwd: Path | None = None) -> float:
    """The seconds that a whole process takes. Raises CalledProcessError with what it said."""
    begun = time.perf_counter()
    subprocess.run([str(part) for part in command], cwd=cwd, check=True, capture_output=True)
    return time.perf_counter() - begun


def provided(name: str) -> Path:
    """A Blender of scripts/blenders.py, installed if it is not there: the Python of a module, the
    launcher of a whole one."""
    command = [sys.executable, str(ROOT / "scripts" / "blenders.py"), "provide", name]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Path(done.stdout.split()[-1])


def quantity(value: float, unit: str) -> str:
    """A number with its unit; seconds as they read best."""
    if unit in ("s", "ms"):
        return span(value if unit == "s" else value / 1000)
    return f"{value:,.0f} {unit}".strip() if value >= 100 else f"{value:.3g} {unit}".strip()


def span(seconds: float) -> str:
    """Seconds as s, ms or µs."""
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
    """Print the tables and write build/bench/NAME.json; quick runs have a folder of their own.

    `left_out` names peers that are not to be had, and how to get them.
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
    """All tables in Markdown, each if it has a row."""
    kinds = (
        (HEAD, figures),
        (MEASURE_HEAD, measures),
        (CURVE_HEAD, curves),
        (SPREAD_HEAD, spreads),
    )
    return "\n\n".join(
        "\n".join([head, *(row.line for row in rows)]) for head, rows in kinds if rows
    )
