"""The interface in German and Japanese has no English left; in English, nothing is translated."""

import re

import pytest
from renderjuice.jobs.record import Stage
from renderjuice.worker import problems

import texts
import translate
from tests.window.harness import Blender
from tests.window.panel_text import observe
from tests.window.records import add
from tests.window.studio import MODULE, Studio
from tests.window.test_checks import BREAK

# List rows and the status bar are not panels, so they are recorded here. Blender translates plain
# texts itself, so they are looked up again. `Noted` is defined in panel_text.py.
WATCH = f"""
from {MODULE} import translations
from {MODULE}.panels import job_list, status_bar
from {MODULE}.translations import sentences
rows, draw_status_bar = job_list.RENDERJUICE_UL_jobs, status_bar.draw
draw_item = rows.draw_item
wm = bpy.context.window_manager

def watch_item(self, context, layout, data, item, icon, active_data, active_property, index):
    notes = []
    noted = Noted(layout, notes)
    draw_item(self, context, noted, data, item, icon, active_data, active_property, index)
    shown[context.window.as_pointer(), item.name] = notes

def watch_status_bar(layout):
    notes = []
    draw_status_bar(Noted(layout, notes))
    shown[wm.windows[0].as_pointer(), "status bar"] = notes

rows.draw_item, status_bar.draw = watch_item, watch_status_bar

def drawn():
    look_up = bpy.app.translations.pgettext_iface
    for lines in shown.values():
        for line in lines:
            own = look_up(line, "Operator")
            yield own if own != line else look_up(line)

def english(language):
    known = sentences.of(language)
    return sorted({{line for line in drawn() if known.said(line) != line}})
"""
SPEAK = """
view = bpy.context.preferences.view
view.language = LANGUAGE
view.use_translate_interface = view.use_translate_tooltips = view.use_translate_reports = True
"""
# Open the parts of the panel that are closed at first, and fill each of them.
OPEN = """
for name in ("VIEW3D_PT_renderjuice_overrides",):
    part = getattr(bpy.types, name)
    bpy.utils.unregister_class(part)
    part.bl_options = set()
    bpy.utils.register_class(part)
group = bpy.context.scene.renderjuice
group.use_sample_count = group.use_color_mode = group.use_tiling = True
"""
# Labels and tooltips of registered classes, as Blender stores them.
REGISTERED = """
def texts_of(rna):
    for prop in rna.properties:
        if prop.identifier not in rna.base.properties:
            for text in {prop.name, prop.description} - {prop.identifier}:  # then it has no name
                yield text, prop.translation_context
            for item in getattr(prop, "enum_items_static", ()):
                yield item.name, prop.translation_context
                yield item.description, prop.translation_context

def registered():
    operators = [getattr(bpy.ops.renderjuice, name).get_rna_type()
                 for name in dir(bpy.ops.renderjuice) if name != "add_preset"]  # it is Blender's
    scene = bpy.types.Scene.bl_rna.properties["renderjuice"].fixed_type
    stored = bpy.context.preferences.addons[MODULE].preferences.bl_rna
    for rna in (*operators, scene, rows.bl_rna, stored):
        yield from texts_of(rna)
    for rna in operators:
        yield from ((rna.name, "Operator"), (rna.description, "*"))
    for name in dir(bpy.types):
        if "_PT_renderjuice" in name:
            yield getattr(bpy.types, name).bl_label, "*"

look_up = bpy.app.translations.pgettext
words = {(text, context) for text, context in registered() if any(map(str.islower, text))}
left = sorted(text for text, context in words if look_up(text, context) == text)
"""
ENGLISH_WORD = re.compile(r"\b(?:the|of|is|are|not|to|and|with|you|this|has)\b")
PRODUCTS = {"GPUs", "OpenEXR", "OpenImageDenoise", "OptiX"}
RUNNING = "job.stage == 'rendering' and job.live.done"


def look(blender: Blender, language: str, name: str) -> str:
    """Take a screenshot, assert that all drawn text is in the language, and return the text."""
    blender.run("shown.clear()\nfor area in window.screen.areas: area.tag_redraw()")
    blender.screenshot(f"{language}-{name}")
    assert blender.run(f"english({language!r})") == []
    lines = blender.run("list(drawn())")
    words = [line for line in lines if ENGLISH_WORD.search(line) and "/" not in line]
    assert words == []
    assert lines
    return " ".join(lines)


@pytest.mark.parametrize(
    ("locale", "submit", "check"),
    [
        ("de_DE", "4 Bilder rendern", "3 Probleme zu beheben"),
        ("ja_JP", "4フレームをレンダリング", "問題3件を修正"),
    ],
)
def test_all_that_is_shown_is_translated(studio: Studio, locale: str, submit: str, check: str):
    language = locale[:2]
    studio.farm.settings(seconds_per_frame=4.0)
    lost = "0004.png: Could not download a file. The storage does not have it (HTTP 404)."
    gone = problems.incomplete([3, 4], {"0004.png": lost})
    add(studio, "sequence", [1, 2], stage=Stage.INCOMPLETE, missing=[3, 4], error=gone)
    broken = problems.failed_by_farm("")
    add(studio, "broken", [], stage=Stage.FAILED, error=broken, notes=["The farm is done."])
    blender = studio.open(key="")
    blender.run(f"LANGUAGE, MODULE = {locale!r}, {MODULE!r}\n{SPEAK}\nwindow = bpy.context.window")
    observe(blender)
    blender.run(WATCH)
    blender.run(f"{OPEN}{REGISTERED}")
    assert blender.run("len(words)") > 100
    assert blender.run("look_up('Deflate', 'Renderjuice')") == "Deflate", "it is no brush here"
    same = {one for one, other in translate.catalogue(language).items() if one == other}
    assert set(blender.run("left")) <= same | texts.NAMES | PRODUCTS

    blender.show_sidebar("Renderjuice")
    look(blender, language, "first-run")
    blender.fill("key", studio.farm.key)
    blender.wait_until("account.test_result()[0] == 'accepted'")
    assert submit in look(blender, language, "ready")

    for record in blender.run("list(state.jobs)"):
        title = blender.run(f"state.jobs[{record!r}].title")
        blender.run(f"wm.renderjuice_job = wm.renderjuice_jobs.find({record!r})")
        look(blender, language, title)

    blender.click_operator("renderjuice.submit")
    studio.wait_for(blender, RUNNING)
    look(blender, language, "running")
    studio.wait_for(blender, "job.title == 'shot' and job.stage == 'finished'")
    look(blender, language, "home")

    (studio.project / "textures/noise.png").rename(studio.project / "moved.png")
    blender.run(BREAK)
    blender.click_operator("renderjuice.check")
    blender.wait_until("state.scan.result is not None")
    assert check in look(blender, language, "checks")


LANGUAGE = "bpy.context.preferences.view.language"
BUTTON = "bpy.app.translations.pgettext_iface('Check Files', 'Operator')"
MADE = "translations.shown('Could not {what}.', what='a'), translations.reported('All jobs')"
READ = "sorted(n.rpartition('.')[2] for n in sys.modules if '.renderjuice.translations.' in n)"
SWITCHES = ("use_translate_interface", "use_translate_tooltips", "use_translate_reports")


def test_the_language_may_be_changed_at_any_time(studio: Studio):
    """By opening a file, by a preference, by disabling the extension: all texts follow it."""
    blender = studio.open(key="")
    blender.run(f"import sys, addon_utils\nfrom {MODULE} import translations")
    blender.show_sidebar("Renderjuice")
    assert blender.run(READ) == [], "who reads English needs no other language"
    assert blender.run(MADE) == ["Could not a.", "All jobs"]
    assert blender.run(BUTTON) == "Check Files"

    blender.run(f"{LANGUAGE} = 'de_DE'")
    blender.wait_until(f"{BUTTON} == 'Dateien prüfen'")
    assert blender.run(MADE) == ["Fehlgeschlagen: a.", "Alle Aufträge"]
    assert blender.run(READ) == ["de", "sentences"]
    for switch in SWITCHES:
        blender.run(f"bpy.context.preferences.view.{switch} = False")
    assert blender.run(MADE) == ["Could not a.", "All jobs"]
    for switch in SWITCHES:
        blender.run(f"bpy.context.preferences.view.{switch} = True")

    blender.run("bpy.ops.wm.read_homefile(app_template='')")
    assert blender.run(BUTTON) == "Dateien prüfen"
    blender.run(f"{LANGUAGE} = 'ja_JP'")
    blender.wait_until(f"{BUTTON} == 'ファイルをチェック'")
    assert blender.run(MADE) == ["aができませんでした。", "すべてのジョブ"]
    blender.run("bpy.ops.wm.save_userpref()")
    blender.close()

    blender = studio.open(key="")
    assert blender.run(BUTTON) == "ファイルをチェック", "Blender starts with it"
    blender.run("import addon_utils; addon_utils.disable('bl_ext.user_default.renderjuice')")
    assert blender.run(BUTTON) == "Check Files"
    blender.run("addon_utils.enable('bl_ext.user_default.renderjuice')")
    assert blender.run(BUTTON) == "ファイルをチェック"
    blender.run(f"{LANGUAGE} = 'fr_FR'")
    blender.wait_until(f"{BUTTON} == 'Check Files'")
