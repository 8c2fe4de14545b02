"""Common tasks of a new user, done from the panel only; docs/panel.md lists the number of presses.

The first task, a first render, is `test_three_presses`.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from renderjuice.jobs import record as rec
from renderjuice.jobs.record import Stage

from tests.window.harness import Blender
from tests.window.panel_text import draw_now, observe
from tests.window.records import add
from tests.window.studio import Studio

OPENED = "'VIEW3D_PT_renderjuice_overrides' in [name for _, name in shown]"
# Blender would show the folder in the file manager, which is another program.
FOLDERS = """
opened = []
bpy.types.WM_OT_path_open.execute = lambda self, _: opened.append(self.filepath) or {"FINISHED"}
"""
SAMPLES = 4  # the number of menu entries above it


class Hand:
    """Presses that are counted: a click, a typed text or a menu entry."""

    def __init__(self, blender: Blender):
        self.blender = blender
        self.presses = 0

    def press(self, operator: str) -> None:
        self.presses += 1
        self.blender.click_operator(operator)

    def type(self, name: str, text: str) -> None:
        self.presses += 1
        self.blender.fill(name, text)

    def open_overrides(self) -> None:
        """Click the header of the panel, which is below the button to render."""
        self.presses += 1
        _, y = self.blender.find("renderjuice.submit")
        ((left, *_),) = self.blender.regions("VIEW_3D", "UI")
        for below in range(30, 90, 6):
            self.blender.click(left + 90, y - below)
            draw_now(self.blender)
            if self.blender.run(OPENED):
                self.header = y - below
                return
        raise AssertionError("there is no panel of overrides")

    def add_override(self, entry: int, prop: str) -> None:
        """Click the button below the header, and choose an entry of its menu."""
        self.presses += 2
        ((left, _, width, _),) = self.blender.regions("VIEW_3D", "UI")
        for below in range(18, 42, 6):
            self.blender.click(left + width // 2, self.header - below)
            for _ in range(entry + 1):
                self.blender.key("DOWN_ARROW")
            self.blender.key("RET")
            if self.blender.run(f"bpy.context.scene.renderjuice.use_{prop}"):
                return
        raise AssertionError("the menu does not open")

    def select(self, row: int) -> None:
        """Click a row of the list."""
        self.presses += 1
        _, y = self.blender.find("renderjuice_hide_ended")
        ((left, *_),) = self.blender.regions("VIEW_3D", "UI")
        self.blender.click(left + 80, y - 4 - 20 * row)
        assert self.blender.run("bpy.context.window_manager.renderjuice_job") == row


def test_a_strangers_tasks(studio: Studio) -> None:
    problem = rec.Problem("frames-missing", "These frames are missing: 1-3.", "")
    lacking: dict[str, Any] = {"stage": Stage.INCOMPLETE, "missing": [1, 2, 3], "error": problem}
    lacks = add(studio, "lacks", [4], **lacking)
    day_before = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    yesterday = add(
        *(studio, "yesterday", [1, 2]),
        created_at=day_before,
        history=[[Stage.FINISHED, day_before]],
    )
    blender = studio.open()
    blender.run(FOLDERS)
    observe(blender)
    blender.show_sidebar("Renderjuice")

    hand = Hand(blender)  # task: yesterday's frames
    assert "Yesterday" in rows(blender)
    hand.select(1)
    hand.press("renderjuice.open_folder")
    blender.wait_until(f"opened == [{yesterday.output!r}]")
    assert hand.presses == 2

    hand = Hand(blender)  # task: three missing frames
    hand.select(0)
    hand.press("renderjuice.submit_missing")
    there = [lacks.id, yesterday.id]
    there.append(ended(studio, blender, there))
    (job,) = studio.farm.jobs()
    assert job["requestedConfig"]["frameRanges"] == ["1-3"]
    assert hand.presses == 2

    hand = Hand(blender)  # task: fewer samples, for the farm only
    hand.open_overrides()
    hand.add_override(SAMPLES, "sample_count")
    hand.type("sample_count", "2")
    hand.press("renderjuice.submit")
    ended(studio, blender, there)
    assert studio.farm.jobs()[1]["requestedConfig"]["sampleCount"] == 2
    assert blender.run("bpy.context.scene.cycles.samples") == 1
    assert hand.presses == 5


def ended(studio: Studio, blender: Blender, others: list[str]) -> str:
    """Wait for a finished job that is not in `others`, and return its id."""
    done = studio.wait_for(blender, f"job.stage == 'finished' and job.id not in {others}")
    return str(done["id"])


def rows(blender: Blender) -> str:
    """The text of the rows in the list."""
    return blender.run(
        "from bl_ext.user_default.renderjuice.panels import text\n"
        "' '.join(text.shortest(job) for job in state.jobs.values())"
    )
