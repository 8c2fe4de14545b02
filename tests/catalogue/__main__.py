"""Runs the catalogue of packing cases in every Blender and prints a table, case by version.

    python -m tests.catalogue [--write] [RUN ...]

A run is a packer in a Blender. RUN is the start of its name: `ours`, `ours-5.2`, `bat`,
`bat-1.23-4.5`. Two runs are executed in parallel. The table contains all runs with a report,
including those of earlier calls; without RUN, nothing is run. `--write` puts the table into
docs/packing.md. Exits with 1 if one of our cases fails that is not listed with its reason.
"""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.catalogue import peers, tables

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "build/reports/catalogue"
DOCUMENT = ROOT / "docs/packing.md"
LIMIT = 3600  # timeout of one run


@dataclass(frozen=True)
class Run:
    """A packer in a Blender."""

    packer: str
    blender: str

    @property
    def name(self) -> str:
        return f"{self.packer}-{self.blender}"

    @property
    def report(self) -> Path:
        return REPORTS / f"{self.name}.xml"


BLENDERS = ["4.2.23", "4.5.15", "5.0.1", "5.2.3"]
RUNS = [Run(packer, blender) for packer in ("ours", "bat-1.23") for blender in BLENDERS]
RUNS += [Run("bat-2.0.4", "5.2.3"), Run("bat-2.2.1", "5.2.3")]


def main(chosen: list[Run], write: bool) -> int:
    REPORTS.mkdir(parents=True, exist_ok=True)
    pythons = {run.blender: provide(run.blender) for run in chosen}
    packers = {run.packer for run in chosen} & set(peers.PEERS)
    commands = {name: peers.provide(name, provide(peers.PEERS[name][0])) for name in packers}
    begun = time.monotonic()
    with ThreadPoolExecutor(2) as two:
        runs = {
            run: two.submit(carry_out, run, pythons[run.blender], commands.get(run.packer))
            for run in chosen
        }
    found = {run.name: tables.read(run.report) for run in RUNS if run.report.exists()}
    text = tables.table(found)
    print(text)
    print(f"{time.monotonic() - begun:.0f} s")
    if write:
        reports = [run.report for run in RUNS if run.report.exists()]
        tables.write(DOCUMENT, f"{tables.when(reports)}\n\n{text}")
    lost = [f"{run.name}: {done.exception()}" for run, done in runs.items() if done.exception()]
    for line in lost:
        print(line)
    failed = [name for name in found if name.startswith("ours") and tables.failed(found[name])]
    return int(bool(lost or failed))


def provide(blender: str) -> Path:
    """The Python that has this Blender as a module; it is installed if it is missing."""
    command = [sys.executable, str(ROOT / "scripts/blenders.py"), "provide", f"bpy-{blender}"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Path(done.stdout.split()[-1])


def carry_out(run: Run, python: Path, bat: Path | None) -> None:
    """Run all cases. Output goes to a log beside the report, which replaces an earlier one."""
    part = run.report.with_suffix(".part")
    command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", "--numprocesses", "1"]
    command += ["--timeout", "300", "--junitxml", str(part)]
    command.append("tests/catalogue/" + ("bat.py::test_bat" if bat else "travel.py"))
    environment = os.environ | {"RENDERJUICE_BAT": str(bat)}
    with run.report.with_suffix(".log").open("wb") as log:
        subprocess.run(
            command, cwd=ROOT, stdout=log, stderr=log, timeout=LIMIT, check=False, env=environment
        )
    part.replace(run.report)


def named(words: list[str]) -> list[Run]:
    """The runs whose names start with one of `words`. Raises ValueError if a word matches none."""
    for word in words:
        if not any(run.name.startswith(word) for run in RUNS):
            raise ValueError(f"No run begins with {word}: {' '.join(run.name for run in RUNS)}")
    return [run for run in RUNS if run.name.startswith(tuple(words))]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    parser.add_argument("runs", nargs="*", metavar="RUN")
    arguments = parser.parse_args()
    try:
        wanted = named(arguments.runs)
    except ValueError as problem:
        parser.error(str(problem))
    sys.exit(main(wanted, arguments.write))
