"""The first run: from a Blender without the extension to a submitted scene."""

import json
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from blenders import locked
from tests.window.harness import Blender, Display
from tests.window.panel_text import observe, panel_text
from tests.window.studio import MODULE, Studio, import_session, in_preferences

ROOT = Path(__file__).resolve().parents[2]
TRY = ROOT / "build" / "try"
NOWHERE = "http://127.0.0.1:9/api/external/v1"
# Texts that are wider than the sidebar: Blender would truncate them with three dots.
CUT = """
import blf
scale = bpy.context.preferences.system.ui_scale
blf.size(0, bpy.context.preferences.ui_styles[0].widget.points * scale)
sidebar = next(r for a in bpy.context.window.screen.areas if a.type == "VIEW_3D"
               for r in a.regions if r.type == "UI")
room = sidebar.width - 80 * scale  # the tabs, an icon, the borders
[line for lines in shown.values() for line in lines
 if "." not in line.strip(".") and not line.startswith("RENDERJUICE_")
 and blf.dimensions(0, line)[0] > room]
"""


def test_three_presses(
    start: Callable[..., Blender], extension: Path, desk: Path, tmp_path: Path, farm
):
    shutil.copytree(desk / "project", tmp_path / "project")
    studio = Studio(start, tmp_path, farm)
    here = {"RENDERJUICE_API_URL": farm.api_url}
    blender = start(arguments=(str(studio.blend),), environment=here)
    blender.install(extension)
    import_session(blender)
    blender.show_sidebar("Renderjuice")
    observe(blender)
    assert "Blender is offline: allow online access in Preferences > System." in panel_text(blender)
    of_no_use_yet = ("renderjuice.submit", "No jobs yet")
    said = panel_text(blender)
    assert not [one for one in of_no_use_yet if one in said]
    assert "renderjuice.check" in said, "who has no key yet can look what would be sent"
    blender.screenshot("first-run-1-offline")

    blender.click_operator("extensions.userpref_allow_online")
    assert "Blender is offline" not in panel_text(blender)
    assert "wm.url_open" in panel_text(blender)
    blender.screenshot("first-run-2-no-key")

    blender.fill("key", farm.key)
    blender.wait_until("account.test_result()[0] == 'accepted'")
    said = panel_text(blender)
    assert all(one in said for one in ("Connected", *of_no_use_yet))
    blender.screenshot("first-run-3-accepted")

    blender.click_operator("renderjuice.submit")
    studio.wait_for(blender, "job.stage == 'finished'")
    assert farm.renders() == 1
    blender.close()

    blender = start(arguments=(str(studio.blend),), environment=here)
    blender.show_sidebar("Renderjuice")
    observe(blender)
    assert "renderjuice.submit" in panel_text(blender)
    assert "API key" not in panel_text(blender)


def test_what_is_said_of_a_key(studio: Studio):
    """Each result of a key test in the sidebar, in several sizes, and in the preferences."""
    blender = studio.open(key="", RENDERJUICE_API_URL="")
    import_session(blender)
    blender.run(f"preferences.get().api_url = {studio.farm.api_url!r}")
    blender.show_sidebar("Renderjuice")
    observe(blender)

    def said(state: str) -> str:
        blender.wait_until(f"account.test_result()[0] == {state!r}")
        text = panel_text(blender)
        as_artists_have_it(blender, f"key-{state.replace(' ', '-')}")
        return text

    blender.fill("key", "RJ-WRONG")
    text = said("refused")
    assert "Renderjuice refused the API key (HTTP 401)" in text
    assert "Copy it from the Renderjuice dashboard once more" in text
    assert "renderjuice.submit" not in text
    window = blender.show_preferences(MODULE)
    blender.screenshot("key-refused-preferences")
    blender.find("renderjuice.test_key", **in_preferences(window))
    blender.close_preferences()

    studio.farm.fault("GET", "/api/external/v1/jobs", status=403, body={"message": "No API access"})
    blender.fill("key", studio.farm.key)
    text = said("no access")
    assert "(HTTP 403): “No API access”" in text
    assert "ask Renderjuice to enable it for your account" in text
    assert "renderjuice.submit" not in text

    blender.click_operator("renderjuice.test_key")
    assert "Connected" in said("accepted")

    blender.run(f"preferences.get().api_url = {NOWHERE!r}")
    assert "Connected" not in panel_text(blender)
    blender.run("bpy.ops.renderjuice.test_key()")
    text = said("unreachable")
    assert "127.0.0.1" in text
    assert "renderjuice.submit" in text

    blender.run(f"preferences.get().api_url = {studio.farm.api_url!r}")
    blender.run("bpy.ops.renderjuice.test_key()")
    said("accepted")


def test_offline_mode_is_not_a_switch_to_press(studio: Studio):
    blender = studio.open("--offline-mode", key="")
    blender.show_sidebar("Renderjuice")
    observe(blender)
    text = panel_text(blender)
    assert "Blender was started with --offline-mode: start it without to reach Renderjuice" in text
    assert "userpref_allow_online" not in text
    blender.run("bpy.ops.wm.read_homefile(app_template='')")
    blender.show_sidebar("Renderjuice")
    assert "wm.save_as_mainfile" in panel_text(blender)
    blender.screenshot("first-run-offline-mode")


@pytest.mark.timeout(900)
def test_make_try(launcher: Path, display: Display, tmp_path: Path):
    """One command opens Blender with all that is needed, and a submitted frame is downloaded."""
    wrapper = tmp_path / "make-try"
    command = shlex.join([sys.executable, str(ROOT / "scripts" / "demo.py"), "--window"])
    wrapper.write_text(f'#!/bin/sh\nBLENDER={launcher} exec {command} "$@"\n', encoding="utf-8")
    wrapper.chmod(0o755)
    with locked(ROOT / "build"):  # build/try is one folder, and CI runs two windows side by side
        with Blender(wrapper, display, tmp_path, arguments=()) as blender:
            import_session(blender)
            blender.show_sidebar("Renderjuice")
            observe(blender)
            assert "Render " in panel_text(blender)
            blender.screenshot("make-try")
            blender.run("bpy.ops.renderjuice.submit(still=True)")
            done = "[job.stage for job in state.jobs.values()] == ['finished']"
            blender.wait_until(done)
            folder = Path(blender.run("next(iter(state.jobs.values())).output"))
            farm = json.loads((TRY / "farm.json").read_text(encoding="utf-8"))["pid"]
            blender.close()
        assert [path.suffix for path in folder.glob("[!.]*")] == [".png"]
        assert folder.is_relative_to(TRY)
        assert blender.process.returncode == 0
        assert not Path("/proc", str(farm)).exists()


def as_artists_have_it(blender: Blender, name: str) -> None:
    """Screenshots of the sidebar at 200 px and at 1.5 scale; no line is truncated."""
    ((_, _, width, _),) = blender.regions("VIEW_3D", "UI")
    blender.screenshot(name)
    blender.widen_sidebar(200)
    panel_text(blender)
    blender.screenshot(f"{name}-narrow")
    assert blender.run(CUT) == []
    blender.widen_sidebar(width)
    blender.run("bpy.context.preferences.view.ui_scale = 1.5")
    panel_text(blender)
    blender.screenshot(f"{name}-large")
    assert blender.run(CUT) == []
    blender.run("bpy.context.preferences.view.ui_scale = 1.0")
    panel_text(blender)
