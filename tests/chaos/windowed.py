"""Random runs with Blender in a window: Submit is clicked, and Blender is killed at random times.

It is started again as a user would do: the job continues without any click.
"""

import contextlib
import threading
import time
from pathlib import Path

from tests.chaos.scenarios import Event
from tests.chaos.whole import EVENTS, SECONDS_OF_A_RUN, Studio, Whole
from tests.window.harness import Blender, BlenderError, Display
from tests.window.studio import FRAMES

KILLS = [kind for kind in EVENTS if "killed" in kind]


class Windowed(Whole):
    """One run: one click on Submit, in a separate folder."""

    frames = FRAMES
    project = "project/shot.blend"
    log = "resources/blender.log"

    def __init__(
        self, at: Studio, folder: Path, seed: int, launcher: Path, display: Display
    ) -> None:
        super().__init__(at, folder, seed)
        self.launcher = launcher
        self.display = display

    def _submit_and_go_on(self) -> None:
        blender = self._open()
        first, *todo = self._kills()
        kill = threading.Timer(first.at, self._happen, [first])
        kill.start()  # in parallel with the click, so that it may interrupt it
        self._click_submit(blender)
        kill.join()
        begun = time.monotonic()
        while (now := time.monotonic() - begun) < SECONDS_OF_A_RUN:
            if blender.process.poll() is not None:
                blender.clean()
                blender = self._open()
                if not self.store.ids():  # killed before there was a job
                    self._click_submit(blender)
            if todo and todo[0].at <= now:
                self._happen(todo.pop(0))
            elif not todo:
                self.at.where.mend()
                if self._ended():
                    blender.close()
                    return
            time.sleep(0.1)
        self.outcome.broken.append(f"not ended in {SECONDS_OF_A_RUN:.0f} s")

    def _click_submit(self, blender: Blender) -> None:
        with contextlib.suppress(BlenderError):  # killed during the click
            blender.show_sidebar("Renderjuice")
            blender.click_operator("renderjuice.submit")

    def _kills(self) -> list[Event]:
        """Kill Blender around the click first, then others in the seconds in which the job runs."""
        first = Event(self.random.uniform(1.0, 10.0), "Blender killed", 0.0, 0.0)
        others = [
            Event(self.random.uniform(0.0, 10.0), self.random.choice(KILLS), 0.0, 0.0)
            for _ in range(self.random.randint(0, 2))
        ]
        return [first, *sorted(others, key=lambda event: event.at)]

    def _open(self) -> Blender:
        """Open a window with the project."""
        blender = Blender(
            self.launcher,
            self.display,
            self.folder / "resources",
            arguments=("--online-mode", str(self.folder / self.project)),
            environment={
                "RENDERJUICE_API_URL": self.at.where.api_url,
                "RENDERJUICE_API_KEY": self.at.where.farm.key,
            },
        )
        self.blenders.append(blender.process)
        return blender
