"""Of a baked point cache on disk, only the files that the job's frames read are packed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest

from tests.blender.test_packing_trim import check_renders
from tests.catalogue import caches
from tests.packages import members, trace

JOB = (4, 5, 9)
READ = {1, 3, 4, 5, 6, 8, 9, 10, 12}
"""The numbers of the job's frames and their neighbors, the first, and the last."""
ELSEWHERE = 7
"""The frame at which the file opens. Its cache stays at home."""


def cache_of(modifier: Any) -> Any:
    return getattr(modifier, "particle_system", modifier).point_cache


def baked(case: Callable[[Path], Path], root: Path, *, to: int = 12) -> Path:
    """The project of a case, baked anew from frame 1 to frame `to`."""
    blend = case(root)
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    (modifier,) = (each for thing in bpy.data.objects for each in thing.modifiers)
    cache = cache_of(modifier)
    with bpy.context.temp_override(point_cache=cache):
        bpy.ops.ptcache.free_bake()
        caches.bake(cache, bpy.context.scene, blend, last=to)
    bpy.context.scene.frame_set(ELSEWHERE)
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), relative_remap=False)
    return blend


def external(root: Path) -> Path:
    """A cloth cache in a folder of its own."""
    blend = baked(caches.cloth, root)
    (root / "simulation").mkdir()
    for path in (root / "project/blendcache_shot").iterdir():
        number = path.stem.split("_")[1]
        path.rename(root / f"simulation/falling_{number}_00.bphys")
    (root / "project/blendcache_shot").rmdir()
    cache = bpy.data.objects["Sheet"].modifiers["Cloth"].point_cache
    cache.use_external = True
    cache.filepath, cache.index, cache.name = str(root / "simulation"), 0, "falling"
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), relative_remap=False)
    return blend


def numbers(names: list[str]) -> set[int]:
    return {int(name.split("_")[-2]) for name in names if name.endswith(".bphys")}


@pytest.mark.parametrize("case", [caches.cloth, caches.soft_body], ids=lambda each: each.__name__)
def test_cloth_and_soft_bodies(case: Callable[[Path], Path], tmp_path: Path) -> None:
    manifest = check_renders(baked(case, tmp_path / "home"), tmp_path, JOB)
    assert numbers(members(manifest)) == READ
    (trimmed,) = manifest.trimmed
    assert (trimmed.files, trimmed.stay) == (12, 3)


def test_external_cache(tmp_path: Path) -> None:
    manifest = check_renders(external(tmp_path / "home"), tmp_path, JOB)
    assert numbers(members(manifest)) == READ


def test_particles(tmp_path: Path) -> None:
    blend = caches.particles(tmp_path / "home")
    bpy.context.scene.frame_set(ELSEWHERE)
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), relative_remap=False)
    there = numbers([path.name for path in tmp_path.rglob("*.bphys")])
    manifest = check_renders(blend, tmp_path, JOB)
    assert numbers(members(manifest)) == READ - {1, 12} | {min(there), max(there)}


def test_what_is_not_baked_travels_whole(tmp_path: Path) -> None:
    blend = baked(caches.cloth, tmp_path)
    with bpy.context.temp_override(point_cache=bpy.data.objects["Sheet"].modifiers[0].point_cache):
        bpy.ops.ptcache.bake_from_cache()
        bpy.ops.ptcache.free_bake()
    bpy.ops.wm.save_as_mainfile(filepath=str(blend), relative_remap=False)
    on_disk = numbers([path.name for path in tmp_path.rglob("*.bphys")])
    assert on_disk == set(range(1, 13))
    assert numbers(members(trace(blend, tmp_path / "scratch", frames=list(JOB)))) == on_disk
