"""Simulations that nobody has baked are packed, and frame 20 alone is equal to the played scene.

One scene of each kind of bake is here; `make test-packing` has all of them.
"""

import hashlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

import bpy
import pytest
from renderjuice.packing import bake_watch, command, tracer
from renderjuice.packing.manifest import PackError
from renderjuice.scene.copy import save_copy
from renderjuice.system.cancellation import Cancelled

from tests import projects
from tests.catalogue import caches, simulations
from tests.catalogue.simulations import Make, check_baked
from tests.packages import members, request, trace, trace_open


@pytest.mark.parametrize(
    "make",
    [
        simulations.cloth_on_a_rigid_body,
        simulations.particles_of_another_object,
        simulations.hair,
        simulations.dynamic_paint,
        simulations.simulation_zone,
        simulations.overridden_cloth,
    ],
)
def test_frame_20_alone_is_equal_to_the_played_scene(make: Make, tmp_path: Path) -> None:
    check_baked(make, tmp_path)


def test_a_bake_stays_as_it_is(tmp_path: Path) -> None:
    blend = caches.cloth_of_a_library(tmp_path / "home")
    without = trace(blend, tmp_path / "one", bake="none")
    assert members(trace(blend, tmp_path / "two", bake="all")) == members(without)


def test_what_the_artist_has_played_to_disk_stays_as_it_is(tmp_path: Path) -> None:
    """Blender renames a cache's files with the cache, and writes what it plays over them."""
    home = tmp_path / "home"
    blend = simulations.hair(home)
    system = bpy.data.objects["Sheet"].particle_systems[0]
    system.point_cache.name, system.point_cache.use_disk_cache = "strands", True
    for frame in (1, 2, 3):
        bpy.context.scene.frame_set(frame)
    projects.save(blend)
    before = hashes(home)
    assert sum(path.suffix == ".bphys" for path in before) == 3

    scratch = tmp_path / "scratch"
    baked = members(trace_open(blend, scratch, frames=[5], bake="all"))
    assert hashes(home) == before
    assert sum("/renderjuice-1_" in name for name in baked) == 5, "to the last frame that is read"
    own = [path for path in scratch.rglob("renderjuice-1_*") if not path.is_symlink()]
    assert len(own) == 5, "each is made anew"


def hashes(folder: Path) -> dict[Path, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize(("mode", "id"), [("auto", "long-bake"), ("all", "large-bake")])
def test_what_takes_too_much_is_asked_for_after_a_few_frames(
    mode: str, id: str, tmp_path: Path
) -> None:
    blend = simulations.without_end(tmp_path / "home")
    found = trace(
        blend, tmp_path / "scratch", frames=[simulations.MAX_FRAME], bake=mode, measure=True
    )
    (check,) = found.checks
    assert (check.id, check.level) == (id, "error")
    assert "“Sheet”" in check.message and "No Bakes" in check.message
    assert members(found) == ["shot.blend"]


def test_a_scene_with_a_liquid_is_not_played(tmp_path: Path) -> None:
    simulations.hair(tmp_path / "home")
    domain = projects.show(projects.plane(name="Domain"))
    domain.modifiers.new("Liquid", "FLUID").fluid_type = "DOMAIN"
    blend = projects.save(tmp_path / "home/project/shot.blend")
    names = members(trace(blend, tmp_path / "scratch", frames=[5], bake="all"))
    assert not [name for name in names if name.startswith("blendcache_")]


def test_a_bake_is_told_in_frames_and_a_cancel_ends_it(tmp_path: Path) -> None:
    steps: list[str] = []
    begun: list[float] = []

    def stop() -> bool:
        if steps and steps[-1].startswith("baking frame ") and not begun:
            begun.append(time.monotonic())
        return bool(begun)

    with pytest.raises(Cancelled):
        bake_without_end(tmp_path, "all", stop, steps.append)
    assert time.monotonic() - begun[0] < 60, "of hours"
    assert steps[-1].endswith(f" of {LONG}")


def test_a_bake_that_goes_on_for_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by a machine that is slower, or a frame that is heavier than the first ones."""
    monkeypatch.setattr(bake_watch, "MAX_SECONDS_A_STEP", 0)
    with pytest.raises(PackError) as error:
        bake_without_end(tmp_path, "all", lambda: False, lambda step: None)
    assert error.value.id == "bake-failed"
    assert not list((tmp_path / "scratch").rglob("manifest.json"))


LONG = 90_000


def bake_without_end(
    folder: Path, mode: str, stop: Callable[[], bool], on_step: Callable[[str], None]
) -> None:
    blend = simulations.without_end(folder / "home")
    scratch = folder / "scratch"
    scratch.mkdir()
    save_copy(str(scratch / "copy.blend"))
    asked = request(blend, scratch / "copy.blend") | {"frames": [LONG], "bake": mode}
    blender = command.blender(bpy.app.binary_path, sys.executable)
    tracer.trace(asked, blender, should_stop=stop, on_step=on_step)
