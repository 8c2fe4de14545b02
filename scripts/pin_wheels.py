"""Writes requirements/wheels.txt: the packages that requirements/runtime.txt needs, with the
hashes of their wheels for every target of scripts/build.py.

    python scripts/pin_wheels.py            # the pinned versions, for changed targets
    python scripts/pin_wheels.py --upgrade  # the newest versions, after a change of runtime.txt
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
        kept = folder / "kept.txt"
        pins = "" if "--upgrade" in sys.argv else build.REQUIREMENTS.read_text(encoding="utf-8")
        kept.write_text(
            "\n".join(re.findall(r"^[a-z0-9-]+==\S+", pins, flags=re.MULTILINE)), encoding="utf-8"
        )
        for python, platform in build.targets():
            print(f"Python {python}, {platform}", file=sys.stderr)
            command = build.pip_download(python, platform, folder)
            command += ["--requirement", str(build.ROOT / "requirements" / "runtime.txt")]
            if subprocess.run([*command, "--constraint", str(kept)], check=False).returncode:
                print("The pinned versions do not fit: try --upgrade.", file=sys.stderr)
                return 1
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
