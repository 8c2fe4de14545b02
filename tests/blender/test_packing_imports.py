"""Files that geometry nodes import are packed, wherever the path is set and whatever `//` means."""

from pathlib import Path
from typing import Any

import bpy
import pytest

from tests import projects
from tests.catalogue import imports
from tests.catalogue.case import CASES
from tests.packages import check_travels, trace

pytestmark = pytest.mark.skipif(bpy.app.version < (4, 5), reason=imports.NO_IMPORT)
IMPORTS = [each for each in CASES if each.group == "imports"]


@pytest.mark.parametrize("case", IMPORTS, ids=lambda case: case.name)
def test_imported_file_travels(case: Any, tmp_path: Path) -> None:
    together = case.travels or ()
    check_travels(case.make, tmp_path, visible=not together, together=together)


@pytest.mark.parametrize("case", IMPORTS, ids=lambda case: case.name)
def test_missing_import_is_named(case: Any, tmp_path: Path) -> None:
    blend = case.make(tmp_path)
    gone = sorted(tmp_path.rglob("*.obj"))
    for path in gone:
        path.unlink()
    missing = {each.path for each in trace(blend, tmp_path / "scratch").missing}
    assert missing & {str(path) for path in gone}


def test_path_that_nodes_put_together_is_a_finding_wherever_it_goes(tmp_path: Path) -> None:
    projects.new_scene()
    tree, node = imports.around(imports.group())
    join = tree.nodes.new("GeometryNodeStringJoin")
    tree.links.new(join.outputs[0], node.inputs["Path"])
    projects.show(imports.shown_by(tree))
    manifest = trace(imports.save(tmp_path), tmp_path / "scratch")
    assert [check.id for check in manifest.checks] == ["computed-path"]
