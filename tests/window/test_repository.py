"""The extension repository in full Blenders: install from it, update while a job runs, downgrade
and uninstall, as a user does it."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import find_blender
from tests.farm.running import Farm
from tests.releases import Site, relabel, serving, version_of
from tests.window.harness import HEIGHT, PATIENCE, WIDTH, Blender
from tests.window.studio import FRAMES, Studio, import_session, in_preferences
from tests.window.test_interrupted import LEFT_BEHIND

MODULE = "bl_ext.juice.renderjuice"
OFFERED = "bpy.context.window_manager.extensions_updates"  # -1 while Blender checks for updates
WHERE = "[r.module for r in bpy.context.preferences.extensions.repos].index('juice')"
NEW = f"__import__('sys').modules.get('{MODULE}.session.records') not in (None, records)"
SHOWN = "len(bpy.context.window_manager.renderjuice_jobs)"


class FromRepository(Studio):
    """A user whose extension comes from the Renderjuice repository."""

    module = MODULE

    @property
    def state(self) -> Path:
        return self.resources / "extensions" / ".user" / "juice" / "renderjuice"

    @property
    def installed(self) -> Path:
        return self.resources / "extensions" / "juice" / "renderjuice"


@pytest.fixture
def site(launcher: Path, extension: Path, tmp_path: Path, monkeypatch) -> Iterator[Site]:
    monkeypatch.setenv("BLENDER", str(launcher))
    with serving(Site(tmp_path / "site", extension, find_blender.find())) as site:
        site.publish("0.0.8")
        yield site


@pytest.fixture
def artist(
    desk: Path, start: Callable[..., Blender], tmp_path: Path, farm: Farm, site: Site
) -> FromRepository:
    """A user with the project and a new Blender without the extension."""
    shutil.copytree(desk / "project", tmp_path / "project")
    return FromRepository(start, tmp_path, farm)


def extension_command(artist: FromRepository, launcher: Path, *arguments: str) -> str:
    """Run Blender's extension client on the command line and return its output."""
    environment = os.environ | {"BLENDER_USER_RESOURCES": str(artist.resources)}
    artist.resources.mkdir(exist_ok=True)
    done = subprocess.run(
        [str(launcher), "--online-mode", "--command", "extension", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_installed_updated_with_a_job_running_downgraded_and_removed(
    artist: FromRepository, launcher: Path, site: Site, tmp_path: Path
):
    adding = ("repo-add", "juice", "--url", site.url, "--name", "Renderjuice", "--clear-all")
    extension_command(artist, launcher, *adding)
    extension_command(artist, launcher, "install", "--sync", "--enable", "juice.renderjuice")
    assert version_of(artist.installed) == "0.0.8"

    artist.farm.settings(seconds_per_frame=3.0)
    blender = artist.open()
    artist.submit(blender)
    artist.wait_for(blender, "job.stage == 'rendering' and job.live.done > 0")

    site.publish("0.0.9")
    blender.run("bpy.ops.extensions.repo_sync_all()")
    blender.move(WIDTH // 2, HEIGHT // 2)  # the new window opens around the mouse
    blender.run("bpy.ops.screen.userpref_show(section='EXTENSIONS')")
    blender.wait_until("len(bpy.context.window_manager.windows) == 2")
    time.sleep(1)  # Blender then checks again, and the button is greyed out until it has finished
    blender.wait_until(f"{OFFERED} == 1")
    blender.screenshot("repository/update-offered")
    blender.click_operator("extensions.package_install", **in_preferences(1))
    blender.wait_until(f"hasattr(bpy.types.Scene, 'renderjuice') and {NEW}")
    assert version_of(artist.installed) == "0.0.9"
    blender.close_preferences()
    import_session(blender, MODULE)  # the modules of the new version
    artist.farm.settings(seconds_per_frame=0.2)
    artist.wait_for(blender, "job.stage == 'finished'")
    assert len(artist.frames()) == FRAMES
    assert artist.farm.renders() == 1
    blender.screenshot("repository/updated")

    site.publish("0.0.8")  # withdraw the new version
    blender.run("bpy.ops.extensions.repo_sync_all(); bpy.ops.extensions.package_upgrade_all()")
    assert version_of(artist.installed) == "0.0.8"
    blender.wait_until(f"{SHOWN} == 1")
    earlier = relabel(site.archive, tmp_path, "0.0.7")  # an older, downloaded version
    blender.run(
        f"bpy.ops.extensions.package_install_files(filepath={str(earlier)!r}, repo='juice')"
    )
    assert version_of(artist.installed) == "0.0.7"
    blender.wait_until(f"{SHOWN} == 1")

    import_session(blender, MODULE)
    blender.run(f"bpy.ops.extensions.package_uninstall(repo_index={WHERE}, pkg_id='renderjuice')")
    assert blender.run(LEFT_BEHIND) == []
    assert artist.all_end(30) == []
    assert list(artist.resources.rglob("*renderjuice*")) == []
    assert not list(artist.resources.rglob("pydantic*"))
    assert len(artist.frames()) == FRAMES
