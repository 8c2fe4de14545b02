"""The same cases packed by Blender Asset Tracer: $RENDERJUICE_BAT is its command.

It is asked for less than travel.py asks of us: what lies in the package without a reason is no
failure.
"""

import os
import subprocess
from pathlib import Path

import bpy
import pytest

from tests import projects
from tests.catalogue.case import CASES, Case
from tests.catalogue.travel import test_packing as ours
from tests.packages import check_paths, elsewhere

assert ours  # its module has filled the catalogue


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.group}: {case.name}")
def test_bat(case: Case, tmp_path: Path) -> None:
    if not case.since <= bpy.app.version[:2] < case.before:
        pytest.skip(case.reason)
    if case.stops:
        pytest.skip("a check of the extension: nothing is packed")
    root, target = tmp_path / "home", tmp_path / "farm/some where else"
    blend = case.make(root)
    at_home = projects.render(blend, tmp_path / "home.png")
    if case.then is not None:
        case.then(root)
    command = [os.environ["RENDERJUICE_BAT"], "pack", "-p", str(root), str(blend), str(target)]
    packed = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert packed.returncode == 0, packed.stderr
    root.rename(tmp_path / "gone")
    top = target / blend.relative_to(root)
    check_paths(top, target)
    assert elsewhere().render(top, tmp_path / "farm.png") == at_home
