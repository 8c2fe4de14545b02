"""Releases the version in blender_manifest.toml: make release

    python scripts/release.py               # date the changelog, build all, commit, tag
    python scripts/release.py --next 0.2.0  # begin work on this version

Nothing is uploaded; the last lines of the output list the remaining steps.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable

import build
import packages
import repository
from find_blender import NotFound, find

ROOT = build.ROOT
OPEN = "## {}, not released"


def release(day: str, make: Callable[[], None]) -> str:
    """Release and return the tag, or undo all changes. `make` builds. Raises BuildError."""
    manifest, changelog = ROOT / "blender_manifest.toml", ROOT / "CHANGELOG.md"
    version = str(tomllib.loads(manifest.read_text(encoding="utf-8"))["version"])
    text = changelog.read_text(encoding="utf-8")
    tag, heading = f"v{version}", OPEN.format(version)
    if problem := why_not(version, tag, text):
        raise build.BuildError(problem)
    try:
        changelog.write_text(text.replace(heading, f"## {version}, {day}", 1), encoding="utf-8")
        make()
        sums = write_sums(version)
        git("add", "--all")
        git("commit", "--quiet", f"--message=Release {version}")
    except BaseException:
        git("reset", "--quiet", "--hard")  # safe: there were no uncommitted changes
        raise
    notes = text.split(heading, 1)[1].split("\n## ", 1)[0].strip()
    git("tag", "--annotate", tag, f"--message=Renderjuice {version}\n\n{notes}\n\n{sums}")
    return tag


def why_not(version: str, tag: str, changelog: str) -> str:
    """Return what prevents a release, or an empty string."""
    if git("status", "--porcelain"):
        return "There are changes that are not committed. Commit them first."
    if git("tag", "--list", tag):
        return f"The tag {tag} is there already. Begin the next version: --next"
    first = re.search(r"^## .*$", changelog, flags=re.MULTILINE)
    if not first or first[0] != OPEN.format(version):
        return f"CHANGELOG.md must begin with what is new, below: {OPEN.format(version)}"
    if not (ROOT / "tests" / "earlier" / version).is_dir():
        return (
            "Keep what this version writes, for the tests of later ones, and commit it: "
            "make packages, then .venv/bin/python -m tests.earlier"
        )
    return ""


def write_sums(version: str) -> str:
    """Write dist/SHA256SUMS for `sha256sum --check`; return its text for the tag's message."""
    zips = sorted((ROOT / "dist").glob(f"renderjuice-{version}-*.zip"))
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in zips]
    (ROOT / "dist" / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    return "".join(lines)


def begin_next(version: str) -> None:
    """Write the next version into the manifest, and its heading into the changelog."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise build.BuildError(f"{version} is no version such as 0.2.0.")
    manifest, changelog = ROOT / "blender_manifest.toml", ROOT / "CHANGELOG.md"
    text = re.sub(r'(?m)^version = ".*"$', f'version = "{version}"', manifest.read_text("utf-8"))
    manifest.write_text(text, encoding="utf-8")
    log = changelog.read_text(encoding="utf-8")
    changelog.write_text(log.replace("\n## ", f"\n{OPEN.format(version)}\n\n## ", 1), "utf-8")


def git(*arguments: str) -> str:
    """Run git and return its output. Raises BuildError with its error message."""
    done = subprocess.run(
        ["git", *arguments],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise build.BuildError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def make_all() -> None:
    """Build every file of a release."""
    blender = find()
    packages.write_page(packages.make(packages.DIST, blender))
    repository.make(packages.DIST, packages.DIST / "repository", blender)


def main() -> int:
    """Release, or begin the next version; return 1 with a message if that fails."""
    parser = argparse.ArgumentParser(description="Release the version that the manifest says.")
    parser.add_argument("--next", metavar="VERSION", help="begin this version instead")
    following = parser.parse_args().next
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    try:
        if following:
            begin_next(following)
            return 0
        tag = release(today, make_all)
    except (build.BuildError, NotFound) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(
        f"\n{tag} is committed and tagged. Left to do:\n"
        f"  git push origin HEAD {tag}\n"
        "  put dist/*.zip and dist/SHA256SUMS beside the tag, and dist/repository onto the web"
        " server\n"
        "  .venv/bin/python scripts/release.py --next X.Y.Z"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
