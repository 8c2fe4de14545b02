"""Outcomes of random runs, and their totals.

    python -m tests.chaos.outcome worker|whole

prints the totals of the runs that have ended so far.
"""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPORTS = Path(__file__).resolve().parents[2] / "build" / "reports"


@dataclass
class Outcome:
    """The outcome of one run. `broken` lists each rule that was violated."""

    seed: int
    stage: str = ""
    error: str = ""
    renders: int = 0
    frames: int = 0
    missing: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    seconds: float = 0.0
    late: bool = False  # not ended by the first start, although all faults were over


def begin(kind: str) -> Path:
    """Create an empty file for the outcomes of runs of this kind."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    path = REPORTS / f"chaos-{kind}.jsonl"
    path.write_text("", encoding="utf-8")
    return path


def keep(path: Path, outcome: Outcome) -> None:
    """Append an outcome immediately, because an hour of runs may be interrupted."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(vars(outcome)) + "\n")


def kept(path: Path) -> list[Outcome]:
    """The outcomes in a file."""
    told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Outcome(**one | {"fired": Counter(one["fired"])}) for one in told]


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The totals of all runs."""
    return {
        "runs": len(outcomes),
        "runs in which a rule did not hold": sum(bool(one.broken) for one in outcomes),
        "most renders for one press": max(one.renders for one in outcomes),
        "ends": Counter(f"{one.stage}, {one.renders} renders" for one in outcomes),
        "ended by the next start only": [one.seed for one in outcomes if one.late],
        "failed after a render had begun": {
            one.seed: one.error for one in outcomes if one.stage == "failed" and one.renders
        },
        "frames here": sum(one.frames for one in outcomes),
        "frames named as missing": sum(one.missing for one in outcomes),
        "faults": sum((one.fired for one in outcomes), Counter()).total(),
        "faults by kind": dict(sum((one.fired for one in outcomes), Counter()).most_common()),
    }


def report(kind: str, outcomes: Sequence[Outcome], seconds: float) -> None:
    """Print the figures as a table, and write them to build/reports/chaos-KIND.json."""
    said = figures(outcomes) | {"seconds": round(seconds)}
    REPORTS.mkdir(parents=True, exist_ok=True)
    (REPORTS / f"chaos-{kind}.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    for name, value in said.items():
        if not isinstance(value, dict):
            print(f"{name:45} {value}")
            continue
        print(name)
        for one, count in value.items():
            print(f"    {one:41} {count}")


if __name__ == "__main__":
    kind = sys.argv[1]
    ended = kept(REPORTS / f"chaos-{kind}.jsonl")
    report(kind, ended, sum(one.seconds for one in ended))
