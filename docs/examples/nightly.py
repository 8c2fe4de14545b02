"""Render every .blend of a folder overnight: python nightly.py FOLDER

All files are sent first, so that the farm renders them side by side; then the frames come home.
What was interrupted goes on with `python nightly.py`: without a folder nothing new is sent.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BLENDER = os.environ.get("BLENDER", "blender")
TRIES = int(os.environ.get("TRIES", "10"))
PAUSE = float(os.environ.get("PAUSE", "60"))
"""Seconds between two tries."""
MAY_PASS = (4, 5)
"""Exit codes of the key, the network and the disk."""


def renderjuice(*arguments: str, blend: Path | None = None) -> tuple[int, dict]:
    """One command; its exit code and its document."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "document.json")
        command = [BLENDER, "--online-mode", "--background", *([str(blend)] if blend else [])]
        command += ["--command", "renderjuice", *arguments, "--json", str(document)]
        code = subprocess.run(command, check=False).returncode
        return code, json.loads(document.read_text("utf-8")) if document.exists() else {}


def send(blend: Path) -> int:
    """Submit one file, once; 0 where there is a job that `resume` goes on with."""
    code, document = renderjuice("submit", blend=blend)
    why = document.get("error", {}).get("message", "Blender says above why it was not sent.")
    print(f"{blend.name}: {why if code else 'sent'}")
    return 0 if code in MAY_PASS and "job" in document else code


def bring() -> int:
    """Go on with all jobs until they are done. What may pass is tried again."""
    for tries_left in reversed(range(TRIES)):
        code, document = renderjuice("resume")
        if code not in MAY_PASS or not tries_left:
            break
        time.sleep(PAUSE)
    for job in document.get("jobs", []):
        here, missing = len(job["frames"]["downloaded"]), job["frames"]["missing"]
        lacks = f", missing: {missing}" if missing else ""
        print(f"{job['title']}: {job['stage']}, {here} files in {job['output']}{lacks}")
    return code


def main() -> int:
    """Send all, bring all home; the worst of what happened as the exit code."""
    blends = sorted(path for name in sys.argv[1:] for path in Path(name).glob("*.blend"))
    worst = max([send(blend) for blend in blends], default=0)
    return max(worst, bring())


if __name__ == "__main__":
    sys.exit(main())
