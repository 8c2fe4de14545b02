"""Tests of the farm's Blender renderer: its findings in packages, and the rendered frames."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.farm import blender
from tests.farm.running import Farm, running_farm
from tests.farm.tests.driving import Driver, gone, web, zip_of

COMMAND = blender.find_command()
HERE = Path(__file__).resolve().parent

pytestmark = pytest.mark.skipif(COMMAND is None, reason="no Blender: set $BLENDER")


def in_blender(script: str, argument: Path) -> None:
    """Run one of the scripts next to this file in the Blender that the farm uses."""
    assert COMMAND is not None
    done = subprocess.run(
        [*COMMAND, str(HERE / script), "--", str(argument)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with packages and the frames expected from them."""
    folder = tmp_path_factory.mktemp("scenes")
    in_blender("make_scenes.py", folder)
    (folder / "packages/broken/shot.blend").write_bytes(b"BLENDER-v402 nonsense")
    return folder


@pytest.fixture(scope="module")
def farm() -> Iterator[Farm]:
    with running_farm() as farm:
        yield farm


@pytest.fixture
def driver(farm: Farm) -> Driver:
    return Driver(farm)


@pytest.fixture
def package(folder: Path, tmp_path: Path):
    """A function that returns the zip of a package by name."""
    return lambda name: zip_of(folder / "packages" / name, tmp_path / f"{name}.zip")


def pixels(paths: list[Path], scratch: Path) -> list[dict[str, Any]]:
    """Return the size, depth and pixel hash that Blender reads from these images."""
    asked = scratch / "pixels.json"
    asked.write_text(json.dumps([str(path) for path in paths]), encoding="utf-8")
    in_blender("hash_pixels.py", asked)
    answer = json.loads(asked.with_suffix(".answer").read_text(encoding="utf-8"))
    return [answer[str(path)] for path in paths]


def fetched(outputs: list[dict[str, Any]], scratch: Path) -> list[Path]:
    """Download outputs below a folder, and return their paths in order."""
    paths = []
    for output in outputs:
        path = scratch / "fetched" / (output["compositeNodeName"] or "") / output["relativePath"]
        path.mkdir(parents=True, exist_ok=True)
        path /= output["fileName"]
        path.write_bytes(web.get(output["url"]).content)
        paths.append(path)
    return paths


@pytest.mark.parametrize(
    ("name", "type_", "words"),
    [
        ("missing_texture", "MISSING_FILE", "//tex/wood.png (used by Image “wood”)"),
        ("missing_tile", "MISSING_FILE", "tex/tiles.1002.png"),
        ("missing_frame", "MISSING_FILE", "tex/water_002.png"),
        ("missing_library", "MISSING_FILE", "//libs/outer.blend (used by library"),
        ("missing_inner_library", "MISSING_FILE", "inner.blend (used by library"),
        ("missing_library_texture", "MISSING_FILE", "libs/inner.png"),
        ("missing_sound", "MISSING_FILE", "//silence.wav (used by Sound"),
        ("absolute_path", "ABSOLUTE_PATH", "wood.png"),
        ("outside", "PATH_OUTSIDE_PACKAGE", "//../outside.png"),
        ("no_camera", "NO_CAMERA", "Scene “Scene” has no camera"),
        ("broken", "CANNOT_OPEN", "shot.blend"),
    ],
)
def test_validation_says_what_is_wrong(driver: Driver, package, name, type_, words):
    job = driver.validated(package(name))
    assert job["status"] == "failed"
    assert job["failedReason"]["type"] == type_
    assert words in job["failedReason"]["name"]
    assert str(driver.farm.process.pid) not in job["failedReason"]["name"]


@pytest.mark.parametrize("name", ["plain", "everything", "brush_only"])
def test_validation_passes_what_is_complete(driver: Driver, package, name):
    job = driver.validated(package(name))
    assert job["status"] == "validated", job["failedReason"]
    assert job["analysis"]["camera"] == "Camera"
    assert job["analysis"]["config"]["resolution"] == [64, 32]
    assert job["isAnalysisSkipped"] is False
    assert job["analysisId"]


def test_a_bare_blend_cannot_have_files_beside_it(driver: Driver, folder: Path):
    content = (folder / "packages/plain/shot.blend").read_bytes()
    job = driver.validated(content, "shot.blend")
    assert job["failedReason"]["type"] == "MISSING_FILE"


PNG_8 = {
    "frameRanges": ["2-3"],
    "outputFormat": "PNG",
    "outputSettings": {"colorMode": "RGB", "colorDepth": "8"},
}
PNG_16 = {
    "frameRanges": ["2"],
    "renderEngine": "CYCLES",
    "sampleCount": 3,
    "denoisingEnabled": True,
    "denoiserType": "OPTIX",  # no such device here: the farm falls back to the other
    "outputFormat": "PNG",
    "outputSettings": {"colorMode": "RGBA", "colorDepth": "16"},
}
RESIZED = {
    **PNG_8,
    "computeDeviceType": "CUDA",
    "gpuCount": 2,
    "compositorDevice": "CPU",
    "resolution": [50, 40],
    "resolutionPercentage": 60,
    "fps": 30,
    "useTiling": True,
    "tileSize": 16,
}


@pytest.mark.parametrize(
    ("name", "config", "expected"),
    [
        ("plain_png_8", PNG_8, (["shot_0002.png", "shot_0003.png"], [64, 32], 24)),
        ("plain_png_16", PNG_16, (["shot_0002.png"], [64, 32], 64)),
        ("plain_resized", RESIZED, (["shot_0002.png", "shot_0003.png"], [30, 24], 24)),
        ("from_file", {}, (["0001.exr", "0003.exr", "0005.exr"], [32, 16], 48)),
    ],
)
def test_frames_equal_a_render_with_the_same_settings_by_hand(
    driver: Driver, package, folder: Path, tmp_path: Path, name, config, expected
):
    names, size, depth = expected
    job, downloads = driver.rendered(package(name), **config)
    outputs = downloads["frameOutputs"]
    assert [output["fileName"] for output in outputs] == names
    assert {(output["relativePath"], output["view"]) for output in outputs} == {("", None)}
    ours = fetched(outputs, tmp_path)
    by_hand = sorted((folder / "expected" / name).iterdir())
    found = pixels([*ours, *by_hand], tmp_path)
    assert found[: len(ours)] == found[len(ours) :]
    assert found[0]["size"] == size
    assert found[0]["depth"] in (depth, depth * 2)  # Blender reads float images as 32 bits
    assert not found[0]["black"]
    for field in ("outputFormat", "resolution", "resolutionPercentage", "sampleCount", "fps"):
        assert job["finalConfig"][field] == config.get(field, job["analysis"]["config"][field])
    assert job["normalizedSeconds"] > 0


def test_final_config_tells_what_was_really_used(driver: Driver, package):
    job, _ = driver.rendered(package("plain_png_16"), **PNG_16)
    assert job["requestedConfig"]["denoiserType"] == "OPTIX"
    denoised_by = job["finalConfig"].get("denoiserType")  # some Blender builds have none
    assert denoised_by in ("OPENIMAGEDENOISE", None)
    assert job["finalConfig"]["denoisingEnabled"] is (denoised_by is not None)
    assert job["finalConfig"]["frameRanges"] == ["2"]
    assert job["finalConfig"]["outputSettings"]["colorDepth"] == "16"


def test_file_output_nodes_come_back_by_name(driver: Driver, package, tmp_path: Path):
    job, downloads = driver.rendered(package("file_outputs"), frameRanges=["1-2"])
    outputs = downloads["compositeNodeOutputs"]
    assert {output["compositeNodeName"] for output in outputs} == {"Passes"}
    found = sorted((output["relativePath"], output["fileName"]) for output in outputs)
    assert len(found) == 4
    assert {name[-8:] for _, name in found} == {"0001.png", "0002.png"}
    deep = "deep" if version(job) < (5, 0) else ""  # since Blender 5 a name has no folders
    assert [below for below, _ in found] == ["", "", deep, deep]
    assert {output["compositeNodeName"] for output in downloads["frameOutputs"]} == {None}
    assert len(downloads["frameOutputs"]) == 2
    assert all(
        picture["size"] == [64, 32] for picture in pixels(fetched(outputs, tmp_path), tmp_path)
    )
    assert downloads["transforms"]["compositeNodesZipOutputs"]["fileName"] == "composite-nodes.zip"
    assert not Path("/mnt/artist").exists()


def version(job: dict[str, Any]) -> tuple[int, int]:
    major, minor = job["analysis"]["blenderVersion"].split(".")[:2]
    return int(major), int(minor)


def test_a_switched_off_output_is_a_failure_where_blender_has_the_switch(driver: Driver, package):
    job = driver.validated(package("no_output"))
    driver.render(job["id"], frameRanges=["1"])
    ended = driver.wait(job["id"], "completed")
    if version(job) < (5, 2):
        assert ended["status"] == "completed"
    else:
        assert "output disabled" in ended["failedReason"]["name"]


def test_each_eye_has_its_file(driver: Driver, package):
    _, downloads = driver.rendered(package("two_eyes"), frameRanges=["1"])
    found = {output["fileName"]: output["view"] for output in downloads["frameOutputs"]}
    assert found == {"shot_0001_L.png": "left", "shot_0001_R.png": "right"}


@pytest.mark.parametrize(
    ("name", "config", "type_"),
    [
        ("video", {}, "VIDEO_OUTPUT"),
        (
            "plain",
            {"outputFormat": "JPEG", "outputSettings": {"colorDepth": "16"}},
            "CONFIG_NOT_POSSIBLE",
        ),
    ],
)
def test_what_cannot_be_rendered_fails_with_a_reason(driver: Driver, package, name, config, type_):
    job = driver.validated(package(name))["id"]
    driver.render(job, **config)
    failed = driver.wait(job, "completed")
    assert failed["failedReason"]["type"] == type_
    assert driver.get(f"/jobs/{job}/downloads")["frameOutputs"] == []


def test_a_config_makes_a_video_file_a_picture(driver: Driver, package):
    _, downloads = driver.rendered(package("video"), frameRanges=["1"], outputFormat="PNG")
    assert [output["fileName"] for output in downloads["frameOutputs"]] == ["shot_0001.png"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes below /proc")
def test_cancel_kills_the_renderer(farm: Farm, driver: Driver, package):
    farm.settings(seconds_per_frame=0.5)
    job = driver.validated(package("plain"))["id"]
    driver.render(job, frameRanges=["1-200"])
    while not driver.get(f"/jobs/{job}/progress"):
        time.sleep(0.02)
    (counter,) = driver.get("/jobs/progress")
    assert counter["total"] == 200
    assert len(renderers_of(farm)) == 1
    driver.post(f"/jobs/{job}/cancel")
    assert renderers_of(farm) == []
    farm.settings(seconds_per_frame=0)
    assert driver.job(job)["status"] == "canceled"


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes below /proc")
def test_a_renderer_does_not_outlive_a_farm_that_was_killed(package):
    with running_farm() as farm:
        farm.settings(seconds_per_frame=0.2)
        driver = Driver(farm)
        job = driver.validated(package("plain"))["id"]
        driver.render(job, frameRanges=["1-1000"])
        while not driver.get(f"/jobs/{job}/progress"):
            time.sleep(0.02)
        (renderer,) = renderers_of(farm)
        farm.process.kill()
        end = time.monotonic() + 60
        while not gone(renderer):
            assert time.monotonic() < end, "Blender still renders"
            time.sleep(0.05)


def renderers_of(farm: Farm) -> list[int]:
    """Return the ids of the farm's child processes."""
    below = Path(f"/proc/{farm.process.pid}/task/{farm.process.pid}/children")
    return [int(number) for number in below.read_text(encoding="utf-8").split()]


@pytest.fixture(scope="module")
def plain() -> Iterator[Driver]:
    """A client of a farm that renders packages unchanged."""
    with running_farm(renderer="plain") as farm:
        yield Driver(farm)


def test_a_plain_render_takes_the_file_as_it_lies(plain: Driver, package):
    """A plain render ignores the requested config except for its frame ranges."""
    asked = {"frameRanges": ["1-2"], "outputFormat": "TIFF", "resolution": [8, 8]}
    job, downloads = plain.rendered(package("two_eyes"), **asked)
    found = {(output["fileName"], output["view"]) for output in downloads["frameOutputs"]}
    assert found == {
        (f"shot_000{frame}_{view[0].upper()}.png", view)
        for frame in (1, 2)
        for view in ("left", "right")
    }
    assert {output["relativePath"] for output in downloads["frameOutputs"]} == {"out/deep"}
    assert job["finalConfig"]["resolution"] == [64, 32]
