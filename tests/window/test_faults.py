"""Errors around a job appear in the sidebar with what to do, and disappear once they are fixed."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.window.harness import Blender
from tests.window.pictures import picture
from tests.window.studio import FRAMES, Studio
from tests.window.test_problems import said, submit

pytestmark = pytest.mark.our_code_alone

HTML = "<html><head><title>503</title></head><body><h1>Service Unavailable</h1>nginx</body></html>"


@pytest.fixture
def disk(studio: Studio) -> Iterator[Path]:
    """A small disk mounted where the frames of the project are written."""
    folder = studio.project / "renderjuice"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "renderjuice-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


def rendered(studio: Studio, blender: Blender) -> None:
    """Let the job, which waits for one slow frame, finish."""
    studio.farm.settings(seconds_per_frame=0.0)
    studio.wait_for(blender, "job.stage == 'finished'")
    assert len(studio.frames()) == FRAMES
    assert studio.farm.renders() == 1


def test_the_disk_of_the_frames_is_full_and_may_not_be_written(studio: Studio, disk: Path):
    studio.farm.settings(seconds_per_frame=2.0)
    blender = studio.open()
    submit(studio, blender)
    other = disk / "another program's"
    with other.open("wb") as file:
        file.write(bytes(1024**2 - 16 * 1024))
    job = studio.wait_for(blender, "job.waiting")
    assert (job["stage"], job["error"]["id"]) == ("downloading", "disk-full")
    assert str(disk / "shot/shot") in said(job)
    assert ".part" not in said(job)
    picture(blender, "disk-full")

    remount(disk, "ro")
    job = studio.wait_for(blender, "job.waiting and job.error.id == 'disk'")
    assert str(disk / "shot/shot") in said(job)
    assert "read-only" in said(job).lower()
    picture(blender, "folder-read-only")

    remount(disk, "rw")
    other.unlink()
    rendered(studio, blender)


def test_the_farm_is_down_and_the_key_is_revoked(studio: Studio):
    studio.farm.settings(seconds_per_frame=8.0)
    blender = studio.open()
    submit(studio, blender)
    studio.farm.fault(path=".*", server="api", status=503, body=HTML, times=1000)
    job = studio.wait_for(blender, "job.waiting")
    assert (job["stage"], job["error"]["id"]) == ("rendering", "server-fault")
    assert "Service Unavailable" in said(job)
    assert "<" not in said(job)
    picture(blender, "farm-down")
    studio.farm.no_faults()
    studio.wait_for(blender, "not job.waiting")

    studio.farm.settings(key_refused=401)
    job = studio.wait_for(blender, "job.waiting")
    assert (job["stage"], job["error"]["id"]) == ("rendering", "refused-key")
    picture(blender, "key-revoked")
    studio.farm.settings(key_refused=0)
    rendered(studio, blender)


def test_frames_are_missing(studio: Studio):
    """The farm lists all frames but two; those are downloaded once it lists them."""
    studio.farm.settings(seconds_per_frame=0.1, delays={"finalizing": 5.0})
    blender = studio.open()
    studio.submit(blender)
    job = studio.wait_for(blender, "job.status == 'finalizing'")
    studio.farm.settings(list_outputs_early=True)
    address = f"{studio.farm.api_url}/jobs/{job['farm_id']}/downloads"
    key = {"Authorization": f"Bearer {studio.farm.key}"}
    listed = httpx.get(address, headers=key, trust_env=False).raise_for_status().json()
    for name in ("frames", "frameOutputs"):
        del listed[name][1:3]
    studio.farm.fault("GET", ".*/downloads$", status=200, body=listed, times=1000)
    job = studio.wait_for(blender, "job.error and job.error.id == 'frames-late'")
    assert "These frames are missing: 2-3." in said(job)
    picture(blender, "frames-missing")

    studio.farm.no_faults()
    rendered(studio, blender)


def test_what_cannot_be_packed(studio: Studio):
    """A missing texture, and one of 5 GiB: nothing is sent."""
    texture = studio.project / "textures" / "noise.png"
    blender = studio.open()
    texture.rename(texture.with_name("away.png"))
    studio.submit(blender)
    job = studio.wait_for(blender, "job.stage == 'failed'")
    assert "noise.png" in said(job)
    picture(blender, "texture-missing")

    blender.run("bpy.ops.renderjuice.remove(job=next(iter(state.jobs)))")
    shutil.copyfile(texture.with_name("away.png"), texture)
    os.truncate(texture, 5 * 1024**3)  # its header is still that of a picture
    studio.submit(blender)
    job = studio.wait_for(blender, "job.stage == 'failed'")
    assert "5 GiB" in said(job) or "5.00 GiB" in said(job)
    picture(blender, "package-too-large")
    assert studio.farm.jobs() == []
    assert studio.farm.log(kind="request") == []


def test_the_worker_is_killed(studio: Studio):
    """After one kill the job continues by itself; after repeated kills the panel reports it."""
    studio.farm.settings(seconds_per_frame=3.0)
    blender = studio.open()
    submit(studio, blender)
    kills = 0
    while not blender.run("state.trouble"):
        pid = blender.wait_until("state.link and state.link.pid")
        os.kill(pid, signal.SIGKILL)
        kills += 1
        blender.wait_until(f"state.trouble or state.link and state.link.pid != {pid}")
    assert kills > 1
    picture(blender, "worker-killed")
    assert "start Blender again" in blender.run("state.trouble")
    blender.close()

    blender = studio.open()
    rendered(studio, blender)
