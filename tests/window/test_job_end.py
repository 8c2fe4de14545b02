"""What an artist who looks elsewhere notices of a job's end."""

import json
import sys
import time
import wave
from collections.abc import Callable
from pathlib import Path

from tests.window.studio import FRAMES, MODULE, Studio, in_preferences
from tests.window.test_selftest import to_the_end


def make_sound(path: Path) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 8000 * 600)


def test_a_notification_a_sound_and_a_command(studio: Studio) -> None:
    sound, script, written = (studio.project / name for name in ("a.wav", "end.py", "end.json"))
    make_sound(sound)
    script.write_text(
        "import pathlib, sys\n"
        f"part = pathlib.Path({str(written)!r} + '.part')\n"
        "part.write_text(sys.stdin.read(), encoding='utf-8')\n"
        "part.rename(str(part)[:-5])\n",
        encoding="utf-8",
    )
    blender = studio.open()
    window = blender.show_preferences(MODULE)
    to_the_end(blender, window)
    blender.screenshot("preferences-job-end")
    blender.fill("end_sound", str(sound), **in_preferences(window))
    blender.fill("on_end", f'"{sys.executable}" "{script}"', **in_preferences(window))
    blender.close_preferences()
    blender.run("from importlib.util import find_spec")
    studio.submit(blender)
    studio.wait_for(blender, "job.stage == 'finished'")
    audio = blender.run("find_spec('numpy') is not None")  # Debian's Blender lacks it
    assert blender.run("state.sound is not None") == audio
    wait_for(written.exists, "the command was not started")
    job = json.loads(written.read_text(encoding="utf-8"))["job"]
    assert job["stage"] == "finished" and len(job["frames"]["downloaded"]) == FRAMES
    log = studio.state / "worker.log"  # no desktop, no notify-send: the worker has tried
    wait_for(lambda: "No notification: " in log.read_text(encoding="utf-8"), "nothing was shown")

    blender.run(
        f"from {MODULE}.panels import job_details\n"
        f"from {MODULE}.session import job_end\n"
        f"from {MODULE}.jobs.record import Stage\n"
        "from dataclasses import replace\n"
        "job = next(iter(state.jobs.values()))\n"
        "def told(stage): return codec.plain(job_end.tell(replace(job, stage=stage)))\n"
        "def buttons(stage):\n"
        "    made = job_details._buttons(replace(job, stage=stage))\n"
        "    return [button.operator for button in made]"
    )
    assert blender.run("told(Stage.FINISHED)")["text"] == f"{FRAMES} frames are here."
    assert not blender.run("told(Stage.CANCELED)"), "the artist knows"
    blender.run("preferences.get().notify = False")
    assert not blender.run("told(Stage.FINISHED)")
    assert "renderjuice.play" in blender.run("buttons(Stage.RENDERING)"), "what is there"


def wait_for(true: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + 120
    while not true():
        assert time.monotonic() < end, otherwise
        time.sleep(0.1)
