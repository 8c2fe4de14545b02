"""Sends every .blend of a folder in the evening, and brings all frames home in the morning.

    python nightly.py FOLDER

Ends with 0 when all frames of all files are here, else with 1; what went wrong is printed per file.
Start it again and it goes on where it was: nothing is rendered twice.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

# {file} is the .blend. Set $RENDERJUICE to call another Blender.
COMMAND = "blender --online-mode -b {file} --command renderjuice"


def renderjuice(blend: Path, *arguments: str) -> tuple[int, dict]:
    """Run one command; its exit code and its JSON document."""
    command = os.environ.get("RENDERJUICE", COMMAND)
    words = [str(blend) if word == "{file}" else word for word in shlex.split(command)]
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "answer.json")
        done = subprocess.run([*words, *arguments, "--json", str(answer)], check=False)
        return done.returncode, json.loads(answer.read_text()) if answer.exists() else {}


def main(folder: Path) -> int:
    """Send what was not sent, then wait for everything."""
    noted = folder / "nightly.json"  # the jobs of files that were sent already
    jobs = json.loads(noted.read_text()) if noted.exists() else {}
    for blend in sorted(folder.glob("*.blend")):
        if blend.name in jobs:
            continue
        code, answer = renderjuice(blend, "submit")
        if code == 0:
            jobs[blend.name] = answer["job"]["id"]
            noted.write_text(json.dumps(jobs))
        else:
            print(f"{blend.name}: not sent: {answer.get('error', {}).get('message')}")

    lost = len(jobs) < len(list(folder.glob("*.blend")))
    for name, job in jobs.items():
        code, answer = renderjuice(folder / name, "wait", job)
        if code == 0:
            code, answer = renderjuice(folder / name, "download", job)
        if code == 0:
            print(f"{name}: {answer['job']['output']}")
        else:
            lost = True
            print(f"{name}: {answer.get('error', {}).get('message')}")
    return int(lost)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
