"""Decides whether simulations are baked in the copy. It knows no bpy, so tests can ask it anything.

A few frames are timed, and what they took is extrapolated to the last frame that the job reads.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..scene.baking import AUTO_SECONDS
from ..scene.check import Check
from ..system.units import size

PROBE_FRAMES = 5
"""So many frames are timed before the decision."""
PROBE_SECONDS = 10
"""It is made earlier after this time, and again whenever it has passed."""
GIVE_UP_SECONDS = 2 * AUTO_SECONDS
"""A bake that has begun is given up if it would take this long."""
MAX_MEMORY = 2 * 1024**3
"""Bytes of caches in the .blend, which Blender holds in memory."""
FREE = 0.5
"""The part of the free disk space that a bake may fill."""
_SIZE = re.compile(r"\(([\d.]+) (B|KiB|MiB|GiB)\)")
_UNITS = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}


LONG = (
    "The bake of {names} in the copy would take about {amount} minutes. Choose All Bakes to have it"
    " made, or No Bakes to send the simulations as they are."
)
LARGE = (
    "The bake of {names} in the copy would have about {amount}. Bake it in the scene, or choose No"
    " Bakes to send the simulations as they are."
)
FAILED = (
    "The bake of {names} in the copy has failed: {amount}. Bake it in the scene, or choose No Bakes"
    " to send the simulations as they are."
)
MAX_NAMES = 3
"""So many of the simulations are named."""


@dataclass(frozen=True)
class Refusal:
    """Why nothing is baked: the id of a check, its sentence, and what stands for its {amount}."""

    id: str
    sentence: str
    amount: int | str

    def check(self, names: Sequence[str]) -> Check:
        """The check of the simulations with these `names`. It stops the job: the artist chooses."""
        more = [f"{len(names) - MAX_NAMES} more"] if len(names) > MAX_NAMES else []
        listed = ", ".join([*(f"“{name}”" for name in names[:MAX_NAMES]), *more])
        return Check(self.id, "error", self.sentence.format(names=listed, amount=self.amount))


@dataclass(frozen=True)
class Sample:
    """What the frames that were simulated so far took, and left in memory and on disk."""

    frames: int
    seconds: float
    memory: int = 0
    disk: int = 0


def too_much(mode: str, sample: Sample, frames: int, passes: int, free: int) -> Refusal | None:
    """Why a bake of `frames` frames is not made, or None if it is.

    `mode` is a baking.Mode, `passes` says how often the frames are played, and `free` how many
    bytes are free on the disk.
    """
    whole = frames / max(sample.frames, 1)
    seconds = max(sample.seconds * whole * passes, sample.seconds)
    begun = sample.frames > PROBE_FRAMES
    if mode == "auto" and seconds > (GIVE_UP_SECONDS if begun else AUTO_SECONDS):
        return Refusal("long-bake", LONG, max(2, round(seconds / 60)))
    memory, disk = sample.memory * whole, sample.disk * whole
    if memory > MAX_MEMORY or memory + disk > free * FREE:
        return Refusal("large-bake", LARGE, size(int(memory + disk)))
    return None


def failed(error: Exception) -> Refusal:
    """Why a bake is not in the package that Blender could not make."""
    return Refusal("bake-failed", FAILED, str(error).strip(" .\n"))


def in_memory(info: str) -> int:
    """The bytes in Blender's line about a point cache: 3072 for "20 frames in memory (3 KiB)"."""
    found = _SIZE.search(info)
    return int(float(found.group(1)) * _UNITS[found.group(2)]) if found else 0


def below(folder: str) -> int:
    """The bytes of all files in `folder` that are no links."""
    return sum(
        os.lstat(os.path.join(at, name)).st_size  # noqa: PTH118 (thousands of files)
        for at, _, names in os.walk(folder)
        for name in names
        if not os.path.islink(os.path.join(at, name))  # noqa: PTH114, PTH118
    )
