import zipfile
from dataclasses import replace

import pytest
from renderjuice.scene import checks, config

from tests.unit.test_scene_config import CYCLES

GOOD = checks.Facts(
    requested=config.requested(CYCLES, {}), has_key=True, online=True, online_forced=False
)

DRIVERS = (("Cube", "OBJECT"), ("Lamp", "LIGHT"))


def with_scene(overrides=None, frames_text=None, **changes):
    found = config.requested(replace(CYCLES, **changes), overrides or {}, frames_text=frames_text)
    return replace(GOOD, requested=found)


def simulation(state):
    return replace(GOOD, simulations=(checks.Simulation("Flag", "OBJECT", "cloth", state),))


def test_a_good_scene_has_nothing_to_say():
    assert checks.run(GOOD) == []


@pytest.mark.parametrize(
    ("facts", "id_", "level", "word"),
    [
        (replace(GOOD, has_key=False), "no-key", "error", "key"),
        (replace(GOOD, online=False), "offline", "error", "Allow Online Access"),
        (replace(GOOD, online=False, online_forced=True), "offline", "error", "--offline-mode"),
        (replace(GOOD, scenes_without_camera=("Shot",)), "no-camera", "error", "Shot"),
        (replace(GOOD, empty_scenes=(("camera", "In"),)), "empty-picture", "warning", "“In”"),
        (
            replace(GOOD, empty_scenes=(("layers", "Shot"),)),
            "empty-picture",
            "warning",
            "view layers",
        ),
        (with_scene(resolution_percentage=0), "image-too-small", "error", "no pixels"),
        (with_scene(engine="BLENDER_WORKBENCH"), "engine", "error", "Workbench"),
        (with_scene(engine="LUXCORE"), "engine", "error", "Luxcore"),
        (with_scene(engine=""), "engine", "error", "unknown"),
        (with_scene(frame_end=0), "empty-frame-range", "error", "empty"),
        (with_scene(frames_text="1-"), "bad-frames", "error", "missing"),
        (with_scene(frames_text="-1"), "negative-frames", "error", "below 0"),
        (with_scene(frames_text="0-3000x2"), "many-ranges", "warning", "1,501"),
        (with_scene(file_format="FFMPEG"), "video-output", "error", "video"),
        (
            with_scene({"outputFormat": "JPEG", "outputSettings.colorDepth": "16"}),
            "override-conflict",
            "error",
            "JPEG",
        ),
        (replace(GOOD, path_problem="Unknown variable"), "path-template", "error", "variable"),
        (replace(GOOD, save_output=False), "output-disabled", "warning", "Save Output"),
        (replace(GOOD, placeholders=True), "placeholders", "note", "Placeholders"),
        (replace(GOOD, unsaved_images=("skin",)), "unsaved-image", "error", "skin"),
        (simulation("unbaked"), "unbaked-simulation", "warning", "cloth"),
        (simulation("missing"), "missing-cache", "warning", "Flag"),
        (simulation("unknown"), "unbaked-simulation", "note", "Flag"),
        (replace(simulation("unbaked"), bake="auto"), "unbaked-simulation", "note", "a minute"),
        (replace(simulation("unbaked"), bake="all"), "unbaked-simulation", "note", "however long"),
        (replace(simulation("missing"), bake="all"), "missing-cache", "warning", "Flag"),
        (with_scene(compute_device_type="CUDA"), "cuda-preferred", "note", "OptiX"),
        (
            replace(with_scene(cycles_device="CPU"), osl=True),
            "osl-without-optix",
            "note",
            "Open Shading Language",
        ),
        (replace(GOOD, scripts=("rig.py",)), "scripts", "warning", "rig.py"),
        (
            replace(GOOD, drivers=DRIVERS),
            "scripts",
            "warning",
            "1 more",
        ),
        (replace(GOOD, ocio="/x/config.ocio"), "ocio", "warning", "OCIO"),
    ],
)
def test_each_check_speaks_alone(facts, id_, level, word):
    (found,) = checks.run(facts)
    assert (found.id, found.level) == (id_, level)
    assert word in found.message


def test_an_override_cures_the_scene():
    assert checks.run(with_scene({"outputFormat": "PNG"}, file_format="FFMPEG")) == []
    assert checks.run(with_scene({"renderEngine": "CYCLES"}, engine="BLENDER_WORKBENCH")) == []


@pytest.mark.parametrize(
    "facts",
    [
        replace(GOOD, osl=True),  # GOOD renders with OptiX
        with_scene({"computeDeviceType": "OPTIX"}, compute_device_type="CUDA"),
        with_scene({"computeDeviceType": "CUDA"}, compute_device_type="CUDA"),
        replace(with_scene({"computeDeviceType": "OPTIX"}, cycles_device="CPU"), osl=True),
        replace(with_scene(engine="BLENDER_EEVEE_NEXT", cycles_device="CPU"), osl=True),
    ],
)
def test_no_word_of_gpus_where_none_is_needed(facts):
    assert checks.run(facts) == []


def test_errors_come_first():
    facts = replace(GOOD, placeholders=True, ocio="x", has_key=False, unsaved_images=("a",))
    levels = [check.level for check in checks.run(facts)]
    assert levels == ["error", "error", "warning", "note"]


@pytest.mark.parametrize("count", [2, 300])
def test_the_zip_itself_counts(count, tmp_path):
    files = [(f"textures/Übergang {number}.png", 10) for number in range(count)]
    with zipfile.ZipFile(tmp_path / "package.zip", "w") as package:
        for name, size in files:
            package.writestr(name, bytes(size))
    size = (tmp_path / "package.zip").stat().st_size
    assert checks.package_size(files, size) != []
    assert checks.package_size(files, size + 160 * (count + 1)) == []


def test_a_blend_alone_is_no_zip():
    assert checks.package_size([("shot.blend", 999)], 1000) == []
    assert checks.package_size([("shot.blend", 1000)], 1000) != []


def test_frames_that_are_there_already():
    assert checks.frames_exist([], "/out") == []
    (found,) = checks.frames_exist(["0001.png", "0002.png"], "/out")
    assert (found.id, found.level, found.path) == ("frames-exist", "warning", "/out")
    assert "0001.png and 1 more" in found.message


def test_a_folder_that_cannot_be_written():
    assert checks.folder_writable("", "/out") == []
    (found,) = checks.folder_writable("Read-only file system", "/out")
    assert (found.level, found.path) == ("error", "/out")
    assert "/out: Read-only file system." in found.message


def test_disk_space():
    assert checks.disk_space(10, 10, "/out") == []
    (found,) = checks.disk_space(2 * 1024**3, 1024**3, "/out")
    assert (found.id, found.level) == ("disk-space", "error")
    assert "1.00 GiB free and needs 2.00 GiB" in found.message
