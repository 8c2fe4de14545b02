"""Checks the installed and shipped packages for known vulnerabilities: python scripts/audit.py.

Runs pip-audit for the packages installed here and for requirements/wheels.txt. Exits with 1 if a
vulnerability is known. If the advisory service is unavailable, the script reports what was not
audited and exits with 0, because nothing is known in that case.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

WHEELS = Path(__file__).resolve().parents[1] / "requirements/wheels.txt"
TIMEOUT = 300  # seconds


def main() -> int:
    """Print one line for each vulnerability, and for what could not be audited."""
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
    """Return pip-audit's result for each package; None if it could not run the audit."""
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
