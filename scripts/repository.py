"""Makes an extension repository, for Blender to install and update from, of the zips in dist/.

    python scripts/repository.py     # make repository: dist/repository

The repository is a folder for any web server. Blender reads index.json, which lists the newest
version; users read index.html. Earlier versions are in older/, because Blender requires one
version per index.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path
from string import Template
from typing import Any

import build
import packages
from find_blender import Blender, NotFound, find, numbers
from packages import NAMES, Package

PAGE = Path(__file__).with_name("repository.html")
WARNING = re.compile(r"^(WARN|ERROR|FATAL_ERROR)\b", flags=re.MULTILINE)


def make(zips: Path, target: Path, blender: Blender) -> None:
    """Write the repository of all zips in a folder, completely or not at all. Raises BuildError."""
    versions = sorted(found_versions(zips), key=numbers, reverse=True)
    if not versions:
        raise build.BuildError(f"{zips} holds no zip of the extension. Run: make packages")
    newest, *older = versions
    current = packages.planned(zips, newest)
    missing = [package.path.name for package in current if not package.path.exists()]
    if missing:
        raise build.BuildError(f"{zips} lacks {', '.join(missing)}. Run: make packages")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        new = Path(name, "repository")
        (new / "older").mkdir(parents=True)
        for package in current:
            shutil.copyfile(package.path, new / package.path.name)
        for path in of_versions(zips, older):
            shutil.copyfile(path, new / "older" / path.name)
        generate(new, blender)
        page = people(current, of_versions(zips, older))
        (new / "index.html").write_text(page, encoding="utf-8")
        shutil.rmtree(target, ignore_errors=True)
        new.rename(target)


def found_versions(zips: Path) -> set[str]:
    """Return the versions of the zips in a folder."""
    names = (re.match(r"renderjuice-(\d+\.\d+\.\d+)-", path.name) for path in zips.glob("*.zip"))
    return {name[1] for name in names if name}


def of_versions(zips: Path, versions: list[str]) -> list[Path]:
    """Return the zips of these versions, in this order."""
    return [path for one in versions for path in sorted(zips.glob(f"renderjuice-{one}-*.zip"))]


def generate(folder: Path, blender: Blender) -> None:
    """Write index.json with Blender's tool; its warnings count as errors. Raises BuildError."""
    code, output = build.extension_tool(blender, "server-generate", f"--repo-dir={folder}")
    if code or WARNING.search(output):
        raise build.BuildError(f"Blender's server-generate is not content:\n{output}")
    index = folder / "index.json"
    listing: dict[str, Any] = json.loads(index.read_text(encoding="utf-8"))
    listing["data"].sort(key=lambda entry: entry["archive_url"])  # else in the file system's order
    index.write_text(json.dumps(listing, indent=2) + "\n", encoding="utf-8")


def people(current: list[Package], older: list[Path]) -> str:
    """Return the HTML page for users."""
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        version=current[0].version,
        rows="\n".join(map(_row, sorted(current, key=lambda one: list(NAMES).index(one.platform)))),
        older="\n".join(_older(path) for path in older) or "<li>There is none yet.</li>",
    )


def _row(package: Package) -> str:
    """Return a row of the table. A link dragged into Blender names the repository for updates."""
    oldest, too_new = build.BLENDERS[package.python]
    most = f"&blender_version_max={too_new}" if too_new else ""
    link = (
        f"./{package.path.name}?repository=./index.json&blender_version_min={oldest}{most}"
        f"&platforms={package.platform}&python_versions={package.python}"
    )
    size = f"{package.path.stat().st_size / 1e6:.1f} MB"
    return (
        f'<tr><td><a href="{html.escape(link)}">{NAMES[package.platform]}</a></td>'
        f"<td>{package.blenders}</td><td>{package.python}</td><td>{size}</td></tr>"
    )


def _older(path: Path) -> str:
    return f'<li><a href="older/{path.name}">{path.name}</a></li>'


def main() -> int:
    """Make the repository; return 1 with a message if that fails."""
    target = packages.DIST / "repository"
    try:
        make(packages.DIST, target, find())
    except (build.BuildError, NotFound) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
