"""Packages close to the upload limit, made of sparse files that Blender really references."""

import struct

import pytest
from renderjuice.api import fields
from renderjuice.packing import findings

from tests import packages, projects


@pytest.mark.parametrize(("below", "found"), [(1 << 20, []), (1, ["package-too-large"])])
def test_five_gib_are_counted_before_the_package_is_written(tmp_path, below, found):
    projects.new_scene()
    cache = tmp_path / "home" / "cache.mdd"
    cache.parent.mkdir()
    with cache.open("wb") as file:
        file.write(struct.pack(">2i", 1, 4))
        file.truncate(fields.UPLOAD_LIMIT - below)
    modifier = projects.show(projects.plane()).modifiers.new("Cache", "MESH_CACHE")
    modifier.cache_format, modifier.filepath = "MDD", str(cache)
    blend = projects.save(tmp_path / "home" / "shot.blend")

    manifest = packages.trace(blend, tmp_path / "scratch")
    cache.unlink()

    assert len(manifest.files) == 2
    stopped = findings.checks_of(manifest)
    assert [check.id for check in stopped] == found
    assert all(check.path == "files/cache.mdd" for check in stopped)
