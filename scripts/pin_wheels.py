"""Writes requirements/wheels.txt: what requirements/runtime.txt needs, with the hashes of the
wheels for every Python and platform that scripts/build.py knows. Run it after a change there.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import build

HEAD = """\
# The wheels that ship inside the extension, for every Python and platform. Written by
# scripts/pin_wheels.py from runtime.txt.
"""


def main() -> int:
    """Download all wheels and write their names and hashes."""
    hashes: dict[str, set[str]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for python in build.BLENDERS:
            for platform in build.PLATFORMS:
                print(f"Python {python}, {platform}", file=sys.stderr)
                command = build.pip_download(python, platform, folder)
                runtime = build.ROOT / "requirements" / "runtime.txt"
                subprocess.run([*command, "--requirement", str(runtime)], check=True)
        for wheel in folder.glob("*.whl"):
            project, version = wheel.name.split("-")[:2]
            pin = f"{re.sub('[-_.]+', '-', project).lower()}=={version}"
            hashes.setdefault(pin, set()).add(hashlib.sha256(wheel.read_bytes()).hexdigest())
    lines = [
        " \\\n".join([pin, *(f"    --hash=sha256:{value}" for value in sorted(hashes[pin]))])
        for pin in sorted(hashes)
    ]
    build.REQUIREMENTS.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
