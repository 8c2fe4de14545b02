"""Each state of the panel shows its text, and none is truncated in any language, width or scale.

With $RENDERJUICE_PICTURES the pictures of docs/panel.md are made, too: `make pictures`.
"""

import os

import pytest

from tests.window.harness import Blender
from tests.window.panel_text import cut, draw_now, observe
from tests.window.pictures import picture
from tests.window.states import open_with_jobs
from tests.window.studio import Studio, wait_for_previews

pytestmark = pytest.mark.timeout(1200)

PICTURES = os.environ.get("RENDERJUICE_PICTURES", "").split(",")
"""The variants of which pictures are made."""
THEME = """
import os
bpy.ops.script.execute_preset(menu_idname="USERPREF_MT_interface_theme_presets", filepath=next(
    os.path.join(folder, name) for folder in bpy.utils.preset_paths("interface_theme")
    for name in os.listdir(folder) if KIND in name.lower() and name.endswith(".xml")))
"""
SAYS = {
    "first-run": ("Blender is offline", "Allow Online Access", "renderjuice.check"),
    "first-run-key": ("API key", "Get an API Key", "Cycles, 256 samples"),
    "not-checked": ("Files not checked", "Render 240 Frames", "No jobs yet"),
    "ready": ("1920 × 1080, PNG", "12 files, 48.2 MiB", "Render 240 Frames"),  # noqa: RUF001
    "still": ("Render Frame 120",),
    "test": ("Render 3 Test Frames",),
    "findings": (
        *("3 problems to fix", "Use PNG", "4 images are missing in //textures", "wood_height.png"),
        *("1 image is missing in //hdri", "Find in Folder…", "Send These Anyway", "Bake All"),
    ),
    "out-of-date": ("Changed since the check", "Everything is checked again when you render"),
    "overrides": ("Cycles, 64 samples", "960 × 540, OpenEXR", "Render 101 Frames"),  # noqa: RUF001
    "offline": ("Rendering 96 of 240", "The farm goes on rendering", "64 frames"),
    "packing": ("Packing 8 of 12", "You can go on working", "You will be charged for both"),
    "uploading": ("Uploading 52 %", "25.1 of 48.2 MiB", "6.3 MiB/s", "Keep Blender open"),
    "waiting": ("Uploading 52 %, waiting", "it is tried again", "Try Now"),
    "rendering": ("Rendering 96 of 240", "Time Left 12 min", "Cancel Job…"),
    "downloading": ("Downloading 180 of 240", "180 frames"),
    "finished": (
        "Play renderjuice.open_folder",
        "240 other files, 374 GPU minutes (380 estimated), 22 min",
    ),
    "missing": ("118-120", "Render 3 Missing Frames", "237 of 240 frames, 369 GPU minutes"),
    "failed": ("Out of GPU memory", "36 of 240 frames", "Changed by the Farm Denoise On → Off"),
    "estimate": ("Estimate 380 GPU min", "300 to 500", "Based on frames 1, 120 and 240"),
    "elsewhere": ("This job was made elsewhere", "Continue Here", "Remove from List"),
    "many": ("Rendering 96 of 240",),
}


def look(blender: Blender, state: str) -> str:
    """Show a state and return the text of the panel."""
    blender.run(f"show({state!r})")
    return draw_now(blender)


def speak(blender: Blender, language: str, scale: float = 1.0) -> None:
    blender.run(
        "preferences_view = bpy.context.preferences.view\n"
        f"preferences_view.language, preferences_view.ui_scale = {language!r}, {scale}"
    )


def nothing_is_cut(blender: Blender, name: str) -> dict[str, str]:
    """Assert that no state is truncated, take its picture if wanted, and return the texts."""
    found, said = {}, {}
    for state in SAYS:
        said[state] = look(blender, state)
        if lines := cut(blender):
            found[state] = lines
        if name in PICTURES:
            picture(blender, state, f"states-{name}")
    assert found == {}, f"{name}: {found}"
    return said


def test_each_state_says_what_it_is_and_nothing_is_cut(studio: Studio) -> None:
    blender = open_with_jobs(studio)
    observe(blender)
    assert blender.run("list(STATES)") == list(SAYS)
    for state, pictures in (("finished", 12), ("estimate", 3)):
        look(blender, state)
        wait_for_previews(blender, pictures)
    said = nothing_is_cut(blender, "english")
    for state, wanted in SAYS.items():
        assert [one for one in wanted if one not in said[state]] == [], f"{state}: {said[state]}"
    never_saved(blender)
    for name, language, scale in (("large", "de_DE", 1.5), ("small", "ja_JP", 0.8)):
        speak(blender, language, scale)
        nothing_is_cut(blender, name)
    for name, language, code in (
        ("german", "de_DE", ""),
        ("light", "en_US", f"KIND = 'light'{THEME}"),
    ):
        if name in PICTURES:
            only_pictures(blender, name, language, code)
    speak(blender, "en_US")
    look(blender, "ready")
    blender.widen_sidebar(200)  # last, because it stays this narrow
    if "200" in PICTURES:
        only_pictures(blender, "200", "en_US", f"KIND = 'dark'{THEME}")
    for name, language in (("german-200", "de_DE"), ("japanese-200", "ja_JP")):
        speak(blender, language)
        nothing_is_cut(blender, name)


def only_pictures(blender: Blender, name: str, language: str, code: str) -> None:
    """Take the pictures of a variant; its widths are covered here or in test_widths.py."""
    speak(blender, language)
    blender.run(code)
    for state in SAYS:
        look(blender, state)
        picture(blender, state, f"states-{name}")


def never_saved(blender: Blender) -> None:
    """The only state without the saved file, which is opened again afterwards."""
    file = blender.run("bpy.data.filepath")
    blender.run("reset(); only_scene(); bpy.ops.wm.read_homefile(app_template='')")
    blender.show_sidebar("Renderjuice")
    blender.run("select(-1); scan.refresh(bpy.context.scene)")
    assert "Choose a folder for the frames, or save the file." in draw_now(blender)
    assert cut(blender) == []
    if "english" in PICTURES:
        picture(blender, "unsaved", "states-english")
    blender.run(f"bpy.ops.wm.open_mainfile(filepath={file!r})")
    blender.show_sidebar("Renderjuice")
