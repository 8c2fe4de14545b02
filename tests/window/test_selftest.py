"""The self-test, started from its button in the preferences of an offline Blender."""

import json
from pathlib import Path

from tests.window.harness import Blender
from tests.window.studio import MODULE, Studio, in_preferences


def to_the_end(blender: Blender, window: int) -> None:
    """Scroll down to the end of the region."""
    ((x, y, width, height),) = blender.regions("PREFERENCES", "WINDOW", window)
    blender.scroll(x + width // 2, y + height // 2, 40, window)


def installed(studio: Studio) -> set[str]:
    """The files of the extension, and of the packages that all extensions share."""
    names = {str(path) for path in (studio.resources / "extensions").rglob("*")}
    return {name for name in names if "__pycache__" not in name}


def test_the_lines_come_into_the_preferences(studio: Studio, tmp_path: Path):
    (tmp_path / "temporary").mkdir()
    blender = studio.open("--offline-mode", key="", TMPDIR=str(tmp_path / "temporary"))
    before = studio.everything(), installed(studio)
    window = blender.show_preferences(MODULE)
    to_the_end(blender, window)
    blender.click_operator("renderjuice.selftest", **in_preferences(window))
    blender.wait_until("state.selftest.lines")
    assert blender.run("state.selftest.running"), "Blender waited for all of it"
    blender.screenshot("selftest-under-way")
    blender.wait_until("not state.selftest.running")
    assert blender.run("[held for _, held, _ in state.selftest.lines]") == [True] * 10
    assert blender.run("state.selftest.problem") == ""
    report = Path(blender.run("state.selftest.report"))
    assert json.loads(report.read_text(encoding="utf-8"))["held"] is True
    to_the_end(blender, window)
    blender.find("wm.path_open", **in_preferences(window))
    blender.screenshot("selftest-held")
    assert (studio.everything(), installed(studio)) == before
    assert not (studio.state / "key").exists()
    assert blender.run("list(state.jobs)") == []


def test_disabling_the_extension_ends_it(studio: Studio, tmp_path: Path):
    (tmp_path / "temporary").mkdir()
    blender = studio.open("--offline-mode", key="", TMPDIR=str(tmp_path / "temporary"))
    blender.run("bpy.ops.renderjuice.selftest()")
    blender.wait_until("state.selftest.lines")
    blender.run(f"import addon_utils; addon_utils.disable({MODULE!r})")
    assert studio.all_end(60) == []
    assert not list(studio.state.parent.glob("renderjuice-selftest-*"))
    assert not list((tmp_path / "temporary").glob("renderjuice-selftest-*"))
