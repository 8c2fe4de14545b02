"""Watches a bake in the packer's Blender from the worker, by the steps that it reports.

A bake that crashes, hangs or takes too long fails the job with an error about the bake, so that
nothing is sent that looks different from what the artist sees, and nothing waits without end.
"""

import time

from .manifest import PackError

LOOKING = "looking for simulations"
"""The first step of a bake; the others begin with "baking" (packing/bake.py)."""
MAX_SECONDS = 5 * 60
"""The longest time for all steps of a bake that nobody has asked for."""
MAX_SECONDS_A_STEP = 60 * 60
"""The longest time without a new frame, whatever was asked for."""
HINT = (
    "Bake the simulations in the scene, or choose No Bakes (on the command line: --bake none), then"
    " submit again."
)


class BakeWatch:
    """Watches the packer of a request with this baking.Mode."""

    def __init__(self, mode: str) -> None:
        self._mode = mode
        self._step = ""
        self._begun = self._last = 0.0

    def show_step(self, step: str) -> None:
        """Note a step of the packer."""
        self._last = time.monotonic()
        if not self._is_bake(self._step):
            self._begun = self._last
        self._step = step

    def require_progress(self) -> None:
        """Raise PackError if the bake takes too long."""
        if not self._is_bake(self._step):
            return
        now = time.monotonic()
        is_long = self._mode == "auto" and now - self._begun > MAX_SECONDS
        if is_long or now - self._last > MAX_SECONDS_A_STEP:
            minutes = max(1, round((now - self._begun) / 60))
            raise PackError(
                "bake-failed",
                f"The bake in the copy was ended after {minutes} minutes.",
                HINT,
            )

    def explain(self, error: PackError) -> PackError:
        """What to say of an error that ended the packer."""
        if error.id != "packer-failed" or not self._is_bake(self._step):
            return error
        return PackError("bake-failed", error.message, HINT)

    def _is_bake(self, step: str) -> bool:
        return step == LOOKING or step.startswith("baking ")
