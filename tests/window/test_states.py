"""Each state of the panel says what it is, and is whole in each language, width and scale.

With $RENDERJUICE_PICTURES the pictures of docs/panel.md are made, too: `make pictures`.
"""

import os

import pytest

from tests.window.harness import Blender
from tests.window.panel_text import cut, draw_now, observe
from tests.window.pictures import picture
from tests.window.states import open_with_jobs
from tests.window.studio import Studio, wait_for_previews

pytestmark = pytest.mark.timeout(600)

PICTURES = os.environ.get("RENDERJUICE_PICTURES")
SHOWN = "finished"
"""A state with pictures of frames, which take a moment."""
LIGHT = """
import os
bpy.ops.script.execute_preset(menu_idname="USERPREF_MT_interface_theme_presets", filepath=next(
    os.path.join(folder, name) for folder in bpy.utils.preset_paths("interface_theme")
    for name in os.listdir(folder) if "light" in name.lower() and name.endswith(".xml")))
"""
SAYS: dict[str, list[str]] = {}


def look(blender: Blender, state: str) -> str:
    """What the panel says in a state."""
    blender.run(f"show({state!r})")
    return draw_now(blender)


def speak(blender: Blender, language: str, scale: float = 1.0) -> None:
    blender.run(f"preferences_view.language, preferences_view.ui_scale = {language!r}, {scale}")


def all_states(blender: Blender, name: str, pictures: bool = False) -> None:
    """Nothing is cut in any state; with pictures of it, if they are wanted."""
    found = {}
    for state in blender.run("list(STATES)"):
        look(blender, state)
        found[state] = cut(blender)
        if PICTURES and pictures:
            picture(blender, state, f"states-{name}")
    assert {state: lines for state, lines in found.items() if lines} == {}, name


def test_each_state_says_what_it_is_and_nothing_is_cut(studio: Studio) -> None:
    blender = open_with_jobs(studio)
    observe(blender)
    look(blender, SHOWN)
    wait_for_previews(blender, 12)
    for state in blender.run("list(STATES)"):
        print("==", state, look(blender, state))
    all_states(blender, "english", pictures=True)
    for name, language, scale in (
        ("german", "de_DE", 1.0),
        ("japanese", "ja_JP", 1.0),
        ("large", "de_DE", 1.5),
        ("small", "de_DE", 0.8),
    ):
        speak(blender, language, scale)
        all_states(blender, name, pictures=True)
    speak(blender, "en_US")
    if PICTURES:
        blender.run(LIGHT)
        all_states(blender, "light", pictures=True)
    blender.widen_sidebar(200)
    for name, language in (("200", "en_US"), ("200-german", "de_DE"), ("200-japanese", "ja_JP")):
        speak(blender, language)
        all_states(blender, name, pictures=True)
