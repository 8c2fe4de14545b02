"""A Blender that can show each state of the panel in docs/panel.md.

    blender = open_with_jobs(studio)
    blender.run("show('rendering')")       # names: STATES of states_inside.py

Other tests reach these states by clicks; docs/panel.md lists them.
"""

from pathlib import Path

from PIL import Image
from renderjuice.jobs import record as rec
from renderjuice.jobs.store import Store

from tests.window.harness import ROOT, Blender
from tests.window.records import add
from tests.window.studio import Studio

INSIDE = Path(__file__).with_name("states_inside.py")
SHEET = ROOT / "docs" / "images" / "demo.png"
COLUMNS = 6  # of frames on the sheet
OLD = ("shot_009", "shot_008_v2")
TESTS = {"1": 22.0, "120": 19.0, "240": 31.0}
"""Test frames, and how many seconds each of them took."""


def open_with_jobs(studio: Studio) -> Blender:
    """Open a Blender with a file and finished jobs, and load states_inside.py into it."""
    first = add(studio, "shot_010", list(range(1, 16)))
    tested = add(studio, "shot_010_test", list(map(int, TESTS)), test_of=[[1, 240]])
    tested.frame_seconds = TESTS
    tested.frame_files = {frame: f"{int(frame):04}.png" for frame in TESTS}
    tested.farm = rec.Farm("0002", "completed", normalized_seconds=4.0 * sum(TESTS.values()))
    Store(studio.state).save(tested)
    _paint([Path(one.output, name) for one in (first, tested) for name in one.files])
    ids = [one.id for one in (first, tested, *(add(studio, name, []) for name in OLD))]
    here = {"RENDERJUICE_API_URL": studio.farm.api_url, "RENDERJUICE_API_KEY": studio.farm.key}
    # Not with --online-mode: the panel would not offer to allow online access.
    blender = studio.start(arguments=(str(studio.blend),), environment=here)
    blender.run(INSIDE.read_text(encoding="utf-8"))
    blender.wait_until(f"len(state.jobs) == {len(ids)}")
    blender.run(f"begin({str(studio.project / 'shot_010.blend')!r}, *{ids})")
    blender.show_sidebar("Renderjuice")
    return blender


def _paint(paths: list[Path]) -> None:
    """Write frames of the example project instead of plain colors."""
    with Image.open(SHEET) as sheet:
        for number, path in enumerate(paths):
            row, column = divmod(number, COLUMNS)
            x, y = 7 + round(185.5 * column), 7 + 121 * row
            sheet.convert("RGB").crop((x, y, x + 178, y + 100)).save(path)
