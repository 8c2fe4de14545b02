"""Ask whether a package that is used or shipped has a known hole: python scripts/audit.py.

Looks at what is installed here and at requirements/wheels.txt with pip-audit. Ends with 1 for a
known hole. Where the service of advisories cannot be asked, it says so, package by package, and
ends with 0: nothing is known then, either way.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

WHEELS = Path(__file__).resolve().parents[1] / "requirements/wheels.txt"
TIMEOUT = 300  # seconds


def main() -> int:
    """Print one line for each hole, and for what could not be audited."""
    wheels = ["--disable-pip", "--require-hashes", "--requirement", str(WHEELS)]
    installed = ["--local", "--skip-editable"]
    holes = 0
    for what, arguments in (("the wheels of the extension", wheels), ("this folder", installed)):
        found = audit(arguments)
        if found is None:
            print(f"{what}: NOT AUDITED, the service of advisories could not be asked.")
            continue
        skipped = [one["name"] for one in found if "skip_reason" in one]
        for one in found:
            for hole in one.get("vulns", []):
                holes += 1
                print(f"{what}: {one['name']} {one['version']} has {hole['id']}")
        if skipped:
            print(f"{what}: NOT AUDITED, not known where it was asked: {', '.join(skipped)}.")
        print(f"{what}: {len(found) - len(skipped)} of {len(found)} packages audited.")
    return 1 if holes else 0


def audit(arguments: list[str]) -> list[dict[str, Any]] | None:
    """What pip-audit says of each package; None where it could not ask."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run(
            [*command, *arguments], capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
        dependencies: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return None
    return dependencies


if __name__ == "__main__":
    sys.exit(main())
