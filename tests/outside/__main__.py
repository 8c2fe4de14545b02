"""Packs the .blend files of a folder in every Blender and prints a table of files by version.

    python -m tests.outside [--write] [FOLDER]

Without a FOLDER it packs the files bundled with each Blender; `--write` puts that table into
docs/packing.md. Nothing in the folder is changed: each file is opened in a copy, made of hard
links if the disk supports them. Two Blenders run at a time. The exit code is 1 if an image of a
packed file differs from that of the original.
"""

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from scripts import between
from tests.catalogue import tables
from tests.catalogue.__main__ import BLENDERS, DOCUMENT, ROOT, provide

REPORTS = ROOT / "build/reports/outside"
BEGIN, END = "<!-- make test-outside writes this: -->", "<!-- as far as here -->"
COUNTED = (("picture", "rendered equal"), ("empty", "nothing to see, and packed"))


def main(folder: Path | None, write: bool) -> int:
    REPORTS.mkdir(parents=True, exist_ok=True)
    pythons = {blender: provide(blender) for blender in BLENDERS}
    with ThreadPoolExecutor(2) as two:
        runs = [two.submit(carry_out, name, pythons[name], folder) for name in BLENDERS]
    reports = [run.result() for run in runs]
    found = {f"ours-{name}": tables.read(r) for name, r in zip(BLENDERS, reports, strict=True)}
    text = tables.table(found, first="file", counted=COUNTED)
    print(text)
    if write:
        old = DOCUMENT.read_text(encoding="utf-8")
        new = between.replaced(old, f"{BEGIN}\n", END, f"\n{tables.when(reports)}\n\n{text}\n\n")
        DOCUMENT.write_text(new, encoding="utf-8")
    return int(any(tables.failed(results) for results in found.values()))


def carry_out(blender: str, python: Path, folder: Path | None) -> Path:
    """Pack all files in a Blender and return its report; its output is in a log next to it."""
    report = REPORTS / f"{blender}.xml"
    command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", "--numprocesses", "1"]
    command += ["--timeout", "300", "--junitxml", str(report)]
    command.append("tests/outside/travel.py::test_outside")
    environment = os.environ | {"RENDERJUICE_OUTSIDE": str(folder.resolve()) if folder else ""}
    with report.with_suffix(".log").open("wb") as log:
        subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=False, env=environment)
    return report


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    if arguments.folder and not arguments.folder.is_dir():
        parser.error(f"{arguments.folder} is no folder")
    if arguments.folder and arguments.write:
        parser.error("docs/packing.md shows what comes inside Blender only: leave FOLDER out")
    sys.exit(main(arguments.folder, arguments.write))
