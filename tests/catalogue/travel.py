"""Packs every case of the catalogue and renders the package with the project out of reach."""

from collections.abc import Callable
from pathlib import Path

import bpy
import pytest
from renderjuice.packing import findings
from renderjuice.scene import checks, config, facts, settings

from tests.catalogue import caches, images, imports, libraries, other, scenes, stereo  # noqa: F401
from tests.catalogue.case import CASES, Case
from tests.catalogue.simulations import UNBAKED, Make, check_baked
from tests.packages import check_travels, members, trace

LIMIT = 5 * 1024**3


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.group}: {case.name}")
def test_packing(
    case: Case, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    if not case.since <= bpy.app.version[:2] < case.before:
        pytest.skip(case.reason)
    record_property("asked", "report" if case.stops else "picture")
    if case.stops:
        manifest = check_stops(case, tmp_path)
    else:
        together = case.travels or ()
        visible = case.travels is None
        manifest = check_travels(
            case.make,
            tmp_path,
            visible=visible,
            together=together,
            frames=case.frames,
            then=case.then,
            lists=case.lists,
        )
        assert not case.warns or case.warns in said()
    record_property("files", len(members(manifest)) - 1)
    record_property("missing", len(manifest.missing))


@pytest.mark.parametrize(
    "make", UNBAKED, ids=lambda make: f"unbaked: {make.__name__.replace('_', ' ')}"
)
def test_unbaked(
    make: Make, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Frame 20 alone is equal to the played scene."""
    record_property("asked", "picture")
    manifest = check_baked(make, tmp_path)
    record_property("files", len(members(manifest)) - 1)


def said() -> list[str]:
    """The ids of the checks that report something about the open file."""
    scene = bpy.context.scene
    wanted = config.requested(settings.read(scene), {})
    return [one.id for one in checks.run(facts.read(scene, wanted, has_key=True))]


def check_stops(case: Case, tmp_path: Path):
    """Assert that the check is reported for the open file or by the packer, with its data-block."""
    blend = case.make(tmp_path / "home")
    here = said()
    manifest = trace(blend, tmp_path / "scratch")
    found = findings.checks_of(manifest, LIMIT)
    assert case.stops in [*here, *(one.id for one in found if one.level == "error")]
    told = [one for one in found if one.level != "note"]
    assert all(one.datablock in one.message and one.path in one.message for one in told)
    return manifest
