"""Random projects of folders, links and libraries: every package must keep the packing rules.

The projects are the same in each run. RENDERJUICE_RANDOM_SEED selects others,
RENDERJUICE_RANDOM_PROJECTS makes more, and RENDERJUICE_RANDOM_SHRINK=1 shrinks a failing project.
"""

# Blender's API uses strings for paths, hence os.path:
# ruff: noqa: PTH110, PTH119

import hashlib
import os
import shutil
import zipfile
from pathlib import Path

import bpy
import hypothesis
import pytest
from renderjuice.packing.manifest import Manifest

from tests import projects, random_projects
from tests.packages import pack, relocated_blender, trace, unpack

SEED = int(os.environ.get("RENDERJUICE_RANDOM_SEED", "1"))
COUNT = int(os.environ.get("RENDERJUICE_RANDOM_PROJECTS", "25"))
PHASES = [hypothesis.Phase.generate]  # shrinking a project takes many minutes
if "RENDERJUICE_RANDOM_SHRINK" in os.environ:
    PHASES.append(hypothesis.Phase.shrink)


@pytest.mark.timeout(0 if COUNT > 25 else 900)
@hypothesis.seed(SEED)
@hypothesis.settings(
    max_examples=COUNT,
    phases=PHASES,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
@hypothesis.given(project=random_projects.random_projects)
def test_package_keeps_the_rules(
    project: random_projects.Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    print(f"RENDERJUICE_RANDOM_SEED={SEED}")
    folder = tmp_path_factory.mktemp("random")
    try:
        check(project, folder)
    finally:
        shutil.rmtree(folder)


def check(project: random_projects.Project, folder: Path) -> None:
    made = random_projects.make(project, folder / "home")
    expected = random_projects.expect(made)
    at_home = projects.render(made.top, folder / "home.png")
    before = tree(folder / "home")
    contents = {path: Path(path).read_bytes() for path in expected.files}

    manifest = trace(made.top, folder / "scratch")
    tell_what_was_made(manifest, made.top)
    check_manifest(manifest, expected, str(made.top), folder)
    package = pack(manifest, folder / "packages")
    assert tree(folder / "home") == before
    (folder / "home").rename(folder / "gone")
    top = unpack(package, folder / "farm/some where else")

    check_members(manifest, Path(package.path), top, contents)
    for blend in top.parent.rglob("*.blend"):
        check_paths(blend, top.parent, expected.missing)
    assert relocated_blender().render(top, folder / "farm.png") == at_home


def tell_what_was_made(manifest: Manifest, top: Path) -> None:
    """Report events for --hypothesis-show-statistics."""
    libraries = [file for file in manifest.files[1:] if file.name.endswith(".blend")]
    rewritten = [file for file in libraries if "/scratch/work/" in file.source]
    hypothesis.event(f"{len(libraries)} libraries, {len(rewritten)} of them rewritten")
    hypothesis.event(f"{len(manifest.missing)} missing")
    hypothesis.event(f"opened through a link: {top.parent != top.parent.resolve()}")


def tree(root: Path) -> dict[str, tuple[int, str]]:
    """Modification time and content hash of everything below `root`."""
    return {
        str(path): (
            path.lstat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in root.rglob("*")
    }


def check_manifest(
    manifest: Manifest, expected: random_projects.Expected, top: str, folder: Path
) -> None:
    """Each file in use is packed once, and no others; missing ones are listed with their user."""
    assert {each.path for each in manifest.missing} == expected.missing
    assert all(each.used_by and each.datablock for each in manifest.missing)
    sources = [file.source for file in manifest.files[1:]]
    as_they_are = [path for path in sources if not path.startswith(str(folder / "scratch"))]
    rewritten = [os.path.basename(path) for path in sources if path not in as_they_are]
    assert len(as_they_are) == len(set(as_they_are))
    assert set(as_they_are) <= expected.files
    rest = [os.path.basename(path) for path in expected.files - set(as_they_are)]
    assert sorted(rewritten) == sorted(rest)
    assert all(name.endswith(".blend") for name in rest)
    assert manifest.blend == os.path.basename(top)


def check_members(manifest: Manifest, package: Path, top: Path, contents: dict[str, bytes]) -> None:
    """The package contains exactly the members of the manifest, byte for byte."""
    names = [file.name for file in manifest.files]
    assert len(names) == len(set(names))
    assert all(not name.startswith("/") and ".." not in name.split("/") for name in names)
    if len(names) > 1:
        assert zipfile.ZipFile(package).namelist() == names
    for file in manifest.files:
        if file.source in contents:
            assert (top.parent / file.name).read_bytes() == contents[file.source]


def check_paths(blend: Path, package: Path, missing: set[str]) -> None:
    """Every path that Blender lists is relative and inside the package, or known to be missing."""
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    stored = bpy.utils.blend_paths(absolute=False, packed=False, local=False)
    absolute = bpy.utils.blend_paths(absolute=True, packed=False, local=False)
    gone = {os.path.basename(path) for path in missing}
    for short, path in zip(stored, absolute, strict=True):
        if os.path.exists(path):
            assert short.startswith("//"), short
            assert Path(path).resolve().is_relative_to(package), path
        else:
            assert os.path.basename(path.replace("\\", "/")) in gone, (blend, short)
