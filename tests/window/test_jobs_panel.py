"""The job list, the actions on downloaded frames, and the status bar."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Stage
from renderjuice.jobs.store import Store

from tests.processes import processes
from tests.window.harness import HEIGHT, PATIENCE, WIDTH, Blender
from tests.window.panel_text import observe
from tests.window.records import add, add_many, color_of
from tests.window.studio import FRAMES, MODULE, Studio, wait_for_previews

# The last text of the status bar (`Noted` is defined in panel_text.py), and the rows of the list.
WATCH = f"""
from {MODULE}.panels import job_list, status_bar
drawn = {{"rows": []}}

draw_status_bar = status_bar.draw

def watch_status_bar(layout):
    notes = []
    draw_status_bar(Noted(layout, notes))
    drawn["status bar"] = [text for text in notes if text]

rows = job_list.RENDERJUICE_UL_jobs
filter_items, draw_filter = rows.filter_items, rows.draw_filter

# Blender counts the arguments of these.
def watch_filter(self, context, data, property):
    flags, places = filter_items(self, context, data, property)
    titles = [row.title for row in data.renderjuice_jobs]
    drawn["rows"] = [title for title, flag in zip(titles, flags or titles) if flag]
    return flags, places

def watch_filter_open(self, context, layout):
    drawn["filter"] = ["open"]
    draw_filter(self, context, layout)

status_bar.draw = watch_status_bar
rows.filter_items, rows.draw_filter = watch_filter, watch_filter_open
wm = bpy.context.window_manager
"""
EDITORS = """
[(area.spaces.active.image.source, bpy.path.basename(area.spaces.active.image.filepath))
 for window in wm.windows for area in window.screen.areas
 if area.type == 'IMAGE_EDITOR' and area.spaces.active.image]
"""
STRIPS = """
def strips():
    editor = bpy.context.scene.sequence_editor
    found = (editor.strips if hasattr(editor, "strips") else editor.sequences) if editor else ()
    return [(s.type, s.channel, s.frame_final_start, s.frame_final_end - 1,
             [element.filename for element in s.elements]) for s in found]
"""


# The entries of the selected job's menu; Blender draws a menu only when it is opened.
IN_MENU = """
chosen = job_list.selected(bpy.context)
[name for group in job_list._menu(chosen) for name, _ in group] + ["remove_over"]
"""


@pytest.fixture
def watched(studio: Studio) -> Any:
    """A function that opens Blender with the project and records what its panels draw."""

    def open_blender() -> Blender:
        blender = studio.open()
        observe(blender)
        blender.run(WATCH)
        return blender

    return open_blender


def said(blender: Blender, part: str, text: str, timeout: float = PATIENCE) -> None:
    """Wait until Blender has drawn a text in this part of the window."""
    blender.wait_until(f"any({text!r} in words for words in drawn.get({part!r}, ()))", timeout)


def select(blender: Blender, record: rec.Record) -> None:
    blender.wait_until(f"wm.renderjuice_jobs.find({record.id!r}) >= 0")
    blender.run(f"wm.renderjuice_job = wm.renderjuice_jobs.find({record.id!r}); redraw.now()")


def from_menu(blender: Blender, name: str, *, of_job: bool = True) -> None:
    """Run an entry of the menu beside the list, which applies to the selected job."""
    assert name in blender.run(IN_MENU)
    job = "job=wm.renderjuice_jobs[wm.renderjuice_job].name" if of_job else ""
    blender.run(
        "with bpy.context.temp_override(window=wm.windows[0], area=view, region=sidebar):\n"
        f"    bpy.ops.renderjuice.{name}('INVOKE_DEFAULT', True, {job})"
    )


def close_sidebar(blender: Blender) -> None:
    blender.run("view.spaces.active.show_region_ui = False")


def test_the_status_bar_tells_how_far_it_is_and_when_it_is_over(studio: Studio, watched: Any):
    studio.farm.settings(seconds_per_frame=3.0)
    blender = watched()
    studio.submit(blender)
    studio.wait_for(blender, "job.stage == 'rendering' and job.live.done == 2")
    blender.screenshot("job-rendering")
    close_sidebar(blender)
    said(blender, "status bar", f"shot: Rendering 3 of {FRAMES}")
    blender.screenshot("status-bar-rendering")
    said(blender, "status bar", f"shot: Finished, {FRAMES} of {FRAMES} frames")
    assert "Renderjuice" not in str(blender.run("drawn['status bar']"))
    blender.screenshot("status-bar-finished")

    click_status_bar(blender, "renderjuice.show_job")
    blender.wait_until("view.spaces.active.show_region_ui")
    assert blender.run("sidebar.active_panel_category") == "Renderjuice"
    blender.screenshot("status-bar-clicked")


def click_status_bar(blender: Blender, operator: str) -> None:
    """Find a button in the status bar, from the right, and click it."""
    places = [(x, 10) for x in range(WIDTH - 10, WIDTH // 2, -20)]
    found = blender.ask({"find": operator, "places": places, "window": 0})
    # The status bar is in no list of areas, so it may not be found: click its usual place.
    blender.click(*(found["at"] or (WIDTH - 80, 10)))


def test_frames_are_shown_opened_compared_and_cut(studio: Studio, watched: Any):
    add(studio, "sequence", [1, 2, 3, 5])
    blender = watched()
    blender.run(f"{STRIPS}\nscene = bpy.context.scene")
    blender.show_sidebar("Renderjuice")
    wait_for_previews(blender, 4)
    wait_for_pictures(blender, [1, 2, 3, 5], "frames-home")
    buttons, pictures = blender.find("renderjuice.play"), blender.find("renderjuice.view_frame")
    assert buttons[1] > pictures[1], "not a scroll below them"

    from_menu(blender, "add_strip")
    blender.wait_until("scene.sequence_editor")
    assert blender.run("strips()") == [
        ["IMAGE", 1, 1, 3, ["0001.png", "0002.png", "0003.png"]],
        ["IMAGE", 1, 5, 5, ["0005.png"]],
    ]
    assert not blender.run("scene.render.use_sequencer"), "the scene would render its own frames"
    from_menu(blender, "add_strip")
    assert [strip[1] for strip in blender.run("strips()")] == [1, 1, 2, 2]
    blender.run("view.type = 'SEQUENCE_EDITOR'")
    blender.screenshot("frames-strips")
    blender.run("view.type = 'VIEW_3D'")
    blender.move(500, 500)
    for _ in range(2):
        blender.key("Z", ctrl=True)
    blender.run("scene = bpy.context.scene")
    assert blender.run("strips()") == []
    assert blender.run("scene.render.use_sequencer")

    blender.show_sidebar("Renderjuice")
    from_menu(blender, "view_frames")
    blender.wait_until("len(wm.windows) == 2")
    blender.run("scene.frame_set(3)")
    blender.screenshot("frames-image-editor")
    assert blender.run(EDITORS) == [["SEQUENCE", "0001.png"]]
    space = "wm.windows[1].screen.areas[0].spaces.active"
    shown = f"[{space}.image_user.frame_current, {space}.image_user.frame_duration]"
    assert blender.run(shown) == [3, 5]


def wait_for_pictures(blender: Blender, frames: list[int], name: str) -> None:
    """Take screenshots until each of these frames is visible in its color."""
    deadline = time.monotonic() + 60
    while True:
        colors = Image.open(blender.screenshot(name)).convert("RGB").getcolors(1 << 24) or []
        if all(seen_of(color_of(frame), colors) > 500 for frame in frames):
            return
        assert time.monotonic() < deadline, "not all pictures are shown"


def seen_of(wanted: tuple[int, ...], colors: list[tuple[int, tuple[int, ...]]]) -> int:
    """The number of pixels in a color, within the tolerance that scaling needs."""
    return sum(
        count
        for count, color in colors
        if max(abs(a - b) for a, b in zip(wanted, color, strict=True)) <= 3
    )


def test_a_local_render_beside_the_farms(studio: Studio, watched: Any):
    add(studio, "sequence", [1, 2])
    blender = watched()
    blender.show_sidebar("Renderjuice")
    blender.run("bpy.context.scene.frame_set(2)")
    from_menu(blender, "compare")
    blender.screenshot("compare-offers-a-render")
    blender.key("ESC")
    assert len(blender.run("[window.x for window in wm.windows]")) == 1, "nothing to compare with"
    blender.run("bpy.ops.render.render()")
    for _ in range(2):
        from_menu(blender, "compare")
        blender.wait_until("len(wm.windows) == 2")
        blender.wait_until(f"len({EDITORS.strip()}) == 2")
    blender.screenshot("frames-compared")
    assert sorted(blender.run(EDITORS)) == [["FILE", "0002.png"], ["VIEWER", ""]]
    x = blender.run("[area.x for area in wm.windows[1].screen.areas]")
    assert len(set(x)) == 2, "they stand side by side"


def test_the_player_plays_the_frames(studio: Studio, watched: Any):
    add(studio, "sequence", [1, 2, 3, 5])
    blender = watched()
    blender.show_sidebar("Renderjuice")
    blender.click_operator("renderjuice.play")
    deadline = time.monotonic() + 60
    while not (playing := players(studio)) and time.monotonic() < deadline:
        time.sleep(0.1)
    (pid,) = playing
    arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    assert b"RENDERJUICE_API_KEY" not in Path(f"/proc/{pid}/environ").read_bytes()
    names = [Path(os.fsdecode(argument)).name for argument in arguments if b".png" in argument]
    assert names == ["0001.png", "0005.png"]
    time.sleep(4)
    blender.screenshot("frames-played")
    assert players(studio) == [pid], "it plays on"
    os.kill(pid, 15)


def players(studio: Studio) -> list[int]:
    """The IDs of the player processes that show this studio's frames."""
    return [
        process.pid
        for process in processes()
        if "-a" in process.arguments and str(studio.project) in process.command
    ]


def test_missing_frames_become_a_job_and_come_to_the_others(studio: Studio, watched: Any):
    problem = rec.Problem("frames-missing", "The farm completed the job without frame 3.", "")
    lacking = {"stage": Stage.INCOMPLETE, "missing": [3], "error": problem}
    record = add(studio, "sequence", [1, 2, 4], **lacking)
    other = add(studio, "elsewhere", [1, 2, 4], **lacking, blend="/other/file.blend")
    blender = watched()
    select(blender, other)
    blender.show_sidebar("Renderjuice")
    blender.click_operator("renderjuice.submit_missing")
    assert studio.farm.jobs() == [], "the scene is another one"
    blender.screenshot("frames-missing-elsewhere")
    select(blender, record)
    blender.screenshot("frames-missing-here")

    blender.click_operator("renderjuice.submit_missing")
    studio.wait_for(blender, f"job.stage == 'finished' and job.id != {record.id!r}")
    (job,) = studio.farm.jobs()
    assert job["requestedConfig"]["frameRanges"] == ["3"]
    folder = Path(record.output)
    assert sorted(path.name for path in folder.glob("[!.]*")) == [
        *("0001.png", "0002.png", "0004.png", "pattern_0003.png")
    ]


def test_two_hundred_jobs(studio: Studio, watched: Any):
    add_many(studio, 199)
    kept = add(studio, "last", [1, 2])
    blender = watched()
    blender.wait_until("len(wm.renderjuice_jobs) == 200")
    blender.show_sidebar("Renderjuice")
    said(blender, "rows", "last")
    blender.screenshot("jobs-many")

    blender.click(*blender.find("renderjuice_hide_ended"))
    assert blender.run("wm.renderjuice_hide_ended")
    blender.screenshot("jobs-ended-hidden")
    blender.click(*blender.find("renderjuice_hide_ended"))

    open_filter(blender)
    blender.screenshot("jobs-filter")

    from_menu(blender, "remove_over", of_job=False)
    blender.screenshot("jobs-remove")
    blender.key("RET")
    blender.wait_until("len(wm.renderjuice_jobs) == 49")
    store = Store(studio.state)
    deadline = time.monotonic() + 60
    while len(list(store.ids())) > 49 and time.monotonic() < deadline:
        time.sleep(0.1)  # the files of removed jobs are deleted in small batches
    assert {store.load(name).stage for name in store.ids()} == {Stage.INCOMPLETE}
    assert len(list(Path(kept.output).glob("[!.]*"))) == 2, "frames stay"
    blender.screenshot("jobs-removed")


def open_filter(blender: Blender) -> None:
    """Click the small triangle below the left end of the list."""
    _, y = blender.find("renderjuice_hide_ended")
    ((left, *_),) = blender.regions("VIEW_3D", "UI")
    for below in range(20, 160, 6):
        blender.click(left + 30, y - below)
        if blender.run("'filter' in drawn"):
            return
    raise AssertionError("there is no filter to open")


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_a_narrow_sidebar(studio: Studio, watched: Any, scale: float):
    problem = rec.Problem(
        "farm-failed", "The farm could not render it: OutOfMemory: gpu.", "Mend it."
    )
    add(studio, "failed", [], stage=Stage.FAILED, error=problem)
    record = add(studio, "a shot with a long name", list(range(1, 30)))
    record.farm.final_config, record.config = {"sampleCount": 64}, {"sampleCount": 128}
    Store(studio.state).save(record)
    blender = watched()
    select(blender, record)
    blender.run(f"bpy.context.preferences.view.ui_scale = {scale}")
    blender.show_sidebar("Renderjuice")
    blender.widen_sidebar(int(200 * scale), scale)
    ((x, _, width, _),) = blender.regions("VIEW_3D", "UI")
    wait_for_previews(blender, 12)
    blender.screenshot(f"narrow-{scale:g}")
    blender.scroll(x + width // 2, HEIGHT // 2, 30)
    wait_for_pictures(blender, [29], f"narrow-{scale:g}-below")
