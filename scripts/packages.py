"""Builds every zip of a release into dist/, and writes their table into docs/releases.md.

python scripts/packages.py     # make packages
"""

from __future__ import annotations

import re
import sys
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import between
import build
from find_blender import Blender, NotFound, find

DIST = build.ROOT / "dist"
PAGE = build.ROOT / "docs" / "releases.md"
BEGIN, END = "<!-- Made by `make packages`. -->\n", "<!-- Until here. -->\n"
NAMES = {
    "windows-x64": "Windows",
    "windows-arm64": "Windows on ARM",
    "macos-arm64": "macOS, Apple silicon",
    "macos-x64": "macOS, Intel",
    "linux-x64": "Linux",
}


@dataclass(frozen=True)
class Package:
    """One zip of a release."""

    path: Path
    version: str
    python: str
    platform: str

    @property
    def blenders(self) -> str:
        """A description of the Blenders that this zip is for: those of blender.org, and others."""
        return OTHERS.get((self.python, self.platform)) or OFFICIAL[self.python]


OFFICIAL = {"3.11": "4.2 to 5.0", "3.13": "5.1 and newer"}
OTHERS = {
    ("3.13", "linux-x64"): "5.1 and newer; a distribution's from 4.3 on",
    ("3.13", "macos-x64"): "not blender.org's; another's from 4.3 on",
    ("3.14", "linux-x64"): "a distribution's from 5.0 on",
}


def version() -> str:
    """Return the version in the manifest."""
    return str(tomllib.loads(build.MANIFEST.read_text(encoding="utf-8"))["version"])


def planned(folder: Path, of_version: str) -> list[Package]:
    """Return the packages of a version, whether they exist or not."""
    return [
        Package(folder / build.file_name(of_version, *target), of_version, *target)
        for target in build.targets()
    ]


def make(folder: Path, blender: Blender) -> list[Package]:
    """Build all zips. Raises BuildError."""
    packages = planned(folder, version())
    for package in packages:
        print(build.build(package.python, package.platform, blender, folder), flush=True)
    return packages


def tables(packages: list[Package]) -> str:
    """Return the tables of the zips and of their contents, in Markdown."""
    lines = ["| zip | for | Blender | Python | size |", "|---|---|---|---|---|"]
    for one in packages:
        size = f"{one.path.stat().st_size / 1e6:.1f} MB"
        name = f"`{one.path.name.removeprefix(f'renderjuice-{one.version}-')}`"
        cells = (name, NAMES[one.platform], one.blenders, one.python, size)
        lines.append(f"| {' | '.join(cells)} |")
    sizes: dict[str, list[int]] = {}
    for one in packages:
        for name, size_in_bytes in contents(one.path).items():
            sizes.setdefault(name, []).append(size_in_bytes)
    lines += ["", "| inside each | size |", "|---|---|"]
    lines += [f"| {name} | {_range(found)} |" for name, found in sorted(sizes.items())]
    return "\n".join(lines) + "\n"


def contents(archive: Path) -> dict[str, int]:
    """Return the sizes of a zip's contents in bytes: each wheel, and the extension's own files."""
    found: dict[str, int] = {}
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            name = "Renderjuice itself"
            if wheel := re.match(r"wheels/([^-]+)-([^-]+)-", entry.filename):
                name = f"`{wheel[1].replace('_', '-')}` {wheel[2]}"
            found[name] = found.get(name, 0) + entry.file_size
    return found


def _range(sizes: list[int]) -> str:
    least, most = (f"{size / 1e6:.2f}" for size in (min(sizes), max(sizes)))
    return f"{least} MB" if least == most else f"{least} to {most} MB"


def write_page(packages: list[Package]) -> None:
    """Put the tables into docs/releases.md, between their marks."""
    old = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(between.replaced(old, BEGIN, END, tables(packages)), encoding="utf-8")


def main() -> int:
    """Build everything; return 1 with a message if that fails."""
    try:
        write_page(make(DIST, find()))
    except (build.BuildError, NotFound) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
