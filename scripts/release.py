"""Releases the version that blender_manifest.toml says: make release

    python scripts/release.py               # date the changelog, build all, commit, tag
    python scripts/release.py --next 0.2.0  # what is worked on from now on

Nothing leaves this machine; the last lines say what is left to do.
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
    """Do it all, or leave everything as it was; the tag. `make` builds. Raises BuildError."""
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
        git("reset", "--quiet", "--hard")  # nothing was uncommitted before
        raise
    notes = text.split(heading, 1)[1].split("\n## ", 1)[0].strip()
    git("tag", "--annotate", tag, f"--message=Renderjuice {version}\n\n{notes}\n\n{sums}")
    return tag


def why_not(version: str, tag: str, changelog: str) -> str:
    """What stands in the way of releasing, or nothing."""
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
    """dist/SHA256SUMS of the zips, as `sha256sum --check` reads it, and the tag's message, too."""
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
    """What git says. Raises BuildError with its words."""
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
    """Every file of a release."""
    blender = find()
    packages.write_page(packages.make(packages.DIST, blender))
    repository.make(packages.DIST, packages.DIST / "repository", blender)


def main() -> int:
    """Release or begin; 1 with a sentence when it cannot be done."""
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
