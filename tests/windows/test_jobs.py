"""Whole jobs from the installed zip, on Windows under Wine; the farm runs on Linux."""

import json
import os
import signal
import time
from pathlib import Path

import pytest
from PIL import Image

from tests.headless import ENABLE, ENDING
from tests.windows.artist import Artist

pytestmark = pytest.mark.timeout(1200)

SHOT = "Straße 日本 Größe.blend"
MAKE = """
import sys, bpy
folder = sys.argv[-1]
bpy.ops.wm.read_factory_settings()
scene = bpy.context.scene
image = bpy.data.images.new("grid", 64, 64)
image.generated_type = "COLOR_GRID"
image.filepath_raw = folder + "\\\\テクスチャ\\\\grün.png"
image.file_format = "PNG"
image.save()
image.source = "FILE"
material = bpy.data.objects["Cube"].active_material
material.use_nodes = True
nodes = material.node_tree.nodes
texture = nodes.new("ShaderNodeTexImage")
texture.image = image
material.node_tree.links.new(
    texture.outputs["Color"], nodes["Principled BSDF"].inputs["Base Color"])
scene.render.engine = "CYCLES"
scene.cycles.samples = 2
scene.cycles.use_denoising = False
scene.render.resolution_x, scene.render.resolution_y = 64, 48
scene.frame_end = 6
scene.render.filepath = "//out/shot_####"
bpy.ops.wm.save_as_mainfile(filepath=folder + "\\\\" + NAME)
bpy.ops.file.make_paths_relative()
bpy.ops.wm.save_mainfile()
"""


WHOLE = os.environ.get("RENDERJUICE_WINDOWS") == "whole"
STAGES = ["packing", "uploading", "validating", "rendering", "downloading"]


def make(artist: Artist, folder: str) -> str:
    """Make a project and a texture with non-ASCII names; return the .blend's Windows path."""
    script = MAKE.replace("NAME", repr(SHOT))
    done = artist.python("-c", script + ENDING, folder)
    assert done.code == 0, done.stderr
    return f"{folder}\\{SHOT}"


def decoded(folder: Path, count: int) -> None:
    """Assert that there are `count` frames and that each one is a complete picture."""
    pictures = sorted(folder.rglob("*.png"))
    assert len(pictures) == count
    for picture in pictures:
        with Image.open(picture) as image:
            image.load()


def test_a_still_from_a_second_drive_to_a_share(
    artist: Artist, farm_that_renders, drive, share
) -> None:
    artist.farm = farm_that_renders
    blend = make(artist, drive[0])
    output = share[0] + "\\Bilder für 東京"
    done = artist.run(blend, "submit", "--frames", "3", "--wait", "--download", "--output", output)
    assert done.code == 0, done.stderr
    assert done.document["job"]["output"].startswith("\\\\")
    decoded(share[1] / "Bilder für 東京", 1)
    assert artist.processes() == []


def test_an_animation_beside_the_project(artist: Artist, farm, drive) -> None:
    blend = make(artist, drive[0])
    done = artist.run(blend, "submit", "--wait", "--download")
    assert done.code == 0, done.stderr
    decoded(drive[1] / "renderjuice", 6)
    assert done.document["job"]["frames"]["missing"] == []
    status = artist.run("", "status", done.document["job"]["id"])
    assert status.document["job"]["stage"] == "finished"


def test_a_key_that_is_typed(artist: Artist, farm, drive) -> None:
    artist.farm = None
    artist.environment["RENDERJUICE_API_URL"] = farm.api_url
    assert artist.run("", "connect", stdin="wrong key\n").code == 4
    done = artist.run("", "connect", stdin=farm.key + "\n")
    assert done.code == 0, done.stderr
    blend = make(artist, drive[0])
    submitted = artist.run(blend, "submit", "--frames", "1", "--wait", "--download")
    assert submitted.code == 0, submitted.stderr
    kept = {
        path.name
        for path in artist.state.rglob("*")
        if path.is_file() and farm.key.encode() in path.read_bytes()
    }
    assert kept == {"key"}
    others = (artist.state / "key").stat().st_mode & 0o007  # Wine maps Windows permissions to it
    assert others == 0


@pytest.mark.skipif(not WHOLE, reason="make test-windows runs it")
def test_blenders_own_folder_has_letters_outside_ascii(artist: Artist, farm, drive) -> None:
    """With it the extension, the key, the records and the package, which lie in it."""
    artist.resources = artist.resources.rename(artist.resources.with_name("Jürgen 田中"))
    artist.farm = None
    artist.environment["RENDERJUICE_API_URL"] = farm.api_url
    assert artist.run("", "connect", stdin=farm.key + "\n").code == 0
    blend = make(artist, drive[0])
    done = artist.run(blend, "submit", "--frames", "1", "--wait", "--download")
    assert done.code == 0, done.stderr
    assert artist.records()[0]["stage"] == "finished"
    decoded(drive[1] / "renderjuice", 1)
    assert artist.processes() == []


def test_a_document_through_a_pipe(artist: Artist, farm, drive) -> None:
    blend = make(artist, drive[0])
    done = artist.python(*artist.command(blend, "check", "--json", "-"))
    assert done.code == 0, done.stderr
    begin, end = done.stdout.index("\n{\n"), done.stdout.index("\n}\n")  # Blender prints lines, too
    document = json.loads(done.stdout[begin : end + 3])
    assert document["schema"] == 1


def test_a_job_is_canceled(artist: Artist, farm, drive) -> None:
    farm.settings(seconds_per_frame=20.0)
    blend = make(artist, drive[0])
    job = artist.run(blend, "submit").document["job"]
    done = artist.run("", "cancel", job["id"])
    assert done.code in (0, 1), done.stderr
    assert artist.records()[0]["stage"] == "canceled"
    assert {one["status"] for one in farm.jobs() if one["id"] == job["farmId"]} == {"canceled"}


@pytest.mark.parametrize("stage", STAGES)
def test_blender_is_ended_and_the_job_goes_on(artist: Artist, farm, drive, stage: str) -> None:
    """By the task manager, in each stage: worker and packer exit, and nothing stays locked."""
    farm.settings(delay=0.3, seconds_per_frame=0.5)
    farm.fault(server="storage", method="GET", delay=60.0, times=3)
    renders = farm.renders()
    blend = make(artist, drive[0])
    with artist.running(blend, "submit", "--wait", "--download") as blender:
        artist.wait_for_stage(stage, "finished")
        if stage == "packing":  # the record is there before the worker is
            artist.wait_for_packer()
        blender.kill()
        artist.wait_for_end()
    assert artist.records()[0]["stage"] != "finished", f"{stage} was not met"
    farm.no_faults()
    farm.settings(delay=0.0, seconds_per_frame=0.0)
    done = artist.run("", "resume")
    assert done.code == 0, done.stderr
    assert artist.records()[0]["stage"] == "finished"
    decoded(drive[1] / "renderjuice", 6)
    assert farm.renders() == renders + 1


def test_windows_ends_the_packer_with_the_worker(artist: Artist, farm, drive) -> None:
    """A stopped packer stands for one in C code, which looks at no pipe."""
    blend = make(artist, drive[0])
    with artist.running(blend, "submit", "--wait"):
        packer = artist.wait_for_packer()
        os.kill(packer, signal.SIGSTOP)
        for pid in set(artist.processes()) - {packer}:
            os.kill(pid, signal.SIGKILL)
        artist.wait_for_end()


def test_two_blenders_at_once(artist: Artist, farm, drive) -> None:
    farm.settings(seconds_per_frame=0.3)
    blend = make(artist, drive[0])
    with artist.running(blend, "submit", "--wait", "--download", "--output", drive[0] + "\\one"):
        artist.wait_for_stage("rendering", "downloading", "finished")
        other = artist.run(
            blend,
            "submit",
            "--frames",
            "1-2",
            "--wait",
            "--download",
            "--output",
            drive[0] + "\\two",
        )
        assert other.code == 0, other.stderr
        decoded(drive[1] / "two", 2)
        end = time.monotonic() + 400
        while {one["stage"] for one in artist.records()} != {"finished"}:
            assert time.monotonic() < end, artist.records()
            time.sleep(0.1)
    decoded(drive[1] / "one", 6)


def test_a_drive_that_is_not_there(artist: Artist, farm, drive) -> None:
    blend = make(artist, drive[0])
    done = artist.run(blend, "submit", "--wait", "--output", "Q:\\renders")
    assert done.code in (3, 5), done.stderr
    assert "Traceback" not in done.stderr
    assert "Q:" in done.stderr


def test_a_scratch_folder_on_a_drive_that_is_not_there(artist: Artist, farm, drive) -> None:
    if artist.blender != "bpy-4.5.15":
        pytest.skip("this module cannot read preferences under Wine: docs/systems.md")
    blend = make(artist, drive[0])
    script = (
        "bpy.context.preferences.addons[name].preferences.scratch_folder = 'Q:\\\\scratch'\n"
        "bpy.ops.wm.save_userpref()"
    )
    assert artist.python("-c", ENABLE + script + ENDING).code == 0
    uploads = len(farm.log(event="uploaded"))
    done = artist.run(blend, "submit")
    assert done.code == 3, done.stderr
    assert "no-scratch-folder" in {check["id"] for check in done.document["checks"]}
    assert len(farm.log(event="uploaded")) == uploads
