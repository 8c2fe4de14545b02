"""Submits the shots of a spreadsheet, saved as CSV with the columns file, scene, frames, samples.

    python shots.py SHOTS.csv

Files are looked for beside the spreadsheet; empty cells leave it to the file. Writes the jobs to
SHOTS.jobs.csv, and ends with 1 if a shot could not be submitted.
"""

import csv
import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

# {file} is the .blend. Set $RENDERJUICE to call another Blender.
COMMAND = "blender --online-mode -b {file} --command renderjuice"


def submit(blend: Path, shot: dict[str, str]) -> tuple[str, str]:
    """The job's id and "", or "" and what stands in the way."""
    options = []
    if shot["scene"]:
        options += ["--scene", shot["scene"]]
    if shot["frames"]:
        options += ["--frames", shot["frames"]]
    if shot["samples"]:
        options += ["--set", f"sampleCount={shot['samples']}"]
    command = os.environ.get("RENDERJUICE", COMMAND)
    words = [str(blend) if word == "{file}" else word for word in shlex.split(command)]
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "answer.json")
        done = subprocess.run([*words, "submit", *options, "--json", str(answer)], check=False)
        code = done.returncode
        document = json.loads(answer.read_text()) if answer.exists() else {}
    if code:
        return "", document.get("error", {}).get("message", f"exit code {code}")
    return document["job"]["id"], ""


def main(sheet: Path) -> int:
    """Submit every shot, and write down what became of it."""
    with sheet.open(newline="", encoding="utf-8-sig") as file:
        shots = list(csv.DictReader(file))
    rows = [[shot["file"], *submit(sheet.parent / shot["file"], shot)] for shot in shots]
    with sheet.with_suffix(".jobs.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["file", "job", "problem"], *rows])
    return int(any(problem for _, _, problem in rows))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
