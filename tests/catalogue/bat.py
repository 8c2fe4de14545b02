"""The same cases packed by Blender Asset Tracer: $RENDERJUICE_BAT is its command.

The requirements are lower than ours in travel.py: the package must render the same picture in
another folder and contain the files that one frame cannot show. Further paths that Blender lists
and unneeded files in the package are no failure. Where our packer stops with an error, BAT passes
if it reports any missing file.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import bpy
import pytest

from tests import projects
from tests.catalogue.case import CASES, Case
from tests.catalogue.travel import test_packing as ours
from tests.packages import relocated_blender

assert ours  # importing it has registered all cases

BLENDER = Path(__file__).with_name("blender.py")
MISSING = re.compile(r"(?:Missing file|MISSING): (.+)")  # of versions 1 and 2


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.group}: {case.name}")
def test_bat(case: Case, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    if not case.since <= bpy.app.version[:2] < case.before:
        pytest.skip(case.reason)
    if case.stops == "unsaved-image":
        pytest.skip("the open session alone knows what is not saved; BAT reads the file on disk")
    root, target = tmp_path / "home", tmp_path / "farm/some where else"
    blend = case.make(root)
    at_home = None if case.stops else projects.render(blend, tmp_path / "home.png")
    if case.then is not None:
        case.then(root)
    code, said = pack(root, blend, target)
    missing = set(MISSING.findall(said))
    record_property("asked", "report" if case.stops else "picture")
    record_property("files", len(travelled(target)) - 1)
    record_property("missing", len(missing))
    if at_home is None:
        wrong = "" if missing else "not named"
    else:
        root.rename(tmp_path / "gone")
        wrong = wrong_relocated(case, target, target / blend.relative_to(root), at_home)
    wrong = "BAT failed" if wrong and code else wrong
    record_property("wrong", wrong)
    assert not wrong, f"{wrong}\n{said}"


def pack(root: Path, blend: Path, target: Path) -> tuple[int, str]:
    """Pack with BAT and return its exit code and output. Version 2 runs in this process's Blender.

    2.0.4 takes a point cache without a path for the root of the disk and scans every file on it:
    it is killed after a minute, when it has not even packed two files.
    """
    environment = os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "BAT_BLENDER": str(BLENDER),
        "XDG_CACHE_HOME": str(target.parent / "cache"),
    }
    command = [os.environ["RENDERJUICE_BAT"], "pack", "-p", str(root), str(blend), str(target)]
    with subprocess.Popen(
        command,
        cwd=blend.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        start_new_session=True,  # so that its Blender is killed with it
    ) as bat:
        try:
            said, _ = bat.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(bat.pid, signal.SIGKILL)
            return 1, f"{bat.communicate()[0]}\nended after a minute"
    return bat.returncode, said


def travelled(target: Path) -> list[Path]:
    return [p for p in target.rglob("*") if p.is_file() and p.name != "pack-info.txt"]


def wrong_relocated(case: Case, target: Path, top: Path, at_home: list[float]) -> str:
    """The defect of the package, in two words; empty if it renders the same as the project."""
    if not top.exists():
        return "no package"
    try:
        pixels = relocated_blender().render(top, target.parent / "farm.png")
    except AssertionError as error:
        print(error)
        return "no picture"
    names = [path.name for path in travelled(target)]
    wanted = case.travels or ()
    all_there = all(any(name.endswith(ending) for name in names) for ending in wanted)
    if pixels == at_home:
        return "" if all_there else "left behind"
    return wrong_path(target, top) or ("other picture" if all_there else "left behind")


def wrong_path(target: Path, top: Path) -> str:
    """The defect of the paths that Blender lists in a package; empty if there is none."""
    bpy.ops.wm.open_mainfile(filepath=str(top))
    for listed in bpy.utils.blend_paths(absolute=True, packed=False, local=False):
        path = Path(listed)
        if listed.endswith("/"):  # the output folder
            continue
        if not path.resolve().is_relative_to(target):
            return "path outside"
        tiles = path.name.replace("<UDIM>", "*").replace("<UVTILE>", "*")
        if not (path.exists() or ("*" in tiles and any(path.parent.glob(tiles)))):
            return "left behind"
    return ""
