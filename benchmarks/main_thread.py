"""How long the extension blocks Blender's main thread, in a complete Blender with a window.

    .venv/bin/python -m benchmarks.main_thread [--quick]

With 1, 50 and 500 jobs in the list: while nothing happens and the sidebar is redrawn repeatedly,
and while one job downloads a frame of 0.75 MiB ten times a second and an animation plays, with the
sidebar open at the extension's tab and closed. Then the steps of a press of Submit, and saving a
file of 2,000,000 vertices compared with Blender's own call.

It measures wall-clock time and the processor time of the main thread. Wall-clock time includes
other programs on the machine, up to tens of milliseconds at a time. The targets are for processor
time, which is what a machine without other work would show: neither ticks nor drawing wait for a
disk or a process.
"""

from __future__ import annotations

import contextlib
import os
import runpy
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.figures import (
    ROOT,
    Curve,
    Figure,
    Measure,
    Spread,
    figure_of,
    options,
    percentile,
    provided,
    report,
)

if __name__ == "__main__":
    runpy.run_path(str(ROOT / "bootstrap.py"))["provide"]()

from tests.farm.running import running_farm
from tests.window.harness import Blender, Display
from tests.window.records import add_many
from tests.window.studio import Studio, make_project

BLENDER = "blender-5.2.2"
INSIDE = (ROOT / "benchmarks" / "in_window.py").read_text(encoding="utf-8")
JOBS = (1, 50, 500)
TICK, PANEL, FRAME = 1.0, 2.0, 1.0
FLAT = 0.2
DISPLAY_FRAME = 16.7
SAVE = 1 / 1.05
NAMES = {
    "tick": ("timer tick", TICK),
    "panel": ("draw of one panel", PANEL),
    "redraw": ("draw of all panels in the sidebar", None),
    "bar": ("draw in the status bar", PANEL),
    "frame": ("our time in a frame of the animation", FRAME),
    "between": ("a frame of the animation, Blender's own time with it", None),
}
Spans = dict[str, list[list[float]]]


def main(count: int, *, quick: bool) -> None:
    """Run all measurements and report them."""
    spreads: list[Spread] = []
    with desk() as (display, launcher, folder):
        for jobs in JOBS:
            place = folder / str(jobs)
            subprocess.run(["cp", "-r", folder / "desk", place], check=True)
            with artist(display, launcher, place, jobs - 1) as (studio, blender):
                spreads += watched(studio, blender, jobs, seconds=5.0 if quick else 30.0)
        subprocess.run(["cp", "-r", folder / "desk", folder / "submit"], check=True)
        with artist(display, launcher, folder / "submit", JOBS[-1]) as (studio, blender):
            measures = submits(studio, blender, 3 if quick else 7)
            figures = saves(blender, folder, count)
    report("main_thread", figures, measures, curves(spreads), spreads, quick=quick)


@contextlib.contextmanager
def desk() -> Iterator[tuple[Display, Path, Path]]:
    """Yield a display, Blender's launcher, and a folder with a project and the extension."""
    launcher = provided(BLENDER)
    with Display() as display, tempfile.TemporaryDirectory(prefix="rj-bench-") as name:
        folder = Path(name)
        build = [sys.executable, str(ROOT / "scripts" / "build.py"), "--output", str(folder)]
        subprocess.run(build, env=os.environ | {"BLENDER": str(launcher)}, check=True)
        (archive,) = folder.glob("*.zip")
        with Blender(launcher, display, folder / "desk" / "resources") as blender:
            blender.install(archive)
            make_project(blender, folder / "desk" / "project")
            blender.close()
        yield display, launcher, folder


@contextlib.contextmanager
def artist(
    display: Display, launcher: Path, folder: Path, jobs: int
) -> Iterator[tuple[Studio, Blender]]:
    """Yield a Blender with this many ended jobs, an open sidebar, and the measuring code."""
    with running_farm(renderer="pattern") as farm:
        farm.settings(pattern_size=(512, 512), list_outputs_early=True)

        def start(**more: Any) -> Blender:
            return Blender(launcher, display, folder / "resources", **more)

        studio = Studio(start, folder, farm)
        add_many(studio, jobs)
        blender = studio.open()
        try:
            blender.wait_until(f"len(state.jobs) == {jobs}", 120)
            blender.run(INSIDE)
            blender.show_sidebar("Renderjuice")
            yield studio, blender
        finally:
            blender.kill()


def watched(studio: Studio, blender: Blender, jobs: int, seconds: float) -> list[Spread]:
    """Return all measurements with this many jobs."""
    blender.run("forget()")
    for _ in range(int(seconds * 4)):
        blender.run("redraw.now()")
        time.sleep(0.05)
    found = said(f"{jobs} jobs, idle", blender.run("spans"), ("tick", "panel", "redraw"))

    studio.farm.settings(seconds_per_frame=0.1)
    blender.run("bpy.context.scene.frame_end = 2000")
    studio.submit(blender)
    studio.wait_for(blender, "job.stage == 'rendering' and job.frames.downloaded > 2")
    for shown in ("open", "closed"):
        blender.run(f"view.spaces.active.show_region_ui = {shown == 'open'}")
        time.sleep(0.5)
        blender.run("bpy.ops.screen.animation_play()\nforget()")
        time.sleep(seconds)
        spans = blender.run("bpy.ops.screen.animation_cancel()\nspans")
        kinds = ("tick", "panel", "redraw") if shown == "open" else ("tick", "bar")
        where = f"{jobs} jobs, one brings frames, sidebar {shown}"
        found += said(where, spans, (*kinds, "frame", "between"))
    assert blender.run("any(job.stage == 'rendering' for job in state.jobs.values())")
    return found


def said(where: str, spans: Spans, kinds: tuple[str, ...]) -> list[Spread]:
    """Return the percentiles of each kind."""
    found: list[Spread] = []
    for kind in kinds:
        name, target = NAMES[kind]
        wall = [by_wall for by_wall, _ in spans[kind]]
        computed = [by_cpu for _, by_cpu in spans[kind]]
        found.append(
            Spread(
                *(f"{where}: {name}", len(wall), percentile(computed, 0.5)),
                *(percentile(computed, 0.99), max(computed, default=0.0)),
                *(percentile(wall, 0.99), target),
            )
        )
    return found


def curves(spreads: list[Spread]) -> list[Curve]:
    """Return the medians of ticks and drawing against the number of jobs; both must be constant.

    Drawing means all panels together, because the median panel may differ with more jobs. An idle
    Blender has no tick; a kind without a value for some number of jobs has no curve.
    """
    found = []
    middle = {spread.what: spread.middle / 1000 for spread in spreads}
    for words, kind in (
        ("idle", "redraw"),
        ("one brings frames, sidebar open", "tick"),
        ("one brings frames, sidebar open", "redraw"),
        ("one brings frames, sidebar closed", "bar"),
    ):
        name, _ = NAMES[kind]
        points = [(float(jobs), middle[f"{jobs} jobs, {words}: {name}"]) for jobs in JOBS]
        if all(took for _, took in points):
            found.append(Curve(f"{words}: {name}", "jobs", "s", points, FLAT, "drawing"))
    return found


def submits(studio: Studio, blender: Blender, count: int) -> list[Measure]:
    """Return how long each step of a press of Submit blocks Blender, in wall-clock time."""
    studio.farm.settings(seconds_per_frame=0.0, list_outputs_early=False)
    presses: list[dict[str, float]] = []
    for number in range(count):
        presses.append(blender.run("press()"))
        done = f"sum(job.scene == 'Scene' for job in state.jobs.values()) == {number + 1}"
        blender.wait_until(f"{done} and not bpy.app.timers.is_registered(connection.tick)", 120)
    for one in presses:
        one["begin"] -= one["save_copy"]
    names = {
        "refresh": "read all records",
        "of_scene": "look at the scene, check it",
        "begin": "write the record (on the disk, fsync)",
        "note": "show it",
        "send": "start the worker and tell it",
        "save_copy": "save the copy, a small scene",
        "whole": "all of it",
    }
    found = []
    for step, words in names.items():
        later = [one[step] for one in presses[1:]]
        most = DISPLAY_FRAME if step not in ("save_copy", "whole") else None
        what = f"Submit with {JOBS[-1]} jobs: {words}"
        found.append(Measure(what, percentile(later, 0.5), "ms", most))
    return [*found, Measure("the first Submit of a session", presses[0]["whole"], "ms", None)]


def saves(blender: Blender, folder: Path, count: int) -> list[Figure]:
    """Compare `save_copy` of a large file with Blender's own call with the same arguments."""
    blender.run("grow()", 120)
    path = str(folder / "copy.blend")
    took: dict[str, list[float]] = {"ours": [], "theirs": [], "no picture": []}
    blender.run(f"save({path!r}, 'ours')", 120)
    for _ in range(count):
        for kind, values in took.items():
            values.append(blender.run(f"save({path!r}, {kind!r})", 120))
    what = "save a copy of 2,000,000 vertices"
    return [
        figure_of(what, "save_as_mainfile", took["ours"], took["theirs"], SAVE),
        figure_of(what, "the same without its picture", took["ours"], took["no picture"], SAVE),
    ]


if __name__ == "__main__":
    chosen = options(__doc__)
    main(chosen.pairs, quick=chosen.quick)
