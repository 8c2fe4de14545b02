"""Render every .blend of a folder overnight: python nightly.py FOLDER

All files are sent first, so that the farm renders them side by side; then the frames come home.
What was interrupted goes on with `python nightly.py`: without a folder nothing new is sent.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

BLENDER = os.environ.get("BLENDER", "blender")


def renderjuice(*arguments: str, blend: Path | None = None) -> tuple[int, dict]:
    """One command; its exit code and its document."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "document.json")
        command = [BLENDER, "--online-mode", "--background", *([str(blend)] if blend else [])]
        command += ["--command", "renderjuice", *arguments, "--json", str(document)]
        code = subprocess.run(command, check=False).returncode
        return code, json.loads(document.read_text("utf-8")) if document.exists() else {}


def main() -> int:
    """Send all, bring all home; the worst of what happened as the exit code."""
    worst = 0
    for blend in sorted(path for name in sys.argv[1:] for path in Path(name).glob("*.blend")):
        code, document = renderjuice("submit", blend=blend)
        why = document.get("error", {}).get("message", "Blender says above why it was not sent.")
        print(f"{blend.name}: {why if code else 'sent'}")
        worst = max(worst, code)

    code, document = renderjuice("resume")
    for job in document.get("jobs", []):
        here, missing = len(job["frames"]["downloaded"]), job["frames"]["missing"]
        lacks = f", missing: {missing}" if missing else ""
        print(f"{job['title']}: {job['stage']}, {here} files in {job['output']}{lacks}")
    return max(worst, code)


if __name__ == "__main__":
    sys.exit(main())
